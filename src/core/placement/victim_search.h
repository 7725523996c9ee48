#pragma once

// The search behind find_gang_victims: a trial over the whole cluster in which candidates are taken out and put
// back. Between its steps the trial holds who is gone; members have places only where a step says so.

#include "core/placement/gang_victims.h"
#include "core/placement/node_check.h"

#include <optional>
#include <set>
#include <vector>

namespace ebb::core::placement {

class VictimSearch {
 public:
  VictimSearch(ClusterState& state, const PodTable& pods, const ShapeTable& shapes, const gangs::GangBook& gangs,
               const DisruptionBudgets& budgets, const GangClaim& claim, const GangSearchLimits& limits);

  GangVictimsAnswer run();

 private:
  using UnitIndex = std::size_t;

  // What one more member on a node costs.
  struct Offer {
    bool possible = false;
    std::vector<UnitIndex> units;   // that go for it
    std::int64_t breaking = 0;      // pods of them that are held back by budgets
    std::int32_t highest = 0;
    std::int64_t sum = 0;
    std::int64_t count = 0;
    std::int64_t places = 1;   // members that then find room there
  };

  void set_aside();
  void gather();
  void guard();
  void take(UnitIndex unit);
  void give(UnitIndex unit);
  bool allowed(UnitIndex unit, std::int32_t priority, bool breaking) const;
  std::optional<Places> find() { return fit_.find(trial_, limits_.looks); }
  bool room_with(std::int32_t priority, bool breaking);
  std::optional<std::int32_t> lowest_priority(bool breaking);

  bool choose_places(std::int32_t priority, bool breaking);
  bool choose_cheapest();
  bool choose_any();
  Offer offer(Slot slot, PodIndex member, std::int64_t wanted);
  bool cheaper(const Offer& a, Slot at_a, const Offer& b, Slot at_b) const;
  void spare(std::vector<UnitIndex>& order, Offer& offer, PodIndex member, Slot slot);

  void place(const Places& places);
  void unplace(const Places& places);
  bool refit(const std::vector<PodIndex>& beside);
  bool comes_back(PodIndex pod);
  bool core_is_gone(UnitIndex unit) const;
  std::vector<UnitIndex> costliest_first() const;
  void spare_all();
  void spare_elsewhere();
  void look_at_all();
  void look_on(std::size_t at, const std::vector<UnitIndex>& units);
  std::vector<PodIndex> evicted() const;
  Preemption::Cost cost_now() const { return cost_of_eviction(pods_, budgets_, evicted()); }
  GangVictimsAnswer result();

  const Shape& shape_of(PodIndex member) const { return shapes_[pods_[member].ask->shape].shape; }
  bool fits(PodIndex member, Slot slot) const { return !first_refusal(state_, shape_of(member), *pods_[member].ask, slot); }

  ClusterState& state_;
  const PodTable& pods_;
  const ShapeTable& shapes_;
  const gangs::GangBook& gangs_;
  const DisruptionBudgets& budgets_;
  const GangClaim& claim_;
  const GangSearchLimits& limits_;
  RoomTrial trial_;
  GangFit fit_;
  bool local_ = false;

  std::vector<PodIndex> going_;      // taken out: they leave anyway
  std::vector<PodIndex> kept_for_;   // taken out: room that is kept for those matters less
  std::vector<VictimUnit> units_;    // what costs most first
  std::vector<bool> breaks_;         // by unit: a budget holds one of its pods back
  std::vector<bool> gone_;
  std::vector<bool> open_;   // may go, in the step that is under way
  std::vector<std::vector<UnitIndex>> units_at_;
  Places places_;   // of the members, as decided so far

  std::size_t tries_ = 0;
  std::optional<Preemption::Cost> best_cost_;
  std::vector<bool> best_gone_;
};

}   // namespace ebb::core::placement
