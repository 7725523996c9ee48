#include "core/gangs/group_status.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ebb::core::gangs {
namespace {

using Status = model::SetPodGroupStatus;

void set_condition(Status& out, std::string_view type, bool value, std::string_view reason, std::string message) {
  out.condition_type = type;
  out.condition = value;
  out.reason = reason;
  out.message = std::move(message);
}

// Running, bound, succeeded or failed, and whoever is still on a node while being deleted.
std::int32_t volcano_scheduled(const Counts& counts) {
  return counts.with_leaving(MemberState::bound) + counts.with_leaving(MemberState::running) + counts.with_leaving(MemberState::succeeded) +
         counts.with_leaving(MemberState::failed);
}

std::string unschedulable_message(const GangEntry& entry, const std::string& why) {
  return fmt::format("{}/{} tasks in gang unschedulable: {}", std::max(0, entry.min() - entry.placed_count()), entry.counts.all(), why);
}

// True where it says that the gang cannot be scheduled.
bool volcano_condition(const GangEntry& entry, Status& out) {
  if (entry.counts.all() == 0) return false;
  if (entry.placed_count() >= entry.min()) {
    set_condition(out, "Scheduled", true, "tasks in gang are ready to be scheduled", {});
    return false;
  }
  const Shortfall shortfall = entry.shortfall();
  if (shortfall.of == Shortfall::Of::task) {
    set_condition(out, "Unschedulable", true, "NotEnoughPodsOfTask", unschedulable_message(entry, shortfall.sentence(entry.ref)));
  } else if (shortfall) {
    set_condition(out, "Unschedulable", true, "NotEnoughTasks", unschedulable_message(entry, shortfall.sentence(entry.ref)));
  } else if (entry.failures > 0) {
    set_condition(out, "Unschedulable", true, "NotEnoughResources", unschedulable_message(entry, entry.reason));
  } else {
    return false;
  }
  return true;
}

void volcano_status(const GangEntry& entry, Status& out) {
  const Counts& counts = entry.counts;
  const bool unschedulable = volcano_condition(entry, out);
  const std::int32_t scheduled = volcano_scheduled(counts);
  const std::int32_t completed = counts.with_leaving(MemberState::succeeded) + counts.with_leaving(MemberState::failed);
  if (counts.of(MemberState::running) > 0 && unschedulable) {
    out.phase = "Unknown";
  } else if (scheduled >= entry.min()) {
    out.phase = scheduled == completed ? "Completed" : "Running";
  } else {
    out.phase = entry.enqueued ? "Inqueue" : "Pending";
  }
  out.running = counts.of(MemberState::running);
  out.succeeded = counts.with_leaving(MemberState::succeeded);
  out.failed = counts.with_leaving(MemberState::failed);
}

// One step of scheduler-plugins' controller: the phase that follows this one.
std::string_view next_plugins_phase(std::string_view phase, const GangEntry& entry, const Status& counted) {
  const std::int32_t min = entry.min();
  const bool all_there = entry.counts.all() >= min;
  if (phase.empty()) return "Pending";
  if (phase == "Pending") return all_there ? "Scheduling" : "Pending";
  if (!all_there) return "Pending";
  if (counted.succeeded >= min) return "Finished";
  if (counted.failed != 0 && counted.failed + counted.running + counted.succeeded >= min) return "Failed";
  return counted.succeeded + counted.running >= min ? "Running" : "Scheduling";
}

std::string_view last_phase(const GangEntry& entry) { return entry.written ? entry.written->phase : entry.group->phase; }

// Its controller never looks again at a group that has ended.
bool final_for_plugins(const GangEntry& entry) {
  if (entry.ref.dialect != model::PodGroupDialect::scheduler_plugins) return false;
  return last_phase(entry) == "Finished" || last_phase(entry) == "Failed";
}

void plugins_status(const GangEntry& entry, Status& out) {
  out.running = entry.counts.with_leaving(MemberState::running);
  out.succeeded = entry.counts.with_leaving(MemberState::succeeded);
  out.failed = entry.counts.with_leaving(MemberState::failed);
  std::string_view phase = last_phase(entry);
  // Each step follows from the one before; after three nothing moves any more.
  for (int step = 0; step < 3 && phase != "Finished" && phase != "Failed"; ++step) phase = next_plugins_phase(phase, entry, out);
  out.phase = phase;
}

void kubernetes_status(const GangEntry& entry, Status& out) {
  constexpr std::string_view kType = "PodGroupInitiallyScheduled";
  const bool anybody = entry.placed_count() > 0;
  if (entry.group->condition.starts_with("PodGroupInitiallyScheduled/True")) return;
  if (entry.written && entry.written->condition_type == kType && entry.written->condition) {
    out = *entry.written;
  } else if (anybody && entry.quorum()) {
    set_condition(out, kType, true, "Scheduled", {});
  } else if (!entry.shortfall() && entry.failures > 0) {
    set_condition(out, kType, false, "Unschedulable", entry.reason);
  }
}

}   // namespace

std::string condition_text(const Status& status) {
  if (status.condition_type.empty()) return {};
  return fmt::format("{}/{}/{}", status.condition_type, status.condition ? "True" : "False", status.reason);
}

std::optional<Status> wanted_status(const GangEntry& entry) {
  if (!entry.group || final_for_plugins(entry)) return std::nullopt;
  Status out{.dialect = entry.ref.dialect, .group = entry.ref.key};
  out.api_version = entry.group->api_version;
  switch (entry.ref.dialect) {
    case model::PodGroupDialect::volcano: volcano_status(entry, out); break;
    case model::PodGroupDialect::scheduler_plugins: plugins_status(entry, out); break;
    case model::PodGroupDialect::kubernetes: kubernetes_status(entry, out); break;
  }
  return out;
}

}   // namespace ebb::core::gangs
