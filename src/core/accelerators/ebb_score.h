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
#include "core/accelerators/fill_forecast.h"
#include "core/accelerators/fragmentation.h"

#include <string_view>

namespace ebb::core::accelerators {

// What a scheduler expects of the devices of one model.
struct Outlook {
  ModelDemand demand;
  FillForecast forecast;

  Outlook() = default;
  Outlook(const TypicalPods& history, std::string_view model, ForecastExtent extent)
      : demand(history, model), forecast(history, model, extent) {}
};

// The score is minus the cost. Without any history every placement costs nothing.
// Requires: fits(node, request).
NodeScore ebb_score(const Outlook& outlook, const AcceleratorNode& node, const AcceleratorRequest& request);

}   // namespace ebb::core::accelerators
