#include "sandbox/api/call.h"

#include "sandbox/api/body.h"
#include "sandbox/api/protobuf.h"
#include "sandbox/api/tree.h"

#include <algorithm>

namespace ebb::sandbox {

namespace {

constexpr std::size_t kFieldManagerMax = 128;

std::unexpected<Failure> unsupported(std::string_view options, std::string field, std::string_view value, std::string_view supported) {
  return invalid("meta.k8s.io", options, "",
                 {FieldError{"FieldValueNotSupported", std::move(field),
                             fmt::format("Unsupported value: \"{}\": supported values: {}", value, supported)}});
}

std::string_view options_kind(const std::string& method) {
  if (method == "POST") return "CreateOptions";
  if (method == "PATCH") return "PatchOptions";
  return method == "PUT" ? "UpdateOptions" : "DeleteOptions";
}

Answer<std::optional<Propagation>> parse_propagation(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (text == "Background") return Propagation::background;
  if (text == "Foreground") return Propagation::foreground;
  if (text == "Orphan") return Propagation::orphan;
  return unsupported("DeleteOptions", "propagationPolicy", text, "\"Foreground\", \"Background\", \"Orphan\", \"nil\"");
}

// A query says the same as a body, in text.
Answer<json::object> delete_options_of_query(const Query& query) {
  json::object options;
  EBB_TRY(const auto grace, query.number("gracePeriodSeconds"));
  if (grace) options["gracePeriodSeconds"] = *grace;
  if (query.has("propagationPolicy")) options["propagationPolicy"] = query.get("propagationPolicy");
  if (query.has("orphanDependents")) options["orphanDependents"] = query.flag("orphanDependents");
  return options;
}

}   // namespace

Answer<WriteContext> write_context(Call& call) {
  WriteContext context;
  context.now = call.now;
  context.caller.user = call.request.user;
  context.warnings = &call.warnings;
  context.force = call.query.flag("force");
  const std::string_view kind = options_kind(call.request.method);
  for (const std::string& value : call.query.all("dryRun")) {
    if (value != "All") return unsupported(kind, "dryRun", value, "\"All\"");
    context.dry_run = true;
  }
  call.stores = !context.dry_run;
  context.caller.field_manager = call.query.get("fieldManager");
  if (context.caller.field_manager.size() > kFieldManagerMax) {
    return invalid("meta.k8s.io", kind, "", {FieldError{"FieldValueTooLong", "fieldManager", "Too long: may not be more than 128 bytes"}});
  }
  if (context.caller.field_manager.empty()) {
    const std::string_view agent = call.request.user_agent;
    context.caller.field_manager = agent.substr(0, std::min(agent.find('/'), kFieldManagerMax));
    if (context.caller.field_manager.empty()) context.caller.field_manager = "unknown";
  }
  const std::string_view validation = call.query.get("fieldValidation");
  if (validation.empty() || validation == "Warn") {
    context.unknown_fields = UnknownFields::warn;
  } else if (validation == "Strict") {
    context.unknown_fields = UnknownFields::strict;
  } else if (validation != "Ignore") {
    return unsupported(kind, "fieldValidation", validation, "\"\", \"Ignore\", \"Strict\", \"Warn\"");
  }
  return context;
}

Answer<json::object> body_object(const Call& call, WriteContext& context) {
  EBB_TRY(json::object object, parse_object(call.request.content_type, call.request.body));
  const bool text = media_type(call.request.content_type) != kProtobufType;
  if (text && context.unknown_fields != UnknownFields::ignore) context.duplicates = duplicate_keys(call.request.body);
  return object;
}

Answer<DeleteOptions> parse_delete_options(const json::object& given, bool& dry_run) {
  DeleteOptions options;
  if (const json::value* grace = given.if_contains("gracePeriodSeconds"); grace != nullptr && !grace->is_null()) {
    if (!grace->is_int64()) return bad_request("gracePeriodSeconds must be an integer");
    options.grace_seconds = grace->get_int64();
  }
  EBB_TRY(options.propagation, parse_propagation(text_in(given, "propagationPolicy")));
  if (const json::value* orphan = given.if_contains("orphanDependents"); orphan != nullptr && orphan->is_bool()) {
    if (options.propagation) {
      return invalid("meta.k8s.io", "DeleteOptions", "",
                     {FieldError{"FieldValueInvalid", "propagationPolicy",
                                 "Invalid value: \"\": orphanDependents and deletionPropagation cannot be both set"}});
    }
    options.propagation = orphan->get_bool() ? Propagation::orphan : Propagation::background;
  }
  if (const json::object* preconditions = object_in(given, "preconditions")) {
    options.uid = text_in(*preconditions, "uid");
    options.resource_version = text_in(*preconditions, "resourceVersion");
  }
  if (const json::array* dry = array_in(given, "dryRun"); dry != nullptr && !dry->empty()) {
    if (scalar_text(&dry->front()) != "All") return unsupported("DeleteOptions", "dryRun", scalar_text(&dry->front()), "\"All\"");
    dry_run = true;
  }
  return options;
}

Answer<DeleteOptions> delete_options(Call& call, WriteContext& context) {
  json::object given;
  if (call.request.body.empty()) {
    EBB_TRY(given, delete_options_of_query(call.query));
  } else {
    EBB_TRY(given, parse_object(call.request.content_type, call.request.body));
  }
  auto options = parse_delete_options(given, context.dry_run);
  call.stores = !context.dry_run;
  return options;
}

Response json_response(int status, const json::value& value) { return piece_response(status, piece(json::serialize(value) + "\n")); }

Response piece_response(int status, Piece text) {
  Response response;
  response.status = status;
  response.body.push_back(std::move(text));
  return response;
}

Response failure_response(const Failure& failure) {
  Response response = json_response(failure.code, to_status(failure));
  if (failure.retry_after_seconds > 0) response.headers.emplace_back("Retry-After", fmt::format("{}", failure.retry_after_seconds));
  return response;
}

Answer<Response> object_response(int status, const ServedKindPtr& kind, const Stored& stored, const Call& call) {
  EBB_TRY(Negotiated negotiated, negotiate(call.request.accept));
  const Rendition rendition{.kind = kind, .negotiated = std::move(negotiated), .include = include_object(call.query)};
  return piece_response(status, rendition.object(stored, call.now));
}

}   // namespace ebb::sandbox
