#pragma once

// How a workload gets and loses pods by their labels: a pod without a controller that matches its
// selector is adopted, an owned one that matches no more is let go. Never a pod of somebody else.

#include "base/result.h"
#include "model/label_selector.h"
#include "sandbox/controllers/client.h"
#include "sandbox/controllers/pod_index.h"

#include <string>

namespace ebb::sandbox::control {

Status release_strays(const Client& client, const PodIndex& pods, const std::string& owner_uid, const model::LabelSelector& selector,
                      Instant now);
Status adopt_orphans(const Client& client, const PodIndex& pods, const json::object& owner, const model::LabelSelector& selector,
                     Instant now);

// Writes the owner's controller reference into an object that has none. False: somebody was faster.
bool add_controller(json::object& object, const json::object& owner);

}   // namespace ebb::sandbox::control
