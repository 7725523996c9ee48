// Any text is refused with its file and line, or is nodes or pods that keep what the trace promises.

#include "base/check.h"
#include "fuzz_input.h"
#include "sim/fgd/trace.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace ebb::sim::fgd;
  const std::string_view text = fuzz_text(bytes, size);
  const auto nodes = parse_nodes(text, "file");
  const auto pods = parse_pods(text, "file");
  EBB_CHECK(nodes || nodes.error().message.starts_with("file:"));
  EBB_CHECK(pods || pods.error().message.starts_with("file:"));
  if (!pods) return 0;
  EBB_CHECK(!pods->empty());
  for (const TracePod& pod : *pods) {
    EBB_CHECK(!pod.name.empty());
    EBB_CHECK((pod.request.count == 0) == (pod.request.share.v == 0));
    EBB_CHECK(pod.request.count <= 1 || pod.request.share == ebb::core::accelerators::kWholeDevice);
  }
  return 0;
}
