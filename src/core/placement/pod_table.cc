#include "core/placement/pod_table.h"

#include "base/check.h"

namespace ebb::core::placement {

std::string_view to_string(PodState state) {
  switch (state) {
    case PodState::ignored: return "ignored";
    case PodState::awaiting_owner: return "awaiting owner";
    case PodState::held: return "held for its gang";
    case PodState::active: return "queued";
    case PodState::backing_off: return "backing off";
    case PodState::waiting: return "waiting";
    case PodState::assumed: return "being bound";
    case PodState::bound: return "bound";
    case PodState::ended: return "ended";
  }
  EBB_UNREACHABLE();
}

std::vector<std::string> class_warnings(const Resolved& resolved) {
  std::vector<std::string> list = resolved.problems;
  if (!resolved.shape_problem.empty()) list.push_back(resolved.shape_problem);
  list.insert(list.end(), resolved.warnings.begin(), resolved.warnings.end());
  return list;
}

std::optional<PodIndex> PodTable::find(const model::ObjectKey& key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? std::nullopt : std::optional(found->second);
}

PodIndex PodTable::add(const model::Pod& pod) {
  if (unused_.empty()) {
    unused_.push_back(static_cast<PodIndex>(entries_.size()));
    entries_.emplace_back();
    used_.push_back(false);
  }
  const PodIndex index = unused_.back();
  unused_.pop_back();
  used_[index] = true;
  entries_[index].pod = pod;
  entries_[index].arrival = ++arrivals_;
  EBB_CHECK(by_key_.emplace(pod.key, index).second);
  return index;
}

void PodTable::erase(PodIndex index) {
  gone_.add(entries_[index].pod.uid);
  by_key_.erase(entries_[index].pod.key);
  entries_[index] = PodEntry{};
  used_[index] = false;
  unused_.push_back(index);
}

std::vector<PodIndex> PodTable::all() const {
  std::vector<PodIndex> indices;
  indices.reserve(by_key_.size());
  for (PodIndex index = 0; index < entries_.size(); ++index) {
    if (used_[index]) indices.push_back(index);
  }
  return indices;
}

}   // namespace ebb::core::placement
