#pragma once

// What the control plane's loop drives: workload controllers, simulated kubelets, node lifecycle.
// A controller notes changes as they come, and does its work when it is run: no threads, no
// sleeping, so a test can run a whole cluster through a day by handing in the time.

#include "base/time.h"
#include "sandbox/api/api.h"

#include <string_view>

namespace ebb::sandbox {

inline constexpr Instant kNever{INT64_MAX};

class Controller {
 public:
  virtual ~Controller() = default;
  virtual std::string_view name() const = 0;
  virtual void observe(const Change& change) = 0;
  // Does what is due, and says when it wants to run again if nothing happens before (kNever: only
  // on a change). Errors of the API are ordinary: it retries later by itself.
  virtual Instant run(Instant now) = 0;
};

}   // namespace ebb::sandbox
