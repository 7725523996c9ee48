// Random events in random order: the book's counts are those of a recount, nobody's turn is skipped for
// ever, and never do two gangs have capacity kept.

#include "core/gangs/gang_book.h"
#include "core/gangs/gang_testing.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace ebb::core::gangs {
namespace {

using namespace testing;

constexpr std::uint32_t kPods = 12;

Dialect random_dialect() { return static_cast<Dialect>(*rc::gen::inRange(0, 3)); }
std::string random_name() { return std::string(1, static_cast<char>(*rc::gen::inRange<int>('a', 'e'))); }

model::PodGroup random_group() {
  model::PodGroup out = group(random_name(), *rc::gen::inRange(0, 5), random_dialect());
  out.created = at(*rc::gen::inRange(0, 4));
  if (out.dialect == Dialect::volcano && *rc::gen::arbitrary<bool>()) out.min_task_member = {{"t0", *rc::gen::inRange(0, 3)}, {"t1", 1}};
  if (*rc::gen::inRange(0, 3) == 0) out.min_resources.cpu = MilliCpu{*rc::gen::inRange(1, 5) * 1000};
  return out;
}

Member random_member() {
  Member out = member(*rc::gen::inRange<std::uint32_t>(0, kPods), random_name(), static_cast<MemberState>(*rc::gen::inRange(0, 6)),
                      random_dialect());
  out.pod.uid = model::Uid(out.pod.uid.v + "." + std::to_string(*rc::gen::inRange(0, 2)));
  out.priority = *rc::gen::inRange(0, 3);
  out.signature = *rc::gen::inRange<std::uint64_t>(0, 2);
  out.gated = *rc::gen::inRange(0, 5) == 0;
  out.leaving = *rc::gen::inRange(0, 5) == 0;
  if (out.of.group.dialect == Dialect::volcano) out.of.task = "t" + std::to_string(*rc::gen::inRange(0, 3));
  return out;
}

// What there is, in the plainest form.
struct World {
  std::map<GroupRef, model::PodGroup> groups;
  std::map<std::uint32_t, Member> members;
};

std::int32_t recount_placed(Dialect dialect, const std::vector<const Member*>& members) {
  return static_cast<std::int32_t>(std::ranges::count_if(members, [&](const Member* member) {
    switch (dialect) {
      case Dialect::volcano: return !member->leaving && member->state != MemberState::pending && member->state != MemberState::failed;
      case Dialect::scheduler_plugins: return member->state != MemberState::pending;
      case Dialect::kubernetes:
        return member->state == MemberState::assumed || member->state == MemberState::bound || member->state == MemberState::running;
    }
    return false;
  }));
}

bool recount_quorum(const model::PodGroup& group, const std::vector<const Member*>& members) {
  if (recount_placed(group.dialect, members) < group.min_member) return false;
  std::int32_t sum = 0;
  for (const auto& [task, min] : group.min_task_member) sum += min;
  if (sum == 0 || sum > group.min_member) return true;
  return std::ranges::all_of(group.min_task_member, [&](const auto& minimum) {
    std::vector<const Member*> of_task;
    for (const Member* member : members) {
      if (member->of.task == minimum.first) of_task.push_back(member);
    }
    return recount_placed(group.dialect, of_task) >= minimum.second;
  });
}

void check_against(const GangBook& book, const World& world) {
  std::map<GroupRef, std::vector<const Member*>> by_group;
  for (const auto& [ref, group] : world.groups) by_group[ref];
  for (const auto& [index, member] : world.members) by_group[member.of.group].push_back(&member);
  RC_ASSERT(book.size() == by_group.size());
  for (const auto& [ref, members] : by_group) {
    const auto gang = book.find(ref);
    RC_ASSERT(gang.has_value());
    const GangEntry& entry = book[*gang];
    RC_ASSERT(entry.placed_count() == recount_placed(ref.dialect, members));
    RC_ASSERT(entry.counts.all() == static_cast<std::int32_t>(members.size()));
    std::set<std::uint32_t> placeable;
    for (const Member* member : members) {
      if (member->state == MemberState::pending && !member->gated && !member->leaving) placeable.insert(member->pod.index);
    }
    std::set<std::uint32_t> listed;
    for (const PodRef& pod : book.pending_members(*gang)) listed.insert(pod.index);
    RC_ASSERT(listed == placeable);
    RC_ASSERT(entry.counts.placeable() == static_cast<std::int32_t>(placeable.size()));
    const auto group = world.groups.find(ref);
    if (group == world.groups.end()) {
      RC_ASSERT(entry.held);
      continue;
    }
    RC_ASSERT(entry.quorum() == recount_quorum(group->second, members));
    if (entry.quorum()) RC_ASSERT(!entry.held);
  }
}

void random_step(GangBook& book, World& world, Instant now) {
  switch (*rc::gen::inRange(0, 8)) {
    case 0: {
      const model::PodGroup group = random_group();
      world.groups[{group.dialect, group.key}] = group;
      book.group_seen(now, group);
      break;
    }
    case 1: {
      const GroupRef gone = ref(random_name(), random_dialect());
      world.groups.erase(gone);
      book.group_gone(now, gone.dialect, gone.key);
      break;
    }
    case 2: {
      const Member gone = random_member();
      const auto known = world.members.find(gone.pod.index);
      if (known != world.members.end() && known->second.pod.uid == gone.pod.uid) world.members.erase(known);
      book.member_gone(now, gone.pod);
      break;
    }
    case 3:
      if (const auto gang = take_ready(book, now)) {
        if (*rc::gen::arbitrary<bool>()) {
          book.attempt_failed(now, *gang, "full");
        } else {
          book.bind_failed(now, *gang, "conflict");
        }
      }
      break;
    case 4: book.capacity_freed(now); break;
    case 5: {
      model::Resources room;
      room.cpu = MilliCpu{8000};
      book.enqueue(now, room);
      break;
    }
    default: {
      const Member seen = random_member();
      world.members[seen.pod.index] = seen;
      book.member_seen(now, seen);
    }
  }
}

bool wants_turn(const GangEntry& entry) {
  const bool tried = entry.phase == GangPhase::ready || entry.phase == GangPhase::trying || entry.phase == GangPhase::backing_off ||
                     entry.phase == GangPhase::waiting_for_capacity;
  return entry.held && tried && entry.failures > 0 && entry.lacked_room;
}

RC_GTEST_PROP(GangBookProperty, CountsAreThoseOfARecountAfterAnyEvents, ()) {
  GangBook book;
  World world;
  Instant now = kStart;
  const int steps = *rc::gen::inRange(1, 80);
  for (int i = 0; i < steps; ++i) {
    now = now + seconds(*rc::gen::inRange(0, 3));
    random_step(book, world, now);
    check_against(book, world);
    if (const auto holder = book.reservation()) RC_ASSERT(wants_turn(book[holder->gang]));
  }
  for (std::uint32_t i = 0; i < kPods; ++i) {
    if (world.members.contains(i)) book.member_gone(now, world.members.at(i).pod);
  }
  for (const auto& [ref, group] : world.groups) book.group_gone(now, ref.dialect, ref.key);
  RC_ASSERT(book.size() == 0u);
  RC_ASSERT(!book.reservation());
  RC_ASSERT(!book.next_wake());
}

using Told = std::vector<std::tuple<GroupRef, std::int32_t, std::int32_t, bool, std::string>>;

Told told(const GangBook& book, const World& world) {
  Told out;
  std::set<GroupRef> refs;
  for (const auto& [ref, group] : world.groups) refs.insert(ref);
  for (const auto& [index, member] : world.members) refs.insert(member.of.group);
  for (const GroupRef& ref : refs) {
    const GangId gang = *book.find(ref);
    const GangExplanation explained = book.explain(gang);
    out.emplace_back(ref, explained.present, explained.placed, book[gang].held, explained.waiting_for);
  }
  return out;
}

RC_GTEST_PROP(GangBookProperty, DuplicatesAndAnotherOrderOfTheLastEventsComeToTheSame, ()) {
  World world;
  for (int i = *rc::gen::inRange(0, 8); i > 0; --i) {
    const model::PodGroup group = random_group();
    world.groups[{group.dialect, group.key}] = group;
  }
  for (int i = *rc::gen::inRange(0, 20); i > 0; --i) {
    const Member seen = random_member();
    world.members[seen.pod.index] = seen;
  }
  GangBook straight;
  for (const auto& [ref, group] : world.groups) straight.group_seen(kStart, group);
  for (const auto& [index, member] : world.members) straight.member_seen(kStart, member);

  GangBook shaken;
  std::vector<std::uint32_t> order;
  for (const auto& [index, member] : world.members) {
    for (int copies = *rc::gen::inRange(1, 3); copies > 0; --copies) order.push_back(index);
  }
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[*rc::gen::inRange<std::size_t>(0, i)]);
  for (const std::uint32_t index : order) shaken.member_seen(kStart, world.members.at(index));
  for (const auto& [ref, group] : world.groups) {
    shaken.group_seen(kStart, group);
    shaken.group_seen(kStart, group);
  }
  RC_ASSERT(told(straight, world) == told(shaken, world));
}

