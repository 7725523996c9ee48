#include "model/policy_parser.h"

#include "model/field_reader.h"
#include "model/label_selector.h"
#include "model/policy_check.h"
#include "model/policy_fields.h"
#include "model/policy_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ebb::model {
namespace {

constexpr auto kRootKeys = std::to_array<std::string_view>({"apiVersion", "kind", "metadata", "spec", "status"});

void expect_text(FieldReader& reader, const Located& where, std::string_view wanted) {
  const auto text = reader.text(where);
  if (text && *text != wanted) reader.find(where, fmt::format("{} is not allowed: it must be {}", describe(where.node), wanted));
}

// Only the name matters here. The rest of the metadata is Kubernetes', and comes with every custom resource.
void read_metadata(FieldReader& reader, const Located& metadata, ColocationPolicy& policy) {
  if (metadata.node.is_null()) return;
  if (!metadata.node.is_mapping())
    return reader.find(metadata, fmt::format("{} stands where a mapping is expected", describe(metadata.node)));
  const YamlNode* name = metadata.node.find("name");
  if (name == nullptr) return;
  const Located where{*name, path_of(metadata.path, "name")};
  const auto text = reader.text(where);
  if (!text) return;
  if (is_dns_subdomain(*text)) {
    policy.name = *text;
  } else {
    reader.find(where, fmt::format("{} is not a name: it must be 1 to 253 lower-case letters, digits, '-' and '.', each part between dots "
                                   "beginning and ending with a letter or digit",
                                   describe(*name)));
  }
}

void check_whole(const FieldReader& reader, const ColocationPolicy& policy, const Located& spec, Findings& findings) {
  for (Contradiction& contradiction : check_policy(policy, reader.stated())) {
    findings.push_back(
        {reader.line_of(contradiction.key, spec.line), spec.path + "." + contradiction.key, std::move(contradiction.message)});
  }
}

void require(const YamlNode& document, std::string_view key, std::string_view what, Findings& findings) {
  if (document.find(key) == nullptr) findings.push_back({document.line, std::string(key), fmt::format("missing: it must be {}", what)});
}

}   // namespace

Parsed<ColocationPolicy> read_colocation_policy(const YamlNode& document) {
  Parsed<ColocationPolicy> parsed;
  FieldReader reader(parsed.findings);
  ColocationPolicy policy;
  if (!document.is_mapping()) {
    parsed.findings.push_back({document.line, "", fmt::format("{} stands where a {} is expected", describe(document), kPolicyKind)});
    return parsed;
  }
  require(document, "apiVersion", kPolicyApiVersion, parsed.findings);
  require(document, "kind", kPolicyKind, parsed.findings);
  require(document, "spec", "the policy's fields", parsed.findings);

  for (const auto& [key, member] : reader.members({document, ""}, kRootKeys)) {
    if (key == "apiVersion") expect_text(reader, member, kPolicyApiVersion);
    if (key == "kind") expect_text(reader, member, kPolicyKind);
    if (key == "metadata") read_metadata(reader, member, policy);
    if (key == "spec") reader.section(member, "");
  }
  for (const FieldSetting& setting : reader.settings()) find_policy_field(setting.key)->set(policy, setting.value);
  if (const YamlNode* spec = document.find("spec")) check_whole(reader, policy, {*spec, "spec"}, parsed.findings);
  return finished(std::move(parsed), std::move(policy));
}

Parsed<ColocationPolicy> parse_colocation_policy(std::string_view text, int first_line) {
  return parse_one_document<ColocationPolicy>(text, first_line, kPolicyKind,
                                              [](const YamlNode& document) { return read_colocation_policy(document); });
}

}   // namespace ebb::model
