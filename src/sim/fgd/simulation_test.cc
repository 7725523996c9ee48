#include "sim/fgd/simulation.h"

#include "sim/fgd/arrivals.h"
#include "sim/fgd/samples.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <numeric>
#include <set>
#include <sstream>
#include <string>

namespace ebb::sim::fgd {
namespace {

std::string contents(const std::string& name) {
  std::ifstream file(std::string(EBB_SOURCE_DIR) + "/tests/fgd/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class Simulation : public testing::Test {
 protected:
  std::vector<TraceNode> nodes = parse_nodes(contents("nodes.csv"), "nodes.csv").value();
  std::vector<TracePod> pods = parse_pods(contents("pods.csv"), "pods.csv").value();

  std::int64_t wanted(const std::vector<std::size_t>& arrivals) const {
    return std::accumulate(arrivals.begin(), arrivals.end(), std::int64_t{0},
                           [&](std::int64_t sum, std::size_t pod) { return sum + pods[pod].request.total().v; });
  }
};

TEST_F(Simulation, arrivals_hold_every_pod_once_before_those_that_are_drawn_again) {
  GoRandom random(42);
  const Arrivals arrivals = draw_arrivals(nodes, pods, 4, random);
  ASSERT_GT(arrivals.pods.size(), pods.size());
  const std::set<std::size_t> first(arrivals.pods.begin(), arrivals.pods.begin() + static_cast<std::ptrdiff_t>(pods.size()));
  EXPECT_EQ(first.size(), pods.size());
  EXPECT_LE(wanted(arrivals.pods), 4 * 200'000 + 7000);
  EXPECT_GT(wanted(arrivals.pods), 4 * 200'000 - 1000);
  const std::set<std::int32_t> ranks(arrivals.node_ranks.begin(), arrivals.node_ranks.end());
  EXPECT_EQ(ranks.size(), nodes.size());
}

TEST_F(Simulation, arrivals_are_thinned_out_when_they_want_too_much) {
  GoRandom random(42);
  const Arrivals arrivals = draw_arrivals(nodes, pods, 0.5, random);
  EXPECT_LT(arrivals.pods.size(), pods.size());
  EXPECT_LE(wanted(arrivals.pods), 100'000);
}

TEST_F(Simulation, the_same_seed_gives_the_same_run_for_every_policy) {
  for (const Policy policy : kPolicies) {
    const auto once = simulate(nodes, pods, {.policy = policy, .seed = 7, .tune = 1.3});
    const auto again = simulate(nodes, pods, {.policy = policy, .seed = 7, .tune = 1.3});
    ASSERT_TRUE(once && again);
    EXPECT_EQ(once->allocated_percent, again->allocated_percent) << to_string(policy);
    EXPECT_EQ(once->fragmented_percent, again->fragmented_percent) << to_string(policy);
  }
}

TEST_F(Simulation, allocates_all_that_arrives_at_first_and_never_more_than_there_is) {
  for (const Policy policy : kPolicies) {
    const auto run = simulate(nodes, pods, {.policy = policy, .seed = 42, .tune = 1.3});
    ASSERT_TRUE(run);
    EXPECT_EQ(run->gpus, 200);
    ASSERT_EQ(run->allocated_percent.size(), 131u);
    EXPECT_TRUE(std::is_sorted(run->allocated_percent.begin(), run->allocated_percent.end())) << to_string(policy);
    EXPECT_NEAR(run->allocated_percent[25], 25, 2) << to_string(policy);
    EXPECT_GT(run->allocated_percent[130], 60) << to_string(policy);
    EXPECT_LE(run->allocated_percent[130], 100) << to_string(policy);
    EXPECT_LE(run->fragmented_percent[130] + run->allocated_percent[130], 100.1) << to_string(policy);
    EXPECT_LE(run->placed, run->arrived);
  }
}

TEST_F(Simulation, ebb_allocates_more_than_random_placement) {
  double ebb = 0;
  double random = 0;
  for (std::int64_t seed = 42; seed < 52; ++seed) {
    ebb += simulate(nodes, pods, {.policy = Policy::ebb, .seed = seed, .tune = 1.3})->allocated_percent[130];
    random += simulate(nodes, pods, {.policy = Policy::random, .seed = seed, .tune = 1.3})->allocated_percent[130];
  }
  EXPECT_GT(ebb, random);
}

TEST_F(Simulation, refuses_a_trace_without_accelerators) {
  std::vector<TraceNode> bare = nodes;
  for (TraceNode& node : bare) node.accelerators.devices.clear();
  EXPECT_EQ(simulate(bare, pods, {}).error().message, "no node has an accelerator");
  std::vector<TracePod> modest = pods;
  for (TracePod& pod : modest) pod.request.count = 0;
  EXPECT_EQ(simulate(nodes, modest, {}).error().message, "no pod asks for an accelerator");
}

TEST(Policy, has_one_name_each) {
  for (const Policy policy : kPolicies) EXPECT_EQ(parse_policy(to_string(policy)).value(), policy);
  EXPECT_EQ(parse_policy("fgd").error().message,
            "there is no policy 'fgd': Random, DotProd, GpuClustering, GpuPacking, BestFit, FGD or Ebb");
}

TEST(Samples, are_averaged_per_percent_and_borrowed_from_the_neighbours_of_an_empty_one) {
  Samples samples;
  samples.add(0.4, 1);
  samples.add(0.5, 2);   // half goes to the even one
  samples.add(1.6, 5);
  samples.add(2.4, 6);
  samples.add(4.0, 9);
  samples.add(9.0, 11);
  EXPECT_EQ(samples.by_percent(9), (std::vector<double>{1.5, 3.5, 5.5, 6.67, 9, 9, 9, 9, 11, 11}));
}

}   // namespace
}   // namespace ebb::sim::fgd
