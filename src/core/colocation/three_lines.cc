#include "core/colocation/three_lines.h"

#include "base/check.h"
#include "base/wide.h"

#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>

namespace ebb::core {
namespace {

std::int64_t amount(const model::Use& use, LineResource resource) { return resource == LineResource::cpu ? use.cpu.v : use.memory.v; }

std::int64_t share(std::int64_t whole, Permille part) { return share_of(Bytes{whole}, part).v; }

// value x part / whole without overflow for any two durations.
std::int64_t scaled(std::int64_t value, Duration part, Duration whole) {
  return static_cast<std::int64_t>(static_cast<Int128>(value) * part.v / std::max<std::int64_t>(whole.v, 1));
}

}   // namespace

std::string_view to_string(LineResource resource) { return resource == LineResource::cpu ? "cpu" : "memory"; }

std::string_view to_string(EvictionReason reason) {
  switch (reason) {
    case EvictionReason::watermark: return "watermark";
    case EvictionReason::pressure: return "pressure";
    case EvictionReason::psi: return "psi";
    case EvictionReason::label: return "label";
  }
  EBB_UNREACHABLE();
}

Permille cpu_admission_line(const model::NodePolicy& policy) {
  const Permille line = policy.resource_sharing.cpu_threshold;
  return policy.eviction.aggressive ? std::min(line, model::water_line_cpu(policy.resource_sharing, policy.eviction)) : line;
}

Permille memory_admission_line(const model::NodePolicy& policy) {
  const Permille line = policy.resource_sharing.memory_threshold;
  return policy.eviction.aggressive ? std::min(line, model::water_line_memory(policy.resource_sharing, policy.eviction)) : line;
}

// One step's view of the node: the lines in absolute amounts, and which pods may still be chosen.
class ThreeLines::Round {
 public:
  Round(const model::NodePolicy& policy, const NodeObservation& seen, const std::map<model::Uid, Asked>& asked)
      : policy_(policy), seen_(seen), jobs_(seen.jobs), leaving_(seen.offline.size(), false) {
    for (std::size_t i = 0; i < seen.offline.size(); ++i) {
      const OfflinePod& pod = seen.offline[i];
      const bool was_asked = asked.contains(pod.uid);
      leaving_[i] = pod.terminating || was_asked;
      if (was_asked && !pod.terminating) spend(pod);
    }
  }

  std::int64_t allocatable(LineResource r) const { return amount(seen_.allocatable, r); }
  std::int64_t use(LineResource r) const { return amount(seen_.use.all(), r); }
  std::int64_t be_use(LineResource r) const { return amount(seen_.use.be, r); }
  std::int64_t online(LineResource r) const { return use(r) - be_use(r); }
  const Distress& distress() const { return seen_.distress; }
  const model::Eviction& eviction() const { return policy_.eviction; }

  std::int64_t water(LineResource r) const {
    return share(allocatable(r), r == LineResource::cpu ? model::water_line_cpu(policy_.resource_sharing, policy_.eviction)
                                                        : model::water_line_memory(policy_.resource_sharing, policy_.eviction));
  }
  std::int64_t admission(LineResource r) const {
    return share(allocatable(r), r == LineResource::cpu ? cpu_admission_line(policy_) : memory_admission_line(policy_));
  }
  std::int64_t pressure(LineResource r) const {
    return share(allocatable(r),
                 r == LineResource::cpu ? policy_.eviction.cpu_pressure_threshold : policy_.eviction.memory_pressure_threshold);
  }

  // What use will be once everybody who is leaving has left.
  std::int64_t projected(LineResource r) const {
    std::int64_t sum = use(r);
    for (std::size_t i = 0; i < leaving_.size(); ++i) {
      if (leaving_[i]) sum -= amount(seen_.offline[i].use, r);
    }
    return sum;
  }
  std::int64_t requested(LineResource r) const {
    std::int64_t sum = 0;
    for (const OfflinePod& pod : seen_.offline) sum += std::max(amount(pod.requests, r), amount(pod.use, r));
    return sum;
  }
  bool anybody_leaving() const { return std::ranges::find(leaving_, true) != leaving_.end(); }

  // Names pods until projected use is at `line`, at most `max` of them. False: not enough pods may
  // be evicted.
  bool choose(LineResource r, std::int64_t line, EvictionReason reason, std::size_t max, std::vector<Victim>& victims) {
    std::int64_t excess = projected(r) - line;
    for (const std::size_t i : order(r, 1)) {
      if (excess <= 0 || max == 0) return true;
      const OfflinePod& pod = seen_.offline[i];
      if (!affordable(pod)) continue;
      victims.push_back({.key = pod.key, .uid = pod.uid, .resource = r, .reason = reason});
      leaving_[i] = true;
      spend(pod);
      excess -= amount(pod.use, r);
      --max;
    }
    return excess <= 0 || max == 0;
  }

