#include "sandbox/api/list_options.h"

#include "sandbox/api/base64.h"
#include "sandbox/api/tree.h"

#include <algorithm>
#include <charconv>

namespace ebb::sandbox {

namespace {

constexpr std::string_view kTokenVersion = "meta.k8s.io/v1";

std::unexpected<Failure> invalid_option(std::string field, std::string reason, std::string message) {
  return invalid("meta.k8s.io", "ListOptions", "", {FieldError{std::move(reason), std::move(field), std::move(message)}});
}

Answer<void> check_combination(const ListOptions& options, std::string_view match) {
  if (options.send_initial_events && !options.watch) {
    return invalid_option("sendInitialEvents", "FieldValueForbidden", "Forbidden: sendInitialEvents is forbidden for list");
  }
  if (options.send_initial_events && options.match != VersionMatch::not_older_than) {
    return invalid_option("resourceVersionMatch", "FieldValueForbidden",
                          "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  }
  if (match.empty()) return {};
  if (options.match == VersionMatch::unset) {
    return invalid_option("resourceVersionMatch", "FieldValueNotSupported",
                          fmt::format("Unsupported value: \"{}\": supported values: \"Exact\", \"NotOlderThan\", \"\"", match));
  }
  if (options.watch && !options.send_initial_events) {
    return invalid_option("resourceVersionMatch", "FieldValueForbidden", "Forbidden: resourceVersionMatch is forbidden for watch");
  }
  if (options.resource_version.empty() && !options.send_initial_events) {
    return invalid_option("resourceVersionMatch", "FieldValueForbidden",
                          "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided");
  }
  if (!options.continue_token.empty()) {
    return invalid_option("resourceVersionMatch", "FieldValueForbidden",
                          "Forbidden: resourceVersionMatch is forbidden when continue is provided");
  }
  if (options.match == VersionMatch::exact && options.resource_version == "0") {
    return invalid_option("resourceVersionMatch", "FieldValueForbidden",
                          "Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
  }
  return {};
}

}   // namespace

Answer<ListOptions> ListOptions::parse(const Query& query) {
  ListOptions options;
  options.label_selector = query.get("labelSelector");
  options.field_selector = query.get("fieldSelector");
  options.continue_token = query.get("continue");
  options.resource_version = query.get("resourceVersion");
  options.watch = query.flag("watch");
  options.bookmarks = query.flag("allowWatchBookmarks");
  EBB_TRY(const auto limit, query.number("limit"));
  options.limit = std::max<std::int64_t>(limit.value_or(0), 0);
  EBB_TRY(options.timeout_seconds, query.number("timeoutSeconds"));
  if (query.has("sendInitialEvents")) options.send_initial_events = query.flag("sendInitialEvents");
  const std::string_view match = query.get("resourceVersionMatch");
  if (match == "Exact") options.match = VersionMatch::exact;
  if (match == "NotOlderThan") options.match = VersionMatch::not_older_than;
  const std::string& version = options.resource_version;
  if (!version.empty()) {
    const auto [end, error] = std::from_chars(version.data(), version.data() + version.size(), options.version);
    if (error != std::errc() || end != version.data() + version.size()) {
      return invalid_option("resourceVersion", "FieldValueInvalid",
                            fmt::format("Invalid value: \"{}\": strconv.ParseUint: parsing \"{}\": invalid syntax", version, version));
    }
  }
  EBB_TRY_VOID(check_combination(options, match));
  if (!options.continue_token.empty() && !version.empty() && version != "0") {
    return bad_request("specifying resource version is not allowed when using continue");
  }
  return options;
}

std::string ContinueToken::text() const {
  json::object token{{"v", kTokenVersion}};
  if (version) {
    token["rv"] = *version;
  } else {
    token["rv"] = -1;
  }
  token["start"] = start;
  return to_base64_url(json::serialize(token));
}

Answer<ContinueToken> ContinueToken::parse(std::string_view text) {
  const auto plain = from_base64_url(text);
  if (!plain) return bad_request("continue key is not valid: illegal base64 data");
  json::error_code error;
  const json::value token = json::parse(*plain, error);
  const json::object* object = error ? nullptr : token.if_object();
  if (object == nullptr || text_in(*object, "v") != kTokenVersion) {
    return bad_request("continue key is not valid: server does not recognize this encoded version");
  }
  ContinueToken made;
  made.start = text_in(*object, "start");
  const std::int64_t version = integer_in(*object, "rv", 0);
  if (version > 0) made.version = static_cast<std::uint64_t>(version);
  if (version == 0 || made.start.empty())
    return bad_request("continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
  return made;
}

}   // namespace ebb::sandbox
