#include "sandbox/schema/defaults.h"
#include "sandbox/schema/schema.h"

#include <limits>

namespace ebb::sandbox {

namespace {

void default_deployment(json::object& spec) {
  set_default(spec, "replicas", 1);
  json::object& strategy = made_object(spec, "strategy");
  set_default(strategy, "type", "RollingUpdate");
  if (strategy.at("type") == "RollingUpdate") {
    json::object& rolling = made_object(strategy, "rollingUpdate");
    set_default(rolling, "maxUnavailable", "25%");
    set_default(rolling, "maxSurge", "25%");
  }
  set_default(spec, "revisionHistoryLimit", 10);
  set_default(spec, "progressDeadlineSeconds", 600);
}

void default_stateful_set(json::object& spec) {
  set_default(spec, "podManagementPolicy", "OrderedReady");
  json::object& strategy = made_object(spec, "updateStrategy");
  set_default(strategy, "type", "RollingUpdate");
  if (strategy.at("type") == "RollingUpdate") {
    json::object& rolling = made_object(strategy, "rollingUpdate");
    set_default(rolling, "partition", 0);
    set_default(rolling, "maxUnavailable", 1);
  }
  json::object& retention = made_object(spec, "persistentVolumeClaimRetentionPolicy");
  set_default(retention, "whenDeleted", "Retain");
  set_default(retention, "whenScaled", "Retain");
  set_default(spec, "replicas", 1);
  set_default(spec, "revisionHistoryLimit", 10);
  each_object(spec, "volumeClaimTemplates", [](json::object& claim) {
    set_default(claim, "apiVersion", "v1");
    set_default(claim, "kind", "PersistentVolumeClaim");
    default_claim(claim);
  });
}

void default_daemon_set(json::object& spec) {
  json::object& strategy = made_object(spec, "updateStrategy");
  set_default(strategy, "type", "RollingUpdate");
  if (strategy.at("type") == "RollingUpdate") {
    json::object& rolling = made_object(strategy, "rollingUpdate");
    set_default(rolling, "maxUnavailable", 1);
    set_default(rolling, "maxSurge", 0);
  }
  set_default(spec, "revisionHistoryLimit", 10);
}

// A job's pods are told from all others by its uid, in labels of the template, the job and the
// selector. Without a uid yet (a dry look, a template) nothing is done.
void select_own_pods(json::object& job, json::object& spec, json::object& pod) {
  const std::string uid(string_at(job, "metadata.uid"));
  const std::string name(string_at(job, "metadata.name"));
  if (uid.empty() || bool_at(spec, "manualSelector") || spec.contains("selector")) return;
  json::object& labels = made_object(made_object(pod, "metadata"), "labels");
  for (const auto& [key, value] : {std::pair("batch.kubernetes.io/controller-uid", &uid), std::pair("batch.kubernetes.io/job-name", &name),
                                   std::pair("controller-uid", &uid), std::pair("job-name", &name)}) {
    set_default(labels, key, std::string_view(*value));
  }
  const json::object chosen{{"batch.kubernetes.io/controller-uid", std::string_view(uid)}};
  const json::object copy = labels;
  spec.insert_or_assign("selector", json::object{{"matchLabels", chosen}});
  json::object& own = made_object(made_object(job, "metadata"), "labels");
  for (const auto& [key, value] : copy) set_default(own, key, value);
}

void default_job(json::object& job, json::object& spec) {
  const bool sized = spec.contains("completions") || spec.contains("parallelism");
  if (!sized) set_default(spec, "completions", 1);
  set_default(spec, "parallelism", 1);
  const bool per_index = spec.contains("backoffLimitPerIndex");
  set_default(spec, "backoffLimit", per_index ? std::numeric_limits<std::int32_t>::max() : 6);
  set_default(spec, "completionMode", "NonIndexed");
  set_default(spec, "suspend", false);
  set_default(spec, "manualSelector", false);
  set_default(spec, "podReplacementPolicy", spec.contains("podFailurePolicy") ? "Failed" : "TerminatingOrFailed");
  if (json::object* policy = object_member(spec, "podFailurePolicy")) {
    each_object(*policy, "rules", [](json::object& rule) {
      each_object(rule, "onPodConditions", [](json::object& condition) { set_if_zero(condition, "status", "True"); });
    });
  }
  json::object* pod = object_member(spec, "template");
  json::object* metadata = pod ? object_member(*pod, "metadata") : nullptr;
  json::object* labels = metadata ? object_member(*metadata, "labels") : nullptr;
  if (labels && !labels->empty()) set_default(made_object(job, "metadata"), "labels", *labels);
  if (pod) select_own_pods(job, spec, *pod);
}

void default_cron_job(json::object& spec) {
  set_default(spec, "concurrencyPolicy", "Allow");
  set_default(spec, "suspend", false);
  set_default(spec, "successfulJobsHistoryLimit", 3);
  set_default(spec, "failedJobsHistoryLimit", 1);
  if (json::object* job = object_member(spec, "jobTemplate")) default_template(made_object(*job, "spec"));
}

// Selector and labels of the oldest workload kind come from its template.
void default_replication_controller(json::object& object, json::object& spec) {
  set_default(spec, "replicas", 1);
  json::object* pod = object_member(spec, "template");
  json::object* metadata = pod ? object_member(*pod, "metadata") : nullptr;
  json::object* labels = metadata ? object_member(*metadata, "labels") : nullptr;
  if (!labels || labels->empty()) return;
  set_default(spec, "selector", *labels);
  set_default(made_object(object, "metadata"), "labels", *labels);
}

// One metric where none was asked for: CPU at 80 % of the requests.
void default_autoscaler(json::object& spec, bool v1) {
  set_default(spec, "minReplicas", 1);
  if (v1) {
    set_default(spec, "targetCPUUtilizationPercentage", 80);
  } else {
    const json::object target{{"type", "Utilization"}, {"averageUtilization", 80}};
    const json::object metric{{"type", "Resource"}, {"resource", json::object{{"name", "cpu"}, {"target", target}}}};
    set_default(spec, "metrics", json::array{metric});
  }
  json::object* behavior = object_member(spec, "behavior");
  if (!behavior) return;
  json::object& up = made_object(*behavior, "scaleUp");
  set_default(up, "stabilizationWindowSeconds", 0);
  set_default(up, "selectPolicy", "Max");
  set_default(up, "policies",
              json::array{json::object{{"type", "Pods"}, {"value", 4}, {"periodSeconds", 15}},
                          json::object{{"type", "Percent"}, {"value", 100}, {"periodSeconds", 15}}});
  json::object& down = made_object(*behavior, "scaleDown");
  set_default(down, "selectPolicy", "Max");
  set_default(down, "policies", json::array{json::object{{"type", "Percent"}, {"value", 100}, {"periodSeconds", 15}}});
}

}   // namespace

bool default_workload(const Kind& served, json::object& object) {
  const std::string_view kind = served.kind;
  if (kind == "Pod") {
    default_pod_spec(made_object(object, "spec"), PodIs::object);
    if (json::object* status = object_member(object, "status")) default_addresses(*status);
    return true;
  }
  if (kind == "PodTemplate") {
    default_template(object);
    return true;
  }
  const bool workload = kind == "Deployment" || kind == "ReplicaSet" || kind == "StatefulSet" || kind == "DaemonSet" || kind == "Job" ||
                        kind == "CronJob" || kind == "ReplicationController" || kind == "HorizontalPodAutoscaler";
  if (!workload) return false;
  json::object& spec = made_object(object, "spec");
  if (kind == "Deployment") default_deployment(spec);
  if (kind == "ReplicaSet") set_default(spec, "replicas", 1);
  if (kind == "StatefulSet") default_stateful_set(spec);
  if (kind == "DaemonSet") default_daemon_set(spec);
  if (kind == "Job") default_job(object, spec);
  if (kind == "CronJob") default_cron_job(spec);
  if (kind == "ReplicationController") default_replication_controller(object, spec);
  if (kind == "HorizontalPodAutoscaler") default_autoscaler(spec, served.version == "v1");
  default_template(spec);
  return true;
}

}   // namespace ebb::sandbox
