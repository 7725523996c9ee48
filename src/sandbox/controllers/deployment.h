#pragma once

// Brings each Deployment's pods from one template to the next: a ReplicaSet per template, scaled
// against each other within maxSurge and maxUnavailable (RollingUpdate) or one after the other
// (Recreate); revisions, history, progress deadline, pause and proportional scaling as Kubernetes has them.

#include "sandbox/api/controller.h"
#include "sandbox/controllers/client.h"
#include "sandbox/controllers/common_view.h"
#include "sandbox/controllers/deployment_status.h"
#include "sandbox/controllers/rollout_sets.h"
#include "sandbox/controllers/work_queue.h"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace ebb::sandbox::control {

class DeploymentController final : public Controller {
 public:
  explicit DeploymentController(View view);
  std::string_view name() const override { return "deployment-controller"; }
  void observe(const Change& change) override;
  Instant run(Instant now) override;

 private:
  struct Known {
    std::string uid;
    std::optional<model::LabelSelector> selector;
    bool recreate = false;
  };
  struct KnownSet {
    std::string uid, controller_uid, controller_name;
    model::Labels labels;
  };
  void observe_deployment(const Change& change);
  void observe_set(const Change& change);
  void on_pod(const SeenPod* before, const SeenPod* after);

  Status sync(const model::ObjectKey& key, Instant now);
  Status claim_sets(const json::object& deployment, const Known& known, Instant now);
  Result<std::vector<json::object>> read_sets(const std::string& uid) const;
  Status note_pause(Rollout& rollout);
  Status roll(Rollout& rollout);
  Status recreate(Rollout& rollout);
  Status scale_only(Rollout& rollout);
  Status ensure_new_set(Rollout& rollout, bool create);
  Status renew_new_set(Rollout& rollout);
  Status create_new_set(Rollout& rollout);
  Result<bool> resize(Rollout& rollout, RolloutSet& set, std::int64_t size, bool always_annotate = false);
  bool old_pods_run(Rollout& rollout) const;
  Status clean_up(Rollout& rollout);
  Status write_status(Rollout& rollout, bool with_progress);
  // The revision and, where there is a deadline, a first word on progress.
  Status announce(Rollout& rollout, std::int64_t revision, const Condition& progress, bool only_if_none);

  View view_;
  Client client_;
  WorkQueue<model::ObjectKey> queue_;
  std::map<model::ObjectKey, Known> known_;
  std::map<model::ObjectKey, KnownSet> known_sets_;
  std::map<std::string, std::set<model::ObjectKey>> sets_by_controller_;   // the empty uid: nobody's
};

}   // namespace ebb::sandbox::control
