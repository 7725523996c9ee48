#include "model/field_reader.h"

#include "base/check.h"
#include "model/duration.h"
#include "model/policy_fields.h"
#include "model/suggestion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace ebb::model {
namespace {

constexpr std::size_t kPlaces = 3;
constexpr std::size_t kWholeDigits = 12;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A decimal number in thousandths. What is finer is no number of ours; one too large for its range may be
// cut, it is out of range either way.
std::optional<std::int64_t> to_thousandths(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string_view fraction = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if (whole.empty() && fraction.empty()) return std::nullopt;
  if (!std::ranges::all_of(whole, is_digit) || !std::ranges::all_of(fraction, is_digit)) return std::nullopt;
  while (fraction.ends_with('0')) fraction.remove_suffix(1);
  if (fraction.size() > kPlaces) return std::nullopt;

  std::int64_t number = 0;
  for (const char c : whole.substr(0, kWholeDigits)) number = number * 10 + (c - '0');
  for (std::size_t i = 0; i < kPlaces; ++i) number = number * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
  return negative ? -number : number;
}

std::optional<std::int64_t> to_whole_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || end != text.data() + text.size() || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc::result_out_of_range) return text.front() == '-' ? INT64_MIN : INT64_MAX;
  return number;
}

// The value in the unit that the field's form is held in, ranges aside.
std::optional<std::int64_t> to_value(const YamlNode& node, FieldForm form) {
  if (!node.is_scalar()) return std::nullopt;
  switch (form) {
    case FieldForm::boolean:
      if (!node.plain || (node.text != "true" && node.text != "false")) return std::nullopt;
      return node.text == "true" ? 1 : 0;
    case FieldForm::share: return node.plain ? to_thousandths(node.text) : std::nullopt;
    case FieldForm::count:
    case FieldForm::percent: return node.plain ? to_whole_number(node.text) : std::nullopt;
    case FieldForm::whole_seconds: {
      const auto number = node.plain ? to_whole_number(node.text) : std::nullopt;
      constexpr std::int64_t kFar = INT64_MAX / 1'000'000'000;
      return number ? std::optional(seconds(std::clamp(*number, -kFar, kFar)).v) : std::nullopt;
    }
    case FieldForm::duration: {
      const auto parsed = parse_duration(node.text, DurationUnits::with_days);
      if (!parsed && parsed.error().code == Errc::too_large) return node.text.starts_with('-') ? INT64_MIN : INT64_MAX;
      return parsed ? std::optional(parsed->v) : std::nullopt;
    }
    case FieldForm::numa_strategy: {
      const auto* const found = std::ranges::find(kNumaStrategies, std::string_view(node.text));
      return found == std::end(kNumaStrategies) ? std::nullopt : std::optional(found - std::begin(kNumaStrategies));
    }
  }
  EBB_UNREACHABLE();
}

// A hint at what the writer may have meant.
std::string hint(const YamlNode& node, FieldForm form) {
  if (!node.is_scalar()) return "";
  if (form == FieldForm::duration && to_thousandths(node.text)) return ", with a unit, such as 100ms, 15m or 7d";
  const bool number_expected = form != FieldForm::duration && form != FieldForm::numa_strategy;
  if (!node.plain && number_expected) {
    YamlNode bare = node;
    bare.plain = true;
    if (to_value(bare, form)) return ", without quotes";
  }
  if (form == FieldForm::share && to_thousandths(node.text) == std::nullopt && node.text.find('.') != std::string::npos) {
    return fmt::format(", with at most {} decimal places", kPlaces);
  }
  return "";
}

// Where a key that is unknown here would be known.
std::string other_place(std::string_view key) {
  std::vector<std::string> places;
  for (const PolicyField& field : policy_fields()) {
    const std::size_t dot = field.key.rfind('.');
    const bool leaf = dot != std::string_view::npos && field.key.substr(dot + 1) == key;
    if (leaf) places.emplace_back(field.key.substr(0, dot));
  }
  return places.size() == 1 ? fmt::format(" (it belongs to {})", places.front()) : "";
}

}   // namespace

