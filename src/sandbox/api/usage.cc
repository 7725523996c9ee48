#include "sandbox/api/usage.h"

#include "model/label_selector.h"
#include "model/timestamp.h"
#include "sandbox/api/list_options.h"
#include "sandbox/api/tree.h"

namespace ebb::sandbox {

namespace {

json::object usage(const std::string& cpu, const std::string& memory) { return {{"cpu", cpu}, {"memory", memory}}; }

json::object metadata(const std::string& ns, const std::string& name, const model::Labels& labels, Instant now) {
  json::object made{{"name", name}};
  if (!ns.empty()) made["namespace"] = ns;
  made["creationTimestamp"] = model::to_timestamp_text(now);
  if (!labels.empty()) {
    json::object& given = ensure_object(made, "labels");
    for (const auto& [key, value] : labels) given[key] = value;
  }
  return made;
}

json::object item(std::string_view kind, json::object metadata, const UsageSnapshot& snapshot) {
  const std::int64_t whole = snapshot.window.v / seconds(1).v;
  return {{"kind", kind},
          {"apiVersion", "metrics.k8s.io/v1beta1"},
          {"metadata", std::move(metadata)},
          {"timestamp", model::to_timestamp_text(snapshot.time)},
          {"window", fmt::format("{}s", whole)}};
}

model::Labels labels_of(const json::object& item) {
  model::Labels labels;
  if (const json::object* given = object_in(metadata_of(item), "labels")) {
    for (const auto& [key, value] : *given) labels.emplace(std::string(key), scalar_text(&value));
  }
  return labels;
}

}   // namespace

std::vector<ServedKind> Usage::kinds() {
  std::vector<ServedKind> kinds;
  for (const bool pods : {false, true}) {
    ServedKind made;
    made.kind.group = "metrics.k8s.io";
    made.kind.version = "v1beta1";
    made.kind.resource = pods ? "pods" : "nodes";
    made.kind.kind = pods ? "PodMetrics" : "NodeMetrics";
    made.kind.list_kind = made.kind.kind + "List";
    made.kind.namespaced = pods;
    made.kind.storage_group = made.kind.group;
    made.kind.storage_version = made.kind.version;
    made.place = {made.kind.group, made.kind.resource};
    made.verbs = {"get", "list"};
    made.stored = false;
    kinds.push_back(std::move(made));
  }
  return kinds;
}

json::array Usage::node_items(const UsageSnapshot& snapshot) const {
  json::array items;
  for (const NodeUsage& node : source_.nodes()) {
    json::object made = item("NodeMetrics", metadata("", node.name, node.labels, snapshot.time), snapshot);
    made["usage"] = usage(node.cpu, node.memory);
    items.push_back(std::move(made));
  }
  return items;
}

json::array Usage::pod_items(const UsageSnapshot& snapshot, const std::string& ns) const {
  json::array items;
  for (const PodUsage& pod : source_.pods()) {
    if (!ns.empty() && pod.ns != ns) continue;
    json::object made = item("PodMetrics", metadata(pod.ns, pod.name, pod.labels, snapshot.time), snapshot);
    json::array containers;
    for (const ContainerUsage& one : pod.containers)
      containers.push_back(json::object{{"name", one.name}, {"usage", usage(one.cpu, one.memory)}});
    made["containers"] = std::move(containers);
    items.push_back(std::move(made));
  }
  return items;
}

Answer<Reply> Usage::handle(const ServedKind& kind, const Target& target, const Call& call) const {
  if (target.too_deep || !target.subresource.empty() || (!kind.kind.namespaced && !target.ns.empty())) return path_not_found();
  if (call.request.method != "GET" && call.request.method != "HEAD") return method_not_allowed();
  EBB_TRY(const ListOptions options, ListOptions::parse(call.query));
  if (options.watch || target.watch) return method_not_allowed();
  EBB_TRY_VOID(negotiate(call.request.accept));   // a table is answered with plain objects, which kubectl shows as well
  const auto selector = model::parse_label_selector(options.label_selector);
  if (!selector) return bad_request(fmt::format("unable to parse requirement: {}", selector.error().message));
  const UsageSnapshot snapshot = source_.snapshot();
  json::array items = kind.kind.namespaced ? pod_items(snapshot, target.ns) : node_items(snapshot);
  json::array wanted;
  for (json::value& one : items) {
    const json::object& object = one.get_object();
    if (!target.name.empty() && metadata_text(object, "name") == target.name) return json_response(200, one);
    if (selector->matches(labels_of(object))) wanted.push_back(std::move(one));
  }
  if (!target.name.empty()) return not_found(kind.name(), target.name);
  return json_response(
      200,
      json::object{
          {"kind", kind.kind.list_kind}, {"apiVersion", kind.api_version()}, {"metadata", json::object()}, {"items", std::move(wanted)}});
}

}   // namespace ebb::sandbox
