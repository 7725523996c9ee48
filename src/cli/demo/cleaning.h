#pragma once

// What the demo makes on somebody's cluster, and taking it away again: everything is tried, whatever
// fails on the way, and what is left is named. What was there before stays.

#include "base/result.h"
#include "kube/client.h"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::cli {

// Of the pod that finds out whether anybody schedules.
inline constexpr std::string_view kProbePod = "ebb-demo-probe";

// Whether a GET of `target` finds something. Errors: those of the server but not_found.
Result<bool> exists(kube::Client& client, const std::string& target);

std::string config_map_path(std::string_view name);   // in the policy's namespace

class Cleaning final {
 public:
  explicit Cleaning(kube::Client& client, std::chrono::milliseconds patience = std::chrono::minutes(2))
      : client_(client), patience_(patience) {}

  // Before anything is made. Errors: denied (a workload of the demo's names exists), those of the server.
  Status remember();

  // Each gives a line for everything that is left, with the reason; none: all of it is gone.
  [[nodiscard]] std::vector<std::string> remove_objects();
  [[nodiscard]] std::vector<std::string> remove_namespaces();   // those that were missing before

 private:
  Status remove(const std::string& target);
  Status wait_until_gone(const std::string& target, std::chrono::steady_clock::time_point give_up);

  kube::Client& client_;
  std::chrono::milliseconds patience_;
  std::vector<std::string> made_;   // namespaces
};

}   // namespace ebb::cli
