// A Deployment on the first line, what two managers apply on the next two. Whatever they are,
// applying twice is applying once, unless a null or an empty object is applied: that owns a field
// whose members nobody may own, and the second time they go, as with the real server.

#include "base/check.h"
#include "fuzz_input.h"
#include "sandbox/schema/schema.h"

#include <algorithm>
#include <optional>

namespace {

namespace json = ebb::sandbox::json;

std::optional<json::object> take_object(std::string_view& text) {
  const std::size_t line = text.find('\n');
  boost::system::error_code error;
  json::value value = json::parse(text.substr(0, line), error);
  text = line == std::string_view::npos ? std::string_view() : text.substr(line + 1);
  if (error || !value.is_object()) return std::nullopt;
  return value.get_object();
}

bool has_empty(const json::value& value) {
  if (value.is_null()) return true;
  if (const json::object* object = value.if_object()) {
    return object->empty() || std::any_of(object->begin(), object->end(), [](const auto& member) { return has_empty(member.value()); });
  }
  const json::array* array = value.if_array();
  return array && (array->empty() || std::any_of(array->begin(), array->end(), has_empty));
}

}   // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace ebb::sandbox;
  static const SchemaPtr schema = builtin_schema("apps/v1", "Deployment");
  std::string_view text = fuzz_text(bytes, size);
  std::optional<json::object> live = take_object(text);
  const std::optional<json::object> first = take_object(text);
  const std::optional<json::object> second = take_object(text);
  if (!live || !first || !second) return 0;
  std::vector<std::string> unknown;
  if (!prune_and_check(*schema, *live, unknown).empty()) return 0;
  ManagedFieldsContext context{.manager = "creator", .api_version = "apps/v1", .subresource = {}, .now = ebb::Instant{}};
  track_update(*schema, nullptr, *live, context);

  json::object now = *live;
  for (const auto& [name, applied] : {std::pair("a", &*first), std::pair("b", &*second), std::pair("a", &*second)}) {
    context.manager = name;
    context.now.v += 1'000'000'000;
    std::vector<ApplyConflict> conflicts;
    const auto result = apply_server_side(*schema, &now, *applied, true, context, conflicts);
    EBB_CHECK(conflicts.empty());
    if (!result) return 0;
    context.now.v += 1'000'000'000;
    const auto again = apply_server_side(*schema, &*result, *applied, false, context, conflicts);
    EBB_CHECK(again.has_value() && (conflicts.empty() || has_empty(*applied)));
    EBB_CHECK(*again == *result || has_empty(*applied));
    now = *result;
  }
  return 0;
}
