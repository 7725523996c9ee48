// What an applied configuration must be before it can be merged, in the words of the real server.
#include "sandbox/schema/list_key.h"
#include "sandbox/schema/ownership.h"

#include <algorithm>
#include <set>

namespace ebb::sandbox {

namespace {

std::string_view expected_of(const Schema& schema) {
  switch (schema.shape) {
    case Shape::object:
    case Shape::map:
    case Shape::opaque: return "map";
    case Shape::list: return "list";
    case Shape::boolean: return "boolean";
    case Shape::int32:
    case Shape::int64:
    case Shape::number: return "numeric (int or float)";
    default: return "string";
  }
}

bool fits(const Schema& schema, const json::value& value) {
  if (value.is_null()) return true;
  switch (schema.shape) {
    case Shape::any: return true;
    case Shape::object:
    case Shape::map:
    case Shape::opaque: return value.is_object();
    case Shape::list: return value.is_array();
    case Shape::boolean: return value.is_bool();
    case Shape::int32:
    case Shape::int64:
    case Shape::number: return value.is_number();
    case Shape::quantity:
    case Shape::int_or_string: return value.is_string() || value.is_number();
    default: return value.is_string();
  }
}

std::string_view shown(const json::value& value) {
  switch (value.kind()) {
    case json::kind::array: return "list";
    case json::kind::object: return "map";
    case json::kind::string: return "string";
    case json::kind::bool_: return "boolean";
    default: return "number";
  }
}

class AppliedCheck {
 public:
  void check(const Schema& schema, const json::value& value) {
    if (!fits(schema, value)) return problem(fmt::format("expected {}, got {}", expected_of(schema), shown(value)));
    if (const json::object* object = value.if_object()) check_members(schema, *object);
    if (const json::array* array = value.if_array()) check_elements(schema, *array);
  }
  std::vector<std::string> problems;

 private:
  void check_members(const Schema& schema, const json::object& object) {
    const bool open = schema.shape != Shape::object || schema.preserve_unknown || schema.element;
    for (const auto& [key, member] : object) {
      const std::size_t size = path_.size();
      path_ += fmt::format(".{}", std::string_view(key));
      if (!open && !schema.find(key))
        problem("field not declared in schema");
      else
        check(schema_of_member(schema, key), member);
      path_.resize(size);
    }
  }

  void check_elements(const Schema& schema, const json::array& array) {
    if (schema.shape != Shape::list) return;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < array.size(); ++i) {
      const std::string step = schema.is_atomic() ? fmt::format("i:{}", i) : element_step(schema, array[i]);
      FieldSet one;
      one.children[step].member = true;
      const std::string text = path_texts(one).front();
      if (!schema.is_atomic() && !check_keys(schema, array[i], i)) continue;
      if (!seen.insert(step).second) problem(fmt::format("duplicate entries for key {}", text));
      const std::size_t size = path_.size();
      path_ += text;
      check(*schema.element, array[i]);
      path_.resize(size);
    }
  }

  bool check_keys(const Schema& schema, const json::value& element, std::size_t index) {
    if (schema.list_kind != ListKind::map) return true;
    if (!element.is_object()) {
      problem(fmt::format("element {}: associative list with keys may not have non-map elements", index));
      return false;
    }
    const auto known = [&](const std::string& key) {
      const Field* field = schema.element->find(key);
      const bool has_default = field && (field->default_value || field->type->default_value || !field->type->custom);
      return element.get_object().contains(key) || has_default;
    };
    if (std::ranges::any_of(schema.list_keys, known)) return true;
    std::string keys;
    for (const std::string& key : schema.list_keys) keys += fmt::format("{}\"{}\"", keys.empty() ? "" : " ", key);
    problem(
        fmt::format("element {}: associative list with keys has an element that omits all key fields [{}] (and doesn't have default values "
                    "for any key fields)",
                    index, keys));
    return false;
  }

  void problem(std::string_view what) { problems.push_back(fmt::format("{}: {}", path_, what)); }

  std::string path_;
};

}   // namespace

std::vector<std::string> problems_of_applied(const Schema& schema, const json::value& value) {
  AppliedCheck check;
  check.check(schema, value);
  return std::move(check.problems);
}

}   // namespace ebb::sandbox
