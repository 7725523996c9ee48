#include "cli/scenario/scenario_parser.h"

#include "cli/scenario/object_manifests.h"
#include "model/policy_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace ebb::cli::scenario {
namespace {

using model::YamlNode;

constexpr std::int64_t kNodesMax = 10'000;

constexpr auto kTopKeys =
    std::to_array<std::string_view>({"name", "admission", "policy", "nodePolicy", "nodes", "objects", "workloads", "pods", "podChanges",
                                     "delete", "remove", "removeObjects", "removeNodes", "expect", "then"});
constexpr auto kStepKeys = std::to_array<std::string_view>({"after", "policy", "nodePolicy", "nodes", "objects", "workloads", "pods",
                                                            "podChanges", "delete", "remove", "removeObjects", "removeNodes", "expect"});
constexpr auto kNodeKeys = std::to_array<std::string_view>(
    {"name", "count", "labels", "annotations", "taints", "images", "unschedulable", "ready", "capacity", "allocatable", "use", "metrics"});
constexpr auto kPodChangeKeys = std::to_array<std::string_view>({"name", "labels", "schedulingGates", "phase"});
constexpr auto kUseKeys = std::to_array<std::string_view>({"age", "hls", "ls", "be", "system"});
constexpr auto kMetricsKeys = std::to_array<std::string_view>({"age", "cpu", "memory"});
constexpr auto kTaintKeys = std::to_array<std::string_view>({"key", "value", "effect"});
constexpr auto kExpectKeys = std::to_array<std::string_view>({"pods", "nodes", "podGroups", "claims", "queues", "victims"});

class Parser {
 public:
  Parser(model::Findings& findings, const ReadFile& read_file) : findings_(findings), reader_(findings), read_file_(read_file) {}

  Scenario scenario(const std::string& file, const YamlNode& document) {
    Scenario out;
    out.file = out.name = file;
    Step first;
    first.line = document.line;
    std::vector<Step> later;
    for (const auto& [key, member] : reader_.members(Located{document, "", document.line}, kTopKeys)) {
      if (key == "name") {
        out.name = read_word(reader_, member).value_or(file);
      } else if (key == "admission") {
        out.admission = reader_.boolean(member).value_or(true);
      } else if (key == "then") {
        read_items(reader_, member, [&](const Located& item) { later.push_back(step(item)); });
      } else {
        step_member(key, member, first);
      }
    }
    out.steps.push_back(std::move(first));
    std::ranges::move(later, std::back_inserter(out.steps));
    return out;
  }

 private:
  Step step(const Located& where) {
    Step out;
    out.line = where.line;
    for (const auto& [key, member] : reader_.members(where, kStepKeys)) {
      if (key == "after") {
        out.after = read_duration(reader_, member).value_or(Duration{});
      } else {
        step_member(key, member, out);
      }
    }
    return out;
  }

  void step_member(std::string_view key, const Located& member, Step& out) {
    if (key == "policy") out.policy = policy_document(member, true);
    if (key == "nodePolicy") out.node_policy = policy_document(member, false);
    if (key == "nodes") read_items(reader_, member, [&](const Located& item) { out.nodes.push_back(node(item)); });
    if (key == "workloads") read_items(reader_, member, [&](const Located& item) { read_workload(reader_, item, read_file_, out.pods); });
    if (key == "pods") read_items(reader_, member, [&](const Located& item) { read_short_pod(reader_, item, out.pods); });
    if (key == "podChanges") read_items(reader_, member, [&](const Located& item) { out.pod_changes.push_back(pod_change(item)); });
    if (key == "delete") {
      for (const std::string& name : read_words(reader_, member).value_or(std::vector<std::string>())) out.deleted.push_back(to_key(name));
    }
    if (key == "removeNodes") out.removed_nodes = read_words(reader_, member).value_or(std::vector<std::string>());
    if (key == "remove") {
      for (const std::string& name : read_words(reader_, member).value_or(std::vector<std::string>())) out.removed.push_back(to_key(name));
    }
    if (key == "objects") read_items(reader_, member, [&](const Located& item) { read_object(reader_, item, read_file_, out.objects); });
    if (key == "removeObjects") {
      read_items(reader_, member, [&](const Located& item) { read_object_name(reader_, item, out.removed_objects); });
    }
    if (key != "expect") return;
    for (const auto& [what, list] : reader_.members(member, kExpectKeys)) {
      if (what == "victims") {
        out.victims = at(read_words(reader_, list), list);
        continue;
      }
      read_items(reader_, list, [&, name = what](const Located& item) {
        if (name == "pods") read_pod_expectation(reader_, item, out.pod_expectations);
        if (name == "nodes") read_node_expectation(reader_, item, out.node_expectations);
        if (name == "podGroups") read_group_expectation(reader_, item, out.group_expectations);
        if (name == "claims") read_claim_expectation(reader_, item, out.claim_expectations);
        if (name == "queues") read_queue_expectation(reader_, item, out.queue_expectations);
      });
    }
  }

