#include "core/affinity/tally.h"
#include "core/affinity/lowest_count.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>

namespace ebb::core::affinity {
namespace {

TEST(TallyProperty, CountsAsAMapDoesForKeysCloseTogetherAndFarApart) {
  EXPECT_TRUE(rc::check([] {
    const auto range = *rc::gen::element(8u, 40u, 600u, 100'000u);
    Tally tally;
    std::map<std::uint32_t, std::int32_t> expected;
    const auto steps = *rc::gen::resize(400, rc::gen::container<std::vector<std::pair<std::uint32_t, std::int32_t>>>(
                                                 rc::gen::pair(rc::gen::inRange(0u, range), rc::gen::inRange(-2, 4))));
    for (const auto& [key, by] : steps) {
      const std::int32_t now = expected[key] += by;
      if (now == 0) expected.erase(key);
      RC_ASSERT(tally.add(key, by) == now);
      RC_ASSERT(tally.empty() == expected.empty());
    }
    for (const auto& [key, count] : expected) RC_ASSERT(tally.get(key) == count);
    std::map<std::uint32_t, std::int32_t> seen;
    tally.for_each([&](std::uint32_t key, std::int32_t count) { RC_ASSERT(seen.emplace(key, count).second); });
    RC_ASSERT(seen == expected);
  }));
}

TEST(LowestCountProperty, IsTheLeastOfAllMembers) {
  EXPECT_TRUE(rc::check([](const std::vector<std::pair<bool, std::uint8_t>>& steps) {
    LowestCount lowest;
    std::multiset<std::int32_t> expected;
    for (const auto& [join, number] : steps) {
      if (join || expected.empty()) {
        lowest.join(number);
        expected.insert(number);
      } else {
        const auto member = std::next(expected.begin(), number % static_cast<std::ptrdiff_t>(expected.size()));
        const std::int32_t to = *member == 0 || number % 3 != 0 ? *member + 1 : *member - 1;
        if (number % 5 == 0) {
          lowest.leave(*member);
        } else {
          lowest.move(*member, to);
          expected.insert(to);
        }
        expected.erase(member);
      }
      RC_ASSERT(lowest.members() == expected.size());
      RC_ASSERT(lowest.lowest() == (expected.empty() ? 0 : *expected.begin()));
    }
  }));
}

}   // namespace
}   // namespace ebb::core::affinity
