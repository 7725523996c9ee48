#include "model/policy_fields.h"

#include "base/check.h"
#include "model/duration.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <type_traits>

namespace ebb::model {
namespace {

using Policy = ColocationPolicy;

// From a member to the 64 bits that every field's value fits into, and back.
template <class T>
struct Held;
template <>
struct Held<bool> {
  static std::optional<std::int64_t> out(bool value) { return value ? 1 : 0; }
  static bool in(std::int64_t value) { return value != 0; }
};
template <>
struct Held<std::int32_t> {
  static std::optional<std::int64_t> out(std::int32_t value) { return value; }
  static std::int32_t in(std::int64_t value) { return static_cast<std::int32_t>(value); }
};
template <>
struct Held<Permille> {
  static std::optional<std::int64_t> out(Permille value) { return value.v; }
  static Permille in(std::int64_t value) { return Permille{value}; }
};
template <>
struct Held<std::optional<Permille>> {
  static std::optional<std::int64_t> out(std::optional<Permille> value) { return value ? std::optional(value->v) : std::nullopt; }
  static std::optional<Permille> in(std::int64_t value) { return Permille{value}; }
};
template <>
struct Held<Duration> {
  static std::optional<std::int64_t> out(Duration value) { return value.v; }
  static Duration in(std::int64_t value) { return Duration{value}; }
};
template <>
struct Held<NumaStrategy> {
  static std::optional<std::int64_t> out(NumaStrategy value) { return static_cast<std::int64_t>(value); }
  static NumaStrategy in(std::int64_t value) { return static_cast<NumaStrategy>(value); }
};

struct Range {
  std::int64_t low;
  std::int64_t high;
};

// The field at the end of a path of members, e.g. at<&Policy::eviction, &Eviction::aggressive>.
template <auto... Path>
constexpr PolicyField at(std::string_view key, FieldForm form, Range range, std::string_view help) {
  using Member = std::remove_cvref_t<decltype((std::declval<Policy&>().*....*Path))>;
  return {.key = key,
          .form = form,
          .low = range.low,
          .high = range.high,
          .help = help,
          .get = [](const Policy& policy) { return Held<Member>::out((policy.*....*Path)); },
          .set = [](Policy& policy, std::int64_t value) { (policy.*....*Path) = Held<Member>::in(value); }};
}

constexpr Range kSwitch{0, 1};
constexpr Range kShare{0, 1000};
constexpr Range kMultiple{1000, 10'000};
constexpr Range kPercent{1, 100};
constexpr Range kStrategies{0, std::ssize(kNumaStrategies) - 1};

constexpr Range between(Duration low, Duration high) { return {low.v, high.v}; }

using enum FieldForm;

constexpr auto kFields = std::to_array<PolicyField>({
    at<&Policy::enabled>("enabled", boolean, kSwitch,
                         "The master switch. Off, offline work leaves gracefully and every setting is taken back."),
    at<&Policy::resource_sharing, &ResourceSharing::cpu_threshold>(
        "resourceSharing.cpuThreshold", share, kShare,
        "Admission line for CPU: no offline pod is placed that would take the node's predicted use above this share of allocatable."),
    at<&Policy::resource_sharing, &ResourceSharing::memory_threshold>("resourceSharing.memoryThreshold", share, kShare,
                                                                      "Admission line for memory."),
    at<&Policy::resource_sharing, &ResourceSharing::cpu_overcommit_ratio>(
        "resourceSharing.cpuOvercommitRatio", share, kMultiple,
        "Cap on native CPU requests and offline CPU requests together, as a multiple of allocatable."),
    at<&Policy::resource_sharing, &ResourceSharing::memory_overcommit_ratio>(
        "resourceSharing.memoryOvercommitRatio", share, kMultiple,
        "Cap on native memory requests and offline memory requests together, as a multiple of allocatable."),
    at<&Policy::qos_guarantee, &QosGuarantee::online_latency_slo>("qosGuarantee.onlineLatencySLO", duration,
                                                                  between(milliseconds(1), seconds(60)),
                                                                  "Latency that online work must keep where its latency can be measured."),
    at<&Policy::qos_guarantee, &QosGuarantee::cpu_burst_ratio>("qosGuarantee.cpuBurstRatio", share, kMultiple,
                                                               "How many times its CPU limit an LS pod may use while the node is idle."),
    at<&Policy::qos_guarantee, &QosGuarantee::memory_burst_ratio>(
        "qosGuarantee.memoryBurstRatio", share, kMultiple,
        "How many times its memory request an LS pod without a limit may hold while the node is above the water line."),
    at<&Policy::eviction, &Eviction::enabled>("eviction.enabled", boolean, kSwitch, "Whether offline pods may be evicted at all."),
    at<&Policy::eviction, &Eviction::aggressive>(
        "eviction.aggressive", boolean, kSwitch,
        "Above the water line, evict offline pods until use is below it again, whether online work suffers or not."),
    at<&Policy::eviction, &Eviction::grace_period>("eviction.gracePeriodSeconds", whole_seconds, between(seconds(0), seconds(3600)),
                                                   "Time an evicted pod has to end by itself."),
    at<&Policy::eviction, &Eviction::water_line_cpu>("eviction.waterLine.cpu", share, kShare,
                                                     "Water line for CPU: above it offline work may not grow and is pushed back."),
    at<&Policy::eviction, &Eviction::water_line_memory>("eviction.waterLine.memory", share, kShare, "Water line for memory."),
    at<&Policy::eviction, &Eviction::cpu_pressure_threshold>(
        "eviction.cpuPressureThreshold", share, kShare,
        "Pressure line for CPU: above it offline work is held to the floor at once, and evicted if that is not enough."),
    at<&Policy::eviction, &Eviction::memory_pressure_threshold>("eviction.memoryPressureThreshold", share, kShare,
                                                                "Pressure line for memory."),
    at<&Policy::numa_affinity, &NumaAffinity::enabled>("numaAffinity.enabled", boolean, kSwitch,
                                                       "Whether pods are placed with regard to NUMA nodes."),
    at<&Policy::numa_affinity, &NumaAffinity::strategy>("numaAffinity.strategy", numa_strategy, kStrategies,
                                                        "The kubelet's topology manager policy that placement follows."),
    at<&Policy::numa_affinity, &NumaAffinity::strict_mode>("numaAffinity.strictMode", boolean, kSwitch,
                                                           "A pod whose strategy cannot be met waits instead of being placed worse."),
    at<&Policy::numa_affinity, &NumaAffinity::topology_awareness>("numaAffinity.topologyAwareness", boolean, kSwitch,
                                                                  "Whether distances between NUMA nodes count in the choice."),
    at<&Policy::load_prediction, &LoadPrediction::enabled>("loadPrediction.enabled", boolean, kSwitch,
                                                           "Whether the oversold amount looks ahead instead of at the present use."),
    at<&Policy::load_prediction, &LoadPrediction::prediction_window>("loadPrediction.predictionWindow", duration,
                                                                     between(minutes(1), hours(24)), "How far the prediction looks ahead."),
    at<&Policy::load_prediction, &LoadPrediction::history_data_range>(
        "loadPrediction.historyDataRange", duration, between(hours(1), hours(30 * 24)), "How far back the prediction remembers."),
    at<&Policy::rescheduling, &Rescheduling::enabled>("rescheduling.enabled", boolean, kSwitch,
                                                      "Whether pods may be moved to looser nodes."),
    at<&Policy::rescheduling, &Rescheduling::cooldown_period>("rescheduling.cooldownPeriod", duration, between(hours(0), hours(24)),
                                                              "How long a workload rests after a move."),
    at<&Policy::rescheduling, &Rescheduling::max_migrating_pods>("rescheduling.maxMigratingPods", count, Range{0, 1000},
                                                                 "How many pods may be on the move at once."),
    at<&Policy::isolation, &Isolation::l3, &ClassShares::hls>("isolation.l3.hls", percent, kPercent,
                                                              "Share of the last-level cache of class HLS."),
    at<&Policy::isolation, &Isolation::l3, &ClassShares::ls>("isolation.l3.ls", percent, kPercent,
                                                             "Share of the last-level cache of class LS."),
    at<&Policy::isolation, &Isolation::l3, &ClassShares::be>("isolation.l3.be", percent, kPercent,
                                                             "Share of the last-level cache of class BE."),
    at<&Policy::isolation, &Isolation::memory_bandwidth, &ClassShares::hls>("isolation.memoryBandwidth.hls", percent, kPercent,
                                                                            "Share of the memory bandwidth of class HLS."),
    at<&Policy::isolation, &Isolation::memory_bandwidth, &ClassShares::ls>("isolation.memoryBandwidth.ls", percent, kPercent,
                                                                           "Share of the memory bandwidth of class LS."),
    at<&Policy::isolation, &Isolation::memory_bandwidth, &ClassShares::be>("isolation.memoryBandwidth.be", percent, kPercent,
                                                                           "Share of the memory bandwidth of class BE."),
});

constexpr std::string_view kWaterRule = "the water line must not be above the admission line";
constexpr std::string_view kPressureRule = "the admission line must not be above the pressure line";

constexpr auto kOrders = std::to_array<PolicyOrder>({
    {"eviction.waterLine.cpu", "resourceSharing.cpuThreshold", kWaterRule},
    {"eviction.waterLine.memory", "resourceSharing.memoryThreshold", kWaterRule},
    {"resourceSharing.cpuThreshold", "eviction.cpuPressureThreshold", kPressureRule},
    {"resourceSharing.memoryThreshold", "eviction.memoryPressureThreshold", kPressureRule},
    {"loadPrediction.predictionWindow", "loadPrediction.historyDataRange", "the prediction cannot look further ahead than back"},
});

constexpr auto kSums = std::to_array<PolicySum>({{"isolation.l3", true}, {"isolation.memoryBandwidth", false}});

std::string share_text(std::int64_t permille) {
  std::string text = fmt::format("{}.{:03}", permille / 1000, permille % 1000);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

}   // namespace

std::span<const PolicyField> policy_fields() { return kFields; }
std::span<const PolicyOrder> policy_orders() { return kOrders; }
std::span<const PolicySum> policy_sums() { return kSums; }

const PolicyField* find_policy_field(std::string_view key) {
  const auto* const found = std::ranges::find(kFields, key, &PolicyField::key);
  return found == kFields.end() ? nullptr : found;
}

std::vector<std::string_view> policy_steps(std::string_view section) {
  std::vector<std::string_view> steps;
  for (const PolicyField& field : kFields) {
    std::string_view rest = field.key;
    if (!section.empty()) {
      if (!rest.starts_with(section) || rest.substr(section.size(), 1) != ".") continue;
      rest.remove_prefix(section.size() + 1);
    }
    const std::string_view step = rest.substr(0, rest.find('.'));
    if (std::ranges::find(steps, step) == steps.end()) steps.push_back(step);
  }
  return steps;
}

std::optional<std::int64_t> effective_value(const PolicyField& field, const ColocationPolicy& policy) {
  if (field.key == "eviction.waterLine.cpu") return water_line_cpu(policy.resource_sharing, policy.eviction).v;
  if (field.key == "eviction.waterLine.memory") return water_line_memory(policy.resource_sharing, policy.eviction).v;
  return field.get(policy);
}

std::string value_text(FieldForm form, std::int64_t value) {
  switch (form) {
    case boolean: return value != 0 ? "true" : "false";
    case share: return share_text(value);
    case duration: return to_short_duration_text(Duration{value});
    case whole_seconds: return fmt::format("{}", value / seconds(1).v);
    case count:
    case percent: return fmt::format("{}", value);
    case numa_strategy: return std::string(kNumaStrategies[static_cast<std::size_t>(value)]);
  }
  EBB_UNREACHABLE();
}

std::string allowed_text(const PolicyField& field) {
  const std::string low = value_text(field.form, field.low);
  const std::string high = value_text(field.form, field.high);
  switch (field.form) {
    case boolean: return "true or false";
    case share: return fmt::format("a number from {} to {}", low, high);
    case duration: return fmt::format("a duration from {} to {}", low, high);
    case whole_seconds: return fmt::format("a whole number of seconds from {} to {}", low, high);
    case count: return fmt::format("a whole number from {} to {}", low, high);
    case percent: return fmt::format("a whole percentage from {} to {}", low, high);
    case numa_strategy: return fmt::format("one of {}, {}, {}", kNumaStrategies[0], kNumaStrategies[1], kNumaStrategies[2]);
  }
  EBB_UNREACHABLE();
}

std::string default_text(const PolicyField& field) {
  const auto value = field.get(ColocationPolicy{});
  if (value) return value_text(field.form, *value);
  if (field.key.starts_with("eviction.waterLine.")) return "the smaller of 0.6 and the admission line";
  return "none: no cap";
}

}   // namespace ebb::model
