#pragma once

// One gang: the group as its object says, its members counted by what they do, and what became of the
// tries to place it.

#include "base/time.h"
#include "core/gangs/gang.h"
#include "model/cluster_action.h"
#include "model/pod_group.h"

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

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
  bool out_of_room = false;    // the last one failed for want of room, and nothing has changed since
  bool enqueued = false;       // Volcano: its minResources were let pass
  std::optional<Instant> retry_at;

  std::optional<model::SetPodGroupStatus> written;   // last handed out
  std::optional<Instant> written_at;

  std::int32_t min() const { return group ? group->min_member : 0; }
  std::int32_t priority() const;
  std::int32_t placed_count() const { return placed(ref.dialect, counts); }
  // Minima by task count only where they do not add up to more than the group's own.
  bool task_minima_count() const;
  // Enough have a node.
  bool quorum() const;
  // Enough have a node or could be given one; the sentence says what is missing.
  bool complete() const { return missing().empty(); }
  std::string missing() const;
};

}   // namespace ebb::core::gangs
