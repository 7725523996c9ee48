#pragma once

// Watches over the nodes: one whose lease (or status) has been silent for too long is marked
// Unknown, its pods not ready. Conditions and cordons become taints. While every node is silent at
// once, it is more likely that we do not hear than that all of them died: then nothing is tainted
// NoExecute, so that nothing is evicted.

#include "sandbox/api/controller.h"
#include "sandbox/controllers/client.h"
#include "sandbox/controllers/common_view.h"
#include "sandbox/controllers/work_queue.h"

#include <map>
#include <set>
#include <string>

namespace ebb::sandbox::control {

class NodeLifecycleController final : public Controller {
 public:
  explicit NodeLifecycleController(View view) : view_(std::move(view)), client_(view_->api, "node-controller") {}
  std::string_view name() const override { return "node-controller"; }
  void observe(const Change& change) override;
  Instant run(Instant now) override;

 private:
  struct Watched {
    std::string uid;
    std::string heartbeat;   // of the Ready condition, as the node wrote it
    std::string ready;       // True, False, Unknown or empty
    Instant heard{INT64_MIN};
  };

  bool all_silent() const { return !nodes_.empty() && unready_.size() == nodes_.size(); }
  void note_readiness(const std::string& node, const std::string& ready);
  Status sync(const std::string& node, Instant now);
  Status mark_silent(const json::object& node, Instant now);
  Status mark_pods_unready(const json::object& node, Instant now);
  Status write_taints(const std::string& node, Instant now);

  View view_;
  Client client_;
  WorkQueue<std::string> queue_;
  std::map<std::string, Watched> nodes_;
  std::set<std::string> heard_;   // since the last run
  std::set<std::string> unready_;
  bool was_all_silent_ = false;
};

}   // namespace ebb::sandbox::control
