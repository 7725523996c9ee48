#include "sandbox/api/failure.h"

#include "model/text_encoding.h"

#include <fmt/format.h>

#include <algorithm>

namespace ebb::sandbox {

namespace {

std::unexpected<Failure> about(int code, std::string reason, const ResourceName& resource, std::string_view name, std::string message) {
  Failure failure;
  failure.code = code;
  failure.reason = std::move(reason);
  failure.message = std::move(message);
  failure.name = name;
  failure.group = resource.group;
  failure.kind = resource.resource;
  return std::unexpected(std::move(failure));
}

// What a request said stands in messages, and a request may say anything: JSON holds UTF-8 only.
std::string as_utf8(std::string_view text) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  std::string out;
  while (!text.empty()) {
    const std::size_t length = model::utf8_length(text);
    out += length == 0 ? kReplacement : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

json::array to_causes(const std::vector<Cause>& causes) {
  json::array array;
  for (const Cause& cause : causes) {
    json::object object;
    if (!cause.reason.empty()) object["reason"] = as_utf8(cause.reason);
    if (!cause.message.empty()) object["message"] = as_utf8(cause.message);
    if (!cause.field.empty()) object["field"] = as_utf8(cause.field);
    array.push_back(std::move(object));
  }
  return array;
}

}   // namespace

std::unexpected<Failure> generic(int code, std::string reason, std::string message) {
  Failure failure;
  failure.code = code;
  failure.reason = std::move(reason);
  failure.message = std::move(message);
  return std::unexpected(std::move(failure));
}

std::unexpected<Failure> bad_request(std::string message) { return generic(400, "BadRequest", std::move(message)); }

std::unexpected<Failure> not_found(const ResourceName& resource, std::string_view name) {
  return about(404, "NotFound", resource, name, fmt::format("{} \"{}\" not found", resource.qualified(), name));
}

std::unexpected<Failure> path_not_found() { return generic(404, "NotFound", "the server could not find the requested resource"); }

std::unexpected<Failure> already_exists(const ResourceName& resource, std::string_view name) {
  return about(409, "AlreadyExists", resource, name, fmt::format("{} \"{}\" already exists", resource.qualified(), name));
}

std::unexpected<Failure> conflict(const ResourceName& resource, std::string_view name, std::string_view why) {
  return about(409, "Conflict", resource, name,
               fmt::format("Operation cannot be fulfilled on {} \"{}\": {}", resource.qualified(), name, why));
}

std::unexpected<Failure> modified_meanwhile(const ResourceName& resource, std::string_view name) {
  return conflict(resource, name, "the object has been modified; please apply your changes to the latest version and try again");
}

std::unexpected<Failure> forbidden(const ResourceName& resource, std::string_view name, std::string_view why) {
  std::string message = resource.resource.empty() ? fmt::format("forbidden: {}", why)
                        : name.empty()            ? fmt::format("{} is forbidden: {}", resource.qualified(), why)
                                                  : fmt::format("{} \"{}\" is forbidden: {}", resource.qualified(), name, why);
  return about(403, "Forbidden", resource, name, std::move(message));
}

std::unexpected<Failure> invalid(std::string_view group, std::string_view kind, std::string_view name,
                                 const std::vector<FieldError>& errors) {
  Failure failure;
  failure.code = 422;
  failure.reason = "Invalid";
  failure.name = name;
  failure.group = group;
  failure.kind = kind;
  std::string text;
  for (const FieldError& error : errors) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{}: {}", error.field, error.message);
    failure.causes.push_back({error.reason, error.message, error.field});
  }
  if (errors.size() > 1) text = "[" + text + "]";
  failure.message = fmt::format("{}{}{} \"{}\" is invalid: {}", kind, group.empty() ? "" : ".", group, name, text);
  return std::unexpected(std::move(failure));
}

std::unexpected<Failure> method_not_allowed() {
  return generic(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
}

std::unexpected<Failure> expired(std::string message) { return generic(410, "Expired", std::move(message)); }

json::object to_status(const Failure& failure) {
  json::object status{{"kind", "Status"}, {"apiVersion", "v1"}};
  json::object metadata;
  if (!failure.continue_token.empty()) metadata["continue"] = failure.continue_token;
  status["metadata"] = std::move(metadata);
  status["status"] = "Failure";
  status["message"] = as_utf8(failure.message);
  if (!failure.reason.empty()) status["reason"] = failure.reason;
  json::object details;
  if (!failure.name.empty()) details["name"] = as_utf8(failure.name);
  if (!failure.group.empty()) details["group"] = as_utf8(failure.group);
  if (!failure.kind.empty()) details["kind"] = as_utf8(failure.kind);
  if (!failure.uid.empty()) details["uid"] = as_utf8(failure.uid);
  if (!failure.causes.empty()) details["causes"] = to_causes(failure.causes);
  if (failure.retry_after_seconds > 0) details["retryAfterSeconds"] = failure.retry_after_seconds;
  if (!details.empty()) status["details"] = std::move(details);
  status["code"] = failure.code;
  return status;
}

json::object success_status(const ResourceName& resource, std::string_view name, std::string_view uid) {
  json::object details{{"name", name}};
  if (!resource.group.empty()) details["group"] = resource.group;
  details["kind"] = resource.resource;
  if (!uid.empty()) details["uid"] = uid;
  return {{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", json::object()}, {"status", "Success"}, {"details", std::move(details)}};
}

Error to_error(const Failure& failure) {
  const Errc code = [&failure] {
    switch (failure.code) {
      case 400:
      case 422: return Errc::invalid;
      case 401:
      case 403: return Errc::denied;
      case 404: return Errc::not_found;
      case 409: return failure.reason == "AlreadyExists" ? Errc::exists : Errc::conflict;
      case 410: return Errc::expired;
      case 413: return Errc::too_large;
      case 429: return Errc::overloaded;
      case 405:
      case 406:
      case 415: return Errc::unsupported;
      default: return Errc::unavailable;
    }
  }();
  return Error{code, failure.message};
}

}   // namespace ebb::sandbox
