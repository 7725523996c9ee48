#include "sandbox/api/resource_requests.h"

#include "sandbox/api/body.h"
#include "sandbox/api/conversion.h"
#include "sandbox/api/strategy.h"
#include "sandbox/api/tree.h"

#include <algorithm>

namespace ebb::sandbox {

namespace {

model::ObjectKey key_of(const Target& target) { return {target.ns, target.name}; }

bool is_read(const std::string& method) { return method == "GET" || method == "HEAD"; }

std::optional<PatchType> patch_type(std::string_view content_type) {
  const std::string type = media_type(content_type);
  if (type == "application/json-patch+json") return PatchType::json;
  if (type == "application/merge-patch+json") return PatchType::merge;
  if (type == "application/strategic-merge-patch+json") return PatchType::strategic;
  if (type == "application/apply-patch+yaml" || type == "application/apply-patch+json") return PatchType::apply;
  return std::nullopt;
}

constexpr std::string_view kPatchTypes =
    "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml";

}   // namespace

Answer<PatchBody> patch_body(const ServedKind& kind, const Call& call, WriteContext& context) {
  const auto type = patch_type(call.request.content_type);
  if (!type || (*type == PatchType::strategic && kind.custom())) {
    return generic(415, "UnsupportedMediaType",
                   fmt::format("the body of the request was in an unknown format - accepted media types include: {}", kPatchTypes));
  }
  if (*type == PatchType::apply && call.query.get("fieldManager").empty()) {
    return invalid("meta.k8s.io", "PatchOptions", "",
                   {FieldError{"FieldValueRequired", "fieldManager", "Required value: is required for apply patch"}});
  }
  if (*type != PatchType::apply && call.query.flag("force")) {
    return invalid("meta.k8s.io", "PatchOptions", "",
                   {FieldError{"FieldValueForbidden", "force", "Forbidden: may not be specified for non-apply patch"}});
  }
  PatchBody body;
  body.type = *type;
  EBB_TRY(body.value, parse_body(call.request.body));
  if (context.unknown_fields != UnknownFields::ignore) context.duplicates = duplicate_keys(call.request.body);
  return body;
}

Answer<Reply> ResourceRequests::handle(const ServedKindPtr& kind, const Target& target, Call& call) {
  if (target.too_deep || (!kind->kind.namespaced && !target.ns.empty())) return path_not_found();
  if (kind->kind.namespaced && target.ns.empty() && !target.name.empty()) return path_not_found();
  if (target.name.empty() || target.watch) return on_collection(kind, target, call);
  return on_object(kind, target, call);
}

Answer<Reply> ResourceRequests::on_collection(const ServedKindPtr& kind, const Target& target, Call& call) {
  const std::string& method = call.request.method;
  const bool scoped = !kind->kind.namespaced || !target.ns.empty();
  if (is_read(method)) return reads_.collection(kind, target.ns, target.name, target.watch, call);
  if (target.watch || !scoped) return method_not_allowed();
  if (method == "POST") return create(kind, target, call);
  if (method == "DELETE" && kind->allows("deletecollection")) return remove_collection(kind, target, call);
  return method_not_allowed();
}

Answer<Reply> ResourceRequests::on_object(const ServedKindPtr& kind, const Target& target, Call& call) {
  const std::string& method = call.request.method;
  if (!target.subresource.empty()) {
    const Subresource* subresource = kind->subresource(target.subresource);
    if (subresource == nullptr) return path_not_found();
    if (subresources_.owns(*kind, target.subresource)) return subresources_.handle(kind, target, call);
    const std::string_view verb = is_read(method) ? "get" : method == "PUT" ? "update" : method == "PATCH" ? "patch" : "other";
    if (std::ranges::find(subresource->verbs, verb) == subresource->verbs.end()) return method_not_allowed();
  }
  if (is_read(method)) return read(kind, target, call);
  if (method == "PUT") return update(kind, target, call);
  if (method == "PATCH") return patch(kind, target, call);
  if (method == "DELETE") return remove(kind, target, call);
  return method_not_allowed();
}

Answer<Response> ResourceRequests::create(const ServedKindPtr& kind, const Target& target, Call& call) {
  EBB_TRY(WriteContext context, write_context(call));
  EBB_TRY(json::object object, body_object(call, context));
  EBB_TRY_VOID(negotiate(call.request.accept));
  EBB_TRY(const Written written, objects_.create(*kind, target.ns, std::move(object), context));
  return object_response(201, kind, *written.object, call);
}

Answer<Response> ResourceRequests::read(const ServedKindPtr& kind, const Target& target, Call& call) {
  EBB_TRY(const StoredPtr stored, objects_.existing(*kind, key_of(target)));
  return object_response(200, kind, *stored, call);
}

Answer<Response> ResourceRequests::update(const ServedKindPtr& kind, const Target& target, Call& call) {
  EBB_TRY(WriteContext context, write_context(call));
  EBB_TRY(json::object object, body_object(call, context));
  EBB_TRY_VOID(negotiate(call.request.accept));
  EBB_TRY(const Written written, objects_.update(*kind, key_of(target), std::move(object), target.subresource, context));
  return object_response(written.created ? 201 : 200, kind, *written.object, call);
}

Answer<Response> ResourceRequests::patch(const ServedKindPtr& kind, const Target& target, Call& call) {
  EBB_TRY(WriteContext context, write_context(call));
  EBB_TRY(const PatchBody body, patch_body(*kind, call, context));
  EBB_TRY_VOID(negotiate(call.request.accept));
  EBB_TRY(const Written written, objects_.patch(*kind, key_of(target), body.type, body.value, target.subresource, context));
  return object_response(written.created ? 201 : 200, kind, *written.object, call);
}

Answer<Response> ResourceRequests::remove(const ServedKindPtr& kind, const Target& target, Call& call) {
  EBB_TRY(WriteContext context, write_context(call));
  EBB_TRY(const DeleteOptions options, delete_options(call, context));
  EBB_TRY(const Removed removed, objects_.remove(*kind, key_of(target), options, context));
  if (!removed.gone || returns_deleted_object(*kind)) return object_response(200, kind, *removed.object, call);
  return json_response(200, success_status(kind->name(), target.name, removed.object->uid));
}

Answer<Response> ResourceRequests::remove_collection(const ServedKindPtr& kind, const Target& target, Call& call) {
  EBB_TRY(WriteContext context, write_context(call));
  EBB_TRY(const DeleteOptions options, delete_options(call, context));
  EBB_TRY(const Negotiated negotiated, negotiate(call.request.accept));
  EBB_TRY(const auto selected, reads_.selected(*kind, target.ns, call));
  std::vector<StoredPtr> removed;
  for (const StoredPtr& object : selected) {
    auto one = objects_.remove(*kind, object->key, options, context);
    if (one) {
      removed.push_back(std::move(one->object));
    } else if (one.error().code != 404) {
      return std::unexpected(std::move(one).error());
    }
  }
  const Rendition rendition{.kind = kind, .negotiated = negotiated};
  Response response;
  Rendition::ListMeta meta;
  if (!removed.empty()) meta.version = removed.back()->resource_version;
  response.body = rendition.list(removed, meta, call.now);
  return response;
}

}   // namespace ebb::sandbox
