#pragma once

// ColocationPolicy and node-colocation-config from the text that users write (YAML in a ConfigMap, JSON
// in a custom resource) to checked values. Everything that is wrong is found at once, each with its
// line, its field, what stands there and what is allowed.

#include "model/colocation_policy.h"
#include "model/finding.h"
#include "model/yaml.h"

#include <optional>
#include <string_view>

namespace ebb::model {

inline constexpr std::string_view kPolicyApiVersion = "scheduling.openfuyao.io/v1alpha1";
inline constexpr std::string_view kPolicyKind = "ColocationPolicy";
inline constexpr std::string_view kDefaultPolicyName = "default-colocation-policy";
inline constexpr std::string_view kPolicyNamespace = "openfuyao-system";
inline constexpr std::string_view kPolicyConfigMap = "openfuyao-colocation-config";
// On the object that holds a policy: the text that was accepted last.
inline constexpr std::string_view kLastAcceptedAnnotation = "scheduling.openfuyao.io/last-accepted";
inline constexpr std::string_view kPolicyKey = "colocation-policy.yaml";
inline constexpr std::string_view kNodeConfigMap = "node-colocation-config";
inline constexpr std::string_view kNodePolicyKey = "node-policy.yaml";
inline constexpr std::string_view kNodePolicyList = "nodeColocationConfig";

template <class T>
struct Parsed {
  std::optional<T> value;   // none: there are findings
  Findings findings;        // by line
};

// `first_line` is the number of the text's first line in the file that the reader has open.
Parsed<ColocationPolicy> parse_colocation_policy(std::string_view text, int first_line = 1);

// `base` is the policy that the entries' sections are laid over; without one, only what an entry itself
// states can contradict itself.
Parsed<NodeOverlay> parse_node_overlay(std::string_view text, const ColocationPolicy* base = nullptr, int first_line = 1);

// The same from trees that are read already.
Parsed<ColocationPolicy> read_colocation_policy(const YamlNode& document);
Parsed<NodeOverlay> read_node_overlay(const YamlNode& document, const ColocationPolicy* base = nullptr);

// What an accepted overlay contradicts in a policy that came after it.
Findings check_overlay(const NodeOverlay& overlay, const ColocationPolicy& policy);

}   // namespace ebb::model
