#include "sandbox/api/conversion.h"

#include "sandbox/api/tree.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ebb::sandbox {

namespace {

using Renaming = std::pair<std::string_view, std::string_view>;

// core/v1 name, events.k8s.io/v1 name.
constexpr auto kEventNames = std::to_array<Renaming>({
    {"involvedObject", "regarding"},
    {"message", "note"},
    {"source", "deprecatedSource"},
    {"firstTimestamp", "deprecatedFirstTimestamp"},
    {"lastTimestamp", "deprecatedLastTimestamp"},
    {"count", "deprecatedCount"},
    {"reportingComponent", "reportingController"},
});

void rename(json::object& object, std::string_view from, std::string_view to) {
  const auto at = object.find(from);
  if (at == object.end()) return;
  json::value value = std::move(at->value());
  object.erase(at);
  object[to] = std::move(value);
}

bool is_event(const ServedKind& kind) { return kind.kind.group == "events.k8s.io" && kind.kind.resource == "events"; }

bool is_autoscaler(const ServedKind& kind) {
  return kind.kind.group == "autoscaling" && kind.kind.resource == "horizontalpodautoscalers" &&
         kind.kind.version != kind.kind.storage_version;
}

// What autoscaling/v1 has no field for travels in annotations, in the form of v2.
constexpr std::string_view kMetricsAnnotation = "autoscaling.alpha.kubernetes.io/metrics";
constexpr std::string_view kBehaviorAnnotation = "autoscaling.alpha.kubernetes.io/behavior";
constexpr std::string_view kConditionsAnnotation = "autoscaling.alpha.kubernetes.io/conditions";
constexpr std::string_view kCurrentMetricsAnnotation = "autoscaling.alpha.kubernetes.io/current-metrics";

void store_annotation(json::object& object, std::string_view key, const json::value& value) {
  ensure_object(ensure_object(object, "metadata"), "annotations")[key] = json::serialize(value);
}

// The annotation's value as JSON, which is taken away; null where there is none.
json::value take_annotation(json::object& object, std::string_view key) {
  json::object* metadata = object_in(object, "metadata");
  json::object* annotations = metadata == nullptr ? nullptr : object_in(*metadata, "annotations");
  if (annotations == nullptr) return nullptr;
  json::error_code error;
  json::value value = json::parse(text_in(*annotations, key), error);
  annotations->erase(key);
  if (annotations->empty()) metadata->erase("annotations");
  return error ? json::value(nullptr) : value;
}

bool is_cpu_utilization(const json::value& metric, std::string_view amount) {
  const json::object* object = metric.if_object();
  if (object == nullptr || text_in(*object, "type") != "Resource") return false;
  const json::object* resource = object_in(*object, "resource");
  if (resource == nullptr || text_in(*resource, "name") != "cpu") return false;
  const json::object* value = object_in(*resource, amount);
  return value != nullptr && value->contains("averageUtilization");
}

// Moves the CPU metric of a v2 list into one number, gives back what is left.
json::array extract_cpu(const json::array& metrics, std::string_view amount, json::object& into, std::string_view number) {
  json::array rest;
  for (const json::value& metric : metrics) {
    if (!into.contains(number) && is_cpu_utilization(metric, amount)) {
      into[number] = metric.at("resource").at(amount).at("averageUtilization");
    } else {
      rest.push_back(metric);
    }
  }
  return rest;
}

json::value cpu_metric(const json::value& utilization, std::string_view amount) {
  json::object value{{"averageUtilization", utilization}};
  if (amount == "target") value["type"] = "Utilization";
  json::object resource{{"name", "cpu"}};
  resource[amount] = std::move(value);
  return json::object{{"type", "Resource"}, {"resource", std::move(resource)}};
}

void autoscaler_to_v1(json::object& object) {
  if (json::object* spec = object_in(object, "spec")) {
    if (const json::array* metrics = array_in(*spec, "metrics")) {
      const json::array rest = extract_cpu(*metrics, "target", *spec, "targetCPUUtilizationPercentage");
      if (!rest.empty()) store_annotation(object, kMetricsAnnotation, rest);
      spec->erase("metrics");
    }
    if (const json::value* behavior = spec->if_contains("behavior")) {
      store_annotation(object, kBehaviorAnnotation, *behavior);
      spec->erase("behavior");
    }
  }
  if (json::object* status = object_in(object, "status")) {
    if (const json::array* metrics = array_in(*status, "currentMetrics")) {
      const json::array rest = extract_cpu(*metrics, "current", *status, "currentCPUUtilizationPercentage");
      if (!rest.empty()) store_annotation(object, kCurrentMetricsAnnotation, rest);
      status->erase("currentMetrics");
    }
    if (const json::value* conditions = status->if_contains("conditions")) {
      store_annotation(object, kConditionsAnnotation, *conditions);
      status->erase("conditions");
    }
  }
}

void merge_metrics(json::object& part, std::string_view list, std::string_view number, std::string_view amount, json::value rest) {
  json::array metrics;
  if (const json::value* utilization = part.if_contains(number)) {
    metrics.push_back(cpu_metric(*utilization, amount));
    part.erase(number);
  }
  if (rest.is_array()) {
    for (json::value& metric : rest.get_array()) metrics.push_back(std::move(metric));
  }
  if (!metrics.empty()) part[list] = std::move(metrics);
}

void autoscaler_to_v2(json::object& object) {
  json::value metrics = take_annotation(object, kMetricsAnnotation);
  json::value behavior = take_annotation(object, kBehaviorAnnotation);
  json::value current = take_annotation(object, kCurrentMetricsAnnotation);
  json::value conditions = take_annotation(object, kConditionsAnnotation);
  if (json::object* spec = object_in(object, "spec")) {
    merge_metrics(*spec, "metrics", "targetCPUUtilizationPercentage", "target", std::move(metrics));
    if (behavior.is_object()) (*spec)["behavior"] = std::move(behavior);
  }
  if (json::object* status = object_in(object, "status")) {
    merge_metrics(*status, "currentMetrics", "currentCPUUtilizationPercentage", "current", std::move(current));
    if (conditions.is_array()) (*status)["conditions"] = std::move(conditions);
  }
}

}   // namespace

bool converts_fields(const ServedKind& kind) { return kind.custom() || is_event(kind) || is_autoscaler(kind); }

void to_storage(const ServedKind& kind, json::object& object) {
  if (is_event(kind)) {
    for (const auto& [core, events] : kEventNames) rename(object, events, core);
  } else if (is_autoscaler(kind)) {
    autoscaler_to_v2(object);
  }
  object["apiVersion"] = kind.storage_api_version();
}

void from_storage(const ServedKind& kind, json::object& object) {
  if (is_event(kind)) {
    for (const auto& [core, events] : kEventNames) rename(object, core, events);
  } else if (is_autoscaler(kind)) {
    autoscaler_to_v1(object);
  }
  object["apiVersion"] = kind.api_version();
  if (!kind.custom()) return;
  // Stored before its definition became what it is now: read as if it were sent today.
  std::vector<std::string> unknown;
  static_cast<void>(prune_and_check(*kind.kind.schema, object, unknown));
  apply_defaults(kind.kind, object);
}

}   // namespace ebb::sandbox
