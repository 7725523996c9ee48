#pragma once

// Groups and members for tests, in few words.

#include "core/gangs/gang_book.h"

#include <optional>
#include <string>
#include <utility>

namespace ebb::core::gangs::testing {

using Dialect = model::PodGroupDialect;

inline constexpr Instant kStart{1'000'000'000'000'000'000};

inline Instant at(std::int64_t second) { return kStart + seconds(second); }

inline GroupRef ref(const std::string& name, Dialect dialect = Dialect::volcano) { return {.dialect = dialect, .key = {"work", name}}; }

inline model::PodGroup group(const std::string& name, std::int32_t min, Dialect dialect = Dialect::volcano) {
  model::PodGroup out;
  out.dialect = dialect;
  out.key = {"work", name};
  out.uid = model::Uid("uid-" + name);
  out.resource_version = "1";
  out.created = kStart;
  out.min_member = min;
  return out;
}

inline Member member(std::uint32_t index, const std::string& of, MemberState state = MemberState::pending,
                     Dialect dialect = Dialect::volcano) {
  Member out;
  out.pod = {.index = index, .uid = model::Uid("pod-" + std::to_string(index))};
  out.of.group = ref(of, dialect);
  out.state = state;
  out.name = "pod-" + std::to_string(index);
  out.created = kStart;
  return out;
}

inline Member with_task(Member member, std::string task) {
  member.of.task = std::move(task);
  return member;
}

// Members first..last of one state.
inline void see(GangBook& book, Instant now, const std::string& of, std::uint32_t first, std::uint32_t last,
                MemberState state = MemberState::pending, Dialect dialect = Dialect::volcano) {
  for (std::uint32_t i = first; i <= last; ++i) book.member_seen(now, member(i, of, state, dialect));
}

// Takes the gang whose turn it is.
inline std::optional<GangId> take_ready(GangBook& book, Instant now) {
  book.step(now);
  if (book.ready().empty()) return std::nullopt;
  const TurnKey& first = *book.ready().begin();
  const GangId gang = book.ready_holder(first.priority).value_or(first.gang);
  book.take(now, gang);
  return gang;
}

}   // namespace ebb::core::gangs::testing
