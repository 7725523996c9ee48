#pragma once

// A whole control plane with simulated machines in this process: `ebb up` and `ebb demo`. Puts
// together what the folders beside this one hold, and gives it a URL, a CA and a token.

#include "base/result.h"
#include "sandbox/kubelet/kubelet_options.h"
#include "sandbox/server/clock.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace ebb::sandbox {

class Api;
class Measurements;

struct SandboxOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;        // 0: any free one
  std::string kubeconfig_path;   // written when everything is ready
  std::string data_path;         // empty: memory only
  bool controllers = true;
  bool admission = true;
  std::int64_t speed = 1;   // of the sandbox's clock
  KubeletOptions kubelets;
};

class Sandbox {
 public:
  // Serving when it returns. Errors: invalid (options), io (port, files), unavailable (the data file is in use).
  static Result<std::unique_ptr<Sandbox>> start(SandboxOptions options);

  virtual ~Sandbox() = default;   // closes connections, then commits what is left

  virtual const std::string& url() const = 0;
  virtual const Clock& clock() const = 0;

  // Runs `work` on the thread that owns the API, and waits for it.
  virtual void with_api(const std::function<void(Api&, Instant)>& work) = 0;
  // What the simulated machines have measured so far; on the same thread.
  virtual void with_measurements(const std::function<void(Measurements&, Instant)>& work) = 0;
};

}   // namespace ebb::sandbox
