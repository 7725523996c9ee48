#include "core/fairness/fairness_testing.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ebb::core::fairness {
namespace {

using testing::a_queue;

struct Deserved : ::testing::Test {
  QueueTree tree;
  QueueId queue(const QueueSpec& spec, std::int64_t wants = 0) {
    EXPECT_TRUE(tree.upsert(spec).has_value());
    const QueueId id = *tree.find(spec.name);
    if (wants > 0) tree.add_pending(id, Amounts{wants});
    return id;
  }
  std::int64_t of(QueueId id) const { return tree.deserved(id, 0); }
};

TEST_F(Deserved, FollowsTheWeights) {
  tree.set_total(Amounts{100});
  const QueueId a = queue(a_queue("a", "", 3), 1000);
  const QueueId b = queue(a_queue("b", "", 1), 1000);
  EXPECT_EQ(of(a), 75);
  EXPECT_EQ(of(b), 25);
}

TEST_F(Deserved, WhatOneDoesNotWantGoesToTheOthers) {
  tree.set_total(Amounts{100});
  const QueueId a = queue(a_queue("a"), 10);
  const QueueId b = queue(a_queue("b"), 1000);
  const QueueId c = queue(a_queue("c"), 1000);
  EXPECT_EQ(of(a), 10);
  EXPECT_EQ(of(b), 45);
  EXPECT_EQ(of(c), 45);
}

TEST_F(Deserved, IsNoLessThanTheGuaranteeEvenWithoutDemandAndNoMoreThanTheCap) {
  tree.set_total(Amounts{100});
  QueueSpec g = a_queue("g");
  g.guarantee = Bounds{40};
  QueueSpec c = a_queue("c");
  c.cap = Bounds{15};
  const QueueId guaranteed = queue(g);
  const QueueId capped = queue(c, 1000);
  const QueueId other = queue(a_queue("o"), 1000);
  EXPECT_EQ(of(guaranteed), 40);
  EXPECT_EQ(of(capped), 15);
  EXPECT_EQ(of(other), 45);
}

TEST_F(Deserved, StatedPartsComeBeforeTheRest) {
  tree.set_total(Amounts{100});
  QueueSpec a = a_queue("a");
  a.deserved = Bounds{60};
  QueueSpec b = a_queue("b");
  b.deserved = Bounds{20};
  const QueueId id_a = queue(a, 1000);
  const QueueId id_b = queue(b, 1000);
  const QueueId id_c = queue(a_queue("c"), 1000);
  EXPECT_EQ(of(id_a), 60);   // of the 20 that are left the lowest get most
  EXPECT_EQ(of(id_b), 20);
  EXPECT_EQ(of(id_c), 20);
  tree.set_total(Amounts{40});   // not enough: cut in proportion
  EXPECT_EQ(of(id_a), 30);
  EXPECT_EQ(of(id_b), 10);
  EXPECT_EQ(of(id_c), 0);
}

TEST_F(Deserved, GuaranteesAreCutInProportionWhenTheClusterShrinks) {
  tree.set_total(Amounts{30});
  QueueSpec a = a_queue("a");
  a.guarantee = Bounds{40};
  QueueSpec b = a_queue("b");
  b.guarantee = Bounds{20};
  const QueueId id_a = queue(a, 1000);
  const QueueId id_b = queue(b, 1000);
  EXPECT_EQ(of(id_a), 20);
  EXPECT_EQ(of(id_b), 10);
}

TEST_F(Deserved, HighPriorityTakesTheRestFirst) {
  tree.set_total(Amounts{100});
  QueueSpec high = a_queue("high");
  high.priority = 1;
  QueueSpec low = a_queue("low");
  low.guarantee = Bounds{10};
  const QueueId id_high = queue(high, 70);
  const QueueId id_low = queue(low, 1000);
  EXPECT_EQ(of(id_high), 70);
  EXPECT_EQ(of(id_low), 30);
  tree.add_pending(id_high, Amounts{1000});
  EXPECT_EQ(of(id_high), 90);
  EXPECT_EQ(of(id_low), 10);
}

TEST_F(Deserved, IsDividedLevelByLevelAndAQueuesOwnPodsCountAsOneChild) {
  tree.set_total(Amounts{120});
  const QueueId a = queue(a_queue("a"), 1000);
  queue(a_queue("b"), 1000);
  const QueueId a1 = queue(a_queue("a1", "a", 2), 1000);
  EXPECT_EQ(of(a), 60);
  EXPECT_EQ(of(a1), 40);
  EXPECT_EQ(of(tree.path(a).front()), 20);
}

RC_GTEST_PROP(DeservedProperty, PlacingAndTakingBackDoesNotChangeIt, ()) {
  QueueTree tree;
  tree.set_total(Amounts{*rc::gen::inRange(0, 200), *rc::gen::inRange(0, 200)});
  std::vector<std::pair<QueueId, Amounts>> pods;
  for (int i = 0; i < 6; ++i) {
    QueueSpec spec = a_queue(std::string(1, static_cast<char>('a' + i)), i > 2 ? "a" : "", *rc::gen::inRange(1, 5));
    if (*rc::gen::inRange(0, 3) == 0) spec.cap.set(0, *rc::gen::inRange(0, 50));
    if (*rc::gen::inRange(0, 3) == 0) spec.guarantee.set(1, *rc::gen::inRange(0, 50));
    (void)tree.upsert(spec);
  }
  for (int i = 0; i < 20; ++i) {
    const auto ids = tree.queues();
    pods.emplace_back(*rc::gen::elementOf(ids), Amounts{*rc::gen::inRange(0, 30), *rc::gen::inRange(0, 30)});
    tree.add_pending(pods.back().first, pods.back().second);
  }
  const auto all = [&] {
    std::vector<std::int64_t> out;
    for (const QueueId id : tree.queues()) {
      for (ResourceId r = 0; r < 2; ++r) out.push_back(tree.deserved(id, r));
    }
    return out;
  };
  const std::vector<std::int64_t> before = all();
  for (const auto& [id, pod] : pods) {
    if (*rc::gen::inRange(0, 2) == 0) tree.place(id, pod);
  }
  RC_ASSERT(all() == before);
  // Worked out from nothing by a fresh tree's set_total it is the same: nothing stale is kept.
  const Amounts total = tree.total();
  tree.set_total(Amounts{});
  (void)all();
  tree.set_total(total);
  RC_ASSERT(all() == before);
}

}   // namespace
}   // namespace ebb::core::fairness
