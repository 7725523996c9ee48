#pragma once

// The scheduler in this process for the time of the demo, on a cluster where nobody else is one.

#include "base/result.h"

#include <memory>
#include <string>

namespace ebb::cli {

class OwnScheduler {
 public:
  // `kubeconfig` is the file, as for load_access. Errors as load_access and Client::make.
  static Result<std::unique_ptr<OwnScheduler>> start(const std::string& kubeconfig);
  virtual ~OwnScheduler() = default;   // stops
};

}   // namespace ebb::cli
