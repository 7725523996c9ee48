// Clusters in which queues borrow and take back until nobody can do any more: it ends, and no step
// breaks a promise.

#include "core/fairness/fairness_testing.h"
#include "core/fairness/reclaim.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

namespace ebb::core::fairness {
namespace {

using testing::a_queue;

struct Pod {
  QueueId queue;
  Amounts amounts;
  bool here = false;
  bool placed = false;
  bool critical = false;
  std::int32_t priority = 0;
  std::int64_t started = 0;
  int evicted = 0;
};

class World {
 public:
  explicit World(std::size_t resources) : resources_(resources) {
    Amounts total;
    for (ResourceId r = 0; r < resources; ++r) total.set(r, *rc::gen::inRange(10, 60));
    tree.set_total(total);
    const int queues = *rc::gen::inRange(2, 7);
    for (int i = 0; i < queues; ++i) random_queue(i);
    std::vector<QueueId> ids = tree.queues();
    const int count = *rc::gen::inRange(5, 60);
    for (int i = 0; i < count; ++i) {
      Pod pod{.queue = *rc::gen::elementOf(ids), .critical = *rc::gen::inRange(0, 6) == 0, .priority = *rc::gen::inRange(0, 3)};
      for (ResourceId r = 0; r < resources; ++r) pod.amounts.set(r, *rc::gen::inRange(0, 9));
      pods.push_back(pod);
    }
    // Some queues are early and borrow what the others do not use yet.
    std::erase_if(ids, [](QueueId) { return *rc::gen::inRange(0, 2) == 0; });
    arrive(ids);
    place_all();
    arrive(tree.queues());
  }

  void arrive(const std::vector<QueueId>& queues) {
    for (Pod& pod : pods) {
      if (pod.here || std::find(queues.begin(), queues.end(), pod.queue) == queues.end()) continue;
      pod.here = true;
      tree.add_pending(pod.queue, pod.amounts);
    }
  }

  // Places whoever may be, in order; true if somebody was.
  bool place_all() {
    bool any = false;
    tree.unblock_all();
    while (const std::optional<QueueId> next = tree.next()) {
      const auto fits = [&](const Pod& pod) {
        return pod.queue == *next && pod.here && !pod.placed && tree.may_allocate(pod.queue, pod.amounts, pod.critical) &&
               lacking(pod).zero();
      };
      const auto pod = std::find_if(pods.begin(), pods.end(), fits);
      if (pod == pods.end()) {
        tree.block(*next);
        continue;
      }
      place(*pod);
      any = true;
    }
    return any;
  }

  void place(Pod& pod) {
    tree.place(pod.queue, pod.amounts, pod.critical);
    pod.placed = true;
    pod.started = ++clock_;
  }
  void evict(Pod& pod) {
    tree.unplace(pod.queue, pod.amounts, pod.critical);
    pod.placed = false;
    ++pod.evicted;
  }
  Amounts lacking(const Pod& pod) const {
    Amounts out;
    for (ResourceId r = 0; r < resources_; ++r) {
      if (pod.amounts[r] == 0) continue;
      const Sum free = tree.total()[r] - tree.allocated(tree.root(), r);
      out.set(r, static_cast<std::int64_t>(pod.amounts[r] - free));
    }
    return out;
  }
  // Indices of pods.
  std::vector<std::size_t> plan(const Pod& pod) const {
    std::vector<Candidate> candidates;
    std::vector<std::size_t> index;
    for (std::size_t i = 0; i < pods.size(); ++i) {
      if (!pods[i].placed) continue;
      candidates.push_back(
          {std::to_string(i), pods[i].queue, pods[i].amounts, pods[i].priority, Instant{pods[i].started}, pods[i].critical});
      index.push_back(i);
    }
    const auto victims = plan_reclaim(tree, {pod.queue, pod.amounts, lacking(pod), pod.critical}, candidates);
    std::vector<std::size_t> out;
    if (victims) {
      for (const std::size_t victim : *victims) out.push_back(index[victim]);
    }
    return out;
  }
  bool enough(const Pod& pod) const { return lacking(pod).zero() && tree.may_allocate(pod.queue, pod.amounts, pod.critical); }

