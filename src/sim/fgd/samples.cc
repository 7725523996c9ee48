#include "sim/fgd/samples.h"

#include <cmath>

namespace ebb::sim::fgd {

void Samples::add(double arrived_percent, double value) {
  const auto percent = static_cast<std::size_t>(std::nearbyint(arrived_percent));
  if (percent >= sums_.size()) sums_.resize(percent + 1);
  sums_[percent].values += value;
  ++sums_[percent].count;
}

std::vector<double> Samples::by_percent(std::size_t last) const {
  std::vector<double> result(last + 1);
  for (std::size_t percent = 0; percent <= last; ++percent) {
    Sum sum;
    const auto take = [&](std::size_t from) {
      if (from >= sums_.size()) return;
      sum.values += sums_[from].values;
      sum.count += sums_[from].count;
    };
    take(percent);
    if (sum.count == 0) {
      if (percent > 0) take(percent - 1);
      take(percent + 1);
    }
    if (sum.count == 0) {
      if (percent > 0) result[percent] = result[percent - 1];
      continue;
    }
    result[percent] = std::round(sum.values / static_cast<double>(sum.count) * 100) / 100;
  }
  return result;
}

}   // namespace ebb::sim::fgd
