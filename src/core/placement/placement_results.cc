// What became of the actions: binds, volumes, and what pods were told.

#include "core/placement/placement.h"

#include "base/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace ebb::core::placement {
namespace {

bool may_have_been_done(const Error& error) {
  return error.code == Errc::io || error.code == Errc::unavailable || error.code == Errc::cancelled;
}

}   // namespace

void Placement::step(Instant now, const model::ActionDone& done, Actions& out) {
  now_ = now;
  if (const auto status = group_statuses_.extract(done.id); !status.empty() && done.error) gangs_.status_failed(now, status.mapped());
  if (const auto told = told_.extract(done.id); !told.empty() && done.error) telling_failed(now, told.mapped());
  if (const auto eviction = evictions_in_flight_.extract(done.id); !eviction.empty())
    eviction_done(eviction.mapped(), done.error.has_value());
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
  if (pods_.is_known(bind.pod)) tell_gang(now, bind.pod);
}

// The pod's condition still says something else: it is told with the next count.
void Placement::telling_failed(Instant now, const InFlight& told) {
  PodEntry& entry = pods_[told.pod];
  if (entry.pod.uid != told.uid) return;
  entry.message.clear();
  if (entry.state != PodState::waiting || !entry.waits_as) return;
  queue_.group(*entry.waits_as)->recount = true;
  set_recount(now);
}

void Placement::bind_done(PodIndex pod, Actions& out) {
  PodEntry& entry = pods_[pod];
  entry.state = PodState::bound;
  entry.pod.node = nodes_[*entry.slot].name;
  entry.failed_binds = 0;
  if (!entry.pod.volumes.empty()) state_.volumes.forget(entry.pod.uid);
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
  back_off(now, pod);
}

void Placement::back_off(Instant now, PodIndex pod) {
  PodEntry& entry = pods_[pod];
  if (!entry.pod.volumes.empty()) state_.volumes.forget(entry.pod.uid);
  ++entry.failed_binds;
  entry.ask = acquire_ask(now, entry);
  entry.queue_key = queue_key(pod);
  entry.state = PodState::backing_off;
  entry.retry_at = now + queue_.backoff(entry.failed_binds);
  queue_.retry_at(*entry.retry_at, pod);
}

// Pods whose volumes have been bound are bound themselves; those whose volumes cannot be, or are not
// in time, are placed anew.
void Placement::volumes_progressed(Instant now, Actions& out) {
  std::vector<std::pair<PodIndex, std::string>> failed;
  std::vector<PodIndex> ready;
  const std::vector<model::Uid> progressed = state_.volumes.take_progressed();
  for (const auto& [until, pods] : binding_volumes_) {
    for (const PodIndex pod : pods) {
      const model::Uid& uid = pods_[pod].pod.uid;
      const bool moved = std::ranges::binary_search(progressed, uid);
      if (moved && state_.volumes.progress(uid) == volumes::Progress::bound) {
        ready.push_back(pod);
      } else if (moved && state_.volumes.progress(uid) == volumes::Progress::failed) {
        failed.emplace_back(pod, std::string(state_.volumes.failure(uid)));
      } else if (until <= now) {
        failed.emplace_back(pod, "its volumes were not bound in time");
      }
    }
  }
  for (const PodIndex pod : ready) {
    stop_binding_volumes(pod);
    bind(pod, out);
  }
  for (const auto& [pod, why] : failed) {
    stop_binding_volumes(pod);
    post(out, reference(pods_[pod].pod), true, "FailedScheduling", "Binding", fmt::format("binding volumes failed: {}", why));
    uncharge(pod);
    back_off(now, pod);
    tell_gang(now, pod);
  }
}

void Placement::stop_binding_volumes(PodIndex pod) {
  PodEntry& entry = pods_[pod];
  if (!entry.binding_volumes) return;
  const auto found = binding_volumes_.find(*entry.binding_volumes);
  found->second.erase(pod);
  if (found->second.empty()) binding_volumes_.erase(found);
  entry.binding_volumes.reset();
}

void Placement::announce_placement(PodIndex pod, Actions& out) {
  const PodEntry& entry = pods_[pod];
  const NodeSlot& node = nodes_[*entry.slot];
  const std::string name = model::to_string(entry.pod.key);
  post(out, reference(entry.pod), false, "Scheduled", "Binding", fmt::format("Successfully assigned {} to {}", name, node.name.v));
  for (const std::string& text : class_warnings(entry.resolved)) {
    post(out, reference(entry.pod), true, "ColocationClass", "Scheduling", text);
  }
  if (!state_.policy_in_force || !node.policy.colocation || !entry.resolved.explicit_class) return;
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
