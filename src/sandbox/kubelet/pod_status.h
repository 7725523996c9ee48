#pragma once

// A pod's status as a kubelet reports it, made of the pod's life.

#include "sandbox/json/json.h"
#include "sandbox/kubelet/pod_life.h"

#include <string>
#include <string_view>

namespace ebb::sandbox {

struct PodAddresses {
  std::string_view pod_ip;   // empty: not yet
  std::string_view host_ip;
};

// A strategic merge patch of the whole object: status and the uid it is meant for.
json::object pod_status_patch(const PodLife& life, const PodAddresses& addresses);

// 64 hexadecimal digits that stand for a digest of the text.
std::string simulated_digest(std::string_view text);

}   // namespace ebb::sandbox
