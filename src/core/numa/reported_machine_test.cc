#include "core/numa/reported_machine.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <limits>

#include "core/numa/numa_fit.h"
#include "core/numa/numa_testing.h"

namespace ebb::core::numa {
namespace {

model::TopologyZone zone(int id, std::int64_t available_cpus, std::int64_t available_memory_gib) {
  return {fmt::format("node-{}", id),
          "Node",
          {{"node-0", id == 0 ? 10 : 21}, {"node-1", id == 1 ? 10 : 21}},
          {{"cpu", 8000, id == 0 ? 7000 : 8000, available_cpus * 1000},
           {"memory", gibibytes(8).v, gibibytes(7).v, gibibytes(available_memory_gib).v},
           {"vendor/gpu", 2, 2, id}}};
}

model::NodeResourceTopology published() {
  model::NodeResourceTopology report;
  report.node = model::NodeName("n");
  report.policy = "single-numa-node";
  report.scope = "pod";
  report.zones = {zone(0, 3, 7), zone(1, 6, 4)};
  return report;
}

TEST(ReportedMachine, CountsWhatANodeResourceTopologyPublishes) {
  const auto reported = from_node_resource_topology(published());
  ASSERT_TRUE(reported) << reported.error().message;
  const KubeletModel& kubelet = reported->kubelet;
  EXPECT_EQ(kubelet.config().topology_policy, TopologyPolicy::single_numa_node);
  EXPECT_EQ(kubelet.config().scope, TopologyScope::pod);
  EXPECT_EQ(kubelet.static_cpus()->available(kubelet.free().cpus).size(), 9);
  EXPECT_TRUE(kubelet.predict(pod("a", {app(cpus(6), gibibytes(4))})).admitted);
  EXPECT_EQ(kubelet.predict(pod("a", {app(cpus(7), gibibytes(1))})).reason, kTopologyAffinityError);
  EXPECT_EQ(kubelet.predict(pod("a", {app(cpus(4), gibibytes(5))})).reason, kTopologyAffinityError)
      << "the CPUs are on node 1, the memory on node 0";
  EXPECT_FALSE(reported->knows(Unknown::cpu_numbers));
  EXPECT_FALSE(reported->knows(Unknown::memory_policy));
  EXPECT_TRUE(reported->knows(Unknown::scope));
  EXPECT_TRUE(reported->knows(Unknown::distances));
}

TEST(ReportedMachine, CountsDevicesPerZone) {
  const auto reported = from_node_resource_topology(published());
  ASSERT_TRUE(reported);
  ContainerDemand container = app(cpus(2));
  container.devices = {{"vendor/gpu", 1}};
  const Admission answer = reported->kubelet.predict(pod("a", {container}));
  ASSERT_TRUE(answer.admitted);
  EXPECT_EQ(nodes_of(reported->kubelet, answer.containers), 0b10u) << "node 0 has none left";
}

TEST(ReportedMachine, ReadsPolicyAndScopeFromTheOlderField) {
  model::NodeResourceTopology report = published();
  report.policy.clear();
  report.scope.clear();
  report.topology_policies = {"RestrictedContainerLevel"};
  const auto reported = from_node_resource_topology(report);
  ASSERT_TRUE(reported);
  EXPECT_EQ(reported->kubelet.config().topology_policy, TopologyPolicy::restricted);
  EXPECT_EQ(reported->kubelet.config().scope, TopologyScope::container);
  report.zones[0].name = "east";
  EXPECT_FALSE(from_node_resource_topology(report));
}

TEST(ReportedMachine, RefusesWhatNoMachineIs) {
  model::NodeResourceTopology report = published();
  report.zones[0].resources[0].capacity = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(from_node_resource_topology(report).error().code, Errc::too_large);
  report = published();
  report.zones[1].name = "node-0";
  EXPECT_FALSE(from_node_resource_topology(report));
  report.zones.clear();
  EXPECT_FALSE(from_node_resource_topology(report));
  model::Numatopology named;
  EXPECT_FALSE(from_numatopology(named)) << "no CPUs";
  named.cpus = {{0, 0, 0, 0}, {0, 0, 0, 1}};
  EXPECT_FALSE(from_numatopology(named)) << "twice the same";
}

std::int64_t free_cpus(const KubeletModel& kubelet, int node) {
  return (kubelet.static_cpus()->available(kubelet.free().cpus) & kubelet.topology().group(Level::node, node)).size() * 1000;
}

// Counts are enough for the kubelet's answer where a pod must be on one NUMA node.
TEST(ReportedMachine, PredictsFromCountsWhatTheWholePicturePredicts) {
  EXPECT_TRUE(rc::check([] {
    KubeletConfig config = static_config(TopologyPolicy::single_numa_node);
    config.scope = *rc::gen::element(TopologyScope::container, TopologyScope::pod);
    KubeletModel kubelet = make_kubelet(machine_of(2, 2), config);
    const auto any_pod = [](const std::string& uid) {
      std::vector<ContainerDemand> containers;
      const int count = *rc::gen::inRange(1, 3);
      for (int i = 0; i < count; ++i) containers.push_back(app(cpus(*rc::gen::inRange(0, 6)), gibibytes(*rc::gen::inRange(1, 6))));
      return pod(uid, containers);
    };
    for (int i = *rc::gen::inRange(0, 8); i > 0; --i) kubelet.admit(any_pod("p" + std::to_string(i)));

    model::NodeResourceTopology report;
    report.policy = "single-numa-node";
    report.scope = config.scope == TopologyScope::pod ? "pod" : "container";
    for (int node = 0; node < 4; ++node) {
      const std::int64_t reserved = node == 0 ? 1000 : 0;
      const std::int64_t memory = gibibytes(8).v - (node == 0 ? mebibytes(512).v : 0);
      report.zones.push_back({fmt::format("node-{}", node),
                              "Node",
                              {},
                              {{"cpu", 8000, 8000 - reserved, free_cpus(kubelet, node)},
                               {"memory", gibibytes(8).v, memory, kubelet.free().memory.cells[static_cast<std::size_t>(node)].free}}});
    }
    const auto counted = from_node_resource_topology(report);
    RC_ASSERT(counted.has_value());
    for (int i = 0; i < 5; ++i) {
      const PodDemand demand = any_pod("new");
      RC_ASSERT(counted->kubelet.predict(demand).admitted == kubelet.predict(demand).admitted);
      RC_ASSERT(counted->kubelet.predict(demand).reason == kubelet.predict(demand).reason);
    }
  }));
}

TEST(ReportedMachine, NamesTheCpusOfANumatopology) {
  model::Numatopology report;
  report.node = model::NodeName("n");
  report.cpu_policy = "static";
  report.topology_policy = "restricted";
  report.reserved_cpu = MilliCpu{500};
  for (int cpu = 0; cpu < 16; ++cpu) report.cpus.push_back({cpu, cpu % 8 / 4, cpu % 8 / 4, cpu % 4});
  report.resources = {{"cpu", "0,3-15", 16}};
  const auto reported = from_numatopology(report);
  ASSERT_TRUE(reported) << reported.error().message;
  EXPECT_EQ(reported->kubelet.static_cpus()->reserved().to_string(), "0");
  EXPECT_EQ(reported->kubelet.topology().cpus_per_core(), 2) << "core numbers start anew in each socket";
  const Admission answer = reported->kubelet.predict(pod("a", {app(cpus(2))}));
  ASSERT_TRUE(answer.admitted);
  EXPECT_EQ(answer.containers[0].cpus.to_string(), "3,11");
  EXPECT_FALSE(reported->knows(Unknown::memory));
  EXPECT_TRUE(reported->knows(Unknown::in_use));
}

TEST(ReportedMachine, TakesCapacitiesFromANodeReport) {
  model::NodeReport report;
  report.node = model::NodeName("n");
  EXPECT_FALSE(from_node_report(report));
  report.numa = {{0, cpus(4), gibibytes(8), {}}, {1, cpus(4), gibibytes(8), {}}};
  KubeletHints hints;
  hints.topology_policy = TopologyPolicy::single_numa_node;
  const auto reported = from_node_report(report, hints);
  ASSERT_TRUE(reported);
  EXPECT_TRUE(reported->kubelet.predict(pod("a", {app(cpus(4))})).admitted);
  EXPECT_FALSE(reported->kubelet.predict(pod("a", {app(cpus(5))})).admitted);
  EXPECT_FALSE(reported->knows(Unknown::in_use));
}

}   // namespace
}   // namespace ebb::core::numa
