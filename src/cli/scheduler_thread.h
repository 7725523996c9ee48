#pragma once

// A scheduler beside a sandbox in one process, over HTTPS like any other: what works here works
// against a cluster.

#include "base/result.h"
#include "sandbox/server/clock.h"

#include <memory>
#include <string>

namespace ebb::cli {

class SchedulerThread {
 public:
  // `kubeconfig` is the text. Its durations follow `clock`, which must outlive it. Errors as load_access.
  static Result<std::unique_ptr<SchedulerThread>> start(const std::string& kubeconfig, const sandbox::Clock& clock);
  virtual ~SchedulerThread() = default;   // stops
};

}   // namespace ebb::cli