std::vector<std::pair<std::string_view, Located>> FieldReader::members(const Located& mapping, std::span<const std::string_view> known) {
  std::vector<std::pair<std::string_view, Located>> members;
  if (mapping.node.is_null()) return members;
  if (!mapping.node.is_mapping()) {
    find(mapping, fmt::format("{} stands where a mapping is expected: its fields are {}", describe(mapping.node), fmt::join(known, ", ")));
    return members;
  }
  for (const YamlEntry& entry : mapping.node.entries) {
    const std::string path = path_of(mapping.path, entry.key.text);
    if (std::ranges::find(known, std::string_view(entry.key.text)) != known.end()) {
      members.push_back({entry.key.text, Located{entry.value, path, entry.key.line}});
      continue;
    }
    const auto similar = nearest(entry.key.text, known);
    const std::string more = similar ? fmt::format(", did you mean {}?", *similar) : other_place(entry.key.text);
    findings_.push_back({entry.key.line, path,
                         fmt::format("unknown field{} Known here: {}",
                                     more.empty()          ? "."
                                     : more.ends_with('?') ? more
                                                           : more + ".",
                                     fmt::join(known, ", "))});
  }
  return members;
}

std::optional<bool> FieldReader::boolean(const Located& where) {
  const auto value = to_value(where.node, FieldForm::boolean);
  if (!value)
    find(where, fmt::format("{} is not allowed: it must be true or false{}", describe(where.node), hint(where.node, FieldForm::boolean)));
  return value ? std::optional(*value != 0) : std::nullopt;
}

std::optional<std::int64_t> FieldReader::whole_number(const Located& where, std::int64_t low, std::int64_t high) {
  const auto value = to_value(where.node, FieldForm::count);
  if (!value) {
    find(where, fmt::format("{} is not allowed: it must be a whole number from {} to {}{}", describe(where.node), low, high,
                            hint(where.node, FieldForm::count)));
    return std::nullopt;
  }
  if (*value >= low && *value <= high) return value;
  find(where, fmt::format("{} is out of range: it must be a whole number from {} to {}", describe(where.node), low, high));
  return std::nullopt;
}

std::optional<std::string> FieldReader::text(const Located& where) {
  if (means_text(where.node)) return where.node.text;
  const bool quotable = where.node.is_scalar() && !where.node.is_null();
  find(where, fmt::format("{} is not allowed: it must be text{}", describe(where.node),
                          quotable ? fmt::format(", in quotes: {}", json_quoted(where.node.text)) : ""));
  return std::nullopt;
}

void FieldReader::section(const Located& mapping, std::string_view section) {
  const std::vector<std::string_view> known = policy_steps(section);
  for (const auto& [step, member] : members(mapping, known)) {
    const std::string key = path_of(section, step);
    lines_[key] = member.line;
    if (const PolicyField* known_field = find_policy_field(key)) {
      field(member, *known_field);
    } else {
      this->section(member, key);
    }
  }
}

void FieldReader::field(const Located& where, const PolicyField& field) {
  const auto value = to_value(where.node, field.form);
  if (!value) {
    find(where, fmt::format("{} is not allowed: it must be {}{}", describe(where.node), allowed_text(field), hint(where.node, field.form)));
  } else if (*value < field.low || *value > field.high) {
    find(where, fmt::format("{} is out of range: it must be {}", describe(where.node), allowed_text(field)));
  } else {
    settings_.push_back({std::string(field.key), *value});
  }
}

std::vector<std::string> FieldReader::stated() const {
  std::vector<std::string> keys;
  for (const FieldSetting& setting : settings_) keys.push_back(setting.key);
  return keys;
}

int FieldReader::line_of(std::string_view key, int otherwise) const {
  for (;;) {
    const auto found = lines_.find(key);
    if (found != lines_.end()) return found->second;
    const std::size_t dot = key.rfind('.');
    if (dot == std::string_view::npos) return otherwise;
    key = key.substr(0, dot);
  }
}

}   // namespace ebb::model
