#include "core/fairness/reclaim.h"

#include "core/fairness/fairness_testing.h"
#include "core/fairness/preemption.h"

#include <gmock/gmock.h>

namespace ebb::core::fairness {
namespace {

using testing::a_queue;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

QueueSpec deserves(std::string name, std::int64_t amount, std::string parent = "") {
  QueueSpec spec = a_queue(std::move(name), std::move(parent));
  spec.deserved = Bounds{amount};
  return spec;
}

struct Reclaim : ::testing::Test {
  QueueTree tree;
  std::vector<Candidate> pods;
  std::map<std::string, QueueId> ids;

  Reclaim() { tree.set_total(Amounts{100, 100}); }
  void queue(const QueueSpec& spec) {
    ASSERT_TRUE(tree.upsert(spec).has_value());
    ids[spec.name] = *tree.find(spec.name);
  }
  Candidate& runs(const std::string& queue, const std::string& id, const Amounts& amounts, std::int32_t priority = 0,
                  bool critical = false) {
    tree.add_allocated(ids.at(queue), amounts, critical);
    pods.push_back({.id = id, .queue = ids.at(queue), .amounts = amounts, .priority = priority, .critical = critical});
    return pods.back();
  }
  // The names of the victims, or why there are none.
  std::vector<std::string> reclaim(const std::string& queue, const Amounts& request, const Amounts& lacking) {
    tree.add_pending(ids.at(queue), request);
    const auto plan = plan_reclaim(tree, {.queue = ids.at(queue), .request = request, .lacking = lacking}, pods);
    tree.remove_pending(ids.at(queue), request);
    if (!plan) return {"refused: " + plan.error().message};
    std::vector<std::string> out;
    for (const std::size_t victim : *plan) out.push_back(pods[victim].id);
    return out;
  }
};

TEST_F(Reclaim, TakesBackWhatWasLent) {
  queue(deserves("a", 60));
  queue(deserves("b", 40));
  for (int i = 0; i < 10; ++i) runs("b", "b" + std::to_string(i), Amounts{10});   // b has borrowed all that a does not use
  EXPECT_THAT(reclaim("a", Amounts{10}, Amounts{10}), ElementsAre("b0"));
  EXPECT_THAT(reclaim("a", Amounts{60}, Amounts{60}), ElementsAre("b0", "b1", "b2", "b3", "b4", "b5"));
  EXPECT_THAT(reclaim("a", Amounts{61}, Amounts{61}), ElementsAre("refused: queue \"a\" would hold more than it deserves"));
}

TEST_F(Reclaim, NeverBelowWhatTheVictimDeserves) {
  queue(deserves("a", 60));
  queue(deserves("b", 40));
  for (int i = 0; i < 4; ++i) runs("b", "b" + std::to_string(i), Amounts{15});   // 60: one may go, 45 stays; the next would leave 30
  runs("a", "a0", Amounts{40});
  EXPECT_THAT(reclaim("a", Amounts{15}, Amounts{15}), ElementsAre("b0"));
  EXPECT_THAT(reclaim("a", Amounts{20}, Amounts{20}),
              ElementsAre("refused: queue \"a\" misses 20 of resource 0, and nobody may be made to give that back"));
}

TEST_F(Reclaim, TakesLowPriorityThenLateStartsThenIds) {
  queue(deserves("a", 60));
  queue(deserves("b", 40));
  runs("b", "old", Amounts{20}, 0).started = Instant{1};
  runs("b", "new", Amounts{20}, 0).started = Instant{9};
  runs("b", "important", Amounts{20}, 5).started = Instant{9};
  runs("b", "y", Amounts{20}, 0).started = Instant{5};
  runs("b", "x", Amounts{20}, 0).started = Instant{5};
  EXPECT_THAT(reclaim("a", Amounts{60}, Amounts{60}), ElementsAre("new", "x", "y"));
}

TEST_F(Reclaim, TakesFromTheQueueThatIsFurthestAbove) {
  queue(deserves("a", 40));
  queue(deserves("b", 30));
  queue(deserves("c", 30));
  for (int i = 0; i < 6; ++i) runs("b", "b" + std::to_string(i), Amounts{10});
  for (int i = 0; i < 4; ++i) runs("c", "c" + std::to_string(i), Amounts{10});
  EXPECT_THAT(reclaim("a", Amounts{30}, Amounts{30}), ElementsAre("b0", "b1", "b2"));   // 60, 50, 40 against 40
  EXPECT_THAT(reclaim("a", Amounts{40}, Amounts{40}), ElementsAre("b0", "b1", "b2", "c0"));
}

TEST_F(Reclaim, SparesWhoeverIsNotNeeded) {
  queue(deserves("a", 60));
  queue(deserves("b", 40));
  runs("b", "small", Amounts{5}).started = Instant{9};
  runs("b", "large", Amounts{30}).started = Instant{5};
  runs("b", "rest", Amounts{65}, 9);
  EXPECT_THAT(reclaim("a", Amounts{30}, Amounts{30}), ElementsAre("large"));   // "small" goes first, then turns out to be of no use
}

TEST_F(Reclaim, FindsTheOneThatIsEnoughWhereGoingInOrderWouldUseUpTheSurplus) {
  queue(deserves("a", 60));
  queue(deserves("b", 40));
  runs("b", "one", Amounts{1}, 0);
  runs("b", "two", Amounts{1}, 0);
  runs("b", "ten", Amounts{10}, 1);
  runs("b", "rest", Amounts{38}, 2);   // 50: ten may go
  EXPECT_THAT(reclaim("a", Amounts{10}, Amounts{10}), ElementsAre("ten"));
}

TEST_F(Reclaim, AQueueThatIsNotReclaimableLendsForGood) {
  queue(deserves("a", 60));
  QueueSpec b = deserves("b", 40);
  b.reclaimable = false;
  queue(b);
  for (int i = 0; i < 10; ++i) runs("b", "b" + std::to_string(i), Amounts{10});
  EXPECT_THAT(reclaim("a", Amounts{10}, Amounts{10}), ElementsAre(HasSubstr("nobody may be made to give that back")));
}

TEST_F(Reclaim, NeitherGuaranteeNorFloorIsTouched) {
  queue(deserves("a", 60));
  QueueSpec b = a_queue("b");
  b.deserved = Bounds{10};
  b.guarantee = Bounds{Bounds::kUnstated, 30};
  b.floor = Amounts{25};
  queue(b);
  tree.set_total(Amounts{125, 100});                                                 // 25 are kept free for critical pods of b
  for (int i = 0; i < 5; ++i) runs("b", "b" + std::to_string(i), Amounts{20, 10});   // 100, 50
  // Of resource 0 there could go 80, by the floor 60, by the guarantee of resource 1 only two pods.
  EXPECT_THAT(reclaim("a", Amounts{40}, Amounts{40}), ElementsAre("b0", "b1"));
  EXPECT_THAT(reclaim("a", Amounts{60}, Amounts{60}), ElementsAre(HasSubstr("refused")));
}

TEST_F(Reclaim, CriticalPodsGoLastAndNeverOutOfTheFloor) {
  queue(deserves("a", 60));
  QueueSpec b = deserves("b", 10);
  b.floor = Amounts{10};
  queue(b);
  runs("b", "c0", Amounts{10}, 0, true);
  runs("b", "c1", Amounts{10}, 0, true);
  runs("b", "n0", Amounts{10}, 9);
  EXPECT_THAT(reclaim("a", Amounts{10}, Amounts{10}), ElementsAre("n0"));
  EXPECT_THAT(reclaim("a", Amounts{20}, Amounts{20}), ElementsAre("n0", "c0"));
  EXPECT_THAT(reclaim("a", Amounts{30}, Amounts{30}), ElementsAre(HasSubstr("refused")));
}

TEST_F(Reclaim, WithoutStatedPartsWeightsDecide) {
  queue(a_queue("a", "", 1));
  queue(a_queue("b", "", 3));
  for (int i = 0; i < 10; ++i) runs("b", "b" + std::to_string(i), Amounts{10});
  tree.add_pending(ids.at("b"), Amounts{100});
  tree.add_pending(ids.at("a"), Amounts{100});
  EXPECT_THAT(reclaim("a", Amounts{10}, Amounts{10}), ElementsAre("b0"));
  EXPECT_THAT(reclaim("a", Amounts{20}, Amounts{20}), ElementsAre("b0", "b1"));
  EXPECT_THAT(reclaim("a", Amounts{30}, Amounts{30}), ElementsAre(HasSubstr("more than it deserves")));   // 25 it would be
}

TEST_F(Reclaim, IsBetweenBranchesWhenTheLenderIsElsewhere) {
  queue(a_queue("left"));
  queue(a_queue("right"));
  queue(a_queue("l1", "left"));
  queue(a_queue("l2", "left"));
  queue(a_queue("r1", "right"));
  for (int i = 0; i < 3; ++i) runs("l1", "l1-" + std::to_string(i), Amounts{10});
  for (int i = 0; i < 7; ++i) runs("r1", "r1-" + std::to_string(i), Amounts{10});
  tree.add_pending(ids.at("l1"), Amounts{100});
  tree.add_pending(ids.at("r1"), Amounts{100});
  tree.add_pending(ids.at("l2"), Amounts{100});
  // left holds 30 of its 50: l2 takes from right, where 70 are held.
  EXPECT_THAT(reclaim("l2", Amounts{10}, Amounts{10}), ElementsAre("r1-0"));
  // Once left has its 50, it is l1's turn to give.
  for (int i = 0; i < 2; ++i) {
    tree.remove_allocated(ids.at("r1"), Amounts{10});
    pods.pop_back();
  }
  runs("l1", "l1-3", Amounts{10});
  runs("l1", "l1-4", Amounts{10});
  EXPECT_THAT(reclaim("l2", Amounts{10}, Amounts{10}), ElementsAre("l1-0"));
}

TEST_F(Reclaim, ACapAboveWantsSomethingBackFromSiblingsOnly) {
  QueueSpec org = a_queue("org");
  org.cap = Bounds{40};
  queue(org);
  queue(a_queue("x", "org"));
  queue(a_queue("y", "org"));
  queue(a_queue("z"));
  for (int i = 0; i < 4; ++i) runs("x", "x" + std::to_string(i), Amounts{10});
  for (int i = 0; i < 5; ++i) runs("z", "z" + std::to_string(i), Amounts{10});
  // 10 are free, but not for org.
  EXPECT_THAT(reclaim("y", Amounts{10}, Amounts{}), ElementsAre("x0"));
  EXPECT_THAT(reclaim("z", Amounts{10}, Amounts{}), IsEmpty());
}

TEST_F(Reclaim, WhatTheVictimsQueueHasLittleOfDoesNotProtectWhatItHasTooMuchOf) {
  QueueSpec a = a_queue("a");
  a.deserved = Bounds{50, 50};
  QueueSpec b = a_queue("b");
  b.deserved = Bounds{50, 50};
  queue(a);
  queue(b);
  tree.add_pending(ids.at("b"), Amounts{0, 60});
  for (int i = 0; i < 10; ++i) runs("b", "b" + std::to_string(i), Amounts{10, 1});   // 100 and 10
  EXPECT_THAT(reclaim("a", Amounts{10, 1}, Amounts{10}), ElementsAre("b0"));
  EXPECT_THAT(reclaim("a", Amounts{0, 1}, Amounts{0, 1}), ElementsAre(HasSubstr("refused")));   // of that b has too little
}

TEST_F(Reclaim, TheVictimsQueueMayNotTakeTheSameBack) {
  queue(deserves("a", 50));
  queue(deserves("b", 50));
  for (int i = 0; i < 10; ++i) runs("b", "b" + std::to_string(i), Amounts{10});
  ASSERT_THAT(reclaim("a", Amounts{10}, Amounts{10}), ElementsAre("b0"));
  for (int i = 0; i < 5; ++i) {
    tree.remove_allocated(ids.at("b"), Amounts{10});
    tree.add_pending(ids.at("b"), Amounts{10});
    pods.erase(pods.begin());
    runs("a", "a" + std::to_string(i), Amounts{10});
    EXPECT_THAT(reclaim("b", Amounts{10}, Amounts{10}), ElementsAre(HasSubstr("more than it deserves")));
  }
}

// Per resource "a" is below its half of the CPUs and "b" above; by dominant share they are equal, and
// whatever "a" took would be given to "b" as soon as something is free.
TEST_F(Reclaim, DoesNotWorkAgainstTheOrderOfService) {
  tree.set_total(Amounts{18, 36});
  queue(a_queue("a"));
  queue(a_queue("b"));
  for (int i = 0; i < 6; ++i) runs("a", "a" + std::to_string(i), Amounts{1, 4});
  for (int i = 0; i < 12; ++i) runs("b", "b" + std::to_string(i), Amounts{1, 0});
  tree.add_pending(ids.at("a"), Amounts{10, 40});
  tree.add_pending(ids.at("b"), Amounts{10, 0});
  EXPECT_EQ(tree.deserved(ids.at("a"), 0), 9);
  EXPECT_EQ(tree.share(ids.at("a")), tree.share(ids.at("b")));
  EXPECT_THAT(reclaim("a", Amounts{1, 4}, Amounts{1}), ElementsAre(HasSubstr("nobody may be made to give that back")));
}

// The numbers of docs/queues.md.
TEST_F(Reclaim, TheExampleOfTheUsersPage) {
  QueueSpec online = deserves("online", 40);
  online.guarantee = Bounds{20};
  queue(online);
  queue(deserves("batch", 40));
  queue(a_queue("lab"));
  const auto held = [&](const std::string& name) { return static_cast<int>(tree.allocated(ids.at(name), 0)); };
  const auto wants = [&](const std::string& name, int pods_wanted) {
    for (int i = 0; i < pods_wanted; ++i) tree.add_pending(ids.at(name), Amounts{10});
  };
  // Pods of 10, placed where the queue may, else by reclaim; what had to go waits again.
  const auto start = [&](const std::string& name) -> std::string {
    const ReclaimAsk ask{.queue = ids.at(name), .request = Amounts{10}, .lacking = Amounts{}};
    const auto victims = plan_reclaim(tree, ask, pods);
    if (!victims) return victims.error().message;
    for (const std::size_t victim : *victims) {
      tree.unplace(pods[victim].queue, pods[victim].amounts);
      pods.erase(pods.begin() + static_cast<std::ptrdiff_t>(victim));
    }
    tree.place(ids.at(name), Amounts{10});
    pods.push_back({.id = std::to_string(pods.size()), .queue = ids.at(name), .amounts = Amounts{10}});
    return "";
  };

  wants("batch", 20);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(tree.refusal(ids.at("batch"), Amounts{10}) ? "" : start("batch"), "");
  EXPECT_EQ(held("batch"), 80);   // it borrows all but what online is guaranteed
  EXPECT_TRUE(tree.refusal(ids.at("batch"), Amounts{10}));

  wants("online", 6);
  EXPECT_TRUE(tree.may_allocate(ids.at("online"), Amounts{20}));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(start("online"), "");
  EXPECT_EQ(held("online"), 40);
  EXPECT_EQ(held("batch"), 60);
  EXPECT_EQ(start("online"), "");   // of the 20 that nobody states as his own
  EXPECT_EQ(held("batch"), 50);
  EXPECT_EQ(start("online"), "queue \"online\" would hold more than it deserves");

  wants("lab", 10);
  EXPECT_EQ(tree.deserved(ids.at("lab"), 0), 20);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(start("lab"), "");
  EXPECT_EQ(start("lab"), "queue \"lab\" would hold more than it deserves");
  EXPECT_EQ(held("online"), 40);
  EXPECT_EQ(held("batch"), 40);
  EXPECT_EQ(held("lab"), 20);
  EXPECT_EQ(start("batch"), "queue \"batch\" would hold more than it deserves");
}

TEST_F(Reclaim, PreemptionIsInsideOneQueueAndByPriorityOnly) {
  QueueSpec a = a_queue("a");
  a.floor = Amounts{10};
  queue(a);
  queue(a_queue("b"));
  const Candidate low = runs("a", "low", Amounts{10}, 1);
  const Candidate critical = runs("a", "critical", Amounts{10}, 1, true);
  const Candidate other = runs("b", "other", Amounts{10}, 0);
  const Preemptor preemptor{.queue = ids.at("a"), .priority = 5};
  EXPECT_TRUE(may_preempt(tree, preemptor, low).has_value());
  EXPECT_FALSE(may_preempt(tree, {.queue = ids.at("a"), .priority = 1}, low).has_value());
  EXPECT_THAT(may_preempt(tree, preemptor, other).error().message, HasSubstr("only reclaim reaches other queues"));
  EXPECT_THAT(may_preempt(tree, preemptor, critical).error().message, HasSubstr("within the floor"));
  EXPECT_TRUE(may_preempt(tree, {.queue = ids.at("a"), .priority = 5, .critical = true}, critical).has_value());
  runs("a", "more", Amounts{10}, 1, true);   // now critical pods hold more than the floor
  EXPECT_TRUE(may_preempt(tree, preemptor, critical).has_value());
}

}   // namespace
}   // namespace ebb::core::fairness
