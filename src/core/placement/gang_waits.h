#pragma once

// What stood in the way of gangs that wait for capacity: the first member that found no node.

#include "core/gangs/gang.h"
#include "core/placement/pod_queue.h"

#include <map>

namespace ebb::core::placement {

struct GangWait {
  std::uint32_t member = 0;   // its index
  Ask ask;                    // what it asks
  WaitGroup refused;          // why, and when; its pods are not used
  bool preempts = false;      // others could make room: pods of lower priority,
  bool in_queue = false;      // or of queues that hold more than their part
  std::int32_t priority = 0;
};

using GangWaits = std::map<gangs::GangId, GangWait>;

}   // namespace ebb::core::placement
