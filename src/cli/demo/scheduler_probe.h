#pragma once

// Whether anybody schedules the pods of a scheduler's name on a cluster, whoever it is: a pod that
// fits nowhere is made, and a scheduler that sees it says so in its condition PodScheduled.

#include "base/result.h"
#include "kube/client.h"

#include <chrono>
#include <functional>
#include <string_view>

namespace ebb::cli {

struct SchedulerProbe {
  std::string_view ns;     // must exist
  std::string_view name;   // of the pod, which is gone afterwards
  std::string_view scheduler = "openfuyao-scheduler";
  std::chrono::milliseconds patience{10'000};
  std::function<bool()> interrupted;   // may be empty
};

// False: nobody answered in time. Errors: those of the server, cancelled.
Result<bool> somebody_schedules(kube::Client& client, const SchedulerProbe& probe);

}   // namespace ebb::cli
