#pragma once

// A whole control plane with simulated machines in this process: `ebb up` and `ebb demo`. Puts
// together what the folders beside this one hold, and gives it a URL, a CA and a token.

#include "base/result.h"
#include "sandbox/kubelet/kubelet_options.h"
#include "sandbox/kubelet/measurements.h"
#include "sandbox/server/clock.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace ebb::sandbox {

struct SandboxOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;   // 0: any free one
  std::string data_path;    // empty: memory only
  bool controllers = true;
  bool admission = true;
  Clock clock = Clock(1);
  // Told, on a thread of the sandbox's, when the data file cannot be written any more, and when it can again.
  std::function<void(const Status&)> commit_report;
  KubeletOptions kubelets;
};

class Sandbox {
 public:
  // Serving when it returns. Errors: invalid (options), io (port, files), unavailable (the data file is in use).
  static Result<std::unique_ptr<Sandbox>> start(SandboxOptions options);

  virtual ~Sandbox() = default;   // stops

  virtual const std::string& url() const = 0;
  virtual const std::string& kubeconfig() const = 0;   // the text; holds the token
  virtual const Clock& clock() const = 0;
  // Closes connections and commits what is left; nothing else may be asked then. Errors: io, where the
  // data file could not take the last changes, which are lost.
  virtual Status stop() = 0;
  // What the simulated machines have measured so far.
  virtual SandboxMeasurements measurements() = 0;
};

}   // namespace ebb::sandbox
