#pragma once

// The OpenAPI documents of what is served now, made when somebody asks and kept until a
// CustomResourceDefinition changes. Their URLs carry a hash of the text, so that clients keep them.

#include "sandbox/api/call.h"
#include "sandbox/api/registry.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ebb::sandbox {

class OpenApiDocuments final {
 public:
  explicit OpenApiDocuments(const Registry& registry) : registry_(registry) {}

  // /openapi/v2, /openapi/v3 and /openapi/v3/PATH.
  Answer<Response> handle(const std::vector<std::string>& segments, const Call& call);

 private:
  struct Document {
    Piece text;
    std::string hash;
  };
  Answer<Response> index();
  // `group_version` is "v1" or "apps/v1"; empty: the one document of version 2.
  const Document& document(const std::string& group_version);
  std::vector<Kind> kinds() const;
  void forget_stale();

  const Registry& registry_;
  std::map<std::string, Document> documents_;
  std::uint64_t generation_ = 0;
};

}   // namespace ebb::sandbox
