// What a requirement prefers. Where kube-scheduler computes in float64, so does this, in its order.

#include "core/affinity/company_state.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace ebb::core::affinity {
namespace {

constexpr std::int64_t kMaxScore = 100;
constexpr std::int64_t kIgnored = -1;   // a slot that a spread score leaves out, while it is computed

// Halves away from zero, for what is not below zero.
std::int64_t rounded(double number) {
  const auto whole = static_cast<std::int64_t>(number);
  return number - static_cast<double>(whole) >= 0.5 ? whole + 1 : whole;
}

// Integer division of what is not below zero by way of the faster one: exact as long as the sum of both is below
// 2^53, because then no quotient that is not whole can be rounded to a whole one.
std::int64_t quotient(std::int64_t dividend, std::int64_t divisor) {
  return static_cast<std::int64_t>(static_cast<double>(dividend) / static_cast<double>(divisor));
}

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
    const Domain* const column = topology_.column(key).data();
    for (std::size_t i = 0; i < feasible.size(); ++i) out[i] += sums_[column[feasible[i]]];
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

// Marks the feasible slots that lack a label which they must have, and returns how many do not.
std::size_t CompanyState::ignore_unlabelled(RequirementId id, std::span<const Slot> feasible, std::span<std::int64_t> out) const {
  if (requirements_[id].content.scores_every_node) return feasible.size();
  for (const Requirement::PreferredSpread& rule : requirements_[id].body.preferred_spread) {
    const Domain* const column = topology_.column(rule.label).data();
    for (std::size_t i = 0; i < feasible.size(); ++i) {
      if (column[feasible[i]] == kNoDomain) out[i] = kIgnored;
    }
  }
  return feasible.size() - static_cast<std::size_t>(std::ranges::count(out, kIgnored));
}

// In how many domains the slots are that are not ignored.
std::size_t CompanyState::count_domains(KeyId key, std::span<const Slot> feasible, std::span<const std::int64_t> out) const {
  const Domain* const column = topology_.column(key).data();
  marks_.assign(topology_.domains(key), 0);
  for (std::size_t i = 0; i < feasible.size(); ++i) {
    if (out[i] != kIgnored) marks_[column[feasible[i]]] = 1;
  }
  return static_cast<std::size_t>(std::ranges::count(marks_, std::uint8_t{1}));
}

void CompanyState::score_spread(RequirementId id, std::span<const Slot> feasible, std::span<std::int64_t> out) const {
  const auto& rules = requirements_[id].body.preferred_spread;
  std::ranges::fill(out, 0);
  if (rules.empty() || feasible.empty()) return;
  const std::size_t scored = ignore_unlabelled(id, feasible, out);

  points_.assign(feasible.size(), 0.0);
  for (const Requirement::PreferredSpread& rule : rules) {
    const KeyId key = counters_[rule.counter].content.key;
    const std::size_t domains = rule.per_node ? scored : count_domains(key, feasible, out);
    // A pod weighs more where there are many domains, and differences less where the skew may be large.
    const double weight = std::log(static_cast<double>(domains + 2));
    const double tolerance = static_cast<double>(rule.max_skew - 1);
    domain_points_.assign(topology_.domains(key), tolerance);
    counters_[rule.counter].body.counts.for_each([&](Domain domain, std::int32_t pods) {
      const double product = static_cast<double>(pods) * weight;
      domain_points_[domain] = product + tolerance;
    });
    const Domain* const column = topology_.column(key).data();
    const Domain* const label = topology_.column(rule.label).data();
    for (std::size_t i = 0; i < feasible.size(); ++i) {
      if (label[feasible[i]] != kNoDomain) points_[i] += domain_points_[column[feasible[i]]];
    }
  }

  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::int64_t most = 0;
  for (std::size_t i = 0; i < feasible.size(); ++i) {
    if (out[i] == kIgnored) continue;
    out[i] = rounded(points_[i]);
    least = std::min(least, out[i]);
    most = std::max(most, out[i]);
  }
  for (std::int64_t& score : out) {
    if (score == kIgnored) {
      score = 0;
    } else {
      score = most == 0 ? kMaxScore : quotient(kMaxScore * (most + least - score), most);
    }
  }
}

}   // namespace ebb::core::affinity
