#include "core/numa/numa_fit.h"

#include <gtest/gtest.h>

#include "core/numa/numa_testing.h"

namespace ebb::core::numa {
namespace {

NumaFit fit(NodeMask nodes, double distance = 10) {
  NumaFit made;
  made.nodes = nodes;
  made.distance = distance;
  made.cpus_beside = 8 * width(nodes);
  return made;
}

TEST(NumaFit, PrefersNarrowThenNearNeighboursThenShortDistancesThenWholeCoresThenFullNodes) {
  NumaFit cluttered = fit(0b01);
  cluttered.free_beside = 6;
  NumaFit cut = fit(0b01);
  cut.whole_cores = false;
  NumaFit apart = fit(0b01);
  apart.neighbours = 2;
  apart.far_neighbours = 2;
  NumaFit beside = fit(0b01);
  beside.neighbours = 2;
  const std::vector<NumaFit> best_first{beside, fit(0b01), cluttered, cut, apart, fit(0b11, 11), fit(0b101, 21), fit(0b111, 18)};
  for (std::size_t i = 0; i + 1 < best_first.size(); ++i) {
    EXPECT_TRUE(compare(best_first[i], best_first[i + 1]) < 0) << i;
    EXPECT_GT(score(best_first[i]), score(best_first[i + 1])) << i;
  }
}

TEST(NumaFit, StaysWithinAHundredPoints) {
  EXPECT_EQ(score(NumaFit()), 100);
  NumaFit worst = fit(0xff, 40);
  worst.neighbours = worst.far_neighbours = 3;
  worst.whole_cores = false;
  worst.free_beside = 64;
  EXPECT_GE(score(worst), 0);
}

TEST(NumaFit, SeesHowFarAPodIsFromItsNeighbours) {
  KubeletModel kubelet = make_kubelet(two_sockets(), static_config(TopologyPolicy::single_numa_node));
  ASSERT_TRUE(kubelet.admit(pod("a", {app(cpus(6))})).admitted);   // leaves one CPU of node 0
  const PodDemand small = pod("b", {app(cpus(1))});
  const PodDemand large = pod("c", {app(cpus(4))});
  const std::vector<std::string> neighbours{"a", "of another node"};
  const NumaFit near = fit_of(kubelet, small, kubelet.predict(small), neighbours);
  const NumaFit far = fit_of(kubelet, large, kubelet.predict(large), neighbours);
  EXPECT_EQ(near.neighbours, 1);
  EXPECT_EQ(near.far_neighbours, 0);
  EXPECT_EQ(far.far_neighbours, 1);
  EXPECT_FALSE(near.whole_cores);
  EXPECT_EQ(near.free_beside, 0);
  EXPECT_EQ(far.free_beside, 4);
}

TEST(NumaFit, KeepsAWantedPolicyOnlyWhereTheRequestIsAsNarrowAsItCanBe) {
  KubeletModel kubelet = make_kubelet(two_sockets(), static_config(TopologyPolicy::none));
  const PodDemand wide = pod("a", {app(cpus(10))});
  const NumaFit needed = fit_of(kubelet, wide, kubelet.predict(wide));
  EXPECT_EQ(needed.excess, 0);
  EXPECT_TRUE(keeps(needed, TopologyPolicy::restricted));
  EXPECT_FALSE(keeps(needed, TopologyPolicy::single_numa_node));
  ASSERT_TRUE(kubelet.admit(pod("b", {app(cpus(5))})).admitted);
  ASSERT_TRUE(kubelet.admit(pod("c", {app(cpus(5))})).admitted);
  const PodDemand torn = pod("d", {app(cpus(5))});
  const NumaFit scattered = fit_of(kubelet, torn, kubelet.predict(torn));
  EXPECT_EQ(scattered.excess, 1);
  EXPECT_FALSE(keeps(scattered, TopologyPolicy::restricted));
  EXPECT_TRUE(keeps(scattered, TopologyPolicy::best_effort));
}

TEST(NumaFit, TellsWhoOwnsCores) {
  KubeletModel kubelet = make_kubelet(two_sockets(), static_config(TopologyPolicy::single_numa_node));
  const auto ownership = [&](const PodDemand& demand) { return core_ownership(kubelet, demand, kubelet.predict(demand)); };
  EXPECT_EQ(ownership(pod("a", {app(cpus(2))})), CoreOwnership::owned);
  EXPECT_EQ(ownership(pod("a", {app(cpus(3))})), CoreOwnership::shared_core);
  EXPECT_EQ(ownership(pod("a", {app(MilliCpu{2500})})), CoreOwnership::not_integer);
  PodDemand burstable = pod("a", {app(cpus(2))});
  burstable.guaranteed = false;
  EXPECT_EQ(ownership(burstable), CoreOwnership::not_guaranteed);
  const KubeletModel plain = make_kubelet(two_sockets(), KubeletConfig());
  EXPECT_EQ(core_ownership(plain, pod("a", {app(cpus(2))}), plain.predict(pod("a", {app(cpus(2))}))), CoreOwnership::shared_pool);
}

}   // namespace
}   // namespace ebb::core::numa
