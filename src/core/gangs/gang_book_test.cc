#include "core/gangs/gang_book.h"

#include "core/gangs/gang_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ebb::core::gangs {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::uint32_t> indices(const std::vector<AttemptMember>& members) {
  std::vector<std::uint32_t> out;
  for (const AttemptMember& member : members) out.push_back(member.pod.index);
  return out;
}

model::Pod pod_with(model::Annotations annotations, model::Labels labels = {}) {
  model::Pod pod;
  pod.key = {"work", "p"};
  pod.annotations = std::move(annotations);
  pod.labels = std::move(labels);
  return pod;
}

TEST(Membership, EveryDialectNamesAGroupInItsOwnWay) {
  EXPECT_EQ(membership(pod_with({})), std::nullopt);
  EXPECT_EQ(membership(pod_with({{"scheduling.k8s.io/group-name", "g"}})), (Membership{ref("g"), ""}));
  EXPECT_EQ(membership(pod_with({{"scheduling.volcano.sh/group-name", "g"}})), (Membership{ref("g"), ""}));
  EXPECT_EQ(membership(pod_with({}, {{"scheduling.x-k8s.io/pod-group", "g"}})), (Membership{ref("g", Dialect::scheduler_plugins), ""}));
  EXPECT_EQ(membership(pod_with({}, {{"pod-group.scheduling.sigs.k8s.io", "g"}})), (Membership{ref("g", Dialect::scheduler_plugins), ""}));
  model::Pod own = pod_with({{"scheduling.k8s.io/group-name", "g"}}, {{"scheduling.x-k8s.io/pod-group", "g"}});
  own.pod_group = "k";
  EXPECT_EQ(membership(own), (Membership{ref("k", Dialect::kubernetes), ""}));
  EXPECT_EQ(membership(pod_with({{"scheduling.k8s.io/group-name", ""}})), std::nullopt) << "an empty name names nothing";
}

TEST(Membership, AVolcanoTaskIsReadFromTheAnnotationThenFromTheLabel) {
  EXPECT_EQ(membership(pod_with({{"scheduling.k8s.io/group-name", "g"}, {"volcano.sh/task-spec", "ps"}}))->task, "ps");
  EXPECT_EQ(membership(pod_with({{"scheduling.k8s.io/group-name", "g"}}, {{"volcano.sh/task-spec", "worker"}}))->task, "worker");
}

TEST(GangBook, AMemberOfAGroupThatIsNotThereWaitsForItAndSaysSo) {
  GangBook book;
  book.member_seen(at(0), member(0, "g"));
  EXPECT_TRUE(book.held(0));
  EXPECT_EQ(book.why_held(0), "PodGroup work/g (volcano) is not there");
  EXPECT_EQ(take_ready(book, at(0)), std::nullopt);
  book.group_seen(at(1), group("g", 1));
  EXPECT_FALSE(book.held(0));
  EXPECT_THAT(book.take_changed(), ElementsAre(*book.find(ref("g"))));
  book.group_gone(at(2), Dialect::volcano, {"work", "g"});
  EXPECT_TRUE(book.held(0)) << "whoever comes after the group has gone waits again";
}

TEST(GangBook, APodOfNoGroupIsNeverHeld) {
  GangBook book;
  EXPECT_FALSE(book.held(7));
  EXPECT_EQ(book.why_held(7), "");
}

TEST(GangBook, AGroupOfOneHoldsNobodyAndIsNeverTriedAsAGang) {
  GangBook book;
  book.group_seen(at(0), group("g", 1));
  see(book, at(0), "g", 0, 3);
  EXPECT_FALSE(book.held(0));
  EXPECT_EQ(take_ready(book, at(0)), std::nullopt);
  EXPECT_FALSE(book.has_ready(at(100)));
}

