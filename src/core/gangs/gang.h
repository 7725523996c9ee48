#pragma once

// The words in which gangs are spoken of: which group a pod names, what a member is doing, how far its
// gang has come.

#include "base/time.h"
#include "model/names.h"
#include "model/pod.h"
#include "model/pod_group.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace ebb::core::gangs {

using GangId = std::uint32_t;   // dense; a gang that is gone gives its number to another

struct GroupRef {
  model::PodGroupDialect dialect = model::PodGroupDialect::volcano;
  model::ObjectKey key;

  friend auto operator<=>(const GroupRef&, const GroupRef&) = default;
};

std::string_view to_string(model::PodGroupDialect dialect);

struct Membership {
  GroupRef group;
  std::string task;   // Volcano's task name; empty: none

  friend bool operator==(const Membership&, const Membership&) = default;
};

// The group that a pod names, whether it exists or not. Where several dialects are spoken at once the
// pod's own field counts before Volcano's annotation and that before scheduler-plugins' label.
std::optional<Membership> membership(const model::Pod& pod);

struct PodRef {
  std::uint32_t index = 0;   // the caller's; may be used again for another uid
  model::Uid uid;

  friend bool operator==(const PodRef&, const PodRef&) = default;
};

enum class MemberState { pending, assumed, bound, running, succeeded, failed };
inline constexpr std::size_t kMemberStates = 6;

struct Member {
  PodRef pod;
  Membership of;
  MemberState state = MemberState::pending;
  bool gated = false;     // scheduling gates: it counts as there, but cannot be placed
  bool leaving = false;   // being deleted
  std::int32_t priority = 0;
  Instant created;
  std::string name;
  std::uint64_t signature = 0;   // equal: the same nodes take them; members that are alike are tried one after the other

  friend bool operator==(const Member&, const Member&) = default;
};

enum class GangPhase {
  no_group,               // members name a group that is not there
  waiting_for_members,    // fewer are there than must start together
  ready,                  // to be tried
  trying,                 // taken, not answered yet
  backing_off,            // tried in vain, to be tried again at a time that is known
  waiting_for_capacity,   // tried in vain, to be tried again when something has changed
  making_room,            // others are on their way out for it; all that must start have a place that is kept
  placed,                 // enough have a node
  running,                // enough run
  finished,
  failed,
};

std::string_view to_string(GangPhase phase);

struct GangExplanation {
  GroupRef group;
  GangPhase phase = GangPhase::no_group;
  std::int32_t min = 0;       // how many must start together
  std::int32_t present = 0;   // members that are there and have not ended in vain
  std::int32_t placed = 0;    // of them with a node
  std::int32_t running = 0;
  std::string waiting_for;                    // a sentence; empty: for nothing
  std::optional<Instant> next_try;            // backing off until then
  std::optional<Instant> reservation_until;   // capacity is kept for it until then
  std::optional<std::size_t> position;        // how many gangs are tried before it; of those that are ready or wait for capacity
};

}   // namespace ebb::core::gangs
