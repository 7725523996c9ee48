#pragma once

// All simulated kubelets of a sandbox as one controller: any number of nodes, each with a machine of
// its own. Work is proportional to what changes (a pod bound, a container due, a lease) plus one light
// step of every machine a tick.

#include "base/result.h"
#include "sandbox/api/api.h"
#include "sandbox/api/controller.h"
#include "sandbox/api/make_api.h"
#include "sandbox/kubelet/cluster_view.h"
#include "sandbox/kubelet/event_writer.h"
#include "sandbox/kubelet/kubelet_options.h"
#include "sandbox/kubelet/measurements.h"
#include "sandbox/kubelet/pod_life.h"
#include "sandbox/kubelet/sim_node.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ebb::sandbox {

class Kubelets final : public Controller {
 public:
  // `start`: of the machines, and the trough of the default profiles' load.
  Kubelets(KubeletOptions options, Instant start);

  // The API it works on. It is made after the kubelets, because it asks them for usage.
  void connect(Api& api) { api_ = &api; }
  MetricsSource metrics_source();
  SandboxMeasurements measurements() const;

  std::string_view name() const override { return "kubelets"; }
  void observe(const Change& change) override;
  Instant run(Instant now) override;

 private:
  struct Entry {
    world::Handle handle = 0;
    std::size_t node = 0;
    PodLife life;
    core::Resolved resolved;
    model::Resources requests;
    model::Resources limits;
    std::string ip;
    model::Uid job;
    std::string owner;   // the topmost known one, for measurements
    std::int32_t counted_restarts = 0;
    bool counted = false;       // in its node's used resources
    bool terminating = false;   // deletion was seen, or an eviction was granted
    bool dirty = false;         // its status is not written yet
    bool removable = false;     // has stopped: its object can go
  };
  struct Noted {
    ChangeType type;
    ResourceId resource;
    std::shared_ptr<const Stored> object;
  };
  struct Timer {
    Instant at;
    std::uint64_t id = 0;   // pod handle or node index
    friend bool operator>(const Timer& a, const Timer& b) { return a.at != b.at ? a.at > b.at : a.id > b.id; }
  };
  using Timers = std::priority_queue<Timer, std::vector<Timer>, std::greater<>>;

  // kubelets.cc: what is noted, nodes and heartbeats.
  void begin(Instant now);
  void take_noted(Instant now);
  void take_node(const Noted& noted);
  void register_some(Instant now);
  Status register_node(SimNode& node, Instant now);
  void heartbeat(SimNode& node, Instant now);
  void apply_policy();
  void set_policy(SimNode& node);

  // kubelet_pods.cc: pods from admission to removal.
  void take_pod(const Noted& noted, Instant now);
  void accept(PodSpec spec, Instant now);
  Entry& insert(Entry entry);
  void forget(world::Handle handle);
  void stop_pod(Entry& entry, Instant now, Duration grace);
  void carry_out(Entry& entry, const PodLife::Step& step, Instant now);
  void tell(Entry& entry, const PodLife::Step& step, Instant now);
  void start_on_machine(Entry& entry, Instant now);
  void pod_timer(world::Handle handle, Instant now);
  void release(Entry& entry);
  void touch(Entry& entry);
  void write_statuses(Instant now);
  bool write_status(Entry& entry, Instant now);
  world::CpuTier tier_of(const Entry& entry, const SimNode& node) const;
  Entry* find(world::Handle handle);

  // kubelet_tick.cc: machines, the three lines, reports.
  void tick(Instant now);
  void keep_lines(SimNode& node, Instant now);
  core::NodeObservation look_at(const SimNode& node) const;
  void evict(SimNode& node, const core::Victim& victim, Instant now);
  void report(SimNode& node, Instant now);

  KubeletOptions options_;
  Api* api_ = nullptr;
  Caller caller_{"system:node", "kubelet"};
  std::vector<world::WorkloadRule> rules_;
  ClusterView view_;
  EventWriter events_;
  bool begun_ = false;
  Instant now_;   // of the last run

  std::vector<SimNode> nodes_;
  std::unordered_map<std::string, std::size_t> node_by_name_;
  std::deque<std::size_t> to_register_;
  std::map<world::Handle, Entry> pods_;
  std::map<model::ObjectKey, world::Handle> by_key_;
  world::Handle last_handle_ = 0;

  std::vector<Noted> noted_;
  Timers pod_timers_, node_timers_;
  std::vector<world::Handle> dirty_;
  std::optional<std::uint64_t> policy_generation_;
  Instant next_tick_;
  std::map<std::string, std::int64_t> evictions_;   // by reason
};

}   // namespace ebb::sandbox
