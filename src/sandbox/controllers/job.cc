#include "sandbox/controllers/job.h"

#include "model/timestamp.h"
#include "sandbox/controllers/fields.h"
#include "sandbox/controllers/ownership.h"
#include "sandbox/controllers/resource_ids.h"

#include <algorithm>
#include <utility>

namespace ebb::sandbox::control {

JobController::JobController(View view) : view_(std::move(view)), client_(view_->api, "job-controller") {
  view_->pods.listen([this](const SeenPod* before, const SeenPod* after) { on_pod(before, after); });
}

// As with ReplicaSets: a sync costs the size of the Job, so a change in a big one waits for company.
void JobController::wake(const model::ObjectKey& key, std::size_t pods) {
  if (pods < 200) {
    queue_.add(key);
  } else {
    queue_.add_at(key, last_run_ + microseconds(20) * static_cast<std::int64_t>(pods));
  }
}

void JobController::on_pod(const SeenPod* before, const SeenPod* after) {
  for (const SeenPod* pod : {before, after}) {
    if (pod == nullptr || !pod->controller.is("batch", "Job")) continue;
    wake({pod->key().ns, pod->controller.name}, view_->pods.controlled_by(pod->controller.uid).size());
  }
  if (after == nullptr) return;
  if (after->job_tracked) {
    const auto job = known_.find({after->key().ns, after->controller.name});
    if (job == known_.end() || job->second.uid != after->controller.uid || job->second.finished) orphans_.add(after->key());
  }
  if (!after->controller.uid.empty() || after->deleting) return;
  for (auto job = known_.lower_bound({after->key().ns, ""}); job != known_.end() && job->first.ns == after->key().ns; ++job) {
    if (!job->second.selector || !job->second.selector->matches(after->stored->labels)) continue;
    job->second.look_for_orphans = true;
    queue_.add(job->first);
  }
}

void JobController::observe(const Change& change) {
  if (!resources::same(change.resource, resources::kJobs)) return;
  const model::ObjectKey& key = change.object->key;
  bool finished = true;
  if (change.type == ChangeType::deleted) {
    known_.erase(key);
    backoff_.erase(change.object->uid);
    queue_.forget(key);
  } else {
    const json::object& job = view_->parsed.of(change.object);
    finished = job_finished(job);
    Known known{change.object->uid, selector_of(value_at(job, "spec.selector")), finished};
    const auto old = known_.find(key);
    if (old != known_.end() && old->second.uid == known.uid) known.look_for_orphans = old->second.look_for_orphans;
    known_.insert_or_assign(key, std::move(known));
    queue_.add(key);
  }
  if (!finished) return;
  for (const auto& [pod_key, pod] : view_->pods.controlled_by(change.object->uid)) {
    if (pod->job_tracked) orphans_.add(pod_key);
  }
}

Instant JobController::run(Instant now) {
  last_run_ = now;
  const Instant orphans = drain(orphans_, now, [&](const model::ObjectKey& key) { return free_orphan(key, now).has_value(); });
  return std::min(orphans, drain(queue_, now, [&](const model::ObjectKey& key) { return sync(key, now).has_value(); }));
}

Status JobController::free_pod(const model::ObjectKey& pod, const std::string& uid, Instant now) {
  return client_.modify(resources::kPods, pod, uid, "", now, [](json::object& object) { return drop_finalizer(object, kJobFinalizer); });
}

// A pod whose Job is gone or finished: nobody would count it, so nothing may hold it.
Status JobController::free_orphan(const model::ObjectKey& key, Instant now) {
  const SeenPod* pod = view_->pods.find(key);
  if (pod == nullptr || !pod->job_tracked) return {};
  if (const auto job = known_.find({key.ns, pod->controller.name});
      job != known_.end() && job->second.uid == pod->controller.uid && !job->second.finished) {
    return {};
  }
  return free_pod(key, pod->uid(), now);
}

Status JobController::sync(const model::ObjectKey& key, Instant now) {
  const auto known = known_.find(key);
  if (known == known_.end()) return {};
  auto object = client_.get(resources::kJobs, key);
  if (!object) return object.error().code == Errc::not_found ? Status{} : Status(std::unexpected(object.error()));
  const std::string manager = text_at(*object, "spec.managedBy");
  if (!manager.empty() && manager != "kubernetes.io/job-controller") return {};
  if (job_finished(*object)) return expire(*object, now);
  if (known->second.selector && !is_deleting(*object)) {
    const model::LabelSelector selector = *known->second.selector;
    EBB_TRY_VOID(release_strays(client_, view_->pods, known->second.uid, selector, now));
    if (known->second.look_for_orphans) EBB_TRY_VOID(adopt_orphans(client_, view_->pods, *object, selector, now));
    known->second.look_for_orphans = false;
  }
  JobSync job(*std::move(object), view_->pods.controlled_by(known->second.uid), now);
  return work(job);
}

Status JobController::work(JobSync& job) {
  if (!job.suspended && !job.status.contains("startTime")) job.status["startTime"] = model::to_timestamp_text(job.now);
  if (const auto end = job.deadline()) queue_.add_at(job.key(), std::max(*end, job.now + milliseconds(1)));
  note_failures(job);
  Status done;
  if (!is_deleting(job.job)) {
    EBB_TRY_VOID(suspend_or_resume(job));
    if (!job.failing()) done = manage(job);
  }
  if (const auto verdict = job.verdict(); verdict && !is_deleting(job.job)) {
    const bool success = verdict->type == "Complete";
    set_condition(job.status, {success ? "SuccessCriteriaMet" : "FailureTarget", "True", verdict->reason, verdict->message}, job.now,
                  Stamp::with_probe_time);
    EBB_TRY_VOID(delete_rest(job));
  }
  EBB_TRY_VOID(count_pods(job));
  const auto verdict = job.verdict();
  const bool settled = job.uncounted_failed.empty() && job.uncounted_succeeded.empty() && job.active() == 0 && job.terminating() == 0;
  const bool ends = verdict && settled && !is_deleting(job.job);
  if (ends) {
    set_condition(job.status, *verdict, job.now, Stamp::with_probe_time);
    if (verdict->type == "Complete") job.status["completionTime"] = model::to_timestamp_text(job.now);
  }
  EBB_TRY_VOID(write_status(job));
  if (ends) announce_end(job);
  return done;
}

void JobController::announce_end(const JobSync& job) {
  if (condition_is(job.status, "Complete", "True")) {
    view_->events.record(job.job, {name(), "Normal", "Completed", "Job completed"}, job.now);
  } else if (const json::object* failed = find_condition(job.status, "Failed")) {
    view_->events.record(job.job, {name(), "Warning", text_at(*failed, "reason"), text_at(*failed, "message")}, job.now);
  }
}

// Deletes a finished Job when its time has passed.
Status JobController::expire(const json::object& job, Instant now) {
  const auto ttl = number_at(job, "spec.ttlSecondsAfterFinished");
  if (!ttl || is_deleting(job)) return {};
  const json::object& status = *object_at(job, "status");
  const json::object* end =
      condition_is(status, "Complete", "True") ? find_condition(status, "Complete") : find_condition(status, "Failed");
  const Instant due = time_at(*end, "lastTransitionTime").value_or(now) + seconds(*ttl);
  if (due > now) {
    queue_.add_at(key_of(job), due);
    return {};
  }
  return client_.remove(resources::kJobs, key_of(job), {.propagation = Propagation::foreground, .uid = uid_of(job)}, now);
}

}   // namespace ebb::sandbox::control