RC_GTEST_PROP(TurnsProperty, ThereIsAHolderExactlyWhenSomebodyWhoWantsOneDoesNotRest, ()) {
  const TurnOptions options{.length = seconds(5), .cool_down = seconds(7), .most_passed_over = 3};
  Turns turns(options);
  std::map<GangId, Instant> rests;   // as counted here: until when
  std::set<GangId> wishing;
  Instant now = kStart;
  for (int i = *rc::gen::inRange(1, 60); i > 0; --i) {
    const auto holder_before = turns.holder();
    if (const int what = *rc::gen::inRange(0, 3); what == 0) {
      now = now + seconds(*rc::gen::inRange(1, 6));
      if (holder_before && holder_before->until <= now) rests[holder_before->gang] = now + options.cool_down;
      turns.step(now);
    } else if (what == 1) {
      const GangId gang = *rc::gen::inRange<GangId>(0, 6);
      turns.want(now, {.priority = *rc::gen::inRange(0, 3), .group = testing::ref(std::to_string(gang)), .gang = gang}, std::nullopt);
      wishing.insert(gang);
    } else {
      const GangId gang = *rc::gen::inRange<GangId>(0, 6);
      turns.leave(now, gang);
      wishing.erase(gang);
      rests.erase(gang);
    }
    std::erase_if(rests, [&](const auto& rest) { return rest.second <= now; });
    // A rest that ran out between two steps is seen by the next step.
    if (turns.next_wake() && *turns.next_wake() <= now) continue;
    RC_ASSERT(turns.holder().has_value() == (wishing.size() > rests.size()));
    if (turns.holder()) {
      RC_ASSERT(wishing.contains(turns.holder()->gang));
      RC_ASSERT(!rests.contains(turns.holder()->gang));
    }
  }
}