TEST(GangBook, AGangIsTriedOnceEnoughMembersAreThere) {
  GangBook book;
  book.group_seen(at(0), group("g", 3));
  see(book, at(0), "g", 0, 1);
  EXPECT_EQ(take_ready(book, at(0)), std::nullopt);
  EXPECT_EQ(book.why_held(0), "2 of the 3 members that must start together are there");
  see(book, at(1), "g", 2, 2);
  const auto gang = take_ready(book, at(1));
  ASSERT_TRUE(gang);
  EXPECT_EQ(book.attempt(*gang).needed(), 3);
  EXPECT_EQ(take_ready(book, at(1)), std::nullopt) << "it is being tried";
}

TEST(GangBook, MembersBeyondTheQuorumGoOneByOneAfterwards) {
  GangBook book;
  book.group_seen(at(0), group("g", 2));
  see(book, at(0), "g", 0, 4);
  const auto gang = take_ready(book, at(0));
  ASSERT_TRUE(gang);
  Attempt attempt = book.attempt(*gang);
  EXPECT_THAT(indices(attempt.members()), ElementsAre(0, 1, 2, 3, 4)) << "any of them may make the quorum";
  while (attempt.next() != nullptr) attempt.placed();
  EXPECT_TRUE(attempt.quorum());
  see(book, at(0), "g", 0, 1, MemberState::assumed);
  book.attempt_succeeded(at(0), *gang);
  EXPECT_FALSE(book.held(2));
  EXPECT_EQ(book.pending_members(*gang).size(), 3u);
  EXPECT_EQ(book.explain(*gang).phase, GangPhase::placed);
  EXPECT_EQ(take_ready(book, at(0)), std::nullopt);
}

TEST(GangBook, WhoHasANodeAlreadyCountsSoThatOnlyTheRestIsNeeded) {
  GangBook book;
  book.group_seen(at(0), group("g", 4));
  see(book, at(0), "g", 0, 1, MemberState::running);
  see(book, at(0), "g", 2, 2, MemberState::succeeded);
  see(book, at(0), "g", 3, 5);
  EXPECT_EQ(book.attempt(*take_ready(book, at(0))).needed(), 1);
}

struct CountingCase {
  Dialect dialect;
  MemberState state;
  bool leaving;
  bool counts;
};

TEST(GangBook, WhoCountsAsPlacedFollowsEachDialect) {
  for (const auto& [dialect, state, leaving, counts] : std::vector<CountingCase>{
           {Dialect::volcano, MemberState::bound, false, true},
           {Dialect::volcano, MemberState::running, true, false},
           {Dialect::volcano, MemberState::succeeded, false, true},
           {Dialect::volcano, MemberState::failed, false, false},
           {Dialect::scheduler_plugins, MemberState::running, true, true},
           {Dialect::scheduler_plugins, MemberState::failed, false, true},
           {Dialect::scheduler_plugins, MemberState::succeeded, false, true},
           {Dialect::kubernetes, MemberState::running, true, true},
           {Dialect::kubernetes, MemberState::succeeded, false, false},
           {Dialect::kubernetes, MemberState::failed, false, false},
           {Dialect::kubernetes, MemberState::assumed, false, true},
       }) {
    GangBook book;
    book.group_seen(at(0), group("g", 3, dialect));
    Member seen = member(0, "g", state, dialect);
    seen.leaving = leaving;
    book.member_seen(at(0), seen);
    EXPECT_EQ(book.explain(*book.find(ref("g", dialect))).placed, counts ? 1 : 0)
        << to_string(dialect) << " state " << static_cast<int>(state) << " leaving " << leaving;
  }
}

TEST(GangBook, MembersAreTriedByPriorityThenAgeThenName) {
  GangBook book;
  book.group_seen(at(0), group("g", 4));
  Member urgent = member(3, "g");
  urgent.priority = 5;
  Member old = member(2, "g");
  old.created = at(-5);
  for (const Member& seen : {member(1, "g"), member(0, "g"), old, urgent}) book.member_seen(at(0), seen);
  EXPECT_THAT(indices(book.attempt(*take_ready(book, at(0))).members()), ElementsAre(3, 2, 0, 1));
}

