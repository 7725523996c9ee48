#pragma once

// Posts events of events.k8s.io/v1. The same event again within six minutes is not posted again: it
// becomes a series of the first, whose count is written at the second time and then now and then.

#include "kube/client.h"
#include "kube/pace.h"
#include "model/cluster_action.h"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <tuple>

namespace ebb::kube {

struct EventPosterOptions {
  std::string controller = "openfuyao-scheduler";
  std::string instance = "ebb";
  std::function<Instant()> now;            // the cluster's time
  std::size_t series_max = 4096;           // remembered at once
  Duration series_ends = minutes(6);       // after the last one
  Duration series_written = seconds(10);   // at most so often
};

// Safe from several threads, as long as events on one object come from one thread at a time.
class EventPoster final {
 public:
  EventPoster(Client& client, EventPosterOptions options) : client_(client), options_(std::move(options)) {}

  // Events of a cluster-scoped object go to namespace default, as Kubernetes keeps them.
  Status post(const model::PostEvent& event, const Stop* stop);

 private:
  using Key = std::tuple<std::string, std::string, std::string, bool, std::string, std::string>;
  struct Series {
    std::string ns;
    std::string name;
    std::int64_t count = 1;
    Instant last;
    Instant written;
  };

  Status create(const model::PostEvent& event, const std::string& ns, const Key& key, Instant now, const Stop* stop);
  void make_room(Instant now);   // Requires: mutex_ is held

  Client& client_;
  const EventPosterOptions options_;
  std::mutex mutex_;
  std::map<Key, Series> series_;
  std::uint64_t last_name_ = 0;
};

// At most `bytes_max` bytes of it, ending with a whole UTF-8 character.
std::string_view cut_text(std::string_view text, std::size_t bytes_max);

}   // namespace ebb::kube
