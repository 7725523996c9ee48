#pragma once

// How much of a node's free accelerators will be used in the end, if pods keep coming as they came so
// far and stay. Fragmentation asks whether the next pod fits; this asks what the last one leaves over:
// a device with 530/1000 free ends at 470 + 50 or at 320 + 160, and eight free devices beside 20 CPUs
// end with six of them idle. Tables per model, filled once by recursion over what is left:
//
//   device[r][c]   r/1000 of a device free, c CPUs for it     (pods that share a device)
//   node[k][c]     k wholly free devices, c CPUs for them     (pods that want whole ones, or share one)
//
// Each entry is the mean over the pods that fit of (what the pod takes + the entry of what it leaves). A
// pod counts as often as it came, times what it takes: of two that fit, a scheduler that packs places the
// larger one. A node adds its partly used devices up, each with the CPU that the others leave it.
//
// All integers, in millionths of a device, so that equal histories give equal decisions everywhere.

#include "core/accelerators/devices.h"
#include "core/accelerators/typical_pods.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ebb::core::accelerators {

// The largest node the tables answer for exactly. More of either makes no difference beyond that.
struct ForecastExtent {
  std::size_t devices = 8;
  std::int64_t cpus = 128;
};

class FillForecast {
 public:
  FillForecast() = default;
  FillForecast(const TypicalPods& history, std::string_view model, ForecastExtent extent);

  // Millionths of a device.
  std::int64_t expected_use(MilliCpu cpu_free, const FreeDevices& free) const;

 private:
  struct Candidate {   // pods that are alike to the tables
    std::int32_t count = 0;
    std::size_t grains = 0;   // of one device, rounded up
    std::int64_t cpus = 0;    // rounded up
    std::int64_t weight = 0;
  };
  struct Candidates {
    std::vector<Candidate> sharing;
    std::vector<Candidate> whole;
  };

  static Candidates candidates_of(const TypicalPods& history, std::string_view model);
  void fill_device_tables(const std::vector<Candidate>& sharing);
  void fill_node_table(const Candidates& candidates);

  std::size_t column(MilliCpu cpu) const;
  std::int64_t of_device(std::size_t grains, std::size_t column) const { return device_[grains * columns_ + column]; }
  std::int64_t of_node(std::size_t devices, std::size_t column) const { return node_[devices * columns_ + column]; }

  std::size_t columns_ = 0;   // CPUs 0..columns_ - 1
  std::size_t rows_ = 0;      // wholly free devices 0..rows_ - 1
  std::vector<std::int64_t> device_;
  std::vector<MilliCpu> device_cpu_;   // that the pods on it will want, by grains free, if there is CPU enough
  std::vector<std::int64_t> node_;
};

}   // namespace ebb::core::accelerators
