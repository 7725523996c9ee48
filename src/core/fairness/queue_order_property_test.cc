// The tree keeps its shares, heaps and sums up to date event by event. Here it is compared, after any
// sequence of events, with a model that keeps nothing and works everything out from the list of queues.

#include "core/fairness/fairness_testing.h"
#include "core/fairness/wide_product.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

namespace ebb::core::fairness {
namespace {

using testing::a_queue;

struct Pod {
  std::string queue;
  Amounts amounts;
  bool placed = false;
  bool critical = false;
};

struct Model {
  std::map<std::string, QueueSpec> queues;
  std::vector<Pod> pods;
  std::set<std::string> blocked;
  Amounts total;

  // A queue's own pods, or a queue with children. Only leaves of this kind hold pods.
  struct Entry {
    std::string name;
    bool own = false;
  };
  struct Count {
    std::vector<UInt128> fine;
    Share share;
    bool eligible = false;
    bool owed = false;
  };

  std::vector<std::string> children(const std::string& name) const {
    std::vector<std::string> out;
    for (const auto& [child, spec] : queues) {
      if (child != name && (spec.parent == name || (spec.parent.empty() && name == "root" && child != "root"))) out.push_back(child);
    }
    return out;
  }
  bool below(const std::string& name, const std::string& above) const {
    for (std::string at = name;; at = queues.at(at).parent.empty() ? "root" : queues.at(at).parent) {
      if (at == above) return true;
      if (at == "root") return false;
    }
  }
  Sum sum(const Entry& entry, ResourceId r, bool placed) const {
    Sum out = 0;
    for (const Pod& pod : pods) {
      if (pod.placed == placed && (entry.own ? pod.queue == entry.name : below(pod.queue, entry.name))) out += pod.amounts[r];
    }
    return out;
  }
  bool waits(const std::string& name) const {
    return std::any_of(pods.begin(), pods.end(), [&](const Pod& pod) { return pod.queue == name && !pod.placed; });
  }
  std::vector<Entry> entries(const std::string& name) const {
    std::vector<Entry> out;
    for (const std::string& child : children(name)) out.push_back({child, false});
    if (!out.empty()) out.push_back({name, true});
    return out;
  }
  QueueSpec spec(const Entry& entry) const {
    if (!entry.own) return queues.at(entry.name);
    QueueSpec own = a_queue(entry.name);
    own.created = queues.at(entry.name).created;
    return own;
  }

  Count count(const Entry& entry) const {
    constexpr std::size_t kResources = 3;
    const std::vector<Entry> below_it = entry.own ? std::vector<Entry>{} : entries(entry.name);
    const QueueSpec its = spec(entry);
    Count out;
    out.fine.resize(kResources);
    out.share.weight = its.weight;
    if (below_it.empty()) {
      for (ResourceId r = 0; r < kResources; ++r) out.fine[r] = static_cast<UInt128>(sum(entry, r, true)) << 32;
      out.eligible = its.open && waits(entry.name) && !blocked.contains(entry.name);
    } else {
      rescale(below_it, out);
      out.eligible = out.eligible && its.open;
      for (ResourceId r = 0; r < kResources && !out.eligible; ++r) out.fine[r] = static_cast<UInt128>(sum(entry, r, true)) << 32;
    }
    for (ResourceId r = 0; r < kResources; ++r) {
      if (total[r] > 0) out.share = std::max(out.share, Share{out.fine[r], total[r], its.weight});
    }
    bool short_of_some = false;
    bool has_some = false;
    for (ResourceId r = 0; r < kResources; ++r) {
      if (!its.deserved.states(r) || sum(entry, r, false) == 0) continue;
      (sum(entry, r, true) < its.deserved.value_or(r, 0) ? short_of_some : has_some) = true;
    }
    out.owed = short_of_some && !has_some;
    return out;
  }
  void rescale(const std::vector<Entry>& below_it, Count& out) const {
    std::vector<std::pair<Count, std::int64_t>> counts;
    std::optional<Share> lowest;
    for (const Entry& child : below_it) {
      counts.emplace_back(count(child), spec(child).weight);
      if (!counts.back().first.eligible) continue;
      out.eligible = true;
      if (!lowest || counts.back().first.share < *lowest) lowest = counts.back().first.share;
    }
    for (ResourceId r = 0; r < out.fine.size(); ++r) {
      UInt128 directions = 0;
      for (const auto& [child, weight] : counts) {
        if (!child.eligible) {
          out.fine[r] += child.fine[r];
        } else if (child.fine[r] > 0 && total[r] > 0) {
          const UInt128 whole = static_cast<UInt128>(weight) << 40;
          directions += quotient(product(product(child.fine[r], static_cast<UInt128>(child.share.total)), whole),
                                 product(child.share.fine, static_cast<UInt128>(total[r])));
        }
      }
      if (!lowest || lowest->fine == 0) continue;
      const Wide above = product(product(lowest->fine, static_cast<UInt128>(total[r])), directions);
      out.fine[r] += quotient(
          above, product(static_cast<UInt128>(lowest->total) * static_cast<UInt128>(lowest->weight), static_cast<UInt128>(1) << 40));
    }
  }

