#include "sandbox/schema/report.h"

#include <algorithm>
#include <set>

namespace ebb::sandbox {

namespace {

constexpr std::int64_t kInt32Max = 2147483647;

void validate_toleration(Report& report, const json::object& toleration, const std::string& field) {
  const std::string_view key = string_at(toleration, "key");
  const std::string_view op = string_at(toleration, "operator");
  const std::string_view value = string_at(toleration, "value");
  if (!key.empty())
    report.named(field + ".key", key, names::qualified(key));
  else if (op != "Exists")
    report.invalid(field + ".operator", json::value(op),
                   "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
  if (toleration.contains("tolerationSeconds") && string_at(toleration, "effect") != "NoExecute") {
    report.invalid(field + ".effect", json::value(string_at(toleration, "effect")),
                   "effect must be 'NoExecute' when `tolerationSeconds` is set");
  }
  if (op == "Exists") {
    if (!value.empty()) report.invalid(field + ".operator", json::value(value), "value must be empty when `operator` is 'Exists'");
  } else if (op == "Equal" || op.empty()) {
    const names::Problems problems = names::label_value(value);
    if (!problems.empty()) report.invalid(field + ".operator", json::value(value), problems.front());
  } else if (op != "Lt" && op != "Gt") {
    report.unsupported(field + ".operator", json::value(op), {"Equal", "Exists"});
  }
  if (!string_at(toleration, "effect").empty())
    check_one_of(report, toleration, "effect", field, {"NoSchedule", "PreferNoSchedule", "NoExecute"});
}

void validate_gates(Report& report, const json::object& spec, const std::string& field) {
  const json::array* gates = array_at(spec, "schedulingGates");
  std::set<std::string> seen;
  for (std::size_t i = 0; gates && i < gates->size(); ++i) {
    const std::string name(string_at((*gates)[i], "name"));
    const std::string here = fmt::format("{}.schedulingGates[{}]", field, i);
    report.named(here, name, names::qualified(name));
    if (!seen.insert(name).second) report.duplicate(here, json::value(std::string_view(name)));
  }
}

void validate_spread(Report& report, const json::object& spec, const std::string& field) {
  const json::array* constraints = array_at(spec, "topologySpreadConstraints");
  for (std::size_t i = 0; constraints && i < constraints->size(); ++i) {
    if (!(*constraints)[i].is_object()) continue;
    const json::object& constraint = (*constraints)[i].get_object();
    const std::string here = fmt::format("{}.topologySpreadConstraints[{}]", field, i);
    const std::int64_t skew = integer_at(constraint, "maxSkew").value_or(0);
    if (skew <= 0) report.invalid(here + ".maxSkew", skew, "must be greater than zero");
    if (string_at(constraint, "topologyKey").empty()) report.required(here + ".topologyKey", "can not be empty");
    check_one_of(report, constraint, "whenUnsatisfiable", here, {"DoNotSchedule", "ScheduleAnyway"});
    validate_selector(report, object_at(constraint, "labelSelector"), here + ".labelSelector");
  }
}

void validate_named_reference(Report& report, const json::object& spec, std::string_view key, const std::string& field) {
  const std::string_view name = string_at(spec, key);
  if (!name.empty()) report.named(fmt::format("{}.{}", field, key), name, names::subdomain(name));
}

}   // namespace

void validate_pod_spec(Report& report, const json::object& spec, const std::string& field) {
  validate_containers(report, spec, field);
  check_one_of(report, spec, "restartPolicy", field, {"Always", "OnFailure", "Never"});
  check_one_of(report, spec, "dnsPolicy", field, {"ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"});
  check_one_of(report, spec, "preemptionPolicy", field, {"PreemptLowerPriority", "Never"});
  if (const json::object* labels = object_at(spec, "nodeSelector")) validate_labels(report, labels, field + ".nodeSelector");
  if (const auto seconds = integer_at(spec, "activeDeadlineSeconds"); seconds && (*seconds < 1 || *seconds > kInt32Max)) {
    report.invalid(field + ".activeDeadlineSeconds", *seconds, "must be between 1 and 2147483647, inclusive");
  }
  for (const std::string_view key : {"nodeName", "serviceAccountName", "priorityClassName", "runtimeClassName"})
    validate_named_reference(report, spec, key, field);
  for (const std::string_view key : {"hostname", "subdomain"}) {
    if (const std::string_view name = string_at(spec, key); !name.empty())
      report.named(fmt::format("{}.{}", field, key), name, names::label(name));
  }
  const json::array* tolerations = array_at(spec, "tolerations");
  for (std::size_t i = 0; tolerations && i < tolerations->size(); ++i) {
    if ((*tolerations)[i].is_object())
      validate_toleration(report, (*tolerations)[i].get_object(), fmt::format("{}.tolerations[{}]", field, i));
  }
  validate_gates(report, spec, field);
  validate_spread(report, spec, field);
  validate_affinity(report, spec, field);
}

namespace {

void copy_images(json::object& spec, const json::object& from, std::string_view list) {
  json::value* mine = spec.if_contains(list);
  const json::array* theirs = array_at(from, list);
  if (!mine || !mine->is_array() || !theirs || mine->get_array().size() != theirs->size()) return;
  for (std::size_t i = 0; i < theirs->size(); ++i) {
    json::value& container = mine->get_array()[i];
    if (!container.is_object()) continue;
    const json::value* image = find_member((*theirs)[i], "image");
    if (image) container.get_object().insert_or_assign("image", *image);
  }
}

void copy_member(json::object& spec, const json::object& from, std::string_view key) {
  const json::value* value = from.if_contains(key);
  if (value)
    spec.insert_or_assign(key, *value);
  else if (const auto member = spec.find(key); member != spec.end())
    spec.stable_erase(member);
}

// Every old toleration is there still; only how long it holds may differ.
bool keeps_tolerations(const json::object& spec, const json::object& previous) {
  const json::array* before = array_at(previous, "tolerations");
  const json::array* now = array_at(spec, "tolerations");
  const auto timeless = [](const json::value& toleration) {
    json::value copy = toleration;
    if (copy.is_object()) copy.get_object().erase("tolerationSeconds");
    return copy;
  };
  if (!before) return true;
  return std::ranges::all_of(*before, [&](const json::value& old) {
    return now && std::ranges::any_of(*now, [&](const json::value& each) { return timeless(each) == timeless(old); });
  });
}

void check_gates(Report& report, const json::object& spec, const json::object& previous) {
  const json::array* now = array_at(spec, "schedulingGates");
  const json::array* before = array_at(previous, "schedulingGates");
  for (std::size_t i = 0; now && i < now->size(); ++i) {
    if (before && std::ranges::find(*before, (*now)[i]) != before->end()) continue;
    report.forbidden(fmt::format("spec.schedulingGates[{}].name", i),
                     fmt::format("only deletion is allowed, but found new scheduling gate '{}'", string_at((*now)[i], "name")));
  }
}

// While gates hold a pod back, its node selector may gain entries.
bool only_adds_selectors(const json::object& spec, const json::object& previous) {
  const json::object* before = object_at(previous, "nodeSelector");
  const json::object* now = object_at(spec, "nodeSelector");
  if (!before) return true;
  return std::ranges::all_of(*before, [&](const auto& entry) {
    const json::value* kept = now ? now->if_contains(entry.key()) : nullptr;
    return kept && *kept == entry.value();
  });
}

}   // namespace

void validate_pod_update(Report& report, const json::object& spec, const json::object& previous) {
  const json::array* gates = array_at(previous, "schedulingGates");
  const bool gated = gates && !gates->empty();
  check_gates(report, spec, previous);
  if (!keeps_tolerations(spec, previous))
    report.forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds");
  json::object allowed = previous;
  copy_images(allowed, spec, "containers");
  copy_images(allowed, spec, "initContainers");
  for (const std::string_view key : {"activeDeadlineSeconds", "tolerations", "schedulingGates", "ephemeralContainers"})
    copy_member(allowed, spec, key);
  if (integer_at(previous, "terminationGracePeriodSeconds").value_or(0) < 0) copy_member(allowed, spec, "terminationGracePeriodSeconds");
  if (gated && only_adds_selectors(spec, previous)) {
    copy_member(allowed, spec, "nodeSelector");
    if (!object_at(previous, "affinity.nodeAffinity")) copy_member(allowed, spec, "affinity");
  }
  if (allowed == spec) return;
  report.forbidden(
      "spec",
      "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
      "`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was "
      "previously negative)");
}

}   // namespace ebb::sandbox
