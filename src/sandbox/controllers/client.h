#pragma once

// A controller's hand on the API: who is calling and at what time, and the read-change-write that
// most writes are. Nothing is written where nothing changed.

#include "base/result.h"
#include "base/time.h"
#include "sandbox/api/api.h"

#include <functional>
#include <string>
#include <string_view>

namespace ebb::sandbox::control {

class Client final {
 public:
  Client(Api& api, std::string_view controller);

  Result<json::object> get(const ResourceId& resource, const model::ObjectKey& key) const { return api_.get(resource, key); }
  Result<json::object> create(const ResourceId& resource, json::object object, Instant now) const;

  // Lets `change` edit the current object and writes it if it says true. An object that is gone, or
  // another one of the same name (its uid differs; empty: any), is not an error: nothing is done.
  Status modify(const ResourceId& resource, const model::ObjectKey& key, std::string_view uid, std::string_view subresource, Instant now,
                const std::function<bool(json::object&)>& change) const;

  // Gone already is as good as deleted.
  Status remove(const ResourceId& resource, const model::ObjectKey& key, const DeleteOptions& options, Instant now) const;

 private:
  Api& api_;
  Caller caller_;
};

// The namespace does not take new objects because it is being deleted.
bool namespace_is_ending(const Error& error);

}   // namespace ebb::sandbox::control
