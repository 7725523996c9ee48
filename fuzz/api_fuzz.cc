// Any sequence of requests gets an answer each: a Kubernetes Status or an object, always JSON where
// it says so, or a watch whose lines are JSON. Requests are separated by a line of "====":
//
//   METHOD CONTENT-TYPE ACCEPT
//   /path?query
//   body

#include "base/check.h"
#include "fuzz_input.h"
#include "sandbox/api/make_api.h"

#include <array>
#include <string>
#include <string_view>
#include <variant>

namespace {

using namespace ebb;
using namespace ebb::sandbox;

std::string_view take_until(std::string_view& rest, std::string_view end) {
  const std::string_view part = rest.substr(0, rest.find(end));
  rest.remove_prefix(std::min(rest.size(), part.size() + end.size()));
  return part;
}

Request parse_request(std::string_view text) {
  Request request;
  std::string_view first = take_until(text, "\n");
  request.method = take_until(first, " ");
  request.content_type = take_until(first, " ");
  request.accept = first;
  std::string_view url = take_until(text, "\n");
  request.path = take_until(url, "?");
  request.query = url;
  request.user_agent = "fuzz/1";
  request.user = "fuzz";
  request.body = text;
  return request;
}

void check_json(std::string_view text) {
  json::parse_options deep;
  deep.max_depth = 2000;
  json::error_code error;
  json::parse(text, error, {}, deep);
  EBB_CHECK(!error);
}

std::string joined(const std::vector<Piece>& pieces) {
  std::string text;
  for (const Piece& piece : pieces) text += *piece;
  return text;
}

void check_watch(Watch& watch) {
  const std::string text = joined(watch.take(1 << 20));
  std::string_view rest = text;
  while (!rest.empty()) check_json(take_until(rest, "\n"));
}

}   // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  ApiOptions options;
  options.now = Instant{seconds(1'700'000'000).v};
  options.seed = 1;
  const auto api = make_api(std::move(options));
  std::string_view rest = fuzz_text(bytes, size);
  Instant now{seconds(1'700'000'000).v};
  while (!rest.empty()) {
    now = now + seconds(1);
    const Request request = parse_request(take_until(rest, "\n====\n"));
    auto answer = api->handle(request, now);
    if (auto* watch = std::get_if<std::unique_ptr<Watch>>(&answer)) {
      check_watch(**watch);
      continue;
    }
    const Response& response = std::get<Response>(answer);
    EBB_CHECK(response.status >= 200 && response.status < 600);
    if (response.content_type.starts_with("application/json")) check_json(joined(response.body));
  }
  return 0;
}
