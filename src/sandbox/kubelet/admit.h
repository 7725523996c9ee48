#pragma once

// What a kubelet checks before it starts a pod that was bound to its node, in its order and with its
// words: a pod that does not fit is Failed for good, and its controller makes another one.

#include "model/node.h"
#include "model/pod.h"

#include <optional>
#include <string>

namespace ebb::sandbox {

struct PodRejection {
  std::string reason;   // OutOfcpu, OutOfmemory, OutOfpods, NodeAffinity, ...
  std::string message;

  friend bool operator==(const PodRejection&, const PodRejection&) = default;
};

// `used` is what the pods that are admitted and not ended ask for together, each counted in `pods`.
std::optional<PodRejection> check_admission(const model::Pod& pod, const model::Node& node, const model::Resources& used,
                                            bool host_port_taken);

}   // namespace ebb::sandbox
