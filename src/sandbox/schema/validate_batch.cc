#include "sandbox/schema/report.h"

#include <algorithm>

namespace ebb::sandbox {

namespace {

constexpr std::int64_t kIndexedMax = 100000;

void validate_job_template(Report& report, const json::object& spec, const std::string& field) {
  const json::object* pod = object_at(spec, "template.spec");
  validate_labels(report, object_at(spec, "template.metadata.labels"), field + ".template.labels");
  if (!pod) return report.required(field + ".template.spec.containers");
  validate_pod_spec(report, *pod, field + ".template.spec");
  const std::string_view policy = string_at(*pod, "restartPolicy");
  const std::string here = field + ".template.spec.restartPolicy";
  if (policy.empty() || policy == "Always")
    report.required(here, "valid values: \"OnFailure\", \"Never\"");
  else if (policy != "OnFailure" && policy != "Never")
    report.unsupported(here, json::value(policy), {"OnFailure", "Never"});
}

void validate_job_spec(Report& report, const json::object& spec, const std::string& field) {
  for (const std::string_view key : {"parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished",
                                     "backoffLimitPerIndex", "maxFailedIndexes"}) {
    check_not_negative(report, spec, key, field);
  }
  if (!string_at(spec, "completionMode").empty()) check_one_of(report, spec, "completionMode", field, {"NonIndexed", "Indexed"});
  const bool indexed = string_at(spec, "completionMode") == "Indexed";
  if (indexed && !spec.contains("completions")) report.required(field + ".completions", "when completion mode is Indexed");
  if (indexed && integer_at(spec, "parallelism").value_or(0) > kIndexedMax) {
    report.invalid(field + ".parallelism", *spec.if_contains("parallelism"),
                   "must be less than or equal to 100000 when completion mode is Indexed");
  }
  if (!indexed && spec.contains("backoffLimitPerIndex")) {
    report.invalid(field + ".backoffLimitPerIndex", *spec.if_contains("backoffLimitPerIndex"), "requires indexed completion mode");
  }
  validate_job_template(report, spec, field);
}

void validate_job_selector(Report& report, const json::object& job, const json::object& spec) {
  const json::object* selector = object_at(spec, "selector");
  const json::object* labels = object_at(spec, "template.metadata.labels");
  if (!selector) return report.required("spec.selector");
  validate_selector(report, selector, "spec.selector");
  if (!bool_at(spec, "manualSelector")) {
    const json::object* match = object_at(*selector, "matchLabels");
    const json::value* uid = match ? match->if_contains("batch.kubernetes.io/controller-uid") : nullptr;
    if (!uid && match) uid = match->if_contains("controller-uid");
    const bool own = uid && uid->is_string() && std::string_view(uid->get_string()) == string_at(job, "metadata.uid");
    if (!own || match->size() != 1 || array_at(*selector, "matchExpressions"))
      report.invalid("spec.selector", *selector, "`selector` not auto-generated");
  }
  if (!selector_matches(*selector, labels)) {
    report.invalid("spec.template.metadata.labels", labels ? json::value(*labels) : json::value(),
                   "`selector` does not match template `labels`");
  }
}

// Where a job's pods go may change while it is suspended and none has started.
bool same_template(const json::object& spec, const json::object& previous, bool may_move) {
  const json::value* now = spec.if_contains("template");
  const json::value* before = previous.if_contains("template");
  if (!now || !before) return now == before;
  if (*now == *before) return true;
  if (!may_move || !now->is_object() || !before->is_object()) return false;
  const auto without_place = [](const json::value& pod) {
    json::object copy = pod.get_object();
    for (const char* part : {"metadata", "spec"}) {
      json::value* members = copy.if_contains(part);
      if (!members || !members->is_object()) continue;
      for (const char* key : {"annotations", "labels", "nodeSelector", "affinity", "tolerations", "schedulingGates"})
        members->get_object().erase(key);
    }
    return copy;
  };
  return without_place(*now) == without_place(*before);
}

void validate_job_update(Report& report, const json::object& job, const json::object& previous_job) {
  const json::object* now = object_at(job, "spec");
  const json::object* before = object_at(previous_job, "spec");
  if (!now || !before) return;
  const bool elastic = string_at(*now, "completionMode") == "Indexed" && integer_at(*now, "completions") == integer_at(*now, "parallelism");
  if (!elastic) check_immutable(report, job, &previous_job, "spec.completions");
  for (const std::string_view path :
       {"spec.selector", "spec.completionMode", "spec.podFailurePolicy", "spec.backoffLimitPerIndex", "spec.managedBy"}) {
    check_immutable(report, job, &previous_job, path);
  }
  const bool may_move = bool_at(*before, "suspend") && !find_path(previous_job, "status.startTime");
  if (!same_template(*now, *before, may_move)) report.invalid("spec.template", *now->if_contains("template"), "field is immutable");
}

// Five fields of digits and * / , - ? and names, or one of the words that begin with @.
void validate_schedule(Report& report, std::string_view schedule) {
  if (schedule.empty()) return report.required("spec.schedule");
  const json::value shown(schedule);
  if (schedule.front() == '@') {
    const bool known = schedule.starts_with("@every ") || schedule == "@yearly" || schedule == "@annually" || schedule == "@monthly" ||
                       schedule == "@weekly" || schedule == "@daily" || schedule == "@midnight" || schedule == "@hourly";
    if (!known) report.invalid("spec.schedule", shown, fmt::format("unrecognized descriptor: {}", schedule));
    return;
  }
  if (schedule.starts_with("TZ=") || schedule.starts_with("CRON_TZ=")) {
    return report.invalid("spec.schedule", shown, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
  }
  std::vector<std::string_view> fields;
  for (std::string_view rest = schedule; !rest.empty();) {
    const std::size_t begin = rest.find_first_not_of(" \t");
    if (begin == std::string_view::npos) break;
    const std::size_t end = rest.find_first_of(" \t", begin);
    fields.push_back(rest.substr(begin, end == std::string_view::npos ? end : end - begin));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
  }
  if (fields.size() != 5) {
    return report.invalid("spec.schedule", shown,
                          fmt::format("expected exactly 5 fields, found {}: [{}]", fields.size(), fmt::join(fields, " ")));
  }
  const auto good = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '*' || c == '/' || c == ',' || c == '-' || c == '?';
  };
  for (const std::string_view field : fields) {
    if (!std::ranges::all_of(field, good)) return report.invalid("spec.schedule", shown, fmt::format("failed to parse int from {}", field));
  }
}

void validate_cron_job(Report& report, const json::object& object, const json::object& spec) {
  constexpr std::size_t kNameMax = 52;   // jobs are named after it, with eleven more characters
  if (string_at(object, "metadata.name").size() > kNameMax) {
    report.invalid("metadata.name", json::value(string_at(object, "metadata.name")), "must be no more than 52 characters");
  }
  validate_schedule(report, string_at(spec, "schedule"));
  check_one_of(report, spec, "concurrencyPolicy", "spec", {"Allow", "Forbid", "Replace"});
  for (const std::string_view key : {"startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"})
    check_not_negative(report, spec, key, "spec");
  if (const json::object* job = object_at(spec, "jobTemplate.spec")) validate_job_spec(report, *job, "spec.jobTemplate.spec");
}

}   // namespace

void validate_batch(Report& report, std::string_view kind, const json::object& object, const json::object* previous) {
  if (kind != "Job" && kind != "CronJob") return;
  const json::object none;
  const json::object* found = object_at(object, "spec");
  const json::object& spec = found ? *found : none;
  if (kind == "CronJob") return validate_cron_job(report, object, spec);
  validate_job_spec(report, spec, "spec");
  validate_job_selector(report, object, spec);
  if (previous) validate_job_update(report, object, *previous);
}

}   // namespace ebb::sandbox
