#include "sandbox/api/scale.h"

#include "sandbox/api/eviction.h"
#include "sandbox/api/resource_requests.h"
#include "sandbox/api/tree.h"

namespace ebb::sandbox {

namespace {

// Selectors stand in an object as text (custom resources), as a plain map (ReplicationController) or as a LabelSelector.
std::string selector_text(const json::value* selector) {
  if (selector == nullptr) return {};
  if (selector->is_string()) return scalar_text(selector);
  const json::object* object = selector->if_object();
  if (object == nullptr) return {};
  const bool plain = !object->contains("matchLabels") && !object->contains("matchExpressions");
  const auto parsed = selector_of(plain ? json::object{{"matchLabels", *object}} : *object);
  return parsed ? model::to_string(*parsed) : std::string();
}

std::int64_t number_at(const json::object& object, std::string_view path) {
  const json::value* value = value_at(object, path);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

void set_at(json::object& object, std::string_view path, json::value value) {
  json::object* here = &object;
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
    here = &ensure_object(*here, path.substr(0, dot));
    path.remove_prefix(dot + 1);
  }
  (*here)[path] = std::move(value);
}

}   // namespace

json::object scale_of(const json::object& object, const ScalePaths& paths) {
  json::object metadata;
  for (const std::string_view name : {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
    copy_member(metadata, metadata_of(object), name);
  }
  json::object status{{"replicas", number_at(object, paths.status_replicas)}};
  if (!paths.label_selector.empty()) {
    const std::string selector = selector_text(value_at(object, paths.label_selector));
    if (!selector.empty()) status["selector"] = selector;
  }
  return {{"kind", "Scale"},
          {"apiVersion", "autoscaling/v1"},
          {"metadata", std::move(metadata)},
          {"spec", json::object{{"replicas", number_at(object, paths.spec_replicas)}}},
          {"status", std::move(status)}};
}

Answer<json::object> wanted_scale(const json::object& current, const Call& call, WriteContext& context) {
  if (call.request.method == "PUT") return body_object(call, context);
  if (call.request.method != "PATCH") return method_not_allowed();
  ServedKind scale;   // strategic merge and apply of a Scale are those of its few plain fields
  EBB_TRY(const PatchBody body, patch_body(scale, call, context));
  if (body.type != PatchType::json) {
    json::value merged = apply_merge_patch(current, body.value);
    if (!merged.is_object()) return bad_request("the patch leaves no object");
    return std::move(merged.get_object());
  }
  auto patched = apply_json_patch(current, body.value);
  if (!patched)
    return generic(422, "Invalid",
                   fmt::format("the server rejected our request due to an error in our request: {}", patched.error().message));
  if (!patched->is_object()) return bad_request("the patch leaves no object");
  return std::move(patched->get_object());
}

Answer<void> set_scale(const ServedKind& kind, json::object& object, const json::object& scale, const ScalePaths& paths) {
  const std::string name(metadata_text(object, "name"));
  const std::string_view version = metadata_text(scale, "resourceVersion");
  if (!version.empty() && version != metadata_text(object, "resourceVersion")) return modified_meanwhile(kind.name(), name);
  const std::string_view uid = metadata_text(scale, "uid");
  if (!uid.empty() && uid != metadata_text(object, "uid")) {
    return conflict(kind.name(), name,
                    fmt::format("Precondition failed: UID in precondition: {}, UID in object meta: {}", uid, metadata_text(object, "uid")));
  }
  const std::int64_t replicas = number_at(scale, "spec.replicas");
  if (replicas < 0) {
    return invalid(
        "autoscaling", "Scale", name,
        {FieldError{"FieldValueInvalid", "spec.replicas", fmt::format("Invalid value: {}: must be greater than or equal to 0", replicas)}});
  }
  set_at(object, paths.spec_replicas, replicas);
  return {};
}

}   // namespace ebb::sandbox
