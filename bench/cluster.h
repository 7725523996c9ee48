#pragma once

// The cluster around the scheduler that is measured: makes objects, delivers events, answers actions.

#include "bench/meter.h"
#include "bench/run.h"
#include "bench/workload.h"
#include "core/placement/placement.h"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace ebb::bench {

class Cluster {
 public:
  Cluster(const Workload& workload, const Templates& templates) : workload_(workload), templates_(templates) {}

  Measurement run();

 private:
  using Incoming = std::variant<model::ClusterEvent, model::ActionDone>;

  void set_up();
  void run_step(std::size_t index);
  void come(const PodStep& step, std::size_t index, std::int64_t number);
  void churn(const Churn& churn, std::int64_t number);
  model::Pod make_pod(const PodStep& step, std::size_t index, std::int64_t number) const;

  void deliver();   // what stands in incoming_
  void decide();    // until nobody more can be placed
  void answer();    // what the decisions asked for
  void answer(const core::placement::NumberedAction& action);
  model::Pod known(const model::ObjectKey& key) const;

  const Workload& workload_;
  const Templates& templates_;
  core::placement::Placement placement_;
  Instant now_ = Instant{} + hours(1);
  Meter meter_;
  std::vector<Incoming> incoming_;
  core::placement::Actions actions_;
  std::int64_t placed_ = 0;   // of the measured ones
  std::int64_t expected_ = 0;
  std::vector<std::int64_t> decisions_;   // nanoseconds for each measured pod
};

}   // namespace ebb::bench