TEST(GangBook, MembersThatAreAlikeStandTogetherWithinTheirPriority) {
  GangBook book;
  book.group_seen(at(0), group("g", 4));
  for (std::uint32_t i = 0; i < 4; ++i) {
    Member seen = member(i, "g");
    seen.signature = i % 2;
    book.member_seen(at(0), seen);
  }
  const Attempt attempt = book.attempt(*take_ready(book, at(0)));
  EXPECT_THAT(indices(attempt.members()), ElementsAre(0, 2, 1, 3));
  EXPECT_EQ(attempt.members()[1].alike, attempt.members()[0].alike);
  EXPECT_NE(attempt.members()[2].alike, attempt.members()[0].alike);
}

TEST(GangBook, AVolcanoTaskHasAMinimumOfItsOwn) {
  GangBook book;
  model::PodGroup wanted = group("g", 3);
  wanted.min_task_member = {{"ps", 1}, {"worker", 2}};
  book.group_seen(at(0), wanted);
  for (std::uint32_t i = 0; i < 4; ++i) book.member_seen(at(0), with_task(member(i, "g"), "worker"));
  EXPECT_EQ(take_ready(book, at(0)), std::nullopt);
  EXPECT_EQ(book.why_held(0), "task ps has 0 of the 1 members that must start together");
  book.member_seen(at(1), with_task(member(9, "g"), "ps"));
  Attempt attempt = book.attempt(*take_ready(book, at(1)));
  std::vector<std::uint32_t> tried;
  while (const AttemptMember* next = attempt.next()) {
    tried.push_back(next->pod.index);
    attempt.placed();
  }
  EXPECT_THAT(tried, ElementsAre(0, 1, 9)) << "a third worker would not bring the quorum nearer";
  EXPECT_TRUE(attempt.quorum());
}

TEST(GangBook, TaskMinimaThatAddUpToMoreThanMinMemberDoNotCount) {
  GangBook book;
  model::PodGroup wanted = group("g", 2);
  wanted.min_task_member = {{"ps", 2}, {"worker", 2}};
  book.group_seen(at(0), wanted);
  for (std::uint32_t i = 0; i < 2; ++i) book.member_seen(at(0), with_task(member(i, "g"), "worker"));
  EXPECT_TRUE(take_ready(book, at(0)));
}

TEST(Attempt, EndsAsSoonAsTheQuorumCannotBeReachedAnyMore) {
  GangBook book;
  book.group_seen(at(0), group("g", 3));
  see(book, at(0), "g", 0, 3);
  Attempt attempt = book.attempt(*take_ready(book, at(0)));
  ASSERT_NE(attempt.next(), nullptr);
  attempt.refused();
  ASSERT_NE(attempt.next(), nullptr) << "one spare member";
  attempt.refused();
  EXPECT_EQ(attempt.next(), nullptr);
  EXPECT_TRUE(attempt.hopeless());
  EXPECT_FALSE(attempt.quorum());
}

TEST(GangBook, GatedAndLeavingMembersCannotMakeTheQuorum) {
  GangBook book;
  book.group_seen(at(0), group("g", 2, Dialect::scheduler_plugins));
  Member gated = member(0, "g", MemberState::pending, Dialect::scheduler_plugins);
  gated.gated = true;
  book.member_seen(at(0), gated);
  book.member_seen(at(0), member(1, "g", MemberState::pending, Dialect::scheduler_plugins));
  EXPECT_EQ(take_ready(book, at(0)), std::nullopt);
  EXPECT_EQ(book.why_held(1), "1 of the 2 members that must start together are not held by scheduling gates");
  gated.gated = false;
  book.member_seen(at(1), gated);
  EXPECT_TRUE(book.has_ready(at(1)));
  gated.leaving = true;
  book.member_seen(at(2), gated);
  EXPECT_FALSE(book.has_ready(at(2)));
}

