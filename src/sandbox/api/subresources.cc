#include "sandbox/api/subresources.h"

#include "model/timestamp.h"
#include "sandbox/api/base64.h"
#include "sandbox/api/eviction.h"
#include "sandbox/api/scale.h"
#include "sandbox/api/tree.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>

namespace ebb::sandbox {

namespace {

constexpr std::string_view kSimulated = "the containers of this cluster are simulated: they have no processes, files, ports or output";
constexpr auto kContainerAccess = std::to_array<std::string_view>({"attach", "exec", "log", "portforward", "proxy"});
constexpr std::int64_t kTokenSeconds = 3600;

model::ObjectKey key_of(const Target& target) { return {target.ns, target.name}; }

Response created() {
  return json_response(
      201, json::object{{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", json::object()}, {"status", "Success"}, {"code", 201}});
}

// Replaces the condition of that type, or adds it.
void set_condition(json::object& status, json::object condition) {
  json::value& conditions = status["conditions"];
  if (!conditions.is_array()) conditions.emplace_array();
  for (json::value& one : conditions.get_array()) {
    if (!one.is_object() || text_in(one.get_object(), "type") != text_in(condition, "type")) continue;
    one = std::move(condition);
    return;
  }
  conditions.get_array().push_back(std::move(condition));
}

std::string random_token() {
  std::array<unsigned char, 32> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return {};
  return to_base64_url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}   // namespace

bool Subresources::owns(const ServedKind& kind, std::string_view subresource) const {
  if (subresource == "scale") return true;
  if (!kind.kind.group.empty()) return false;
  if (kind.kind.resource == "serviceaccounts") return subresource == "token";
  if (subresource == "proxy") return true;
  if (kind.kind.resource != "pods") return false;
  return subresource == "binding" || subresource == "eviction" ||
         std::ranges::find(kContainerAccess, subresource) != kContainerAccess.end();
}

Answer<Reply> Subresources::handle(const ServedKindPtr& kind, const Target& target, Call& call) {
  if (target.subresource == "scale") return scale(kind, target, call);
  EBB_TRY_VOID(objects_.existing(*kind, key_of(target)));
  if (target.subresource == "token") return token(kind, target, call);
  if (target.subresource == "binding") return binding(target, call);
  if (target.subresource == "eviction") return eviction(target, call);
  return generic(501, "NotImplemented",
                 fmt::format("{} \"{}\": {}: {}", kind->name().qualified(), target.name, target.subresource, kSimulated));
}

Answer<Response> Subresources::bind(const model::ObjectKey& key, const json::object& binding, const WriteContext& context) {
  const ServedKindPtr pods = registry_.find("", "v1", "pods");
  const ResourceName name{"", "pods/binding"};
  const json::object* target = object_in(binding, "target");
  const std::string node(target == nullptr ? std::string_view() : text_in(*target, "name"));
  if (node.empty()) return invalid("", "Binding", key.name, {FieldError{"FieldValueRequired", "target.name", "Required value"}});
  if (const std::string_view kind = text_in(*target, "kind"); !kind.empty() && kind != "Node") {
    return invalid("", "Binding", key.name,
                   {FieldError{"FieldValueNotSupported", "target.kind",
                               fmt::format("Unsupported value: \"{}\": supported values: \"Node\", \"<empty>\"", kind)}});
  }
  const auto assign = [&](json::object& pod) -> Answer<void> {
    json::object& metadata = ensure_object(pod, "metadata");
    json::object& spec = ensure_object(pod, "spec");
    const std::string_view uid = metadata_text(binding, "uid");
    if (!uid.empty() && uid != text_in(metadata, "uid")) {
      return conflict(name, key.name,
                      fmt::format("Precondition failed: UID in precondition: {}, UID in object meta: {}", uid, text_in(metadata, "uid")));
    }
    if (metadata.contains("deletionTimestamp")) {
      return conflict(name, key.name, fmt::format("pod {} is being deleted, cannot be assigned to a host", key.name));
    }
    if (const std::string_view bound = text_in(spec, "nodeName"); !bound.empty()) {
      return conflict(name, key.name, fmt::format("pod {} is already assigned to node \"{}\"", key.name, bound));
    }
    if (const json::array* gates = array_in(spec, "schedulingGates"); gates != nullptr && !gates->empty()) {
      return conflict(name, key.name, fmt::format("pod {} has non-empty .spec.schedulingGates", key.name));
    }
    spec["nodeName"] = node;
    if (const json::object* annotations = object_in(metadata_of(binding), "annotations")) {
      for (const auto& [annotation, value] : *annotations) ensure_object(metadata, "annotations")[annotation] = value;
    }
    json::object& status = ensure_object(pod, "status");
    status.erase("nominatedNodeName");   // the room that was made is taken
    set_condition(status, {{"type", "PodScheduled"},
                           {"status", "True"},
                           {"lastProbeTime", nullptr},
                           {"lastTransitionTime", model::to_timestamp_text(context.now)}});
    return {};
  };
  EBB_TRY_VOID(objects_.change(*pods, key, "binding", assign, context));
  return created();
}

Answer<Response> Subresources::binding(const Target& target, Call& call) {
  if (call.request.method != "POST") return method_not_allowed();
  EBB_TRY(WriteContext context, write_context(call));
  EBB_TRY(const json::object body, body_object(call, context));
  if (const std::string_view name = metadata_text(body, "name"); !name.empty() && name != target.name) {
    return bad_request("name in URL does not match name in Binding object");
  }
  return bind(key_of(target), body, context);
}

Answer<Reply> Subresources::create_binding(const std::string& ns, Call& call) {
  EBB_TRY(WriteContext context, write_context(call));
  EBB_TRY(const json::object body, body_object(call, context));
  return bind({ns, std::string(metadata_text(body, "name"))}, body, context);
}

Answer<Response> Subresources::eviction(const Target& target, Call& call) {
  if (call.request.method != "POST") return method_not_allowed();
  EBB_TRY(WriteContext context, write_context(call));
  EBB_TRY(const json::object body, body_object(call, context));
  if (const std::string_view name = metadata_text(body, "name"); !name.empty() && name != target.name) {
    return bad_request("name in URL does not match name in Eviction object");
  }
  DeleteOptions options;
  if (const json::object* given = object_in(body, "deleteOptions")) {
    EBB_TRY(options, parse_delete_options(*given, context.dry_run));
    call.stores = !context.dry_run;
  }
  return evict(key_of(target), options, context);
}

Answer<Response> Subresources::evict(const model::ObjectKey& key, const DeleteOptions& options, const WriteContext& context) {
  const ServedKindPtr pods = registry_.find("", "v1", "pods");
  EBB_TRY(const StoredPtr stored, objects_.existing(*pods, key));
  const json::object pod = stored->parse();
  if (!ignores_budgets(pod)) {
    const ServedKindPtr budgets = registry_.find("policy", "v1", "poddisruptionbudgets");
    EBB_TRY(const StoredPtr budget, budget_of(*stored, store_.collection(budgets->place)));
    if (budget && !unhealthy_pod_may_go(pod, budget->parse())) {
      const auto spend = [&](json::object& object) { return spend_disruption(object, key.name, context.now); };
      EBB_TRY_VOID(objects_.change(*budgets, budget->key, "status", spend, context));
    }
    const auto mark = [&](json::object& object) -> Answer<void> {
      set_condition(ensure_object(object, "status"), {{"type", "DisruptionTarget"},
                                                      {"status", "True"},
                                                      {"lastProbeTime", nullptr},
                                                      {"lastTransitionTime", model::to_timestamp_text(context.now)},
                                                      {"reason", "EvictionByEvictionAPI"},
                                                      {"message", "Eviction API: evicting"}});
      return {};
    };
    EBB_TRY_VOID(objects_.change(*pods, key, "status", mark, context));
  }
  EBB_TRY_VOID(objects_.remove(*pods, key, options, context));
  return created();
}

Answer<Response> Subresources::scale(const ServedKindPtr& kind, const Target& target, Call& call) {
  const ScalePaths& paths = *kind->scale;
  EBB_TRY(StoredPtr stored, objects_.existing(*kind, key_of(target)));
  const std::string& method = call.request.method;
  if (method == "GET" || method == "HEAD") return json_response(200, scale_of(stored->parse(), paths));
  EBB_TRY(WriteContext context, write_context(call));
  EBB_TRY(const json::object wanted, wanted_scale(scale_of(stored->parse(), paths), call, context));
  const auto change = [&](json::object& object) { return set_scale(*kind, object, wanted, paths); };
  EBB_TRY(const Written written, objects_.change(*kind, key_of(target), "scale", change, context));
  return json_response(200, scale_of(written.object->parse(), paths));
}

// An opaque token: simulated pods have nothing to present it to.
Answer<Response> Subresources::token(const ServedKindPtr& kind, const Target& target, Call& call) {
  if (call.request.method != "POST") return method_not_allowed();
  EBB_TRY(WriteContext context, write_context(call));
  EBB_TRY(json::object body, body_object(call, context));
  EBB_TRY_VOID(objects_.existing(*kind, key_of(target)));
  call.stores = false;   // nobody asks for it again
  json::object& spec = ensure_object(body, "spec");
  const std::int64_t wanted = std::clamp<std::int64_t>(integer_in(spec, "expirationSeconds", kTokenSeconds), 600, 1 << 30);
  spec["expirationSeconds"] = wanted;
  std::string text = random_token();
  if (text.empty()) return generic(500, "InternalError", "no random bytes for a token");
  body["kind"] = "TokenRequest";
  body["apiVersion"] = "authentication.k8s.io/v1";
  json::object& metadata = ensure_object(body, "metadata");
  metadata["name"] = target.name;
  metadata["namespace"] = target.ns;
  metadata["creationTimestamp"] = model::to_timestamp_text(call.now);
  body["status"] = json::object{{"token", text}, {"expirationTimestamp", model::to_timestamp_text(call.now + seconds(wanted))}};
  return json_response(201, body);
}

}   // namespace ebb::sandbox
