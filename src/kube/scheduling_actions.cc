// The actions that making room, volumes and gangs need. Each leaves alone what stands there already, so
// that doing one twice does no harm.

#include "kube/actions.h"
#include "kube/objects.h"
#include "model/timestamp.h"

#include <boost/json.hpp>

#include <array>

namespace ebb::kube {
namespace {

namespace json = boost::json;

constexpr int kConflictsMax = 3;
constexpr std::string_view kSelectedNode = "volume.kubernetes.io/selected-node";
constexpr std::string_view kBoundByController = "pv.kubernetes.io/bound-by-controller";
constexpr std::string_view kInitiallyScheduled = "PodGroupInitiallyScheduled";

json::string text(std::string_view value) { return json::string(value.data(), value.size()); }

std::string_view text_at(const json::object* object, std::string_view key) {
  const json::value* found = object == nullptr ? nullptr : object->if_contains(key);
  return found != nullptr && found->is_string() ? std::string_view(found->get_string()) : std::string_view();
}

const json::object* object_at(const json::object* object, std::string_view key) {
  const json::value* found = object == nullptr ? nullptr : object->if_contains(key);
  return found == nullptr ? nullptr : found->if_object();
}

std::int64_t number_at(const json::object* object, std::string_view key) {
  const json::value* found = object == nullptr ? nullptr : object->if_contains(key);
  const std::int64_t* number = found == nullptr ? nullptr : found->if_int64();
  return number == nullptr ? 0 : *number;
}

Status without_value(Result<json::object> result) {
  if (!result) return std::unexpected(std::move(result).error());
  return {};
}

// metadata that makes the API server refuse a patch where the uid is another object's.
json::object only_if(const model::Uid& uid) {
  json::object metadata;
  if (!uid.empty()) metadata["uid"] = text(uid.v);
  return metadata;
}

json::value name_or_null(const model::NodeName& node) { return node.empty() ? json::value(nullptr) : json::value(text(node.v)); }

Resource resource_of(const model::SetPodGroupStatus& action) {
  const std::string& version = action.api_version;
  if (const std::size_t slash = version.find('/'); slash != std::string::npos) {
    return {version.substr(0, slash), version.substr(slash + 1), "podgroups"};
  }
  switch (action.dialect) {
    case model::PodGroupDialect::volcano: return resources::kVolcanoPodGroups;
    case model::PodGroupDialect::scheduler_plugins: return resources::kPluginsPodGroups;
    case model::PodGroupDialect::kubernetes: return resources::kPodGroups;
  }
  return resources::kPodGroups;
}

// A condition's fields beside type, status, reason and message, which all dialects share: Volcano numbers
// a transition, Kubernetes says which spec was looked at.
void add_dialect_fields(model::PodGroupDialect dialect, const json::object* metadata, json::object& condition) {
  if (dialect == model::PodGroupDialect::volcano) {
    condition["transitionID"] = text(fmt::format("{}/{}", text_at(metadata, "uid"), text_at(metadata, "resourceVersion")));
  } else if (const std::int64_t generation = number_at(metadata, "generation"); generation != 0) {
    condition["observedGeneration"] = generation;
  }
}

// The group's conditions with ours in place; none where it says so already, or where what it says is final:
// a group that was scheduled once stays so for Kubernetes.
std::optional<json::array> conditions_with(const model::SetPodGroupStatus& wanted, const json::object& group, Instant now) {
  const std::string_view status = wanted.condition ? "True" : "False";
  const json::object* metadata = object_at(&group, "metadata");
  json::object condition{{"type", text(wanted.condition_type)},
                         {"status", text(status)},
                         {"reason", text(wanted.reason)},
                         {"message", text(wanted.message)},
                         {"lastTransitionTime", text(model::to_timestamp_text(now))}};
  add_dialect_fields(wanted.dialect, metadata, condition);
  json::array conditions;
  const json::object* old_status = object_at(&group, "status");
  const json::value* old = old_status == nullptr ? nullptr : old_status->if_contains("conditions");
  const json::array* entries = old == nullptr ? nullptr : old->if_array();
  for (std::size_t i = 0; entries != nullptr && i < entries->size(); ++i) {
    const json::object* other = (*entries)[i].if_object();
    if (text_at(other, "type") != wanted.condition_type) {
      conditions.push_back((*entries)[i]);
      continue;
    }
    const std::string_view was = text_at(other, "status");
    if (wanted.condition_type == kInitiallyScheduled && was == "True") return std::nullopt;
    if (was != status) continue;
    if (text_at(other, "reason") == wanted.reason && text_at(other, "message") == wanted.message) return std::nullopt;
    if (const json::value* since = other->if_contains("lastTransitionTime")) condition["lastTransitionTime"] = *since;
    if (const json::value* transition = other->if_contains("transitionID")) condition["transitionID"] = *transition;
  }
  conditions.push_back(std::move(condition));
  return conditions;
}

// What has to change of the group's status; empty: nothing. Phase and counts are Volcano's and
// scheduler-plugins', conditions Volcano's and Kubernetes'.
json::object status_change(const model::SetPodGroupStatus& wanted, const json::object& group, Instant now) {
  const json::object* old = object_at(&group, "status");
  json::object change;
  if (wanted.dialect != model::PodGroupDialect::kubernetes) {
    if (!wanted.phase.empty() && text_at(old, "phase") != wanted.phase) change["phase"] = text(wanted.phase);
    const auto counts = std::to_array<std::pair<std::string_view, std::int32_t>>(
        {{"running", wanted.running}, {"succeeded", wanted.succeeded}, {"failed", wanted.failed}});
    for (const auto& [name, count] : counts) {
      if (number_at(old, name) != count) change[json::string_view(name.data(), name.size())] = count;
    }
  }
  if (wanted.dialect != model::PodGroupDialect::scheduler_plugins && !wanted.condition_type.empty()) {
    if (auto conditions = conditions_with(wanted, group, now)) change["conditions"] = *std::move(conditions);
  }
  return change;
}

}   // namespace

Status ActionPerformer::perform(const model::Evict& action, const Stop* stop) {
  const json::object condition{{"type", "DisruptionTarget"},
                               {"status", "True"},
                               {"reason", text(action.reason)},
                               {"message", text(action.message)},
                               {"lastTransitionTime", text(model::to_timestamp_text(now_()))}};
  const json::object patch{{"metadata", only_if(action.uid)}, {"status", json::object{{"conditions", json::array{condition}}}}};
  Status done = without_value(
      patch_object(client_, resources::kPods, action.pod, PatchKind::strategic, patch, {.subresource = "status", .stop = stop}));
  if (done) done = delete_object(client_, resources::kPods, action.pod, {.uid = action.uid, .stop = stop});
  // Gone already: the room is there.
  if (!done && done.error().code == Errc::not_found) return {};
  return done;
}

Status ActionPerformer::perform(const model::Nominate& action, const Stop* stop) {
  const json::object patch{{"metadata", only_if(action.uid)}, {"status", json::object{{"nominatedNodeName", name_or_null(action.node)}}}};
  return without_value(
      patch_object(client_, resources::kPods, action.pod, PatchKind::merge, patch, {.subresource = "status", .stop = stop}));
}

Status ActionPerformer::perform(const model::SelectClaimNode& action, const Stop* stop) {
  json::object metadata = only_if(action.uid);
  metadata["annotations"] = json::object{{text(kSelectedNode), name_or_null(action.node)}};
  const json::object patch{{"metadata", std::move(metadata)}};
  return without_value(patch_object(client_, resources::kVolumeClaims, action.claim, PatchKind::merge, patch, {.stop = stop}));
}

Status ActionPerformer::perform(const model::BindVolume& action, const Stop* stop) {
  EBB_TRY(const json::object volume, get_object(client_, resources::kVolumes, {"", action.volume}));
  const json::object* claim = object_at(object_at(&volume, "spec"), "claimRef");
  const bool ours = text_at(claim, "namespace") == action.claim.ns && text_at(claim, "name") == action.claim.name;
  const std::string_view uid = text_at(claim, "uid");
  if (claim != nullptr && ours && uid == action.claim_uid.v) return {};
  if (claim != nullptr && (!ours || !uid.empty())) {
    return fail(Errc::conflict, "volume {} is another claim's by now", action.volume);
  }
  const std::string_view read_version = text_at(object_at(&volume, "metadata"), "resourceVersion");
  json::object metadata{{"resourceVersion", text(action.resource_version.empty() ? read_version : action.resource_version)}};
  // Whoever reserved the volume by hand keeps the reservation when the claim goes.
  if (claim == nullptr) metadata["annotations"] = json::object{{text(kBoundByController), "yes"}};
  const json::object reference{{"apiVersion", "v1"},
                               {"kind", "PersistentVolumeClaim"},
                               {"namespace", text(action.claim.ns)},
                               {"name", text(action.claim.name)},
                               {"uid", text(action.claim_uid.v)}};
  const json::object patch{{"metadata", std::move(metadata)}, {"spec", json::object{{"claimRef", reference}}}};
  return without_value(patch_object(client_, resources::kVolumes, {"", action.volume}, PatchKind::merge, patch, {.stop = stop}));
}

Status ActionPerformer::perform(const model::SetPodGroupStatus& action, const Stop* stop) {
  const Resource resource = resource_of(action);
  for (int conflicts = 0;; ++conflicts) {
    EBB_TRY(const json::object group, get_object(client_, resource, action.group));
    json::object change = status_change(action, group, now_());
    if (change.empty()) return {};
    const json::object patch{
        {"metadata", json::object{{"resourceVersion", text(text_at(object_at(&group, "metadata"), "resourceVersion"))}}},
        {"status", std::move(change)}};
    auto patched = patch_object(client_, resource, action.group, PatchKind::merge, patch, {.subresource = "status", .stop = stop});
    // Volcano has shipped the resource without the subresource; the status is then a field like any other.
    if (!patched && patched.error().code == Errc::not_found) {
      patched = patch_object(client_, resource, action.group, PatchKind::merge, patch, {.stop = stop});
    }
    const bool again = !patched && patched.error().code == Errc::conflict && conflicts < kConflictsMax;
    if (!again) return without_value(std::move(patched));
  }
}

}   // namespace ebb::kube
