#include "core/gangs/gang_book.h"
#include "core/gangs/gang_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ebb::core::gangs {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using SetStatus = model::SetPodGroupStatus;

std::string condition_of(const SetStatus& status) {
  return status.condition_type.empty() ? "" : status.condition_type + "/" + (status.condition ? "True" : "False") + "/" + status.reason;
}

// A book with one group, whose object takes every status that is written.
class OneGroup {
 public:
  explicit OneGroup(model::PodGroup group) : group_(std::move(group)) { book.group_seen(at(0), group_); }

  GangId gang() const { return *book.find({.dialect = group_.dialect, .key = group_.key}); }
  void see(std::uint32_t first, std::uint32_t last, MemberState state) {
    testing::see(book, at(now), group_.key.name, first, last, state, group_.dialect);
  }
  // What is written by the time that everything has been written; the last of it stands in the object.
  std::vector<SetStatus> settle() {
    std::vector<SetStatus> out;
    for (int i = 0; i < 3; ++i) {
      for (const SetStatus& status : book.take_statuses(at(now))) {
        out.push_back(status);
        if (!status.phase.empty()) group_.phase = status.phase;
        if (!status.condition_type.empty()) group_.condition = condition_of(status);
        group_.resource_version = std::to_string(++version_);
        book.group_seen(at(now), group_);
      }
      now += 2;
    }
    return out;
  }
  SetStatus last() {
    const std::vector<SetStatus> all = settle();
    EXPECT_FALSE(all.empty());
    return all.empty() ? SetStatus() : all.back();
  }
  void try_in_vain(const std::string& reason) {
    const auto tried = take_ready(book, at(now));
    ASSERT_TRUE(tried);
    book.attempt_failed(at(now), *tried, reason);
  }

  GangBook book;
  std::int64_t now = 0;

 private:
  model::PodGroup group_;
  int version_ = 1;
};

TEST(VolcanoStatus, AGroupWithoutMinResourcesIsInqueueAtOnceSoThatItsPodsAreMade) {
  OneGroup one(group("g", 3));
  const std::vector<SetStatus> written = one.book.take_statuses(at(0));
  ASSERT_THAT(written, SizeIs(1)) << "a phase does not wait";
  EXPECT_EQ(written[0].phase, "Inqueue");
  EXPECT_EQ(written[0].condition_type, "") << "no members, nothing to be said about them";
}

TEST(VolcanoStatus, AGroupWithMinResourcesIsPendingUntilThereIsRoomForIt) {
  model::PodGroup wanted = group("g", 3);
  wanted.min_resources.cpu = MilliCpu{3000};
  OneGroup one(wanted);
  EXPECT_EQ(one.last().phase, "Pending");
  model::Resources room;
  room.cpu = MilliCpu{2000};
  one.book.enqueue(at(one.now), room);
  EXPECT_THAT(one.settle(), IsEmpty());
  room.cpu = MilliCpu{3000};
  one.book.enqueue(at(one.now), room);
  EXPECT_EQ(one.last().phase, "Inqueue");
}

TEST(VolcanoStatus, RoomThatOneGroupWasLetPassForIsNotGivenToTheNext) {
  GangBook book;
  for (const char* name : {"a", "b"}) {
    model::PodGroup wanted = group(name, 2);
    wanted.min_resources.cpu = MilliCpu{2000};
    book.group_seen(at(0), wanted);
  }
  model::Resources room;
  room.cpu = MilliCpu{3000};
  book.enqueue(at(0), room);
  EXPECT_TRUE(book[*book.find(ref("a"))].enqueued);
  EXPECT_FALSE(book[*book.find(ref("b"))].enqueued);
  see(book, at(1), "a", 0, 1, MemberState::bound);
  book.enqueue(at(1), room);
  EXPECT_TRUE(book[*book.find(ref("b"))].enqueued) << "what runs is no longer in the room";
}

TEST(VolcanoStatus, TooFewMembersAreNotEnoughTasks) {
  OneGroup one(group("g", 3));
  one.see(0, 1, MemberState::pending);
  const SetStatus status = one.last();
  EXPECT_EQ(status.phase, "Inqueue");
  EXPECT_EQ(condition_of(status), "Unschedulable/True/NotEnoughTasks");
  EXPECT_EQ(status.message, "3/2 tasks in gang unschedulable: 2 of the 3 members that must start together are there");
}

