#pragma once

// How this folder walks JSON with simdjson on demand: every object's fields in document order, errors
// as values that say the path, keys that stand twice refused. Included by the decoders only.

#include "base/result.h"
#include "base/time.h"
#include "base/units.h"

#include <simdjson.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::kube {

using JsonValue = simdjson::ondemand::value;
using JsonObject = simdjson::ondemand::object;
using JsonArray = simdjson::ondemand::array;

inline std::unexpected<Error> json_error(simdjson::error_code code) {
  return std::unexpected(Error{Errc::invalid, simdjson::error_message(code)});
}

// Remembers an object's keys. Views into the parser's string buffer, which lives as long as the document.
class SeenKeys {
 public:
  // False: it was there before.
  bool add(std::string_view key);

 private:
  struct Key {
    const char* data;
    std::size_t size;
  };

  std::uint64_t bits_ = 0;   // a key whose bit is clear is new
  std::size_t count_ = 0;
  std::array<Key, 24> first_;   // count_ of them are set; clearing the others would cost more than all the rest
  std::vector<std::string_view> rest_;
};

bool json_is_null(JsonValue& value);

// Calls visit(key, value) -> Status for each field. An error of visit gets the key in front.
template <class Visit>
Status each_field(JsonObject object, Visit&& visit) {
  SeenKeys seen;
  for (auto field : object) {
    std::string_view key;
    if (const auto code = field.unescaped_key().get(key); code != simdjson::SUCCESS) return json_error(code);
    if (!seen.add(key)) return fail(Errc::invalid, "{}: stands here twice", key);
    JsonValue value;
    if (const auto code = field.value().get(value); code != simdjson::SUCCESS) return json_error(code);
    if (Status status = visit(key, value); !status) return std::unexpected(std::move(status).error().with(key));
  }
  return {};
}

// The same for a value that is an object, or null, which counts as empty.
template <class Visit>
Status each_field(JsonValue value, Visit&& visit) {
  if (json_is_null(value)) return {};
  JsonObject object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return fail(Errc::invalid, "expected an object");
  return each_field(object, visit);
}

// Calls visit(value) -> Status for each item of an array, or null. An error gets the index in front.
template <class Visit>
Status each_item(JsonValue value, Visit&& visit) {
  if (json_is_null(value)) return {};
  JsonArray array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return fail(Errc::invalid, "expected an array");
  std::size_t index = 0;
  for (auto item : array) {
    JsonValue element;
    if (const auto code = item.get(element); code != simdjson::SUCCESS) return json_error(code);
    if (Status status = visit(element); !status) return std::unexpected(std::move(status).error().with(fmt::format("[{}]", index)));
    ++index;
  }
  return {};
}

// Each leaves `out` as it is where the value is null.
Status read(JsonValue value, std::string& out);
Status read(JsonValue value, bool& out);
Status read(JsonValue value, std::int32_t& out);
Status read(JsonValue value, std::int64_t& out);
Status read(JsonValue value, std::optional<std::int32_t>& out);
Status read(JsonValue value, Instant& out);
Status read(JsonValue value, std::optional<Instant>& out);

// A view that lives as long as the document; empty for null.
Result<std::string_view> read_view(JsonValue value);
// The text of a quantity, which may also be written as a number.
Result<std::string_view> read_quantity_text(JsonValue value);
Status read(JsonValue value, MilliCpu& out);
Status read(JsonValue value, Bytes& out);

}   // namespace ebb::kube
