#include "core/accelerators/ebb_score.h"

#include <gtest/gtest.h>

namespace ebb::core::accelerators {
namespace {

AcceleratorRequest a_request(std::int64_t cpu, std::int64_t share, std::int32_t count = 1, std::vector<std::string> models = {}) {
  return {.cpu = MilliCpu{cpu}, .count = count, .share = GpuMilli{share}, .models = std::move(models)};
}

AcceleratorNode a_node(std::int64_t cpu, const std::vector<std::int64_t>& free) {
  AcceleratorNode node{.model = "T4", .cpu_free = MilliCpu{cpu}, .devices = {}};
  for (const std::int64_t milli : free) node.devices.push_back({.free = GpuMilli{milli}, .memory = {}, .group = 0});
  return node;
}

TypicalPods seen(const std::vector<AcceleratorRequest>& requests) {
  PodHistory history;
  for (const AcceleratorRequest& request : requests) history.saw(request);
  return history.typical(Permille{1000});
}

std::int64_t expected_use(const TypicalPods& history, std::int64_t cpu, const std::vector<std::int64_t>& free) {
  const AcceleratorNode node = a_node(cpu, free);
  return FillForecast(history, "T4", {}).expected_use(node.cpu_free, FreeDevices(node.devices));
}

TEST(FillForecast, uses_whole_devices_as_long_as_the_cpu_lasts) {
  const TypicalPods history = seen({a_request(10'000, 1000)});
  EXPECT_EQ(expected_use(history, 80'000, std::vector<std::int64_t>(8, 1000)), 8'000'000);
  EXPECT_EQ(expected_use(history, 25'000, std::vector<std::int64_t>(8, 1000)), 2'000'000);
  EXPECT_EQ(expected_use(history, 9'999, {1000}), 0);
}

TEST(FillForecast, knows_what_rest_of_a_device_nobody_fits) {
  const TypicalPods history = seen({a_request(1000, 300)});
  EXPECT_EQ(expected_use(history, 64'000, {1000}), 900'000);
  EXPECT_EQ(expected_use(history, 64'000, {700}), 600'000);
  EXPECT_EQ(expected_use(history, 64'000, {290}), 0);
}

TEST(FillForecast, weighs_a_pod_by_how_often_it_came_and_by_what_it_takes) {
  // 600 or 400 first, weighted 6 : 4; after 600 comes 400, after 400 comes 600 or 400 likewise.
  const TypicalPods history = seen({a_request(1000, 600), a_request(1000, 400)});
  EXPECT_EQ(expected_use(history, 64'000, {400}), 400'000);
  EXPECT_EQ(expected_use(history, 64'000, {600}), (600'000 * 6 + 400'000 * 4) / 10);
  EXPECT_EQ(expected_use(history, 64'000, {1000}), (1'000'000 * 6 + (400'000 + 520'000) * 4) / 10);
}

TEST(FillForecast, expects_nothing_of_a_model_that_nobody_takes) {
  const TypicalPods history = seen({a_request(1000, 1000, 1, {"P100"}), a_request(1000, 0, 0)});
  EXPECT_EQ(expected_use(history, 64'000, {1000, 500}), 0);
}

TEST(FillForecast, never_falls_when_there_is_more_cpu_for_pods_of_one_kind) {
  const TypicalPods history = seen({a_request(7'000, 1000, 2)});
  std::int64_t last = 0;
  for (std::int64_t cpu = 0; cpu <= 40'000; cpu += 500) {
    const std::int64_t use = expected_use(history, cpu, {1000, 1000, 1000, 1000, 1000});
    EXPECT_GE(use, last);
    last = use;
  }
  EXPECT_EQ(last, 4'000'000) << "the fifth device has no partner";
}

TEST(EbbScore, puts_cpu_heavy_pods_where_cpu_is_plentiful) {
  const Outlook outlook(seen({a_request(10'000, 1000), a_request(10'000, 1000), a_request(30'000, 0, 0)}), "T4", {});
  const AcceleratorRequest heavy = a_request(30'000, 0, 0);
  const NodeScore scarce = ebb_score(outlook, a_node(80'000, std::vector<std::int64_t>(8, 1000)), heavy);
  const NodeScore plentiful = ebb_score(outlook, a_node(80'000, {1000, 1000}), heavy);
  EXPECT_LT(scarce.score, plentiful.score);
  EXPECT_EQ(plentiful.score, 0) << "nobody loses anything";
}

TEST(EbbScore, completes_a_device_rather_than_opening_another) {
  const Outlook outlook(seen({a_request(1000, 600), a_request(1000, 400), a_request(1000, 1000)}), "T4", {});
  EXPECT_EQ(ebb_score(outlook, a_node(64'000, {1000, 400, 600}), a_request(1000, 400)).device, 1);
  EXPECT_EQ(ebb_score(outlook, a_node(64'000, {1000, 1000, 600}), a_request(1000, 600)).device, 2);
}

TEST(EbbScore, says_nothing_before_anything_was_seen) {
  const Outlook outlook(TypicalPods{}, "T4", {});
  EXPECT_EQ(ebb_score(outlook, a_node(64'000, {1000}), a_request(1000, 1000)).score, 0);
}

TEST(EbbScore, forgives_nodes_larger_than_the_tables) {
  const Outlook outlook(seen({a_request(10'000, 1000)}), "T4", {.devices = 2, .cpus = 16});
  const NodeScore score = ebb_score(outlook, a_node(512'000, std::vector<std::int64_t>(16, 1000)), a_request(10'000, 1000));
  EXPECT_EQ(score.score, 0) << "one device of many is taken and used";
}

}   // namespace
}   // namespace ebb::core::accelerators
