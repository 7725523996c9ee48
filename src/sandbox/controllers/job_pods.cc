// What a Job does to its pods: which to create and when, which to delete, and how each one that
// ended is counted exactly once.

#include "model/timestamp.h"
#include "sandbox/controllers/fields.h"
#include "sandbox/controllers/job.h"
#include "sandbox/controllers/pod_ranking.h"
#include "sandbox/controllers/pod_template.h"
#include "sandbox/controllers/resource_ids.h"

#include <algorithm>
#include <utility>

namespace ebb::sandbox::control {

namespace {

constexpr std::int64_t kBurst = 100;   // pods per look: requests are served between two looks
constexpr Duration kFirstBackoff = seconds(10);
constexpr Duration kLongestBackoff = minutes(6);

Duration backoff_after(std::int64_t failures) {
  if (failures <= 0) return {};
  return std::min(kFirstBackoff * (std::int64_t{1} << std::min<std::int64_t>(failures - 1, 16)), kLongestBackoff);
}

void add_job_labels(json::object& metadata, const JobSync& job) {
  json::object& labels = child(metadata, "labels");
  const std::string name = job.key().name;
  labels["job-name"] = name;
  labels["batch.kubernetes.io/job-name"] = name;
  if (flag_at(job.job, "spec.manualSelector")) return;
  labels["controller-uid"] = job.uid;
  labels["batch.kubernetes.io/controller-uid"] = job.uid;
}

void add_index(json::object& pod, const JobSync& job, std::int32_t index) {
  const std::string number = fmt::format("{}", index);
  json::object& metadata = child(pod, "metadata");
  child(metadata, "annotations")[kIndexAnnotation] = number;
  child(metadata, "labels")[kIndexAnnotation] = number;
  metadata["generateName"] = fmt::format("{}-{}-", job.key().name, number);
  json::object& spec = child(pod, "spec");
  if (!spec.contains("hostname")) spec["hostname"] = fmt::format("{}-{}", job.key().name, number);
  for (const std::string_view list : {"initContainers", "containers"}) {
    json::value* containers = spec.if_contains(list);
    if (containers == nullptr || !containers->is_array()) continue;
    for (auto& container : containers->get_array()) {
      json::value& env = container.get_object()["env"];
      if (!env.is_array()) env.emplace_array();
      const bool set = std::ranges::any_of(
          env.get_array(), [](const json::value& entry) { return text_at(entry.get_object(), "name") == "JOB_COMPLETION_INDEX"; });
      if (set) continue;
      const std::string source = fmt::format("metadata.labels['{}']", kIndexAnnotation);
      env.get_array().push_back(
          {{"name", "JOB_COMPLETION_INDEX"}, {"valueFrom", {{"fieldRef", {{"apiVersion", "v1"}, {"fieldPath", source}}}}}});
    }
  }
}

// The lowest indexes that neither succeeded nor run.
std::vector<std::int32_t> pending_indexes(const JobSync& job, std::int64_t count) {
  IndexSet taken = job.completed;
  for (const auto& pod : job.pods) {
    const bool holds = pod.active() || (pod.phase == Phase::succeeded) || (job.replace_failed_only && pod.deleting && !pod.terminal());
    if (holds) taken.insert(pod.completion_index);
  }
  std::vector<std::int32_t> free;
  for (std::int32_t i = 0; i < job.completions.value_or(0) && static_cast<std::int64_t>(free.size()) < count; ++i) {
    if (!taken.contains(i)) free.push_back(i);
  }
  return free;
}

}   // namespace

// Pods that ended since the last look, in the order in which they did.
void JobController::note_failures(const JobSync& job) {
  std::vector<const SeenPod*> ended;
  for (const auto& pod : job.pods) {
    const bool new_end = pod.job_tracked && !job.counted_later(pod) && (pod.phase == Phase::succeeded || job.failed(pod));
    if (new_end) ended.push_back(&pod);
  }
  if (ended.empty()) return;
  std::ranges::sort(ended, {}, [](const SeenPod* pod) { return pod->finished; });
  Backoff& backoff = backoff_[job.uid];
  for (const SeenPod* pod : ended) {
    if (pod->phase == Phase::succeeded) {
      backoff = {};
    } else {
      ++backoff.failures;
      backoff.last = std::max(backoff.last, pod->finished);
    }
  }
}

Status JobController::suspend_or_resume(JobSync& job) {
  if (job.verdict()) return {};
  const bool was = condition_is(job.status, "Suspended", "True");
  if (job.suspended && !was) {
    set_condition(job.status, {"Suspended", "True", "JobSuspended", "Job suspended"}, job.now, Stamp::with_probe_time);
    view_->events.record(job.job, {name(), "Normal", "Suspended", "Job suspended"}, job.now);
  } else if (!job.suspended && was) {
    set_condition(job.status, {"Suspended", "False", "JobResumed", "Job resumed"}, job.now, Stamp::with_probe_time);
    job.status["startTime"] = model::to_timestamp_text(job.now);
    view_->events.record(job.job, {name(), "Normal", "Resumed", "Job resumed"}, job.now);
  }
  if (job.suspended) job.status.erase("startTime");
  return {};
}

Status JobController::manage(JobSync& job) {
  if (job.suspended) return delete_excess(job, 0);
  const std::int64_t active = job.active();
  std::int64_t wanted = job.parallelism;
  if (job.completions) {
    wanted = std::min(wanted, std::max<std::int64_t>(0, *job.completions - job.succeeded()));
  } else if (job.succeeded() > 0) {
    wanted = std::min(wanted, active);   // the first success says that the work is done: what runs may end
  }
  if (active > wanted) return delete_excess(job, wanted);
  const std::int64_t missing = wanted - active - (job.replace_failed_only ? job.terminating() : 0);
  if (missing <= 0) return {};
  if (const auto known = backoff_.find(job.uid); known != backoff_.end() && known->second.failures > 0) {
    const Instant due = known->second.last + backoff_after(known->second.failures);
    if (due > job.now) {
      queue_.add_at(job.key(), due);
      return {};
    }
  }
  if (missing > kBurst) queue_.add_at(job.key(), job.now);
  return create_pods(job, std::min(missing, kBurst));
}

Status JobController::create_pods(JobSync& job, std::int64_t count) {
  json::object pod = pod_from_template(job.job);
  json::object& metadata = child(pod, "metadata");
  add_job_labels(metadata, job);
  json::value& finalizers = metadata["finalizers"];
  if (!finalizers.is_array()) finalizers.emplace_array();
  finalizers.get_array().push_back(json::value(kJobFinalizer));

  const auto indexes = job.indexed ? pending_indexes(job, count) : std::vector<std::int32_t>(static_cast<std::size_t>(count), -1);
  for (const std::int32_t index : indexes) {
    json::object next = pod;
    if (job.indexed) add_index(next, job, index);
    const auto created = client_.create(resources::kPods, std::move(next), job.now);
    if (!created) {
      if (namespace_is_ending(created.error())) return {};
      view_->events.record(job.job, {name(), "Warning", "FailedCreate", fmt::format("Error creating: {}", created.error().message)},
                           job.now);
      return std::unexpected(created.error());
    }
    view_->events.record(
        job.job, {name(), "Normal", "SuccessfulCreate", fmt::format("Created pod: {}", text_at(*created, "metadata.name"))}, job.now);
    if (const SeenPod* seen = view_->pods.find(key_of(*created))) job.pods.push_back(*seen);
  }
  return {};
}

// Pods deleted because there are too many are nobody's failure: they lose their finalizer first.
Status JobController::delete_excess(JobSync& job, std::int64_t keep) {
  std::vector<Candidate> candidates;
  for (const auto& pod : job.pods) {
    if (pod.active()) candidates.push_back({&pod});
  }
  const auto excess = static_cast<std::int64_t>(candidates.size()) - keep;
  if (excess <= 0) return {};
  std::vector<std::string> gone;
  for (const SeenPod* pod : choose_victims(std::move(candidates), static_cast<std::size_t>(excess), job.now)) {
    EBB_TRY_VOID(free_pod(pod->key(), pod->uid(), job.now));
    EBB_TRY_VOID(client_.remove(resources::kPods, pod->key(), {.uid = pod->uid()}, job.now));
    view_->events.record(job.job, {name(), "Normal", "SuccessfulDelete", fmt::format("Deleted pod: {}", pod->key().name)}, job.now);
    gone.push_back(pod->uid());
  }
  std::erase_if(job.pods, [&](const SeenPod& pod) { return std::ranges::find(gone, pod.uid()) != gone.end(); });
  return {};
}

// The Job is over: what still runs is stopped, and of a failed one counts as failed.
Status JobController::delete_rest(JobSync& job) {
  for (auto& pod : job.pods) {
    if (!pod.active()) continue;
    EBB_TRY_VOID(client_.remove(resources::kPods, pod.key(), {.uid = pod.uid()}, job.now));
    view_->events.record(job.job, {name(), "Normal", "SuccessfulDelete", fmt::format("Deleted pod: {}", pod.key().name)}, job.now);
    pod.deleting = true;
  }
  return {};
}

Status JobController::count_pods(JobSync& job) {
  std::vector<const SeenPod*> ended;
  bool noted = false;
  for (const auto& pod : job.pods) {
    if (!pod.job_tracked) continue;
    const bool ends = pod.phase == Phase::succeeded || job.failed(pod) || is_deleting(job.job);
    if (!ends) continue;
    ended.push_back(&pod);
    if (job.counted_later(pod) || !job.index_valid(pod)) continue;
    if (pod.phase == Phase::succeeded) {
      noted = (job.indexed ? job.completed.insert(pod.completion_index).second : job.uncounted_succeeded.insert(pod.uid()).second) || noted;
    } else if (job.failed(pod)) {
      noted = job.uncounted_failed.insert(pod.uid()).second || noted;
    }
  }
  if (noted) EBB_TRY_VOID(write_status(job));
  for (const SeenPod* pod : ended) EBB_TRY_VOID(free_pod(pod->key(), pod->uid(), job.now));

  const auto settle = [&](std::set<std::string>& uids, std::string_view counter) {
    std::set<std::string> held;
    for (const auto& [key, pod] : view_->pods.controlled_by(job.uid)) {
      if (pod->job_tracked && uids.contains(pod->uid())) held.insert(pod->uid());
    }
    set_count(job.status, counter,
              number_at(job.status, counter).value_or(0) + static_cast<std::int64_t>(uids.size()) - static_cast<std::int64_t>(held.size()));
    uids = std::move(held);
  };
  if (!job.indexed) settle(job.uncounted_succeeded, "succeeded");
  settle(job.uncounted_failed, "failed");
  // Counted pods are looked at anew: as they stand now, without their finalizer, or gone.
  job.pods.clear();
  for (const auto& [key, pod] : view_->pods.controlled_by(job.uid)) job.pods.push_back(*pod);
  return {};
}

Status JobController::write_status(JobSync& job) {
  job.write_counts();
  return client_.modify(resources::kJobs, job.key(), job.uid, "status", job.now, [&](json::object& object) {
    if (child(object, "status") == job.status) return false;
    object["status"] = job.status;
    return true;
  });
}

}   // namespace ebb::sandbox::control
