#include "sandbox/kubelet/admit.h"

#include <fmt/format.h>
#include <algorithm>
#include <string_view>

namespace ebb::sandbox {
namespace {

// Resources that a device plugin or a user announces: one the node does not know is no reason to
// refuse (a cluster-level resource). Names under kubernetes.io are not of this kind.
bool is_extended(std::string_view name) {
  return name.find('/') != std::string_view::npos && name.find("kubernetes.io/") == std::string_view::npos &&
         !name.starts_with("requests.");
}

struct Amounts {
  std::int64_t requested = 0, used = 0, capacity = 0;
};

std::optional<PodRejection> insufficient(std::string_view resource, const Amounts& a) {
  if (a.requested == 0 || a.requested <= a.capacity - a.used) return std::nullopt;
  return PodRejection{fmt::format("OutOf{}", resource),
                      fmt::format("Node didn't have enough resource: {}, requested: {}, used: {}, capacity: {}", resource, a.requested,
                                  a.used, a.capacity)};
}

std::optional<PodRejection> check_resources(const model::Pod& pod, const model::Resources& capacity, const model::Resources& used) {
  const model::Resources asked = effective_requests(pod);
  if (auto no = insufficient("pods", {1, used.pods, capacity.pods})) return no;
  if (auto no = insufficient("cpu", {asked.cpu.v, used.cpu.v, capacity.cpu.v})) return no;
  if (auto no = insufficient("memory", {asked.memory.v, used.memory.v, capacity.memory.v})) return no;
  if (auto no = insufficient("ephemeral-storage", {asked.ephemeral_storage.v, used.ephemeral_storage.v, capacity.ephemeral_storage.v}))
    return no;
  for (const auto& [name, amount] : asked.scalars) {
    if (is_extended(name) && !capacity.has_scalar(name)) continue;
    if (auto no = insufficient(name, {amount, used.scalar(name), capacity.scalar(name)})) return no;
  }
  return std::nullopt;
}

bool selected(const model::Pod& pod, const model::Node& node) {
  for (const auto& [key, value] : pod.node_selector) {
    const auto found = node.labels.find(key);
    if (found == node.labels.end() || found->second != value) return false;
  }
  if (!pod.has_required_node_affinity) return true;
  const model::Labels fields{{"metadata.name", node.name.v}};
  return std::ranges::any_of(pod.required_node_terms, [&](const model::NodeSelectorTerm& term) {
    if (term.match_labels.empty() && term.match_fields.empty()) return false;
    return term.match_labels.matches(node.labels) && term.match_fields.matches(fields);
  });
}

}   // namespace

std::optional<PodRejection> check_admission(const model::Pod& pod, const model::Node& node, const model::Resources& used,
                                            bool host_port_taken) {
  if (const auto os = pod.node_selector.find("kubernetes.io/os"); os != pod.node_selector.end() && os->second != "linux") {
    return PodRejection{"PodOSSelectorNodeLabelDoesNotMatch",
                        "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label"};
  }
  if (auto no = check_resources(pod, node.allocatable, used)) return no;
  if (!selected(pod, node)) {
    return PodRejection{"NodeAffinity", "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"};
  }
  if (host_port_taken) {
    return PodRejection{"NodePorts", "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"};
  }
  if (!pod.is_static && model::untolerated_taint(node.taints, pod.tolerations, false) != nullptr) {
    return PodRejection{"TaintToleration", "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate"};
  }
  return std::nullopt;
}

}   // namespace ebb::sandbox
