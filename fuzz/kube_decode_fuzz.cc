// Any bytes give objects or an error, for every type. A page keeps account of its items: however many
// are malformed, those around them are the ones that a full parser sees there.

#include "base/check.h"
#include "fuzz_input.h"
#include "kube/decode.h"

#include <boost/json.hpp>

namespace {

namespace json = boost::json;
using namespace ebb::kube;

std::string_view name_of(const json::value& item) {
  const json::value* metadata = item.is_object() ? item.get_object().if_contains("metadata") : nullptr;
  const json::value* name = metadata != nullptr && metadata->is_object() ? metadata->get_object().if_contains("name") : nullptr;
  return name != nullptr && name->is_string() ? std::string_view(name->get_string()) : std::string_view();
}

// Every accepted item, in its order, is one of the items.
void compare(const Page& page, const json::value& tree) {
  const json::value* items = tree.is_object() ? tree.get_object().if_contains("items") : nullptr;
  EBB_CHECK(items != nullptr);
  if (!items->is_array()) {
    EBB_CHECK(page.items.empty() && page.refused.empty());
    return;
  }
  const json::array& array = items->get_array();
  EBB_CHECK(page.items.size() + page.refused.size() == array.size());
  std::size_t at = 0;
  for (const Decoded& object : page.items) {
    while (at < array.size() && name_of(array[at]) != object.key.name) ++at;
    EBB_CHECK(at < array.size());
    ++at;
  }
}

}   // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const auto type = static_cast<ObjectType>(bytes[0] % (static_cast<int>(ObjectType::replication_controller) + 1));
  const std::string_view text = fuzz_text(bytes + 1, size - 1);
  Decoder decoder(type);
  static_cast<void>(decoder.object(text));
  static_cast<void>(decoder.watch_event(text));
  const auto page = decoder.page(text);
  if (!page) return 0;
  boost::system::error_code error;
  const json::value tree = json::parse(text, error);   // stricter where ours only skips
  if (!error) compare(*page, tree);
  return 0;
}
