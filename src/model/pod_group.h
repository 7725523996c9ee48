#pragma once

// Pods that start together or not at all, and the queues that share a cluster: PodGroup of Volcano, of
// scheduler-plugins and of Kubernetes, and Volcano's Queue.

#include "base/time.h"
#include "model/names.h"
#include "model/pod.h"
#include "model/resources.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ebb::model {

enum class PodGroupDialect {
  volcano,             // scheduling.volcano.sh/v1beta1
  scheduler_plugins,   // scheduling.x-k8s.io/v1alpha1
  kubernetes,          // scheduling.k8s.io, spec.schedulingPolicy.gang.minCount
};

struct PodGroup {
  PodGroupDialect dialect = PodGroupDialect::volcano;
  ObjectKey key;
  Uid uid;
  std::string resource_version;
  std::string api_version;   // as it was read, for writing its status back
  Instant created;
  Annotations annotations;
  std::vector<OwnerRef> owners;
  std::int32_t min_member = 1;                           // minCount; 1 where the policy is not a gang
  std::map<std::string, std::int32_t> min_task_member;   // Volcano
  Resources min_resources;                               // zero: not stated
  std::string queue;                                     // Volcano; empty: "default"
  std::string priority_class;
  std::optional<Duration> schedule_timeout;   // scheduler-plugins: scheduleTimeoutSeconds
  std::string phase;                          // status.phase as last written: Pending, Inqueue, Running ...
  std::string condition;                      // TYPE/STATUS/REASON of the last condition that Ebb writes; for not repeating it

  friend bool operator==(const PodGroup&, const PodGroup&) = default;
};

struct Queue {   // Volcano; cluster-scoped
  std::string name;
  Uid uid;
  std::string resource_version;
  Instant created;
  std::string parent;   // empty: the root
  std::int64_t weight = 1;
  std::int32_t priority = 0;
  bool reclaimable = true;
  bool open = true;         // spec/status state Open
  NamedAmounts guarantee;   // spec.guarantee.resource
  NamedAmounts deserved;
  NamedAmounts capability;   // the cap: what it does not name is not capped

  friend bool operator==(const Queue&, const Queue&) = default;
};

struct DisruptionBudget {   // PodDisruptionBudget
  ObjectKey key;
  Uid uid;
  std::string resource_version;
  std::optional<LabelSelector> selector;     // none: no pod; empty: every pod of the namespace
  std::int32_t disruptions_allowed = 0;      // status
  std::vector<std::string> disrupted_pods;   // status.disruptedPods: already counted

  friend bool operator==(const DisruptionBudget&, const DisruptionBudget&) = default;
};

}   // namespace ebb::model
