// Who waits, for what, and when it is worth another try.

#include "core/placement/placement.h"

#include "core/placement/node_check.h"

#include <algorithm>
#include <utility>

namespace ebb::core::placement {

// Pods whose company does not matter now wait together with all others of their shape.
Ask Placement::group_of(const Ask& ask) const {
  Ask group = ask;
  if (group.company && !state_.company.constrains(*group.company)) group.company.reset();
  return group;
}

std::uint64_t Placement::company_generation(const Ask& ask) const {
  return ask.company && state_.company.constrains(*ask.company) ? state_.company.generation(*ask.company) : 0;
}

// A group is woken by a node that takes it now. Nodes on which nothing was lifted that refused the
// group are not even asked.
void Placement::wake_improved(Instant now) {
  const volumes::VolumeChanges volumes = state_.volumes.take_changes();
  for (const volumes::SlotChange& change : volumes.slots) nodes_.changed(change.slot, change.better ? bit(Filter::volumes) : FilterSet{});
  const auto improved = nodes_.take_improved();
  const bool company_moved = std::exchange(company_moved_, false);
  if (improved.empty() && !nodes_lost_ && !company_moved && volumes.demands.empty()) return;
  if (!improved.empty() || nodes_lost_) ++improvements_;
  nodes_lost_ = false;
  for (const auto& [slot, filters] : improved) wake_nominated(slot);
  wake_gangs(now, improved, company_moved);

  std::vector<Ask> woken;
  for (const auto& [ask, waiting] : queue_.waiting()) {
    WaitGroup& group = *queue_.group(ask);
    const bool volumes_better = ask.volumes && std::ranges::any_of(volumes.demands, [&](const volumes::DemandChange& change) {
                                  return change.better && change.demand == *ask.volumes;
                                });
    const bool company_changed = ask.company && state_.company.generation(*ask.company) != group.company;
    if (improved.empty() && !volumes_better && !company_changed) continue;
    group.recount = true;
    set_recount(now);
    if (volumes_better || company_changed ? selection_.best(state_, shapes_, ask).has_value() : takes_now(ask, group, improved)) {
      woken.push_back(ask);
    }
  }
  for (const Ask& ask : woken) wake_one(ask);
}

void Placement::wake_nominated(Slot slot) {
  const auto found = nominated_.find(slot);
  if (found == nominated_.end()) return;
  const std::set<PodIndex> pods = found->second;
  for (const PodIndex pod : pods) wake(pod);
}

bool Placement::takes_now(const Ask& ask, WaitGroup& group, const std::vector<std::pair<Slot, FilterSet>>& improved) {
  const Shape& shape = shape_of_ask(ask);
  for (const auto& [slot, filters] : improved) {
    if ((filters & group.refused_by) == 0 || !nodes_[slot].present) continue;
    const auto refused_by = first_refusal(state_, shape, ask, slot);
    if (!refused_by) return true;
    group.refused_by = static_cast<FilterSet>(group.refused_by | bit(*refused_by));
  }
  return false;
}

// Whoever goes on waiting is told again why, where that has changed. Not at every change: a pod's
// condition is a write to the API server.
void Placement::recount(Instant now, Actions& out) {
  if (!recount_at_ || now < *recount_at_) return;
  recount_at_.reset();
  for (const auto& [ask, waiting] : queue_.waiting()) {
    WaitGroup& group = *queue_.group(ask);
    if (!std::exchange(group.recount, false)) continue;
    const Refusals refusals = count_refusals(state_, shape_of_ask(ask), ask);
    if (refusals.fitting > 0) {
      // One of the group has been woken for that node; the others are told when it is taken or left.
      group.recount = true;
      set_recount(now);
      continue;
    }
    const std::string message = refusals.message();
    for (const QueueKey& key : group.pods) tell_refused(key.pod, message, out);
  }
}

void Placement::set_recount(Instant now) {
  if (!recount_at_) recount_at_ = now + options_.recount_interval;
}

}   // namespace ebb::core::placement
