#include "sandbox/kubelet/pod_spec.h"

#include "kube/decode.h"
#include "model/timestamp.h"
#include "sandbox/json/json.h"

#include <string_view>

namespace ebb::sandbox {
namespace {

std::optional<Instant> time_at(const json::value& root, std::string_view dotted) {
  const auto text = string_at(root, dotted);
  if (text.empty()) return std::nullopt;
  const auto time = model::parse_timestamp(text);
  return time ? std::optional(*time) : std::nullopt;
}

std::optional<Duration> seconds_at(const json::value& root, std::string_view dotted) {
  const json::value* value = find_path(root, dotted);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return seconds(value->as_int64());
}

std::int32_t known_restarts(const json::value& root, std::string_view list, std::string_view name) {
  const json::value* statuses = find_path(root, list);
  if (statuses == nullptr || !statuses->is_array()) return 0;
  for (const json::value& status : statuses->as_array()) {
    if (string_at(status, "name") != name) continue;
    const json::value* count = find_path(status, "restartCount");
    return count != nullptr && count->is_int64() ? static_cast<std::int32_t>(count->as_int64()) : 0;
  }
  return 0;
}

std::vector<ContainerSpec> containers_at(const json::value& root, std::string_view list, std::string_view statuses) {
  std::vector<ContainerSpec> containers;
  const json::value* value = find_path(root, list);
  if (value == nullptr || !value->is_array()) return containers;
  for (const json::value& container : value->as_array()) {
    containers.push_back({.name = std::string(string_at(container, "name")),
                          .image = std::string(string_at(container, "image")),
                          .sidecar = string_at(container, "restartPolicy") == "Always"});
    containers.back().restarts = known_restarts(root, statuses, containers.back().name);
  }
  return containers;
}

}   // namespace

Result<PodSpec> read_pod_spec(const Stored& stored) {
  PodSpec spec;
  EBB_TRY(spec.pod, kube::decode_pod(*stored.text));
  const json::value root = stored.parse();
  if (const json::value* annotations = find_path(root, "metadata.annotations"); annotations != nullptr && annotations->is_object()) {
    for (const auto& [key, value] : annotations->as_object()) {
      if (value.is_string()) spec.annotations.emplace(std::string(key), std::string(value.as_string()));
    }
  }
  spec.containers = containers_at(root, "spec.containers", "status.containerStatuses");
  spec.init_containers = containers_at(root, "spec.initContainers", "status.initContainerStatuses");
  const auto policy = string_at(root, "spec.restartPolicy");
  spec.restart = policy == "Never" ? RestartPolicy::never : policy == "OnFailure" ? RestartPolicy::on_failure : RestartPolicy::always;
  spec.grace = seconds_at(root, "spec.terminationGracePeriodSeconds").value_or(seconds(30));
  spec.active_deadline = seconds_at(root, "spec.activeDeadlineSeconds");
  const json::value* host_network = find_path(root, "spec.hostNetwork");
  spec.host_network = host_network != nullptr && host_network->is_bool() && host_network->as_bool();
  spec.pod_ip = string_at(root, "status.podIP");
  spec.started = time_at(root, "status.startTime");
  spec.deletion_time = time_at(root, "metadata.deletionTimestamp");
  spec.deletion_grace = seconds_at(root, "metadata.deletionGracePeriodSeconds");
  return spec;
}

}   // namespace ebb::sandbox
