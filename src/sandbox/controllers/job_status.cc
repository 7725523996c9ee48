#include "sandbox/controllers/job_status.h"

#include "sandbox/controllers/fields.h"

#include <algorithm>
#include <utility>

namespace ebb::sandbox::control {

namespace {

std::set<std::string> texts_at(const json::object& root, std::string_view path) {
  std::set<std::string> texts;
  const json::array* list = array_at(root, path);
  if (list == nullptr) return texts;
  for (const auto& item : *list) {
    if (item.is_string()) texts.emplace(std::string_view(item.get_string()));
  }
  return texts;
}

json::array to_array(const std::set<std::string>& texts) { return json::array(texts.begin(), texts.end()); }

}   // namespace

JobSync::JobSync(json::object object, const PodSet& owned, Instant time) : job(std::move(object)), now(time) {
  for (const auto& [pod_key, pod] : owned) pods.push_back(*pod);
  if (const json::object* current = object_at(job, "status")) status = *current;
  uid = uid_of(job);
  parallelism = number_at(job, "spec.parallelism").value_or(1);
  completions = number_at(job, "spec.completions");
  backoff_limit = number_at(job, "spec.backoffLimit").value_or(6);
  indexed = text_at(job, "spec.completionMode") == "Indexed";
  suspended = flag_at(job, "spec.suspend");
  replace_failed_only = text_at(job, "spec.podReplacementPolicy") == "Failed";
  uncounted_succeeded = texts_at(status, "uncountedTerminatedPods.succeeded");
  uncounted_failed = texts_at(status, "uncountedTerminatedPods.failed");
  if (indexed) completed = parse_indexes(text_at(status, "completedIndexes"), completions.value_or(0));
}

model::ObjectKey JobSync::key() const { return key_of(job); }

bool JobSync::failed(const SeenPod& pod) const {
  if (pod.phase == Phase::failed) return true;
  return pod.deleting && pod.phase != Phase::succeeded && !replace_failed_only;
}

bool JobSync::index_valid(const SeenPod& pod) const {
  return !indexed || (pod.completion_index >= 0 && pod.completion_index < completions.value_or(0));
}

std::int64_t JobSync::active() const { return std::ranges::count_if(pods, &SeenPod::active); }

std::int64_t JobSync::ready() const {
  return std::ranges::count_if(pods, [](const SeenPod& pod) { return pod.active() && pod.ready; });
}

std::int64_t JobSync::terminating() const {
  return std::ranges::count_if(pods, [](const SeenPod& pod) { return pod.deleting && !pod.terminal(); });
}

std::int64_t JobSync::succeeded() const {
  if (indexed) {
    IndexSet all = completed;
    for (const auto& pod : pods) {
      if (pod.phase == Phase::succeeded && pod.job_tracked && index_valid(pod)) all.insert(pod.completion_index);
    }
    return static_cast<std::int64_t>(all.size());
  }
  return number_at(status, "succeeded").value_or(0) + static_cast<std::int64_t>(uncounted_succeeded.size()) +
         std::ranges::count_if(pods,
                               [&](const SeenPod& pod) { return pod.phase == Phase::succeeded && pod.job_tracked && !counted_later(pod); });
}

std::int64_t JobSync::failures() const {
  return number_at(status, "failed").value_or(0) + static_cast<std::int64_t>(uncounted_failed.size()) +
         std::ranges::count_if(
             pods, [&](const SeenPod& pod) { return failed(pod) && pod.job_tracked && index_valid(pod) && !counted_later(pod); });
}

bool JobSync::restarts_exceed_limit() const {
  if (text_at(job, "spec.template.spec.restartPolicy") != "OnFailure") return false;
  std::int64_t restarts = 0;
  for (const auto& pod : pods) {
    if (pod.phase == Phase::running || pod.phase == Phase::pending) restarts += pod.restarts;
  }
  return backoff_limit == 0 ? restarts > 0 : restarts >= backoff_limit;
}

std::optional<Instant> JobSync::deadline() const {
  const auto limit = number_at(job, "spec.activeDeadlineSeconds");
  const auto start = time_at(status, "startTime");
  if (!limit || !start || suspended) return std::nullopt;
  return *start + seconds(*limit);
}

std::optional<Condition> JobSync::verdict() const {
  if (const json::object* target = find_condition(status, "FailureTarget"); target != nullptr && text_at(*target, "status") == "True") {
    return Condition{"Failed", "True", text_at(*target, "reason"), text_at(*target, "message")};
  }
  if (const json::object* met = find_condition(status, "SuccessCriteriaMet"); met != nullptr && text_at(*met, "status") == "True") {
    return Condition{"Complete", "True", text_at(*met, "reason"), text_at(*met, "message")};
  }
  if (failures() > backoff_limit || restarts_exceed_limit()) {
    return Condition{"Failed", "True", "BackoffLimitExceeded", "Job has reached the specified backoff limit"};
  }
  if (const auto end = deadline(); end && *end <= now) {
    return Condition{"Failed", "True", "DeadlineExceeded", "Job was active longer than specified deadline"};
  }
  if (suspended) return std::nullopt;
  const bool enough = completions ? succeeded() >= *completions : succeeded() > 0 && active() == 0;
  const bool nothing_to_do = completions == 0;
  if (enough || nothing_to_do) {
    return Condition{"Complete", "True", "CompletionsReached", "Reached expected number of succeeded pods"};
  }
  return std::nullopt;
}

bool JobSync::failing() const {
  const auto ending = verdict();
  return ending && ending->type == "Failed";
}

void JobSync::write_counts() {
  json::object uncounted;
  if (!uncounted_succeeded.empty()) uncounted["succeeded"] = to_array(uncounted_succeeded);
  if (!uncounted_failed.empty()) uncounted["failed"] = to_array(uncounted_failed);
  status["uncountedTerminatedPods"] = std::move(uncounted);
  set_count(status, "active", active());
  status["ready"] = ready();
  status["terminating"] = terminating();
  if (!indexed) return;
  set_count(status, "succeeded", static_cast<std::int64_t>(completed.size()));
  if (completed.empty()) {
    status.erase("completedIndexes");
  } else {
    status["completedIndexes"] = to_string(completed);
  }
}

bool job_finished(const json::object& job) {
  const json::object* status = object_at(job, "status");
  return status != nullptr && (condition_is(*status, "Complete", "True") || condition_is(*status, "Failed", "True"));
}

}   // namespace ebb::sandbox::control
