#pragma once

// What clients read to find out what there is: groups, versions, resources, OpenAPI, health.

#include "sandbox/api/call.h"
#include "sandbox/api/open_api_documents.h"
#include "sandbox/api/registry.h"

#include <optional>
#include <string>
#include <vector>

namespace ebb::sandbox {

class Discovery final {
 public:
  explicit Discovery(const Registry& registry) : registry_(registry), open_api_(registry) {}

  // Nothing: the path is not one of these.
  std::optional<Answer<Response>> handle(const std::vector<std::string>& segments, const Call& call);

 private:
  Answer<Response> api(const std::vector<std::string>& segments, const Call& call) const;
  Answer<Response> apis(const std::vector<std::string>& segments, const Call& call) const;
  Answer<Response> aggregated(bool core, const std::string& meta_version) const;
  Answer<Response> resource_list(const std::string& group, const std::string& version) const;
  json::object group_of(const std::string& group) const;

  const Registry& registry_;
  OpenApiDocuments open_api_;
};

}   // namespace ebb::sandbox
