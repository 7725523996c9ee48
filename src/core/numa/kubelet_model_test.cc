#include "core/numa/kubelet_model.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "core/numa/numa_testing.h"

namespace ebb::core::numa {
namespace {

TEST(KubeletModel, GivesWholeCoresOfOneNodeAndSaysWhich) {
  KubeletModel kubelet = make_kubelet(two_sockets(), static_config(TopologyPolicy::single_numa_node));
  // CPU 0 is reserved; its core's other thread (8) stands alone and goes last.
  const Admission first = kubelet.admit(pod("a", {app(cpus(4))}));
  ASSERT_TRUE(first.admitted);
  EXPECT_EQ(first.containers[0].cpus.to_string(), "1-2,9-10");
  const Admission second = kubelet.admit(pod("b", {app(cpus(4))}));
  ASSERT_TRUE(second.admitted);
  EXPECT_EQ(second.containers[0].cpus.to_string(), "4-5,12-13") << "node 0 has three CPUs left";
}

TEST(KubeletModel, RefusesWhatNoSingleNodeHasInTheKubeletsWords) {
  KubeletModel kubelet = make_kubelet(two_sockets(), static_config(TopologyPolicy::single_numa_node));
  const Admission refused = kubelet.admit(pod("a", {app(cpus(9))}));
  EXPECT_FALSE(refused.admitted);
  EXPECT_EQ(refused.reason, kTopologyAffinityError);
  EXPECT_EQ(refused.message, "Resources cannot be allocated with Topology locality");
  KubeletModel other = make_kubelet(two_sockets(), static_config(TopologyPolicy::restricted));
  EXPECT_FALSE(other.admit(pod("a", {app(cpus(9))})).admitted) << "two nodes for the CPUs, one for the memory";
  EXPECT_TRUE(other.admit(pod("b", {app(cpus(9), gibibytes(9))})).admitted);
}

TEST(KubeletModel, RefusesHalfCoresUnderFullPcpusOnly) {
  KubeletConfig config = static_config(TopologyPolicy::none);
  config.cpu_options.full_pcpus_only = true;
  const Admission refused = make_kubelet(two_sockets(), config).admit(pod("a", {app(cpus(3))}));
  EXPECT_EQ(refused.reason, kSmtAlignmentError);
  EXPECT_EQ(refused.message, "SMT Alignment Error: requested 3 cpus not multiple cpus per core = 2");
}

TEST(KubeletModel, GivesNothingToPodsThatAreNotGuaranteedOrNotWhole) {
  KubeletModel kubelet = make_kubelet(two_sockets(), static_config(TopologyPolicy::single_numa_node));
  PodDemand burstable = pod("a", {app(cpus(2))});
  burstable.guaranteed = false;
  EXPECT_TRUE(kubelet.admit(burstable).containers[0].cpus.empty());
  EXPECT_TRUE(kubelet.admit(pod("b", {app(MilliCpu{1500})})).containers[0].cpus.empty());
}

TEST(KubeletModel, LetsAppContainersHaveTheCpusOfInitContainersButNotOfSidecars) {
  KubeletModel kubelet = make_kubelet(two_sockets(), static_config(TopologyPolicy::restricted));
  ContainerDemand init = app(cpus(4));
  init.kind = ContainerKind::init;
  ContainerDemand sidecar = app(cpus(2));
  sidecar.kind = ContainerKind::sidecar;
  const Admission answer = kubelet.admit(pod("a", {init, sidecar, app(cpus(2))}));
  ASSERT_TRUE(answer.admitted);
  EXPECT_TRUE(answer.containers[0].cpus.contains_all(answer.containers[1].cpus | answer.containers[2].cpus));
  EXPECT_EQ(answer.containers[1].cpus.common(answer.containers[2].cpus), 0);
}

TEST(KubeletModel, FreesTheMemoryOfInitContainersOnceThePodHasStarted) {
  KubeletModel kubelet = make_kubelet(two_sockets(), static_config(TopologyPolicy::restricted));
  ContainerDemand init = app(MilliCpu{500}, gibibytes(6));
  init.kind = ContainerKind::init;
  ASSERT_TRUE(kubelet.admit(pod("a", {init, app(MilliCpu{500}, gibibytes(2))})).admitted);
  const PodDemand big = pod("b", {app(MilliCpu{500}, gibibytes(5))});
  const Admission beside = kubelet.predict(big);
  ASSERT_TRUE(beside.admitted);
  EXPECT_EQ(beside.containers[0].memory[0].nodes, 0b10u);
  kubelet.started("a");
  EXPECT_EQ(kubelet.predict(big).containers[0].memory[0].nodes, 0b01u);
}

TEST(KubeletModel, NeverMixesNodesThatServeAloneWithNodesThatServeTogether) {
  KubeletModel kubelet = make_kubelet(two_sockets(), static_config(TopologyPolicy::restricted));
  ASSERT_EQ(kubelet.admit(pod("a", {app(MilliCpu{500}, gibibytes(10))})).containers[0].memory[0].nodes, 0b11u);
  const Admission refused = kubelet.admit(pod("b", {app(MilliCpu{500}, gibibytes(1))}));
  EXPECT_EQ(refused.reason, kTopologyAffinityError) << "both nodes serve together now";
  kubelet.remove("a");
  EXPECT_TRUE(kubelet.admit(pod("b", {app(MilliCpu{500}, gibibytes(1))})).admitted);
}

TEST(KubeletModel, TakesBackWhatTheFirstContainersOfARefusedPodHad) {
  KubeletModel kubelet = make_kubelet(two_sockets(), static_config(TopologyPolicy::single_numa_node));
  const FreeState before = kubelet.free();
  EXPECT_FALSE(kubelet.admit(pod("a", {app(cpus(4)), app(cpus(9))})).admitted);
  EXPECT_EQ(kubelet.free(), before);
  EXPECT_EQ(kubelet.pod_count(), 0U);
}

TEST(KubeletModel, AlignsDevicesWithCpus) {
  Machine machine = two_sockets();
  machine.devices = {{"vendor/gpu", {{0, 1}, {1, 3}}, 0}};
  KubeletModel kubelet = make_kubelet(machine, static_config(TopologyPolicy::single_numa_node));
  ContainerDemand container = app(cpus(2));
  container.devices = {{"vendor/gpu", 2}};
  const Admission answer = kubelet.admit(pod("a", {container}));
  ASSERT_TRUE(answer.admitted);
  EXPECT_EQ(answer.containers[0].cpus.to_string(), "4,12") << "two devices are on node 1 only";
  EXPECT_EQ(answer.containers[0].devices, (std::vector<DeviceGrant>{{0, 1, 2, 0}}));
  EXPECT_EQ(kubelet.admit(pod("b", {container})).reason, kTopologyAffinityError) << "one is left on either node";
  kubelet.remove("a");
  EXPECT_TRUE(kubelet.admit(pod("b", {container})).admitted);
}

TEST(KubeletModel, RefusesToStartAsAKubeletWould) {
  KubeletConfig config = static_config(TopologyPolicy::single_numa_node);
  config.cpu_options.align_by_socket = true;
  EXPECT_FALSE(KubeletModel::create(two_sockets(), config));
  config = static_config(TopologyPolicy::none);
  config.reserved_cpu = {};
  EXPECT_FALSE(KubeletModel::create(two_sockets(), config));
  config = static_config(TopologyPolicy::none);
  EXPECT_FALSE(set_cpu_options({{"full-pcpus-only", "true"}, {"distribute-cpus-across-cores", "true"}}, true, config));
  EXPECT_FALSE(set_cpu_options({{"align-by-socket", "true"}}, false, config)) << "alpha";
  EXPECT_FALSE(set_topology_options({{"max-allowable-numa-nodes", "7"}}, config));
  EXPECT_FALSE(set_topology_options({{"prefer-most-allocated-numa-node", "true"}}, config)) << "not an option of 1.37";
}

TEST(KubeletModel, TakesOverAReportedAssignment) {
  KubeletModel kubelet = make_kubelet(two_sockets(), static_config(TopologyPolicy::single_numa_node));
  const model::CpuSet held = *model::CpuSet::parse("1-3,9-11");
  EXPECT_TRUE(kubelet.restore("a", {{"c", false, held, {{0b01, 0, gibibytes(2).v}}, {}}}));
  EXPECT_FALSE(kubelet.restore("b", {{"c", false, held, {}, {}}})) << "taken";
  EXPECT_EQ(kubelet.predict(pod("c", {app(cpus(2))})).containers[0].cpus.to_string(), "4,12");
  kubelet.remove("a");
  EXPECT_EQ(kubelet.free(), make_kubelet(two_sockets(), static_config(TopologyPolicy::single_numa_node)).free());
}

TEST(KubeletModel, AdoptsWhatRunsEvenWhereItWouldHaveRefusedIt) {
  KubeletModel kubelet = make_kubelet(two_sockets(), static_config(TopologyPolicy::single_numa_node));
  EXPECT_FALSE(kubelet.predict(pod("a", {app(cpus(9))})).admitted);
  EXPECT_TRUE(kubelet.adopt(pod("a", {app(cpus(9))})));
  EXPECT_EQ(kubelet.static_cpus()->available(kubelet.free().cpus).size(), 6);
  const FreeState before = kubelet.free();
  EXPECT_FALSE(kubelet.adopt(pod("b", {app(cpus(9))}))) << "there are not so many";
  EXPECT_EQ(kubelet.free(), before);
}

// Whatever happens, exclusive CPUs overlap only inside a pod, the reserved ones are nobody's, and in the end all is free again.
TEST(KubeletModel, KeepsItsBooksThroughAnySequence) {
  EXPECT_TRUE(rc::check([] {
    KubeletConfig config = static_config(
        *rc::gen::element(TopologyPolicy::none, TopologyPolicy::best_effort, TopologyPolicy::restricted, TopologyPolicy::single_numa_node));
    config.scope = *rc::gen::element(TopologyScope::container, TopologyScope::pod);
    config.cpu_options.distribute_across_numa = *rc::gen::arbitrary<bool>();
    KubeletModel kubelet = make_kubelet(two_sockets(), config);
    const FreeState empty = kubelet.free();
    std::vector<std::string> running;
    const int steps = *rc::gen::inRange(1, 20);
    for (int step = 0; step < steps; ++step) {
      if (!running.empty() && *rc::gen::inRange(0, 3) == 0) {
        kubelet.remove(running.back());
        running.pop_back();
        continue;
      }
      const std::string uid = "p" + std::to_string(step);
      std::vector<ContainerDemand> containers;
      const int count = *rc::gen::inRange(1, 4);
      for (int i = 0; i < count; ++i) {
        containers.push_back(app(cpus(*rc::gen::inRange(0, 5)), gibibytes(*rc::gen::inRange(1, 6))));
        containers.back().kind = i + 1 == count ? ContainerKind::app : *rc::gen::element(ContainerKind::init, ContainerKind::sidecar);
      }
      const PodDemand demand = pod(uid, containers);
      const Admission predicted = kubelet.predict(demand);
      const Admission answer = kubelet.admit(demand);
      RC_ASSERT(predicted.admitted == answer.admitted);
      RC_ASSERT(predicted.containers == answer.containers);
      if (answer.admitted) running.push_back(uid);
      model::CpuSet held;
      for (const std::string& pod : running) {
        model::CpuSet of_pod;
        for (const ContainerGrant& grant : *kubelet.find(pod)) of_pod |= grant.cpus;
        RC_ASSERT(held.common(of_pod) == 0);
        held |= of_pod;
      }
      RC_ASSERT(held.common(kubelet.static_cpus()->reserved()) == 0);
      RC_ASSERT((held | kubelet.free().cpus.shared) == kubelet.topology().all());
    }
    for (const std::string& uid : running) kubelet.remove(uid);
    RC_ASSERT(kubelet.free().cpus == empty.cpus);
    RC_ASSERT(kubelet.free().memory == empty.memory);
  }));
}

}   // namespace
}   // namespace ebb::core::numa