TEST(VolcanoStatus, TooFewMembersOfATaskAreNotEnoughPodsOfTask) {
  model::PodGroup wanted = group("g", 2);
  wanted.min_task_member = {{"ps", 1}, {"worker", 1}};
  OneGroup one(wanted);
  one.book.member_seen(at(0), with_task(member(0, "g"), "worker"));
  one.book.member_seen(at(0), with_task(member(1, "g"), "worker"));
  EXPECT_EQ(condition_of(one.last()), "Unschedulable/True/NotEnoughPodsOfTask");
}

TEST(VolcanoStatus, ATryInVainIsNotEnoughResourcesWithTheReason) {
  OneGroup one(group("g", 2));
  one.see(0, 2, MemberState::pending);
  one.settle();
  one.try_in_vain("0/4 nodes have room");
  const SetStatus status = one.last();
  EXPECT_EQ(condition_of(status), "Unschedulable/True/NotEnoughResources");
  EXPECT_EQ(status.message, "2/3 tasks in gang unschedulable: 0/4 nodes have room");
}

TEST(VolcanoStatus, AGangIsRunningOnceItsMinimumIsBoundAndScheduledIsSaid) {
  OneGroup one(group("g", 2));
  one.see(0, 1, MemberState::assumed);
  SetStatus status = one.last();
  EXPECT_EQ(status.phase, "Inqueue") << "a bind on its way is not a node yet";
  EXPECT_EQ(condition_of(status), "Scheduled/True/tasks in gang are ready to be scheduled");
  one.see(0, 1, MemberState::bound);
  EXPECT_EQ(one.last().phase, "Running");
  one.see(0, 1, MemberState::running);
  status = one.last();
  EXPECT_EQ(status.phase, "Running");
  EXPECT_EQ(status.running, 2);
}

TEST(VolcanoStatus, SomeRunningWhileTheRestCannotIsUnknown) {
  OneGroup one(group("g", 2));
  one.see(0, 0, MemberState::running);
  one.see(1, 1, MemberState::pending);
  one.try_in_vain("full");
  EXPECT_EQ(one.last().phase, "Unknown");
}

TEST(VolcanoStatus, AGangWhoseMembersHaveAllEndedIsCompleted) {
  OneGroup one(group("g", 2));
  one.see(0, 0, MemberState::succeeded);
  one.see(1, 1, MemberState::failed);
  const SetStatus status = one.last();
  EXPECT_EQ(status.phase, "Completed");
  EXPECT_EQ(status.succeeded, 1);
  EXPECT_EQ(status.failed, 1);
  EXPECT_EQ(one.book.explain(one.gang()).phase, GangPhase::failed);
}

struct PluginsCase {
  std::string was;
  int pending, running, succeeded, failed;
  std::string becomes;   // empty: nothing is written
};

TEST(PluginsStatus, PhasesFollowItsControllerStepByStep) {
  for (const auto& [was, pending, running, succeeded, failed, becomes] : std::vector<PluginsCase>{
           {"", 0, 0, 0, 0, "Pending"},
           {"", 3, 0, 0, 0, "Scheduling"},
           {"Pending", 2, 0, 0, 0, "Pending"},
           {"Pending", 2, 1, 0, 0, "Scheduling"},
           {"Scheduling", 0, 3, 0, 0, "Running"},
           {"Scheduling", 0, 2, 1, 0, "Running"},
           {"Running", 1, 2, 0, 0, "Scheduling"},
           {"Running", 0, 2, 0, 0, "Pending"},
           {"Running", 0, 2, 0, 1, "Failed"},
           {"Running", 2, 0, 0, 1, "Scheduling"},
           {"Running", 0, 0, 3, 1, "Finished"},
           {"Finished", 0, 0, 0, 0, ""},
           {"Failed", 0, 3, 0, 0, ""},
       }) {
    model::PodGroup object = group("g", 3, Dialect::scheduler_plugins);
    object.phase = was;
    OneGroup one(object);
    std::uint32_t index = 0;
    const auto add = [&](int count, MemberState state) {
      for (int i = 0; i < count; ++i, ++index) one.see(index, index, state);
    };
    add(pending, MemberState::pending);
    add(running, MemberState::running);
    add(succeeded, MemberState::succeeded);
    add(failed, MemberState::failed);
    const std::vector<SetStatus> written = one.settle();
    if (becomes.empty()) {
      EXPECT_THAT(written, IsEmpty()) << was;
      continue;
    }
    ASSERT_FALSE(written.empty()) << was << " to " << becomes;
    EXPECT_EQ(written.back().phase, becomes) << "from '" << was << "'";
    EXPECT_EQ(written.back().running, running);
    EXPECT_EQ(written.back().failed, failed);
    EXPECT_EQ(written.back().condition_type, "") << "this dialect has no conditions";
  }
}