  NodeChange node(const Located& where) {
    NodeChange out;
    out.line = where.line;
    for (const auto& [key, member] : reader_.members(where, kNodeKeys)) {
      if (key == "name") out.name = read_word(reader_, member).value_or("");
      if (key == "count") out.count = reader_.whole_number(member, 1, kNodesMax);
      if (key == "labels") out.labels = read_labels(reader_, member);
      if (key == "annotations") out.annotations = read_labels(reader_, member);
      if (key == "taints") out.taints = taints(member);
      if (key == "images") out.images = images(member);
      if (key == "unschedulable") out.unschedulable = reader_.boolean(member);
      if (key == "ready") out.ready = reader_.boolean(member);
      if (key == "capacity") out.capacity = read_resources(reader_, member);
      if (key == "allocatable") out.allocatable = read_resources(reader_, member);
      if (key == "use") out.report = report(member);
      if (key == "metrics") out.metrics = metrics(member);
    }
    if (out.name.empty()) reader_.find(where, "a node needs a name");
    return out;
  }

  PodChange pod_change(const Located& where) {
    PodChange out;
    out.line = where.line;
    for (const auto& [key, member] : reader_.members(where, kPodChangeKeys)) {
      if (key == "name") out.key = to_key(read_word(reader_, member).value_or(""));
      if (key == "labels") out.labels = read_labels(reader_, member);
      if (key == "schedulingGates") out.scheduling_gates = read_words(reader_, member);
      if (key == "phase") out.phase = phase(member);
    }
    if (out.key.name.empty()) reader_.find(where, "a change needs a pod's name");
    return out;
  }

  std::optional<model::PodPhase> phase(const Located& where) {
    const std::string text = read_word(reader_, where).value_or("");
    if (text == "Succeeded") return model::PodPhase::succeeded;
    if (text == "Failed") return model::PodPhase::failed;
    reader_.find(where, fmt::format("phase '{}' is not allowed: it must be Succeeded or Failed", text));
    return std::nullopt;
  }

  std::vector<model::Taint> taints(const Located& where) {
    std::vector<model::Taint> out;
    read_items(reader_, where, [&](const Located& item) {
      model::Taint taint;
      std::string effect = "NoSchedule";
      for (const auto& [key, member] : reader_.members(item, kTaintKeys)) {
        auto text = reader_.text(member).value_or("");
        (key == "key" ? taint.key : key == "value" ? taint.value : effect) = std::move(text);
      }
      if (effect == "NoExecute") {
        taint.effect = model::TaintEffect::no_execute;
      } else if (effect == "PreferNoSchedule") {
        taint.effect = model::TaintEffect::prefer_no_schedule;
      } else if (effect != "NoSchedule") {
        reader_.find(item, fmt::format("effect '{}' is not allowed: it must be NoSchedule, PreferNoSchedule or NoExecute", effect));
      }
      out.push_back(std::move(taint));
    });
    return out;
  }

  // Names and sizes.
  std::vector<model::NodeImage> images(const Located& where) {
    std::vector<model::NodeImage> out;
    const auto sizes = read_amounts(reader_, where).value_or(Amounts());
    for (const auto& [name, size] : sizes) out.push_back({{name}, Bytes{size}});
    return out;
  }

  Measurement<model::UseByClass> report(const Located& where) {
    Measurement<model::UseByClass> out;
    for (const auto& [key, member] : reader_.members(where, kUseKeys)) {
      if (key == "age") {
        out.age = read_duration(reader_, member);
        continue;
      }
      const model::Use use = read_use(reader_, member).value_or(model::Use());
      (key == "hls" ? out.use.hls : key == "ls" ? out.use.ls : key == "be" ? out.use.be : out.use.system) = use;
    }
    return out;
  }

