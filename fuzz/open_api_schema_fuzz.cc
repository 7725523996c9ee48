// An openAPIV3Schema on the first line, a custom resource on the rest. Any schema is taken or
// refused, and one that is taken can prune, default, check and describe any object.

#include "fuzz_input.h"
#include "sandbox/schema/schema.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace ebb::sandbox;
  const std::string_view text = fuzz_text(bytes, size);
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return 0;
  boost::system::error_code error;
  const json::value schema = json::parse(text.substr(0, line), error);
  if (error || !schema.is_object()) return 0;
  json::value object = json::parse(text.substr(line + 1), error);
  if (error || !object.is_object()) return 0;
  const auto made = schema_from_openapi(schema.get_object());
  if (!made) return 0;
  Kind kind;
  kind.group = "example.com";
  kind.version = "v1";
  kind.resource = "foos";
  kind.kind = "Foo";
  kind.schema = *made;
  std::vector<std::string> unknown;
  prune_and_check(**made, object.get_object(), unknown);
  apply_defaults(kind, object.get_object());
  validate(kind, object.get_object(), nullptr);
  open_api_v3({kind}, "example.com/v1");
  return 0;
}
