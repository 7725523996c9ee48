// Placing: who is tried, where it goes, and what becomes of the answer.

#include "core/placement/placement.h"

#include "base/check.h"
#include "core/placement/node_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace ebb::core::placement {
namespace {

void digest_text(std::uint64_t& digest, std::string_view text) {   // FNV-1a
  for (const char c : text) digest = (digest ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  digest = (digest ^ 0xffU) * 0x100000001b3u;
}

bool may_have_been_done(const Error& error) {
  return error.code == Errc::io || error.code == Errc::unavailable || error.code == Errc::cancelled;
}

}   // namespace

void Placement::schedule(Instant now, Actions& out, std::size_t most) {
  if (!synced_) return;
  take_due(now, out);
  telling_.repeat_due(now, [&](const model::ClusterAction& action) { return emit(out, action); });
  std::vector<model::PublishOversold> publish;
  oversold_.refresh(now, policy_in_force_, nodes_, pods_, publish);
  if (options_.publish_oversold) {
    for (model::PublishOversold& action : publish) emit(out, std::move(action));
  }
  wake_improved(now);
  recount(now, out);
  for (std::size_t tried = 0; tried < most; ++tried) {
    const auto pod = queue_.take_first();
    if (!pod) break;
    try_place(*pod, out);
  }
}

std::optional<Instant> Placement::next_wake() const {
  if (!synced_) return std::nullopt;
  if (queue_.has_active() || nodes_.has_improved() || oversold_.has_changes()) return Instant{};
  std::optional<Instant> wake = queue_.next_retry();
  for (const auto& other : {oversold_.next_refresh(), recount_at_, telling_.next_due()}) {
    if (other && (!wake || *other < *wake)) wake = other;
  }
  return wake;
}

Counts Placement::counts() const {
  return {.nodes = nodes_.present(), .pods = pods_.size(), .assumed = binds_.size(), .active = queue_.active()};
}

void Placement::take_due(Instant now, Actions& out) {
  for (const PodIndex pod : queue_.take_due(now)) {
    PodEntry& entry = pods_[pod];
    entry.retry_at.reset();
    if (entry.state == PodState::backing_off) {
      uncharge(pod);
      entry.announce = false;
      entry.state = PodState::active;
      queue_.activate(entry.queue_key);
    } else {
      settle(now, pod, out);
    }
  }
}

// A shape is woken by a node that takes it now. Nodes on which nothing was lifted that refused the
// shape are not even asked.
void Placement::wake_improved(Instant now) {
  const auto improved = nodes_.take_improved();
  if (improved.empty() && !nodes_lost_) return;
  nodes_lost_ = false;
  ++improvements_;
  for (const ShapeId id : queue_.waiting_shapes()) {
    ShapeTable::Entry& entry = shapes_[id];
    entry.recount = true;
    if (!recount_at_) recount_at_ = now + options_.recount_interval;
    for (const auto& [slot, filters] : improved) {
      if ((filters & entry.refused_by) == 0 || !nodes_[slot].present) continue;
      const auto refused_by = first_refusal(entry.shape, nodes_, slot, policy_in_force_);
      if (!refused_by) {
        wake_one(id);
        break;
      }
      entry.refused_by = static_cast<FilterSet>(entry.refused_by | bit(*refused_by));
    }
  }
}

// Whoever goes on waiting is told again why, where that has changed. Not at every change: a pod's
// condition is a write to the API server.
void Placement::recount(Instant now, Actions& out) {
  if (!recount_at_ || now < *recount_at_) return;
  recount_at_.reset();
  for (const ShapeId id : queue_.waiting_shapes()) {
    ShapeTable::Entry& entry = shapes_[id];
    if (!std::exchange(entry.recount, false)) continue;
    const Refusals refusals = count_refusals(entry.shape, nodes_, policy_in_force_);
    if (refusals.fitting > 0) {
      // One of the shape has been woken for that node; the others are told when it is taken or left.
      entry.recount = true;
      recount_at_ = now + options_.recount_interval;
      continue;
    }
    const std::string message = refusals.message();
    for (const PodIndex pod : queue_.waiting_pods(id)) tell_refused(pod, message, out);
  }
}

void Placement::try_place(PodIndex pod, Actions& out) {
  const ShapeId shape = *pods_[pod].shape;
  const ShapeTable::Entry& entry = shapes_[shape];
  // What no node took stays refused until something improves: placements only take.
  const bool hopeless = entry.refusals && entry.refused_at == improvements_;
  const auto slot = hopeless ? std::nullopt : best_slot(shape);
  if (slot) {
    assume(pod, *slot, out);
  } else {
    refuse(pod, out);
  }
}

std::optional<Slot> Placement::best_slot(ShapeId id) {
  const Shape& shape = shapes_[id].shape;
  const auto evaluate = [&](Slot slot) -> std::optional<std::int64_t> {
    if (!nodes_[slot].present || first_refusal(shape, nodes_, slot, policy_in_force_)) return std::nullopt;
    return score(shape, nodes_, slot);
  };
  if (!shape.pinned) return shapes_.ranking(id, nodes_).best(nodes_, evaluate);
  std::optional<Slot> best;
  std::int64_t best_score = -1;
  for (const model::NodeName& name : *shape.pinned) {
    const auto slot = nodes_.find(name);
    if (!slot) continue;
    if (const auto points = evaluate(*slot); points && *points > best_score) {
      best = slot;
      best_score = *points;
    }
  }
  return best;
}

void Placement::assume(PodIndex pod, Slot slot, Actions& out) {
  PodEntry& entry = pods_[pod];
  const ShapeId shape = *entry.shape;
  shapes_[shape].refusals.reset();
  entry.state = PodState::assumed;
  charge(pod, slot);
  if (!entry.load.offline) nodes_.reduce_oversold(slot, entry.load.requests);
  entry.shape.reset();
  wake_one(shape);
  shapes_.release(shape);

  entry.announce = true;
  entry.bind_action = emit(out, model::Bind{entry.pod.key, entry.pod.uid, nodes_[slot].name});
  binds_.emplace(entry.bind_action, InFlight{pod, entry.pod.uid});
  digest_text(digest_, model::to_string(entry.pod.key));
  digest_text(digest_, nodes_[slot].name.v);
}

void Placement::refuse(PodIndex pod, Actions& out) {
  PodEntry& entry = pods_[pod];
  ShapeTable::Entry& shape = shapes_[*entry.shape];
  if (!shape.refusals || shape.refused_at != improvements_) {
    shape.refusals = count_refusals(shape.shape, nodes_, policy_in_force_);
    shape.refused_at = improvements_;
    // Pods that come later may add a refusal of their own kind to a node counted elsewhere.
    shape.refused_by = static_cast<FilterSet>(shape.refusals->filters() | kFiltersOfPods);
  }
  entry.state = PodState::waiting;
  queue_.wait(*entry.shape, entry.queue_key);
  tell_refused(pod, shape.refusals->message(), out);
}

void Placement::tell_refused(PodIndex pod, const std::string& message, Actions& out) {
  PodEntry& entry = pods_[pod];
  if (message == entry.message) return;
  entry.message = message;
  told_.emplace(emit(out, model::MarkUnschedulable{entry.pod.key, entry.pod.uid, message}), InFlight{pod, entry.pod.uid});
  post(out, reference(entry.pod), true, "FailedScheduling", "Scheduling", message);
}

void Placement::step(Instant now, const model::ActionDone& done, Actions& out) {
  if (const auto told = told_.extract(done.id); !told.empty() && done.error) telling_failed(now, told.mapped());
  telling_.done(now, done);
  const auto found = binds_.find(done.id);
  if (found == binds_.end()) return;
  const InFlight bind = found->second;
  binds_.erase(found);
  PodEntry& entry = pods_[bind.pod];
  if (entry.pod.uid != bind.uid || entry.bind_action != done.id) return;
  entry.bind_action = 0;
  if (entry.state != PodState::assumed) return;   // seen bound, or ended, before the answer came
  if (done.error) {
    bind_failed(now, bind.pod, *done.error, out);
  } else {
    bind_done(bind.pod, out);
  }
}

// The pod's condition still says something else: it is told with the next count.
void Placement::telling_failed(Instant now, const InFlight& told) {
  PodEntry& entry = pods_[told.pod];
  if (entry.pod.uid != told.uid) return;
  entry.message.clear();
  if (entry.state != PodState::waiting) return;
  shapes_[*entry.shape].recount = true;
  if (!recount_at_) recount_at_ = now + options_.recount_interval;
}

void Placement::bind_done(PodIndex pod, Actions& out) {
  PodEntry& entry = pods_[pod];
  entry.state = PodState::bound;
  entry.pod.node = nodes_[*entry.slot].name;
  entry.failed_binds = 0;
  announce_placement(pod, out);
  entry.announce = false;
}

void Placement::bind_failed(Instant now, PodIndex pod, const Error& error, Actions& out) {
  PodEntry& entry = pods_[pod];
  const model::NodeName node = nodes_[*entry.slot].name;
  // Where nobody can tell whether it was done, the place stays taken until the next attempt.
  if (!may_have_been_done(error)) {
    uncharge(pod);
    entry.announce = false;
  }
  entry.state = PodState::ignored;
  if (error.code == Errc::not_found) {
    forget(pod);
    return;
  }
  post(out, reference(entry.pod), true, "FailedScheduling", "Binding", fmt::format("binding to {} failed: {}", node.v, error.message));
  if (!to_be_placed(entry.pod)) {
    uncharge(pod);
    return;
  }
  ++entry.failed_binds;
  entry.shape = shapes_.acquire(shape_of(entry.pod, entry.resolved, ids_));
  entry.queue_key = queue_key(pod);
  entry.state = PodState::backing_off;
  entry.retry_at = now + PodQueue::backoff(entry.failed_binds);
  queue_.retry_at(*entry.retry_at, pod);
}

void Placement::announce_placement(PodIndex pod, Actions& out) {
  const PodEntry& entry = pods_[pod];
  const NodeSlot& node = nodes_[*entry.slot];
  const std::string name = model::to_string(entry.pod.key);
  post(out, reference(entry.pod), false, "Scheduled", "Binding", fmt::format("Successfully assigned {} to {}", name, node.name.v));
  for (const std::string& text : class_warnings(entry.resolved)) {
    post(out, reference(entry.pod), true, "ColocationClass", "Scheduling", text);
  }
  if (!policy_in_force_ || !node.policy.colocation || !entry.resolved.explicit_class) return;
  const std::string_view qos = model::to_string(entry.resolved.qos);
  const std::string_view pool = model::to_string(entry.resolved.pool);
  post(out, reference(entry.pod), false, "ColocationScheduled", "Scheduling",
       fmt::format("{} pod of the {} pool placed on {}: {}", qos, pool, node.name.v, entry.resolved.reason));
  const model::Uid uid = node.node.uid.empty() ? model::Uid(node.name.v) : node.node.uid;
  post(out, {"v1", "Node", {"", node.name.v}, uid}, false, "ColocationScheduled", "Scheduling",
       fmt::format("{} pod {} of the {} pool placed here, {} offline pods now", qos, name, pool, node.offline_pods));
}

void Placement::post(Actions& out, const model::ObjectReference& regarding, bool warning, std::string reason, std::string action,
                     std::string note) {
  emit(out, model::PostEvent{regarding, warning, std::move(reason), std::move(action), std::move(note)});
}

std::uint64_t Placement::emit(Actions& out, model::ClusterAction action) {
  out.push_back({++last_action_, std::move(action)});
  return last_action_;
}

model::ObjectReference Placement::reference(const model::Pod& pod) { return {"v1", "Pod", pod.key, pod.uid}; }

}   // namespace ebb::core::placement
