#include "core/accelerators/outlook.h"

#include <algorithm>

namespace ebb::core::accelerators {

bool Outlooks::saw(const AcceleratorRequest& request) {
  history_.saw(request);
  if (history_.total() < learn_at_) return false;
  learned_ = history_.typical(Permille{1000});
  by_model_.clear();
  if (history_.total() >= kRemembered) history_.halve();
  learn_at_ = history_.total() + std::min(history_.total(), kRelearnAfter);
  return true;
}

bool Outlooks::widen(ForecastExtent extent) {
  if (extent.devices <= extent_.devices && extent.cpus <= extent_.cpus) return false;
  extent_ = {.devices = std::max(extent.devices, extent_.devices), .cpus = std::max(extent.cpus, extent_.cpus)};
  by_model_.clear();
  return true;
}

const Outlook& Outlooks::of(std::string_view model) {
  const auto known = by_model_.find(model);
  if (known != by_model_.end()) return known->second;
  return by_model_.emplace(std::string(model), Outlook(learned_, model, extent_)).first->second;
}

}   // namespace ebb::core::accelerators