  std::optional<std::string> next() const {
    Entry at{"root", false};
    if (!queues.at("root").open) return std::nullopt;
    for (;;) {
      const std::vector<Entry> below_it = at.own ? std::vector<Entry>{} : entries(at.name);
      if (below_it.empty()) return count(at).eligible ? std::optional(at.name) : std::nullopt;
      std::optional<Entry> best;
      for (const Entry& child : below_it) {
        if (count(child).eligible && (!best || precedes(child, *best))) best = child;
      }
      if (!best) return std::nullopt;
      at = *best;
    }
  }
  bool precedes(const Entry& a, const Entry& b) const {
    const Count left = count(a);
    const Count right = count(b);
    const QueueSpec x = spec(a);
    const QueueSpec y = spec(b);
    if (left.owed != right.owed) return left.owed;
    if (x.priority != y.priority) return x.priority > y.priority;
    if (left.share != right.share) return left.share < right.share;
    if (x.weight != y.weight) return x.weight > y.weight;
    if (x.created != y.created) return x.created < y.created;
    if (a.own != b.own) return a.own;
    return a.name < b.name;
  }
};

std::string name(int i) { return std::string("q") + static_cast<char>('a' + i); }

void random_upsert(QueueTree& tree, Model& model) {
  QueueSpec spec = a_queue(name(*rc::gen::inRange(0, 7)));
  if (*rc::gen::inRange(0, 3) > 0) spec.parent = name(*rc::gen::inRange(0, 7));
  spec.weight = *rc::gen::inRange(1, 5);
  spec.priority = *rc::gen::inRange(0, 4) == 0 ? 1 : 0;
  spec.created = Instant{*rc::gen::inRange(0, 3)};
  spec.open = *rc::gen::inRange(0, 8) > 0;
  if (*rc::gen::inRange(0, 4) == 0) spec.deserved.set(static_cast<ResourceId>(*rc::gen::inRange(0, 3)), *rc::gen::inRange(0, 30));
  const bool acceptable =
      spec.parent.empty() || (model.queues.contains(spec.parent) &&
                              !(model.queues.contains(spec.name) && model.below(spec.parent, spec.name)) && spec.parent != spec.name);
  RC_ASSERT(tree.upsert(spec).has_value() == acceptable);
  if (acceptable) model.queues[spec.name] = spec;
}

void random_pod_event(QueueTree& tree, Model& model) {
  if (model.pods.empty() || *rc::gen::inRange(0, 2) == 0) {
    std::vector<std::string> names;
    for (const auto& [queue, spec] : model.queues) names.push_back(queue);
    Pod pod{*rc::gen::elementOf(names), {}, false, *rc::gen::inRange(0, 4) == 0};
    for (ResourceId r = 0; r < 3; ++r) pod.amounts.set(r, *rc::gen::inRange(0, 12));
    tree.add_pending(*tree.find(pod.queue), pod.amounts);
    model.pods.push_back(pod);
    return;
  }
  const auto at = static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(model.pods.size())));
  Pod& pod = model.pods[at];
  const QueueId queue = *tree.find(pod.queue);
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      pod.placed ? tree.unplace(queue, pod.amounts, pod.critical) : tree.place(queue, pod.amounts, pod.critical);
      pod.placed = !pod.placed;
      break;
    case 1:
      if (!pod.placed) {
        tree.place(queue, pod.amounts, pod.critical);
        pod.placed = true;
      }
      break;
    default:
      pod.placed ? tree.remove_allocated(queue, pod.amounts, pod.critical) : tree.remove_pending(queue, pod.amounts);
      model.pods.erase(model.pods.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

void random_event(QueueTree& tree, Model& model) {
  switch (*rc::gen::inRange(0, 12)) {
    case 0:
    case 1: random_upsert(tree, model); break;
    case 2: {
      const std::string queue = name(*rc::gen::inRange(0, 7));
      const bool used = std::any_of(model.pods.begin(), model.pods.end(), [&](const Pod& pod) { return pod.queue == queue; });
      const bool may = model.queues.contains(queue) && model.children(queue).empty() && !used;
      RC_ASSERT(tree.remove(queue).has_value() == may);
      if (may) {
        model.queues.erase(queue);
        model.blocked.erase(queue);
      }
      break;
    }
    case 3: {
      Amounts total;
      for (ResourceId r = 0; r < 3; ++r) total.set(r, *rc::gen::inRange(0, 100));
      tree.set_total(total);
      model.total = total;
      break;
    }
    case 4: {
      const std::string queue = name(*rc::gen::inRange(0, 7));
      if (!model.queues.contains(queue)) break;
      tree.block(*tree.find(queue));
      model.blocked.insert(queue);
      break;
    }
    case 5: {
      if (*rc::gen::inRange(0, 2) == 0) {
        tree.unblock_all();
        model.blocked.clear();
      } else if (const std::string queue = name(*rc::gen::inRange(0, 7)); model.queues.contains(queue)) {
        tree.unblock(*tree.find(queue));
        model.blocked.erase(queue);
      }
      break;
    }
    default: random_pod_event(tree, model);
  }
}

RC_GTEST_PROP(QueueTree, KeepsWhatARecomputationWouldGive, ()) {
  QueueTree tree;
  Model model;
  model.queues["root"] = a_queue("root");
  const int events = *rc::gen::inRange(0, 120);
  for (int i = 0; i < events; ++i) random_event(tree, model);
  const std::optional<QueueId> next = tree.next();
  RC_ASSERT((next ? std::optional(tree.spec(*next).name) : std::nullopt) == model.next());
  if (next) RC_ASSERT(tree.in_order().front() == *next);
  for (const auto& [queue, spec] : model.queues) {
    const QueueId id = *tree.find(queue);
    const Model::Count count = model.count({queue, false});
    RC_LOG() << queue << " is " << to_string(tree.share(id)) << " and should be " << to_string(count.share) << " of " << model.queues.size()
             << " queues\n";
    RC_ASSERT(tree.share(id) == count.share);
    RC_ASSERT(queue == "root" || tree.eligible(id) == count.eligible);
    RC_ASSERT(queue == "root" || tree.owed(id) == count.owed);
    for (ResourceId r = 0; r < tree.resources(); ++r) {
      RC_ASSERT(tree.allocated(id, r) == model.sum({queue, false}, r, true));
      RC_ASSERT(tree.pending(id, r) == model.sum({queue, false}, r, false));
    }
  }
}

}   // namespace
}   // namespace ebb::core::fairness
