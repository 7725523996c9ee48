// The way of a request: path to handler, handler's answer to a Response.

#include "sandbox/api/api_server.h"
#include "sandbox/api/reviews.h"

#include <algorithm>

namespace ebb::sandbox {

namespace {

std::string quoted_warning(std::string_view text) {
  std::string quoted = "299 - \"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;   // no control character may stand in a header
  }
  return quoted + "\"";
}

bool known_method(const std::string& method) {
  static constexpr std::string_view kMethods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
  return std::ranges::find(kMethods, method) != std::end(kMethods);
}

}   // namespace

std::variant<Response, std::unique_ptr<Watch>> ApiServer::handle(const Request& request, Instant now) {
  store_.age(now);
  Call call{.request = request, .now = now, .query = {}, .warnings = {}, .stores = false};
  Answer<Reply> answer = route(call);
  custom_resources_.settle(now);
  if (!answer) return failure_response(answer.error());
  if (auto* response = std::get_if<Response>(&*answer)) {
    response->promises = call.stores;
    for (const std::string& warning : call.warnings) response->headers.emplace_back("Warning", quoted_warning(warning));
  }
  return *std::move(answer);
}

Answer<Reply> ApiServer::route(Call& call) {
  if (!known_method(call.request.method)) return method_not_allowed();
  const auto segments = path_segments(call.request.path);
  if (!segments) return bad_request("invalid URL escape in the path");
  EBB_TRY(call.query, Query::parse(call.request.query));
  if (auto answer = discovery_.handle(*segments, call)) {
    if (!*answer) return std::unexpected(std::move(*answer).error());
    return Reply(**std::move(answer));
  }
  if (*segments == std::vector<std::string>{"metrics"}) return metrics_text();
  const auto target = parse_target(*segments);
  if (!target) return path_not_found();
  return route_resource(*target, call);
}

// What the real server counts of its storage, for whoever scrapes.
Answer<Reply> ApiServer::metrics_text() const {
  std::string text = "# HELP apiserver_resource_objects Number of stored objects.\n# TYPE apiserver_resource_objects gauge\n";
  for (const auto& [place, collection] : store_.collections()) {
    text += fmt::format("apiserver_resource_objects{{group=\"{}\",resource=\"{}\"}} {}\n", place.group, place.resource,
                        collection.objects().size());
  }
  Response response = piece_response(200, piece(std::move(text)));
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  return response;
}

Answer<Reply> ApiServer::route_resource(const Target& target, Call& call) {
  const ServedKindPtr kind = registry_.find(target.group, target.version, target.resource);
  if (!kind) return path_not_found();
  if (kind->kind.group == "metrics.k8s.io") return usage_.handle(*kind, target, call);
  if (kind->stored) return resources_.handle(kind, target, call);
  if (kind->kind.resource == "bindings" && call.request.method == "POST") return subresources_.create_binding(target.ns, call);
  if (kind->kind.resource == "componentstatuses") return component_statuses(target, call);
  return review(*kind, target, call);
}

}   // namespace ebb::sandbox
