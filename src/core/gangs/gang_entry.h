#pragma once

// One gang: the group as its object says, its members counted by what they do, and what became of the
// tries to place it.

#include "base/time.h"
#include "core/gangs/gang.h"
#include "core/gangs/turns.h"
#include "model/cluster_action.h"
#include "model/pod_group.h"
#include "model/resources.h"

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace ebb::core::gangs {

// The order in which a gang's members are tried.
struct MemberKey {
  std::int32_t priority = 0;
  Instant created;
  std::string name;
  std::uint32_t pod_index = 0;

  friend std::strong_ordering operator<=>(const MemberKey& a, const MemberKey& b) {
    if (const auto order = b.priority <=> a.priority; order != 0) return order;
    if (const auto order = a.created <=> b.created; order != 0) return order;
    if (const auto order = a.name <=> b.name; order != 0) return order;
    return a.pod_index <=> b.pod_index;
  }
  friend bool operator==(const MemberKey& a, const MemberKey& b) { return (a <=> b) == 0; }
};

struct Counts {
  std::array<std::int32_t, kMemberStates> staying{};   // by state
  std::array<std::int32_t, kMemberStates> leaving{};   // by state, those that are being deleted
  std::int32_t gated = 0;                              // of those that stay and are pending

  std::int32_t of(MemberState state) const { return staying[static_cast<std::size_t>(state)]; }
  std::int32_t leaving_of(MemberState state) const { return leaving[static_cast<std::size_t>(state)]; }
  std::int32_t with_leaving(MemberState state) const { return of(state) + leaving_of(state); }
  std::int32_t all() const;
  // That a try could place.
  std::int32_t placeable() const { return of(MemberState::pending) - gated; }

  friend bool operator==(const Counts&, const Counts&) = default;
};

// Members that count towards those that must have a node, as each dialect counts them: Volcano leaves out
// who failed or is being deleted, scheduler-plugins counts whoever was given a node as long as the pod is
// there, Kubernetes whoever has one and has not ended.
std::int32_t placed(model::PodGroupDialect dialect, const Counts& counts);

// Why a gang cannot even be tried.
struct Shortfall {
  enum class Of { nothing, group, members, task, gates };
  Of of = Of::nothing;
  std::string task;
  std::int32_t there = 0;
  std::int32_t wanted = 0;

  explicit operator bool() const { return of != Of::nothing; }
  std::string sentence(const GroupRef& group) const;
};

struct GangEntry {
  GroupRef ref;
  std::optional<model::PodGroup> group;   // none: members name it, but it is not there
  std::optional<std::int32_t> class_priority;
  Counts counts;
  std::map<std::string, Counts, std::less<>> by_task;
  std::map<std::int32_t, std::int32_t> priorities;   // of members: how many of each
  std::set<MemberKey> placeable;

  GangPhase phase = GangPhase::no_group;
  bool held = true;
  std::int32_t failures = 0;   // tries in vain since the last success
  std::string reason;          // of the last one
  bool lacked_room = false;    // the last one failed for want of room
  bool improved = false;       // since then something has changed that may help
  std::optional<Instant> retry_at;
  bool makes_room = false;   // places are kept for all that must start, until those who stand there have gone

  // Volcano: its minResources were let pass; what of them is still kept out of the room for others.
  bool enqueued = false;
  std::optional<model::Resources> enqueued_for;

  // Where it stands in the book's queues.
  std::optional<TurnKey> ready_as;
  std::optional<TurnKey> enqueues_as;
  std::optional<Instant> backs_off_until;

  std::optional<model::SetPodGroupStatus> written;   // last handed out, and not known to be lost
  std::optional<Instant> status_since;               // since when something is to be written that has not been looked at

  std::int32_t min() const { return group ? group->min_member : 0; }
  std::int32_t priority() const;
  std::int32_t placed_count() const { return placed(ref.dialect, counts); }
  std::int32_t placed_of_task(std::string_view task) const;
  // Minima by task count only where they do not add up to more than the group's own.
  bool task_minima_count() const;
  // Nobody has to start together with anybody.
  bool of_singles() const { return min() <= 1 && !task_minima_count(); }
  // Enough have a node.
  bool quorum() const;
  // Whoever was to run has ended.
  bool ended() const;
  Shortfall shortfall() const;
};

}   // namespace ebb::core::gangs
