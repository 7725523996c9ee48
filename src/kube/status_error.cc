// How answers of the API server turn into errors: the Status object where there is one, else the HTTP
// status alone (a proxy's page is not quoted).

#include "kube/client.h"

#include <boost/json.hpp>

#include <array>

namespace ebb::kube {
namespace {

namespace json = boost::json;

std::string_view text_at(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  const json::string* text = found == nullptr ? nullptr : found->if_string();
  return text == nullptr ? std::string_view() : std::string_view(text->data(), text->size());
}

Errc code_of(int status, std::string_view reason) {
  if (reason == "AlreadyExists") return Errc::exists;
  if (reason == "Expired" || reason == "Gone") return Errc::expired;
  switch (status) {
    case 401:
    case 403: return Errc::denied;
    case 404: return Errc::not_found;
    case 409: return Errc::conflict;
    case 410: return Errc::expired;
    case 413: return Errc::too_large;
    case 429: return Errc::overloaded;
    case 405:
    case 415:
    case 501: return Errc::unsupported;
    default: return status >= 500 || status < 400 ? Errc::unavailable : Errc::invalid;
  }
}

}   // namespace

Error to_error(const Response& response) {
  std::string_view reason;
  std::string_view message;
  boost::system::error_code error;
  json::value parsed;
  if (response.content_type.starts_with("application/json")) parsed = json::parse(response.body, error);
  const json::object* object = error ? nullptr : parsed.if_object();
  if (object != nullptr && text_at(*object, "kind") == "Status") {
    reason = text_at(*object, "reason");
    message = text_at(*object, "message");
  }
  // In a watch's ERROR event the status stands in the object only.
  int status = response.status;
  if (const json::value* stated = object == nullptr ? nullptr : object->if_contains("code"); stated != nullptr && status == 0) {
    if (const std::int64_t* number = stated->if_int64(); number != nullptr && *number >= 400 && *number < 600)
      status = static_cast<int>(*number);
  }
  const Errc code = code_of(status, reason);
  if (!message.empty()) return {code, std::string(message)};
  return {code, fmt::format("the server answered with status {}", status)};
}

std::string url_encode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

}   // namespace ebb::kube