// However many of higher priority come: whoever stays gets its turn after so many others have had theirs.
RC_GTEST_PROP(TurnsProperty, EverybodyWhoStaysGetsATurnWithinABoundedNumberOfTurns, ()) {
  const TurnOptions options{.length = seconds(10), .cool_down = seconds(1), .most_passed_over = *rc::gen::inRange<std::uint64_t>(1, 6)};
  Turns turns(options);
  const GangId waiting = *rc::gen::inRange<GangId>(1, 8);
  Instant now = kStart;
  for (GangId gang = 0; gang < waiting; ++gang) {
    turns.want(now, {.priority = *rc::gen::inRange(0, 5), .group = testing::ref(std::to_string(gang)), .gang = gang}, std::nullopt);
  }
  std::set<GangId> served;
  std::uint64_t given = 0;
  GangId next = 100;
  while (served.size() < waiting) {
    if (turns.holder()) served.insert(turns.holder()->gang);
    ++given;
    // Each turn ends, and newcomers of the highest priority stand there before the next.
    turns.want(now, {.priority = 4, .group = testing::ref("new-" + std::to_string(next)), .gang = next}, std::nullopt);
    ++next;
    now = now + options.length;
    turns.step(now);
    RC_ASSERT(given <= 2 * (options.most_passed_over + waiting) + 2);
    std::erase_if(served, [&](GangId gang) { return gang >= waiting; });
  }
}

}   // namespace
}   // namespace ebb::core::gangs
