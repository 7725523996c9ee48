#include "services/scheduler.h"

#include "services/testing/memory_cluster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

namespace ebb::services {
namespace {

using testing::Faults;
using testing::MemoryCluster;

model::Node node(const std::string& name, std::int64_t cpus_there) {
  model::Node node;
  node.name = model::NodeName(name);
  node.uid = model::Uid("uid-" + name);
  node.labels["workload.type"] = "mixed";
  node.ready = true;
  node.allocatable.cpu = cpus(cpus_there);
  node.allocatable.memory = gibibytes(4 * cpus_there);
  node.allocatable.pods = 110;
  node.capacity = node.allocatable;
  return node;
}

model::Pod pod(const std::string& name, MilliCpu cpu, Bytes memory) {
  static int made = 0;
  model::Pod pod;
  pod.key = {"default", name};
  pod.uid = model::Uid("uid-" + std::to_string(++made));
  pod.scheduler_name = "openfuyao-scheduler";
  pod.containers.emplace_back();
  pod.containers[0].requests.cpu = cpu;
  pod.containers[0].requests.memory = memory;
  return pod;
}

model::PolicyDocument policy() {
  model::PolicyDocument document;
  document.key = {"openfuyao-system", "openfuyao-colocation-config"};
  document.uid = model::Uid("uid-policy");
  document.text =
      "apiVersion: scheduling.openfuyao.io/v1alpha1\nkind: ColocationPolicy\nmetadata:\n  name: default-colocation-policy\n"
      "spec:\n  enabled: true\n";
  return document;
}

model::NodeReport idle_report(const std::string& name, Instant time) {
  model::NodeReport report;
  report.node = model::NodeName(name);
  report.time = time;
  return report;
}

void run_until_quiet(SchedulerService& service, MemoryCluster& cluster, Instant& now) {
  for (int turn = 0; turn < 1000; ++turn) {
    const Turn done = service.run_once(now);
    if (done.idle() && cluster.quiet()) return;
    now = now + milliseconds(100);
  }
  FAIL() << "the scheduler never comes to rest";
}

std::vector<model::PostEvent> with_reason(const MemoryCluster& cluster, std::string_view reason) {
  std::vector<model::PostEvent> found;
  std::ranges::copy_if(cluster.posted, std::back_inserter(found), [&](const model::PostEvent& event) { return event.reason == reason; });
  return found;
}

TEST(SchedulerService, PutsAnOfflinePodIntoPublishedCapacityAndTellsPodAndNode) {
  MemoryCluster cluster;
  Instant now = Instant{} + hours(1);
  cluster.put(policy());
  cluster.put(node("n1", 8));
  cluster.put(idle_report("n1", now));
  model::Pod job = pod("job", {}, {});
  job.annotations["scheduling.openfuyao.io/qos-class"] = "best-effort";
  job.containers[0].requests.scalars["kubernetes.io/batch-cpu"] = 2000;
  job.containers[0].requests.scalars["kubernetes.io/batch-memory"] = gibibytes(2).v;
  cluster.put(job);
  cluster.relist();
  SchedulerService service(cluster);
  run_until_quiet(service, cluster, now);

  ASSERT_EQ(cluster.published.size(), 1u);
  EXPECT_EQ(cluster.published[0].cpu, MilliCpu{6400});   // 0.8 x 8
  ASSERT_EQ(cluster.binds.size(), 1u);
  EXPECT_EQ(cluster.binds[0].node.v, "n1");
  const auto events = with_reason(cluster, "ColocationScheduled");
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].regarding.kind, "Pod");
  EXPECT_EQ(events[1].regarding.kind, "Node");
  EXPECT_EQ(events[1].regarding.uid.v, "uid-n1");
  EXPECT_EQ(with_reason(cluster, "Scheduled").size(), 1u);
}

