#include "sim/fgd/published_fgd.h"

#include "base/rng.h"
#include "core/accelerators/fragmentation.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace ebb::sim::fgd {
namespace {

using namespace core::accelerators;

AcceleratorRequest random_request(Rng& rng) {
  AcceleratorRequest request{.cpu = MilliCpu{rng.between(1, 12) * 1000}, .count = 1, .share = kWholeDevice, .models = {}};
  if (rng.chance(Permille{400})) request.share = GpuMilli{rng.between(1, 99) * 10};
  if (rng.chance(Permille{100})) request = {.cpu = request.cpu, .count = 0, .share = {}, .models = {}};
  if (request.count == 1 && rng.chance(Permille{200})) request.models = {"T4", "P100"};
  if (request.share == kWholeDevice && rng.chance(Permille{200})) request.count = 2;
  return request;
}

TEST(PublishedFgd, differs_from_the_score_without_roundings_by_a_rounding_at_most) {
  Rng rng(11);
  PodHistory history;
  for (int i = 0; i < 60; ++i) history.saw(random_request(rng), rng.between(1, 50));
  const TypicalPods typical = history.typical();
  int compared = 0;
  for (int round = 0; round < 3000; ++round) {
    AcceleratorNode node{.model = rng.chance(Permille{500}) ? "T4" : "G2", .cpu_free = MilliCpu{rng.between(0, 60) * 1000}, .devices = {}};
    for (std::int64_t i = rng.between(1, 8); i > 0; --i) {
      node.devices.push_back({.free = GpuMilli{rng.chance(Permille{500}) ? 1000 : rng.between(0, 99) * 10}, .memory = {}, .group = 0});
    }
    const AcceleratorRequest request = random_request(rng);
    if (!fits(node, request)) continue;
    ++compared;
    const NodeScore exact = fgd_score(ModelDemand(typical, node.model), node, request);
    const NodeScore published = PublishedFgd(typical, history.total(), node.model).score(node, request);
    ASSERT_LE(std::abs(exact.score - published.score), 1);
  }
  EXPECT_GT(compared, 1000);
}

}   // namespace
}   // namespace ebb::sim::fgd
