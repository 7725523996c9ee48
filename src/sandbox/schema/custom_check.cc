// Custom resources against their schema, in the words of the real server.
#include "model/timestamp.h"
#include "sandbox/schema/custom_schema.h"
#include "sandbox/schema/list_key.h"
#include "sandbox/schema/schema_rules.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace ebb::sandbox {

namespace {

std::string_view type_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null: return "null";
    case json::kind::bool_: return "boolean";
    case json::kind::string: return "string";
    case json::kind::array: return "array";
    case json::kind::object: return "object";
    case json::kind::double_: return value.get_double() == std::floor(value.get_double()) ? "integer" : "number";
    default: return "integer";
  }
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool has_type(std::string_view type, const json::value& value) {
  const std::string_view is = type_of(value);
  return type.empty() || is == type || (type == "number" && is == "integer");
}

bool has_format(std::string_view format, std::string_view text) {
  if (format == "date-time") {
    const auto time = model::parse_timestamp(text);
    return time || time.error().code == Errc::too_large;
  }
  if (format == "date") return model::parse_timestamp(std::string(text) + "T00:00:00Z").has_value();
  if (format == "byte") {
    const auto digit = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '/' || c == '='; };
    return text.size() % 4 == 0 && std::ranges::all_of(text, digit);
  }
  if (format == "uuid") {
    const auto digit = [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) || c == '-'; };
    return (text.size() == 36 || text.size() == 32) && std::ranges::all_of(text, digit);
  }
  return true;
}

std::string shown(double number) {
  if (number == std::floor(number) && std::abs(number) < 1e15) return fmt::format("{}", static_cast<std::int64_t>(number));
  return fmt::format("{}", number);
}

class CustomCheck {
 public:
  void check(const Schema& schema, const json::value& value) {
    if (!schema.custom) return;   // metadata has rules of its own
    if (value.is_null() && schema.nullable) return;
    if (schema.rules)
      check_rules(schema, *schema.rules, value);
    else if (schema.shape == Shape::int_or_string)
      check_int_or_string(value);
    if (const json::object* object = value.if_object()) {
      if (schema.embedded) check_embedded(*object);
      check_members(schema, *object);
    }
    if (const json::array* array = value.if_array()) check_elements(schema, *array);
  }

  std::vector<FieldError> problems;

 private:
  void add(std::string_view reason, std::string message) { problems.push_back({std::string(reason), path_, std::move(message)}); }
  void wrong(const json::value& value, std::string_view what) {
    add("FieldValueInvalid", fmt::format("Invalid value: {}: {} in body {}", json::serialize(value), path_, what));
  }

  void check_int_or_string(const json::value& value) {
    if (!value.is_string() && !has_type("integer", value)) {
      add("FieldValueTypeInvalid",
          fmt::format("Invalid value: \"{}\": {} in body must be of type integer,string: \"{}\"", type_of(value), path_, type_of(value)));
    }
  }

  void check_rules(const Schema& schema, const SchemaRules& rules, const json::value& value) {
    if (schema.shape == Shape::int_or_string) check_int_or_string(value);
    if (!has_type(rules.type, value)) {
      check_allowed(rules, value);
      return add("FieldValueTypeInvalid", fmt::format("Invalid value: \"{}\": {} in body must be of type {}: \"{}\"", type_of(value), path_,
                                                      rules.type, type_of(value)));
    }
    check_allowed(rules, value);
    if (value.is_number()) check_number(rules, value);
    if (value.is_string()) check_string(rules, value);
    check_size(rules, value);
    check_combinations(rules, value);
  }

  void check_allowed(const SchemaRules& rules, const json::value& value) {
    if (rules.allowed.empty() || std::ranges::find(rules.allowed, value) != rules.allowed.end()) return;
    std::vector<std::string> names;
    for (const json::value& each : rules.allowed)
      names.push_back(each.is_string() ? json::serialize(each) : fmt::format("\"{}\"", json::serialize(each)));
    const std::string got = value.is_string() ? json::serialize(value) : fmt::format("{}", json::serialize(value));
    add("FieldValueNotSupported", fmt::format("Unsupported value: {}: supported values: {}", got, fmt::join(names, ", ")));
  }

  void check_number(const SchemaRules& rules, const json::value& value) {
    const double number = value.to_number<double>();
    if (rules.minimum && (rules.exclusive_minimum ? number <= *rules.minimum : number < *rules.minimum)) {
      wrong(value, fmt::format("should be greater than {}{}", rules.exclusive_minimum ? "" : "or equal to ", shown(*rules.minimum)));
    }
    if (rules.maximum && (rules.exclusive_maximum ? number >= *rules.maximum : number > *rules.maximum)) {
      wrong(value, fmt::format("should be less than {}{}", rules.exclusive_maximum ? "" : "or equal to ", shown(*rules.maximum)));
    }
    if (rules.multiple_of && *rules.multiple_of > 0) {
      const double quotient = number / *rules.multiple_of;
      if (std::abs(quotient - std::round(quotient)) > 1e-9)
        wrong(value, fmt::format("should be a multiple of {}", shown(*rules.multiple_of)));
    }
    if (rules.format == "int32" && (number < -2147483648.0 || number > 2147483647.0)) wrong(value, "must be of type int32");
  }

