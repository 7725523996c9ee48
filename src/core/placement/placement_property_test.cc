// Whatever happens, in whatever order: nothing is bound twice, nothing leaks, nobody who could be placed
// is left waiting, and no gang is placed in part.

#include "base/rng.h"
#include "core/placement/placement_testing.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace ebb::core::placement {
namespace {

using testing::a_node;
using testing::a_pod;

constexpr std::int32_t kGangSize = 3;

// A cluster that answers when it likes, loses and repeats answers and events, and lets pods and nodes come and go.
class World {
 public:
  explicit World(std::uint64_t seed) : rng_(seed) {
    step(model::NamespaceSeen{"default", {}});
    for (int i = 0; i < 6; ++i) see_node(i);
    see_queue("qa", {{"cpu", 3000}});
    see_queue("qb", {});
    step(model::Synced{});
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      SCOPED_TRACE("step " + std::to_string(i));
      happen();
      now_ = now_ + milliseconds(rng_.between(0, 3000));
      settle();
      check_counts();
      check_devices();
      check_nobody_waits_in_vain();
      if (!failures_) check_gangs();
      if (::testing::Test::HasFailure()) return;
    }
  }

  void end() {
    failures_ = false;
    answer_all();
    settle();
    while (!known_.empty()) gone(known_.begin()->first);
    for (int i = 0; i < 8; ++i) step(model::NodeGone{model::NodeName(node_name(i))});
    settle();
    EXPECT_EQ(placement_.pods().size(), 0u);
    for (Slot slot = 0; slot < placement_.nodes().slots(); ++slot) {
      for (ResourceId id = 0; id < placement_.nodes().ids().size(); ++id) EXPECT_EQ(placement_.nodes().requested(id, slot), 0);
      EXPECT_TRUE(placement_.nodes()[slot].pods.empty());
    }
    EXPECT_EQ(placement_.devices().total_devices(), 0);
    EXPECT_FALSE(placement_.devices().any());
    EXPECT_EQ(placement_.counts().assumed, 0u);
    EXPECT_EQ(placement_.counts().active, 0u);
  }

  std::uint64_t digest() const { return placement_.digest(); }
  bool failures_ = true;   // binds may fail: then a gang may be there in part until its rest is placed again

 private:
  static std::string node_name(int i) { return "n" + std::to_string(i); }

  void step(model::ClusterEvent event) { placement_.step(now_, std::move(event), actions_); }

  void see_node(int i) {
    model::Node node = a_node(node_name(i), rng_.between(1, 4), 16);
    node.labels = {{"kubernetes.io/hostname", node.name.v}, {"zone", rng_.chance(Permille{500}) ? "a" : "b"}};
    if (i < 4) node.allocatable.scalars["nvidia.com/gpu"] = 1 + i % 3;
    if (rng_.chance(Permille{500})) node.labels["nvidia.com/gpu.product"] = rng_.chance(Permille{500}) ? "A" : "B";
    if (rng_.chance(Permille{150})) node.unschedulable = true;
    if (rng_.chance(Permille{150})) node.taints = {{"t", "", model::TaintEffect::no_schedule}};
    node.resource_version = std::to_string(++version_);
    step(model::NodeSeen{node});
  }

  void see_queue(const std::string& name, model::NamedAmounts cap) {
    model::Queue queue;
    queue.name = name;
    queue.capability = std::move(cap);
    queue.deserved = {{"cpu", 2000}};
    step(model::QueueSeen{queue});
  }

  model::Pod random_pod() {
    model::Pod pod = a_pod("p" + std::to_string(++made_), MilliCpu{rng_.between(1, 4) * 500});
    pod.priority = static_cast<std::int32_t>(rng_.between(0, 2));
    pod.labels["app"] = rng_.chance(Permille{500}) ? "x" : "y";
    const model::LabelSelector same{{{.key = "app", .op = model::SelectorOperator::in, .values = {pod.labels["app"]}}}};
    switch (rng_.below(8)) {
      case 0: pod.required_anti_affinity.push_back({.selector = same, .topology_key = "kubernetes.io/hostname"}); break;
      case 1: pod.required_affinity.push_back({.selector = same, .topology_key = "zone"}); break;
      case 2: pod.spread_constraints.push_back({.max_skew = 1, .topology_key = "zone", .selector = same}); break;
      case 3: pod.node_selector["zone"] = "a"; break;
      case 4: pod.containers[0].host_ports = {{.port = 80}}; break;
      default: break;
    }
    ask_for_devices(pod);
    pod.preemption_never = rng_.chance(Permille{500});
    if (rng_.chance(Permille{300})) pod.annotations["scheduling.volcano.sh/queue-name"] = rng_.chance(Permille{500}) ? "qa" : "qb";
    return pod;
  }

