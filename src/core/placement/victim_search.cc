#include "core/placement/victim_search.h"

#include "base/check.h"
#include "core/placement/node_check.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

namespace ebb::core::placement {
namespace {

// Looks at nodes that working out offers anew for each member may cost, where one member matters to all nodes.
constexpr std::size_t kMostOffers = 50'000;

}   // namespace

VictimSearch::VictimSearch(ClusterState& state, const PodTable& pods, const ShapeTable& shapes, const gangs::GangBook& gangs,
                           const DisruptionBudgets& budgets, const GangClaim& claim, const GangSearchLimits& limits)
    : state_(state),
      pods_(pods),
      shapes_(shapes),
      gangs_(gangs),
      budgets_(budgets),
      claim_(claim),
      limits_(limits),
      trial_(state, pods),
      fit_(state, pods, shapes, claim.attempt),
      local_(fit_.local()) {}

// The room that its own members have kept, then that of others who matter less, and those who leave anyway.
void VictimSearch::set_aside() {
  for (Slot slot = 0; slot < state_.nodes.slots(); ++slot) {
    for (const PodIndex pod : state_.nodes[slot].pods) {
      const PodEntry& entry = pods_[pod];
      if (!entry.nominated || !state_.nodes[slot].present) continue;
      const bool own = gangs_.gang_of(pod) == claim_.gang;
      if (own) trial_.take_out(pod);
      if (!own && entry.priority < claim_.priority && may_push_out(claim_.standing, claim_.queues, claim_.priority, entry)) {
        trial_.take_out(pod);
        kept_for_.push_back(pod);
      }
    }
  }
}

void VictimSearch::gather() {
  units_ = victim_units(state_, pods_, gangs_, [&](PodIndex pod) {
    const PodEntry& entry = pods_[pod];
    return entry.priority < claim_.priority && entry.state == PodState::bound && state_.nodes[*entry.slot].present &&
           gangs_.gang_of(pod) != claim_.gang && may_push_out(claim_.standing, claim_.queues, claim_.priority, entry);
  });
  gone_.assign(units_.size(), false);
  open_.assign(units_.size(), false);
  units_at_.assign(state_.nodes.slots(), {});
  for (UnitIndex unit = 0; unit < units_.size(); ++unit) {
    for (const PodIndex pod : units_[unit].pods) {
      std::vector<UnitIndex>& at = units_at_[*pods_[pod].slot];
      if (at.empty() || at.back() != unit) at.push_back(unit);
    }
  }
  guard();
}

// Budgets let the least important go; whoever goes beyond them breaks one.
void VictimSearch::guard() {
  breaks_.assign(units_.size(), false);
  if (budgets_.empty()) return;
  std::vector<const model::Pod*> in_order;
  std::vector<UnitIndex> unit_of;
  for (UnitIndex unit = units_.size(); unit-- > 0;) {
    for (const PodIndex pod : units_[unit].pods) {
      in_order.push_back(&pods_[pod].pod);
      unit_of.push_back(unit);
    }
  }
  const std::vector<bool> broken = budgets_.violations(in_order);
  for (std::size_t i = 0; i < broken.size(); ++i) {
    if (broken[i]) breaks_[unit_of[i]] = true;
  }
}

void VictimSearch::take(UnitIndex unit) {
  EBB_CHECK(!gone_[unit]);
  gone_[unit] = true;
  for (const PodIndex pod : units_[unit].pods) trial_.take_out(pod);
}

void VictimSearch::give(UnitIndex unit) {
  EBB_CHECK(gone_[unit]);
  gone_[unit] = false;
  for (const PodIndex pod : units_[unit].pods) trial_.put_back(pod);
}

bool VictimSearch::allowed(UnitIndex unit, std::int32_t priority, bool breaking) const {
  return units_[unit].priority <= priority && (breaking || !breaks_[unit]);
}

bool VictimSearch::room_with(std::int32_t priority, bool breaking) {
  for (UnitIndex unit = 0; unit < units_.size(); ++unit) {
    if (allowed(unit, priority, breaking)) take(unit);
  }
  const bool found = find().has_value();
  for (UnitIndex unit = 0; unit < units_.size(); ++unit) {
    if (gone_[unit]) give(unit);
  }
  return found;
}

// Of the victims, the highest priority at the least; none: even all of them are not enough.
std::optional<std::int32_t> VictimSearch::lowest_priority(bool breaking) {
  std::vector<std::int32_t> priorities;
  for (UnitIndex unit = units_.size(); unit-- > 0;) {
    if (priorities.empty() || priorities.back() != units_[unit].priority) priorities.push_back(units_[unit].priority);
  }
  if (priorities.empty() || !room_with(priorities.back(), breaking)) return std::nullopt;
  std::size_t low = 0;
  std::size_t high = priorities.size() - 1;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (room_with(priorities[middle], breaking)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return priorities[high];
}

void VictimSearch::place(const Places& places) {
  for (const auto& [pod, slot] : places) trial_.place(pod, shape_of(pod), slot);
}

void VictimSearch::unplace(const Places& places) {
  for (const auto& [pod, slot] : places) trial_.unplace(pod);
}

bool VictimSearch::choose_places(std::int32_t priority, bool breaking) {
  for (UnitIndex unit = 0; unit < units_.size(); ++unit) open_[unit] = allowed(unit, priority, breaking);
  return choose_cheapest() || choose_any();
}

// Where all that may go are gone; then those on nodes that nobody goes to come back.
bool VictimSearch::choose_any() {
  for (UnitIndex unit = 0; unit < units_.size(); ++unit) {
    if (open_[unit] && !gone_[unit]) take(unit);
  }
  auto places = find();
  if (!places) return false;
  places_ = *std::move(places);
  place(places_);
  return true;
}

// Each member in turn goes where that costs least. Ends with those that go gone and the members in their places.
bool VictimSearch::choose_cheapest() {
  const auto& nodes = state_.nodes;
  gangs::Attempt attempt = claim_.attempt;
  if (!local_ && nodes.present() * static_cast<std::size_t>(attempt.needed()) > kMostOffers) return false;
  std::vector<std::optional<Offer>> offers(nodes.slots());
  std::optional<Ask> asked;
  while (const gangs::AttemptMember* member = attempt.next()) {
    const PodIndex pod = member->pod.index;
    if (asked != pods_[pod].ask || !local_) offers.assign(nodes.slots(), std::nullopt);
    asked = pods_[pod].ask;
    std::optional<Slot> best;
    for (const auto& [name, slot] : nodes.by_name()) {
      if (!nodes[slot].present) continue;
      if (!offers[slot]) offers[slot] = offer(slot, pod, attempt.needed());
      if (offers[slot]->possible && (!best || cheaper(*offers[slot], slot, *offers[*best], *best))) best = slot;
    }
    if (!best) {
      attempt.refused();
      continue;
    }
    const std::vector<UnitIndex> going = offers[*best]->units;
    for (const UnitIndex unit : going) {
      if (gone_[unit]) continue;   // for another place meanwhile
      take(unit);
      for (const PodIndex victim : units_[unit].pods) offers[*pods_[victim].slot].reset();
    }
    places_.emplace_back(pod, *best);
    trial_.place(pod, shape_of(pod), *best);
    offers[*best].reset();
    attempt.placed();
  }
  if (attempt.quorum()) return true;
  unplace(std::exchange(places_, {}));
  for (UnitIndex unit = 0; unit < units_.size(); ++unit) {
    if (gone_[unit]) give(unit);
  }
  return false;
}

VictimSearch::Offer VictimSearch::offer(Slot slot, PodIndex member, std::int64_t wanted) {
  Offer out;
  const Ask& ask = *pods_[member].ask;
  const auto refused_by = first_refusal(state_, shape_of(member), ask, slot);
  if (refused_by && !lifted_by_leaving(state_, shape_of(member), ask, slot, *refused_by)) return out;
  std::vector<UnitIndex> taken;
  if (refused_by) {
    for (const UnitIndex unit : units_at_[slot]) {
      if (open_[unit] && !gone_[unit]) {
        take(unit);
        taken.push_back(unit);
      }
    }
    if (taken.empty() || !fits(member, slot)) {
      for (const UnitIndex unit : taken) give(unit);
      return out;
    }
  }
  spare(taken, out, member, slot);
  out.possible = true;
  out.highest = std::numeric_limits<std::int32_t>::min();
  for (const UnitIndex unit : out.units) {
    out.highest = std::max(out.highest, units_[unit].priority);
    for (const PodIndex pod : units_[unit].pods) out.sum += std::int64_t{pods_[pod].priority} + (std::int64_t{1} << 31);
    out.count += static_cast<std::int64_t>(units_[unit].pods.size());
    out.breaking += breaks_[unit] ? 1 : 0;
  }
  if (!out.units.empty()) {
    // Some place for others of its kind comes with it.
    std::vector<PodIndex> placed;
    for (const gangs::AttemptMember& other : claim_.attempt.members()) {
      if (std::ssize(placed) == wanted || !fits(member, slot)) break;
      const PodIndex pod = other.pod.index;
      if (pods_[pod].ask != pods_[member].ask || std::ranges::find(places_, pod, &std::pair<PodIndex, Slot>::first) != places_.end())
        continue;
      trial_.place(pod, shape_of(pod), slot);
      placed.push_back(pod);
    }
    out.places = std::max<std::int64_t>(std::ssize(placed), 1);
    for (const PodIndex pod : placed) trial_.unplace(pod);
  }
  for (const UnitIndex unit : out.units) give(unit);
  return out;
}

// Of those that were taken, who has to stay gone. Whoever breaks a budget and whoever matters most is spared first. Where a
// gang is made worthless those of it beyond the minimum go too, wherever they are.
void VictimSearch::spare(std::vector<UnitIndex>& order, Offer& offer, PodIndex member, Slot slot) {
  std::ranges::stable_sort(order, [&](UnitIndex a, UnitIndex b) {
    const bool first = breaks_[a];
    return first != breaks_[b] ? first : a < b;
  });
  std::set<gangs::GangId> worthless;
  for (const UnitIndex unit : order) {
    const VictimUnit& one = units_[unit];
    if (!one.of || one.core || !worthless.contains(*one.of)) {
      give(unit);
      if (fits(member, slot)) continue;
      take(unit);
    }
    if (one.core) worthless.insert(*one.of);
    offer.units.push_back(unit);
  }
  if (worthless.empty()) return;
  for (UnitIndex unit = 0; unit < units_.size(); ++unit) {
    if (gone_[unit] || !units_[unit].of || units_[unit].core || !worthless.contains(*units_[unit].of)) continue;
    take(unit);
    offer.units.push_back(unit);
  }
}

// Per place that is won, after what all victims together have in common.
bool VictimSearch::cheaper(const Offer& a, Slot at_a, const Offer& b, Slot at_b) const {
  if (a.breaking * b.places != b.breaking * a.places) return a.breaking * b.places < b.breaking * a.places;
  if (a.highest != b.highest) return a.highest < b.highest;
  if (a.sum * b.places != b.sum * a.places) return a.sum * b.places < b.sum * a.places;
  if (a.count * b.places != b.count * a.places) return a.count * b.places < b.count * a.places;
  const auto start = [&](const Offer& offer) {
    std::int64_t first = std::numeric_limits<std::int64_t>::max();
    for (const UnitIndex unit : offer.units) {
      if (units_[unit].priority == offer.highest) first = std::min(first, units_[unit].started);
    }
    return first;
  };
  if (!a.units.empty() && !b.units.empty() && start(a) != start(b)) return start(a) > start(b);
  return state_.nodes[at_a].name < state_.nodes[at_b].name;
}

}   // namespace ebb::core::placement