  // Names up to `max` pods, whatever they use.
  void choose_any(EvictionReason reason, std::size_t max, std::vector<Victim>& victims) {
    for (const std::size_t i : order(LineResource::cpu, 0)) {
      const OfflinePod& pod = seen_.offline[i];
      if (victims.size() >= max) return;
      if (!affordable(pod)) continue;
      victims.push_back({.key = pod.key, .uid = pod.uid, .resource = LineResource::cpu, .reason = reason});
      leaving_[i] = true;
      spend(pod);
    }
  }

 private:
  bool affordable(const OfflinePod& pod) const {
    if (pod.job.empty()) return true;
    const auto job = jobs_.find(pod.job);
    return job != jobs_.end() && job->second.left() > 0;
  }
  void spend(const OfflinePod& pod) {
    if (const auto job = jobs_.find(pod.job); job != jobs_.end()) ++job->second.terminating;
  }
  // Lowest priority first, then lowest band, then the most relief; the name makes it one order.
  std::vector<std::size_t> order(LineResource r, std::int64_t use_min) const {
    std::vector<std::size_t> candidates;
    for (std::size_t i = 0; i < seen_.offline.size(); ++i) {
      const OfflinePod& pod = seen_.offline[i];
      if (!leaving_[i] && !pod.eviction_refused && amount(pod.use, r) >= use_min) candidates.push_back(i);
    }
    std::ranges::sort(candidates, {}, [&](std::size_t i) {
      const OfflinePod& pod = seen_.offline[i];
      return std::tuple(pod.priority, pod.band, -amount(pod.use, r), std::cref(pod.key));
    });
    return candidates;
  }

