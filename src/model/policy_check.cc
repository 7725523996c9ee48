#include "model/policy_check.h"

#include "model/policy_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace ebb::model {
namespace {

constexpr std::int64_t kWhole = 100;

bool contains(const std::vector<std::string>& stated, std::string_view key) { return std::ranges::find(stated, key) != stated.end(); }

std::optional<Contradiction> check_order(const PolicyOrder& order, const ColocationPolicy& policy, const std::vector<std::string>& stated) {
  const PolicyField& lower = *find_policy_field(order.lower);
  const PolicyField& upper = *find_policy_field(order.upper);
  const auto low = effective_value(lower, policy);
  const auto high = effective_value(upper, policy);
  if (!low || !high || *low <= *high) return std::nullopt;
  const auto shown = [&](const PolicyField& field, std::int64_t value) {
    const bool is_default = !contains(stated, field.key) && field.get(policy) == field.get(ColocationPolicy{});
    return fmt::format("{} ({}{})", field.key, value_text(field.form, value), is_default ? ", the default" : "");
  };
  const bool blame_upper = contains(stated, upper.key) && !contains(stated, lower.key);
  Contradiction contradiction{.involved = {std::string(lower.key), std::string(upper.key)}};
  if (blame_upper) {
    contradiction.key = upper.key;
    contradiction.message = fmt::format("{} is below {}: {}", value_text(upper.form, *high), shown(lower, *low), order.rule);
  } else {
    contradiction.key = lower.key;
    contradiction.message = fmt::format("{} is above {}: {}", value_text(lower.form, *low), shown(upper, *high), order.rule);
  }
  return contradiction;
}

std::optional<Contradiction> check_sum(const PolicySum& sum, const ColocationPolicy& policy) {
  Contradiction contradiction{.key = std::string(sum.section)};
  std::int64_t total = 0;
  std::string terms;
  for (const std::string_view share : {"hls", "ls", "be"}) {
    const PolicyField& field = *find_policy_field(fmt::format("{}.{}", sum.section, share));
    const std::int64_t value = field.get(policy).value_or(0);
    total += value;
    terms += fmt::format("{}{} {}", terms.empty() ? "" : " + ", share, value);
    contradiction.involved.emplace_back(field.key);
  }
  if (total == kWhole || (!sum.exactly && total < kWhole)) return std::nullopt;
  contradiction.message =
      fmt::format("the shares add up to {} ({}): they must make {}{}", total, terms, sum.exactly ? "" : "at most ", kWhole);
  return contradiction;
}

}   // namespace

std::vector<Contradiction> check_policy(const ColocationPolicy& policy, const std::vector<std::string>& stated) {
  std::vector<Contradiction> found;
  for (const PolicyOrder& order : policy_orders()) {
    if (auto contradiction = check_order(order, policy, stated)) found.push_back(*std::move(contradiction));
  }
  for (const PolicySum& sum : policy_sums()) {
    if (auto contradiction = check_sum(sum, policy)) found.push_back(*std::move(contradiction));
  }
  return found;
}

}   // namespace ebb::model
