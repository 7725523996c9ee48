#pragma once

// The control plane's controllers: Deployment, ReplicaSet, Job, garbage collection, namespaces,
// node lifecycle with taint-based eviction, pod garbage, disruption budgets. StatefulSet, DaemonSet,
// CronJob, Endpoints and HorizontalPodAutoscaler are stored by the API and have no behaviour here.

#include "base/time.h"
#include "sandbox/api/api.h"
#include "sandbox/api/controller.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ebb::sandbox {

struct ControllerOptions {
  std::string root_ca_pem;                     // goes into every namespace's kube-root-ca.crt
  Duration node_grace = seconds(40);           // a node silent for longer is not ready
  Duration lost_node_grace = seconds(40);      // a pod whose node object is gone is removed after it
  std::int64_t terminated_pods_max = 12'500;   // beyond it the oldest finished pods are removed
};

// In the order in which they must hear of changes. Objects that exist already are taken in. The
// caller passes every later change to every controller (Api::observe), and runs those that are due.
std::vector<std::unique_ptr<Controller>> make_controllers(Api& api, ControllerOptions options);

}   // namespace ebb::sandbox