TEST(GangBook, AGangThatLosesItsQuorumIsOneUnitAgain) {
  GangBook book;
  book.group_seen(at(0), group("g", 2));
  see(book, at(0), "g", 0, 1, MemberState::running);
  see(book, at(0), "g", 2, 3);
  const GangId gang = *book.find(ref("g"));
  EXPECT_FALSE(book.held(2));
  book.take_changed();
  book.member_seen(at(1), member(0, "g", MemberState::failed));
  EXPECT_TRUE(book.held(2));
  EXPECT_THAT(book.take_changed(), ElementsAre(gang));
  EXPECT_EQ(book.attempt(*take_ready(book, at(1))).needed(), 1);
}

TEST(GangBook, RoomThatWasLackingIsAskedForAgainOnlyWhenSomethingHasChanged) {
  GangBook book;
  book.group_seen(at(0), group("g", 2));
  see(book, at(0), "g", 0, 1);
  const GangId gang = *take_ready(book, at(0));
  book.attempt_failed(at(0), gang, "0/3 nodes have room");
  EXPECT_EQ(book.explain(gang).phase, GangPhase::waiting_for_capacity);
  EXPECT_EQ(book.why_held(0), "2 members must find room at once, and it is not there: 0/3 nodes have room");
  EXPECT_EQ(take_ready(book, at(50)), std::nullopt) << "no flush by the clock";
  book.capacity_freed(at(50));
  EXPECT_EQ(take_ready(book, at(50)), gang);
}

TEST(GangBook, BackOffDoublesUpToItsLimitAndIsForgottenAfterASuccess) {
  GangBook book({.first_backoff = seconds(1), .most_backoff = seconds(3)});
  book.group_seen(at(0), group("g", 2));
  see(book, at(0), "g", 0, 1);
  std::int64_t now = 0;
  for (const std::int64_t wait : {1, 2, 3, 3}) {
    const auto gang = take_ready(book, at(now));
    ASSERT_TRUE(gang) << now;
    book.bind_failed(at(now), *gang, "conflict");
    EXPECT_EQ(book.explain(*gang).phase, GangPhase::backing_off);
    EXPECT_EQ(book.explain(*gang).next_try, at(now + wait));
    EXPECT_EQ(take_ready(book, at(now + wait - 1)), std::nullopt);
    now += wait;
  }
  const auto gang = take_ready(book, at(now));
  ASSERT_TRUE(gang);
  see(book, at(now), "g", 0, 1, MemberState::assumed);
  book.attempt_succeeded(at(now), *gang);
  EXPECT_EQ((*book.find(ref("g"))), *gang);
  EXPECT_EQ(book[*gang].failures, 0);
}

TEST(GangBook, AStormOfEventsDoesNotRetryBeforeTheBackOffIsOverButForWhoHasTheTurn) {
  GangBook book;
  for (const char* name : {"a", "b"}) book.group_seen(at(0), group(name, 2));
  see(book, at(0), "a", 0, 1);
  see(book, at(0), "b", 2, 3);
  const GangId a = *take_ready(book, at(0));
  const GangId b = *take_ready(book, at(0));
  book.attempt_failed(at(0), a, "full");
  book.attempt_failed(at(0), b, "full");
  book.capacity_freed(at(0));
  EXPECT_EQ(take_ready(book, at(0)), a) << "capacity is kept for it";
  EXPECT_EQ(take_ready(book, at(0)), std::nullopt);
  EXPECT_EQ(take_ready(book, at(1)), b);
}

TEST(GangBook, GangsAreTriedByPriorityThenAgeThenName) {
  GangBook book;
  model::PodGroup old = group("z", 1);
  old.min_member = 2;
  old.created = at(-10);
  book.group_seen(at(0), group("b", 2));
  book.group_seen(at(0), group("a", 2));
  book.group_seen(at(0), old);
  book.group_seen(at(0), group("urgent", 2), 7);
  see(book, at(0), "b", 0, 1);
  see(book, at(0), "a", 2, 3);
  see(book, at(0), "z", 4, 5);
  see(book, at(0), "urgent", 6, 7);
  std::vector<std::string> order;
  while (const auto gang = take_ready(book, at(0))) order.push_back(book.explain(*gang).group.key.name);
  EXPECT_THAT(order, ElementsAre("urgent", "z", "a", "b"));
}

