#pragma once

// The objects by which a simulated node shows itself: Node with its status, and its Lease.

#include "base/time.h"
#include "sandbox/json/json.h"
#include "sandbox/kubelet/kubelet_options.h"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace ebb::sandbox {

// 172.16.0.0/12, one address a node.
std::string node_ip(std::int32_t index);
// 10.0.0.0/8, 256 addresses a node.
std::string pod_ip(std::int32_t node_index, std::int32_t serial);

// Metadata and spec, for the registration.
json::object node_object(const KubeletOptions& options, std::string_view name, std::int32_t index);

struct NodeStatusInput {
  std::string_view name;
  std::int32_t index = 0;
  Instant now;
  Instant ready_since;
  bool memory_pressure = false;
  Instant memory_pressure_since;
  const std::set<std::string>* images = nullptr;
  bool with_amounts = true;   // capacity and allocatable: at registration; others own parts of them later
};
// A strategic merge patch of the node's status.
json::object node_status_patch(const KubeletOptions& options, const NodeStatusInput& input);

json::object lease_object(std::string_view node, std::string_view node_uid, Instant now);
json::object lease_renewal(Instant now);

}   // namespace ebb::sandbox
