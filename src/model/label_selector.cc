#include "model/label_selector.h"

#include "base/check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace ebb::model {
namespace {

constexpr std::size_t kNameMax = 63;
constexpr std::size_t kPrefixMax = 253;

constexpr bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
constexpr bool is_alphanumeric(char c) { return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z'); }

// Letters, digits, '-', '_' and '.', beginning and ending with a letter or digit.
bool is_name(std::string_view text) {
  const auto inside = [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; };
  return !text.empty() && text.size() <= kNameMax && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
         std::ranges::all_of(text, inside);
}

// As Go's strconv.ParseInt reads it: a sign is allowed.
std::optional<std::int64_t> to_integer(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

struct OperatorName {
  SelectorOperator op;
  std::string_view name;
};

constexpr auto kOperatorNames = std::to_array<OperatorName>({
    {SelectorOperator::in, "In"},
    {SelectorOperator::not_in, "NotIn"},
    {SelectorOperator::exists, "Exists"},
    {SelectorOperator::does_not_exist, "DoesNotExist"},
    {SelectorOperator::greater, "Gt"},
    {SelectorOperator::less, "Lt"},
});

Status check_value_count(std::string_view key, SelectorOperator op, const std::vector<std::string>& values) {
  const std::string_view name = std::ranges::find(kOperatorNames, op, &OperatorName::op)->name;
  switch (op) {
    case SelectorOperator::in:
    case SelectorOperator::not_in:
      if (values.empty()) return fail(Errc::invalid, "{} {}: at least one value is needed", key, name);
      return {};
    case SelectorOperator::exists:
    case SelectorOperator::does_not_exist:
      if (!values.empty()) return fail(Errc::invalid, "{} {}: no value is allowed", key, name);
      return {};
    case SelectorOperator::greater:
    case SelectorOperator::less:
      if (values.size() != 1) return fail(Errc::invalid, "{} {}: exactly one value is needed", key, name);
      if (!to_integer(values.front())) return fail(Errc::invalid, "{} {}: '{}' is not an integer", key, name, values.front());
      return {};
  }
  EBB_UNREACHABLE();
}

}   // namespace

bool SelectorRequirement::matches(const Labels& labels) const {
  const auto label = labels.find(key);
  const bool present = label != labels.end();
  switch (op) {
    case SelectorOperator::in: return present && std::ranges::find(values, label->second) != values.end();
    case SelectorOperator::not_in: return !present || std::ranges::find(values, label->second) == values.end();
    case SelectorOperator::exists: return present;
    case SelectorOperator::does_not_exist: return !present;
    case SelectorOperator::greater:
    case SelectorOperator::less: {
      if (!present || values.size() != 1) return false;
      const auto actual = to_integer(label->second);
      const auto bound = to_integer(values.front());
      if (!actual || !bound) return false;
      return op == SelectorOperator::greater ? *actual > *bound : *actual < *bound;
    }
  }
  EBB_UNREACHABLE();
}

bool LabelSelector::matches(const Labels& labels) const {
  return std::ranges::all_of(requirements, [&](const SelectorRequirement& requirement) { return requirement.matches(labels); });
}

std::string to_string(const LabelSelector& selector) {
  std::vector<std::string> parts;
  for (const auto& [key, op, values] : selector.requirements) {
    switch (op) {
      case SelectorOperator::in:
        parts.push_back(values.size() == 1 ? fmt::format("{}={}", key, values.front())
                                           : fmt::format("{} in ({})", key, fmt::join(values, ",")));
        break;
      case SelectorOperator::not_in:
        parts.push_back(values.size() == 1 ? fmt::format("{}!={}", key, values.front())
                                           : fmt::format("{} notin ({})", key, fmt::join(values, ",")));
        break;
      case SelectorOperator::exists: parts.push_back(key); break;
      case SelectorOperator::does_not_exist: parts.push_back("!" + key); break;
      case SelectorOperator::greater: parts.push_back(fmt::format("{}>{}", key, fmt::join(values, ","))); break;
      case SelectorOperator::less: parts.push_back(fmt::format("{}<{}", key, fmt::join(values, ","))); break;
    }
  }
  return fmt::format("{}", fmt::join(parts, ","));
}

bool is_dns_subdomain(std::string_view text) {
  if (text.size() > kPrefixMax) return false;
  for (;;) {
    const std::size_t dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    const auto inside = [](char c) { return is_lower_or_digit(c) || c == '-'; };
    if (label.empty() || label.front() == '-' || label.back() == '-' || !std::ranges::all_of(label, inside)) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

Status check_label_key(std::string_view key) {
  std::string_view name = key;
  const std::size_t slash = key.find('/');
  if (slash != std::string_view::npos) {
    name.remove_prefix(slash + 1);
    if (!is_dns_subdomain(key.substr(0, slash))) {
      return fail(Errc::invalid, "'{}' is not a label key: before '/' must stand a lower-case DNS name of at most {} characters", key,
                  kPrefixMax);
    }
  }
  if (is_name(name)) return {};
  return fail(Errc::invalid,
              "'{}' is not a label key: it must be 1 to {} letters, digits, '-', '_' or '.', beginning and ending with a letter or digit",
              key, kNameMax);
}

Status check_label_value(std::string_view value) {
  if (value.empty() || is_name(value)) return {};
  return fail(Errc::invalid,
              "'{}' is not a label value: it must be empty or 1 to {} letters, digits, '-', '_' or '.', beginning and ending with a letter "
              "or digit",
              value, kNameMax);
}

Result<SelectorOperator> parse_selector_operator(std::string_view text) {
  const auto found = std::ranges::find(kOperatorNames, text, &OperatorName::name);
  if (found == kOperatorNames.end())
    return fail(Errc::invalid, "'{}' is not an operator: In, NotIn, Exists, DoesNotExist, Gt, Lt are", text);
  return found->op;
}

Result<SelectorRequirement> make_requirement(std::string key, SelectorOperator op, std::vector<std::string> values) {
  EBB_TRY_VOID(check_label_key(key));
  EBB_TRY_VOID(check_value_count(key, op, values));
  for (const std::string& value : values) EBB_TRY_VOID(check_label_value(value));
  return SelectorRequirement{std::move(key), op, std::move(values)};
}

Result<SelectorRequirement> make_field_requirement(std::string key, SelectorOperator op, std::vector<std::string> values) {
  if (op != SelectorOperator::in && op != SelectorOperator::not_in)
    return fail(Errc::invalid, "{}: only In and NotIn are allowed on fields", key);
  if (values.size() != 1) return fail(Errc::invalid, "{}: exactly one value is needed", key);
  return SelectorRequirement{std::move(key), op, std::move(values)};
}

}   // namespace ebb::model
