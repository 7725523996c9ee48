#include "sim/fgd/policies.h"

#include <gtest/gtest.h>

namespace ebb::sim::fgd {
namespace {

SimNode a_node(std::int64_t cpu, const std::vector<std::int64_t>& free, std::map<DeviceKind, std::int32_t> kinds = {}) {
  SimNode node{.accelerators = {.model = "T4", .cpu_free = MilliCpu{cpu}, .devices = {}},
               .memory_free = {},
               .model = 0,
               .kinds = std::move(kinds),
               .group = 0};
  for (const std::int64_t milli : free) node.accelerators.devices.push_back({.free = {milli}, .memory = {}, .group = 0});
  return node;
}

AcceleratorRequest a_request(std::int32_t count, std::int64_t share, std::int64_t cpu = 6400) {
  return {.cpu = MilliCpu{cpu}, .count = count, .share = {share}, .models = {}};
}

TEST(DotProduct, likes_a_node_the_less_the_more_it_has_of_what_is_asked) {
  // (64000 x 6400 / 128000^2 + 4000 x 1000 / 8000^2) / 2 = (0.025 + 0.0625) / 2
  EXPECT_EQ(dot_product_score(a_node(64'000, {1000, 1000, 1000, 1000}), a_request(1, 1000)).score, 95);
  EXPECT_EQ(dot_product_score(a_node(6400, {1000}), a_request(1, 1000)).score, 99);
}

TEST(GpuClustering, prefers_nodes_of_the_pods_own_kind_then_empty_ones) {
  const AcceleratorRequest whole = a_request(1, 1000);
  EXPECT_EQ(gpu_clustering_score(a_node(64'000, {1000, 0}, {{1, 1}}), whole).score, 75 + 25 * 7000 / 8000);
  EXPECT_EQ(gpu_clustering_score(a_node(64'000, {1000, 0}, {{1, 1}, {0, 2}}), whole).score, 50 + 25 * 7000 / 8000);
  EXPECT_EQ(gpu_clustering_score(a_node(64'000, {1000, 1000}), whole).score, 25 + 25 * 6000 / 8000);
  EXPECT_EQ(gpu_clustering_score(a_node(64'000, {1000, 500}, {{0, 1}}), whole).score, 25 * 6500 / 8000);
  EXPECT_EQ(gpu_clustering_score(a_node(64'000, {1000, 500}, {{0, 1}}), a_request(0, 0)).score, 0);
}

TEST(GpuPacking, prefers_used_devices_then_used_nodes_then_free_nodes) {
  EXPECT_EQ(gpu_packing_score(a_node(64'000, {1000, 500}), a_request(1, 400)).score, 100 - 50 / 10);
  EXPECT_EQ(gpu_packing_score(a_node(64'000, {1000, 300}), a_request(1, 400)).score, 50 - 1);
  EXPECT_EQ(gpu_packing_score(a_node(64'000, {1000, 1000}), a_request(1, 400)).score, 33 - 2);
}

TEST(BestFit, prefers_the_node_with_the_least_left) {
  // 1 - (57600 / 128000 + 3000 / 8000) / 2
  EXPECT_EQ(best_fit_score(a_node(64'000, {1000, 1000, 1000, 1000}), a_request(1, 1000)).score, 58);
  EXPECT_EQ(best_fit_score(a_node(6400, {1000}), a_request(1, 1000)).score, 100);
}

TEST(Policies, tell_pods_apart_by_how_they_use_devices) {
  EXPECT_EQ(kind_of(a_request(1, 999)), 0);
  EXPECT_EQ(kind_of(a_request(1, 1000)), 1);
  EXPECT_EQ(kind_of(a_request(8, 1000)), 8);
}

}   // namespace
}   // namespace ebb::sim::fgd