  Measurement<model::Use> metrics(const Located& where) {
    Measurement<model::Use> out;
    for (const auto& [key, member] : reader_.members(where, kMetricsKeys)) {
      if (key == "age") {
        out.age = read_duration(reader_, member);
      } else if (const auto amount = read_amount(reader_, member, key == "cpu")) {
        (key == "cpu" ? out.use.cpu.v : out.use.memory.v) = *amount;
      }
    }
    return out;
  }

  // `none`, a file, or the document itself.
  std::optional<DocumentChange> policy_document(const Located& where, bool policy) {
    if (where.node.is_scalar() && (where.node.text == "none" || where.node.is_null())) return DocumentChange{};
    const YamlNode* const named = where.node.is_mapping() && where.node.entries.size() == 1 ? where.node.find("file") : nullptr;
    if (named != nullptr) return document_in_file(Located{*named, model::path_of(where.path, "file"), named->line}, policy);
    const std::size_t before = findings_.size();
    judge(policy ? model::read_colocation_policy(where.node).findings : model::read_node_overlay(where.node).findings, "");
    if (findings_.size() != before) return std::nullopt;
    return document_text(where, model::to_json(where.node));
  }

  std::optional<DocumentChange> document_in_file(const Located& where, bool policy) {
    const auto path = reader_.text(where);
    if (!path) return std::nullopt;
    const auto text = read_file_(*path);
    if (!text) {
      reader_.find(where, text.error().message);
      return std::nullopt;
    }
    const model::YamlText yaml = model::parse_yaml(*text);
    const YamlNode* config_map = nullptr;
    const std::string_view key = policy ? model::kPolicyKey : model::kNodePolicyKey;
    for (const YamlNode& document : yaml.documents) {
      const YamlNode* data = document.is_mapping() ? document.find("data") : nullptr;
      if (data != nullptr && data->is_mapping() && data->find(key) != nullptr) config_map = data->find(key);
    }
    const std::string inner = config_map != nullptr ? config_map->text : *text;
    const int first_line = config_map != nullptr && config_map->text_line > 0 ? config_map->text_line : 1;
    const std::size_t before = findings_.size();
    judge(policy ? model::parse_colocation_policy(inner, first_line).findings
                 : model::parse_node_overlay(inner, nullptr, first_line).findings,
          *path, &where);
    if (findings_.size() != before) return std::nullopt;
    return DocumentChange{inner};
  }

  // What a policy's own parser found, in the scenario's file or, told at `where`, in another one.
  void judge(const model::Findings& found, const std::string& file, const Located* where = nullptr) {
    for (const model::Finding& finding : found) {
      if (where == nullptr) {
        findings_.push_back(finding);
      } else {
        reader_.find(*where, fmt::format("{}:{}: {}: {}", file, finding.line, finding.path, finding.message));
      }
    }
  }

  std::optional<DocumentChange> document_text(const Located& where, Result<std::string> json) {
    if (json) return DocumentChange{*std::move(json)};
    reader_.find(where, json.error().message);
    return std::nullopt;
  }

  model::Findings& findings_;
  FieldReader reader_;
  const ReadFile& read_file_;
};

// What cannot be seen field by field: nodes without a capacity when they appear.
void check_nodes(const Scenario& scenario, model::Findings& findings) {
  std::set<std::string> known;
  for (const Step& step : scenario.steps) {
    for (const NodeChange& change : step.nodes) {
      bool all_known = true;
      for (std::string& name : numbered(change.name, change.count)) all_known = !known.insert(std::move(name)).second && all_known;
      if (all_known || change.capacity || change.allocatable) continue;
      findings.push_back({change.line, "nodes", fmt::format("node {} appears here for the first time and needs a capacity", change.name)});
    }
  }
}

}   // namespace

ParsedScenario parse_scenario(const std::string& file, std::string_view text, const ReadFile& read_file) {
  ParsedScenario out;
  const model::YamlText yaml = model::parse_yaml(text);
  out.findings = yaml.findings;
  if (yaml.ok() && yaml.documents.size() != 1) out.findings.push_back({1, "", "a scenario is one YAML document"});
  if (!out.findings.empty()) return out;
  Scenario scenario = Parser(out.findings, read_file).scenario(file, yaml.documents[0]);
  check_nodes(scenario, out.findings);
  std::ranges::stable_sort(out.findings, {}, &model::Finding::line);
  if (out.findings.empty()) out.scenario = std::move(scenario);
  return out;
}

}   // namespace ebb::cli::scenario
