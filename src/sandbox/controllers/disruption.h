#pragma once

// Keeps the status of PodDisruptionBudgets true: how many pods there should be (by the scale of
// their owners), how many are healthy, how many may be evicted now. The eviction subresource of the
// API reads disruptionsAllowed and notes in disruptedPods what it let go.

#include "sandbox/api/controller.h"
#include "sandbox/controllers/client.h"
#include "sandbox/controllers/common_view.h"
#include "sandbox/controllers/work_queue.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ebb::sandbox::control {

class DisruptionController final : public Controller {
 public:
  explicit DisruptionController(View view);
  std::string_view name() const override { return "disruption-controller"; }
  void observe(const Change& change) override;
  Instant run(Instant now) override;

 private:
  struct Expected {
    std::int64_t pods = 0, healthy = 0;
  };

  void on_pod(const SeenPod* before, const SeenPod* after);
  void observe_scale(const Change& change);
  Status sync(const model::ObjectKey& key, Instant now);
  Result<Expected> expected(const json::object& budget, const std::vector<const SeenPod*>& pods, Instant now);
  void warn_of_unmanaged(const json::object& budget, const std::vector<const SeenPod*>& pods, Instant now);
  Result<std::int64_t> owners_scale(const std::vector<const SeenPod*>& pods, Instant now);
  Result<std::int64_t> scale_of(const std::string& ns, const OwnerReference& owner, Instant now);
  Result<std::int64_t> custom_scale(const std::string& ns, const OwnerReference& owner, const ServedKind& kind, Instant now);
  Status fail_safe(const json::object& budget, const Error& error, Instant now);

  View view_;
  Client client_;
  WorkQueue<model::ObjectKey> queue_;
  std::map<model::ObjectKey, std::optional<model::LabelSelector>> known_;
  std::map<std::string, std::int64_t> scales_;   // uid of a built-in workload: its replicas
};

}   // namespace ebb::sandbox::control