TEST(KubernetesStatus, OnlyTheConditionIsWrittenAndOnceTrueItStays) {
  OneGroup one(group("g", 2, Dialect::kubernetes));
  one.see(0, 0, MemberState::pending);
  EXPECT_THAT(one.settle(), IsEmpty()) << "who waits for members was not tried";
  one.see(1, 1, MemberState::pending);
  one.try_in_vain("0/4 nodes have room");
  SetStatus status = one.last();
  EXPECT_EQ(condition_of(status), "PodGroupInitiallyScheduled/False/Unschedulable");
  EXPECT_EQ(status.message, "0/4 nodes have room");
  EXPECT_EQ(status.phase, "");
  one.see(0, 1, MemberState::bound);
  EXPECT_EQ(condition_of(one.last()), "PodGroupInitiallyScheduled/True/Scheduled");
  one.see(0, 1, MemberState::pending);
  one.try_in_vain("full");
  EXPECT_THAT(one.settle(), IsEmpty());
}

TEST(Statuses, WhatTheObjectSaysAlreadyIsNotWrittenAgain) {
  OneGroup one(group("g", 2));
  one.see(0, 1, MemberState::running);
  EXPECT_FALSE(one.settle().empty());
  one.see(0, 1, MemberState::running);
  EXPECT_THAT(one.settle(), IsEmpty());
}

TEST(Statuses, CountsThatChangeTogetherAreWrittenTogether) {
  OneGroup one(group("g", 2));
  one.see(0, 49, MemberState::bound);
  one.settle();
  std::size_t writes = 0;
  for (std::uint32_t i = 0; i < 50; ++i) {
    one.see(i, i, MemberState::running);
    writes += one.book.take_statuses(at(one.now)).size();
  }
  EXPECT_EQ(writes, 0u);
  EXPECT_EQ(one.book.next_wake(), at(one.now) + seconds(1));
  const std::vector<SetStatus> written = one.book.take_statuses(at(one.now + 1));
  ASSERT_THAT(written, SizeIs(1));
  EXPECT_EQ(written[0].running, 50);
}

TEST(Statuses, NoMoreThanAskedForAreHandedOutAndTheRestComesNext) {
  GangBook book;
  for (const char* name : {"a", "b", "c"}) book.group_seen(at(0), group(name, 2));
  EXPECT_THAT(book.take_statuses(at(0), 2), SizeIs(2));
  EXPECT_THAT(book.take_statuses(at(0), 2), SizeIs(1));
  EXPECT_THAT(book.take_statuses(at(0), 2), IsEmpty());
}

TEST(Statuses, OneThatDidNotArriveIsWrittenAgain) {
  GangBook book;
  book.group_seen(at(0), group("g", 2));
  EXPECT_THAT(book.take_statuses(at(0)), SizeIs(1));
  book.status_failed(at(0), ref("g"));
  EXPECT_THAT(book.take_statuses(at(0)), IsEmpty()) << "not at once: whoever refused it may need a moment";
  EXPECT_THAT(book.take_statuses(at(1)), SizeIs(1));
}

TEST(Statuses, WhatSomebodyElseWroteIsPutRight) {
  GangBook book;
  book.group_seen(at(0), group("g", 2));
  book.take_statuses(at(0));
  model::PodGroup other = group("g", 2);
  other.phase = "Running";
  other.resource_version = "7";
  book.group_seen(at(5), other);
  const std::vector<SetStatus> written = book.take_statuses(at(5));
  ASSERT_THAT(written, SizeIs(1));
  EXPECT_EQ(written[0].phase, "Inqueue");
}

}   // namespace
}   // namespace ebb::core::gangs
