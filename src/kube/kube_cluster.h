#pragma once

// ports::Cluster on a Kubernetes API server: a reflector for each resource that decisions look at, their
// events merged into one queue; and workers that perform actions, many at once, in order per object.
// It keeps nothing that the API server does not hold.

#include "kube/client.h"
#include "kube/pace.h"
#include "model/cluster_event.h"
#include "ports/cluster.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ebb::kube {

// Something a person may want to know of: a watch that failed and is tried again, an object left out.
struct ClusterNote {
  std::string_view event;   // a name: "watch_failed", "action_refused" ...
  std::string object;       // what it is about
  std::string message;
};

struct KubeClusterOptions {
  Pace pace;                                        // back-off and poll intervals shrink with it
  std::function<Instant()> now;                     // the cluster's time, for the events and conditions we write; empty: the system's clock
  std::function<void(const ClusterNote&)> note;     // called on any thread; may be empty
  std::string controller = "openfuyao-scheduler";   // who the events are from
  std::string instance;                             // empty: the host's name
  std::size_t workers = 8;
  std::size_t events_max = 20'000;    // waiting to be taken; then the reflectors wait
  std::size_t actions_max = 20'000;   // waiting to be performed; then submit reports overloaded
  Duration metrics_interval = seconds(15);
  std::uint64_t seed = 0;   // 0: from the system
};

class KubeCluster final : public ports::Cluster {
 public:
  // Starts at once. `client` must outlive it.
  KubeCluster(Client& client, KubeClusterOptions options);
  // Stops: what is being performed ends with an error, what waits is dropped.
  ~KubeCluster() override;

  std::vector<model::ClusterEvent> take_events(std::size_t max, Duration patience) override;
  void submit(std::uint64_t id, model::ClusterAction action) override;
  std::vector<model::ActionDone> take_results() override;

  // Waits until everything submitted has been performed, at most `real`.
  void finish_actions(Duration real);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}   // namespace ebb::kube
