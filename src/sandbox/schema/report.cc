#include "sandbox/schema/report.h"

#include <charconv>

namespace ebb::sandbox {

void Report::required(std::string field, std::string_view why) {
  errors_.push_back({"FieldValueRequired", std::move(field), why.empty() ? "Required value" : fmt::format("Required value: {}", why)});
}

void Report::invalid(std::string field, const json::value& value, std::string_view why) {
  errors_.push_back({"FieldValueInvalid", std::move(field), fmt::format("Invalid value: {}: {}", json::serialize(value), why)});
}

void Report::unsupported(std::string field, const json::value& value, std::initializer_list<std::string_view> supported) {
  std::string list;
  for (const std::string_view word : supported) list += fmt::format("{}\"{}\"", list.empty() ? "" : ", ", word);
  errors_.push_back({"FieldValueNotSupported", std::move(field),
                     fmt::format("Unsupported value: {}: supported values: {}", json::serialize(value), list)});
}

void Report::duplicate(std::string field, const json::value& value) {
  errors_.push_back({"FieldValueDuplicate", std::move(field), fmt::format("Duplicate value: {}", json::serialize(value))});
}

void Report::forbidden(std::string field, std::string_view why) {
  errors_.push_back({"FieldValueForbidden", std::move(field), fmt::format("Forbidden: {}", why)});
}

void Report::not_found(std::string field, const json::value& value) {
  errors_.push_back({"FieldValueNotFound", std::move(field), fmt::format("Not found: {}", json::serialize(value))});
}

void Report::too_long(std::string field, std::size_t most) {
  errors_.push_back({"FieldValueTooLong", std::move(field), fmt::format("Too long: may not be more than {} bytes", most)});
}

void Report::named(const std::string& field, std::string_view value, const names::Problems& problems) {
  for (const std::string& problem : problems) invalid(field, json::value(value), problem);
}

void check_one_of(Report& report, const json::object& object, std::string_view key, const std::string& field,
                  std::initializer_list<std::string_view> allowed) {
  const json::value* value = object.if_contains(key);
  if (!value || !value->is_string()) return;
  for (const std::string_view word : allowed) {
    if (value->get_string() == word) return;
  }
  report.unsupported(fmt::format("{}.{}", field, key), *value, allowed);
}

void check_not_negative(Report& report, const json::object& object, std::string_view key, const std::string& field) {
  const auto number = integer_at(object, key);
  if (number && *number < 0) report.invalid(fmt::format("{}.{}", field, key), *number, "must be greater than or equal to 0");
}

void check_port(Report& report, const json::value* port, const std::string& field) {
  if (!port) return;
  if (const std::int64_t* number = port->if_int64(); number && (*number < 1 || *number > 65535)) {
    report.invalid(field, *port, "must be between 1 and 65535, inclusive");
  }
  if (port->is_string()) report.named(field, port->get_string(), names::port_name(port->get_string()));
}

void check_count_or_percent(Report& report, const json::value* value, const std::string& field, bool percent_max) {
  if (!value) return;
  if (const std::int64_t* number = value->if_int64()) {
    if (*number < 0) report.invalid(field, *value, "must be greater than or equal to 0");
    return;
  }
  if (!value->is_string()) return;
  const std::string_view text = value->get_string();
  const names::Problems problems = names::percent(text);
  report.named(field, text, problems);
  int share = 0;
  std::from_chars(text.data(), text.data() + text.size(), share);
  if (problems.empty() && percent_max && share > 100) report.invalid(field, *value, "must not be greater than 100%");
}

void check_immutable(Report& report, const json::object& object, const json::object* previous, std::string_view path) {
  if (!previous) return;
  const json::value* now = find_path(object, path);
  const json::value* before = find_path(*previous, path);
  const bool same = now && before ? *now == *before : now == before;
  if (!same) report.invalid(std::string(path), now ? *now : json::value(), "field is immutable");
}

}   // namespace ebb::sandbox
