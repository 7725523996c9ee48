#pragma once

// A whole control plane with simulated machines in this process: `ebb up` and `ebb demo`. Puts
// together what the folders beside this one hold, and gives it a URL, a CA and a token.

#include "base/result.h"
#include "sandbox/kubelet/kubelet_options.h"
#include "sandbox/kubelet/measurements.h"
#include "sandbox/server/clock.h"

#include <cstdint>
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
  KubeletOptions kubelets;
};

class Sandbox {
 public:
  // Serving when it returns. Errors: invalid (options), io (port, files), unavailable (the data file is in use).
  static Result<std::unique_ptr<Sandbox>> start(SandboxOptions options);

  virtual ~Sandbox() = default;   // closes connections, then commits what is left

  virtual const std::string& url() const = 0;
  virtual const std::string& kubeconfig() const = 0;   // the text; holds the token
  virtual const Clock& clock() const = 0;
  // What the simulated machines have measured so far.
  virtual SandboxMeasurements measurements() = 0;
};

}   // namespace ebb::sandbox
