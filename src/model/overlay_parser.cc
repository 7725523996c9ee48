// node-colocation-config: which nodes, whether colocation is on there, and what differs from the policy.

#include "model/field_reader.h"
#include "model/label_selector.h"
#include "model/policy_check.h"
#include "model/policy_fields.h"
#include "model/policy_parser.h"
#include "model/policy_text.h"
#include "model/quantity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <type_traits>

namespace ebb::model {
namespace {

constexpr auto kRootKeys = std::to_array<std::string_view>({kNodePolicyList});
constexpr auto kEntryKeys = std::to_array<std::string_view>(
    {"nodeSelector", "colocationEnabled", "maxOfflinePods", "resourceReserve", "resourceSharing", "eviction", "isolation"});
constexpr auto kSelectorKeys = std::to_array<std::string_view>({"matchLabels"});
constexpr auto kReserveKeys = std::to_array<std::string_view>({"cpu", "memory"});

constexpr std::int64_t kOfflinePodsMax = 10'000;
constexpr MilliCpu kReserveCpuMax = cpus(100'000);
constexpr Bytes kReserveMemoryMax = gibibytes(1024 * 1024);   // 1Pi

void read_labels(FieldReader& reader, const Located& labels, Labels& into) {
  if (labels.node.is_null()) return;
  if (!labels.node.is_mapping())
    return reader.find(labels, fmt::format("{} stands where a mapping of labels is expected", describe(labels.node)));
  for (const YamlEntry& entry : labels.node.entries) {
    const Located where{entry.value, path_of(labels.path, entry.key.text), entry.key.line};
    if (const auto key = check_label_key(entry.key.text); !key) reader.find({entry.key, where.path}, key.error().message);
    const auto value = reader.text(where);
    if (!value) continue;
    if (const auto valid = check_label_value(*value); !valid) reader.find(where, valid.error().message);
    into[entry.key.text] = *value;
  }
}

template <class Unit>
void read_reserve(FieldReader& reader, const Located& where, Result<Unit> (*parse)(std::string_view), Unit most, Unit& into) {
  const std::string allowed = fmt::format("it must be a quantity from 0 to {}, such as {}", to_quantity_text(most),
                                          std::is_same_v<Unit, Bytes> ? "4Gi" : "2 or 500m");
  const auto parsed =
      where.node.is_scalar() && !where.node.is_null() ? parse(where.node.text) : Result<Unit>(fail(Errc::invalid, "no quantity"));
  if (!parsed) {
    reader.find(where, fmt::format("{} is not allowed: {}", describe(where.node), allowed));
  } else if (parsed->v < 0 || *parsed > most) {
    reader.find(where, fmt::format("{} is out of range: {}", describe(where.node), allowed));
  } else {
    into = *parsed;
  }
}

void read_member(FieldReader& reader, std::string_view key, const Located& member, NodeOverlayEntry& entry) {
  if (key == "nodeSelector") {
    for (const auto& [inner, labels] : reader.members(member, kSelectorKeys)) read_labels(reader, labels, entry.match_labels);
  } else if (key == "colocationEnabled") {
    if (const auto enabled = reader.boolean(member)) entry.colocation_enabled = *enabled;
  } else if (key == "maxOfflinePods") {
    if (const auto most = reader.whole_number(member, 0, kOfflinePodsMax)) entry.max_offline_pods = static_cast<std::int32_t>(*most);
  } else if (key == "resourceReserve") {
    for (const auto& [inner, amount] : reader.members(member, kReserveKeys)) {
      if (inner == "cpu") read_reserve(reader, amount, parse_cpu, kReserveCpuMax, entry.reserve_cpu);
      if (inner == "memory") read_reserve(reader, amount, parse_memory, kReserveMemoryMax, entry.reserve_memory);
    }
  } else {
    reader.section(member, key);
  }
}

// What the entry makes of the policy. Without a policy the fields it leaves open could be anything, so
// only what it states itself counts against it.
std::vector<Contradiction> contradictions(const NodeOverlayEntry& entry, const ColocationPolicy* base) {
  std::vector<std::string> stated;
  for (const FieldSetting& setting : entry.overrides) stated.push_back(setting.key);
  std::vector<Contradiction> found = check_policy(with_overrides(base != nullptr ? *base : ColocationPolicy{}, entry), stated);
  if (base != nullptr) return found;

  std::erase_if(found, [&](const Contradiction& contradiction) {
    return !std::ranges::all_of(contradiction.involved,
                                [&](const std::string& key) { return std::ranges::find(stated, key) != stated.end(); });
  });
  return found;
}

NodeOverlayEntry read_entry(const Located& where, const ColocationPolicy* base, Findings& findings) {
  NodeOverlayEntry entry;
  FieldReader reader(findings);
  if (where.node.is_null()) reader.find(where, "an entry without fields");
  for (const auto& [key, member] : reader.members(where, kEntryKeys)) read_member(reader, key, member, entry);
  entry.overrides = reader.settings();
  if (entry.overrides.empty()) return entry;
  for (Contradiction& contradiction : contradictions(entry, base)) {
    findings.push_back(
        {reader.line_of(contradiction.key, where.node.line), where.path + "." + contradiction.key, std::move(contradiction.message)});
  }
  return entry;
}

}   // namespace

Parsed<NodeOverlay> read_node_overlay(const YamlNode& document, const ColocationPolicy* base) {
  Parsed<NodeOverlay> parsed;
  FieldReader reader(parsed.findings);
  NodeOverlay overlay;
  const auto members = reader.members({document, ""}, kRootKeys);
  if (document.is_mapping() && document.find(kNodePolicyList) == nullptr) {
    parsed.findings.push_back(
        {document.line, std::string(kNodePolicyList), "missing: it must be a list of entries, which may be empty ([])"});
  }
  for (const auto& [key, list] : members) {
    if (!list.node.is_sequence()) {
      reader.find(list, fmt::format("{} stands where a list of entries is expected", describe(list.node)));
      continue;
    }
    for (std::size_t i = 0; i < list.node.items.size(); ++i) {
      overlay.entries.push_back(read_entry({list.node.items[i], path_of(list.path, i)}, base, parsed.findings));
    }
  }
  return finished(std::move(parsed), std::move(overlay));
}

Parsed<NodeOverlay> parse_node_overlay(std::string_view text, const ColocationPolicy* base, int first_line) {
  return parse_one_document<NodeOverlay>(text, first_line, "list of nodeColocationConfig entries",
                                         [base](const YamlNode& document) { return read_node_overlay(document, base); });
}

Findings check_overlay(const NodeOverlay& overlay, const ColocationPolicy& policy) {
  Findings findings;
  for (std::size_t i = 0; i < overlay.entries.size(); ++i) {
    if (overlay.entries[i].overrides.empty()) continue;
    for (Contradiction& contradiction : contradictions(overlay.entries[i], &policy)) {
      findings.push_back({0, path_of(kNodePolicyList, i) + "." + contradiction.key, std::move(contradiction.message)});
    }
  }
  return findings;
}

}   // namespace ebb::model
