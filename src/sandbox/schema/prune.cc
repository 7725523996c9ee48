#include "base/check.h"
#include "model/quantity.h"
#include "model/timestamp.h"
#include "sandbox/schema/schema.h"
#include "sandbox/schema/structure.h"
#include "sandbox/schema/zero.h"

#include <charconv>
#include <limits>

namespace ebb::sandbox {

namespace {

std::string_view json_type_name(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null: return "null";
    case json::kind::bool_: return "bool";
    case json::kind::string: return "string";
    case json::kind::array: return "array";
    case json::kind::object: return "object";
    default: return "number";
  }
}

std::string number_text(const json::value& value) {
  if (const auto* whole = value.if_int64()) return fmt::format("{}", *whole);
  if (const auto* whole = value.if_uint64()) return fmt::format("{}", *whole);
  std::string text = fmt::format("{}", value.get_double());
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Where standard base64 text goes wrong; line breaks are skipped as Go's decoder does.
std::optional<std::size_t> bad_base64(std::string_view text) {
  std::size_t digits = 0;
  std::size_t padding = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' || text[i] == '\r') continue;
    if (text[i] == '=') {
      if (++padding > 2 || digits % 4 < 2) return i;
    } else if (padding || kBase64.find(text[i]) == std::string_view::npos) {
      return i;
    } else {
      ++digits;
    }
  }
  return (digits + padding) % 4 ? std::optional(text.size()) : std::nullopt;
}

class Conformer {
 public:
  explicit Conformer(std::vector<std::string>& unknown) : unknown_(unknown) {}

  void object(const Schema& schema, json::object& object);
  std::vector<FieldError> errors() && { return std::move(errors_); }

 private:
  // False where the value is null and its member should go.
  bool value(const Schema& schema, json::value& value);
  void list(const Schema& schema, json::value& value);
  void map(const Schema& schema, json::object& object);
  void scalar(const Schema& schema, json::value& value);
  void integer(const Schema& schema, json::value& value);
  void quantity(json::value& value);
  void time(const Schema& schema, json::value& value);
  void bytes(json::value& value);
  void embedded(json::object& object);
  void add_unwritten(const Schema& schema, json::object& object);

  void mismatch(const Schema& schema, const json::value& value, std::string_view detail = {});
  void problem(std::string message) { errors_.push_back({"FieldValueTypeInvalid", {}, std::move(message)}); }

  std::string path_;         // spec.containers[0].name
  std::string go_path_;      // spec.containers.name
  std::string_view owner_;   // Container
  std::vector<std::string>& unknown_;
  std::vector<FieldError> errors_;
};

// The path of one member while it is looked at.
class Step {
 public:
  Step(std::string& path, std::string_view member) : path_(path), size_(path.size()) {
    if (!path_.empty()) path_ += '.';
    path_ += member;
  }
  Step(std::string& path, std::size_t index) : path_(path), size_(path.size()) { path_ += fmt::format("[{}]", index); }
  ~Step() { path_.resize(size_); }
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;

 private:
  std::string& path_;
  std::size_t size_;
};

std::string_view short_name(std::string_view type) { return type.substr(type.rfind('.') + 1); }

void Conformer::mismatch(const Schema& schema, const json::value& value, std::string_view detail) {
  if (schema.custom) return;   // validate() says it in the words of custom resources
  const std::string what = detail.empty() ? std::string(json_type_name(value)) : fmt::format("{} {}", json_type_name(value), detail);
  if (go_path_.empty()) return problem(fmt::format("json: cannot unmarshal {} into Go value of type {}", what, go_type_name(schema)));
  problem(fmt::format("json: cannot unmarshal {} into Go struct field {}.{} of type {}", what, owner_, go_path_, go_type_name(schema)));
}

void Conformer::object(const Schema& schema, json::object& object) {
  const std::string_view outer = std::exchange(owner_, short_name(schema.name));
  for (auto member = object.begin(); member != object.end();) {
    const Field* field = schema.find(member->key());
    const Step step(path_, member->key());
    const Schema* type = field ? field->type : schema.element;
    if (!type) {
      if (schema.preserve_unknown) {
        ++member;
        continue;
      }
      unknown_.push_back(fmt::format("unknown field \"{}\"", path_));
      member = object.stable_erase(member);
      continue;
    }
    const Step go_step(go_path_, member->key());
    bool stays = value(*type, member->value());
    if (field && !stays && field->when_empty == WhenEmpty::write && (type->shape == Shape::time || type->shape == Shape::micro_time))
      stays = true;
    if (field && stays && field->when_empty == WhenEmpty::drop && is_zero(member->value())) stays = false;
    member = stays ? std::next(member) : object.stable_erase(member);
  }
  add_unwritten(schema, object);
  if (schema.embedded) embedded(object);
  owner_ = outer;
}

void Conformer::add_unwritten(const Schema& schema, json::object& object) {
  for (const Field& field : schema.fields) {
    if (field.when_empty != WhenEmpty::write || object.contains(field.name)) continue;
    object.emplace(field.name, zero_value(*field.type));
  }
}

// A whole object inside a custom resource: its metadata is that of every object.
void Conformer::embedded(json::object& object) {
  json::value* metadata = object.if_contains("metadata");
  if (!metadata || !metadata->is_object()) return;
  const Step step(path_, "metadata");
  this->object(*builtin_schema("meta/v1", "ObjectMeta"), metadata->get_object());
}

bool Conformer::value(const Schema& schema, json::value& value) {
  if (value.is_null()) return schema.custom ? schema.nullable : schema.shape == Shape::any;
  switch (schema.shape) {
    case Shape::any: return true;
    case Shape::opaque:
      if (!value.is_object())
        mismatch(schema, value);
      else if (schema.embedded)
        embedded(value.get_object());
      return true;
    case Shape::object:
      if (value.is_object())
        object(schema, value.get_object());
      else
        mismatch(schema, value);
      return true;
    case Shape::map:
      if (value.is_object())
        map(schema, value.get_object());
      else
        mismatch(schema, value);
      return true;
    case Shape::list: list(schema, value); return true;
    default: scalar(schema, value); return true;
  }
}

void Conformer::list(const Schema& schema, json::value& value) {
  if (!value.is_array()) return mismatch(schema, value);
  json::array& items = value.get_array();
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Step step(path_, i);
    if (!this->value(*schema.element, items[i]) && !schema.element->custom) items[i] = zero_value(*schema.element);
  }
}