TEST(SchedulerService, ARestartedSchedulerBindsNothingTwiceAndLosesNothing) {
  MemoryCluster cluster;
  Instant now = Instant{} + hours(1);
  for (int i = 0; i < 4; ++i) cluster.put(node("n" + std::to_string(i), 8));
  for (int i = 0; i < 30; ++i) cluster.put(pod("p" + std::to_string(i), cpus(1), gibibytes(1)));
  cluster.relist();
  SchedulerOptions options;
  options.pods_per_turn = 3;
  for (int life = 0; life < 8; ++life) {
    SchedulerService service(cluster, options);
    service.run_once(now);
    now = now + milliseconds(100);
    service.run_once(now);
    cluster.relist();
  }
  SchedulerService last(cluster, options);
  run_until_quiet(last, cluster, now);
  EXPECT_EQ(cluster.binds.size(), 30u);
  EXPECT_EQ(cluster.second_binds, 0);
}

// A cluster that a seed shakes: pods come and go, end, are asked to leave, nodes come, go, are cordoned.
class Shaken {
 public:
  Shaken(std::uint64_t seed, Faults faults) : rng_(seed), cluster_(seed + 1, faults) {
    cluster_.put(policy());
    for (int i = 0; i < 6; ++i) add_node();
    cluster_.relist();
    service_ = std::make_unique<SchedulerService>(cluster_);
  }

  void shake(int steps) {
    for (int step = 0; step < steps; ++step) {
      change();
      if (rng_.chance(Permille{700})) turn();
      check_nodes();
    }
  }

  void settle() {
    for (int i = 0; i < 400; ++i) turn();   // twenty seconds: past every back-off
  }

  void turn() {
    service_->run_once(now_);
    now_ = now_ + milliseconds(50);
  }

  void restart() {
    cluster_.relist();
    service_ = std::make_unique<SchedulerService>(cluster_);
  }

  // What the API server holds never exceeds a node, whatever the scheduler believes.
  void check_nodes() const {
    std::map<model::NodeName, model::Resources> taken;
    for (const auto& [key, one] : cluster_.pods()) {
      if (!one.node.empty() && !one.terminal()) taken[one.node] += model::effective_requests(one);
    }
    for (const auto& [name, requests] : taken) {
      const auto found = cluster_.nodes().find(name);
      if (found == cluster_.nodes().end()) continue;
      EXPECT_LE(requests.cpu, found->second.allocatable.cpu) << name.v;
      EXPECT_LE(requests.memory, found->second.allocatable.memory) << name.v;
      EXPECT_LE(requests.pods, found->second.allocatable.pods) << name.v;
    }
  }

  // The scheduler's own books against a plain recomputation from what the API server holds.
  void check_books() const {
    const auto& nodes = service_->placement().nodes();
    const auto& pods = service_->placement().pods();
    EXPECT_EQ(service_->placement().counts().assumed, 0u);
    EXPECT_EQ(pods.size(), cluster_.pods().size());
    EXPECT_EQ(nodes.present(), cluster_.nodes().size());
    std::map<model::NodeName, MilliCpu> cpu;
    for (const auto& [key, one] : cluster_.pods()) {
      if (!one.node.empty() && !one.terminal()) cpu[one.node] += model::effective_requests(one).cpu;
    }
    for (const auto& [name, slot] : nodes.by_name()) {
      EXPECT_EQ(nodes.requested(core::placement::kCpu, slot), cpu[name].v) << name.v;
    }
  }

  // Nobody is left waiting whom a node would take.
  void check_nobody_forgotten() const {
    for (const auto& [key, one] : cluster_.pods()) {
      if (!one.node.empty() || one.deletion_requested) continue;
      const auto explanation = service_->placement().explain(key);
      EXPECT_EQ(explanation.state, "waiting") << key.name;
      EXPECT_TRUE(explanation.best.empty()) << key.name << " would fit " << explanation.best[0].node.v;
    }
  }

  std::uint64_t digest() const { return service_->placement().digest(); }
  const MemoryCluster& cluster() const { return cluster_; }

 private:
  // A node that comes again is as large as it was: pods that were sent to it meanwhile are still there.
  void add_node() {
    const auto number = static_cast<std::int64_t>(rng_.below(12));
    model::Node made = node("n" + std::to_string(number), 2 + number % 7);
    made.uid = model::Uid("uid-" + std::to_string(++nodes_made_));
    cluster_.put(std::move(made));
  }

