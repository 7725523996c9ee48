#include "core/placement/gang_reclaim.h"

#include "core/placement/node_check.h"
#include "core/placement/reclaim_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <queue>
#include <set>
#include <utility>

namespace ebb::core::placement {
namespace {

void add(fairness::Amounts& sum, const fairness::Amounts& more) {
  for (std::size_t i = 0; i < more.size(); ++i) {
    const auto id = static_cast<fairness::ResourceId>(i);
    sum.set(id, sum[id] + more[id]);
  }
}

class Reclaim {
 public:
  Reclaim(ClusterState& state, const PodTable& pods, const ShapeTable& shapes, const DisruptionBudgets& budgets, fairness::QueueTree& tree,
          const GangClaim& claim)
      : state_(state), pods_(pods), shapes_(shapes), budgets_(budgets), tree_(tree), claim_(claim), trial_(state, pods) {
    for (const auto& [name, slot] : state.nodes.by_name()) {
      if (state.nodes[slot].present) nodes_.push_back(slot);
    }
  }
  ~Reclaim() {
    for (const PodIndex pod : counted_) {
      const QueueStanding& standing = *pods_[pod].standing;
      tree_.unplace(standing.queue, standing.amounts, standing.critical);
    }
    for (const VictimUnit* unit : gone_) count(*unit, true);
  }
  Reclaim(const Reclaim&) = delete;
  Reclaim& operator=(const Reclaim&) = delete;

  void set_aside(const gangs::GangBook& gangs);
  void gather(const gangs::GangBook& gangs);
  bool seat_all();
  void spare_all();
  GangVictims result();

 private:
  struct Plan {
    Preemption::Cost cost;
    std::size_t node = 0;   // of nodes_
    std::vector<std::size_t> units;
  };
  struct Dearer {
    bool operator()(const Plan& a, const Plan& b) const { return a.cost != b.cost ? a.cost > b.cost : a.node > b.node; }
  };

  const Shape& shape_of(PodIndex member) const { return shapes_[pods_[member].ask->shape].shape; }
  bool fits(PodIndex member, Slot slot) const { return !first_refusal(state_, shape_of(member), *pods_[member].ask, slot); }
  void count(const VictimUnit& unit, bool there);
  void take(std::size_t unit);
  std::optional<Slot> free_slot(PodIndex member);
  std::optional<Slot> make_slot(PodIndex member);
  std::optional<Plan> plan(PodIndex member, std::size_t node, bool cores);
  bool refit(const VictimUnit& unit);

