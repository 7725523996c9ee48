#include "sandbox/api/eviction.h"

#include "model/timestamp.h"
#include "sandbox/api/tree.h"

#include <algorithm>

namespace ebb::sandbox {

namespace {

constexpr std::size_t kDisruptedPodsMax = 2000;
constexpr int kRetrySeconds = 10;

const ResourceName kBudgets{"policy", "poddisruptionbudgets"};

std::string_view phase_of(const json::object& pod) {
  const json::object* status = object_in(pod, "status");
  return status == nullptr ? std::string_view() : text_in(*status, "phase");
}

bool is_ready(const json::object& pod) {
  const json::object* status = object_in(pod, "status");
  const json::array* conditions = status == nullptr ? nullptr : array_in(*status, "conditions");
  if (conditions == nullptr) return false;
  return std::ranges::any_of(*conditions, [](const json::value& one) {
    const json::object* condition = one.if_object();
    return condition != nullptr && text_in(*condition, "type") == "Ready" && text_in(*condition, "status") == "True";
  });
}

std::unexpected<Failure> too_many(std::string cause, int retry_seconds) {
  auto failure = generic(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.");
  failure.error().causes.push_back({"DisruptionBudget", std::move(cause), ""});
  failure.error().retry_after_seconds = retry_seconds;
  return failure;
}

}   // namespace

Result<model::LabelSelector> selector_of(const json::object& selector) {
  model::LabelSelector made;
  if (const json::object* labels = object_in(selector, "matchLabels")) {
    for (const auto& [key, value] : *labels) {
      EBB_TRY(auto requirement, model::make_requirement(std::string(key), model::SelectorOperator::in, {scalar_text(&value)}));
      made.requirements.push_back(std::move(requirement));
    }
  }
  if (const json::array* expressions = array_in(selector, "matchExpressions")) {
    for (const json::value& one : *expressions) {
      if (!one.is_object()) return fail(Errc::invalid, "a match expression must be an object");
      EBB_TRY(const auto op, model::parse_selector_operator(text_in(one.get_object(), "operator")));
      std::vector<std::string> values;
      if (const json::array* given = array_in(one.get_object(), "values")) {
        for (const json::value& value : *given) values.push_back(scalar_text(&value));
      }
      EBB_TRY(auto requirement, model::make_requirement(std::string(text_in(one.get_object(), "key")), op, std::move(values)));
      made.requirements.push_back(std::move(requirement));
    }
  }
  return made;
}

bool ignores_budgets(const json::object& pod) {
  const std::string_view phase = phase_of(pod);
  return phase == "Succeeded" || phase == "Failed" || phase == "Pending" || metadata_of(pod).contains("deletionTimestamp");
}

Answer<StoredPtr> budget_of(const Stored& pod, const Collection& budgets) {
  StoredPtr found;
  for (const StoredPtr& budget : budgets.range(pod.key.ns)) {
    const json::object object = budget->parse();
    const json::object* spec = object_in(object, "spec");
    const json::object* selector = spec == nullptr ? nullptr : object_in(*spec, "selector");
    if (selector == nullptr) continue;   // covers no pod
    const auto parsed = selector_of(*selector);
    if (!parsed || !parsed->matches(pod.labels)) continue;
    if (found) {
      return generic(500, "InternalError",
                     "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
    }
    found = budget;
  }
  return found;
}

bool unhealthy_pod_may_go(const json::object& pod, const json::object& budget) {
  if (is_ready(pod)) return false;
  const json::object* spec = object_in(budget, "spec");
  if (spec != nullptr && text_in(*spec, "unhealthyPodEvictionPolicy") == "AlwaysAllow") return true;
  const json::object* status = object_in(budget, "status");
  if (status == nullptr) return false;
  const std::int64_t desired = integer_in(*status, "desiredHealthy", 0);
  return desired > 0 && integer_in(*status, "currentHealthy", 0) >= desired;
}

Answer<void> spend_disruption(json::object& budget, const std::string& pod, Instant now) {
  const std::string name(metadata_text(budget, "name"));
  json::object& status = ensure_object(budget, "status");
  if (integer_in(status, "observedGeneration", 0) < integer_in(metadata_of(budget), "generation", 0)) {
    return too_many(fmt::format("The disruption budget {} is still being processed by the server.", name), kRetrySeconds);
  }
  const std::int64_t allowed = integer_in(status, "disruptionsAllowed", 0);
  if (allowed < 0) return forbidden(kBudgets, name, "pdb disruptions allowed is negative");
  json::object& disrupted = ensure_object(status, "disruptedPods");
  if (disrupted.size() > kDisruptedPodsMax) {
    return forbidden(kBudgets, name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
  }
  if (allowed == 0) {
    return too_many(fmt::format("The disruption budget {} needs {} healthy pods and has {} currently", name,
                                integer_in(status, "desiredHealthy", 0), integer_in(status, "currentHealthy", 0)),
                    0);
  }
  status["disruptionsAllowed"] = allowed - 1;
  disrupted[pod] = model::to_timestamp_text(now);
  return {};
}

}   // namespace ebb::sandbox
