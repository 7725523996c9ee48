#pragma once

// How long pods of a workload run, learned from those that succeeded, and by when one that has a
// deadline must start: the annotation scheduling.openfuyao.io/deadline of the pod or of an owner, a
// time (RFC 3339) or a duration from the pod's creation.

#include "base/time.h"
#include "model/names.h"
#include "model/owner.h"
#include "model/pod.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ebb::core::placement {

struct StatedDeadline {
  std::string written;
  std::optional<Instant> at;   // none: what is written is neither
};
// By the nearest of the pod and its owners that states one.
std::optional<StatedDeadline> stated_deadline(const model::Pod& pod, const std::vector<const model::Owner*>& owners);
// None: nobody states one that can be read.
std::optional<Instant> deadline_of(const model::Pod& pod, const std::vector<const model::Owner*>& owners);

class RunTimes {
 public:
  // A pod of that workload ran so long and succeeded. Later ones count more: a quarter of the distance each time.
  void ended(const model::Uid& workload, Duration ran);
  // None: none of them has ended yet.
  std::optional<Duration> expected(const model::Uid& workload) const;
  void forget(const model::Uid& workload) { known_.erase(workload); }

  // The workload that a pod's run times belong to: the farthest owner that is known, else its controller.
  static model::Uid workload_of(const model::Pod& pod, const std::vector<const model::Owner*>& owners);

 private:
  std::map<model::Uid, Duration> known_;
};

}   // namespace ebb::core::placement
