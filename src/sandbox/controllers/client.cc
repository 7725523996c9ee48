#include "sandbox/controllers/client.h"

#include "sandbox/controllers/fields.h"

#include <utility>

namespace ebb::sandbox::control {

Client::Client(Api& api, std::string_view controller)
    : api_(api),
      caller_{.user = fmt::format("system:serviceaccount:kube-system:{}", controller), .field_manager = "kube-controller-manager"} {}

Result<json::object> Client::create(const ResourceId& resource, json::object object, Instant now) const {
  return api_.create(resource, std::move(object), caller_, now);
}

Status Client::modify(const ResourceId& resource, const model::ObjectKey& key, std::string_view uid, std::string_view subresource,
                      Instant now, const std::function<bool(json::object&)>& change) const {
  auto object = api_.get(resource, key);
  if (!object) {
    if (object.error().code == Errc::not_found) return {};
    return std::unexpected(std::move(object).error());
  }
  if (!uid.empty() && uid_of(*object) != uid) return {};
  if (!change(*object)) return {};
  const auto written = api_.update(resource, *std::move(object), subresource, caller_, now);
  if (!written && written.error().code != Errc::not_found) return std::unexpected(written.error());
  return {};
}

Status Client::remove(const ResourceId& resource, const model::ObjectKey& key, const DeleteOptions& options, Instant now) const {
  auto removed = api_.remove(resource, key, options, caller_, now);
  if (!removed && removed.error().code == Errc::not_found) return {};
  return removed;
}

bool namespace_is_ending(const Error& error) {
  return error.code == Errc::denied && error.message.find("because it is being terminated") != std::string::npos;
}

}   // namespace ebb::sandbox::control