TEST(GangBook, OneGangAtATimeHasCapacityKeptUntilItsDeadline) {
  GangBook book({.turns = {.length = seconds(60), .cool_down = seconds(30)}});
  for (const char* name : {"a", "b"}) book.group_seen(at(0), group(name, 2));
  see(book, at(0), "a", 0, 1);
  see(book, at(0), "b", 2, 3);
  EXPECT_FALSE(book.reservation());
  while (const auto gang = take_ready(book, at(0))) book.attempt_failed(at(0), *gang, "full");
  const GangId a = *book.find(ref("a"));
  const GangId b = *book.find(ref("b"));
  ASSERT_TRUE(book.reservation());
  EXPECT_EQ(book.reservation()->gang, a);
  EXPECT_EQ(book.explain(a).reservation_until, at(60));
  EXPECT_EQ(book.explain(b).position, 1u);
  book.step(at(60));
  EXPECT_EQ(book.reservation()->gang, b);
  EXPECT_EQ(take_ready(book, at(60)), b) << "what was kept for the other may be enough";
  book.attempt_failed(at(60), b, "full");
  book.step(at(120));
  EXPECT_EQ(book.reservation()->gang, a) << "it has rested";
}

TEST(GangBook, AHigherPriorityTakesTheTurnOver) {
  GangBook book;
  book.group_seen(at(0), group("a", 2), 1);
  see(book, at(0), "a", 0, 1);
  book.attempt_failed(at(0), *take_ready(book, at(0)), "full");
  book.group_seen(at(5), group("urgent", 2), 9);
  see(book, at(5), "urgent", 2, 3);
  book.capacity_freed(at(5));
  const auto urgent = take_ready(book, at(5));
  EXPECT_EQ(urgent, book.find(ref("urgent")));
  book.attempt_failed(at(5), *urgent, "full");
  EXPECT_EQ(book.reservation()->gang, *urgent);
  EXPECT_EQ(book.reservation()->until, at(65));
}

TEST(GangBook, AnEventThatCannotHelpWakesNobody) {
  GangBook book;
  book.group_seen(at(0), group("g", 2));
  see(book, at(0), "g", 0, 1);
  const GangId gang = *take_ready(book, at(0));
  book.attempt_failed(at(0), gang, "full");
  see(book, at(1), "g", 0, 1);
  book.group_seen(at(1), group("g", 2));
  book.step(at(30));
  EXPECT_FALSE(book.has_ready(at(30)));
  see(book, at(31), "g", 2, 2);
  EXPECT_EQ(take_ready(book, at(31)), gang) << "another member may find room where the first two did not";
}

TEST(GangBook, MembersPutBackByATryInVainDoNotWakeIt) {
  GangBook book;
  book.group_seen(at(0), group("g", 3));
  see(book, at(0), "g", 0, 2);
  const GangId gang = *take_ready(book, at(0));
  see(book, at(0), "g", 0, 1, MemberState::assumed);
  book.attempt_failed(at(0), gang, "full");
  see(book, at(0), "g", 0, 1);
  EXPECT_EQ(book.explain(gang).phase, GangPhase::waiting_for_capacity);
  EXPECT_FALSE(book.has_ready(at(30)));
}

TEST(GangBook, WhoIsPlacedOrHasLostMembersGivesItsTurnUp) {
  GangBook book;
  for (const char* name : {"a", "b", "c"}) book.group_seen(at(0), group(name, 2));
  see(book, at(0), "a", 0, 1);
  see(book, at(0), "b", 2, 3);
  see(book, at(0), "c", 4, 5);
  while (const auto gang = take_ready(book, at(0))) book.attempt_failed(at(0), *gang, "full");
  EXPECT_EQ(book.reservation()->gang, *book.find(ref("a")));
  see(book, at(1), "a", 0, 1, MemberState::bound);
  EXPECT_EQ(book.reservation()->gang, *book.find(ref("b")));
  book.member_gone(at(2), member(3, "b").pod);
  EXPECT_EQ(book.reservation()->gang, *book.find(ref("c")));
}