  // What no reclaim may do, checked one victim queue after another.
  void check_promises(const Pod& gone) const {
    for (const QueueId at : tree.path(gone.queue)) {
      if (at == tree.root()) continue;
      for (ResourceId r = 0; r < resources_; ++r) {
        const QueueSpec& spec = tree.spec(at);
        if (gone.amounts[r] == 0) continue;
        if (shared_.contains(at)) continue;   // above where the sides meet nothing is lost
        RC_ASSERT(tree.allocated(at, r) >= spec.guarantee.value_or(r, 0));
        RC_ASSERT(tree.allocated(at, r) >= spec.floor[r]);
      }
    }
    const QueueId queue = tree.path(gone.queue).front();
    bool keeps_its_part = false;
    for (ResourceId r = 0; r < resources_; ++r) {
      keeps_its_part = keeps_its_part || (gone.amounts[r] > 0 && tree.allocated(queue, r) >= tree.claimed(queue, r));
    }
    RC_ASSERT(keeps_its_part);
  }
  void reclaim_for(std::size_t who) {
    const std::vector<std::size_t> victims = plan(pods[who]);
    shared_.clear();
    for (const QueueId at : tree.path(pods[who].queue)) shared_.insert(at);
    for (const std::size_t victim : victims) evict(pods[victim]);
    RC_ASSERT(enough(pods[who]));
    for (const std::size_t victim : victims) check_promises(pods[victim]);
    for (const std::size_t victim : victims) {   // nobody can be spared
      tree.place(pods[victim].queue, pods[victim].amounts, pods[victim].critical);
      const bool still_enough = enough(pods[who]);
      tree.unplace(pods[victim].queue, pods[victim].amounts, pods[victim].critical);
      RC_ASSERT(!still_enough);
    }
    place(pods[who]);
    for (const std::size_t victim : victims) {   // nobody takes the same back
      const std::vector<std::size_t> back = plan(pods[victim]);
      RC_ASSERT(std::find(back.begin(), back.end(), who) == back.end());
    }
  }

  QueueTree tree;
  std::vector<Pod> pods;

 private:
  void random_queue(int i) {
    QueueSpec spec = a_queue(std::string(1, static_cast<char>('a' + i)));
    if (i > 2) spec.parent = std::string(1, static_cast<char>('a' + *rc::gen::inRange(0, 3)));
    if (spec.parent == "b" && *rc::gen::inRange(0, 2) == 0) spec.parent = "";
    spec.weight = *rc::gen::inRange(1, 4);
    spec.priority = *rc::gen::inRange(0, 4) == 0 ? 1 : 0;
    spec.reclaimable = *rc::gen::inRange(0, 8) > 0;
    for (ResourceId r = 0; r < resources_; ++r) {
      if (*rc::gen::inRange(0, 3) == 0) spec.deserved.set(r, *rc::gen::inRange(0, 30));
      if (*rc::gen::inRange(0, 4) == 0) spec.guarantee.set(r, *rc::gen::inRange(0, 10));
      if (*rc::gen::inRange(0, 4) == 0) spec.cap.set(r, *rc::gen::inRange(10, 50));
      if (*rc::gen::inRange(0, 6) == 0) spec.floor.set(r, *rc::gen::inRange(0, 6));
    }
    (void)tree.upsert(spec);   // some break a rule; those are not there
  }

  std::size_t resources_;
  std::set<QueueId> shared_;
  std::int64_t clock_ = 0;
};

void borrows_and_takes_back_until_done(std::size_t resources) {
  World world(resources);
  int reclaims = 0;
  for (bool any = true; any;) {
    any = world.place_all();
    for (std::size_t i = 0; i < world.pods.size(); ++i) {
      if (world.pods[i].placed || world.plan(world.pods[i]).empty()) continue;
      world.reclaim_for(i);
      any = true;
      ++reclaims;
      RC_ASSERT(reclaims <= 4 * static_cast<int>(world.pods.size()));
      break;   // whoever is next in order goes before the next reclaim
    }
  }
  RC_CLASSIFY(reclaims > 0, "something was taken back");
  // An equal pod is evicted again only where others were placed meanwhile, and soon not at all.
  for (const Pod& pod : world.pods) RC_ASSERT(pod.evicted <= 3);
}

RC_GTEST_PROP(ReclaimProperty, OneResourceComesToRest, ()) { borrows_and_takes_back_until_done(1); }
RC_GTEST_PROP(ReclaimProperty, SeveralResourcesComeToRest, ()) { borrows_and_takes_back_until_done(3); }

}   // namespace
}   // namespace ebb::core::fairness