  void check_string(const SchemaRules& rules, const json::value& value) {
    const std::string_view text = value.get_string();
    const auto size = static_cast<std::int64_t>(characters(text));
    if (rules.max_length && size > *rules.max_length) {
      return add("FieldValueTooLong", fmt::format("Too long: may not be more than {} bytes", *rules.max_length));
    }
    if (rules.min_length && size < *rules.min_length)
      return wrong(value, fmt::format("should be at least {} chars long", *rules.min_length));
    if (rules.pattern && !rules.pattern->matches(text)) return wrong(value, fmt::format("should match '{}'", rules.pattern->text()));
    if (!rules.format.empty() && !has_format(rules.format, text)) {
      const std::string shown_text = json::serialize(value);
      add("FieldValueTypeInvalid",
          fmt::format("Invalid value: {}: {} in body must be of type {}: {}", shown_text, path_, rules.format, shown_text));
    }
  }

  void check_size(const SchemaRules& rules, const json::value& value) {
    if (const json::array* array = value.if_array()) {
      const auto size = static_cast<std::int64_t>(array->size());
      if (rules.min_items && size < *rules.min_items) wrong(size, fmt::format("should have at least {} items", *rules.min_items));
      if (rules.max_items && size > *rules.max_items) {
        add("FieldValueTooMany", fmt::format("Too many: {}: must have at most {} items", size, *rules.max_items));
      }
    }
    const json::object* object = value.if_object();
    if (!object) return;
    const auto size = static_cast<std::int64_t>(object->size());
    if (rules.min_properties && size < *rules.min_properties)
      wrong(size, fmt::format("should have at least {} properties", *rules.min_properties));
    if (rules.max_properties && size > *rules.max_properties) {
      add("FieldValueTooMany", fmt::format("Too many: {}: must have at most {} items", size, *rules.max_properties));
    }
    for (const std::string& name : rules.required) {
      if (!object->contains(name))
        problems.push_back({"FieldValueRequired", path_.empty() ? name : fmt::format("{}.{}", path_, name), "Required value"});
    }
  }

  std::vector<FieldError> problems_under(const Schema& schema, const json::value& value) {
    CustomCheck inner;
    inner.path_ = path_;
    inner.check(schema, value);
    return std::move(inner.problems);
  }

  // Of alternatives that all fail, the first one's problems are told, too.
  void check_combinations(const SchemaRules& rules, const json::value& value) {
    const auto fails = [&](std::string_view what) {
      problems.push_back({"FieldValueInvalid", "<nil>", fmt::format("Invalid value: \"\": \"{}\" must {}", path_, what)});
    };
    const auto count = [&](const std::vector<const Schema*>& branches) {
      return std::ranges::count_if(branches, [&](const Schema* branch) { return problems_under(*branch, value).empty(); });
    };
    for (const Schema* branch : rules.all_of) check(*branch, value);
    if (!rules.any_of.empty() && count(rules.any_of) == 0) {
      fails("validate at least one schema (anyOf)");
      check(*rules.any_of.front(), value);
    }
    if (!rules.one_of.empty()) {
      const auto valid = count(rules.one_of);
      if (valid == 0) {
        fails("validate one and only one schema (oneOf). Found none valid");
        check(*rules.one_of.front(), value);
      } else if (valid > 1) {
        fails(fmt::format("validate one and only one schema (oneOf). Found {} valid alternatives", valid));
      }
    }
    if (rules.none_of && problems_under(*rules.none_of, value).empty()) fails("not validate the schema (not)");
  }

  void check_embedded(const json::object& object) {
    for (const std::string_view key : {"apiVersion", "kind"}) {
      if (string_at(object, key).empty()) problems.push_back({"FieldValueRequired", fmt::format("{}.{}", path_, key), "Required value"});
    }
  }

  void check_members(const Schema& schema, const json::object& object) {
    for (const auto& [key, member] : object) {
      const Field* field = schema.find(key);
      const Schema* below = field ? field->type : schema.element;
      if (!below) continue;
      const std::size_t size = path_.size();
      path_ += fmt::format("{}{}", path_.empty() ? "" : ".", std::string_view(key));
      check(*below, member);
      path_.resize(size);
    }
  }

  void check_elements(const Schema& schema, const json::array& array) {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < array.size(); ++i) {
      const std::size_t size = path_.size();
      path_ += fmt::format("[{}]", i);
      if (schema.element) check(*schema.element, array[i]);
      if (!schema.is_atomic() && schema.shape == Shape::list) {
        const std::string step = element_step(schema, array[i]);
        if (!seen.insert(step).second) add("FieldValueDuplicate", fmt::format("Duplicate value: {}", step.substr(2)));
      }
      path_.resize(size);
    }
  }

  std::string path_;
};

}   // namespace

std::vector<FieldError> custom_problems(const Schema& schema, const json::object& object) {
  CustomCheck check;
  check.check(schema, object);
  return std::move(check.problems);
}

}   // namespace ebb::sandbox
