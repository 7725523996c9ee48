#include "cli/scenario/scenario_parser.h"

#include "model/suggestion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <span>

namespace ebb::cli::scenario {
namespace {

constexpr std::int64_t kCountMax = 1'000'000;

constexpr auto kPodKeys =
    std::to_array<std::string_view>({"pod", "refused", "class", "reason", "offline", "pool", "priority", "warning", "requests",
                                     "annotations", "bound", "pending", "nodes", "message", "filters", "event", "nominated"});
constexpr auto kGroupKeys = std::to_array<std::string_view>({"podGroup", "phase", "condition", "state", "placed"});
constexpr auto kQueueKeys = std::to_array<std::string_view>({"queue", "share", "pods", "pending", "allocated", "deserved"});
constexpr auto kClaimKeys = std::to_array<std::string_view>({"claim", "volume", "node"});
constexpr auto kNodeKeys =
    std::to_array<std::string_view>({"node", "batchCpu", "batchMemory", "pods", "offlinePods", "metrics", "cpu", "memory"});

std::optional<At<std::string>> one_of(FieldReader& reader, const Located& where, std::initializer_list<std::string_view> allowed) {
  auto text = read_word(reader, where);
  if (!text) return std::nullopt;
  if (std::ranges::find(allowed, std::string_view(*text)) != allowed.end()) return At<std::string>{*std::move(text), where.line};
  reader.find(where, fmt::format("{} is not allowed: it must be one of {}", model::describe(where.node), fmt::join(allowed, ", ")));
  return std::nullopt;
}

// An amount, or `none` for what is not published.
std::optional<At<std::optional<std::int64_t>>> published(FieldReader& reader, const Located& where, bool cpu) {
  if (where.node.is_scalar() && where.node.text == "none") return At<std::optional<std::int64_t>>{std::nullopt, where.line};
  const auto amount = read_amount(reader, where, cpu);
  if (!amount) return std::nullopt;
  return At<std::optional<std::int64_t>>{*amount, where.line};
}

// Nodes by the filter that refuses them.
std::optional<Amounts> filters(FieldReader& reader, const Located& where) {
  if (!where.node.is_mapping()) {
    reader.find(where, fmt::format("{} is not allowed: it must be a mapping of filters to numbers of nodes", model::describe(where.node)));
    return std::nullopt;
  }
  Amounts out;
  for (const model::YamlEntry& entry : where.node.entries) {
    const Located item{entry.value, model::path_of(where.path, entry.key.text), entry.value.line};
    if (const auto nodes = reader.whole_number(item, 1, kCountMax)) out.emplace(entry.key.text, *nodes);
  }
  return out;
}

void read_terms(FieldReader& reader, const Located& where, bool cpu, std::vector<TermExpectation>& terms) {
  for (const auto& [key, member] : reader.members(where, kTermNames)) {
    if (const auto amount = read_amount(reader, member, cpu)) terms.push_back({cpu, std::string(key), *amount, member.line});
  }
}

}   // namespace

void read_pod_expectation(FieldReader& reader, const Located& where, std::vector<PodExpectation>& expectations) {
  PodExpectation out;
  out.line = where.line;
  for (const auto& [key, member] : reader.members(where, kPodKeys)) {
    if (key == "pod") out.name = to_key(read_word(reader, member).value_or(""));
    if (key == "refused") out.refused = at(read_word(reader, member), member);
    if (key == "class") out.qos = one_of(reader, member, {"HLS", "LS", "BE"});
    if (key == "reason") out.reason = at(read_word(reader, member), member);
    if (key == "offline") out.offline = at(reader.boolean(member), member);
    if (key == "pool") out.pool = one_of(reader, member, {"online", "offline"});
    if (key == "priority") out.priority = one_of(reader, member, {"critical", "high", "normal", "low"});
    if (key == "warning") out.warning = at(read_word(reader, member), member);
    if (key == "requests") out.requests = at(read_amounts(reader, member), member);
    if (key == "annotations") out.annotations = at(read_labels(reader, member), member);
    if (key == "bound") out.bound = at(reader.whole_number(member, 0, kCountMax), member);
    if (key == "pending") out.pending = at(reader.whole_number(member, 0, kCountMax), member);
    if (key == "nodes") out.nodes = at(read_words(reader, member), member);
    if (key == "message") out.message = at(read_word(reader, member), member);
    if (key == "filters") out.filters = at(filters(reader, member), member);
    if (key == "event") out.event = at(read_word(reader, member), member);
    if (key == "nominated") out.nominated = at(read_word(reader, member), member);
  }
  if (out.name.name.empty()) reader.find(where, "an expectation needs a pod, by its name or its workload's");
  expectations.push_back(std::move(out));
}

void read_node_expectation(FieldReader& reader, const Located& where, std::vector<NodeExpectation>& expectations) {
  NodeExpectation out;
  out.line = where.line;
  for (const auto& [key, member] : reader.members(where, kNodeKeys)) {
    if (key == "node") out.name = read_word(reader, member).value_or("");
    if (key == "batchCpu") out.batch_cpu = published(reader, member, true);
    if (key == "batchMemory") out.batch_memory = published(reader, member, false);
    if (key == "pods") out.pods = at(reader.whole_number(member, 0, kCountMax), member);
    if (key == "offlinePods") out.offline_pods = at(reader.whole_number(member, 0, kCountMax), member);
    if (key == "metrics") out.metrics = one_of(reader, member, {"none", "report", "metrics.k8s.io"});
    if (key == "cpu" || key == "memory") read_terms(reader, member, key == "cpu", out.terms);
  }
  if (out.name.empty()) reader.find(where, "an expectation needs a node");
  expectations.push_back(std::move(out));
}

void read_group_expectation(FieldReader& reader, const Located& where, std::vector<PodGroupExpectation>& expectations) {
  PodGroupExpectation out;
  out.line = where.line;
  for (const auto& [key, member] : reader.members(where, kGroupKeys)) {
    if (key == "podGroup") out.name = to_key(read_word(reader, member).value_or(""));
    if (key == "phase") out.phase = at(read_word(reader, member), member);
    if (key == "condition") out.condition = at(read_word(reader, member), member);
    if (key == "state") out.state = at(read_word(reader, member), member);
    if (key == "placed") out.placed = at(reader.whole_number(member, 0, kCountMax), member);
  }
  if (out.name.name.empty()) reader.find(where, "an expectation needs a podGroup");
  expectations.push_back(std::move(out));
}

void read_claim_expectation(FieldReader& reader, const Located& where, std::vector<ClaimExpectation>& expectations) {
  ClaimExpectation out;
  out.line = where.line;
  for (const auto& [key, member] : reader.members(where, kClaimKeys)) {
    if (key == "claim") out.name = to_key(read_word(reader, member).value_or(""));
    if (key == "volume") out.volume = at(read_word(reader, member), member);
    if (key == "node") out.node = at(read_word(reader, member), member);
  }
  if (out.name.name.empty()) reader.find(where, "an expectation needs a claim");
  expectations.push_back(std::move(out));
}

void read_queue_expectation(FieldReader& reader, const Located& where, std::vector<QueueExpectation>& expectations) {
  QueueExpectation out;
  out.line = where.line;
  for (const auto& [key, member] : reader.members(where, kQueueKeys)) {
    if (key == "queue") out.name = read_word(reader, member).value_or("");
    if (key == "share") out.share = at(read_word(reader, member), member);
    if (key == "pods") out.pods = at(reader.whole_number(member, 0, kCountMax), member);
    if (key == "pending") out.pending = at(reader.whole_number(member, 0, kCountMax), member);
    if (key == "allocated") out.allocated = at(read_amounts(reader, member), member);
    if (key == "deserved") out.deserved = at(read_amounts(reader, member), member);
  }
  if (out.name.empty()) reader.find(where, "an expectation needs a queue");
  expectations.push_back(std::move(out));
}

}   // namespace ebb::cli::scenario
