#include "core/fairness/reclaim.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace ebb::core::fairness {
namespace {

ResourceId id(std::size_t resource) { return static_cast<ResourceId>(resource); }

// Something that is missing below a queue; what is missing on the candidates' node is missing below the root.
struct Need {
  QueueId at;
  ResourceId resource = 0;
  Sum amount = 0;
};

// A candidate's queues up to where its side meets that of the one who asks.
struct Side {
  std::vector<QueueId> path;         // to the root
  std::size_t below = 0;             // that many of them are on its side only
  std::size_t asking = 0;            // and that many on the other
  std::vector<ResourceId> reasons;   // what is missing and it has
};

bool level_within_deserved(const QueueTree& tree, QueueId at, const Amounts& request) {
  for (std::size_t r = 0; r < request.size(); ++r) {
    if (request[id(r)] == 0) continue;
    const Sum held = r < tree.resources() ? tree.allocated(at, id(r)) : 0;
    if (held + request[id(r)] > tree.deserved(at, id(r))) return false;
  }
  return true;
}

// Of two pods of one queue the first goes first.
bool goes_before(const Candidate& a, const Candidate& b) {
  return std::tuple(a.critical, a.priority, b.started, std::string_view(a.id)) <
         std::tuple(b.critical, b.priority, a.started, std::string_view(b.id));
}

class Search {
 public:
  Search(const QueueTree& tree, const ReclaimAsk& ask, std::span<const Candidate> candidates)
      : tree_(tree), ask_(ask), candidates_(candidates), chain_(tree.path(ask.queue)) {
    for (const QueueId at : chain_) within_.push_back(level_within_deserved(tree, at, ask.request));
    reasons_ = needs();
    for (const Candidate& candidate : candidates) sides_.push_back(side_of(candidate));
  }

  std::vector<Need> needs() const;
  // Takes victims until nothing is missing; false, with nothing taken, where this order finds no way.
  bool take_by_queue(bool largest_first);
  bool take_one_alone();
  void spare();
  bool spare_some();
  std::vector<std::size_t> victims() const { return taken_; }

 private:
  Side side_of(const Candidate& candidate) const;
  bool helps(std::size_t i, const std::vector<Need>& missing) const;
  bool may_ever_go(std::size_t i) const;
  bool keeps_promises(std::size_t i) const;
  bool asks_for_its_own(QueueId gains, ResourceId r) const;
  bool has_reason(std::size_t i) const;
  bool serves_in_order(std::size_t i) const;
  bool owed_after(QueueId at) const;
  bool all_legitimate() const;
  bool try_take(std::size_t i);
  void count(std::size_t i, int sign);
  Sum removed(const std::map<QueueId, std::vector<Sum>>& from, QueueId at, ResourceId r) const;
  Sum held_after(QueueId at, ResourceId r) const { return r < tree_.resources() ? tree_.allocated(at, r) - removed(removed_, at, r) : 0; }
  Share share_after(QueueId at, const Amounts* more) const;
  Share excess(std::size_t i, QueueId at) const;
  bool better(std::size_t a, std::size_t b) const;

