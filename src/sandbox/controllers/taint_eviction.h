#pragma once

// Deletes pods from nodes that are tainted NoExecute: at once where a pod does not tolerate the
// taint, after tolerationSeconds where it does for a while, never where it does for ever.

#include "sandbox/api/controller.h"
#include "sandbox/controllers/client.h"
#include "sandbox/controllers/common_view.h"
#include "sandbox/controllers/work_queue.h"

#include "model/node.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ebb::sandbox::control {

struct TimedTaint {
  model::Taint taint;
  std::optional<Instant> since;

  friend bool operator==(const TimedTaint&, const TimedTaint&) = default;
};

// When the pod has to go; kNever: it may stay. `now` is when the taints without a time were seen.
Instant eviction_time(const json::object& pod, const std::vector<TimedTaint>& taints, Instant now);

class TaintEvictionController final : public Controller {
 public:
  explicit TaintEvictionController(View view);
  std::string_view name() const override { return "taint-eviction-controller"; }
  void observe(const Change& change) override;
  Instant run(Instant now) override;

 private:
  Status sync(const model::ObjectKey& key, Instant now);

  View view_;
  Client client_;
  WorkQueue<model::ObjectKey> queue_;
  std::map<std::string, std::vector<TimedTaint>> tainted_;   // nodes with NoExecute taints
};

}   // namespace ebb::sandbox::control
