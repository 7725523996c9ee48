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
  Answer<Response> version_2(std::string_view accept);
  Response response(const std::string& name);
  // `name` is "v1" or "apps/v1", or that of the document of version 2 as JSON or protobuf.
  const Document& document(const std::string& name);
  std::vector<Kind> kinds() const;
  void forget_stale();

  const Registry& registry_;
  std::map<std::string, Document> documents_;
  std::uint64_t generation_ = 0;
};

}   // namespace ebb::sandbox
