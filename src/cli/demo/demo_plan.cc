#include "cli/demo/demo_plan.h"

#include <algorithm>

namespace ebb::cli {
namespace {

constexpr std::int64_t kFreeShare = 12;   // one part in so many stays unrequested
constexpr std::int64_t kFreeMax = 5;      // half of what the job runs at once: with more the job would lack nothing without colocation
constexpr std::int32_t kOnlineCpus = 2;   // each of the sample's online pods

}   // namespace

std::int32_t DemoPlan::checkout_replicas() const {
  const std::int64_t all = node_cpu.v / 1000 * nodes;
  const std::int64_t free = std::min((all + kFreeShare / 2) / kFreeShare, kFreeMax);
  return static_cast<std::int32_t>(std::max<std::int64_t>(1, all - free - std::int64_t{online_replicas} * kOnlineCpus));
}

std::vector<world::WorkloadRule> DemoPlan::workloads(Instant start) const {
  world::WorkloadRule online{.ns = "production", .owner_kind = "Deployment", .owner_name = "online-web-service"};
  online.workload.cpu = {.low = Permille{100}, .high = Permille{100}};   // the five together about one CPU
  world::WorkloadRule checkout{.ns = "production", .owner_kind = "Deployment", .owner_name = "checkout"};
  checkout.workload.cpu = {.low = Permille{150}, .high = Permille{450}, .period = on_sandbox_clock(day), .trough = first_trough(start)};
  checkout.workload.memory = Permille{600};
  world::WorkloadRule offline{.ns = "offline", .owner_kind = "Job", .owner_name = "data-analytics-job"};
  offline.workload.cpu = {.low = Permille{1000}, .high = Permille{1000}};
  offline.workload.cpu_max = cpus(1);
  offline.workload.memory = Permille{1000};
  offline.workload.work = world::cpu_seconds(work_cpu_seconds * kTimeScale);
  return {online, checkout, offline};
}

}   // namespace ebb::cli
