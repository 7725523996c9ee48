#pragma once

// What a kubelet reads of a pod beyond what Ebb's decisions need: the containers with their images,
// the restart policy, how long it may take to stop.

#include "base/result.h"
#include "base/time.h"
#include "model/pod.h"
#include "sandbox/store/stored.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ebb::sandbox {

enum class RestartPolicy { always, on_failure, never };

struct ContainerSpec {
  std::string name;
  std::string image;
  bool sidecar = false;
  std::int32_t restarts = 0;   // that its status knows of already
};

struct PodSpec {
  model::Pod pod;
  model::Annotations annotations;   // all of them
  std::vector<ContainerSpec> containers;
  std::vector<ContainerSpec> init_containers;
  RestartPolicy restart = RestartPolicy::always;
  Duration grace = seconds(30);
  std::optional<Duration> active_deadline;
  bool host_network = false;
  std::string pod_ip;                       // that its status shows already
  std::optional<Instant> started;           // status.startTime
  std::optional<Instant> deletion_time;     // metadata.deletionTimestamp: when its grace is over
  std::optional<Duration> deletion_grace;   // metadata.deletionGracePeriodSeconds
};

// Errors: invalid, as the decoder says it.
Result<PodSpec> read_pod_spec(const Stored& stored);

}   // namespace ebb::sandbox
