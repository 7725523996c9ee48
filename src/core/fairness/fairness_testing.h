#pragma once

// Queues for tests: short specs, and a player that gives tasks out one by one as the paper does.

#include "core/fairness/queue_tree.h"

#include "base/check.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ebb::core::fairness::testing {

inline QueueSpec a_queue(std::string name, std::string parent = "", std::int64_t weight = 1) {
  QueueSpec spec;
  spec.name = std::move(name);
  spec.parent = std::move(parent);
  spec.weight = weight;
  return spec;
}

// Gives one task at a time to the queue whose turn it is. A queue whose task does not fit in what is
// left is blocked, as in the papers; so is one that its tree refuses.
class Player {
 public:
  explicit Player(Amounts total) { tree_.set_total(total); }

  QueueTree& tree() { return tree_; }
  QueueId queue(const QueueSpec& spec) {
    EBB_CHECK(tree_.upsert(spec).has_value());
    return *tree_.find(spec.name);
  }
  // A queue of `tasks` equal tasks.
  QueueId queue(const QueueSpec& spec, const Amounts& task, int tasks) {
    const QueueId id = queue(spec);
    for (int i = 0; i < tasks; ++i) tree_.add_pending(id, task);
    tasks_[id] = task;
    return id;
  }

  // Names in the order served.
  std::vector<std::string> play(int most = 1'000'000) {
    std::vector<std::string> served;
    while (static_cast<int>(served.size()) < most) {
      const std::optional<QueueId> next = tree_.next();
      if (!next) break;
      const Amounts& task = tasks_.at(*next);
      if (!tree_.may_allocate(*next, task)) {
        tree_.block(*next);
        continue;
      }
      tree_.place(*next, task);
      served.push_back(tree_.spec(*next).name);
    }
    return served;
  }
  Sum held(const std::string& queue, ResourceId resource) { return tree_.allocated(*tree_.find(queue), resource); }
  const Amounts& task(QueueId queue) const { return tasks_.at(queue); }

 private:
  QueueTree tree_;
  std::map<QueueId, Amounts> tasks_;
};

}   // namespace ebb::core::fairness::testing
