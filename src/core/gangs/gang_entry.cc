#include "core/gangs/gang_entry.h"

#include <fmt/format.h>

#include <numeric>

namespace ebb::core::gangs {

std::int32_t Counts::all() const {
  return std::accumulate(staying.begin(), staying.end(), 0) + std::accumulate(leaving.begin(), leaving.end(), 0);
}

std::int32_t placed(model::PodGroupDialect dialect, const Counts& counts) {
  switch (dialect) {
    case model::PodGroupDialect::volcano:
      return counts.of(MemberState::assumed) + counts.of(MemberState::bound) + counts.of(MemberState::running) +
             counts.of(MemberState::succeeded);
    case model::PodGroupDialect::scheduler_plugins: return counts.all() - counts.with_leaving(MemberState::pending);
    case model::PodGroupDialect::kubernetes:
      return counts.with_leaving(MemberState::assumed) + counts.with_leaving(MemberState::bound) +
             counts.with_leaving(MemberState::running);
  }
  return 0;
}

std::string Shortfall::sentence(const GroupRef& group) const {
  switch (of) {
    case Of::nothing: return {};
    case Of::group: return fmt::format("PodGroup {} ({}) is not there", model::to_string(group.key), to_string(group.dialect));
    case Of::members: return fmt::format("{} of the {} members that must start together are there", there, wanted);
    case Of::task: return fmt::format("task {} has {} of the {} members that must start together", task, there, wanted);
    case Of::gates: return fmt::format("{} of the {} members that must start together are not held by scheduling gates", there, wanted);
  }
  return {};
}

std::int32_t GangEntry::priority() const {
  if (class_priority) return *class_priority;
  return priorities.empty() ? 0 : priorities.rbegin()->first;
}

std::int32_t GangEntry::placed_of_task(std::string_view task) const {
  const auto found = by_task.find(task);
  return found == by_task.end() ? 0 : placed(ref.dialect, found->second);
}

bool GangEntry::task_minima_count() const {
  if (!group || group->min_task_member.empty()) return false;
  std::int64_t sum = 0;
  for (const auto& [task, min] : group->min_task_member) sum += min;
  return sum > 0 && group->min_member >= sum;
}

bool GangEntry::quorum() const {
  if (!group || placed_count() < min()) return false;
  if (!task_minima_count()) return true;
  for (const auto& [task, min] : group->min_task_member) {
    if (placed_of_task(task) < min) return false;
  }
  return true;
}

bool GangEntry::ended() const {
  const std::int32_t over = counts.with_leaving(MemberState::succeeded) + counts.with_leaving(MemberState::failed);
  return group && over > 0 && over == counts.all() && over >= min();
}

Shortfall GangEntry::shortfall() const {
  using Of = Shortfall::Of;
  if (!group) return {.of = Of::group, .task = {}};
  if (task_minima_count()) {
    for (const auto& [task, min] : group->min_task_member) {
      const auto found = by_task.find(task);
      const Counts counted = found == by_task.end() ? Counts() : found->second;
      const std::int32_t there = placed(ref.dialect, counted) + counted.of(MemberState::pending);
      if (there < min) return {.of = Of::task, .task = task, .there = there, .wanted = min};
      if (there - counted.gated < min) return {.of = Of::gates, .task = task, .there = there - counted.gated, .wanted = min};
    }
  }
  const std::int32_t there = placed_count() + counts.of(MemberState::pending);
  if (there < min()) return {.of = Of::members, .task = {}, .there = there, .wanted = min()};
  if (there - counts.gated < min()) return {.of = Of::gates, .task = {}, .there = there - counts.gated, .wanted = min()};
  return {};
}

}   // namespace ebb::core::gangs
