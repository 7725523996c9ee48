#include "model/scheduling_resources.h"

#include <fmt/format.h>

#include <string_view>

namespace ebb::model {
namespace {

constexpr std::string_view kText = R"({"type":"string"})";
constexpr std::string_view kCount = R"({"type":"integer","format":"int32"})";
constexpr std::string_view kFlag = R"({"type":"boolean"})";
constexpr std::string_view kTexts = R"({"type":"array","items":{"type":"string"}})";
constexpr std::string_view kQuantity = R"({"anyOf":[{"type":"integer"},{"type":"string"}],"x-kubernetes-int-or-string":true})";
constexpr std::string_view kCounts = R"({"type":"object","additionalProperties":{"type":"integer","format":"int32"}})";

std::string object(std::string_view properties) { return fmt::format(R"({{"type":"object","properties":{{{}}}}})", properties); }
std::string list_of(std::string_view item) { return fmt::format(R"({{"type":"array","items":{}}})", item); }
std::string amounts() { return fmt::format(R"({{"type":"object","additionalProperties":{}}})", kQuantity); }

struct Names {
  std::string_view group, version, kind, plural, singular, short_names;
  bool namespaced;
  bool has_status;
};

// `properties` are those beside apiVersion, kind and metadata; `columns` what kubectl prints.
std::string definition(const Names& names, std::string_view help, std::string_view properties, std::string_view columns) {
  const std::string schema = fmt::format(
      R"({{"type":"object","description":"{}","properties":{{"apiVersion":{{"type":"string"}},"kind":{{"type":"string"}},"metadata":{{"type":"object"}},{}}}}})",
      help, properties);
  const std::string version =
      fmt::format(R"({{"name":"{}","served":true,"storage":true,"additionalPrinterColumns":[{}],"schema":{{"openAPIV3Schema":{}}}{}}})",
                  names.version, columns, schema, names.has_status ? R"(,"subresources":{"status":{}})" : "");
  return fmt::format(
      R"({{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{{"name":"{1}.{0}"{7}}},)"
      R"("spec":{{"group":"{0}","scope":"{2}","names":{{"kind":"{3}","listKind":"{3}List","plural":"{1}","singular":"{4}","shortNames":[{5}]}},"versions":[{6}]}}}})",
      names.group, names.plural, names.namespaced ? "Namespaced" : "Cluster", names.kind, names.singular, names.short_names, version,
      // Groups below k8s.io are Kubernetes' own: the API server wants to be told that this is known.
      names.group.ends_with(".k8s.io") ? R"(,"annotations":{"api-approved.kubernetes.io":"unapproved, for the sandbox"})" : "");
}

std::string column(std::string_view name, std::string_view type, std::string_view path) {
  return fmt::format(R"({{"name":"{}","type":"{}","jsonPath":"{}"}})", name, type, path);
}

std::string age() { return column("Age", "date", ".metadata.creationTimestamp"); }

}   // namespace

std::string volcano_pod_group_definition() {
  const std::string spec = object(fmt::format(
      R"("minMember":{0},"minTaskMember":{1},"minResources":{2},"queue":{{"type":"string","default":"default"}},"priorityClassName":{3},"preemptable":{4})",
      kCount, kCounts, amounts(), kText, kFlag));
  const std::string condition = object(fmt::format(
      R"("type":{0},"status":{0},"reason":{0},"message":{0},"transitionID":{0},"lastTransitionTime":{{"type":"string","format":"date-time"}})",
      kText));
  const std::string status =
      object(fmt::format(R"("phase":{0},"conditions":{1},"running":{2},"succeeded":{2},"failed":{2})", kText, list_of(condition), kCount));
  return definition({"scheduling.volcano.sh", "v1beta1", "PodGroup", "podgroups", "podgroup", R"("pg","podgroup-v1beta1")", true, true},
                    "Pods that start together.", fmt::format(R"("spec":{},"status":{})", spec, status),
                    fmt::format("{},{},{},{}", column("Status", "string", ".status.phase"),
                                column("MinMember", "integer", ".spec.minMember"), column("Queue", "string", ".spec.queue"), age()));
}

std::string volcano_queue_definition() {
  const std::string resource = object(fmt::format(R"("resource":{})", amounts()));
  const std::string spec = object(fmt::format(
      R"("weight":{0},"priority":{0},"parent":{1},"type":{1},"reclaimable":{2},"capability":{3},"deserved":{3},"guarantee":{4})", kCount,
      kText, kFlag, amounts(), resource));
  const std::string status = object(fmt::format(
      R"("state":{0},"pending":{1},"running":{1},"inqueue":{1},"completed":{1},"unknown":{1},"allocated":{2})", kText, kCount, amounts()));
  return definition(
      {"scheduling.volcano.sh", "v1beta1", "Queue", "queues", "queue", R"("q","queue-v1beta1")", false, true},
      "A share of the cluster that pod groups wait for.", fmt::format(R"("spec":{},"status":{})", spec, status),
      fmt::format("{},{},{}", column("Parent", "string", ".spec.parent"), column("Weight", "integer", ".spec.weight"), age()));
}

std::string plugins_pod_group_definition() {
  const std::string spec = object(fmt::format(R"("minMember":{0},"minResources":{1},"scheduleTimeoutSeconds":{0})", kCount, amounts()));
  const std::string status = object(fmt::format(
      R"("phase":{0},"occupiedBy":{0},"running":{1},"succeeded":{1},"failed":{1},"scheduleStartTime":{{"type":"string","format":"date-time"}})",
      kText, kCount));
  return definition(
      {"scheduling.x-k8s.io", "v1alpha1", "PodGroup", "podgroups", "podgroup", R"("pgs")", true, true}, "Pods that start together.",
      fmt::format(R"("spec":{},"status":{})", spec, status),
      fmt::format("{},{},{}", column("Phase", "string", ".status.phase"), column("MinMember", "integer", ".spec.minMember"), age()));
}

std::string node_resource_topology_definition() {
  const std::string named_text = object(fmt::format(R"("name":{0},"value":{0})", kText));
  const std::string cost = object(fmt::format(R"("name":{},"value":{{"type":"integer","format":"int64"}})", kText));
  const std::string resource = object(fmt::format(R"("name":{0},"capacity":{1},"allocatable":{1},"available":{1})", kText, kQuantity));
  const std::string zone = object(fmt::format(R"("name":{0},"type":{0},"parent":{0},"costs":{1},"attributes":{2},"resources":{3})", kText,
                                              list_of(cost), list_of(named_text), list_of(resource)));
  return definition({"topology.node.k8s.io", "v1alpha2", "NodeResourceTopology", "noderesourcetopologies", "noderesourcetopology",
                     R"("node-res-topo")", false, false},
                    "What a node's NUMA zones hold. Named like its node.",
                    fmt::format(R"("topologyPolicies":{},"zones":{},"attributes":{})", kTexts, list_of(zone), list_of(named_text)), age());
}

}   // namespace ebb::model
