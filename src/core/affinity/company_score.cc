// What a requirement prefers. Where kube-scheduler computes in float64, so does this, in its order.

#include "core/affinity/company_state.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace ebb::core::affinity {
namespace {

constexpr std::int64_t kMaxScore = 100;

}   // namespace

bool CompanyState::scores(const Requirement& requirement) const {
  const auto anyone = [&](const Requirement::Weighted& one) { return present(one.counter); };
  return !requirement.preferred_spread.empty() || std::ranges::any_of(requirement.preferred, anyone) ||
         std::ranges::any_of(requirement.existing_preferred, anyone);
}

// Adds, for each feasible slot, what the counters say of its domains. Counters of one key stand side by side.
void CompanyState::add_weighted(std::span<const Requirement::Weighted> weighted, std::span<const Slot> feasible,
                                std::span<std::int64_t> out) const {
  for (std::size_t first = 0; first < weighted.size();) {
    const KeyId key = counters_[weighted[first].counter].content.key;
    sums_.assign(topology_.domains(key), 0);
    bool any = false;
    for (; first < weighted.size() && counters_[weighted[first].counter].content.key == key; ++first) {
      const auto& [counter, weight] = weighted[first];
      any = any || present(counter);
      counters_[counter].body.counts.for_each([&](Domain domain, std::int32_t pods) { sums_[domain] += std::int64_t{weight} * pods; });
    }
    if (!any) continue;
    const std::vector<Domain>& column = topology_.column(key);
    for (std::size_t i = 0; i < feasible.size(); ++i) {
      if (feasible[i] < column.size()) out[i] += sums_[column[feasible[i]]];
    }
  }
}

void CompanyState::score_inter_pod(const Requirement& requirement, std::span<const Slot> feasible, std::span<std::int64_t> out) const {
  std::ranges::fill(out, 0);
  if (feasible.empty()) return;
  add_weighted(requirement.preferred, feasible, out);
  add_weighted(requirement.existing_preferred, feasible, out);
  const auto [least, most] = std::ranges::minmax(out);
  const std::int64_t range = most - least;
  for (std::int64_t& score : out) {
    const double share = range > 0 ? static_cast<double>(score - least) / static_cast<double>(range) : 0.0;
    score = static_cast<std::int64_t>(static_cast<double>(kMaxScore) * share);
  }
}

void CompanyState::score_spread(RequirementId id, std::span<const Slot> feasible, std::span<std::int64_t> out) const {
  const Requirement& requirement = requirements_[id].body;
  const auto& rules = requirement.preferred_spread;
  std::ranges::fill(out, 0);
  if (rules.empty() || feasible.empty()) return;

  constexpr std::int64_t kIgnored = -1;
  std::size_t scored = feasible.size();
  if (!requirements_[id].content.scores_every_node) {
    const auto lacks = [&](const Requirement::PreferredSpread& rule, Slot slot) { return topology_.domain(rule.label, slot) == kNoDomain; };
    for (std::size_t i = 0; i < feasible.size(); ++i) {
      if (std::ranges::none_of(rules, [&](const auto& rule) { return lacks(rule, feasible[i]); })) continue;
      out[i] = kIgnored;
      --scored;
    }
  }

  sums_of_spread_.assign(feasible.size(), 0.0);
  for (const Requirement::PreferredSpread& rule : rules) {
    const KeyId key = counters_[rule.counter].content.key;
    sums_.assign(topology_.domains(key), 0);
    counters_[rule.counter].body.counts.for_each([&](Domain domain, std::int32_t pods) { sums_[domain] = pods; });
    std::size_t domains = scored;
    if (!rule.per_node) {
      domains = 0;
      marks_.assign(topology_.domains(key), 0);
      for (std::size_t i = 0; i < feasible.size(); ++i) {
        std::uint8_t& mark = marks_[topology_.domain(key, feasible[i])];
        if (out[i] == kIgnored || mark != 0) continue;
        mark = 1;
        ++domains;
      }
    }
    // A domain counts for more where there are many, and small differences less where the skew may be large.
    const double weight = std::log(static_cast<double>(domains + 2));
    for (std::size_t i = 0; i < feasible.size(); ++i) {
      if (out[i] == kIgnored || topology_.domain(rule.label, feasible[i]) == kNoDomain) continue;
      const double product = static_cast<double>(sums_[topology_.domain(key, feasible[i])]) * weight;
      const double score = product + static_cast<double>(rule.max_skew - 1);
      sums_of_spread_[i] += score;
    }
  }

  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::int64_t most = 0;
  for (std::size_t i = 0; i < feasible.size(); ++i) {
    if (out[i] == kIgnored) continue;
    out[i] = static_cast<std::int64_t>(std::round(sums_of_spread_[i]));
    least = std::min(least, out[i]);
    most = std::max(most, out[i]);
  }
  for (std::int64_t& score : out) {
    if (score == kIgnored) {
      score = 0;
    } else {
      score = most == 0 ? kMaxScore : kMaxScore * (most + least - score) / most;
    }
  }
}

}   // namespace ebb::core::affinity
