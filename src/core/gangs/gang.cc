#include "core/gangs/gang.h"

#include <array>
#include <utility>

namespace ebb::core::gangs {
namespace {

constexpr std::array<std::string_view, 2> kVolcanoGroup{"scheduling.k8s.io/group-name", "scheduling.volcano.sh/group-name"};
constexpr std::array<std::string_view, 2> kPluginsGroup{"scheduling.x-k8s.io/pod-group", "pod-group.scheduling.sigs.k8s.io"};
constexpr std::string_view kVolcanoTask = "volcano.sh/task-spec";

std::string_view value_of(const model::Labels& labels, std::string_view key) {
  const auto found = labels.find(key);
  return found == labels.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view first_stated(const model::Labels& labels, const std::array<std::string_view, 2>& keys) {
  for (const std::string_view key : keys) {
    if (const std::string_view value = value_of(labels, key); !value.empty()) return value;
  }
  return {};
}

Membership member_of(model::PodGroupDialect dialect, const model::Pod& pod, std::string_view name) {
  return {.group = {.dialect = dialect, .key = {pod.key.ns, std::string(name)}}, .task = {}};
}

}   // namespace

std::string_view to_string(model::PodGroupDialect dialect) {
  switch (dialect) {
    case model::PodGroupDialect::volcano: return "volcano";
    case model::PodGroupDialect::scheduler_plugins: return "scheduler-plugins";
    case model::PodGroupDialect::kubernetes: return "kubernetes";
  }
  return "?";
}

std::string_view to_string(GangPhase phase) {
  switch (phase) {
    case GangPhase::no_group: return "without group";
    case GangPhase::waiting_for_members: return "waiting for members";
    case GangPhase::ready: return "ready";
    case GangPhase::trying: return "being tried";
    case GangPhase::backing_off: return "backing off";
    case GangPhase::waiting_for_capacity: return "waiting for capacity";
    case GangPhase::making_room: return "making room";
    case GangPhase::placed: return "placed";
    case GangPhase::running: return "running";
    case GangPhase::finished: return "finished";
    case GangPhase::failed: return "failed";
  }
  return "?";
}

std::optional<Membership> membership(const model::Pod& pod) {
  if (!pod.pod_group.empty()) return member_of(model::PodGroupDialect::kubernetes, pod, pod.pod_group);
  if (const std::string_view name = first_stated(pod.annotations, kVolcanoGroup); !name.empty()) {
    Membership out = member_of(model::PodGroupDialect::volcano, pod, name);
    const std::string_view annotated = value_of(pod.annotations, kVolcanoTask);
    out.task = annotated.empty() ? value_of(pod.labels, kVolcanoTask) : annotated;
    return out;
  }
  if (const std::string_view name = first_stated(pod.labels, kPluginsGroup); !name.empty()) {
    return member_of(model::PodGroupDialect::scheduler_plugins, pod, name);
  }
  return std::nullopt;
}

}   // namespace ebb::core::gangs
