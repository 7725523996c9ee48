#pragma once

// The sandbox's built-in admission of pods: core/admission's decision, applied to the object as the
// API has it. Knows owners and policy from what it observes, so a pod created in the same breath as
// its Job is judged with it.

#include "base/result.h"
#include "core/admission/admission.h"
#include "core/colocation/owner_index.h"
#include "core/policy/policy_in_force.h"
#include "sandbox/api/controller.h"
#include "sandbox/api/make_api.h"

#include <string_view>

namespace ebb::sandbox {

class PodAdmission final {
 public:
  // To be called for each change of the API, and for what existed before.
  void observe(const Change& change);

  // Changes the pod or refuses it. Errors: denied, saying what to change.
  Status review(const AdmissionReview& review, json::object& pod);

  const model::ColocationPolicy* policy() const { return policy_.policy(); }

 private:
  void observe_owner(const Change& change);
  void observe_policy(const Change& change);

  core::OwnerIndex owners_;
  core::policy::PolicyInForce policy_;
};

// Hands the changes of the API to an admission, as one of the control plane's controllers.
class AdmissionObserver final : public Controller {
 public:
  AdmissionObserver(Api& api, PodAdmission& admission);
  std::string_view name() const override { return "admission"; }
  void observe(const Change& change) override { admission_.observe(change); }
  Instant run(Instant) override { return kNever; }

 private:
  PodAdmission& admission_;
};

// The decision's changes, made in the object.
void apply_changes(const core::PodChanges& changes, json::object& pod);

}   // namespace ebb::sandbox
