#include "core/accelerators/fill_forecast.h"

#include "base/wide.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

namespace ebb::core::accelerators {
namespace {

// A device is cut into a hundred grains: no trace asks for less, and the tables stay small.
constexpr std::int64_t kGrain = 10;   // thousandths of a device
constexpr std::size_t kGrains = 100;
constexpr std::int64_t kGrainValue = 10'000;   // millionths of a device
constexpr std::int64_t kDeviceValue = 1'000'000;

std::int64_t divided_up(std::int64_t value, std::int64_t by) { return (value + by - 1) / by; }

// A weighted mean in integers, rounded down; 0 of nothing.
class Mean {
 public:
  void add(std::int64_t value, std::int64_t weight) {
    sum_ += static_cast<Int128>(value) * weight;
    weights_ += weight;
  }
  std::int64_t value() const { return weights_ == 0 ? 0 : static_cast<std::int64_t>(sum_ / weights_); }

 private:
  Int128 sum_ = 0;
  std::int64_t weights_ = 0;
};

}   // namespace

FillForecast::FillForecast(const TypicalPods& history, std::string_view model, ForecastExtent extent)
    : columns_(static_cast<std::size_t>(std::max<std::int64_t>(extent.cpus, 0)) + 1), rows_(std::min(extent.devices, kMaxDevices) + 1) {
  const Candidates candidates = candidates_of(history, model);
  fill_device_tables(candidates.sharing);
  fill_node_table(candidates);
}

FillForecast::Candidates FillForecast::candidates_of(const TypicalPods& history, std::string_view model) {
  std::map<std::tuple<std::int32_t, std::size_t, std::int64_t>, std::int64_t> alike;
  for (const TypicalPod& pod : history.pods) {
    if (pod.request.count == 0 || !pod.request.allows(model)) continue;
    alike[{pod.request.count, static_cast<std::size_t>(divided_up(pod.request.share.v, kGrain)), divided_up(pod.request.cpu.v, 1000)}] +=
        pod.weight;
  }
  Candidates result;
  for (const auto& [size, weight] : alike) {
    const auto& [count, grains, cpus] = size;
    const Candidate candidate{count, grains, cpus, weight * count * static_cast<std::int64_t>(grains)};
    (count == 1 && grains < kGrains ? result.sharing : result.whole).push_back(candidate);
  }
  return result;
}

void FillForecast::fill_device_tables(const std::vector<Candidate>& sharing) {
  device_.assign((kGrains + 1) * columns_, 0);
  device_cpu_.assign(kGrains + 1, MilliCpu{});
  for (std::size_t free = 1; free <= kGrains; ++free) {
    Mean cpu;
    for (const Candidate& pod : sharing) {
      if (pod.grains <= free) cpu.add(pod.cpus * 1000 + device_cpu_[free - pod.grains].v, pod.weight);
    }
    device_cpu_[free] = MilliCpu{cpu.value()};
    for (std::size_t c = 0; c < columns_; ++c) {
      Mean use;
      for (const Candidate& pod : sharing) {
        const auto cpus = static_cast<std::size_t>(pod.cpus);
        if (pod.grains > free || cpus > c) continue;
        use.add(static_cast<std::int64_t>(pod.grains) * kGrainValue + of_device(free - pod.grains, c - cpus), pod.weight);
      }
      device_[free * columns_ + c] = use.value();
    }
  }
}

void FillForecast::fill_node_table(const Candidates& candidates) {
  node_.assign(rows_ * columns_, 0);
  for (std::size_t k = 1; k < rows_; ++k) {
    for (std::size_t c = 0; c < columns_; ++c) {
      Mean use;
      for (const Candidate& pod : candidates.whole) {
        const auto count = static_cast<std::size_t>(pod.count);
        const auto cpus = static_cast<std::size_t>(pod.cpus);
        if (count > k || cpus > c) continue;
        use.add(pod.count * static_cast<std::int64_t>(pod.grains) * kGrainValue + of_node(k - count, c - cpus), pod.weight);
      }
      for (const Candidate& pod : candidates.sharing) {
        const auto cpus = static_cast<std::size_t>(pod.cpus);
        if (cpus > c) continue;
        // It opens a device, whose rest wants CPU too before the other devices get any.
        const std::size_t rest = kGrains - pod.grains;
        const std::size_t left = c - cpus;
        const std::size_t others = column(MilliCpu{static_cast<std::int64_t>(left) * 1000} - device_cpu_[rest]);
        use.add(static_cast<std::int64_t>(pod.grains) * kGrainValue + of_device(rest, left) + of_node(k - 1, others), pod.weight);
      }
      node_[k * columns_ + c] = use.value();
    }
  }
}

std::size_t FillForecast::column(MilliCpu cpu) const {
  if (cpu.v <= 0) return 0;
  return std::min(static_cast<std::size_t>(cpu.v / 1000), columns_ - 1);
}

std::int64_t FillForecast::expected_use(MilliCpu cpu_free, const FreeDevices& free) const {
  if (columns_ == 0) return 0;
  std::size_t whole = 0;
  MilliCpu wanted;   // by the partly used devices
  for (const std::int32_t left : free.values()) {
    if (left == kWholeDevice.v) {
      ++whole;
    } else {
      wanted += device_cpu_[static_cast<std::size_t>(left / kGrain)];
    }
  }
  std::int64_t use = 0;
  for (const std::int32_t left : free.values()) {
    if (left == kWholeDevice.v || left < kGrain) continue;
    const auto grains = static_cast<std::size_t>(left / kGrain);
    use += of_device(grains, column(cpu_free - (wanted - device_cpu_[grains])));
  }
  const std::size_t known = std::min(whole, rows_ - 1);
  return use + of_node(known, column(cpu_free - wanted)) + static_cast<std::int64_t>(whole - known) * kDeviceValue;
}

}   // namespace ebb::core::accelerators
