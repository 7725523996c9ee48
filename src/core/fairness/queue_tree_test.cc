#include "core/fairness/queue_tree.h"

#include "core/fairness/fairness_testing.h"

#include <gmock/gmock.h>

namespace ebb::core::fairness {
namespace {

using testing::a_queue;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string refusal_of(QueueTree& tree, const QueueSpec& spec) {
  const Status status = tree.upsert(spec);
  return status ? "" : status.error().message;
}

QueueSpec guaranteed(std::string name, std::string parent, std::int64_t amount) {
  QueueSpec spec = a_queue(std::move(name), std::move(parent));
  spec.guarantee = Bounds{amount};
  return spec;
}

QueueSpec capped(std::string name, std::string parent, std::int64_t amount) {
  QueueSpec spec = a_queue(std::move(name), std::move(parent));
  spec.cap = Bounds{amount};
  return spec;
}

struct QueueTreeTest : ::testing::Test {
  QueueTree tree;
  QueueId queue(const QueueSpec& spec) {
    EXPECT_EQ(refusal_of(tree, spec), "");
    return *tree.find(spec.name);
  }
  std::string why_not(QueueId id, const Amounts& request, bool critical = false) const {
    const std::optional<Refusal> refusal = tree.refusal(id, request, critical);
    return refusal ? words(*refusal) : "";
  }
};

TEST_F(QueueTreeTest, RefusesAnUnknownParentAndKeepsNothingOfIt) {
  EXPECT_EQ(refusal_of(tree, a_queue("a", "nobody")), "queue \"a\": its parent \"nobody\" does not exist");
  EXPECT_FALSE(tree.find("a"));
  EXPECT_EQ(tree.size(), 1u);
}

TEST_F(QueueTreeTest, RefusesCycles) {
  queue(a_queue("a"));
  queue(a_queue("b", "a"));
  queue(a_queue("c", "b"));
  EXPECT_THAT(refusal_of(tree, a_queue("a", "c")), HasSubstr("its parent \"c\" is the queue itself or below it"));
  EXPECT_THAT(refusal_of(tree, a_queue("a", "a")), HasSubstr("is the queue itself"));
  EXPECT_THAT(refusal_of(tree, a_queue("root", "a")), HasSubstr("the root has no parent"));
  EXPECT_EQ(tree.spec(*tree.find("a")).parent, "root");
}

TEST_F(QueueTreeTest, RefusesGuaranteesBelowAQueueThatSumAboveItsOwn) {
  queue(guaranteed("a", "", 10));
  queue(guaranteed("b", "a", 6));
  EXPECT_EQ(refusal_of(tree, guaranteed("c", "a", 5)),
            "queue \"c\": below \"a\" 11 of resource 0 would be guaranteed, which is more than its own guarantee of 10");
  queue(guaranteed("c", "a", 4));
  EXPECT_THAT(refusal_of(tree, guaranteed("b", "a", 7)), HasSubstr("would be guaranteed"));
  EXPECT_THAT(refusal_of(tree, guaranteed("a", "", 9)), HasSubstr("more than its own guarantee of 9"));
  EXPECT_EQ(tree.spec(*tree.find("b")).guarantee.value_or(0, 0), 6);
}

TEST_F(QueueTreeTest, RefusesGuaranteesThatSumAboveACapFurtherUp) {
  queue(capped("a", "", 10));
  queue(a_queue("b", "a"));
  queue(guaranteed("c", "b", 6));
  EXPECT_THAT(refusal_of(tree, guaranteed("d", "b", 5)),
              HasSubstr("below \"a\" 11 of resource 0 would be guaranteed, which is more than its cap of 10"));
}

TEST_F(QueueTreeTest, MovingAGuaranteeInsideAQueueIsNotCountedTwice) {
  queue(guaranteed("a", "", 10));
  queue(a_queue("x", "a"));
  queue(a_queue("y", "a"));
  queue(guaranteed("m", "x", 8));
  queue(guaranteed("m", "y", 8));
  EXPECT_EQ(tree.spec(*tree.find("m")).parent, "y");
  queue(guaranteed("n", "x", 2));
  EXPECT_THAT(refusal_of(tree, guaranteed("o", "x", 1)), HasSubstr("11 of resource 0"));
}

TEST_F(QueueTreeTest, RefusesAmountsThatContradictEachOther) {
  QueueSpec spec = capped("a", "", 5);
  spec.guarantee = Bounds{6};
  EXPECT_EQ(refusal_of(tree, spec), "queue \"a\": the cap of 5 of resource 0 is below the guarantee of 6");
  spec.guarantee = {};
  spec.floor = Amounts{6};
  EXPECT_THAT(refusal_of(tree, spec), HasSubstr("below the floor of 6"));
  spec.floor = {};
  spec.deserved = Bounds{6};
  EXPECT_THAT(refusal_of(tree, spec), HasSubstr("below the deserved 6"));
  spec.cap = {};
  spec.guarantee = Bounds{7};
  EXPECT_THAT(refusal_of(tree, spec), HasSubstr("the deserved 6 of resource 0 is below the guarantee of 7"));
  spec = a_queue("a", "", 0);
  EXPECT_THAT(refusal_of(tree, spec), HasSubstr("the weight is 0, it must be between 1 and 1000000"));
  EXPECT_THAT(refusal_of(tree, capped("a", "", INT64_MAX)), HasSubstr("is more than"));
  EXPECT_EQ(tree.size(), 1u);
}

TEST_F(QueueTreeTest, ManyQueuesMayComeChildrenFirst) {
  const std::vector<Error> errors = tree.upsert_all({a_queue("c", "b"), a_queue("x", "y"), a_queue("b", "a"), a_queue("a")});
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_THAT(errors[0].message, HasSubstr("queue \"x\": its parent \"y\" does not exist"));
  EXPECT_TRUE(tree.find("c"));
}

TEST_F(QueueTreeTest, IsNotRemovedWhileInUse) {
  const QueueId a = queue(a_queue("a"));
  const QueueId b = queue(a_queue("b", "a"));
  EXPECT_THAT(tree.remove("a").error().message, HasSubstr("has queues below it"));
  tree.add_pending(b, Amounts{1});
  EXPECT_EQ(tree.remove("b").error().message, "1 pods wait in queue \"b\"");
  tree.place(b, Amounts{1});
  EXPECT_EQ(tree.remove("b").error().message, "1 pods run in queue \"b\"");
  tree.remove_allocated(b, Amounts{1});
  EXPECT_TRUE(tree.remove("b").has_value());
  EXPECT_EQ(tree.allocated(a, 0), 0);
  EXPECT_EQ(tree.remove("b").error().code, Errc::not_found);
  EXPECT_EQ(tree.remove("root").error().code, Errc::invalid);
  EXPECT_TRUE(tree.remove("a").has_value());
}

TEST_F(QueueTreeTest, AMovedQueueTakesItsLoadAlong) {
  const QueueId a = queue(a_queue("a"));
  const QueueId b = queue(a_queue("b"));
  const QueueId c = queue(a_queue("c", "a"));
  tree.add_allocated(c, Amounts{3, 1});
  queue(a_queue("c", "b"));
  EXPECT_EQ(tree.allocated(a, 0), 0);
  EXPECT_EQ(tree.allocated(b, 0), 3);
  EXPECT_THAT(tree.path(c), ElementsAre(c, b, tree.root()));
}

TEST_F(QueueTreeTest, CapsHoldAtEveryLevel) {
  tree.set_total(Amounts{100});
  queue(capped("a", "", 10));
  const QueueId b = queue(capped("b", "a", 8));
  const QueueId c = queue(a_queue("c", "a"));
  tree.add_allocated(b, Amounts{6});
  EXPECT_EQ(why_not(b, Amounts{2}), "");
  EXPECT_EQ(why_not(b, Amounts{3}),
            "queue \"b\" is capped at 8 of resource 0: it holds 6 of resource 0, and 3 of resource 0 more would be too much");
  EXPECT_EQ(why_not(c, Amounts{4}), "");
  EXPECT_THAT(why_not(c, Amounts{5}), HasSubstr("queue \"a\" is capped at 10"));
}

TEST_F(QueueTreeTest, WhatOthersAreGuaranteedIsLeftFreeUntilTheyUseIt) {
  tree.set_total(Amounts{100});
  const QueueId a = queue(guaranteed("a", "", 30));
  const QueueId b = queue(a_queue("b"));
  EXPECT_EQ(why_not(b, Amounts{70}), "");
  EXPECT_EQ(why_not(b, Amounts{71}),
            "the queues hold 0 of resource 0 of 100 of resource 0, with 30 of resource 0 kept free for guarantees: 71 of resource 0 more "
            "would take what other queues are guaranteed");
  tree.add_allocated(a, Amounts{20});
  EXPECT_EQ(why_not(b, Amounts{70}), "");
  tree.add_allocated(b, Amounts{70});
  EXPECT_NE(why_not(b, Amounts{1}), "");
  EXPECT_EQ(why_not(a, Amounts{10}), "");
  EXPECT_THAT(why_not(a, Amounts{11}), HasSubstr("is not there"));
}

TEST_F(QueueTreeTest, AChildThatBorrowsDoesNotEatItsSiblingsGuaranteeBehindTheParentsBack) {
  tree.set_total(Amounts{100});
  queue(guaranteed("p", "", 40));
  const QueueId a = queue(a_queue("a", "p"));
  queue(guaranteed("b", "p", 40));
  const QueueId c = queue(a_queue("c"));
  tree.add_allocated(a, Amounts{40});   // p holds its guarantee; b holds nothing of its own
  EXPECT_EQ(why_not(c, Amounts{20}), "");
  EXPECT_NE(why_not(c, Amounts{21}), "");
}

TEST_F(QueueTreeTest, AGuaranteeIsHonouredEvenWhenNodesHaveGone) {
  tree.set_total(Amounts{100});
  const QueueId a = queue(guaranteed("a", "", 30));
  const QueueId b = queue(guaranteed("b", "", 60));
  tree.add_allocated(b, Amounts{60});
  tree.set_total(Amounts{80});
  EXPECT_EQ(why_not(a, Amounts{20}), "");
  EXPECT_EQ(why_not(b, Amounts{1}),
            "the queues hold 60 of resource 0 of 80 of resource 0, with 30 of resource 0 kept free for guarantees: 1 of "
            "resource 0 more would take what other queues are guaranteed");
}

TEST_F(QueueTreeTest, TheFloorIsForCriticalPodsOnly) {
  tree.set_total(Amounts{100});
  QueueSpec spec = capped("a", "", 20);
  spec.floor = Amounts{5};
  const QueueId a = queue(spec);
  const QueueId b = queue(a_queue("b"));
  EXPECT_EQ(why_not(a, Amounts{15}), "");
  EXPECT_THAT(why_not(a, Amounts{16}), HasSubstr("with 5 of resource 0 kept free"));
  EXPECT_EQ(why_not(a, Amounts{20}, true), "");
  EXPECT_EQ(why_not(b, Amounts{95}), "");
  EXPECT_NE(why_not(b, Amounts{96}), "");
  tree.add_allocated(a, Amounts{15});
  EXPECT_EQ(why_not(a, Amounts{5}, true), "");
  tree.add_allocated(a, Amounts{5}, true);
  EXPECT_NE(why_not(a, Amounts{1}, true), "");
}

TEST_F(QueueTreeTest, CriticalPodsUseTheFloorEvenAboveALoweredCap) {
  tree.set_total(Amounts{100});
  const QueueId a = queue(a_queue("a"));
  tree.add_allocated(a, Amounts{50});
  QueueSpec spec = capped("a", "", 20);
  spec.floor = Amounts{5};
  queue(spec);
  EXPECT_NE(why_not(a, Amounts{1}), "");
  EXPECT_EQ(why_not(a, Amounts{5}, true), "");
  EXPECT_NE(why_not(a, Amounts{6}, true), "");
}

TEST_F(QueueTreeTest, AClosedQueueStartsNothingAndNeitherDoThoseBelowIt) {
  tree.set_total(Amounts{100});
  QueueSpec spec = a_queue("a");
  spec.open = false;
  queue(spec);
  const QueueId b = queue(a_queue("b", "a"));
  tree.add_pending(b, Amounts{1});
  EXPECT_EQ(tree.next(), std::nullopt);
  EXPECT_EQ(why_not(b, Amounts{1}), "queue \"a\" is closed");
  queue(a_queue("a"));
  EXPECT_EQ(tree.next(), b);
}

TEST_F(QueueTreeTest, ASiblingMayUseAnIdleQueueButNotAnotherResource) {
  tree.set_total(Amounts{100});
  const QueueId a = queue(a_queue("a"));
  EXPECT_EQ(why_not(a, Amounts{100}), "");
  EXPECT_THAT(why_not(a, Amounts{1, 1}), HasSubstr("the queues hold 0 of resource 1 of 0 of resource 1"));
}

}   // namespace
}   // namespace ebb::core::fairness
