// The published examples: Ghodsi et al. (2011), Bhattacharya et al. (2013), and what sorters elsewhere
// are asked.

#include "core/fairness/fairness_testing.h"

#include <gmock/gmock.h>

namespace ebb::core::fairness {
namespace {

using testing::a_queue;
using ::testing::ElementsAre;
using testing::Player;

enum : ResourceId { kCpu, kMemory };

TEST(Drf, ServesBaabaInThePapersExample) {
  Player player(Amounts{9, 18});
  QueueSpec b = a_queue("B");
  b.created = Instant{1};   // the paper breaks the first tie for B
  QueueSpec a = a_queue("A");
  a.created = Instant{2};
  const QueueId id_a = player.queue(a, Amounts{1, 4}, 10);
  const QueueId id_b = player.queue(b, Amounts{3, 1}, 10);

  std::vector<std::pair<int, int>> totals;
  std::vector<std::string> order;
  for (int i = 0; i < 5; ++i) {
    order.push_back(player.play(1).at(0));
    totals.emplace_back(static_cast<int>(player.held("root", kCpu)), static_cast<int>(player.held("root", kMemory)));
  }
  EXPECT_THAT(order, ElementsAre("B", "A", "A", "B", "A"));
  EXPECT_THAT(totals, ElementsAre(std::pair(3, 1), std::pair(4, 5), std::pair(5, 9), std::pair(8, 10), std::pair(9, 14)));
  EXPECT_TRUE(player.play().empty());
  for (const QueueId id : {id_a, id_b}) {
    EXPECT_EQ(to_string(player.tree().share(id)), "2/3");
    EXPECT_EQ(percent(player.tree().share(id)), 67);
  }
}

TEST(Drf, AWeightOfTwoGivesTwiceTheShare) {
  Player player(Amounts{90, 90});
  player.queue(a_queue("a", "", 2), Amounts{1, 0}, 200);
  player.queue(a_queue("b", "", 1), Amounts{1, 1}, 200);
  player.play();
  EXPECT_EQ(player.held("a", kCpu), 60);
  EXPECT_EQ(player.held("b", kCpu), 30);
  EXPECT_EQ(player.held("b", kMemory), 30);
}

TEST(Drf, WeightsAndUnequalTasksTogether) {
  Player player(Amounts{18, 36});
  player.queue(a_queue("A", "", 2), Amounts{1, 4}, 50);
  player.queue(a_queue("B", "", 1), Amounts{3, 1}, 50);
  player.play();
  // x + 3y <= 18, 4x + y <= 36 and 4x / 36 / 2 as near 3y / 18 as tasks allow: x = 8, y = 3.
  EXPECT_EQ(player.held("A", kCpu), 8);
  EXPECT_EQ(player.held("B", kCpu), 9);
}

// Asset fairness evens out the sums of shares; the paper shows what that costs B.
TEST(Drf, KeepsTheSharingIncentiveWhereAssetFairnessBreaksIt) {
  int asset_a = 0;
  int asset_b = 0;
  for (;;) {   // of 30 and 30: A's tasks <1, 3> use up 4/30, B's <1, 1> use up 2/30
    const bool a_next = 4 * asset_a < 2 * asset_b || (4 * asset_a == 2 * asset_b);
    const int a = asset_a + (a_next ? 1 : 0);
    const int b = asset_b + (a_next ? 0 : 1);
    if (a + b > 30 || 3 * a + b > 30) break;
    asset_a = a;
    asset_b = b;
  }
  EXPECT_EQ(asset_a, 6);
  EXPECT_EQ(asset_b, 12);
  EXPECT_LT(asset_b, 15);   // less than half of both resources

  Player player(Amounts{30, 30});
  player.queue(a_queue("A"), Amounts{1, 3}, 50);
  player.queue(a_queue("B"), Amounts{1, 1}, 50);
  player.play();
  EXPECT_GE(player.held("B", kCpu), 15);
  EXPECT_GE(player.held("A", kMemory), 15);
}

TEST(HierarchicalDrf, RescalesAnInnerQueueToItsLowestChild) {
  Player player(Amounts{10, 10});
  player.queue(a_queue("sci"), Amounts{1, 1}, 10);
  player.queue(a_queue("eng"));
  player.queue(a_queue("dev", "eng"), Amounts{1, 0}, 10);
  player.queue(a_queue("prod", "eng"), Amounts{0, 1}, 10);
  player.play();
  EXPECT_EQ(player.held("sci", kCpu), 5);
  EXPECT_EQ(player.held("sci", kMemory), 5);
  EXPECT_EQ(player.held("dev", kCpu), 5);
  EXPECT_EQ(player.held("prod", kMemory), 5);
}

TEST(HierarchicalDrf, ABlockedChildDoesNotHoldItsSiblingsBack) {
  Player player(Amounts{30, 30});
  player.queue(a_queue("q1"), Amounts{1, 0}, 30);
  player.queue(a_queue("q2"), Amounts{1, 0}, 30);
  player.queue(a_queue("q3"));
  player.queue(a_queue("q31", "q3"), Amounts{1, 0}, 30);
  player.queue(a_queue("q32", "q3"), Amounts{0, 1}, 30);
  player.queue(a_queue("q4"), Amounts{0, 1}, 30);
  player.play();
  EXPECT_EQ(player.held("q1", kCpu), 10);
  EXPECT_EQ(player.held("q2", kCpu), 10);
  EXPECT_EQ(player.held("q31", kCpu), 10);
  EXPECT_EQ(player.held("q32", kMemory), 15);
  EXPECT_EQ(player.held("q4", kMemory), 15);
}

// Without rescaling, P's share would be what its child x holds of the memory that nobody else wants,
// and its child y would wait behind S for ever.
TEST(HierarchicalDrf, WhatOneChildTakesOfAnIdleResourceDoesNotStarveItsSibling) {
  Player player(Amounts{100, 100});
  player.queue(a_queue("S"), Amounts{1, 0}, 100);
  player.queue(a_queue("P"));
  const QueueId x = player.queue(a_queue("x", "P"), Amounts{0, 1}, 100);
  for (int i = 0; i < 90; ++i) player.tree().place(x, Amounts{0, 1});
  player.queue(a_queue("y", "P"), Amounts{1, 0}, 100);
  player.play();
  EXPECT_EQ(player.held("y", kCpu), 50);
  EXPECT_EQ(player.held("S", kCpu), 50);
}

TEST(HierarchicalDrf, WeightsHoldAtEveryLevel) {
  Player player(Amounts{120});
  player.queue(a_queue("a", "", 3));
  player.queue(a_queue("b", "", 1), Amounts{1}, 200);
  player.queue(a_queue("a1", "a", 2), Amounts{1}, 200);
  player.queue(a_queue("a2", "a", 1), Amounts{1}, 200);
  player.play();
  EXPECT_EQ(player.held("b", kCpu), 30);
  EXPECT_EQ(player.held("a1", kCpu), 60);
  EXPECT_EQ(player.held("a2", kCpu), 30);
}

TEST(Sorter, EqualSharesGoByWeightThenCreationThenName) {
  Player player(Amounts{100});
  QueueSpec late = a_queue("a");
  late.created = Instant{9};
  player.queue(late, Amounts{1}, 1);
  player.queue(a_queue("c"), Amounts{1}, 1);
  player.queue(a_queue("b"), Amounts{1}, 1);
  player.queue(a_queue("d", "", 5), Amounts{1}, 1);
  EXPECT_THAT(player.play(), ElementsAre("d", "b", "c", "a"));
}

TEST(Sorter, AChangedWeightChangesTheOrder) {
  Player player(Amounts{100});
  const QueueId a = player.queue(a_queue("a"), Amounts{1}, 10);
  const QueueId b = player.queue(a_queue("b"), Amounts{1}, 10);
  for (int i = 0; i < 5; ++i) player.tree().place(a, Amounts{1});
  for (int i = 0; i < 6; ++i) player.tree().place(b, Amounts{1});
  EXPECT_EQ(player.tree().next(), a);
  player.queue(a_queue("b", "", 2));
  EXPECT_EQ(player.tree().next(), b);
  EXPECT_EQ(to_string(player.tree().share(b)), "3/100");
}

TEST(Sorter, AQueueWithChildrenKeepsPodsOfItsOwn) {
  Player player(Amounts{100});
  const QueueId a = player.queue(a_queue("a"), Amounts{1}, 50);
  for (int i = 0; i < 10; ++i) player.tree().place(a, Amounts{1});
  player.queue(a_queue("a1", "a"), Amounts{1}, 50);
  player.play();
  EXPECT_EQ(player.held("a", kCpu), 100);   // 50 of its own and 50 of its child
  EXPECT_EQ(player.held("a1", kCpu), 50);
  EXPECT_EQ(player.tree().pending_pods(a), 0);
}

TEST(Sorter, TheDominantResourceFollowsTheTotal) {
  Player player(Amounts{10, 100});
  const QueueId a = player.queue(a_queue("a"));
  player.tree().add_allocated(a, Amounts{1, 20});
  EXPECT_EQ(to_string(player.tree().held_share(a)), "1/5");
  player.tree().set_total(Amounts{2, 100});
  EXPECT_EQ(to_string(player.tree().held_share(a)), "1/2");
  player.tree().set_total(Amounts{0, 100});   // the CPUs are gone: they say nothing any more
  EXPECT_EQ(to_string(player.tree().held_share(a)), "1/5");
}

TEST(Sorter, PrioritiesComeBeforeSharesAndWhatIsOwedComesBeforeBoth) {
  Player player(Amounts{100});
  QueueSpec high = a_queue("high");
  high.priority = 10;
  QueueSpec owed = a_queue("owed");
  owed.deserved = Bounds{20};
  player.queue(high, Amounts{1}, 70);
  player.queue(owed, Amounts{1}, 200);
  player.queue(a_queue("low"), Amounts{1}, 200);
  const std::vector<std::string> served = player.play();
  EXPECT_TRUE(std::all_of(served.begin(), served.begin() + 20, [](const std::string& name) { return name == "owed"; }));
  EXPECT_TRUE(std::all_of(served.begin() + 20, served.begin() + 90, [](const std::string& name) { return name == "high"; }));
  EXPECT_EQ(player.held("low", kCpu), 10);   // below 20/100: before "owed", which has what it deserves
}

TEST(Sorter, SharesThatDifferByOneUnitOfAnExabyteAreNotEqual) {
  constexpr std::int64_t kHuge = std::int64_t{1} << 60;
  Player player(Amounts{kHuge, kHuge - 1});
  const QueueId a = player.queue(a_queue("a", "", 999'983), Amounts{1, 1}, 1);
  const QueueId b = player.queue(a_queue("b", "", 999'983), Amounts{1, 1}, 1);
  player.tree().add_allocated(a, Amounts{0, kHuge / 2});
  player.tree().add_allocated(b, Amounts{kHuge / 2, 0});
  EXPECT_LT(player.tree().share(b), player.tree().share(a));   // the same amount of slightly more
  EXPECT_EQ(player.tree().next(), b);
}

TEST(Sorter, SumsBeyondSixtyFourBitsDoNotWrap) {
  Player player(Amounts{100});
  const QueueId a = player.queue(a_queue("a"), Amounts{1}, 1);
  const QueueId b = player.queue(a_queue("b"), Amounts{1}, 1);
  for (int i = 0; i < 8; ++i) player.tree().add_allocated(a, Amounts{INT64_MAX});
  player.tree().add_allocated(b, Amounts{99});
  EXPECT_EQ(player.tree().next(), b);
  EXPECT_EQ(percent(player.tree().share(a)), 1'000'000'000);
}

}   // namespace
}   // namespace ebb::core::fairness
