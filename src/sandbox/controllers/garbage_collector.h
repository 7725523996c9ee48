#pragma once

// Deletes what its owners left behind. An object goes when every owner it names is gone (by uid, and
// by the name and kind written in the reference); the foreground finalizer makes dependents go
// before their owner, the orphan finalizer lets them go free. Works for every kind alike.

#include "sandbox/api/controller.h"
#include "sandbox/controllers/client.h"
#include "sandbox/controllers/common_view.h"
#include "sandbox/controllers/work_queue.h"

#include <set>
#include <string>

namespace ebb::sandbox::control {

class GarbageCollector final : public Controller {
 public:
  explicit GarbageCollector(View view);
  std::string_view name() const override { return "garbage-collector"; }
  void observe(const Change&) override {}   // it listens to the ownership graph
  Instant run(Instant now) override;

 private:
  enum class Standing { solid, dangling, waiting, unknown };

  void on_node(const GraphNode* before, const GraphNode* after);
  void wake_dependents(const std::string& uid);
  Standing standing(const GraphNode& item, const OwnerReference& owner) const;
  Status sync(const std::string& uid, Instant now);
  Status judge(const GraphNode& item, Instant now);
  Status remove(const GraphNode& item, Propagation propagation, Instant now);
  Status drop_owners(const GraphNode& item, const std::set<std::string>& uids, Instant now);
  Status unblock(const GraphNode& item, Instant now);
  Status release_dependents(const GraphNode& owner, Instant now);
  Status finish_foreground(const GraphNode& owner, Instant now);

  View view_;
  Client client_;
  WorkQueue<std::string> queue_;       // uids
  std::set<std::string> unresolved_;   // name an owner of a kind that is not served: looked at again when kinds come
};

}   // namespace ebb::sandbox::control