TEST(GangBook, APodMadeAnewAtTheSamePlaceIsReasonToTryAgain) {
  GangBook book;
  book.group_seen(at(0), group("g", 2));
  see(book, at(0), "g", 0, 1);
  const GangId gang = *take_ready(book, at(0));
  book.attempt_failed(at(0), gang, "full");
  Member anew = member(1, "g");
  anew.pod.uid = model::Uid("later");
  book.member_seen(at(9), anew);
  EXPECT_EQ(take_ready(book, at(9)), gang);
}

TEST(GangBook, ScheduleTimeoutSecondsIsTheLengthOfAGroupsTurn) {
  GangBook book;
  model::PodGroup timed = group("g", 2, Dialect::scheduler_plugins);
  timed.schedule_timeout = seconds(10);
  book.group_seen(at(0), timed);
  see(book, at(0), "g", 0, 1, MemberState::pending, Dialect::scheduler_plugins);
  book.attempt_failed(at(0), *take_ready(book, at(0)), "full");
  EXPECT_EQ(book.reservation()->until, at(10));
  EXPECT_EQ(book.next_wake(), Instant()) << "a status is to be written";
  book.take_statuses(at(0));
  EXPECT_EQ(book.next_wake(), at(10));
  book.step(at(10));
  EXPECT_FALSE(book.reservation()) << "it rests, and nobody else wants a turn";
  book.step(at(40));
  EXPECT_TRUE(book.reservation());
}

TEST(GangBook, MinResourcesAreHeldAgainstWhatIsFree) {
  GangBook book;
  model::PodGroup wanted = group("g", 2, Dialect::scheduler_plugins);
  wanted.min_resources.cpu = MilliCpu{4000};
  book.group_seen(at(0), wanted);
  const GangId gang = *book.find(ref("g", Dialect::scheduler_plugins));
  model::Resources free;
  free.cpu = MilliCpu{3999};
  free.pods = 10;
  const Status refused = book.fits(gang, free);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("cpu: 3999m of 4000m"));
  free.cpu = MilliCpu{4000};
  EXPECT_TRUE(book.fits(gang, free));
  free.pods = 1;
  EXPECT_FALSE(book.fits(gang, free)) << "its members need a place each";
}

TEST(GangBook, NothingIsLeftOfAGangWhoseMembersAndGroupAreGone) {
  GangBook book;
  book.group_seen(at(0), group("g", 2));
  see(book, at(0), "g", 0, 1);
  book.attempt_failed(at(0), *take_ready(book, at(0)), "full");
  book.group_gone(at(1), Dialect::volcano, {"work", "g"});
  for (std::uint32_t i = 0; i < 2; ++i) book.member_gone(at(1), member(i, "g").pod);
  EXPECT_EQ(book.size(), 0u);
  EXPECT_FALSE(book.reservation());
  EXPECT_THAT(book.take_statuses(at(9)), IsEmpty());
  EXPECT_EQ(book.next_wake(), std::nullopt);
}

TEST(GangBook, AnEventAboutAnotherUidOfTheSamePlaceIsIgnoredAndANewOneReplacesTheOld) {
  GangBook book;
  book.group_seen(at(0), group("g", 2));
  see(book, at(0), "g", 0, 1);
  Member next = member(1, "g");
  next.pod.uid = model::Uid("later");
  book.member_seen(at(1), next);
  book.member_gone(at(1), member(1, "g").pod);
  EXPECT_EQ(book.explain(*book.find(ref("g"))).present, 2);
}

}   // namespace
}   // namespace ebb::core::gangs