  void ask_for_devices(model::Pod& pod) {
    auto& asked = pod.containers[0].requests.scalars;
    switch (rng_.below(5)) {
      case 0: asked["nvidia.com/gpu"] = rng_.between(1, 2); break;
      case 1: asked["scheduling.openfuyao.io/gpu-milli"] = rng_.between(1, 10) * 100; break;
      case 2:
        asked["scheduling.openfuyao.io/gpu-milli"] = rng_.between(1, 10) * 100;
        if (rng_.chance(Permille{300})) pod.annotations["scheduling.openfuyao.io/gpu-count"] = "2";
        if (rng_.chance(Permille{300})) pod.annotations["scheduling.openfuyao.io/gpu-models"] = "A";
        break;
      default: break;
    }
  }

  void add(model::Pod pod) {
    pod.resource_version = std::to_string(++version_);
    known_[pod.key.name] = pod;
    step(model::PodSeen{pod});
    if (rng_.chance(Permille{100})) step(model::PodSeen{pod});
  }

  void gone(const std::string& name) {
    const model::Pod pod = known_.at(name);
    known_.erase(name);
    bound_.erase(pod.uid);
    step(model::PodGone{pod.key, pod.uid});
    if (rng_.chance(Permille{100})) step(model::PodSeen{pod});   // an event that was late
  }

  void add_gang() {
    const std::string name = "g" + std::to_string(++made_);
    model::PodGroup group;
    group.key = {"default", name};
    group.min_member = kGangSize;
    group.created = now_;
    if (rng_.chance(Permille{500})) step(model::PodGroupSeen{group});
    for (int i = 0; i < kGangSize; ++i) {
      model::Pod pod = a_pod(name + "-" + std::to_string(i), MilliCpu{rng_.between(1, 3) * 500});
      pod.annotations["scheduling.k8s.io/group-name"] = name;
      ask_for_devices(pod);
      pod.preemption_never = true;
      pod.priority = 5;   // nobody evicts one of them
      add(pod);
    }
    step(model::PodGroupSeen{group});
    gangs_.insert(name);
  }