  const model::NodePolicy& policy_;
  const NodeObservation& seen_;
  std::map<model::Uid, JobBudget> jobs_;
  std::vector<bool> leaving_;
};

Duration ThreeLines::cooldown(LineResource resource) const {
  return resource == LineResource::cpu ? settings_.cpu_cooldown : settings_.memory_cooldown;
}

// A named victim that is gone or going had an effect: only that starts a cooldown.
void ThreeLines::settle(Instant now, const NodeObservation& seen) {
  for (auto it = asked_.begin(); it != asked_.end();) {
    const auto pod = std::ranges::find(seen.offline, it->first, &OfflinePod::uid);
    const bool effect = pod == seen.offline.end() || pod->terminating;
    const bool refused = !effect && (pod->eviction_refused || now - it->second.at >= settings_.interval + settings_.interval);
    if (effect) cooldown_until_ = std::max(cooldown_until_, now + cooldown(it->second.resource));
    it = effect || refused ? asked_.erase(it) : std::next(it);
  }
}

void ThreeLines::read_line(Instant now, LineResource resource, const Round& round) {
  Line& at = line(resource);
  const std::int64_t use = round.use(resource);
  const std::int64_t slack = share(round.allocatable(resource), settings_.hysteresis);
  const Duration since = last_ ? now - *last_ : settings_.smoothing;
  at.smoothed = since >= settings_.smoothing ? use : at.smoothed + scaled(use - at.smoothed, since, settings_.smoothing);
  at.above_water = std::max(at.smoothed, use) > round.water(resource) - (at.above_water ? slack : 0);

  if (use > round.pressure(resource)) {
    if (!at.pressure_since) at.pressure_since = now;
  } else if (use <= round.pressure(resource) - slack) {
    at.pressure_since.reset();
  }
}

// Closes at once to what the water line leaves, opens slowly, and holds still inside the hysteresis.
void ThreeLines::limit_cpu(Instant now, const Round& round, ThreeLinesDecision& decision) {
  constexpr auto kCpu = LineResource::cpu;
  const std::int64_t allocatable = round.allocatable(kCpu);
  const std::int64_t floor = share(allocatable, settings_.floor);
  const std::int64_t target = cpu_.pressure_since ? floor : std::max(floor, round.water(kCpu) - round.online(kCpu));
  if (!be_cpu_limit_ || target < be_cpu_limit_->v) {
    be_cpu_limit_ = MilliCpu{target};
  } else if (last_ && target - be_cpu_limit_->v > share(allocatable, settings_.hysteresis)) {
    const std::int64_t step = scaled(share(allocatable, settings_.growth_per_second), now - *last_, seconds(1));
    be_cpu_limit_ = MilliCpu{std::min(target, be_cpu_limit_->v + std::max<std::int64_t>(step, 0))};
  }
  decision.be_cpu_limit = be_cpu_limit_;
}

void ThreeLines::limit_memory(const Round& round, ThreeLinesDecision& decision) const {
  constexpr auto kMemory = LineResource::memory;
  if (!memory_.above_water && !memory_.pressure_since) return;
  const std::int64_t floor = share(round.allocatable(kMemory), settings_.floor);
  const std::int64_t target = std::max(floor, round.water(kMemory) - round.online(kMemory));
  decision.be_memory_limit = Bytes{memory_.pressure_since ? floor : target};
}

void ThreeLines::evict_under_pressure(Instant now, LineResource resource, Round& round, ThreeLinesDecision& decision) {
  const Line& at = line(resource);
  const bool due = at.pressure_since && now - *at.pressure_since >= settings_.interval;
  if (!due || round.use(resource) <= round.pressure(resource)) return;
  round.choose(resource, round.pressure(resource), EvictionReason::pressure, SIZE_MAX, decision.evictions);
}

void ThreeLines::evict_above_water(Instant now, Round& round, ThreeLinesDecision& decision) {
  const bool aggressive = round.eviction().aggressive;
  if (!aggressive && (!round.distress().any() || now < cooldown_until_ || round.anybody_leaving())) return;
  const EvictionReason reason = !aggressive && round.distress().psi ? EvictionReason::psi : EvictionReason::watermark;
  for (const LineResource resource : {LineResource::memory, LineResource::cpu}) {
    // Both the trend and this moment must be above, so that neither a spike nor a memory of one evicts.
    const bool above = std::min(line(resource).smoothed, round.use(resource)) > round.water(resource);
    if (!above) continue;
    const bool enough = round.choose(resource, round.water(resource), reason, aggressive ? SIZE_MAX : 1, decision.evictions);
    if (!enough && resource == LineResource::cpu) {
      be_cpu_limit_ = MilliCpu{share(round.allocatable(resource), settings_.floor)};
      decision.be_cpu_limit = be_cpu_limit_;
    }
    if (!enough && resource == LineResource::memory) {
      decision.be_memory_limit = Bytes{share(round.allocatable(resource), settings_.floor)};
    }
    if (!aggressive && !decision.evictions.empty()) return;
  }
}

// Whoever switches colocation off and on again within the grace period has cost nobody anything.
ThreeLinesDecision ThreeLines::empty(Instant now, const model::NodePolicy& policy, const NodeObservation& seen) {
  ThreeLines anew(settings_);
  anew.off_since_ = off_since_.value_or(now);
  anew.next_leaving_ = next_leaving_;
  anew.asked_ = std::move(asked_);
  *this = std::move(anew);
  settle(now, seen);
  ThreeLinesDecision decision;
  if (seen.offline.empty() || now - *off_since_ < policy.eviction.grace_period || now < next_leaving_) return decision;
  Round(policy, seen, asked_).choose_any(EvictionReason::label, settings_.leaving_at_once, decision.evictions);
  for (const Victim& victim : decision.evictions) asked_.insert_or_assign(victim.uid, Asked{victim.resource, now});
  next_leaving_ = now + settings_.interval;
  return decision;
}

ThreeLinesDecision ThreeLines::step(Instant now, const model::NodePolicy& policy, const NodeObservation& seen) {
  if (!policy.colocation) return empty(now, policy, seen);
  off_since_.reset();
  settle(now, seen);
  Round round(policy, seen, asked_);
  ThreeLinesDecision decision;
  read_line(now, LineResource::cpu, round);
  read_line(now, LineResource::memory, round);
  limit_cpu(now, round, decision);
  limit_memory(round, decision);
  decision.cpu_pressure = cpu_.pressure_since.has_value();
  decision.memory_pressure = memory_.pressure_since.has_value();
  if (policy.eviction.enabled) {
    evict_under_pressure(now, LineResource::memory, round, decision);
    evict_under_pressure(now, LineResource::cpu, round, decision);
    // The water line's victims wait until the pressure line's have left.
    if (decision.evictions.empty()) evict_above_water(now, round, decision);
  }
  for (const Victim& victim : decision.evictions) asked_.insert_or_assign(victim.uid, Asked{victim.resource, now});

  decision.may_grow = !cpu_.above_water && !memory_.above_water;
  const auto room = [&](LineResource r) {
    const std::int64_t left = round.admission(r) - std::max(round.online(r) + round.requested(r), std::int64_t{0});
    return std::max<std::int64_t>(left, 0);
  };
  decision.admission_room = {MilliCpu{room(LineResource::cpu)}, Bytes{room(LineResource::memory)}};
  const bool quiet = !decision.cpu_pressure && !decision.memory_pressure && !round.anybody_leaving();
  decision.admit = quiet && (decision.may_grow || !policy.eviction.aggressive) && decision.admission_room.cpu.v > 0 &&
                   decision.admission_room.memory.v > 0;
  last_ = now;
  return decision;
}

}   // namespace ebb::core