  ClusterState& state_;
  const PodTable& pods_;
  const ShapeTable& shapes_;
  const DisruptionBudgets& budgets_;
  fairness::QueueTree& tree_;
  const GangClaim& claim_;
  RoomTrial trial_;
  std::vector<Slot> nodes_;
  std::vector<PodIndex> going_;
  std::vector<VictimUnit> units_;
  std::vector<std::vector<std::size_t>> units_at_;
  std::set<std::size_t> taken_;
  std::vector<const VictimUnit*> gone_;   // out of their queues
  std::vector<PodIndex> counted_;         // members that count as placed in theirs
  Places places_;
  // What a place costs on each node, as last worked out, for members that ask the same. It only ever gets dearer.
  std::optional<Ask> asked_;
  bool cores_ = false;
  std::priority_queue<Plan, std::vector<Plan>, Dearer> plans_;
};

void Reclaim::set_aside(const gangs::GangBook& gangs) {
  for (const Slot slot : nodes_) {
    for (const PodIndex pod : state_.nodes[slot].pods) {
      if (pods_[pod].nominated) {
        if (gangs.gang_of(pod) == claim_.gang) trial_.take_out(pod);
      } else if (is_going(pods_[pod])) {
        trial_.take_out(pod);
        going_.push_back(pod);
      }
    }
  }
}

void Reclaim::gather(const gangs::GangBook& gangs) {
  units_ = victim_units(state_, pods_, gangs, [&](PodIndex pod) {
    const PodEntry& entry = pods_[pod];
    return entry.standing && entry.standing->allocated && entry.standing->queue != claim_.standing->queue &&
           state_.nodes[*entry.slot].present && gangs.gang_of(pod) != claim_.gang;
  });
  std::erase_if(units_, [&](const VictimUnit& unit) {
    return std::ranges::any_of(unit.pods,
                               [&](PodIndex pod) { return pods_[pod].standing->queue != pods_[unit.pods.front()].standing->queue; });
  });
  units_at_.assign(state_.nodes.slots(), {});
  for (std::size_t unit = 0; unit < units_.size(); ++unit) {
    for (const PodIndex pod : units_[unit].pods) {
      std::vector<std::size_t>& at = units_at_[*pods_[pod].slot];
      if (at.empty() || at.back() != unit) at.push_back(unit);
    }
  }
}

void Reclaim::count(const VictimUnit& unit, bool there) {
  for (const PodIndex pod : unit.pods) {
    const QueueStanding& standing = *pods_[pod].standing;
    if (there) {
      tree_.add_allocated(standing.queue, standing.amounts, standing.critical);
    } else {
      tree_.remove_allocated(standing.queue, standing.amounts, standing.critical);
    }
  }
}

// With the core of a gang those beyond its minimum go.
void Reclaim::take(std::size_t unit) {
  if (!taken_.insert(unit).second) return;
  for (const PodIndex pod : units_[unit].pods) trial_.take_out(pod);
  count(units_[unit], false);
  gone_.push_back(&units_[unit]);
  if (!units_[unit].core) return;
  for (std::size_t other = 0; other < units_.size(); ++other) {
    if (units_[other].of == units_[unit].of) take(other);
  }
}

bool Reclaim::seat_all() {
  gangs::Attempt attempt = claim_.attempt;
  while (const gangs::AttemptMember* member = attempt.next()) {
    const PodIndex pod = member->pod.index;
    auto slot = free_slot(pod);
    if (!slot) slot = make_slot(pod);
    if (!slot) {
      attempt.refused();
      continue;
    }
    trial_.place(pod, shape_of(pod), *slot);
    places_.emplace_back(pod, *slot);
    if (const auto& standing = pods_[pod].standing; standing && !standing->allocated) {
      tree_.place(standing->queue, standing->amounts, standing->critical);
      counted_.push_back(pod);
    }
    attempt.placed();
  }
  return attempt.quorum();
}

std::optional<Slot> Reclaim::free_slot(PodIndex member) {
  // Where the last one went there may be room for another.
  if (!places_.empty() && fits(member, places_.back().second)) return places_.back().second;
  for (const Slot slot : nodes_) {
    if (fits(member, slot)) return slot;
  }
  return std::nullopt;
}

// Nodes stand in the order of what a place there cost when it was last worked out; the first whose price still holds is taken.
std::optional<Slot> Reclaim::make_slot(PodIndex member) {
  const Ask& ask = *pods_[member].ask;
  const bool alone = asks_only_the_node(state_, ask);
  for (const bool cores : {false, true}) {
    if (asked_ != ask || !alone || cores_ != cores) {
      asked_ = ask;
      cores_ = cores;
      plans_ = {};
      for (std::size_t node = 0; node < nodes_.size(); ++node) {
        if (auto made = plan(member, node, cores)) plans_.push(*std::move(made));
      }
    }
    while (!plans_.empty()) {
      const std::size_t node = plans_.top().node;
      plans_.pop();
      auto again = plan(member, node, cores);
      if (!again) continue;
      if (!plans_.empty() && Dearer()(*again, plans_.top())) {
        plans_.push(*std::move(again));
        continue;
      }
      for (const std::size_t unit : again->units) take(unit);
      plans_.push(*std::move(again));   // what is left there may be worth another look
      return nodes_[node];
    }
  }
  return std::nullopt;
}

std::optional<Reclaim::Plan> Reclaim::plan(PodIndex member, std::size_t node, bool cores) {
  const Slot slot = nodes_[node];
  const Ask& ask = *pods_[member].ask;
  const auto refused_by = first_refusal(state_, shape_of(member), ask, slot);
  if (!refused_by || !lifted_by_leaving(state_, shape_of(member), ask, slot, *refused_by)) return std::nullopt;
  std::vector<fairness::Candidate> candidates;
  std::vector<std::size_t> unit_of;
  for (const std::size_t unit : units_at_[slot]) {
    const VictimUnit& one = units_[unit];
    if (taken_.contains(unit) || (one.core && !cores)) continue;
    const PodEntry& first = pods_[one.pods.front()];
    fairness::Candidate candidate{.id = model::to_string(first.pod.key),
                                  .queue = first.standing->queue,
                                  .amounts = {},
                                  .priority = one.priority,
                                  .started = first.pod.started.value_or(first.pod.created),
                                  .critical = false};
    for (const PodIndex pod : one.pods) {
      add(candidate.amounts, pods_[pod].standing->amounts);
      candidate.critical = candidate.critical || pods_[pod].standing->critical;
    }
    candidates.push_back(std::move(candidate));
    unit_of.push_back(unit);
  }
  if (candidates.empty()) return std::nullopt;
  const auto& standing = pods_[member].standing;
  const fairness::ReclaimAsk reclaim{.queue = claim_.standing->queue,
                                     .request = standing ? standing->amounts : fairness::Amounts(),
                                     .lacking = lacking_there(state_, shape_of(member), slot),
                                     .critical = claim_.standing->critical};
  const auto chosen = fairness::plan_reclaim(tree_, reclaim, candidates);
  if (!chosen || chosen->empty()) return std::nullopt;
  Plan made{.cost = {}, .node = node, .units = {}};
  std::vector<PodIndex> victims;
  for (const std::size_t index : *chosen) {
    made.units.push_back(unit_of[index]);
    const std::vector<PodIndex>& members = units_[unit_of[index]].pods;
    victims.insert(victims.end(), members.begin(), members.end());
  }
  for (const PodIndex pod : victims) trial_.take_out(pod);
  const bool enough = fits(member, slot);
  for (const PodIndex pod : victims) trial_.put_back(pod);
  if (!enough) return std::nullopt;
  made.cost = cost_of_eviction(pods_, budgets_, std::move(victims));
  return made;
}

bool Reclaim::refit(const VictimUnit& unit) {
  std::set<Slot> slots;
  for (const PodIndex pod : unit.pods) slots.insert(*pods_[pod].slot);
  const bool all_asked =
      std::ranges::any_of(places_, [&](const auto& place) { return !asks_only_the_node(state_, *pods_[place.first].ask); });
  Places asked;
  for (const auto& place : places_) {
    if (all_asked || slots.contains(place.second)) asked.push_back(place);
  }
  for (const auto& [pod, slot] : asked) trial_.unplace(pod);
  bool all = true;
  for (const auto& [pod, slot] : asked) {
    all = all && fits(pod, slot);
    trial_.place(pod, shape_of(pod), slot);
  }
  return all;
}

// What was taken for one member may be more than is needed once others have taken theirs. Only where queues' own limits
// do not want it back as well.
void Reclaim::spare_all() {
  for (const std::size_t unit : std::set<std::size_t>(taken_)) {
    const VictimUnit& one = units_[unit];
    const bool of_core = one.of && !one.core &&
                         std::ranges::any_of(taken_, [&](std::size_t other) { return units_[other].core && units_[other].of == one.of; });
    if (of_core) continue;
    for (const PodIndex pod : one.pods) trial_.put_back(pod);
    count(one, true);
    for (const PodIndex pod : counted_)
      tree_.unplace(pods_[pod].standing->queue, pods_[pod].standing->amounts, pods_[pod].standing->critical);
    const bool allowed =
        tree_.refusals(claim_.standing->queue, still_asked(pods_, claim_.attempt), claim_.standing->critical, nullptr).empty();
    for (const PodIndex pod : counted_)
      tree_.place(pods_[pod].standing->queue, pods_[pod].standing->amounts, pods_[pod].standing->critical);
    if (allowed && refit(one)) {
      taken_.erase(unit);
      std::erase(gone_, &one);
      continue;
    }
    for (const PodIndex pod : one.pods) trial_.take_out(pod);
    count(one, false);
    refit(one);
  }
}

GangVictims Reclaim::result() {
  GangVictims victims;
  victims.places = places_;
  for (const std::size_t unit : taken_) victims.evicted.insert(victims.evicted.end(), units_[unit].pods.begin(), units_[unit].pods.end());
  std::ranges::sort(victims.evicted, [&](PodIndex a, PodIndex b) { return more_important(pods_, a, b); });
  victims.violations = cost_of_eviction(pods_, budgets_, victims.evicted).violations;
  std::set<Slot> used;
  for (const auto& [pod, slot] : places_) used.insert(slot);
  for (const PodIndex pod : going_) {
    if (used.contains(*pods_[pod].slot)) victims.awaited.push_back(pod);
  }
  std::ranges::sort(victims.awaited, {}, [&](PodIndex pod) { return pods_[pod].pod.key; });
  return victims;
}

}   // namespace

fairness::Amounts still_asked(const PodTable& pods, const gangs::Attempt& attempt) {
  fairness::Amounts sum;
  std::int32_t needed = attempt.needed();
  for (const gangs::AttemptMember& member : attempt.members()) {
    const auto& standing = pods[member.pod.index].standing;
    if (!standing || needed-- <= 0 || standing->allocated) continue;
    add(sum, standing->amounts);
  }
  return sum;
}

std::optional<GangVictims> find_gang_reclaim(ClusterState& state, const PodTable& pods, const ShapeTable& shapes,
                                             const gangs::GangBook& gangs, const DisruptionBudgets& budgets, fairness::QueueTree& tree,
                                             const GangClaim& claim, std::string& why) {
  const std::string& queue = tree.spec(claim.standing->queue).name;
  if (!fairness::within_deserved(tree, claim.standing->queue, still_asked(pods, claim.attempt))) {
    why = fmt::format("queue \"{}\" would hold more than it deserves", queue);
    return std::nullopt;
  }
  Reclaim reclaim(state, pods, shapes, budgets, tree, claim);
  reclaim.set_aside(gangs);
  reclaim.gather(gangs);
  if (!reclaim.seat_all()) {
    why = fmt::format("what queue \"{}\" may take back from others does not make room for all", queue);
    return std::nullopt;
  }
  reclaim.spare_all();
  return reclaim.result();
}

}   // namespace ebb::core::placement
