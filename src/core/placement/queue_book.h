#pragma once

// The queues that users have made, with what their pods hold and wait for in the numbers of the node
// table. A pod without a queue is outside of all this: it is placed as Kubernetes does.

#include "core/fairness/preemption.h"
#include "core/fairness/queue_tree.h"
#include "core/fairness/reclaim.h"
#include "core/placement/node_table.h"
#include "model/pod_group.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::core::placement {

inline constexpr std::string_view kQueueAnnotation = "scheduling.volcano.sh/queue-name";
inline constexpr std::string_view kDefaultQueue = "default";

// What a pod counts as in its queue.
struct QueueStanding {
  fairness::QueueId queue;
  fairness::Amounts amounts;
  bool critical = false;
  bool allocated = false;   // otherwise it waits

  friend bool operator==(const QueueStanding&, const QueueStanding&) = default;
};

class QueueBook {
 public:
  // Why a queue was not taken as it is; empty: it was. What was refused is tried again when another one changes.
  void seen(const model::Queue& queue, ResourceIds& ids);
  void gone(const std::string& name);
  bool empty() const { return specs_.empty(); }
  // Of queues that stand refused, by name.
  const std::map<std::string, std::string>& refused() const { return refused_; }

  // None: there are no queues, or nobody said one. An unknown queue is a name to wait for.
  std::optional<fairness::QueueId> find(std::string_view name) const { return tree_.find(name); }
  void set_total(const NodeTable& nodes);

  void enter(const QueueStanding& standing);
  void leave(const QueueStanding& standing);

  static fairness::Amounts amounts(const Charge& charge);
  std::string describe(fairness::ResourceId id, std::int64_t amount, const ResourceIds& ids) const;

  fairness::QueueTree& tree() { return tree_; }
  const fairness::QueueTree& tree() const { return tree_; }
  // Grows with whatever may let a queue have what it was refused.
  std::uint64_t generation() const { return generation_; }

 private:
  void apply();

  fairness::QueueTree tree_;
  std::map<std::string, fairness::QueueSpec> specs_;
  std::map<std::string, std::string> refused_;
  std::uint64_t generation_ = 1;
};

}   // namespace ebb::core::placement
