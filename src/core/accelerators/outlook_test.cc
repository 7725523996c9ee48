#include "core/accelerators/outlook.h"

#include <gtest/gtest.h>

namespace ebb::core::accelerators {
namespace {

AcceleratorRequest a_request(std::int64_t cpu) { return {.cpu = MilliCpu{cpu}, .count = 1, .share = kWholeDevice, .models = {}}; }

TEST(Outlooks, change_when_the_history_has_doubled) {
  Outlooks outlooks({});
  std::vector<int> changed;
  for (int pod = 1; pod <= 40; ++pod) {
    if (outlooks.saw(a_request(1000))) changed.push_back(pod);
  }
  EXPECT_EQ(changed, (std::vector<int>{1, 2, 4, 8, 16, 32}));
}

TEST(Outlooks, expect_what_was_seen_up_to_the_last_change) {
  Outlooks outlooks({});
  outlooks.saw(a_request(1000));
  outlooks.saw(a_request(2000));
  EXPECT_EQ(outlooks.of("T4").demand.weight_total(), 2);
  outlooks.saw(a_request(3000));
  EXPECT_EQ(outlooks.of("T4").demand.weight_total(), 2);
  outlooks.saw(a_request(3000));
  EXPECT_EQ(outlooks.of("T4").demand.weight_total(), 4);
}

TEST(Outlooks, relearn_regularly_and_let_old_pods_fade) {
  Outlooks outlooks({});
  std::int64_t since = 0;
  std::int64_t longest = 0;
  for (std::int64_t pod = 0; pod < 6 * Outlooks::kRemembered; ++pod) {
    ++since;
    longest = std::max(longest, since);
    if (outlooks.saw(a_request(pod < Outlooks::kRemembered ? 1000 : 2000))) since = 0;
    ASSERT_LE(outlooks.history().total(), Outlooks::kRemembered);
  }
  EXPECT_EQ(longest, Outlooks::kRelearnAfter);
  const TypicalPods typical = outlooks.history().typical();
  ASSERT_EQ(typical.pods.size(), 1u) << "less than 5 % of the memory is old";
  EXPECT_EQ(typical.pods.front().request, a_request(2000));
}

}   // namespace
}   // namespace ebb::core::accelerators
