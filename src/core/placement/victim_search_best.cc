// From victims that make room to the fewest, and where they are few to the best.

#include "base/check.h"
#include "core/placement/victim_search.h"

#include <algorithm>
#include <set>
#include <utility>

namespace ebb::core::placement {
namespace {

// So many victims are asked whether the members could do without them in other places.
constexpr std::size_t kMostSparedElsewhere = 32;

}   // namespace

GangVictimsAnswer VictimSearch::run() {
  set_aside();
  if (auto places = find()) {
    places_ = *std::move(places);
    place(places_);
    return result();
  }
  for (Slot slot = 0; slot < state_.nodes.slots(); ++slot) {
    for (const PodIndex pod : state_.nodes[slot].pods) {
      if (pods_[pod].nominated || !is_going(pods_[pod]) || !state_.nodes[slot].present) continue;
      trial_.take_out(pod);
      going_.push_back(pod);
    }
  }
  if (!going_.empty() && find()) return {.victims = {}, .why = NoVictims::leaving};
  gather();
  std::size_t candidates = 0;
  for (const VictimUnit& unit : units_) candidates += unit.pods.size();
  if (candidates == 0) return {.victims = {}, .why = NoVictims::nobody};
  const bool guarded = std::ranges::find(breaks_, true) != breaks_.end();
  bool breaking = false;
  auto priority = lowest_priority(false);
  if (!priority && guarded) {
    breaking = true;
    priority = lowest_priority(true);
  }
  if (!priority || !choose_places(*priority, breaking)) return {.victims = {}, .why = NoVictims::not_enough, .candidates = candidates};
  spare_all();
  spare_elsewhere();
  look_at_all();
  GangVictimsAnswer answer = result();
  answer.candidates = candidates;
  return answer;
}

// Whether the members that stand beside these pods still fit, each asked again in its turn. They stand there in any case.
bool VictimSearch::refit(const std::vector<PodIndex>& beside) {
  std::set<Slot> slots;
  for (const PodIndex pod : beside) slots.insert(*pods_[pod].slot);
  Places asked;
  for (const auto& place : places_) {
    if (!local_ || slots.contains(place.second)) asked.push_back(place);
  }
  unplace(asked);
  bool all = true;
  for (const auto& [pod, slot] : asked) {
    all = all && fits(pod, slot);
    trial_.place(pod, shape_of(pod), slot);
  }
  return all;
}

bool VictimSearch::core_is_gone(UnitIndex unit) const {
  const VictimUnit& one = units_[unit];
  if (!one.of || one.core) return false;
  for (UnitIndex other = 0; other < units_.size(); ++other) {
    if (gone_[other] && units_[other].core && units_[other].of == one.of) return true;
  }
  return false;
}

std::vector<PodIndex> VictimSearch::evicted() const {
  std::vector<PodIndex> pods;
  for (UnitIndex unit = 0; unit < units_.size(); ++unit) {
    if (gone_[unit]) pods.insert(pods.end(), units_[unit].pods.begin(), units_[unit].pods.end());
  }
  std::ranges::sort(pods, [&](PodIndex a, PodIndex b) { return more_important(pods_, a, b); });
  return pods;
}

// Of those that are gone: first who breaks a disruption budget as things are.
std::vector<VictimSearch::UnitIndex> VictimSearch::costliest_first() const {
  std::set<PodIndex> breaking;
  if (!budgets_.empty()) {
    const std::vector<PodIndex> pods = evicted();
    std::vector<const model::Pod*> in_order;
    for (const PodIndex pod : pods) in_order.push_back(&pods_[pod].pod);
    const std::vector<bool> broken = budgets_.violations(in_order);
    for (std::size_t i = 0; i < pods.size(); ++i) {
      if (broken[i]) breaking.insert(pods[i]);
    }
  }
  const auto breaks = [&](UnitIndex unit) {
    return std::ranges::any_of(units_[unit].pods, [&](PodIndex pod) { return breaking.contains(pod); });
  };
  std::vector<UnitIndex> order;
  for (UnitIndex unit = 0; unit < units_.size(); ++unit) {
    if (gone_[unit]) order.push_back(unit);
  }
  std::ranges::stable_partition(order, breaks);
  return order;
}

void VictimSearch::spare_all() {
  for (bool again = true; again;) {
    again = false;
    for (const UnitIndex unit : costliest_first()) {
      if (core_is_gone(unit)) continue;
      give(unit);
      if (refit(units_[unit].pods)) {
        again = again || units_[unit].core;
        continue;
      }
      take(unit);
      refit(units_[unit].pods);
    }
  }
}

void VictimSearch::spare_elsewhere() {
  std::size_t asked = 0;
  for (const UnitIndex unit : costliest_first()) {
    if (core_is_gone(unit) || ++asked > kMostSparedElsewhere) continue;
    unplace(places_);
    give(unit);
    if (auto places = find()) {
      places_ = *std::move(places);
    } else {
      take(unit);
    }
    place(places_);
  }
}

// Every set of candidates that could cost less, where they are few: those that cost most are decided on first, so that what
// is gone already says early that a set is not worth it.
void VictimSearch::look_at_all() {
  const Preemption::Cost cost = cost_now();
  if (cost.count == 0) return;
  std::vector<UnitIndex> units;
  for (UnitIndex unit = 0; unit < units_.size(); ++unit) {
    if (cost.violations > 0 || units_[unit].priority <= cost.highest) units.push_back(unit);
  }
  if (units.size() > limits_.exact_units) return;
  tries_ = limits_.exact_work / (state_.nodes.present() + claim_.attempt.members().size() + 1);
  best_cost_ = cost;
  best_gone_ = gone_;
  unplace(places_);
  for (const UnitIndex unit : units) {
    if (!gone_[unit]) take(unit);
  }
  look_on(0, units);
  for (const UnitIndex unit : units) {
    if (gone_[unit] && !best_gone_[unit]) give(unit);
  }
  if (*best_cost_ < cost) {
    auto places = find();
    EBB_CHECK(places.has_value());
    places_ = *std::move(places);
  }
  place(places_);
}

void VictimSearch::look_on(std::size_t at, const std::vector<UnitIndex>& units) {
  if (tries_ == 0) return;
  if (at == units.size()) {
    if (const Preemption::Cost cost = cost_now(); cost < *best_cost_) {
      best_cost_ = cost;
      best_gone_ = gone_;
    }
    return;
  }
  const UnitIndex unit = units[at];
  if (!core_is_gone(unit)) {
    --tries_;
    give(unit);
    if (find()) look_on(at + 1, units);
    take(unit);
  }
  std::vector<PodIndex> gone;
  for (std::size_t i = 0; i <= at; ++i) {
    if (gone_[units[i]]) gone.insert(gone.end(), units_[units[i]].pods.begin(), units_[units[i]].pods.end());
  }
  if (cost_of_eviction(pods_, budgets_, std::move(gone)) < *best_cost_) look_on(at + 1, units);
}

// Whether the pod may be there again; it is where the members fit all the same.
bool VictimSearch::comes_back(PodIndex pod) {
  trial_.put_back(pod);
  if (refit({pod})) return true;
  trial_.take_out(pod);
  refit({pod});
  return false;
}

GangVictimsAnswer VictimSearch::result() {
  GangVictimsAnswer answer;
  GangVictims& victims = answer.victims;
  victims.places = places_;
  if (!units_.empty()) {
    victims.evicted = evicted();
    victims.violations = cost_now().violations;
  }
  const auto matters_more = [&](PodIndex a, PodIndex b) { return more_important(pods_, a, b); };
  std::ranges::sort(kept_for_, matters_more);
  for (const PodIndex pod : kept_for_) {
    if (!comes_back(pod)) victims.displaced.push_back(pod);
  }
  std::set<Slot> used;
  for (const auto& [pod, slot] : places_) used.insert(slot);
  std::ranges::sort(going_, matters_more);
  for (const PodIndex pod : going_) {
    if (used.contains(*pods_[pod].slot) && !comes_back(pod)) victims.awaited.push_back(pod);
  }
  return answer;
}

}   // namespace ebb::core::placement
