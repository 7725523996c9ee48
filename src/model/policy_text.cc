#include "model/policy_text.h"

namespace ebb::model {
namespace {

// A ConfigMap and a custom resource hold about 1 MiB at most, and a policy is a page.
constexpr std::size_t kPolicyBytesMax = 3u << 20;
constexpr std::size_t kPolicyNodesMax = 100'000;

}   // namespace

YamlText parse_policy_yaml(std::string_view text, int first_line) {
  return parse_yaml(text, {.strict = true, .bytes_max = kPolicyBytesMax, .nodes_max = kPolicyNodesMax, .first_line = first_line});
}

const YamlNode* only_document(const YamlText& text, int first_line, std::string_view what, Findings& findings) {
  const YamlNode* only = nullptr;
  for (const YamlNode& document : text.documents) {
    if (document.is_null()) continue;
    if (only != nullptr) {
      findings.push_back({document.line, "", fmt::format("a second document: exactly one {} is expected", what)});
      break;
    }
    only = &document;
  }
  if (only == nullptr && text.ok()) findings.push_back({first_line, "", fmt::format("the text is empty: a {} is expected", what)});
  return only;
}

}   // namespace ebb::model
