#pragma once

// ColocationPolicy of scheduling.openfuyao.io/v1alpha1 and the node overlay, as values that have
// been checked: ranges, units and the order of the lines hold (see policy_parser.h).

#include "base/time.h"
#include "base/units.h"
#include "model/label_selector.h"
#include "model/names.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ebb::model {

enum class NumaStrategy { best_effort, restricted, single_numa_node };

struct ResourceSharing {
  Permille cpu_threshold{800};   // admission line
  Permille memory_threshold{700};
  std::optional<Permille> cpu_overcommit_ratio;   // 1000..10000; none: no cap
  std::optional<Permille> memory_overcommit_ratio;

  friend bool operator==(const ResourceSharing&, const ResourceSharing&) = default;
};

struct QosGuarantee {
  Duration online_latency_slo = milliseconds(100);
  Permille cpu_burst_ratio{2000};
  Permille memory_burst_ratio{1500};

  friend bool operator==(const QosGuarantee&, const QosGuarantee&) = default;
};

struct Eviction {
  bool enabled = true;
  bool aggressive = false;
  Duration grace_period = seconds(30);
  std::optional<Permille> water_line_cpu;   // none: the smaller of 600 and the admission line
  std::optional<Permille> water_line_memory;
  Permille cpu_pressure_threshold{900};   // pressure line
  Permille memory_pressure_threshold{850};

  friend bool operator==(const Eviction&, const Eviction&) = default;
};

struct ClassShares {   // percent of the whole, e.g. of the L3 ways
  std::int32_t hls = 0, ls = 0, be = 0;

  friend bool operator==(const ClassShares&, const ClassShares&) = default;
};

struct Isolation {
  ClassShares l3{50, 30, 20};
  ClassShares memory_bandwidth{50, 30, 10};

  friend bool operator==(const Isolation&, const Isolation&) = default;
};

struct NumaAffinity {
  bool enabled = true;
  NumaStrategy strategy = NumaStrategy::best_effort;
  bool strict_mode = false;
  bool topology_awareness = true;

  friend bool operator==(const NumaAffinity&, const NumaAffinity&) = default;
};

struct LoadPrediction {
  bool enabled = true;
  Duration prediction_window = minutes(15);
  Duration history_data_range = hours(7 * 24);

  friend bool operator==(const LoadPrediction&, const LoadPrediction&) = default;
};

struct Rescheduling {
  bool enabled = true;
  Duration cooldown_period = minutes(5);
  std::int32_t max_migrating_pods = 10;

  friend bool operator==(const Rescheduling&, const Rescheduling&) = default;
};

struct ColocationPolicy {
  std::string name = "default-colocation-policy";
  bool enabled = true;
  ResourceSharing resource_sharing;
  QosGuarantee qos_guarantee;
  Eviction eviction;
  NumaAffinity numa_affinity;
  LoadPrediction load_prediction;
  Rescheduling rescheduling;
  Isolation isolation;

  friend bool operator==(const ColocationPolicy&, const ColocationPolicy&) = default;
};

// Where eviction's water line stands once the default is resolved against the admission line.
Permille water_line_cpu(const ResourceSharing& sharing, const Eviction& eviction);
Permille water_line_memory(const ResourceSharing& sharing, const Eviction& eviction);

// One field of the policy that an overlay entry states for its nodes.
struct FieldSetting {
  std::string key;          // of model/policy_fields.h: "eviction.waterLine.cpu"
  std::int64_t value = 0;   // in the unit that the field is held in

  friend bool operator==(const FieldSetting&, const FieldSetting&) = default;
};

// One entry of node-colocation-config.
struct NodeOverlayEntry {
  Labels match_labels;   // all must match; empty matches every node
  bool colocation_enabled = true;
  std::optional<std::int32_t> max_offline_pods;
  MilliCpu reserve_cpu;
  Bytes reserve_memory;
  std::vector<FieldSetting> overrides;   // of resourceSharing, eviction and isolation; what is not stated here is the policy's

  friend bool operator==(const NodeOverlayEntry&, const NodeOverlayEntry&) = default;
};

struct NodeOverlay {
  std::vector<NodeOverlayEntry> entries;   // first match in document order wins

  const NodeOverlayEntry* first_match(const Labels& node_labels) const;
  friend bool operator==(const NodeOverlay&, const NodeOverlay&) = default;
};

// The policy with an entry's own fields over it. Whether the result makes sense is for check_policy
// (policy_check.h) to say.
ColocationPolicy with_overrides(const ColocationPolicy& policy, const NodeOverlayEntry& entry);

// What holds on one node: the policy with the first matching overlay entry applied.
struct NodePolicy {
  bool colocation = false;   // BE may run here
  ResourceSharing resource_sharing;
  Eviction eviction;
  Isolation isolation;
  std::optional<std::int32_t> max_offline_pods;
  MilliCpu reserve_cpu;
  Bytes reserve_memory;

  friend bool operator==(const NodePolicy&, const NodePolicy&) = default;
};

// colocation is on where the first matching entry says so, or, where none matches, on nodes
// labelled workload.type mixed or offline; never while the policy is absent or disabled. Overrides that
// contradict the policy (a policy may change after them) are left out, the others are not.
NodePolicy resolve_node_policy(const ColocationPolicy* policy, const NodeOverlay& overlay, const Labels& node_labels);

}   // namespace ebb::model
