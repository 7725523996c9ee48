#pragma once

// Label selectors in the three forms Kubernetes has: the text form of list and watch requests
// ("app in (a,b),!legacy"), the object form (matchLabels, matchExpressions), and node selector
// terms, which add Gt and Lt.

#include "base/result.h"
#include "model/names.h"

#include <string>
#include <string_view>
#include <vector>

namespace ebb::model {

enum class SelectorOperator { in, not_in, exists, does_not_exist, greater, less };

struct SelectorRequirement {
  std::string key;
  SelectorOperator op = SelectorOperator::exists;
  std::vector<std::string> values;   // in, not_in: at least one; greater, less: one integer; else none

  bool matches(const Labels& labels) const;
  friend bool operator==(const SelectorRequirement&, const SelectorRequirement&) = default;
};

// All requirements must match; an empty selector matches everything.
struct LabelSelector {
  std::vector<SelectorRequirement> requirements;

  bool matches(const Labels& labels) const;
  bool empty() const { return requirements.empty(); }
  friend bool operator==(const LabelSelector&, const LabelSelector&) = default;
};

// The text form. Errors: invalid, with the position and what was expected there.
Result<LabelSelector> parse_label_selector(std::string_view text);
std::string to_string(const LabelSelector& selector);

// The object form's operator names "In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt".
Result<SelectorOperator> parse_selector_operator(std::string_view text);

// A requirement with key, values and their number checked as Kubernetes does. Errors: invalid.
Result<SelectorRequirement> make_requirement(std::string key, SelectorOperator op, std::vector<std::string> values);

// One of a node term's matchFields: In or NotIn with exactly one value, which may be any text
// (metadata.name is longer than a label value may be). Errors: invalid.
Result<SelectorRequirement> make_field_requirement(std::string key, SelectorOperator op, std::vector<std::string> values);

// What Kubernetes allows as the key and the value of a label. Errors: invalid, saying what is allowed.
Status check_label_key(std::string_view key);
Status check_label_value(std::string_view value);

// What most objects are named by: lower-case letters, digits, '-' and '.', at most 253.
bool is_dns_subdomain(std::string_view text);

}   // namespace ebb::model
