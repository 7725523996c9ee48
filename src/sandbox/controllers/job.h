#pragma once

// Runs each Job's pods until enough of them succeeded or too many failed. Pods carry a finalizer
// until they are counted: first their uid is written into status.uncountedTerminatedPods, then the
// finalizer is taken away, then the counter is raised, so that a stop at any point counts none twice
// and none never. podFailurePolicy, successPolicy and backoffLimitPerIndex have no behaviour here.

#include "sandbox/api/controller.h"
#include "sandbox/controllers/client.h"
#include "sandbox/controllers/common_view.h"
#include "sandbox/controllers/index_set.h"
#include "sandbox/controllers/job_status.h"
#include "sandbox/controllers/work_queue.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ebb::sandbox::control {

class JobController final : public Controller {
 public:
  explicit JobController(View view);
  std::string_view name() const override { return "job-controller"; }
  void observe(const Change& change) override;
  Instant run(Instant now) override;

 private:
  struct Known {
    std::string uid;
    std::optional<model::LabelSelector> selector;
    bool finished = false;
    bool look_for_orphans = true;
  };
  // Failures in a row and when the last of them ended: what new pods have to wait for.
  struct Backoff {
    std::int64_t failures = 0;
    Instant last;
  };

  void on_pod(const SeenPod* before, const SeenPod* after);
  void wake(const model::ObjectKey& key, std::size_t pods);
  Status sync(const model::ObjectKey& key, Instant now);
  Status work(JobSync& job);
  void note_failures(const JobSync& job);
  Status manage(JobSync& job);
  Status create_pods(JobSync& job, std::int64_t count);
  Status delete_excess(JobSync& job, std::int64_t keep);
  Status delete_rest(JobSync& job);
  Status suspend_or_resume(JobSync& job);
  Status count_pods(JobSync& job);
  Status write_status(JobSync& job);
  void announce_end(const JobSync& job);
  Status expire(const json::object& job, Instant now);
  Status free_orphan(const model::ObjectKey& pod, Instant now);
  Status free_pod(const model::ObjectKey& pod, const std::string& uid, Instant now);

  View view_;
  Client client_;
  WorkQueue<model::ObjectKey> queue_;
  WorkQueue<model::ObjectKey> orphans_;   // pods whose Job will not count them any more
  std::map<model::ObjectKey, Known> known_;
  std::map<std::string, Backoff> backoff_;   // by uid
  Instant last_run_;
};

}   // namespace ebb::sandbox::control
