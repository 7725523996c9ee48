#pragma once

// When a node writes its report: on a change of a tenth or more, else every minute, never more than
// once a second. The minute is a little different each time, so that thousands of nodes do not write
// in step.

#include "base/rng.h"
#include "base/time.h"
#include "model/node_report.h"

#include <cstdint>
#include <optional>

namespace ebb::sandbox {

class ReportPace {
 public:
  explicit ReportPace(std::uint64_t seed) : rng_(seed) {}

  bool due(Instant now, const model::NodeReport& report, const model::Use& allocatable) const;
  void written(Instant now, const model::NodeReport& report);
  void failed(Instant now) { earliest_ = now + seconds(5); }

 private:
  Rng rng_;
  std::optional<model::NodeReport> last_;
  Instant earliest_{INT64_MIN};
  Instant latest_{INT64_MIN};
};

}   // namespace ebb::sandbox
