#include "core/placement/victim_units.h"

#include "core/placement/preemption.h"

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <tuple>
#include <utility>

namespace ebb::core::placement {
namespace {

// Members that have a node and stay, by gang.
using Members = std::map<gangs::GangId, std::vector<PodIndex>>;

VictimUnit unit_of(const PodTable& pods, std::vector<PodIndex> members) {
  VictimUnit unit;
  std::ranges::sort(members, [&](PodIndex a, PodIndex b) { return more_important(pods, a, b); });
  unit.priority = pods[members.front()].priority;
  unit.started = std::numeric_limits<std::int64_t>::max();
  for (const PodIndex pod : members) {
    if (pods[pod].pod.started) unit.started = std::min(unit.started, pods[pod].pod.started->v);
  }
  unit.pods = std::move(members);
  return unit;
}

// How many more have a node than must, and the same of each task that has a minimum of its own.
struct Spare {
  std::int32_t any = 0;
  std::map<std::string, std::int32_t> of_task;
};

std::string task_of(const PodEntry& entry) {
  auto membership = gangs::membership(entry.pod);
  return membership ? std::move(membership->task) : std::string();
}

Spare spare_of(const PodTable& pods, const gangs::GangEntry& gang, const std::vector<PodIndex>& members) {
  Spare spare;
  const bool ended_counts = gang.ref.dialect == model::PodGroupDialect::volcano;
  const std::int32_t ended = ended_counts ? gang.counts.of(gangs::MemberState::succeeded) : 0;
  spare.any = static_cast<std::int32_t>(members.size()) + ended - gang.min();
  if (!gang.task_minima_count()) return spare;
  for (const auto& [task, min] : gang.group->min_task_member) {
    const auto counted = gang.by_task.find(task);
    spare.of_task[task] = counted == gang.by_task.end() ? -min : counted->second.of(gangs::MemberState::succeeded) - min;
  }
  for (const PodIndex pod : members) {
    if (const auto task = spare.of_task.find(task_of(pods[pod])); task != spare.of_task.end()) ++task->second;
  }
  return spare;
}

void add_gang(const PodTable& pods, gangs::GangId id, const gangs::GangEntry& gang, std::vector<PodIndex> members,
              const std::function<bool(PodIndex)>& may_go, std::vector<VictimUnit>& out) {
  Spare spare = spare_of(pods, gang, members);
  std::ranges::sort(members, [&](PodIndex a, PodIndex b) { return more_important(pods, b, a); });
  std::vector<PodIndex> core;
  bool all = true;
  for (const PodIndex pod : members) {
    const bool goes = pods[pod].state == PodState::bound && may_go(pod);
    const auto task = spare.of_task.empty() ? spare.of_task.end() : spare.of_task.find(task_of(pods[pod]));
    const bool beyond = spare.any > 0 && (task == spare.of_task.end() || task->second > 0);
    if (goes && beyond) {
      --spare.any;
      if (task != spare.of_task.end()) --task->second;
      out.push_back(unit_of(pods, {pod}));
      out.back().of = id;
      continue;
    }
    all = all && goes;
    core.push_back(pod);
  }
  if (!all || core.empty()) return;
  out.push_back(unit_of(pods, std::move(core)));
  out.back().of = id;
  out.back().core = true;
}

}   // namespace

std::vector<VictimUnit> victim_units(const ClusterState& state, const PodTable& pods, const gangs::GangBook& gangs,
                                     const std::function<bool(PodIndex)>& may_go) {
  std::vector<VictimUnit> units;
  Members members;
  for (Slot slot = 0; slot < state.nodes.slots(); ++slot) {
    for (const PodIndex pod : state.nodes[slot].pods) {
      const PodEntry& entry = pods[pod];
      if (entry.nominated || is_going(entry)) continue;
      const auto gang = gangs.gang_of(pod);
      if (gang && gangs[*gang].group && !gangs[*gang].of_singles()) {
        members[*gang].push_back(pod);
      } else if (entry.state == PodState::bound && may_go(pod)) {
        units.push_back(unit_of(pods, {pod}));
      }
    }
  }
  for (auto& [gang, list] : members) {
    if (std::ranges::any_of(list, may_go)) add_gang(pods, gang, gangs[gang], std::move(list), may_go, units);
  }
  std::ranges::sort(units, [&](const VictimUnit& a, const VictimUnit& b) {
    const auto key = [](const VictimUnit& unit) {
      return std::tuple(-std::int64_t{unit.priority}, !unit.core, -static_cast<std::int64_t>(unit.pods.size()), unit.started);
    };
    if (key(a) != key(b)) return key(a) < key(b);
    return pods[a.pods.front()].pod.key < pods[b.pods.front()].pod.key;
  });
  return units;
}

}   // namespace ebb::core::placement
