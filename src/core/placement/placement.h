#pragma once

// Where pods go. A pure object: events and the results of actions come in with the time, actions go
// out; it reads nothing else. It holds what it has been told of the cluster, assumes its own
// decisions until the API server has answered, and forgets them where the answer is no.

#include "core/colocation/owner_index.h"
#include "core/gangs/gang_book.h"
#include "core/placement/cluster_state.h"
#include "core/placement/default_spread.h"
#include "core/placement/disruption_budgets.h"
#include "core/placement/explanation.h"
#include "core/placement/gang_room.h"
#include "core/placement/gang_victims.h"
#include "core/placement/gang_waits.h"
#include "core/placement/node_answer.h"
#include "core/placement/node_explanation.h"
#include "core/placement/oversold_book.h"
#include "core/placement/pod_queue.h"
#include "core/placement/pod_table.h"
#include "core/placement/policy_telling.h"
#include "core/placement/preemption.h"
#include "core/placement/queue_book.h"
#include "core/placement/recent_evictions.h"
#include "core/placement/run_times.h"
#include "core/placement/selection.h"
#include "core/placement/shape.h"
#include "core/policy/policy_in_force.h"
#include "model/cluster_action.h"
#include "model/cluster_event.h"
#include "model/profile/profile.h"

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace ebb::core::placement {

struct Options {
  // Whose pods are placed, and how. At least one; names differ.
  std::vector<model::SchedulerProfile> profiles{model::default_profile()};
  Duration first_backoff = seconds(1);   // after a bind that failed, doubled with each
  Duration most_backoff = seconds(10);
  Duration owner_patience = seconds(5);      // how long a pod waits for an owner that is named but not seen
  Duration recount_interval = seconds(30);   // how soon the reasons of those who go on waiting are told anew
  Duration eviction_memory = minutes(5);     // how long a node that evicted a pod is not offered to its workload
  Duration gang_patience = minutes(5);       // how long places are kept for a gang while others leave for it
  bool publish_oversold = true;

  std::vector<std::string> scheduler_names() const;
};

struct NumberedAction {
  std::uint64_t id = 0;   // never used twice by one Placement
  model::ClusterAction action;
};
using Actions = std::vector<NumberedAction>;

struct Counts {
  std::size_t nodes = 0;
  std::size_t pods = 0;
  std::size_t assumed = 0;
  std::size_t active = 0;
};

class Placement {
 public:
  explicit Placement(Options options = {});
  Placement(const Placement&) = delete;
  Placement& operator=(const Placement&) = delete;

  void step(Instant now, model::ClusterEvent event, Actions& out);
  // The result of an action that step or schedule asked for.
  void step(Instant now, const model::ActionDone& done, Actions& out);

  // Tries pods in order until none is active or `most` have been tried. Does nothing before Synced:
  // a node looks empty until its pods are known.
  void schedule(Instant now, Actions& out, std::size_t most = std::numeric_limits<std::size_t>::max());

  // When schedule has something to do without any event; the past if it has now.
  std::optional<Instant> next_wake() const;

  Explanation explain(const model::ObjectKey& pod) const;
  // Every node's answer, by name; none for a pod that is not to be placed.
  std::vector<NodeAnswer> answers(const model::ObjectKey& pod) const;
  // As of the last call of schedule.
  NodeExplanation explain(const model::NodeName& node) const;
  bool synced() const { return synced_; }
  Counts counts() const;
  // A number made of every placement in order: the same for the same inputs, whatever the compiler.
  std::uint64_t digest() const { return digest_; }

  // How much of a node may be oversold, as last computed; nullptr where it never was.
  const Oversold* oversold_terms(const model::NodeName& node) const { return oversold_.terms(node); }
  const NodeTable& nodes() const { return nodes_; }
  const PodTable& pods() const { return pods_; }
  const QueueBook& queues() const { return queues_; }
  const gangs::GangBook& gangs() const { return gangs_; }
  const DeviceBook& devices() const { return state_.devices; }

 private:
  struct Priority {
    std::int32_t value = 0;
    bool global_default = false;
  };
  struct InFlight {
    PodIndex pod = 0;
    model::Uid uid;
  };

  // Events; placement_events.cc.
  void on(Instant now, model::PodSeen event, Actions& out);
  void on(Instant now, model::PodGone event, Actions& out);
  void on(Instant now, model::NodeSeen event, Actions& out);
  void on(Instant now, model::NodeGone event, Actions& out);
  void on(Instant now, model::OwnerSeen event, Actions& out);
  void on(Instant now, model::OwnerGone event, Actions& out);
  void on(Instant now, model::ReportSeen event, Actions& out);
  void on(Instant now, model::ReportGone event, Actions& out);
  void on(Instant now, model::NodeUsageSeen event, Actions& out);
  void on(Instant now, model::PodUsageSeen event, Actions& out);
  void on(Instant now, model::PriorityClassSeen event, Actions& out);
  void on(Instant now, model::PriorityClassGone event, Actions& out);
  void on(Instant now, model::PolicyDocumentSeen event, Actions& out);
  void on(Instant now, model::PolicyDocumentGone event, Actions& out);
  void on(Instant now, model::NamespaceSeen event, Actions& out);
  void on(Instant now, model::NamespaceGone event, Actions& out);
  void on(Instant now, model::ServiceSeen event, Actions& out);
  void on(Instant now, model::ServiceGone event, Actions& out);
  void on(Instant now, model::DisruptionBudgetSeen event, Actions& out);
  void on(Instant now, model::DisruptionBudgetGone event, Actions& out);
  void on(Instant now, model::PodGroupSeen event, Actions& out);
  void on(Instant now, model::PodGroupGone event, Actions& out);
  void on(Instant now, model::QueueSeen event, Actions& out);
  void on(Instant now, model::QueueGone event, Actions& out);
  void on(Instant now, model::NodeTopologySeen event, Actions& out);
  void on(Instant now, model::NodeTopologyGone event, Actions& out);
  void numa_changed(Instant now, const model::NodeName& node, Actions& out);
  void rebuild_numa(Slot slot);
  void on(Instant now, model::Synced event, Actions& out);
  // What storage is there; the book of volumes takes it as it is.
  template <class StorageEvent>
    requires requires(volumes::VolumeBook& book, const StorageEvent& event) { book.step(event); }
  void on(Instant, const StorageEvent& event, Actions&) {
    state_.volumes.step(event);
  }
  void settle_pending_of(Instant now, const std::string& ns, Actions& out);
  void tell_about_policies(std::vector<model::ClusterAction> told, Actions& out);
  void policy_may_have_changed();

  // A pod's way; placement_pods.cc.
  void settle(Instant now, PodIndex pod, Actions& out);
  void settle_alone(Instant now, PodIndex pod, Actions& out);
  void settle_bound(PodIndex pod, Actions& out);
  void settle_pending(Instant now, PodIndex pod, Actions& out);
  bool to_be_placed(const model::Pod& pod) const;
  std::optional<std::uint32_t> rules_for(const model::Pod& pod) const;
  bool awaits_owner(Instant now, const PodEntry& entry, const std::vector<const model::Owner*>& chain) const;
  void resolve_pod(PodIndex pod);
  void index_owners(PodIndex pod, std::vector<model::Uid> owners);
  Ask acquire_ask(Instant now, const PodEntry& entry);
  void release_ask(const Ask& ask);
  void charge(PodIndex pod, Slot slot);
  accelerators::DeviceSet devices_for(const PodEntry& entry, Slot slot) const;
  void restate_devices(PodIndex pod, Slot slot);
  void expect(PodIndex pod);
  void expect_from_now();
  // With `improves` false the room is as it was before it was tried: nobody is woken for it.
  void uncharge(PodIndex pod, bool improves = true);
  void leave_queue(PodIndex pod);
  void forget(PodIndex pod);
  void wake_one(const Ask& group);
  void pass_turn_on(PodIndex pod);
  void wake(PodIndex pod);
  QueueKey queue_key(PodIndex pod) const;
  std::int32_t priority_of(const model::Pod& pod) const;

  // Placing; placement_schedule.cc.
  void take_due(Instant now, Actions& out);
  void try_place(Instant now, PodIndex pod, Actions& out);
  std::optional<Slot> find_slot(PodIndex pod);
  void assume(Instant now, PodIndex pod, Slot slot, Actions& out);
  void bind(PodIndex pod, Actions& out);
  void refuse(Instant now, PodIndex pod, Actions& out);
  void wait(Instant now, PodIndex pod, WaitGroup& group, Actions& out);
  void tell_refused(PodIndex pod, const std::string& message, Actions& out);
  const Shape& shape_of_ask(const Ask& ask) const { return shapes_[ask.shape].shape; }

  // Waking those that wait; placement_waiting.cc.
  Ask group_of(const Ask& ask) const;
  void wake_improved(Instant now);
  void wake_nominated(Slot slot);
  bool takes_now(const Ask& ask, WaitGroup& group, const std::vector<std::pair<Slot, FilterSet>>& improved);
  std::uint64_t company_generation(const Ask& ask) const;
  void recount(Instant now, Actions& out);
  void set_recount(Instant now);

  // Pods that start together; placement_gangs.cc.
  void tell_gang(Instant now, PodIndex pod);
  void settle_gangs(Actions& out);
  void tell_held(Actions& out);
  void hold(PodIndex pod);
  void release_held(PodIndex pod);
  void try_gang(Instant now, gangs::GangId gang, Actions& out);
  void gang_refused(Instant now, gangs::GangId gang, const std::vector<PodIndex>& placed, std::optional<PodIndex> refused,
                    std::string reason, Actions& out);
  void wake_gangs(Instant now, const std::vector<std::pair<Slot, FilterSet>>& improved, bool company_moved);
  void follow_reservation(Instant now);
  void keep_room(PodIndex pod);
  void forget_nominations(gangs::GangId gang, Actions& out);
  void give_back_room(gangs::GangId gang);
  void forget_gang_wait(PodIndex pod);
  model::Resources free_resources() const;
  bool has_kept_room(gangs::GangId gang) const;

  // Gangs that find no room as things are; placement_gang_room.cc.
  bool may_preempt(const gangs::Attempt& attempt) const;
  std::int32_t priority_of(const gangs::Attempt& attempt) const;
  bool find_room(Instant now, gangs::GangId gang, bool by_eviction_only, Actions& out, std::string& why);
  std::vector<std::uint64_t> search_key(const gangs::Attempt& attempt, std::int32_t priority) const;
  std::string why_no_room(const GangVictimsAnswer& answer) const;
  void take_room(Instant now, gangs::GangId gang, const GangVictims& victims, const std::string& queue, Actions& out);
  void evict_for_gang(PodIndex victim, const PodEntry& member, const std::string& gang, const std::string& queue, Actions& out);
  void place_gang(Instant now, gangs::GangId gang, const Places& places, Actions& out);
  void tell_members(gangs::GangId gang, Actions& out);
  bool adopt_room(Instant now, gangs::GangId gang, const gangs::Attempt& attempt, std::int32_t priority, Actions& out);
  void give_back(const GangRoom& room, Actions& out);
  bool is_whole(const GangRoom& room) const;
  bool is_gone(const std::pair<PodIndex, model::Uid>& pod) const;
  void follow_rooms(Instant now, Actions& out);
  std::optional<Instant> next_room_end() const;
  void victim_stays(const InFlight& victim);
  bool takes_without_lower(const GangWait& wait, const std::vector<std::pair<Slot, FilterSet>>& improved);

  // Shares of queues; placement_queues.cc.
  struct Unit {   // what is tried next: a gang or a pod
    std::optional<gangs::GangId> gang;
    PodIndex pod = 0;
  };
  std::string queue_name(const PodEntry& entry) const;
  std::uint32_t lane_of(const PodEntry& entry) const;
  std::uint32_t lane_of(gangs::GangId gang) const;
  void stand(PodIndex pod);
  static bool is_critical(const PodEntry& entry);
  void leave_standing(PodIndex pod);
  std::optional<Unit> next_unit();
  std::optional<Unit> first_by_turn();
  void unblock(std::uint32_t lane);
  std::int32_t priority_of(const Unit& unit) const;
  std::string queue_refusal(fairness::QueueId queue, const fairness::Amounts& request, bool critical) const;
  std::optional<Unit> first_of_lane(std::uint32_t lane) const;
  bool before(const Unit& a, const Unit& b) const;
  bool refused_by_queue(PodIndex pod, Actions& out);
  Status queue_takes(const gangs::Attempt& attempt) const;
  void wake_refused_by_queue(Instant now, Actions& out);
  bool waits_for_queues() const;
  void wake_next_refused(std::uint32_t lane, Actions& out);
  void forget_queue_refusal(const PodEntry& entry);
  void queues_changed(Instant now, Actions& out);

  // Making room; placement_preempt.cc.
  bool preempt(Instant now, PodIndex pod, WaitGroup& group, Actions& out);
  bool may_preempt(const PodEntry& entry) const;
  void eviction_done(const InFlight& eviction, bool refused);
  void nominate(PodIndex pod, Slot slot, Actions& out);
  void withdraw_nomination(PodIndex pod, Actions& out);
  void restore_nomination(PodIndex pod);

  // What became of an action; placement_results.cc.
  void telling_failed(Instant now, const InFlight& told);
  void bind_done(PodIndex pod, Actions& out);
  void bind_failed(Instant now, PodIndex pod, const Error& error, Actions& out);
  void volumes_progressed(Instant now, Actions& out);
  void stop_binding_volumes(PodIndex pod);
  void back_off(Instant now, PodIndex pod);
  void announce_placement(PodIndex pod, Actions& out);
  void post(Actions& out, const model::ObjectReference& regarding, bool warning, std::string reason, std::string action, std::string note);
  std::uint64_t emit(Actions& out, model::ClusterAction action);
  static model::ObjectReference reference(const model::Pod& pod);

  // placement_explain.cc
  void explain_pending(const PodEntry& entry, Explanation& out) const;
  void explain_standing(PodIndex pod, Explanation& out) const;

  Options options_;
  ClusterState state_;
  NodeTable& nodes_ = state_.nodes;
  GoneUids gone_nodes_;
  PodTable pods_;
  ShapeTable shapes_;
  Selection selection_;
  Preemption preemption_;
  DisruptionBudgets budgets_;
  DefaultSpread default_spread_;
  RecentEvictions evictions_;
  PodQueue queue_;
  QueueBook queues_;
  std::uint64_t queues_seen_ = 0;                                  // generation up to which those refused by a queue were asked again
  std::map<std::uint32_t, std::set<QueueKey>> refused_by_queue_;   // by lane
  std::set<gangs::GangId> gangs_refused_by_queue_;
  std::set<gangs::GangId> gangs_short_of_resources_;   // less is free than their minResources
  std::optional<gangs::GangId> holder_;                // that room was kept for when we last looked
  std::set<PodIndex> held_untold_;                     // have not been told yet why they wait
  bool totals_moved_ = false;
  gangs::GangBook gangs_;
  GangWaits gang_waits_;
  GangRooms rooms_;
  bool rooms_moved_ = false;                                     // a pod that room was kept for lost its place
  std::map<std::vector<std::uint64_t>, std::string> no_room_;    // searches for room that were in vain, and why
  std::uint64_t no_room_at_ = 0;                                 // as of this number of improvements
  std::map<gangs::GangId, std::set<PodIndex>> kept_for_gangs_;   // members that room is kept for
  std::map<Slot, std::set<PodIndex>> nominated_;
  std::map<Instant, std::set<PodIndex>> binding_volumes_;   // by when they are given up
  OversoldBook oversold_;
  OwnerIndex owners_;
  RunTimes run_times_;
  std::map<model::Uid, std::set<PodIndex>> pods_of_owner_;
  std::set<model::Uid> gone_owners_;   // kept until their last pod is gone
  std::map<std::string, Priority> priority_classes_;
  policy::PolicyInForce policy_;
  PolicyTelling telling_;
  std::uint64_t policy_generation_ = 0;   // applied to the nodes
  bool company_moved_ = false;            // pods came or went since somebody who waits for company was asked
  bool synced_ = false;
  bool expecting_ = false;    // what pods ask of devices is learned from those that come
  bool numa_known_ = false;   // somebody publishes something about NUMA nodes
  Instant now_;               // of the last step or schedule
  std::unordered_map<std::uint64_t, InFlight> binds_;
  std::unordered_map<std::uint64_t, InFlight> evictions_in_flight_;
  std::unordered_map<std::uint64_t, InFlight> told_;   // conditions on their way
  std::unordered_map<std::uint64_t, gangs::GroupRef> group_statuses_;
  std::uint64_t last_action_ = 0;
  std::uint64_t improvements_ = 1;   // how often something may have become possible
  bool nodes_lost_ = false;          // since the last time somebody was told how many there are
  std::optional<Instant> recount_at_;
  std::uint64_t digest_ = 0xcbf29ce484222325u;
};

}   // namespace ebb::core::placement
