// What keeps pods running: Deployment, ReplicaSet, StatefulSet, DaemonSet, ReplicationController.
#include "sandbox/schema/report.h"

#include <charconv>

namespace ebb::sandbox {

namespace {

void validate_own_selector(Report& report, std::string_view kind, const json::object& spec) {
  const json::object* selector = object_at(spec, "selector");
  const json::object* labels = object_at(spec, "template.metadata.labels");
  const auto mismatch = [&] {
    report.invalid("spec.template.metadata.labels", labels ? json::value(*labels) : json::value(),
                   "`selector` does not match template `labels`");
  };
  if (!selector) {
    report.required("spec.selector");
    return mismatch();
  }
  Report problems;
  validate_selector(problems, selector, "spec.selector");
  if (!problems.empty()) {
    for (FieldError& problem : problems.take()) report.add(std::move(problem));
    return report.invalid("spec.selector", *selector, "invalid label selector");
  }
  if (selector_is_empty(*selector)) {
    std::string name(kind);
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return report.invalid("spec.selector", *selector, fmt::format("empty selector is invalid for {}", name));
  }
  if (!selector_matches(*selector, labels)) mismatch();
}

// How the real server shows a strategy: its fields under their Go names.
json::object shown_strategy(const json::object& strategy) {
  const json::value* rolling = strategy.if_contains("rollingUpdate");
  return {{"Type", strategy.contains("type") ? strategy.at("type") : json::value("")},
          {"RollingUpdate", rolling ? *rolling : json::value()}};
}

void validate_template(Report& report, const json::object& spec) {
  const json::object* pod = object_at(spec, "template.spec");
  validate_labels(report, object_at(spec, "template.metadata.labels"), "spec.template.labels");
  if (!pod) return report.required("spec.template.spec.containers");
  validate_pod_spec(report, *pod, "spec.template.spec");
  const std::string_view policy = string_at(*pod, "restartPolicy");
  if (policy == "Never" || policy == "OnFailure") report.unsupported("spec.template.spec.restartPolicy", json::value(policy), {"Always"});
  if (pod->contains("activeDeadlineSeconds"))
    report.forbidden("spec.template.spec.activeDeadlineSeconds", "activeDeadlineSeconds is not supported");
}

bool is_zero_amount(const json::value* amount) {
  if (!amount) return true;
  if (const std::int64_t* number = amount->if_int64()) return *number == 0;
  return amount->is_string() && amount->get_string() == "0%";
}

void validate_deployment(Report& report, const json::object& spec) {
  const json::object* strategy = object_at(spec, "strategy");
  const std::string_view type = strategy ? string_at(*strategy, "type") : "";
  const json::object* rolling = strategy ? object_at(*strategy, "rollingUpdate") : nullptr;
  if (strategy && type != "Recreate" && type != "RollingUpdate")
    report.unsupported("spec.strategy", shown_strategy(*strategy), {"Recreate", "RollingUpdate"});
  if (type == "Recreate" && rolling)
    report.forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
  if (type == "RollingUpdate" && rolling) {
    const json::value* unavailable = rolling->if_contains("maxUnavailable");
    const json::value* surge = rolling->if_contains("maxSurge");
    check_count_or_percent(report, unavailable, "spec.strategy.rollingUpdate.maxUnavailable", true);
    check_count_or_percent(report, surge, "spec.strategy.rollingUpdate.maxSurge", false);
    if (is_zero_amount(unavailable) && is_zero_amount(surge)) {
      report.invalid("spec.strategy.rollingUpdate.maxUnavailable", unavailable ? *unavailable : json::value(0),
                     "may not be 0 when `maxSurge` is 0");
    }
  }
  check_not_negative(report, spec, "revisionHistoryLimit", "spec");
  const auto deadline = integer_at(spec, "progressDeadlineSeconds");
  check_not_negative(report, spec, "progressDeadlineSeconds", "spec");
  if (deadline && *deadline <= integer_at(spec, "minReadySeconds").value_or(0)) {
    report.invalid("spec.progressDeadlineSeconds", *deadline, "must be greater than minReadySeconds");
  }
}

void validate_stateful_set(Report& report, const json::object& spec) {
  const std::string_view policy = string_at(spec, "podManagementPolicy");
  if (policy != "OrderedReady" && policy != "Parallel")
    report.invalid("spec.podManagementPolicy", json::value(policy), "must be 'OrderedReady' or 'Parallel'");
  const json::object* strategy = object_at(spec, "updateStrategy");
  const std::string_view type = strategy ? string_at(*strategy, "type") : "";
  if (type != "RollingUpdate" && type != "OnDelete") {
    report.invalid("spec.updateStrategy", strategy ? json::value(shown_strategy(*strategy)) : json::value(),
                   "must be 'RollingUpdate' or 'OnDelete'");
  }
  if (const json::object* rolling = strategy ? object_at(*strategy, "rollingUpdate") : nullptr) {
    if (type == "OnDelete")
      report.invalid("spec.updateStrategy.rollingUpdate", *rolling, "only allowed for updateStrategy 'RollingUpdate'");
    check_not_negative(report, *rolling, "partition", "spec.updateStrategy.rollingUpdate");
  }
  check_not_negative(report, spec, "revisionHistoryLimit", "spec");
}

void validate_daemon_set(Report& report, const json::object& spec) {
  const json::object* strategy = object_at(spec, "updateStrategy");
  const std::string_view type = strategy ? string_at(*strategy, "type") : "";
  if (strategy && type != "RollingUpdate" && type != "OnDelete")
    report.unsupported("spec.updateStrategy", shown_strategy(*strategy), {"OnDelete", "RollingUpdate"});
  const json::object* rolling = strategy ? object_at(*strategy, "rollingUpdate") : nullptr;
  if (rolling && type == "RollingUpdate") {
    const json::value* unavailable = rolling->if_contains("maxUnavailable");
    const json::value* surge = rolling->if_contains("maxSurge");
    check_count_or_percent(report, unavailable, "spec.updateStrategy.rollingUpdate.maxUnavailable", true);
    check_count_or_percent(report, surge, "spec.updateStrategy.rollingUpdate.maxSurge", true);
    if (is_zero_amount(unavailable) && is_zero_amount(surge))
      report.required("spec.updateStrategy.rollingUpdate.maxUnavailable", "cannot be 0 when maxSurge is 0");
    if (!is_zero_amount(unavailable) && !is_zero_amount(surge)) {
      report.invalid("spec.updateStrategy.rollingUpdate.maxSurge", *surge, "may not be set when maxUnavailable is non-zero");
    }
  }
  check_not_negative(report, spec, "revisionHistoryLimit", "spec");
}

// Of a StatefulSet only some fields may ever change.
void validate_stateful_update(Report& report, const json::object& spec, const json::object& previous) {
  json::object allowed = previous;
  for (const std::string_view key : {"serviceName", "replicas", "ordinals", "template", "updateStrategy",
                                     "persistentVolumeClaimRetentionPolicy", "minReadySeconds", "revisionHistoryLimit"}) {
    if (const json::value* value = spec.if_contains(key))
      allowed.insert_or_assign(key, *value);
    else
      allowed.erase(key);
  }
  if (allowed == spec) return;
  report.forbidden(
      "spec",
      "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', "
      "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
}

void validate_replication_controller(Report& report, const json::object& spec) {
  const json::object* selector = object_at(spec, "selector");
  const json::object* labels = object_at(spec, "template.metadata.labels");
  if (!selector || selector->empty()) report.required("spec.selector");
  const auto missing = [&](const auto& entry) {
    const json::value* value = labels ? labels->if_contains(entry.key()) : nullptr;
    return !value || *value != entry.value();
  };
  if (selector && std::any_of(selector->begin(), selector->end(), missing)) {
    report.invalid("spec.template.metadata.labels", labels ? json::value(*labels) : json::value(),
                   "`selector` does not match template `labels`");
  }
}

}   // namespace

void validate_workload(Report& report, std::string_view kind, const json::object& object, const json::object* previous) {
  const json::object none;
  const json::object* found = object_at(object, "spec");
  const json::object& spec = found ? *found : none;
  const json::object* before = previous ? object_at(*previous, "spec") : nullptr;
  if (before && *before == spec) return;   // what was let in stays in: a status write says nothing new
  if (kind == "Pod") {
    validate_pod_spec(report, spec, "spec");
    if (before) validate_pod_update(report, spec, *before);
    return;
  }
  const bool owner =
      kind == "Deployment" || kind == "ReplicaSet" || kind == "StatefulSet" || kind == "DaemonSet" || kind == "ReplicationController";
  if (!owner) return;
  check_not_negative(report, spec, "replicas", "spec");
  check_not_negative(report, spec, "minReadySeconds", "spec");
  if (kind == "ReplicationController")
    validate_replication_controller(report, spec);
  else
    validate_own_selector(report, kind, spec);
  validate_template(report, spec);
  if (kind == "Deployment") validate_deployment(report, spec);
  if (kind == "StatefulSet") validate_stateful_set(report, spec);
  if (kind == "DaemonSet") validate_daemon_set(report, spec);
  if (!before) return;
  if (kind == "Deployment" || kind == "ReplicaSet" || kind == "DaemonSet") check_immutable(report, object, previous, "spec.selector");
  if (kind != "StatefulSet") return;
  check_immutable(report, object, previous, "spec.serviceName");
  validate_stateful_update(report, spec, *before);
}

}   // namespace ebb::sandbox
