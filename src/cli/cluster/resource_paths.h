#pragma once

// From "apiVersion" and "kind" to the path an object lives under, as the server's discovery tells it.

#include "base/result.h"
#include "kube/client.h"

#include <map>
#include <string>
#include <string_view>

namespace ebb::cli {

struct ServedResource {
  std::string prefix;   // "/api/v1" or "/apis/GROUP/VERSION"
  std::string plural;
  bool namespaced = true;

  // The collection's path, or, with a name, the object's. The namespace is ignored where there is none.
  std::string path(std::string_view ns, std::string_view name = {}) const;
  // "deployments.apps/NAME" as kubectl names it: singular kind in lower case and group.
  std::string group;
  std::string kind;
  std::string display(std::string_view name) const;
};

class ResourcePaths final {
 public:
  explicit ResourcePaths(kube::Client& client) : client_(client) {}

  // Asks the server once per group and version. Errors: not_found (a kind it does not serve), those of the client.
  Result<ServedResource> find(std::string_view api_version, std::string_view kind);
  void forget() { groups_.clear(); }   // after a custom resource definition was made

 private:
  using Kinds = std::map<std::string, ServedResource, std::less<>>;

  kube::Client& client_;
  std::map<std::string, Kinds, std::less<>> groups_;   // by apiVersion
};

}   // namespace ebb::cli
