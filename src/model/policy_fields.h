#pragma once

// Every field below `spec` of a ColocationPolicy, each declared once: key, form, range and help. The
// parser, the custom resource's schema and the tables of docs/policy.md are read off this table; a
// default is what a ColocationPolicy holds when nobody says anything.

#include "model/colocation_policy.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::model {

enum class FieldForm {
  boolean,
  share,           // 0.8; held in permille
  duration,        // 100ms; held in nanoseconds
  whole_seconds,   // 30; held in nanoseconds
  count,           // 10
  percent,         // 50
  numa_strategy,   // best-effort; held as the enumerator's number
};

struct PolicyField {
  std::string_view key;   // below spec, with its sections: "eviction.waterLine.cpu"
  FieldForm form;
  std::int64_t low;   // both ends belong to the range; in the unit that the form is held in
  std::int64_t high;
  std::string_view help;   // one sentence
  std::optional<std::int64_t> (*get)(const ColocationPolicy&);
  void (*set)(ColocationPolicy&, std::int64_t);
};

std::span<const PolicyField> policy_fields();   // in document order
const PolicyField* find_policy_field(std::string_view key);

// The next steps of every field below a section, "" for spec itself: "gracePeriodSeconds", "waterLine" ...
// below "eviction".
std::vector<std::string_view> policy_steps(std::string_view section);

// One field must not be above another, and what the two are called.
struct PolicyOrder {
  std::string_view lower;
  std::string_view upper;
  std::string_view rule;   // "the water line must not be above the admission line"
};
std::span<const PolicyOrder> policy_orders();

// Shares that together make a whole.
struct PolicySum {
  std::string_view section;   // "isolation.l3": its hls, ls and be
  bool exactly;               // 100; else at most 100
};
std::span<const PolicySum> policy_sums();

// What the field is set to, the water line's default resolved against the admission line.
std::optional<std::int64_t> effective_value(const PolicyField& field, const ColocationPolicy& policy);

// A value as users write it ("0.8", "15m", "best-effort"), and what is allowed ("a number from 0 to 1").
std::string value_text(FieldForm form, std::int64_t value);
std::string allowed_text(const PolicyField& field);
std::string default_text(const PolicyField& field);

inline constexpr std::string_view kNumaStrategies[] = {"best-effort", "restricted", "single-numa-node"};

}   // namespace ebb::model
