#include "bench/workload.h"

#include "bench/fields.h"
#include "model/quantity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace ebb::bench {
namespace {

Result<NodeSet> read_nodes(const YamlNode& node) {
  EBB_TRY_VOID(check_keys(node, {"count", "name", "fixed", "cpu", "memory", "pods", "labels", "taints"}));
  NodeSet set;
  EBB_TRY(set.count, whole(node, "count", 1));
  set.fixed = flag(node, "fixed");
  set.name = text(node, "name", "node");
  EBB_TRY(const model::Quantity cpu, model::parse_quantity(text(node, "cpu", "4")));
  EBB_TRY(const model::Quantity memory, model::parse_quantity(text(node, "memory", "32Gi")));
  EBB_TRY(set.like.allocatable.pods, whole(node, "pods", 110));
  set.like.allocatable.cpu = MilliCpu{cpu.milli_value()};
  set.like.allocatable.memory = Bytes{memory.value()};
  set.like.capacity = set.like.allocatable;
  set.like.ready = true;
  for (const std::string& key : texts(node, "taints")) set.like.taints.push_back({key, "", model::TaintEffect::no_schedule});
  if (const YamlNode* const labels = node.find("labels")) {
    for (const model::YamlEntry& entry : labels->entries) set.labels.emplace_back(entry.key.text, texts(*labels, entry.key.text));
  }
  return set;
}

Result<Churn> read_churn(const YamlNode& node, const Templates& templates) {
  EBB_TRY_VOID(check_keys(node, {"every", "kind", "like", "recreate"}));
  Churn churn;
  EBB_TRY(churn.every, whole(node, "every", 100));
  churn.like = text(node, "like", "default");
  churn.recreate = flag(node, "recreate");
  const std::string kind = text(node, "kind", "Pod");
  constexpr auto kKinds = std::to_array<std::string_view>({"Pod", "Node", "Service"});
  const auto* const known = std::ranges::find(kKinds, std::string_view(kind));
  if (known == kKinds.end() || churn.every == 0) return fail(Errc::invalid, "line {}: kind {} every {}", node.line, kind, churn.every);
  churn.kind = static_cast<Churn::Kind>(known - kKinds.begin());
  if (!templates.contains(churn.like)) return fail(Errc::invalid, "line {}: no template is named {}", node.line, churn.like);
  return churn;
}

Result<PodStep> read_step(const YamlNode& node, const Templates& templates) {
  EBB_TRY_VOID(
      check_keys(node, {"pods", "like", "namespace", "namespaces", "measured", "gang", "queues", "batch", "churn", "staysPending"}));
  PodStep step;
  EBB_TRY(step.count, whole(node, "pods", 0));
  EBB_TRY(step.gang, whole(node, "gang", 0));
  EBB_TRY(step.batch, whole(node, "batch", 100));
  step.like = text(node, "like", "default");
  if (!templates.contains(step.like)) return fail(Errc::invalid, "line {}: no template is named {}", node.line, step.like);
  const std::string ns = text(node, "namespace", "default");
  EBB_TRY(const std::int64_t namespaces, whole(node, "namespaces", 0));
  step.namespaces.clear();
  for (std::int64_t i = 0; i < namespaces; ++i) step.namespaces.push_back(fmt::format("{}-{}", ns, i));
  if (step.namespaces.empty()) step.namespaces.push_back(ns);
  step.measured = flag(node, "measured");
  step.stays_pending = flag(node, "staysPending");
  step.queues = texts(node, "queues");
  for (const YamlNode& churn : items(node, "churn")) {
    EBB_TRY(Churn read, read_churn(churn, templates));
    step.churn.push_back(std::move(read));
  }
  return step;
}

Result<model::Queue> read_queue(const YamlNode& node) {
  EBB_TRY_VOID(check_keys(node, {"name", "parent", "weight"}));
  model::Queue queue;
  queue.name = text(node, "name");
  queue.uid = model::Uid("queue-" + queue.name);
  queue.parent = text(node, "parent");
  EBB_TRY(queue.weight, whole(node, "weight", 1));
  return queue;
}

Status read_around(const YamlNode& root, Workload& workload) {
  for (const YamlNode& node : items(root, "namespaces")) {
    EBB_TRY_VOID(check_keys(node, {"count", "prefix", "labels"}));
    NamespaceSet set{.prefix = text(node, "prefix"), .labels = labels(node, "labels")};
    EBB_TRY(set.count, whole(node, "count", 1));
    workload.namespaces.push_back(std::move(set));
  }
  for (const YamlNode& node : items(root, "services")) {
    EBB_TRY_VOID(check_keys(node, {"namespace", "name", "selector"}));
    workload.services.emplace_back(model::ObjectKey{text(node, "namespace", "default"), text(node, "name")}, labels(node, "selector"));
  }
  for (const YamlNode& node : items(root, "queues")) {
    EBB_TRY(model::Queue queue, read_queue(node));
    workload.queues.push_back(std::move(queue));
  }
  return {};
}

}   // namespace

Result<Workload> parse_workload(std::string_view document, const Templates& templates) {
  EBB_TRY(const YamlNode root, only_document(document));
  EBB_TRY_VOID(check_keys(root, {"name", "published", "nodes", "namespaces", "services", "queues", "steps", "growth"}));
  Workload workload;
  workload.name = text(root, "name");
  if (const YamlNode* const published = root.find("published")) {
    EBB_TRY_VOID(check_keys(*published, {"test", "podsPerSecond"}));
    workload.published.test = text(*published, "test");
    EBB_TRY(const std::int64_t threshold, whole(*published, "podsPerSecond", 0));
    if (threshold > 0) workload.published.pods_per_second = threshold;
  }
  for (const YamlNode& node : items(root, "nodes")) {
    EBB_TRY(NodeSet set, read_nodes(node));
    workload.nodes.push_back(std::move(set));
  }
  EBB_TRY_VOID(read_around(root, workload));
  for (const YamlNode& node : items(root, "steps")) {
    EBB_TRY(PodStep step, read_step(node, templates));
    workload.steps.push_back(std::move(step));
  }
  for (const YamlNode& node : items(root, "growth")) {
    EBB_TRY(const model::Quantity nodes, model::parse_quantity(node.text));
    workload.growth.push_back(nodes.value());
  }
  if (workload.name.empty() || workload.node_count() == 0 || workload.measured_pods() == 0) {
    return fail(Errc::invalid, "a workload has a name, nodes and pods that are measured");
  }
  return workload;
}

std::int64_t Workload::node_count() const {
  std::int64_t sum = 0;
  for (const NodeSet& set : nodes) sum += set.count;
  return sum;
}

std::int64_t Workload::measured_pods() const {
  std::int64_t sum = 0;
  for (const PodStep& step : steps) sum += step.measured ? step.count : 0;
  return sum;
}

Workload Workload::scaled(std::int64_t wanted, std::optional<std::int64_t> measured) const {
  Workload out = *this;
  std::int64_t scalable = 0;
  for (const NodeSet& set : nodes) scalable += set.fixed ? 0 : set.count;
  if (scalable == 0) return out;
  for (NodeSet& set : out.nodes) {
    if (!set.fixed) set.count = set.count * wanted / scalable;
  }
  const std::int64_t before = measured_pods();
  for (PodStep& step : out.steps) {
    step.count = step.measured && measured ? step.count * *measured / before : step.count * wanted / scalable;
    if (step.gang > 0) {
      step.gang = std::clamp<std::int64_t>(step.gang, 1, std::max<std::int64_t>(step.count, 1));
      step.count -= step.count % step.gang;
    }
  }
  return out;
}

}   // namespace ebb::bench
