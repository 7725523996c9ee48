#include "sandbox/api/reviews.h"

#include "sandbox/api/body.h"
#include "sandbox/api/tree.h"

namespace ebb::sandbox {

namespace {

json::object user_info(const std::string& user) {
  return {{"username", user.empty() ? std::string("ebb:admin") : user}, {"groups", json::array{"system:masters", "system:authenticated"}}};
}

json::object everything_allowed() {
  const json::array all{"*"};
  return {{"resourceRules", json::array{json::object{{"verbs", all}, {"apiGroups", all}, {"resources", all}}}},
          {"nonResourceRules", json::array{json::object{{"verbs", all}, {"nonResourceURLs", all}}}},
          {"incomplete", false}};
}

json::object status_of(const ServedKind& kind, const Call& call) {
  const std::string& resource = kind.kind.resource;
  if (resource == "selfsubjectrulesreviews") return everything_allowed();
  if (resource == "selfsubjectreviews") return {{"userInfo", user_info(call.request.user)}};
  // Tokens are the server's business, which sits in front of this function: here none is known.
  if (resource == "tokenreviews") return {{"authenticated", false}, {"error", "tokens of other clients are not known here"}};
  return {{"allowed", true}, {"reason", "the sandbox's one token may do everything"}};
}

}   // namespace

Answer<Reply> review(const ServedKind& kind, const Target& target, Call& call) {
  if (target.too_deep || !target.name.empty()) return path_not_found();
  if (call.request.method != "POST") return method_not_allowed();
  EBB_TRY(const Negotiated negotiated, negotiate(call.request.accept));
  if (negotiated.form != Form::whole) {
    return generic(406, "NotAcceptable", "only the following media types are accepted: application/json");
  }
  EBB_TRY(json::object body, parse_object(call.request.content_type, call.request.body));
  body["kind"] = kind.kind.kind;
  body["apiVersion"] = kind.api_version();
  ensure_object(body, "metadata")["creationTimestamp"] = nullptr;
  body["status"] = status_of(kind, call);
  return json_response(201, body);
}

Answer<Reply> component_statuses(const Target& target, const Call& call) {
  if (call.request.method != "GET") return method_not_allowed();
  if (!target.name.empty()) return not_found({"", "componentstatuses"}, target.name);
  return json_response(
      200, json::object{{"kind", "ComponentStatusList"}, {"apiVersion", "v1"}, {"metadata", json::object()}, {"items", json::array()}});
}

}   // namespace ebb::sandbox
