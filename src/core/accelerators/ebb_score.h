#pragma once

// Ebb's own score of a placement: what it costs those who come later, in millionths of a device.
//
//   cost = (use expected of the node before - what the pod takes - use expected after)   see fill_forecast.h
//        + (fragmentation after - fragmentation before)                                  see fragmentation.h
//
// The first term looks to the end: devices that will stay idle because this pod took the CPU beside them,
// or left a rest that nobody fits. The second looks at the next pod, and spreads scarce models. Neither has
// a parameter. Both know only pods that have been seen, and each is a table look-up or a pass over the
// distinct requests, so that a node's score costs about a microsecond and holds until the node changes.

#include "core/accelerators/fgd_score.h"
#include "core/accelerators/outlook.h"

namespace ebb::core::accelerators {

// The score is minus the cost. Without any history every placement costs nothing.
// Requires: fits(node, request).
NodeScore ebb_score(const Outlook& outlook, const AcceleratorNode& node, const AcceleratorRequest& request);
NodeScore ebb_score(const Outlook& outlook, MilliCpu cpu_free, const FreeDevices& free, const AcceleratorRequest& request);

}   // namespace ebb::core::accelerators
