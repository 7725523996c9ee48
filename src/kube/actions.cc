#include "kube/actions.h"

#include "kube/objects.h"
#include "model/policy_parser.h"
#include "model/resources.h"
#include "model/timestamp.h"

#include <boost/json.hpp>

namespace ebb::kube {
namespace {

namespace json = boost::json;

constexpr int kConflictsMax = 3;
constexpr std::size_t kMarkedMax = 200'000;

json::string text(std::string_view value) { return json::string(value.data(), value.size()); }
json::string_view view(std::string_view value) { return {value.data(), value.size()}; }

template <class... Visitors>
struct Overload : Visitors... {
  using Visitors::operator()...;
};
template <class... Visitors>
Overload(Visitors...) -> Overload<Visitors...>;

std::string_view text_at(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  return found != nullptr && found->is_string() ? std::string_view(found->get_string()) : std::string_view();
}

const json::object* object_at(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  return found == nullptr ? nullptr : found->if_object();
}

Status without_value(Result<json::object> result) {
  if (!result) return std::unexpected(std::move(result).error());
  return {};
}

// The object's conditions with ours in place; none where it says so already.
std::optional<json::array> conditions_with(const json::object& policy, const model::SetPolicyCondition& wanted, Instant now) {
  const std::string_view status = wanted.accepted ? "True" : "False";
  const json::object* metadata = object_at(policy, "metadata");
  const json::value* generation = metadata == nullptr ? nullptr : metadata->if_contains("generation");
  json::object condition{{"type", "Accepted"},
                         {"status", text(status)},
                         {"reason", text(wanted.reason)},
                         {"message", text(wanted.message)},
                         {"lastTransitionTime", text(model::to_timestamp_text(now))}};
  if (wanted.generation != 0) {
    condition["observedGeneration"] = wanted.generation;
  } else if (generation != nullptr) {
    condition["observedGeneration"] = *generation;
  }
  json::array conditions;
  const json::object* old_status = object_at(policy, "status");
  const json::value* old = old_status == nullptr ? nullptr : old_status->if_contains("conditions");
  if (old != nullptr && old->is_array()) {
    for (const json::value& entry : old->get_array()) {
      const json::object* other = entry.if_object();
      if (other == nullptr || text_at(*other, "type") != "Accepted") {
        conditions.push_back(entry);
        continue;
      }
      if (text_at(*other, "status") != status) continue;
      if (const json::value* since = other->if_contains("lastTransitionTime")) condition["lastTransitionTime"] = *since;
      if (*other == condition) return std::nullopt;
    }
  }
  conditions.push_back(std::move(condition));
  return conditions;
}

}   // namespace

std::string ActionPerformer::key_of(const model::ClusterAction& action) {
  return std::visit(
      Overload{
          [](const model::Bind& a) { return "pod " + model::to_string(a.pod); },
          [](const model::MarkUnschedulable& a) { return "pod " + model::to_string(a.pod); },
          [](const model::PostEvent& a) { return fmt::format("event {} {}", a.regarding.kind, model::to_string(a.regarding.key)); },
          [](const model::PublishOversold& a) { return "node " + a.node.v; },
          [](const model::SetPolicyCondition& a) { return "policy " + model::to_string(a.policy); },
          [](const model::KeepAcceptedPolicy& a) { return fmt::format("kept {} {}", a.document.kind, model::to_string(a.document.key)); },
          [](const model::Evict& a) { return "pod " + model::to_string(a.pod); },
          [](const model::Nominate& a) { return "pod " + model::to_string(a.pod); },
          [](const model::SelectClaimNode& a) { return "claim " + model::to_string(a.claim); },
          [](const model::BindVolume& a) { return "volume " + a.volume; },
          [](const model::SetPodGroupStatus& a) { return "group " + model::to_string(a.group); },
      },
      action);
}

Status ActionPerformer::perform(const model::ClusterAction& action, const Stop* stop) {
  return std::visit([&](const auto& a) { return perform(a, stop); }, action);
}

Status ActionPerformer::perform(const model::Bind& action, const Stop* stop) {
  Status bound = bind_pod(client_, action.pod, action.uid, action.node, action.annotations, stop);
  if (bound) forget_pod(action.uid);
  return bound;
}

void ActionPerformer::forget_pod(const model::Uid& uid) {
  const std::lock_guard lock(mutex_);
  marked_.erase(uid);
}

Status ActionPerformer::perform(const model::MarkUnschedulable& action, const Stop* stop) {
  json::object condition{{"type", "PodScheduled"}, {"status", "False"}, {"reason", "Unschedulable"}, {"message", text(action.message)}};
  {
    const std::lock_guard lock(mutex_);
    if (!marked_.contains(action.uid)) condition["lastTransitionTime"] = text(model::to_timestamp_text(now_()));
  }
  json::object patch{{"status", json::object{{"conditions", json::array{std::move(condition)}}}}};
  // The API server refuses the patch where the uid is not this pod's.
  if (!action.uid.empty()) patch["metadata"] = json::object{{"uid", text(action.uid.v)}};
  EBB_TRY_VOID(without_value(
      patch_object(client_, resources::kPods, action.pod, PatchKind::strategic, patch, {.subresource = "status", .stop = stop})));
  const std::lock_guard lock(mutex_);
  if (marked_.size() >= kMarkedMax) marked_.clear();
  marked_.insert(action.uid);
  return {};
}

Status ActionPerformer::perform(const model::PostEvent& action, const Stop* stop) { return events_.post(action, stop); }

Status ActionPerformer::perform(const model::PublishOversold& action, const Stop* stop) {
  const auto amount = [](std::optional<std::int64_t> value) {
    return value ? json::value(text(std::to_string(*value))) : json::value(nullptr);
  };
  json::object amounts;
  amounts[view(model::kBatchCpu)] = amount(action.cpu ? std::optional(action.cpu->v) : std::nullopt);
  amounts[view(model::kBatchMemory)] = amount(action.memory ? std::optional(action.memory->v) : std::nullopt);
  const bool any = action.cpu || action.memory;
  json::object annotations;
  annotations[view(model::kOversoldByAnnotation)] = any ? json::value(text(model::kOversoldByEbb)) : json::value(nullptr);
  // One write for both: an amount without its mark would be taken for somebody else's.
  const json::object patch{{"metadata", json::object{{"annotations", std::move(annotations)}}},
                           {"status", json::object{{"capacity", amounts}, {"allocatable", amounts}}}};
  return without_value(
      patch_object(client_, resources::kNodes, {"", action.node.v}, PatchKind::merge, patch, {.subresource = "status", .stop = stop}));
}

Status ActionPerformer::perform(const model::KeepAcceptedPolicy& action, const Stop* stop) {
  json::object annotations;
  annotations[view(model::kLastAcceptedAnnotation)] = text(action.text);
  // The API server refuses the patch where the uid is not this object's.
  const json::object patch{{"metadata", json::object{{"uid", text(action.document.uid.v)}, {"annotations", std::move(annotations)}}}};
  const Resource& resource = action.document.kind == model::kPolicyKind ? resources::kColocationPolicies : resources::kConfigMaps;
  return without_value(patch_object(client_, resource, action.document.key, PatchKind::merge, patch, {.stop = stop}));
}

Status ActionPerformer::perform(const model::SetPolicyCondition& action, const Stop* stop) {
  for (int conflicts = 0;; ++conflicts) {
    EBB_TRY(const json::object policy, get_object(client_, resources::kColocationPolicies, action.policy));
    const json::object* metadata = object_at(policy, "metadata");
    if (metadata == nullptr || (!action.uid.empty() && text_at(*metadata, "uid") != action.uid.v)) {
      return fail(Errc::conflict, "ColocationPolicy {} is another one by now", model::to_string(action.policy));
    }
    auto conditions = conditions_with(policy, action, now_());
    if (!conditions) return {};
    const json::object patch{{"metadata", json::object{{"resourceVersion", text(text_at(*metadata, "resourceVersion"))}}},
                             {"status", json::object{{"conditions", *std::move(conditions)}}}};
    auto patched = patch_object(client_, resources::kColocationPolicies, action.policy, PatchKind::merge, patch,
                                {.subresource = "status", .stop = stop});
    const bool again = !patched && patched.error().code == Errc::conflict && conflicts < kConflictsMax;
    if (!again) return without_value(std::move(patched));
  }
}

}   // namespace ebb::kube
