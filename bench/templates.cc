// Templates of pods: what a pod of the published benchmark says, in as few words as possible.

#include "bench/fields.h"
#include "bench/workload.h"
#include "model/profile/profile.h"
#include "model/quantity.h"

#include <utility>

namespace ebb::bench {
namespace {

Result<std::optional<model::LabelSelector>> selector(const YamlNode& node, std::string_view key) {
  const YamlNode* const found = node.find(key);
  if (found == nullptr) return std::optional<model::LabelSelector>{};
  EBB_TRY(model::LabelSelector parsed, model::parse_label_selector(found->text));
  return std::optional(std::move(parsed));
}

Status read_term(const YamlNode& node, std::vector<model::PodAffinityTerm>& required,
                 std::vector<model::WeightedPodAffinityTerm>& preferred) {
  EBB_TRY_VOID(check_keys(node, {"select", "namespaces", "namespaceSelector", "topology", "weight"}));
  model::PodAffinityTerm term;
  EBB_TRY(term.selector, selector(node, "select"));
  EBB_TRY(term.namespace_selector, selector(node, "namespaceSelector"));
  term.namespaces = texts(node, "namespaces");
  term.topology_key = text(node, "topology");
  EBB_TRY(const std::int64_t weight, whole(node, "weight", 0));
  if (weight == 0) {
    required.push_back(std::move(term));
  } else {
    preferred.push_back({static_cast<std::int32_t>(weight), std::move(term)});
  }
  return {};
}

Status read_spread(const YamlNode& node, model::Pod& pod) {
  EBB_TRY_VOID(check_keys(node, {"select", "topology", "maxSkew", "preferred", "honorTaints"}));
  model::TopologySpreadConstraint constraint;
  EBB_TRY(constraint.selector, selector(node, "select"));
  EBB_TRY(const std::int64_t skew, whole(node, "maxSkew", 1));
  constraint.max_skew = static_cast<std::int32_t>(skew);
  constraint.topology_key = text(node, "topology");
  constraint.required = !flag(node, "preferred");
  constraint.honor_node_taints = flag(node, "honorTaints");
  pod.spread_constraints.push_back(std::move(constraint));
  return {};
}

Status read_node_affinity(const YamlNode& node, model::Pod& pod) {
  EBB_TRY(const auto required, selector(node, "nodeAffinity"));
  const std::vector<std::string> names = texts(node, "nodeNames");
  if (!required && names.empty()) return {};
  model::NodeSelectorTerm term;
  if (required) term.match_labels = *required;
  if (!names.empty()) term.match_fields.requirements.push_back({"metadata.name", model::SelectorOperator::in, names});
  pod.required_node_terms.push_back(std::move(term));
  pod.has_required_node_affinity = true;
  return {};
}

Result<model::Pod> read_template(const YamlNode& node) {
  EBB_TRY_VOID(
      check_keys(node, {"labels", "cpu", "memory", "priority", "nodeAffinity", "nodeNames", "affinity", "antiAffinity", "spread"}));
  model::Pod pod;
  pod.scheduler_name = model::kEbbSchedulerName;
  pod.labels = labels(node, "labels");
  EBB_TRY(const std::int64_t priority, whole(node, "priority", 0));
  pod.priority = static_cast<std::int32_t>(priority);
  EBB_TRY(const model::Quantity cpu, model::parse_quantity(text(node, "cpu", "0")));
  EBB_TRY(const model::Quantity memory, model::parse_quantity(text(node, "memory", "0")));
  model::Container container;
  container.name = "pause";
  container.image = "registry.k8s.io/pause:3.10";
  container.requests.cpu = MilliCpu{cpu.milli_value()};
  container.requests.memory = Bytes{memory.value()};
  pod.containers.push_back(std::move(container));
  EBB_TRY_VOID(read_node_affinity(node, pod));
  for (const YamlNode& term : items(node, "affinity")) EBB_TRY_VOID(read_term(term, pod.required_affinity, pod.preferred_affinity));
  for (const YamlNode& term : items(node, "antiAffinity")) {
    EBB_TRY_VOID(read_term(term, pod.required_anti_affinity, pod.preferred_anti_affinity));
  }
  for (const YamlNode& constraint : items(node, "spread")) EBB_TRY_VOID(read_spread(constraint, pod));
  return pod;
}

}   // namespace

Result<Templates> parse_templates(std::string_view text) {
  EBB_TRY(const YamlNode root, only_document(text));
  Templates templates;
  for (const model::YamlEntry& entry : root.entries) {
    auto pod = read_template(entry.value);
    if (!pod) return std::unexpected(std::move(pod).error().with(entry.key.text));
    templates.emplace(entry.key.text, *std::move(pod));
  }
  return templates;
}

}   // namespace ebb::bench
