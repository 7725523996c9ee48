#pragma once

// Which class, pool and priority band a pod has, and why. One pure function over a table of rules:
// openFuyao's own keys first, then row by row what Volcano, rubik and Koordinator call the same
// things, then the labels and the shape of the resources. Users annotate the Deployment or the Job,
// so every key is looked up on the pod and then along its owners, nearest first.

#include "core/colocation/priority_band.h"
#include "model/owner.h"
#include "model/pod.h"
#include "model/qos_class.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::core {

inline constexpr std::string_view kQosClassAnnotation = "scheduling.openfuyao.io/qos-class";
inline constexpr std::string_view kQosLevelAnnotation = "openfuyao.com/qos-level";
inline constexpr std::string_view kResourcePoolAnnotation = "scheduling.openfuyao.io/resource-pool";
inline constexpr std::string_view kL3CachePercentAnnotation = "scheduling.openfuyao.io/l3-cache-percent";   // 1..100
inline constexpr std::string_view kLatencyMetricAnnotation = "scheduling.openfuyao.io/latency-metric";
inline constexpr std::string_view kDeadlineAnnotation = "scheduling.openfuyao.io/deadline";
inline constexpr std::string_view kCacheLimitAnnotation = "volcano.sh/cache-limit";   // low, middle, high, max, dynamic
inline constexpr std::string_view kWorkloadTypeLabel = "workload.type";
inline constexpr std::string_view kVolcanoQosLevel = "volcano.sh/qos-level";
inline constexpr std::string_view kVolcanoPreemptable = "volcano.sh/preemptable";
inline constexpr std::string_view kKoordinatorQosClass = "koordinator.sh/qosClass";

struct Resolved {
  model::QosClass qos = model::QosClass::ls;
  // Some key, label or oversold request told the class. False: only Kubernetes' own class is known,
  // which sets kernel weights and nothing else.
  bool explicit_class = false;
  bool offline = false;      // told to be BE: counted, pushed back, evicted as offline work
  bool restricted = false;   // the pod said something, so class and pool limit the nodes it may use
  model::Pool pool = model::Pool::online;
  bool pool_explicit = false;
  PriorityBand band = PriorityBand::normal;
  std::string reason;                  // of the class: "annotation KEY=VALUE on Job offline/data-analytics-job"
  std::vector<std::string> problems;   // values that do not exist, with those that do: an admission refuses
  std::string shape_problem;           // HLS asked for without its shape: refused too, under a policy; mostly empty
  std::vector<std::string> warnings;   // what is accepted and does something else than it says

  friend bool operator==(const Resolved&, const Resolved&) = default;
};

// `owners` is the chain of controllers, nearest first: ReplicaSet, Deployment.
Resolved resolve(const model::Pod& pod, std::span<const model::Owner* const> owners);

// Everything that the pod's author should hear where no admission refused the pod: problems, the
// shape's too, and warnings.
std::vector<std::string> remarks(const Resolved& resolved);

// A key that the pod has from an owner only, as it stands there.
struct InheritedKey {
  std::string_view key;
  std::string_view value;
  bool annotation = true;   // else a label

  friend bool operator==(const InheritedKey&, const InheritedKey&) = default;
};

// What resolve() finds on owners rather than on the pod. The views point into the owners.
std::vector<InheritedKey> inherited_keys(const model::Pod& pod, std::span<const model::Owner* const> owners);

// Guaranteed, with a container of whole CPUs: what the kubelet gives exclusive cores to.
bool has_exclusive_cores_shape(const model::Pod& pod);

// kube-system, DaemonSet and static pods, system-critical priorities: never BE, whatever they say.
// Empty for any other pod, else why.
std::string_view never_offline_reason(const model::Pod& pod, std::span<const model::Owner* const> owners);

}   // namespace ebb::core
