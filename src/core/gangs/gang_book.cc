#include "core/gangs/gang_book.h"

#include "core/gangs/group_status.h"

#include <algorithm>
#include <string_view>

namespace ebb::core::gangs {
namespace {

bool placeable(const Member& member) { return member.state == MemberState::pending && !member.leaving && !member.gated; }

MemberKey key_of(const Member& member) {
  return {.priority = member.priority, .created = member.created, .name = member.name, .pod_index = member.pod.index};
}

void add(Counts& counts, const Member& member, std::int32_t sign) {
  auto& by_state = member.leaving ? counts.leaving : counts.staying;
  by_state[static_cast<std::size_t>(member.state)] += sign;
  if (member.gated && !member.leaving && member.state == MemberState::pending) counts.gated += sign;
}

// What a scheduler is told by the object, without what it writes there itself.
bool same_demand(const model::PodGroup& a, const model::PodGroup& b) {
  return a.min_member == b.min_member && a.min_task_member == b.min_task_member && a.min_resources == b.min_resources;
}

bool says(const model::PodGroup& group, const model::SetPodGroupStatus& status) {
  return group.phase == status.phase && (status.condition_type.empty() || group.condition == condition_text(status));
}

}   // namespace

std::optional<GangId> GangBook::find(const GroupRef& group) const {
  const auto found = by_ref_.find(group);
  return found == by_ref_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<GangId> GangBook::gang_of(std::uint32_t pod_index) const {
  if (pod_index >= members_.size() || !members_[pod_index]) return std::nullopt;
  return members_[pod_index]->gang;
}

GangId GangBook::gang_for(const GroupRef& group) {
  if (const auto known = find(group)) return *known;
  GangId gang = static_cast<GangId>(gangs_.size());
  if (unused_.empty()) {
    gangs_.emplace_back();
  } else {
    gang = unused_.back();
    unused_.pop_back();
  }
  gangs_[gang].ref = group;
  by_ref_.emplace(group, gang);
  return gang;
}

void GangBook::erase_if_unused(Instant now, GangId gang) {
  GangEntry& entry = gangs_[gang];
  if (entry.group || entry.counts.all() > 0) return;
  leave_queues(gang);
  release_enqueued(entry);
  turns_.leave(now, gang);
  changed_.erase(gang);
  clear_status(gang);
  by_ref_.erase(entry.ref);
  entry = GangEntry();
  unused_.push_back(gang);
  follow_turn(now);
}

void GangBook::group_seen(Instant now, const model::PodGroup& group, std::optional<std::int32_t> priority) {
  const GangId gang = gang_for({.dialect = group.dialect, .key = group.key});
  GangEntry& entry = gangs_[gang];
  const bool another = entry.group && entry.group->uid != group.uid;
  if (another || !entry.group || !same_demand(*entry.group, group)) {
    entry.failures = 0;
    entry.retry_at.reset();
    entry.improved = true;
    release_enqueued(entry);
  }
  if (another) {
    entry.enqueued = false;
    entry.written.reset();
  }
  // Somebody else wrote the status, or ours was lost.
  const bool changed = entry.group && entry.group->resource_version != group.resource_version;
  if (entry.written && changed && !says(group, *entry.written)) entry.written.reset();
  entry.group = group;
  entry.class_priority = priority;
  settle(now, gang);
}

void GangBook::group_gone(Instant now, model::PodGroupDialect dialect, const model::ObjectKey& key) {
  const auto gang = find({.dialect = dialect, .key = key});
  if (!gang) return;
  GangEntry& entry = gangs_[*gang];
  entry.group.reset();
  entry.written.reset();
  entry.enqueued = false;
  release_enqueued(entry);
  settle(now, *gang);
  erase_if_unused(now, *gang);
}

void GangBook::count(const MemberEntry& member, std::int32_t sign) {
  GangEntry& entry = gangs_[member.gang];
  const Member& seen = member.member;
  add(entry.counts, seen, sign);
  if (!seen.of.task.empty()) {
    const auto task = entry.by_task.try_emplace(seen.of.task).first;
    add(task->second, seen, sign);
    if (task->second == Counts()) entry.by_task.erase(task);
  }
  const auto priority = entry.priorities.try_emplace(seen.priority, 0).first;
  priority->second += sign;
  if (priority->second == 0) entry.priorities.erase(priority);
  if (!placeable(seen)) return;
  if (sign > 0) {
    entry.placeable.insert(key_of(seen));
  } else {
    entry.placeable.erase(key_of(seen));
  }
}

void GangBook::member_seen(Instant now, Member member) {
  const std::uint32_t index = member.pod.index;
  if (index >= members_.size()) members_.resize(index + 1);
  std::optional<MemberEntry>& known = members_[index];
  if (known && known->member == member) return;
  const GangId gang = gang_for(member.of.group);
  GangEntry& entry = gangs_[gang];
  const std::int32_t placed_before = entry.placed_count();
  const bool same = known && known->gang == gang && known->member.pod.uid == member.pod.uid;
  // A member that could not be tried before may find room where the others did not.
  const bool candidate = placeable(member) && (!same || known->member.gated || known->member.priority < member.priority);
  std::optional<GangId> left;
  if (known) {
    if (known->gang != gang) left = known->gang;
    count(*known, -1);
  }
  known = MemberEntry{.member = std::move(member), .gang = gang};
  count(*known, +1);
  if (candidate || entry.placed_count() > placed_before) entry.improved = true;
  settle(now, gang);
  if (!left) return;
  settle(now, *left);
  erase_if_unused(now, *left);
}

void GangBook::member_gone(Instant now, const PodRef& pod) {
  if (pod.index >= members_.size() || !members_[pod.index] || members_[pod.index]->member.pod.uid != pod.uid) return;
  const GangId gang = members_[pod.index]->gang;
  count(*members_[pod.index], -1);
  members_[pod.index].reset();
  settle(now, gang);
  erase_if_unused(now, gang);
}

bool GangBook::held(std::uint32_t pod_index) const {
  const auto gang = gang_of(pod_index);
  return gang && gangs_[*gang].held;
}

std::string GangBook::why_held(std::uint32_t pod_index) const {
  const auto gang = gang_of(pod_index);
  return gang && gangs_[*gang].held ? waiting_sentence(gangs_[*gang]) : std::string();
}

std::vector<GangId> GangBook::take_changed() {
  std::vector<GangId> out(changed_.begin(), changed_.end());
  changed_.clear();
  return out;
}

std::vector<PodRef> GangBook::pending_members(GangId gang) const {
  std::vector<PodRef> out;
  out.reserve(gangs_[gang].placeable.size());
  for (const MemberKey& key : gangs_[gang].placeable) out.push_back(members_[key.pod_index]->member.pod);
  return out;
}

// Members of one priority that are alike are brought together at the place of their first, so that what was
// found for one serves the next.
Attempt GangBook::attempt(GangId gang) const {
  const GangEntry& entry = gangs_[gang];
  Need need{.of_task = {0}};
  std::map<std::string_view, std::uint32_t> number_of_task;
  std::int32_t of_tasks = 0;
  if (entry.task_minima_count()) {
    for (const auto& [task, min] : entry.group->min_task_member) {
      number_of_task.emplace(task, static_cast<std::uint32_t>(need.of_task.size()));
      need.of_task.push_back(std::max(0, min - entry.placed_of_task(task)));
      of_tasks += need.of_task.back();
    }
  }
  need.of_any = std::max(0, entry.min() - entry.placed_count() - of_tasks);

  std::map<std::pair<std::int32_t, std::uint64_t>, std::uint32_t> number_alike;
  std::vector<AttemptMember> members;
  members.reserve(entry.placeable.size());
  for (const MemberKey& key : entry.placeable) {
    const Member& member = members_[key.pod_index]->member;
    const auto next = static_cast<std::uint32_t>(number_alike.size());
    const auto alike = number_alike.try_emplace({key.priority, member.signature}, next).first;
    const auto task = number_of_task.find(member.of.task);
    members.push_back({.pod = member.pod, .task = task == number_of_task.end() ? 0 : task->second, .alike = alike->second});
  }
  std::ranges::stable_sort(members, {}, &AttemptMember::alike);
  return Attempt(gang, std::move(need), std::move(members));
}

}   // namespace ebb::core::gangs
