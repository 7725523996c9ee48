#include "core/accelerators/typical_pods.h"

#include <gtest/gtest.h>

namespace ebb::core::accelerators {
namespace {

AcceleratorRequest a_request(std::int64_t cpu, std::int32_t count = 1, std::int64_t share = 1000) {
  return {.cpu = MilliCpu{cpu}, .count = count, .share = GpuMilli{share}, .models = {}};
}

TEST(PodHistory, keeps_the_most_popular_requests_that_make_up_the_cut) {
  PodHistory history;
  history.saw(a_request(1000), 60);
  history.saw(a_request(2000), 34);
  history.saw(a_request(3000), 5);
  history.saw(a_request(4000), 1);
  const TypicalPods typical = history.typical();
  ASSERT_EQ(typical.pods.size(), 3u) << "94 of 100 are not yet 95 %";
  EXPECT_EQ(typical.pods[0].request, a_request(1000));
  EXPECT_EQ(typical.pods[2].request, a_request(3000));
  EXPECT_EQ(typical.weight_total, 99);
}

TEST(PodHistory, orders_equally_popular_requests_by_size_whatever_came_first) {
  PodHistory forward;
  PodHistory backward;
  for (const std::int64_t cpu : {1000, 2000, 3000}) forward.saw(a_request(cpu));
  for (const std::int64_t cpu : {3000, 2000, 1000}) backward.saw(a_request(cpu));
  for (const PodHistory& history : {forward, backward}) {
    const TypicalPods typical = history.typical(Permille{500});
    ASSERT_EQ(typical.pods.size(), 2u);
    EXPECT_EQ(typical.pods[0].request, a_request(3000));
    EXPECT_EQ(typical.pods[1].request, a_request(2000));
  }
}

TEST(PodHistory, halves_every_count_and_forgets_what_came_once) {
  PodHistory history;
  history.saw(a_request(1000), 7);
  history.saw(a_request(2000), 1);
  history.halve();
  EXPECT_EQ(history.total(), 3);
  const TypicalPods typical = history.typical();
  ASSERT_EQ(typical.pods.size(), 1u);
  EXPECT_EQ(typical.pods.front().weight, 3);
}

TEST(PodHistory, knows_nothing_before_the_first_pod) {
  const TypicalPods typical = PodHistory().typical();
  EXPECT_TRUE(typical.pods.empty());
  EXPECT_EQ(typical.weight_total, 0);
}

}   // namespace
}   // namespace ebb::core::accelerators
