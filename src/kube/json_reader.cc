#include "kube/json_reader.h"

#include "model/quantity.h"
#include "model/timestamp.h"

#include <algorithm>
#include <limits>

namespace ebb::kube {

bool SeenKeys::add(std::string_view key) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint64_t>(static_cast<unsigned char>(key[i])); };
  const std::uint64_t hash = key.empty() ? 0 : (key.size() * 7 + at(0) * 31 + at(key.size() - 1) * 17 + at(key.size() / 2) * 13);
  const std::uint64_t bit = std::uint64_t{1} << (hash % 64);
  const bool maybe = (bits_ & bit) != 0;
  bits_ |= bit;
  if (maybe) {
    for (std::size_t i = 0; i < count_; ++i) {
      if (std::string_view(first_[i].data, first_[i].size) == key) return false;
    }
    if (std::find(rest_.begin(), rest_.end(), key) != rest_.end()) return false;
  }
  if (count_ < first_.size()) {
    first_[count_++] = {key.data(), key.size()};
  } else {
    rest_.push_back(key);
  }
  return true;
}

bool json_is_null(JsonValue& value) {
  bool null = false;
  return value.is_null().get(null) == simdjson::SUCCESS && null;
}

Result<std::string_view> read_view(JsonValue value) {
  if (json_is_null(value)) return std::string_view();
  std::string_view text;
  const auto code = value.get_string().get(text);
  if (code == simdjson::INCORRECT_TYPE) return fail(Errc::invalid, "expected text");
  if (code != simdjson::SUCCESS) return json_error(code);
  return text;
}

Status read(JsonValue value, std::string& out) {
  EBB_TRY(const std::string_view text, read_view(value));
  out = text;
  return {};
}

Status read(JsonValue value, bool& out) {
  if (json_is_null(value)) return {};
  if (value.get_bool().get(out) != simdjson::SUCCESS) return fail(Errc::invalid, "expected true or false");
  return {};
}

Status read(JsonValue value, std::int32_t& out) {
  if (json_is_null(value)) return {};
  std::int64_t number = 0;
  if (value.get_int64().get(number) != simdjson::SUCCESS || number < std::numeric_limits<std::int32_t>::min() ||
      number > std::numeric_limits<std::int32_t>::max()) {
    return fail(Errc::invalid, "expected a whole number of 32 bits");
  }
  out = static_cast<std::int32_t>(number);
  return {};
}

Status read(JsonValue value, std::int64_t& out) {
  if (json_is_null(value)) return {};
  if (value.get_int64().get(out) != simdjson::SUCCESS) return fail(Errc::invalid, "expected a whole number");
  return {};
}

Status read(JsonValue value, std::optional<std::int32_t>& out) {
  if (json_is_null(value)) return {};
  std::int32_t number = 0;
  EBB_TRY_VOID(read(value, number));
  out = number;
  return {};
}

Status read(JsonValue value, Instant& out) {
  if (json_is_null(value)) return {};
  EBB_TRY(const std::string_view text, read_view(value));
  EBB_TRY(out, model::parse_timestamp(text));
  return {};
}

Status read(JsonValue value, std::optional<Instant>& out) {
  if (json_is_null(value)) return {};
  Instant time;
  EBB_TRY_VOID(read(value, time));
  out = time;
  return {};
}

Result<std::string_view> read_quantity_text(JsonValue value) {
  simdjson::ondemand::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return json_error(code);
  if (type != simdjson::ondemand::json_type::number) return read_view(value);
  std::string_view text = value.raw_json_token();
  double number = 0;   // consumes the token, and makes sure that it is a number
  if (value.get_double().get(number) != simdjson::SUCCESS) return fail(Errc::invalid, "expected an amount");
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

Status read(JsonValue value, MilliCpu& out) {
  if (json_is_null(value)) return {};
  EBB_TRY(const std::string_view text, read_quantity_text(value));
  EBB_TRY(out, model::parse_cpu(text));
  return {};
}

Status read(JsonValue value, Bytes& out) {
  if (json_is_null(value)) return {};
  EBB_TRY(const std::string_view text, read_quantity_text(value));
  EBB_TRY(out, model::parse_memory(text));
  return {};
}

}   // namespace ebb::kube
