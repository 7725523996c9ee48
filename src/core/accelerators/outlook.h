#pragma once

// What a scheduler expects of the pods to come, learned from those that came: per model of device the
// demand that fragmentation is measured against and the forecast of how nodes fill up. It is worked out
// anew whenever the history has doubled, and at the latest after kRelearnAfter more pods; a history of
// kRemembered pods is halved, so that what nobody asks for any more fades.

#include "core/accelerators/fill_forecast.h"
#include "core/accelerators/fragmentation.h"
#include "core/accelerators/typical_pods.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace ebb::core::accelerators {

struct Outlook {
  ModelDemand demand;
  FillForecast forecast;

  Outlook() = default;
  Outlook(const TypicalPods& history, std::string_view model, ForecastExtent extent)
      : demand(history, model), forecast(history, model, extent) {}
};

class Outlooks {
 public:
  static constexpr std::int64_t kRelearnAfter = 8'192;
  static constexpr std::int64_t kRemembered = 65'536;

  explicit Outlooks(ForecastExtent extent) : extent_(extent) {}

  // Counts a pod, once, when it is first seen. True: what is expected changed, and scores computed before are void.
  bool saw(const AcceleratorRequest& request);

  // Nodes are larger than was thought. True: as saw().
  bool widen(ForecastExtent extent);

  // Valid until saw() or widen() next gives true.
  const Outlook& of(std::string_view model);

  const PodHistory& history() const { return history_; }

 private:
  ForecastExtent extent_;
  PodHistory history_;
  TypicalPods learned_;
  std::int64_t learn_at_ = 1;
  std::map<std::string, Outlook, std::less<>> by_model_;   // of learned_, made when asked for
};

}   // namespace ebb::core::accelerators
