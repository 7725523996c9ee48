#include "model/config_files.h"

#include "model/policy_parser.h"
#include "model/policy_text.h"
#include "model/suggestion.h"
#include "model/yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string_view>

namespace ebb::model {
namespace {

constexpr std::string_view kPolicyGroup = "scheduling.openfuyao.io/";

// What one document turned out to hold of ours: a policy or a list of nodes, as a tree or as a text in
// a ConfigMap.
enum class Holds { policy, nodes };

struct Piece {
  Holds holds = Holds::policy;
  const YamlNode* node = nullptr;
  bool is_text = false;   // the node is a scalar whose text is to be read
};

struct File {
  std::string_view name;
  YamlText lenient;
  Findings findings;
  std::vector<Piece> pieces;
};

std::string_view text_of(const YamlNode& mapping, std::string_view key) {
  const YamlNode* value = mapping.is_mapping() ? mapping.find(key) : nullptr;
  return value != nullptr && value->is_scalar() ? std::string_view(value->text) : std::string_view();
}

bool has_key_like(const YamlNode& document, std::string_view wanted) {
  const std::array<std::string_view, 1> known{wanted};
  return std::ranges::any_of(document.entries, [&](const YamlEntry& entry) { return nearest(entry.key.text, known).has_value(); });
}

// The ConfigMap's name decides which key is read in a cluster; elsewhere the key decides.
void take_config_map(const YamlNode& document, File& file) {
  struct Pair {
    std::string_view name;
    std::string_view key;
    Holds holds;
  };
  constexpr auto kPairs =
      std::to_array<Pair>({{kPolicyConfigMap, kPolicyKey, Holds::policy}, {kNodeConfigMap, kNodePolicyKey, Holds::nodes}});

  const YamlNode* metadata = document.find("metadata");
  const YamlNode* data = document.find("data");
  const std::string_view name = metadata != nullptr ? text_of(*metadata, "name") : std::string_view();
  for (const Pair& pair : kPairs) {
    const YamlNode* text = data != nullptr && data->is_mapping() ? data->find(pair.key) : nullptr;
    if (text == nullptr) {
      if (name != pair.name) continue;
      const bool similar = data != nullptr && has_key_like(*data, pair.key);
      file.findings.push_back(
          {data != nullptr ? data->line : document.line, path_of("data", pair.key),
           fmt::format("missing: the ConfigMap {} must hold it{}", name, similar ? ", and a key much like it is there" : "")});
      continue;
    }
    file.pieces.push_back({pair.holds, text, true});
    if (name != pair.name) {
      file.findings.push_back({metadata != nullptr ? metadata->line : document.line, "metadata.name",
                               fmt::format("'{}' is not read: a ConfigMap with the key {} must be named {}", name, pair.key, pair.name)});
    }
    const YamlNode* ns = metadata != nullptr && metadata->is_mapping() ? metadata->find("namespace") : nullptr;
    if (ns != nullptr && ns->text != kPolicyNamespace) {
      file.findings.push_back(
          {ns->line, "metadata.namespace", fmt::format("{} is not read: it must be {}", describe(*ns), kPolicyNamespace)});
    }
  }
}

// In a cluster only one custom resource is read.
void flag_name(const YamlNode& document, File& file) {
  const YamlNode* metadata = document.find("metadata");
  const YamlNode* name = metadata != nullptr && metadata->is_mapping() ? metadata->find("name") : nullptr;
  if (name == nullptr || !name->is_scalar() || name->text == kDefaultPolicyName) return;
  file.findings.push_back(
      {name->line, "metadata.name", fmt::format("'{}' is not read: a {} must be named {}", name->text, kPolicyKind, kDefaultPolicyName)});
}

void take_document(const YamlNode& document, File& file) {
  if (document.is_null()) return;
  const std::string_view kind = text_of(document, "kind");
  if (kind == "ConfigMap") return take_config_map(document, file);
  if (kind == "List") {
    const YamlNode* items = document.find("items");
    if (items == nullptr) return;
    for (const YamlNode& item : items->items) take_document(item, file);
    return;
  }
  if (kind == kPolicyKind) flag_name(document, file);
  const bool ours = kind == kPolicyKind || text_of(document, "apiVersion").starts_with(kPolicyGroup);
  const bool nodes = document.is_mapping() && kind.empty() && has_key_like(document, kNodePolicyList);
  if (nodes) {
    file.pieces.push_back({Holds::nodes, &document});
  } else if (ours || kind.empty()) {
    file.pieces.push_back({Holds::policy, &document});
  }
}

// A policy that stands in a file by itself is held to the strict rules; the manifests around it are not.
void take_strict_findings(std::string_view text, File& file) {
  const bool bare = std::ranges::any_of(file.pieces, [](const Piece& piece) { return !piece.is_text; });
  if (!bare) return;
  const YamlText strict = parse_policy_yaml(text, 1);
  for (const Finding& finding : strict.findings) {
    int begin = 0;
    const YamlNode* document = nullptr;
    for (const YamlNode& candidate : file.lenient.documents) {
      if (candidate.line <= finding.line && candidate.line >= begin) {
        begin = candidate.line;
        document = &candidate;
      }
    }
    const bool in_bare = std::ranges::any_of(file.pieces, [&](const Piece& piece) { return piece.node == document && !piece.is_text; });
    const bool known = std::ranges::find(file.findings, finding) != file.findings.end();
    if ((in_bare || document == nullptr) && !known) file.findings.push_back(finding);
  }
}

File open_file(const ConfigFile& source) {
  File file{.name = source.name, .lenient = parse_yaml(source.text), .findings = {}, .pieces = {}};
  file.findings = file.lenient.findings;
  for (const YamlNode& document : file.lenient.documents) take_document(document, file);
  take_strict_findings(source.text, file);
  if (file.pieces.empty() && file.findings.empty()) {
    file.findings.push_back({1, "",
                             fmt::format("nothing to check in this file: a {}, or a ConfigMap with {} or {}, is expected", kPolicyKind,
                                         kPolicyKey, kNodePolicyKey)});
  }
  return file;
}

// A text inside a document: its lines are the file's where it is a literal block, else all are the scalar's.
template <class T, class Parse>
Parsed<T> parse_text(const YamlNode& scalar, Parse parse) {
  Parsed<T> parsed = parse(scalar.text, scalar.text_line > 0 ? scalar.text_line : 1);
  if (scalar.text_line == 0) {
    for (Finding& finding : parsed.findings) finding.line = scalar.line;
  }
  return parsed;
}

Parsed<ColocationPolicy> read_policy(const Piece& piece) {
  if (!piece.is_text) return read_colocation_policy(*piece.node);
  return parse_text<ColocationPolicy>(*piece.node, [](std::string_view text, int line) { return parse_colocation_policy(text, line); });
}

Parsed<NodeOverlay> read_nodes(const Piece& piece, const ColocationPolicy* base) {
  if (!piece.is_text) return read_node_overlay(*piece.node, base);
  return parse_text<NodeOverlay>(*piece.node, [base](std::string_view text, int line) { return parse_node_overlay(text, base, line); });
}

void add(File& file, Findings found) { std::ranges::move(found, std::back_inserter(file.findings)); }

}   // namespace

std::vector<FileFinding> check_config_files(std::span<const ConfigFile> sources) {
  std::vector<File> files;
  for (const ConfigFile& source : sources) files.push_back(open_file(source));

  std::optional<ColocationPolicy> base;   // as in a cluster, a custom resource wins over a ConfigMap
  bool base_is_text = false;
  for (File& file : files) {
    for (const Piece& piece : file.pieces) {
      if (piece.holds != Holds::policy) continue;
      auto parsed = read_policy(piece);
      if (parsed.value && (!base || (base_is_text && !piece.is_text))) {
        base = std::move(parsed.value);
        base_is_text = piece.is_text;
      }
      add(file, std::move(parsed.findings));
    }
  }
  std::vector<FileFinding> found;
  for (File& file : files) {
    for (const Piece& piece : file.pieces) {
      if (piece.holds == Holds::nodes) add(file, read_nodes(piece, base ? &*base : nullptr).findings);
    }
    std::ranges::stable_sort(file.findings, {}, &Finding::line);
    for (Finding& finding : file.findings) found.push_back({std::string(file.name), std::move(finding)});
  }
  return found;
}

std::string to_string(const FileFinding& found) {
  const auto& [line, path, message] = found.finding;
  return fmt::format("{}:{}: {}{}{}", found.file, std::max(line, 1), path, path.empty() ? "" : ": ", message);
}

}   // namespace ebb::model
