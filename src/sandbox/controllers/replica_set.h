#pragma once

// Keeps as many pods of each ReplicaSet alive as its spec asks for: adopts pods that match and have
// no controller, lets go of those that match no more, creates what is missing, deletes what is too
// much, and counts the rest into its status.

#include "sandbox/api/controller.h"
#include "sandbox/controllers/client.h"
#include "sandbox/controllers/common_view.h"
#include "sandbox/controllers/work_queue.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace ebb::sandbox::control {

class ReplicaSetController final : public Controller {
 public:
  explicit ReplicaSetController(View view);
  std::string_view name() const override { return "replicaset-controller"; }
  void observe(const Change& change) override;
  Instant run(Instant now) override;

 private:
  struct Known {
    std::string uid, controller_uid;
    std::optional<model::LabelSelector> selector;
    bool look_for_orphans = true;
  };
  struct Outcome {
    std::string reason;   // FailedCreate, FailedDelete
    Error error;
  };

  void on_pod(const SeenPod* before, const SeenPod* after);
  void wake(const model::ObjectKey& key, std::size_t pods);
  Status sync(const model::ObjectKey& key, Instant now);
  Status claim(const json::object& set, Known& known, Instant now);
  std::vector<const SeenPod*> active_pods(const std::string& uid) const;
  std::optional<Outcome> adjust(const json::object& set, const Known& known, Instant now);
  std::optional<Outcome> create_pods(const json::object& set, std::int64_t count, Instant now);
  std::optional<Outcome> delete_pods(const json::object& set, const Known& known, std::size_t count, Instant now);
  Status write_status(const json::object& set, const std::optional<Outcome>& outcome, Instant now);

  View view_;
  Client client_;
  WorkQueue<model::ObjectKey> queue_;
  std::map<model::ObjectKey, Known> known_;
  std::map<std::string, std::set<model::ObjectKey>> siblings_;   // by the Deployment's uid
  Instant last_run_;
};

}   // namespace ebb::sandbox::control