void Conformer::map(const Schema& schema, json::object& object) {
  for (auto& member : object) {
    const Step step(path_, member.key());
    if (!value(*schema.element, member.value()) && !schema.element->custom) member.value() = zero_value(*schema.element);
  }
}

void Conformer::scalar(const Schema& schema, json::value& value) {
  switch (schema.shape) {
    case Shape::boolean:
      if (!value.is_bool()) mismatch(schema, value);
      return;
    case Shape::number:
      if (!value.is_number()) mismatch(schema, value);
      return;
    case Shape::int32:
    case Shape::int64: return integer(schema, value);
    case Shape::int_or_string:
      if (!value.is_string()) integer(schema, value);
      return;
    case Shape::quantity: return quantity(value);
    default: break;
  }
  if (!value.is_string()) return mismatch(schema, value);
  if (schema.shape == Shape::time || schema.shape == Shape::micro_time) time(schema, value);
  if (schema.shape == Shape::bytes) bytes(value);
}

void Conformer::integer(const Schema& schema, json::value& value) {
  if (!value.is_number()) return mismatch(schema, value);
  if (schema.custom) return;
  const std::int64_t* whole = value.if_int64();
  const bool fits = whole && (schema.shape == Shape::int64 || *whole == static_cast<std::int32_t>(*whole));
  if (!fits) mismatch(schema, value, number_text(value));
}

void Conformer::quantity(json::value& value) {
  if (!value.is_string() && !value.is_number()) {
    return problem("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
  }
  const std::string text = value.is_string() ? std::string(value.get_string()) : number_text(value);
  const Result<std::string> stored = model::stored_quantity_text(text);
  if (stored)
    value = *stored;
  else
    problem("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
}

void Conformer::time(const Schema& schema, json::value& value) {
  const bool micro = schema.shape == Shape::micro_time;
  const std::string_view text = value.get_string();
  const Result<Instant> parsed = model::parse_timestamp(text);
  if (parsed) {
    value = micro ? model::to_micro_timestamp_text(*parsed) : model::to_timestamp_text(*parsed);
  } else if (parsed.error().code == Errc::invalid) {
    problem(fmt::format("parsing time \"{}\" as \"{}\": cannot parse \"{}\" as \"2006\"", text,
                        micro ? "2006-01-02T15:04:05.000000Z07:00" : "2006-01-02T15:04:05Z07:00", text));
  }
}

void Conformer::bytes(json::value& value) {
  json::string& text = value.get_string();
  if (const auto at = bad_base64(text)) return problem(fmt::format("illegal base64 data at input byte {}", *at));
  std::string clean(text);
  std::erase_if(clean, [](char c) { return c == '\n' || c == '\r'; });
  if (clean.size() != text.size()) text = clean;
}

}   // namespace

std::vector<FieldError> prune_and_check(const Schema& schema, json::object& object, std::vector<std::string>& unknown) {
  Conformer conformer(unknown);
  if (schema.shape == Shape::object) conformer.object(schema, object);
  return std::move(conformer).errors();
}

}   // namespace ebb::sandbox
