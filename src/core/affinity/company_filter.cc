// What a requirement refuses.

#include "core/affinity/company_state.h"

#include <algorithm>

namespace ebb::core::affinity {
namespace {

// How many matching pods a domain may have already.
std::int64_t room(const Requirement::RequiredSpread& spread, const LowestCount& lowest) {
  const bool enough = lowest.members() >= static_cast<std::size_t>(std::max(spread.min_domains, 0));
  return std::int64_t{spread.max_skew} - spread.self + (enough ? lowest.lowest() : 0);
}

}   // namespace

bool CompanyState::constrains(const Requirement& requirement) const {
  const auto anyone = [&](CounterId counter) { return present(counter); };
  return !requirement.required_spread.empty() || !requirement.affinity.empty() || std::ranges::any_of(requirement.anti_affinity, anyone) ||
         std::ranges::any_of(requirement.existing_anti_affinity, anyone);
}

std::uint64_t CompanyState::generation(const Requirement& requirement) const {
  std::uint64_t sum = requirement.base_generation;
  for (const auto& one : requirement.required_spread) sum += generation(one.counter);
  for (const auto& one : requirement.preferred_spread) sum += generation(one.counter) + topology_.generation(one.label);
  for (const CounterId counter : requirement.affinity) sum += generation(counter);
  for (const CounterId counter : requirement.anti_affinity) sum += generation(counter);
  for (const auto& one : requirement.preferred) sum += generation(one.counter);
  for (const CounterId counter : requirement.existing_anti_affinity) sum += generation(counter);
  for (const auto& one : requirement.existing_preferred) sum += generation(one.counter);
  return sum;
}

CompanyRefusal CompanyState::refusal(const Requirement& requirement, Slot slot) const {
  for (const auto& spread : requirement.required_spread) {
    if (!has_label(spread.counter, slot)) return CompanyRefusal::spread_label_missing;
    if (at(spread.counter, slot) > room(spread, counters_[spread.counter].body.lowest)) return CompanyRefusal::spread_skew;
  }
  bool labelled = true;
  bool in_company = true;
  bool anyone = false;
  for (const CounterId counter : requirement.affinity) {
    labelled = labelled && has_label(counter, slot);
    in_company = in_company && at(counter, slot) > 0;
    anyone = anyone || present(counter);
  }
  if (!labelled || (!in_company && (anyone || !requirement.affine_to_itself))) return CompanyRefusal::affinity;
  const auto there = [&](CounterId counter) { return at(counter, slot) > 0; };
  if (std::ranges::any_of(requirement.anti_affinity, there)) return CompanyRefusal::anti_affinity;
  if (std::ranges::any_of(requirement.existing_anti_affinity, there)) return CompanyRefusal::existing_anti_affinity;
  return CompanyRefusal::none;
}

void CompanyState::keep_marked(KeyId key, std::span<std::uint8_t> fits) const {
  const std::vector<Domain>& column = topology_.column(key);
  const std::size_t known = std::min(fits.size(), column.size());
  const std::uint8_t* const marks = marks_.data();
  for (std::size_t slot = 0; slot < known; ++slot) fits[slot] &= marks[column[slot]];
  if (marks[kNoDomain] == 0) std::ranges::fill(fits.subspan(known), std::uint8_t{0});
}

void CompanyState::refuse(const Requirement& requirement, std::span<std::uint8_t> fits) const {
  for (const auto& spread : requirement.required_spread) {
    const auto& [content, counter, hash, holders] = counters_[spread.counter];
    const std::int64_t limit = room(spread, counter.lowest);
    marks_.assign(topology_.domains(content.key), limit >= 0 ? 1 : 0);
    counter.counts.for_each([&](Domain domain, std::int32_t pods) { marks_[domain] = pods <= limit ? 1 : 0; });
    marks_[kNoDomain] = 0;
    keep_marked(content.key, fits);
  }

  const bool anyone = std::ranges::any_of(requirement.affinity, [&](CounterId counter) { return present(counter); });
  for (const CounterId id : requirement.affinity) {
    const auto& [content, counter, hash, holders] = counters_[id];
    // While there is nobody to join, a pod that is its own company goes wherever the labels are.
    marks_.assign(topology_.domains(content.key), !anyone && requirement.affine_to_itself ? 1 : 0);
    counter.counts.for_each([&](Domain domain, std::int32_t) { marks_[domain] = 1; });
    marks_[kNoDomain] = 0;
    keep_marked(content.key, fits);
  }

  // Counters of one key stand side by side: one pass over the slots for all of them.
  const auto keep_apart = [&](const std::vector<CounterId>& from) {
    for (std::size_t first = 0; first < from.size();) {
      const KeyId key = counters_[from[first]].content.key;
      std::size_t last = first;
      bool any = false;
      for (; last < from.size() && counters_[from[last]].content.key == key; ++last) any = any || present(from[last]);
      if (any) {
        marks_.assign(topology_.domains(key), 1);
        for (std::size_t i = first; i < last; ++i) {
          counters_[from[i]].body.counts.for_each([&](Domain domain, std::int32_t) { marks_[domain] = 0; });
        }
        keep_marked(key, fits);
      }
      first = last;
    }
  };
  keep_apart(requirement.anti_affinity);
  keep_apart(requirement.existing_anti_affinity);
}

}   // namespace ebb::core::affinity