  std::optional<model::ObjectKey> any_pod() {
    if (cluster_.pods().empty()) return std::nullopt;
    auto at = cluster_.pods().begin();
    std::advance(at, static_cast<std::ptrdiff_t>(rng_.below(cluster_.pods().size())));
    return at->first;
  }

  void change() {
    switch (rng_.below(10)) {
      case 0: {
        const std::string name = "n" + std::to_string(rng_.below(12));
        if (cluster_.nodes().contains(model::NodeName(name))) {
          model::Node changed = cluster_.nodes().at(model::NodeName(name));
          changed.unschedulable = !changed.unschedulable;
          cluster_.put(changed);
        } else {
          add_node();
        }
        return;
      }
      case 1:
        if (cluster_.nodes().size() > 3) {
          // A node goes with its pods, as garbage collection would have it.
          const model::NodeName name = cluster_.nodes().begin()->first;
          std::vector<model::ObjectKey> there;
          for (const auto& [key, one] : cluster_.pods()) {
            if (one.node == name) there.push_back(key);
          }
          cluster_.remove_node(name);
          for (const auto& key : there) cluster_.remove_pod(key);
        }
        return;
      case 2:
      case 3:
        if (const auto key = any_pod()) cluster_.remove_pod(*key);
        return;
      case 4:
        if (const auto key = any_pod()) {
          model::Pod changed = cluster_.pods().at(*key);
          if (changed.terminal()) return;
          if (changed.node.empty()) {
            changed.deletion_requested = now_;
          } else {
            changed.phase = rng_.chance(Permille{500}) ? model::PodPhase::succeeded : model::PodPhase::running;
          }
          cluster_.put(changed);
        }
        return;
      default: {
        const std::string name = "p" + std::to_string(rng_.below(60));
        if (cluster_.pods().contains({"default", name})) return;
        model::Pod made = pod(name, MilliCpu{rng_.between(1, 6) * 500}, gibibytes(rng_.between(1, 6)));
        made.priority = static_cast<std::int32_t>(rng_.below(3));
        if (rng_.chance(Permille{200})) made.containers[0].host_ports.push_back({.port = 8080});
        cluster_.put(std::move(made));
      }
    }
  }

  int nodes_made_ = 0;
  Rng rng_;
  MemoryCluster cluster_;
  std::unique_ptr<SchedulerService> service_;
  Instant now_ = Instant{} + hours(1);
};

TEST(SchedulerServiceProperty, BooksAgreeWithTheClusterAfterAnySequenceOfEvents) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    Shaken shaken(seed, {});
    shaken.shake(250);
    shaken.settle();
    shaken.check_nodes();
    shaken.check_books();
    shaken.check_nobody_forgotten();
    EXPECT_EQ(shaken.cluster().second_binds, 0);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(SchedulerServiceProperty, RefusedLateLostAndRepeatedMessagesLeaveNothingBehind) {
  const Faults faults{.refuse = Permille{100}, .lose_answer = Permille{100}, .repeat_event = Permille{200}, .late = Permille{300}};
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    Shaken shaken(seed, faults);
    shaken.shake(250);
    shaken.settle();
    shaken.check_nodes();
    shaken.check_books();
    shaken.check_nobody_forgotten();
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(SchedulerServiceProperty, ARestartAnywhereConverges) {
  const Faults faults{.refuse = Permille{50}, .lose_answer = Permille{50}, .repeat_event = Permille{100}, .late = Permille{300}};
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Shaken shaken(seed, faults);
    for (int life = 0; life < 5; ++life) {
      shaken.shake(60);
      shaken.restart();
    }
    shaken.settle();
    shaken.check_nodes();
    shaken.check_books();
    shaken.check_nobody_forgotten();
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(SchedulerServiceProperty, TheSameSeedGivesTheSameDecisions) {
  const auto digest_of = [](std::uint64_t seed) {
    Shaken shaken(seed, {.refuse = Permille{100}, .lose_answer = {}, .repeat_event = Permille{200}, .late = Permille{300}});
    shaken.shake(300);
    shaken.settle();
    return shaken.digest();
  };
  EXPECT_EQ(digest_of(7), digest_of(7));
  EXPECT_NE(digest_of(7), digest_of(8));
}

}   // namespace
}   // namespace ebb::services
