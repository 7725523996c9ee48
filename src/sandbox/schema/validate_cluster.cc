// Nodes, priorities, budgets, leases, events, roles and autoscalers.
#include "sandbox/schema/report.h"

#include <set>

namespace ebb::sandbox {

namespace {

constexpr std::int64_t kUserPriorityMax = 1'000'000'000;

void validate_taints(Report& report, const json::object& node) {
  const json::array* taints = array_at(node, "spec.taints");
  std::set<std::pair<std::string, std::string>> seen;
  for (std::size_t i = 0; taints && i < taints->size(); ++i) {
    if (!(*taints)[i].is_object()) continue;
    const json::object& taint = (*taints)[i].get_object();
    const std::string field = fmt::format("metadata.taints[{}]", i);
    const std::string_view key = string_at(taint, "key");
    const std::string_view value = string_at(taint, "value");
    const std::string_view effect = string_at(taint, "effect");
    report.named(field + ".key", key, names::qualified(key));
    report.named(field + ".value", value, names::label_value(value));
    if (effect.empty())
      report.required(field + ".effect");
    else
      check_one_of(report, taint, "effect", field, {"NoSchedule", "PreferNoSchedule", "NoExecute"});
    if (seen.emplace(key, effect).second) continue;
    const json::object shown{
        {"Key", json::value(key)}, {"Value", json::value(value)}, {"Effect", json::value(effect)}, {"TimeAdded", nullptr}};
    report.add({"FieldValueDuplicate", field,
                fmt::format("Duplicate value: {}: taints must be unique by key and effect pair", json::serialize(shown))});
  }
}

void validate_priority_class(Report& report, const json::object& object, const json::object* previous) {
  const std::string_view name = string_at(object, "metadata.name");
  const std::int64_t value = integer_at(object, "value").value_or(0);
  const bool system = name == "system-node-critical" || name == "system-cluster-critical";
  if (name.starts_with("system-") && !system) {
    report.forbidden(
        "metadata.name",
        fmt::format(
            "priority class names with 'system-' prefix are reserved for system use only. error: {} is not a known system priority class",
            name));
  } else if (!system && value > kUserPriorityMax) {
    report.forbidden("value", "maximum allowed value of a user defined priority is 1000000000");
  }
  const std::string_view policy = string_at(object, "preemptionPolicy");
  if (policy != "PreemptLowerPriority" && policy != "Never")
    report.unsupported("preemptionPolicy", json::value(policy), {"PreemptLowerPriority", "Never"});
  if (!previous) return;
  if (integer_at(*previous, "value") != integer_at(object, "value")) report.forbidden("value", "may not be changed in an update.");
  check_immutable(report, object, previous, "preemptionPolicy");
}

void validate_budget(Report& report, const json::object& spec) {
  const json::value* least = spec.if_contains("minAvailable");
  const json::value* most = spec.if_contains("maxUnavailable");
  if (least && most) {
    const json::value* selector = spec.if_contains("selector");
    const json::value* policy = spec.if_contains("unhealthyPodEvictionPolicy");
    const json::object shown{{"MinAvailable", *least},
                             {"Selector", selector ? *selector : json::value()},
                             {"MaxUnavailable", *most},
                             {"UnhealthyPodEvictionPolicy", policy ? *policy : json::value()}};
    report.invalid("spec", shown, "minAvailable and maxUnavailable cannot be both set");
  }
  check_count_or_percent(report, least, "spec.minAvailable", true);
  check_count_or_percent(report, most, "spec.maxUnavailable", true);
  validate_selector(report, object_at(spec, "selector"), "spec.selector");
  check_one_of(report, spec, "unhealthyPodEvictionPolicy", "spec", {"AlwaysAllow", "IfHealthyBudget"});
}

void validate_lease(Report& report, const json::object& spec) {
  if (const auto seconds = integer_at(spec, "leaseDurationSeconds"); seconds && *seconds <= 0) {
    report.invalid("spec.leaseDurationSeconds", *seconds, "must be greater than 0");
  }
  check_not_negative(report, spec, "leaseTransitions", "spec");
}

void validate_event(Report& report, const Kind& kind, const json::object& event) {
  const bool modern = kind.group == "events.k8s.io";
  const std::string subject = modern ? "regarding" : "involvedObject";
  const std::string_view ns = string_at(event, "metadata.namespace");
  const std::string_view about = string_at(event, subject + ".namespace");
  if (about.empty() ? ns != "default" : about != ns) {
    report.invalid("involvedObject.namespace", json::value(about), "does not match event.namespace");
  }
  if (!modern || !string_at(event, "deprecatedFirstTimestamp").empty()) return;
  const auto need = [&](std::string_view key, const std::string& field) {
    if (string_at(event, key).empty()) report.required(field);
  };
  const std::string_view type = string_at(event, "type");
  need("eventTime", "eventTime");
  if (type != "Normal" && type != "Warning") report.invalid("type", json::value(type), fmt::format("has invalid value: {}", type));
  if (string_at(event, "eventTime").empty()) return;
  need("reportingController", "reportingController");
  need("reportingInstance", "reportingInstance");
  need("action", "action");
  need("reason", "reason");
}

void validate_role(Report& report, const json::object& role, bool cluster) {
  const json::array* rules = array_at(role, "rules");
  for (std::size_t i = 0; rules && i < rules->size(); ++i) {
    if (!(*rules)[i].is_object()) continue;
    const json::object& rule = (*rules)[i].get_object();
    const std::string field = fmt::format("rules[{}]", i);
    const auto said = [&](std::string_view key) {
      const json::array* list = array_at(rule, key);
      return list && !list->empty();
    };
    if (!said("verbs")) report.required(field + ".verbs");
    if (said("nonResourceURLs")) {
      if (!cluster)
        report.invalid(field + ".nonResourceURLs", rule.at("nonResourceURLs"), "namespaced rules cannot apply to non-resource URLs");
      continue;
    }
    if (!said("apiGroups")) report.required(field + ".apiGroups", "resource rules must supply at least one api group");
    if (!said("resources")) report.required(field + ".resources", "resource rules must supply at least one resource");
  }
}

void validate_role_binding(Report& report, const json::object& binding, const json::object* previous, bool cluster) {
  const json::object none;
  const json::object* reference = object_at(binding, "roleRef");
  const json::object& role = reference ? *reference : none;
  const std::string_view kind = string_at(role, "kind");
  if (cluster && kind != "ClusterRole") report.unsupported("roleRef.kind", json::value(kind), {"ClusterRole"});
  if (!cluster && kind != "Role" && kind != "ClusterRole") report.unsupported("roleRef.kind", json::value(kind), {"Role", "ClusterRole"});
  if (string_at(role, "name").empty()) report.required("roleRef.name");
  const json::array* subjects = array_at(binding, "subjects");
  for (std::size_t i = 0; subjects && i < subjects->size(); ++i) {
    if (!(*subjects)[i].is_object()) continue;
    const json::object& subject = (*subjects)[i].get_object();
    const std::string field = fmt::format("subjects[{}]", i);
    if (string_at(subject, "name").empty()) report.required(field + ".name");
    check_one_of(report, subject, "kind", field, {"ServiceAccount", "User", "Group"});
    if (cluster && string_at(subject, "kind") == "ServiceAccount" && string_at(subject, "namespace").empty())
      report.required(field + ".namespace");
  }
  const json::object* before = previous ? object_at(*previous, "roleRef") : nullptr;
  if (before && *before != role) report.invalid("roleRef", role, "field is immutable");
}

void validate_autoscaler(Report& report, const json::object& spec) {
  const std::int64_t most = integer_at(spec, "maxReplicas").value_or(0);
  const std::int64_t least = integer_at(spec, "minReplicas").value_or(1);
  if (least < 0) report.invalid("spec.minReplicas", least, "must be greater than or equal to 0");
  if (most < 1)
    report.required("spec.maxReplicas");
  else if (most < least)
    report.invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`");
  for (const std::string_view key : {"kind", "name"}) {
    if (string_at(spec, fmt::format("scaleTargetRef.{}", key)).empty()) report.required(fmt::format("spec.scaleTargetRef.{}", key));
  }
  const std::string_view version = string_at(spec, "scaleTargetRef.apiVersion");
  if (version.empty()) report.invalid("spec.scaleTargetRef.apiVersion", "", "apiVersion must specify API group");
  if (least == 0)
    report.forbidden("spec.metrics", "must specify at least one Object or External metric to support scaling to zero replicas");
}

}   // namespace

void validate_cluster(Report& report, const Kind& kind, const json::object& object, const json::object* previous) {
  const json::object none;
  const json::object* found = object_at(object, "spec");
  const json::object& spec = found ? *found : none;
  const std::string_view name = kind.kind;
  if (name == "Node") validate_taints(report, object);
  if (name == "PriorityClass") validate_priority_class(report, object, previous);
  if (name == "PodDisruptionBudget") validate_budget(report, spec);
  if (name == "Lease") validate_lease(report, spec);
  if (name == "Event" && !previous) validate_event(report, kind, object);
  if (name == "Role" || name == "ClusterRole") validate_role(report, object, name == "ClusterRole");
  if (name == "RoleBinding" || name == "ClusterRoleBinding") validate_role_binding(report, object, previous, name == "ClusterRoleBinding");
  if (name == "HorizontalPodAutoscaler") validate_autoscaler(report, spec);
}

}   // namespace ebb::sandbox