  const QueueTree& tree_;
  const ReclaimAsk& ask_;
  std::span<const Candidate> candidates_;
  std::vector<QueueId> chain_;
  std::vector<bool> within_;
  std::vector<Need> reasons_;   // what is missing before anybody goes
  std::vector<Side> sides_;
  std::vector<std::size_t> taken_;
  std::map<QueueId, std::vector<Sum>> removed_, removed_critical_;
};

Side Search::side_of(const Candidate& candidate) const {
  Side side;
  side.path = tree_.path(candidate.queue);
  const auto meets = [&](QueueId at) { return std::find(chain_.begin(), chain_.end(), at); };
  while (meets(side.path[side.below]) == chain_.end()) ++side.below;
  side.asking = static_cast<std::size_t>(meets(side.path[side.below]) - chain_.begin());
  for (const Need& need : reasons_) {
    const bool there = std::find(side.path.begin(), side.path.end(), need.at) != side.path.end();
    if (there && candidate.amounts[need.resource] > 0) side.reasons.push_back(need.resource);
  }
  return side;
}

std::vector<Need> Search::needs() const {
  std::vector<Need> out;
  for (std::size_t r = 0; r < ask_.lacking.size(); ++r) {
    const Sum missing = ask_.lacking[id(r)] - removed(removed_, tree_.root(), id(r));
    if (missing > 0) out.push_back({tree_.root(), id(r), missing});
  }
  const QueueTree::Freed freed = [this](QueueId at, ResourceId r) {
    return QueueTree::Given{removed(removed_, at, r), removed(removed_critical_, at, r)};
  };
  for (const Refusal& refusal : tree_.refusals(ask_.queue, ask_.request, ask_.critical, &freed)) {
    out.push_back({refusal.at, refusal.resource, refusal.excess()});
  }
  return out;
}

Sum Search::removed(const std::map<QueueId, std::vector<Sum>>& from, QueueId at, ResourceId r) const {
  const auto found = from.find(at);
  return found == from.end() || r >= found->second.size() ? 0 : found->second[r];
}

void Search::count(std::size_t i, int sign) {
  const Candidate& candidate = candidates_[i];
  for (const QueueId at : sides_[i].path) {
    for (auto* sums : {&removed_, &removed_critical_}) {
      if (sums == &removed_critical_ && !candidate.critical) continue;
      std::vector<Sum>& sum = (*sums)[at];
      if (sum.size() < candidate.amounts.size()) sum.resize(candidate.amounts.size());
      for (std::size_t r = 0; r < candidate.amounts.size(); ++r) sum[r] += sign * Sum{candidate.amounts[id(r)]};
    }
  }
}

bool Search::helps(std::size_t i, const std::vector<Need>& missing) const {
  const Side& side = sides_[i];
  return std::any_of(missing.begin(), missing.end(), [&](const Need& need) {
    return candidates_[i].amounts[need.resource] > 0 && std::find(side.path.begin(), side.path.end(), need.at) != side.path.end();
  });
}

// What does not depend on who else goes.
bool Search::may_ever_go(std::size_t i) const {
  const Side& side = sides_[i];
  if (candidates_[i].queue == ask_.queue || side.below == 0 || side.asking == 0 || side.reasons.empty()) return false;
  for (std::size_t k = 0; k < side.asking; ++k) {
    if (!within_[k]) return false;
  }
  return std::all_of(side.path.begin(), side.path.begin() + static_cast<std::ptrdiff_t>(side.below),
                     [&](QueueId at) { return tree_.spec(at).reclaimable; });
}

bool Search::keeps_promises(std::size_t i) const {
  const Candidate& candidate = candidates_[i];
  for (std::size_t k = 0; k < sides_[i].below; ++k) {
    const QueueId at = sides_[i].path[k];
    const QueueSpec& spec = tree_.spec(at);
    for (std::size_t r = 0; r < candidate.amounts.size(); ++r) {
      if (candidate.amounts[id(r)] == 0) continue;
      if (held_after(at, id(r)) < std::max(spec.guarantee.value_or(id(r), 0), spec.floor[id(r)])) return false;
      if (candidate.critical && tree_.critical(at, id(r)) - removed(removed_critical_, at, id(r)) < spec.floor[id(r)]) return false;
    }
  }
  return true;
}

// Whether the side that gains asks for what is stated as its own.
bool Search::asks_for_its_own(QueueId gains, ResourceId r) const {
  const QueueSpec& spec = tree_.spec(gains);
  if (!spec.guarantee.states(r) && !spec.deserved.states(r)) return false;
  return tree_.allocated(gains, r) + ask_.request[r] <= tree_.claimed(gains, r);
}

bool Search::has_reason(std::size_t i) const {
  const Side& side = sides_[i];
  const QueueId gains = chain_[side.asking - 1];
  return std::any_of(side.reasons.begin(), side.reasons.end(), [&](ResourceId r) {
    const bool own = asks_for_its_own(gains, r);
    return std::all_of(side.path.begin(), side.path.begin() + static_cast<std::ptrdiff_t>(side.below),
                       [&](QueueId at) { return held_after(at, r) >= (own ? tree_.claimed(at, r) : tree_.deserved(at, r)); });
  });
}

// Whether the queue that loses would be owed something: of all that is stated as its own and that its
// pods use, running or not, it would hold less. More victims never make that less true.
bool Search::owed_after(QueueId at) const {
  const QueueSpec& spec = tree_.spec(at);
  bool owed = false;
  for (std::size_t r = 0; r < std::min(tree_.resources(), std::max(spec.guarantee.size(), spec.deserved.size())); ++r) {
    const bool used = tree_.pending(at, id(r)) + tree_.allocated(at, id(r)) > 0;
    if (!used || (!spec.guarantee.states(id(r)) && !spec.deserved.states(id(r)))) continue;
    if (held_after(at, id(r)) >= std::max(spec.guarantee.value_or(id(r), 0), spec.deserved.value_or(id(r), 0))) return false;
    owed = true;
  }
  return owed;
}

Share Search::share_after(QueueId at, const Amounts* more) const {
  Share most{0, 1, tree_.spec(at).weight};
  for (std::size_t r = 0; r < tree_.resources(); ++r) {
    if (tree_.total()[id(r)] == 0) continue;
    const Sum held = held_after(at, id(r)) + (more == nullptr ? 0 : (*more)[id(r)]);
    most = std::max(most, Share::of_units(held, tree_.total()[id(r)], tree_.spec(at).weight));
  }
  return most;
}

bool Search::serves_in_order(std::size_t i) const {
  const QueueId gains = chain_[sides_[i].asking - 1];
  const QueueId loses = sides_[i].path[sides_[i].below - 1];
  const bool loser_owed = owed_after(loses);
  if (tree_.owed(gains) != loser_owed) return tree_.owed(gains);
  const std::int32_t gains_priority = tree_.spec(gains).priority;
  const std::int32_t loses_priority = tree_.spec(loses).priority;
  if (gains_priority != loses_priority) return gains_priority > loses_priority;
  // As they stand now, with children rescaled, and as they really would stand afterwards.
  return tree_.share(gains) <= tree_.share(loses) && share_after(gains, &ask_.request) <= share_after(loses, nullptr);
}

// Another victim may take away what made an earlier one legitimate; so all of them are asked.
bool Search::all_legitimate() const {
  return std::all_of(taken_.begin(), taken_.end(), [&](std::size_t i) { return has_reason(i) && keeps_promises(i) && serves_in_order(i); });
}

bool Search::try_take(std::size_t i) {
  count(i, 1);
  taken_.push_back(i);
  if (all_legitimate()) return true;
  taken_.pop_back();
  count(i, -1);
  return false;
}

// How far a queue is above what it deserves of what the candidate is wanted for.
Share Search::excess(std::size_t i, QueueId at) const {
  Share most;
  for (const ResourceId r : sides_[i].reasons) most = std::max(most, Share::of_units(held_after(at, r), tree_.deserved(at, r)));
  return most;
}

bool Search::better(std::size_t a, std::size_t b) const {
  if (candidates_[a].critical != candidates_[b].critical) return candidates_[b].critical;
  for (const bool top : {true, false}) {
    const auto at = [&](std::size_t i) { return sides_[i].path[top ? sides_[i].below - 1 : 0]; };
    if (const auto order = excess(a, at(a)) <=> excess(b, at(b)); order != 0) return order > 0;
  }
  return goes_before(candidates_[a], candidates_[b]);
}

bool Search::take_by_queue(bool largest_first) {
  std::map<QueueId, std::vector<std::size_t>> waiting;   // the next one last
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    if (may_ever_go(i)) waiting[candidates_[i].queue].push_back(i);
  }
  const ResourceId first = reasons_.empty() ? 0 : reasons_.front().resource;
  for (auto& [queue, line] : waiting) {
    std::sort(line.begin(), line.end(), [&](std::size_t a, std::size_t b) {
      const std::int64_t size_a = candidates_[a].amounts[first];
      const std::int64_t size_b = candidates_[b].amounts[first];
      if (largest_first && size_a != size_b) return size_a < size_b;
      return goes_before(candidates_[b], candidates_[a]);
    });
  }
  for (std::vector<Need> missing = needs(); !missing.empty(); missing = needs()) {
    std::vector<std::size_t>* best = nullptr;
    for (auto& [queue, line] : waiting) {
      while (!line.empty() && !helps(line.back(), missing)) line.pop_back();
      if (!line.empty() && (best == nullptr || better(line.back(), best->back()))) best = &line;
    }
    if (best == nullptr) {
      for (const std::size_t i : std::exchange(taken_, {})) count(i, -1);
      return false;
    }
    // Whoever may not go now may not go later either: its queue will hold no more than it does now.
    const std::size_t chosen = best->back();
    best->pop_back();
    try_take(chosen);
  }
  return true;
}

