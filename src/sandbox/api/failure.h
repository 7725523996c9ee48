#pragma once

// What a refused request becomes: a Kubernetes Status with code, reason, message and details, worded
// as upstream words it, because clients parse some of it and people read the rest.

#include "base/result.h"
#include "sandbox/json/json.h"
#include "sandbox/schema/schema.h"

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::sandbox {

struct Cause {
  std::string reason, message, field;
};

struct Failure {
  int code = 500;
  std::string reason;
  std::string message;
  std::string name, group, kind, uid;   // details; `kind` is the plural resource in most of them, the kind in Invalid
  std::vector<Cause> causes;
  int retry_after_seconds = 0;
  std::string continue_token;   // with an expired list: where an inconsistent one may go on
};

template <class T>
class [[nodiscard]] Answer : public std::expected<T, Failure> {
 public:
  using std::expected<T, Failure>::expected;
};

// `qualified` is "pods" or "deployments.apps".
struct ResourceName {
  std::string group, resource;
  std::string qualified() const { return group.empty() ? resource : resource + "." + group; }
};

std::unexpected<Failure> bad_request(std::string message);
std::unexpected<Failure> not_found(const ResourceName& resource, std::string_view name);
std::unexpected<Failure> path_not_found();
std::unexpected<Failure> already_exists(const ResourceName& resource, std::string_view name);
std::unexpected<Failure> conflict(const ResourceName& resource, std::string_view name, std::string_view why);
std::unexpected<Failure> modified_meanwhile(const ResourceName& resource, std::string_view name);
std::unexpected<Failure> forbidden(const ResourceName& resource, std::string_view name, std::string_view why);
std::unexpected<Failure> invalid(std::string_view group, std::string_view kind, std::string_view name,
                                 const std::vector<FieldError>& errors);
std::unexpected<Failure> method_not_allowed();
std::unexpected<Failure> expired(std::string message);
std::unexpected<Failure> generic(int code, std::string reason, std::string message);

json::object to_status(const Failure& failure);
// The Status that answers a deletion.
json::object success_status(const ResourceName& resource, std::string_view name, std::string_view uid);
Error to_error(const Failure& failure);

}   // namespace ebb::sandbox
