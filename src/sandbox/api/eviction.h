#pragma once

// When the eviction API may delete a pod: the rules of PodDisruptionBudgets at the moment of asking.

#include "base/time.h"
#include "model/label_selector.h"
#include "sandbox/api/failure.h"
#include "sandbox/store/object_store.h"

#include <string>

namespace ebb::sandbox {

// Finished, not yet started or already leaving: nobody's budget counts it.
bool ignores_budgets(const json::object& pod);

// The budget that covers the pod; null: none. Errors: 500, where there are several.
Answer<StoredPtr> budget_of(const Stored& pod, const Collection& budgets);

// A pod that is not ready protects nothing: by the budget's unhealthyPodEvictionPolicy it may go without being counted.
bool unhealthy_pod_may_go(const json::object& pod, const json::object& budget);

// Takes one disruption from the budget's status and notes the pod there. Errors: 429 with cause DisruptionBudget, 403.
Answer<void> spend_disruption(json::object& budget, const std::string& pod, Instant now);

// A LabelSelector object. An empty one matches everything. Errors: invalid.
Result<model::LabelSelector> selector_of(const json::object& selector);

}   // namespace ebb::sandbox
