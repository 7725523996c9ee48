// Any bytes give a response or an error, and the same one in whatever pieces they arrive.

#include "base/check.h"
#include "fuzz_input.h"
#include "kube/http.h"

#include <algorithm>

namespace {

struct Outcome {
  bool failed = false;
  bool done = false;
  int status = 0;
  std::string body;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome read_in_pieces(std::string_view text, std::size_t piece) {
  ebb::kube::ResponseReader reader(false, 1 << 16);
  Outcome outcome;
  for (std::size_t at = 0; at < text.size() && !reader.done() && !outcome.failed; at += piece)
    outcome.failed = !reader.feed(text.substr(at, piece));
  if (!outcome.failed && !reader.done()) outcome.failed = !reader.end_of_stream();
  outcome.done = reader.done();
  if (outcome.failed) return {.failed = true, .done = false, .status = 0, .body = {}};
  outcome.status = reader.head().status;
  outcome.body = reader.body();
  return outcome;
}

}   // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text = fuzz_text(bytes + 1, size - 1);
  const Outcome whole = read_in_pieces(text, std::max<std::size_t>(text.size(), 1));
  const Outcome cut = read_in_pieces(text, bytes[0] % 37 + 1U);
  EBB_CHECK(whole == cut);
  return 0;
}
