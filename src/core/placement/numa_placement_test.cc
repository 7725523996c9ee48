#include "base/rng.h"
#include "core/numa/reported_machine.h"
#include "core/placement/placement_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ebb::core::placement {
namespace {

using testing::a_node;
using testing::a_pod;
using testing::a_policy;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Scene;

// Two NUMA nodes with so many CPUs and GiB each; `free` of them are in use by nobody.
model::NodeTopologySeen zones(const std::string& node, std::string policy, std::int64_t cpus_each = 4, std::vector<std::int64_t> free = {},
                              std::int64_t gibibytes_each = 0) {
  model::NodeResourceTopology topology;
  topology.node = model::NodeName(node);
  topology.policy = std::move(policy);
  topology.scope = "container";
  for (std::size_t i = 0; i < 2; ++i) {
    const std::int64_t available = free.empty() ? cpus_each : free[i];
    model::TopologyZone zone{"node-" + std::to_string(i), "Node", {}, {{"cpu", cpus_each * 1000, cpus_each * 1000, available * 1000}}};
    const std::int64_t memory = gibibytes(gibibytes_each).v;
    if (memory > 0) zone.resources.push_back({"memory", memory, memory, memory});
    topology.zones.push_back(std::move(zone));
  }
  return {topology};
}

// Guaranteed: its CPUs are its own.
model::Pod a_whole_pod(const std::string& name, std::int64_t whole, Bytes memory = gibibytes(1)) {
  model::Pod pod = a_pod(name, cpus(whole), memory);
  pod.containers[0].limits = pod.containers[0].requests;
  return pod;
}

model::Pod bound(model::Pod pod, const std::string& node) {
  pod.node = model::NodeName(node);
  return pod;
}

constexpr const char* kSingle = "single-numa-node";

TEST(NumaPlacement, APodThatFitsOnlyAcrossNumaNodesIsRefusedThoughTheNodeHasRoom) {
  Scene scene;
  scene.with(a_node("n1", 8)).with(zones("n1", kSingle)).synced().with(a_whole_pod("p", 6)).run();
  EXPECT_THAT(scene.node_of("p"), IsEmpty());
  EXPECT_EQ(scene.message_for("p"), "0/1 nodes are available: 1 node(s) would answer TopologyAffinityError.");
}

TEST(NumaPlacement, WhatIsLeftOnEachNumaNodeCountsAndNotTheirSum) {
  Scene scene;
  scene.with(a_node("n1", 8)).with(zones("n1", kSingle)).synced();
  scene.with(a_whole_pod("a", 3)).with(a_whole_pod("b", 3)).with(a_whole_pod("c", 2)).run();
  EXPECT_EQ(scene.node_of("a"), "n1");
  EXPECT_EQ(scene.node_of("b"), "n1");
  EXPECT_THAT(scene.node_of("c"), IsEmpty());
  scene.with(a_pod("shared", cpus(2))).run();
  EXPECT_EQ(scene.node_of("shared"), "n1") << "it has no CPUs of its own";
}

TEST(NumaPlacement, ANodeOfWhichNothingIsKnownRefusesNothing) {
  Scene scene;
  scene.with(a_node("n1", 8)).with(a_node("n2", 8)).with(zones("n1", kSingle)).synced().with(a_whole_pod("p", 6)).run();
  EXPECT_EQ(scene.node_of("p"), "n2");
}

TEST(NumaPlacement, AReportThatMakesNoMachineIsAsGoodAsNone) {
  Scene scene;
  scene.with(a_node("n1", 8)).with(zones("n1", "somehow")).synced().with(a_whole_pod("p", 6)).run();
  EXPECT_EQ(scene.node_of("p"), "n1");
}

TEST(NumaPlacement, AFirstTopologyIsHeededByPodsThatWaitAlready) {
  Scene scene;
  scene.with(a_node("n1", 8)).synced().with(a_whole_pod("p", 9)).run();
  EXPECT_THAT(scene.message_for("p"), HasSubstr("Insufficient cpu"));
  scene.with(zones("n1", kSingle)).with(a_node("n1", 16)).run();
  EXPECT_THAT(scene.message_for("p"), HasSubstr("TopologyAffinityError"));
  scene.with(model::NodeTopologyGone{model::TopologySource::node_resource_topology, model::NodeName("n1")}).run();
  EXPECT_EQ(scene.node_of("p"), "n1");
}

TEST(NumaPlacement, ANewReportIsANewPictureAndWakesThoseThatWait) {
  Scene scene;
  scene.with(a_node("n1", 16)).with(zones("n1", kSingle)).synced().with(a_whole_pod("p", 6)).run();
  EXPECT_THAT(scene.node_of("p"), IsEmpty());
  scene.with(zones("n1", kSingle, 8)).run();
  EXPECT_EQ(scene.node_of("p"), "n1");
}

TEST(NumaPlacement, WhatTheReportSaysIsInUseIsThePodsThatRunThere) {
  Scene scene;
  scene.with(a_node("n1", 8)).with(bound(a_whole_pod("old", 3), "n1")).with(zones("n1", kSingle, 4, {1, 4})).synced();
  scene.with(a_whole_pod("p", 4)).run();
  EXPECT_EQ(scene.node_of("p"), "n1") << "counted once: three of one NUMA node are the old pod's, the other one is free";
  scene.with(a_whole_pod("q", 4)).run();
  EXPECT_THAT(scene.node_of("q"), IsEmpty());
  scene.with(model::PodGone{{"default", "old"}, model::Uid("uid-old")}).run();
  EXPECT_EQ(scene.node_of("q"), "n1") << "what it had is free as soon as it has gone";
}

TEST(NumaPlacement, InWhichOrderReportsAndPodsWereListedMakesNoDifference) {
  Scene scene;
  scene.with(a_node("n1", 8)).with(zones("n1", kSingle, 4, {1, 4})).with(bound(a_whole_pod("old", 3), "n1")).synced();
  scene.with(a_whole_pod("p", 4)).run();
  EXPECT_EQ(scene.node_of("p"), "n1") << "the old pod is what the report says is in use, although it was listed after it";
}

TEST(NumaPlacement, WhatIsInUseByNobodyKnownStaysInUse) {
  Scene scene;
  scene.with(a_node("n1", 8)).with(zones("n1", kSingle, 4, {1, 1})).synced().with(a_whole_pod("p", 2)).run();
  EXPECT_THAT(scene.message_for("p"), HasSubstr("TopologyAffinityError"));
}

TEST(NumaPlacement, APodThatTheReportDoesNotKnowYetIsCountedBesideIt) {
  Scene scene;
  scene.with(a_node("n1", 8)).with(bound(a_whole_pod("new", 3), "n1")).with(zones("n1", kSingle, 4, {4, 4})).synced();
  scene.with(a_whole_pod("p", 4)).run();
  EXPECT_EQ(scene.node_of("p"), "n1");
  scene.with(a_whole_pod("q", 2)).run();
  EXPECT_THAT(scene.node_of("q"), IsEmpty());
}

TEST(NumaPlacement, MemoryOfOneNumaNodeMayRunOutAlone) {
  Scene scene;
  scene.with(a_node("n1", 8, 16)).with(zones("n1", kSingle, 4, {}, 8)).synced().with(a_whole_pod("p", 1, gibibytes(10))).run();
  EXPECT_THAT(scene.message_for("p"), HasSubstr("node(s) would answer"));
  scene.with(a_whole_pod("q", 1, gibibytes(7))).run();
  EXPECT_EQ(scene.node_of("q"), "n1");
}

TEST(NumaPlacement, PreemptionMakesRoomInOneNumaNode) {
  Scene scene;
  const auto with_priority = [](model::Pod pod, std::int32_t priority) {
    pod.priority = priority;
    return pod;
  };
  scene.with(a_node("n1", 8)).with(zones("n1", kSingle)).synced();
  for (const char* name : {"a", "b"}) scene.with(bound(with_priority(a_whole_pod(name, 2), 2), "n1"));
  scene.with(bound(with_priority(a_whole_pod("c", 2), 1), "n1"));
  scene.with(with_priority(a_whole_pod("p", 4), 10)).run();
  // a and b fill one NUMA node, c has half of the other: its leaving is enough, and it is one pod.
  ASSERT_EQ(scene.all<model::Evict>().size(), 1U);
  EXPECT_EQ(scene.all<model::Evict>()[0].second.pod.name, "c");
  EXPECT_THAT(scene.node_of("p"), IsEmpty());
  scene.with(model::PodGone{{"default", "c"}, model::Uid("uid-c")}).run();
  EXPECT_EQ(scene.node_of("p"), "n1");
}

TEST(NumaPlacement, AStrictStrategyHoldsWhereTheKubeletIsLaxer) {
  const std::string strategy = "  numaAffinity:\n    enabled: true\n    strategy: single-numa-node\n";
  Scene lax;
  lax.with(a_policy("  enabled: true\n" + strategy + "    strictMode: false\n")).with(a_node("n1", 8)).with(zones("n1", "none"));
  lax.synced().with(a_whole_pod("p", 6)).run();
  EXPECT_EQ(lax.node_of("p"), "n1");
  Scene strict;
  strict.with(a_policy("  enabled: true\n" + strategy + "    strictMode: true\n")).with(a_node("n1", 8)).with(zones("n1", "none"));
  strict.synced().with(a_whole_pod("p", 6)).run();
  EXPECT_THAT(strict.node_of("p"), IsEmpty());
  EXPECT_THAT(strict.message_for("p"), HasSubstr("node(s) would spread the pod over NUMA nodes"));
}

TEST(NumaPlacement, FewerNumaNodesAreWorthMore) {
  Scene scene;
  for (const char* node : {"a", "b"}) scene.with(a_node(node, 8));
  scene.with(zones("a", "best-effort", 4, {2, 2})).with(zones("b", "best-effort")).synced();
  for (const char* name : {"x", "y"}) scene.with(bound(a_whole_pod(name, 2, gibibytes(2)), "a"));
  // b is fuller, but nothing there has CPUs of its own.
  scene.with(bound(a_pod("z", MilliCpu{4500}, gibibytes(4)), "b")).with(a_whole_pod("p", 3)).run();
  EXPECT_EQ(scene.node_of("p"), "b");
}

TEST(NumaPlacement, PodsOfOneNeighbourhoodLieOnOneHostAndNumaNode) {
  const auto joined = [](const std::string& name) {
    model::Pod pod = a_whole_pod(name, 2);
    pod.annotations["scheduling.openfuyao.io/neighbourhood"] = "pair";
    return pod;
  };
  // b is asked after a, which has room as well, and only the neighbour speaks for it.
  Scene scene;
  for (const char* node : {"a", "b"}) scene.with(a_node(node, 64, 256)).with(zones(node, kSingle, 32));
  scene.synced().with(bound(joined("first"), "b")).with(joined("second")).run();
  EXPECT_EQ(scene.node_of("second"), "b");
}

// Every bind must be an admission: a second kubelet of the same node, told of what came and went, never refuses.
TEST(NumaPlacement, APodBoundIsAPodAdmitted) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Rng rng(seed);
    const char* policies[] = {"none", "best-effort", "restricted", kSingle};
    Scene scene;
    std::vector<std::optional<numa::KubeletModel>> kubelets;
    for (int i = 0; i < 3; ++i) {
      const std::string name = "n" + std::to_string(i);
      auto topology = zones(name, policies[rng.below(4)], 4, {}, 8);
      kubelets.emplace_back(numa::from_node_resource_topology(std::get<model::NodeResourceTopology>(topology.topology))->kubelet);
      scene.with(a_node(name, 8)).with(std::move(topology));
    }
    scene.synced();
    std::vector<std::pair<std::string, std::size_t>> running;
    std::size_t binds = 0;
    for (int step = 0; step < 60; ++step) {
      if (!running.empty() && rng.below(3) == 0) {
        const std::size_t at = rng.below(running.size());
        const auto [name, host] = running[at];
        running.erase(running.begin() + static_cast<std::ptrdiff_t>(at));
        kubelets[host]->remove("uid-" + name);
        scene.with(model::PodGone{{"default", name}, model::Uid("uid-" + name)});
      } else {
        const std::string name = "p" + std::to_string(step);
        scene.with(a_whole_pod(name, static_cast<std::int64_t>(1 + rng.below(5)), gibibytes(static_cast<std::int64_t>(1 + rng.below(6)))));
      }
      scene.run();
      for (const auto& [id, bind] : scene.all<model::Bind>()) {
        const std::size_t host = static_cast<std::size_t>(bind.node.v[1] - '0');
        const PodEntry& entry = scene.placement.pods()[*scene.placement.pods().find(bind.pod)];
        const numa::Admission admission = kubelets[host]->admit(numa::demand_of(entry.pod));
        EXPECT_TRUE(admission.admitted) << "seed " << seed << " step " << step << ": " << admission.reason;
        running.emplace_back(bind.pod.name, host);
        ++binds;
      }
      scene.take();
    }
    EXPECT_GT(binds, 10U);
  }
}

}   // namespace
}   // namespace ebb::core::placement
