// Any bytes give access or an error that says the file; base64 decodes to what encodes the same.

#include "base/check.h"
#include "fuzz_input.h"
#include "kube/base64.h"
#include "kube/connection.h"
#include "kube/kubeconfig.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace ebb;
  const std::string_view text = fuzz_text(bytes, size);
  const auto access = kube::parse_kubeconfig({{.path = "/nowhere/config", .text = std::string(text)}});
  if (access) {
    EBB_CHECK(!access->server.empty());
    static_cast<void>(kube::parse_server_url(access->server));
  } else {
    EBB_CHECK(access.error().message.starts_with("/nowhere/config"));
  }
  if (const auto decoded = kube::decode_base64(text)) EBB_CHECK(decoded->size() <= text.size() / 4 * 3 + 3);
  if (const auto endpoint = kube::parse_server_url(text)) EBB_CHECK(!endpoint->host.empty() && !endpoint->port.empty());
  return 0;
}