bool Search::take_one_alone() {
  std::vector<std::size_t> line;
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    if (may_ever_go(i)) line.push_back(i);
  }
  std::sort(line.begin(), line.end(), [&](std::size_t a, std::size_t b) { return goes_before(candidates_[a], candidates_[b]); });
  for (const std::size_t i : line) {
    if (!try_take(i)) continue;
    if (needs().empty()) return true;
    taken_.clear();
    count(i, -1);
  }
  return false;
}

// Until nobody can be spared. Sparing a critical pod may make another one superfluous: less is then
// kept free for critical pods.
void Search::spare() {
  while (spare_some()) {
  }
}

// The most valuable first.
bool Search::spare_some() {
  bool any = false;
  std::vector<std::size_t> order = taken_;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return goes_before(candidates_[b], candidates_[a]); });
  for (const std::size_t i : order) {
    count(i, -1);
    const auto at = std::find(taken_.begin(), taken_.end(), i);
    const auto place = at - taken_.begin();
    taken_.erase(at);
    if (needs().empty() && all_legitimate()) {
      any = true;
      continue;
    }
    taken_.insert(taken_.begin() + place, i);
    count(i, 1);
  }
  return any;
}

}   // namespace

bool within_deserved(const QueueTree& tree, QueueId queue, const Amounts& request) {
  return level_within_deserved(tree, tree.path(queue).front(), request);
}

Result<std::vector<std::size_t>> plan_reclaim(const QueueTree& tree, const ReclaimAsk& ask, std::span<const Candidate> candidates,
                                              const Describe& describe) {
  const std::string& name = tree.spec(ask.queue).name;
  for (const Refusal& refusal : tree.refusals(ask.queue, ask.request, ask.critical, nullptr)) {
    if (refusal.reason == Refusal::Reason::closed) return fail(Errc::denied, "{}", words(refusal, describe));
  }
  if (!within_deserved(tree, ask.queue, ask.request)) {
    return fail(Errc::denied, "queue \"{}\" would hold more than it deserves", name);
  }
  Search search(tree, ask, candidates);
  const std::vector<Need> missing = search.needs();
  if (missing.empty()) return std::vector<std::size_t>{};
  if (search.take_by_queue(false) || search.take_one_alone() || search.take_by_queue(true)) {
    search.spare();
    return search.victims();
  }
  const std::int64_t amount = static_cast<std::int64_t>(std::min<Sum>(missing.front().amount, INT64_MAX));
  return fail(Errc::not_found, "queue \"{}\" misses {}, and nobody may be made to give that back", name,
              describe(missing.front().resource, amount));
}

}   // namespace ebb::core::fairness
