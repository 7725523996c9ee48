#pragma once

// One request on its way through the server, with what several steps need of it.

#include "sandbox/api/objects.h"
#include "sandbox/api/query.h"
#include "sandbox/api/rendition.h"

#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace ebb::sandbox {

using Reply = std::variant<Response, std::unique_ptr<Watch>>;

struct Call {
  const Request& request;
  Instant now;
  Query query;
  std::vector<std::string> warnings;
  bool stores = false;   // a write that is no dry run
};

// The write options of query and headers: dryRun, fieldManager, fieldValidation, force. Errors: 422.
Answer<WriteContext> write_context(Call& call);
// The body of a write as an object; its duplicate keys go into the context. Errors: 400, 413, 415.
Answer<json::object> body_object(const Call& call, WriteContext& context);

// Options of a DELETE, from its body or its query. Errors: 400, 415, 422. dryRun in the body counts too.
Answer<DeleteOptions> delete_options(Call& call, WriteContext& context);
Answer<DeleteOptions> parse_delete_options(const json::object& options, bool& dry_run);

Response json_response(int status, const json::value& value);
Response piece_response(int status, Piece text);
Response failure_response(const Failure& failure);
// As the client wants to see it: whole, metadata or table.
Answer<Response> object_response(int status, const ServedKindPtr& kind, const Stored& stored, const Call& call);

}   // namespace ebb::sandbox
