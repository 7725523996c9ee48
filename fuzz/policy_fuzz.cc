// Any text is refused with findings, or is a policy in which everything that must hold holds.

#include "base/check.h"
#include "fuzz_input.h"
#include "model/config_files.h"
#include "model/policy_check.h"
#include "model/policy_fields.h"
#include "model/policy_parser.h"

#include <array>
#include <string>

namespace {

void check_value(const ebb::model::ColocationPolicy& policy) {
  using namespace ebb::model;
  EBB_CHECK(check_policy(policy).empty());
  for (const PolicyField& field : policy_fields()) {
    const auto value = field.get(policy);
    EBB_CHECK(!value || (*value >= field.low && *value <= field.high));
  }
}

void check_findings(const ebb::model::Findings& findings) {
  for (const auto& finding : findings) EBB_CHECK(!finding.message.empty() && finding.line >= 0);
  EBB_CHECK(ebb::model::summary(findings, 200).size() <= 200);
}

}   // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace ebb::model;
  const std::string_view text = fuzz_text(bytes, size);
  const auto policy = parse_colocation_policy(text);
  EBB_CHECK(policy.value.has_value() == policy.findings.empty());
  if (policy.value) check_value(*policy.value);
  check_findings(policy.findings);

  const ColocationPolicy base;
  const auto nodes = parse_node_overlay(text, &base);
  EBB_CHECK(nodes.value.has_value() == nodes.findings.empty());
  if (nodes.value) {
    EBB_CHECK(check_overlay(*nodes.value, base).empty());
    for (const NodeOverlayEntry& entry : nodes.value->entries) check_value(with_overrides(base, entry));
  }
  check_findings(nodes.findings);

  const std::array<ConfigFile, 1> files{ConfigFile{"f", std::string(text)}};
  for (const FileFinding& found : check_config_files(files)) EBB_CHECK(!to_string(found).empty());
  return 0;
}
