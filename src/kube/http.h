#pragma once

// HTTP/1.1 as far as an API client needs it: a request as text, and a reader that turns the bytes of
// a response into its head and its body, whatever pieces they arrive in.

#include "base/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ebb::kube {

struct HttpHead {
  int status = 0;
  std::string content_type;
  std::optional<std::int64_t> retry_after_seconds;
  std::vector<std::string> warnings;   // the text of Warning headers
};

struct HttpRequest {
  std::string_view method;
  std::string_view target;
  std::string_view authority;
  std::string_view user_agent;
  std::string_view accept;
  std::string_view content_type;
  std::string_view authorization;   // the whole header value; empty: none
  std::string_view body;
};

// Errors: invalid where a value would break out of its header.
Result<std::string> to_wire(const HttpRequest& request);

class ResponseReader final {
 public:
  ResponseReader(bool answers_head, std::size_t body_bytes_max);
  ~ResponseReader();
  ResponseReader(const ResponseReader&) = delete;
  ResponseReader& operator=(const ResponseReader&) = delete;

  // Errors: unavailable (not HTTP), too_large (the body is over its limit).
  Status feed(std::string_view bytes);
  Status end_of_stream();   // the server closed its side

  bool head_done() const;
  bool done() const;
  bool keep_alive() const;   // Requires: done()
  bool started() const;      // any byte came
  const HttpHead& head() const;
  // What came of the body since it was last emptied. The limit counts what stands in it.
  std::string& body();

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
  std::string unparsed_;
};

}   // namespace ebb::kube