  std::string random_known() {
    auto at = known_.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(rng_.below(known_.size())));
    return at->first;
  }

  void happen() {
    switch (rng_.below(10)) {
      case 0: see_node(static_cast<int>(rng_.below(8))); break;
      case 1: step(model::NodeGone{model::NodeName(node_name(static_cast<int>(rng_.below(8))))}); break;
      case 2:
      case 3:
        // Members stay, so that a gang that is there in part is a mistake and not a death.
        if (const std::string name = known_.empty() ? "" : random_known(); name.starts_with("p")) gone(name);
        break;
      case 4: add_gang(); break;
      default:
        for (std::uint64_t i = 0; i <= rng_.below(3); ++i) add(random_pod());
    }
  }

  // Until nothing is left to be done now; answers come in any order.
  void settle() {
    for (int turn = 0; turn < 200; ++turn) {
      placement_.schedule(now_, actions_);
      carry_out();
      const auto wake = placement_.next_wake();
      if (pending_.empty() && (!wake || *wake > now_)) return;
    }
    ADD_FAILURE() << "it never comes to rest";
  }

  void carry_out() {
    for (NumberedAction& action : std::exchange(actions_, {})) pending_.push_back(std::move(action));
    while (!pending_.empty() && !rng_.chance(Permille{100})) {
      const std::size_t at = rng_.below(pending_.size());
      std::swap(pending_[at], pending_.back());
      const NumberedAction action = std::move(pending_.back());
      pending_.pop_back();
      answer(action);
    }
  }
  void answer_all() {
    while (!pending_.empty()) {
      const NumberedAction action = std::move(pending_.back());
      pending_.pop_back();
      answer(action);
    }
  }

  void answer(const NumberedAction& action) {
    std::optional<Error> error;
    if (const auto* bind = std::get_if<model::Bind>(&action.action)) {
      const auto pod = known_.find(bind->pod.name);
      if (pod == known_.end() || pod->second.uid != bind->uid) {
        error = Error{Errc::not_found, "gone"};
      } else if (failures_ && rng_.chance(Permille{100})) {
        error = Error{Errc::conflict, "not this time"};
      } else {
        EXPECT_TRUE(bound_.insert(bind->uid).second) << "bound twice: " << bind->pod.name;
        pod->second.node = bind->node;
        pod->second.phase = model::PodPhase::running;
        for (const auto& [key, value] : bind->annotations) pod->second.annotations.insert_or_assign(key, value);
        pod->second.resource_version = std::to_string(++version_);
        const bool before = rng_.chance(Permille{500});
        if (before) step(model::PodSeen{pod->second});
        placement_.step(now_, model::ActionDone{action.id, std::nullopt}, actions_);
        if (!before) step(model::PodSeen{pod->second});
        return;
      }
    } else if (const auto* evict = std::get_if<model::Evict>(&action.action)) {
      if (known_.contains(evict->pod.name)) gone(evict->pod.name);
    }
    placement_.step(now_, model::ActionDone{action.id, error}, actions_);
    if (rng_.chance(Permille{50})) placement_.step(now_, model::ActionDone{action.id, error}, actions_);
  }

  void check_counts() {
    const NodeTable& nodes = placement_.nodes();
    for (const auto& [name, slot] : nodes.by_name()) {
      std::int64_t cpu = 0;
      for (const PodIndex pod : nodes[slot].pods) {
        EXPECT_EQ(placement_.pods()[pod].slot, slot);
        cpu += amount_of(placement_.pods()[pod].charge.requests, kCpu);
      }
      EXPECT_EQ(nodes.requested(kCpu, slot), cpu) << name.v;
    }
  }

  // Room that is kept before it is there is no pod's yet.
  void check_devices() {
    const DeviceBook& book = placement_.devices();
    for (const auto& [name, slot] : placement_.nodes().by_name()) {
      std::map<std::size_t, std::int64_t> used;
      for (const PodIndex pod : placement_.nodes()[slot].pods) {
        const PodEntry& entry = placement_.pods()[pod];
        const DeviceBook::DeviceSet devices = book.devices_of(slot, pod);
        if (entry.nominated || book.at(slot).count == 0) continue;
        EXPECT_EQ(devices.size(), static_cast<std::size_t>(entry.charge.devices.count)) << entry.pod.key.name;
        for (const std::size_t device : devices) used[device] += entry.charge.devices.share;
        const auto told = entry.pod.annotations.find("scheduling.openfuyao.io/gpu-index");
        if (told != entry.pod.annotations.end()) EXPECT_EQ(told->second, accelerators::to_text(devices));
      }
      for (const auto& [device, amount] : used) {
        EXPECT_LT(device, book.at(slot).count);
        EXPECT_LE(amount, 1000) << name.v << " device " << device;
      }
    }
  }

  void check_nobody_waits_in_vain() {
    for (const PodIndex index : placement_.pods().all()) {
      const PodEntry& entry = placement_.pods()[index];
      if (entry.state != PodState::waiting) continue;
      if (entry.nominated) {
        check_room_is_still_being_made(entry);
        continue;
      }
      const Explanation why = placement_.explain(entry.pod.key);
      if (!entry.waits_as) {
        EXPECT_TRUE(why.queue && !why.queue->refused.empty()) << entry.pod.key.name << " is refused by no queue";
        continue;
      }
      EXPECT_TRUE(why.best.empty()) << entry.pod.key.name << " could be placed";
    }
  }

  // Evicted pods are gone at once here, so a plain pod that waits for room would have it.
  void check_room_is_still_being_made(const PodEntry& entry) {
    const NodeTable& nodes = placement_.nodes();
    const NodeSlot& node = nodes[*entry.slot];
    const bool plain = entry.pod.required_affinity.empty() && entry.pod.required_anti_affinity.empty() &&
                       entry.pod.spread_constraints.empty() && entry.pod.node_selector.empty() && entry.charge.ports.empty();
    if (!plain || node.node.unschedulable || !node.taints.empty()) return;
    EXPECT_LT(nodes.free(kCpu, *entry.slot), 0) << entry.pod.key.name << " waits for room that it has";
  }

  void check_gangs() {
    for (const std::string& name : gangs_) {
      int placed = 0;
      for (int i = 0; i < kGangSize; ++i) {
        const auto index = placement_.pods().find({"default", name + "-" + std::to_string(i)});
        if (!index) continue;
        const PodState state = placement_.pods()[*index].state;
        placed += state == PodState::bound || state == PodState::assumed ? 1 : 0;
      }
      EXPECT_TRUE(placed == 0 || placed == kGangSize) << name << ": " << placed;
    }
  }

  Rng rng_;
  Placement placement_;
  Instant now_ = Instant{} + hours(1);
  Actions actions_;
  std::vector<NumberedAction> pending_;
  std::map<std::string, model::Pod> known_;
  std::set<model::Uid> bound_;
  std::set<std::string> gangs_;
  std::uint64_t version_ = 0;
  std::uint64_t made_ = 0;
};

TEST(PlacementProperty, NothingLeaksAndNobodyWaitsInVain) {
  for (std::uint64_t seed = 1; seed <= 20 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed);
    world.run(40);
    world.end();
  }
}

TEST(PlacementProperty, NoGangIsPlacedInPart) {
  for (std::uint64_t seed = 101; seed <= 115 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed);
    world.failures_ = false;
    world.run(40);
    world.end();
  }
}

TEST(PlacementProperty, TheSameEventsLeadToTheSameDecisions) {
  const auto digest = [] {
    World world(7);
    world.run(40);
    return world.digest();
  };
  EXPECT_EQ(digest(), digest());
}

}   // namespace
}   // namespace ebb::core::placement
