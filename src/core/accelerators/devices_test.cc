#include "core/accelerators/devices.h"

#include <gtest/gtest.h>

namespace ebb::core::accelerators {
namespace {

AcceleratorNode a_node(std::vector<std::int64_t> free, std::int64_t cpu = 64'000) {
  AcceleratorNode node{.model = "T4", .cpu_free = MilliCpu{cpu}, .devices = {}};
  for (const std::int64_t milli : free) node.devices.push_back({.free = GpuMilli{milli}, .memory = {}, .group = 0});
  return node;
}

AcceleratorRequest a_request(std::int32_t count, std::int64_t share, std::int64_t cpu = 1000, std::vector<std::string> models = {}) {
  return {.cpu = MilliCpu{cpu}, .count = count, .share = GpuMilli{share}, .models = std::move(models)};
}

TEST(Devices, a_request_fits_where_enough_devices_have_its_share) {
  const AcceleratorNode node = a_node({200, 1000, 1000, 500});
  EXPECT_TRUE(fits(node, a_request(1, 1000)));
  EXPECT_TRUE(fits(node, a_request(2, 1000)));
  EXPECT_FALSE(fits(node, a_request(3, 1000)));
  EXPECT_TRUE(fits(node, a_request(3, 500)));
  EXPECT_FALSE(fits(node, a_request(1, 1000, 64'001)));
}

TEST(Devices, free_parts_of_two_devices_are_not_one_device) {
  EXPECT_FALSE(fits(a_node({600, 600}), a_request(1, 1000)));
  EXPECT_EQ(free_total(a_node({600, 600})), GpuMilli{1200});
}

TEST(Devices, a_request_that_names_models_fits_on_those_only) {
  EXPECT_TRUE(fits(a_node({1000}), a_request(1, 1000, 1000, {"P100", "T4"})));
  EXPECT_FALSE(fits(a_node({1000}), a_request(1, 1000, 1000, {"P100"})));
}

TEST(Devices, a_pod_without_devices_needs_cpu_only) {
  EXPECT_TRUE(fits(a_node({}), a_request(0, 0)));
  EXPECT_TRUE(fits(a_node({1000}), a_request(0, 0, 1000, {"P100"})));
}

TEST(Devices, best_fit_takes_the_fullest_device_that_has_room) {
  const AcceleratorNode node = a_node({1000, 300, 400, 300});
  EXPECT_EQ(best_fitting(node, a_request(1, 300)), DeviceSet{1});
  EXPECT_EQ(best_fitting(node, a_request(1, 350)), DeviceSet{2});
  EXPECT_EQ(best_fitting(node, a_request(3, 300)), (DeviceSet{1, 2, 3}));
  EXPECT_EQ(best_fitting(node, a_request(2, 1000)), std::nullopt);
}

TEST(Devices, trying_a_placement_takes_the_same_devices_as_doing_it) {
  for (const auto& request : {a_request(1, 1000), a_request(2, 1000), a_request(3, 250), a_request(1, 300)}) {
    AcceleratorNode node = a_node({1000, 300, 400, 1000, 250, 1000});
    FreeDevices tried(node.devices);
    tried.take_best_fitting(request);
    assign(node, request, *best_fitting(node, request));
    const FreeDevices done(node.devices);
    EXPECT_TRUE(std::ranges::equal(tried.values(), done.values())) << request.count << " x " << request.share.v;
  }
}

TEST(Devices, what_is_assigned_comes_back_on_release) {
  AcceleratorNode node = a_node({1000, 1000, 400});
  const AcceleratorRequest shared = a_request(1, 400, 7000);
  const AcceleratorRequest whole = a_request(2, 1000, 9000);
  assign(node, shared, {2});
  assign(node, whole, {0, 1});
  EXPECT_EQ(free_total(node), GpuMilli{0});
  EXPECT_EQ(node.cpu_free, MilliCpu{48'000});
  release(node, shared, {2});
  EXPECT_EQ(node.devices[2].free, GpuMilli{400});
  release(node, whole, {0, 1});
  EXPECT_EQ(free_total(node), GpuMilli{2400});
  EXPECT_EQ(node.cpu_free, MilliCpu{64'000});
}

}   // namespace
}   // namespace ebb::core::accelerators
