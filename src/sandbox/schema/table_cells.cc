#include "sandbox/schema/table_cells.h"

#include "base/result.h"
#include "model/timestamp.h"

#include <map>
#include <vector>

namespace ebb::sandbox::table {

namespace {

std::size_t size_of(const json::value* value) {
  if (!value) return 0;
  if (const json::object* object = value->if_object()) return object->size();
  if (const json::array* array = value->if_array()) return array->size();
  return 0;
}

std::string each_container(const Row& row, std::string_view path, std::string_view member) {
  std::string list;
  const json::array* found = array_at(row.object, fmt::format("{}.containers", path));
  if (!found) return list;
  for (const json::value& container : *found) list += fmt::format("{}{}", list.empty() ? "" : ",", string_at(container, member));
  return list;
}

std::string map_text(const json::object& map) {
  std::map<std::string, std::string> sorted;
  for (const auto& [key, value] : map) sorted[key] = scalar(&value);
  std::string list;
  for (const auto& [key, value] : sorted) list += fmt::format("{}{}={}", list.empty() ? "" : ",", key, value);
  return list;
}

std::string expression_text(const json::value& expression) {
  const std::string_view key = string_at(expression, "key");
  const std::string_view op = string_at(expression, "operator");
  if (op == "Exists") return std::string(key);
  if (op == "DoesNotExist") return fmt::format("!{}", key);
  std::string values;
  if (const json::value* list = find_member(expression, "values"); list && list->is_array()) {
    for (const json::value& value : list->get_array()) values += fmt::format("{}{}", values.empty() ? "" : ",", scalar(&value));
  }
  return fmt::format("{} {} ({})", key, op == "In" ? "in" : "notin", values);
}

}   // namespace

std::string scalar(const json::value* value) {
  if (!value) return {};
  switch (value->kind()) {
    case json::kind::string: return std::string(value->get_string());
    case json::kind::bool_:
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_: return json::serialize(*value);
    default: return {};
  }
}

json::value text(const Row& row, std::string_view path) { return json::value(std::string_view(scalar(find_path(row.object, path)))); }

json::value text_or(const Row& row, std::string_view word) {
  const std::size_t space = word.find(' ');
  const std::string found = scalar(find_path(row.object, word.substr(0, space)));
  return json::value(found.empty() ? word.substr(space + 1) : std::string_view(found));
}

json::value integer(const Row& row, std::string_view path) { return integer_at(row.object, path).value_or(0); }
json::value boolean(const Row& row, std::string_view path) { return bool_at(row.object, path); }

json::value flag_text(const Row& row, std::string_view path) {
  const json::value* found = find_path(row.object, path);
  if (!found || !found->is_bool()) return "<unset>";
  return found->get_bool() ? "True" : "False";
}

json::value number_or_none(const Row& row, std::string_view path) {
  const auto number = integer_at(row.object, path);
  return number ? json::value(*number) : json::value("<none>");
}

json::value count(const Row& row, std::string_view path) { return static_cast<std::int64_t>(size_of(find_path(row.object, path))); }

json::value counts(const Row& row, std::string_view paths) {
  std::size_t sum = 0;
  while (!paths.empty()) {
    const std::size_t plus = paths.find('+');
    sum += size_of(find_path(row.object, paths.substr(0, plus)));
    paths = plus == std::string_view::npos ? std::string_view() : paths.substr(plus + 1);
  }
  return static_cast<std::int64_t>(sum);
}

json::value joined(const Row& row, std::string_view path) {
  std::string list;
  if (const json::array* array = array_at(row.object, path)) {
    for (const json::value& item : *array) list += fmt::format("{}{}", list.empty() ? "" : ",", scalar(&item));
  }
  return json::value(list.empty() ? std::string_view("<none>") : std::string_view(list));
}

std::string human_duration(Duration duration) {
  const std::int64_t s = duration.v / 1'000'000'000;
  if (s < -1) return "<invalid>";
  if (s <= 0) return "0s";
  const auto pair = [](std::int64_t big, std::string_view big_unit, std::int64_t small, std::string_view small_unit) {
    return small == 0 ? fmt::format("{}{}", big, big_unit) : fmt::format("{}{}{}{}", big, big_unit, small, small_unit);
  };
  const std::int64_t m = s / 60, h = s / 3600, d = s / 86400, y = d / 365;
  if (s < 120) return fmt::format("{}s", s);
  if (m < 10) return pair(m, "m", s % 60, "s");
  if (m < 180) return fmt::format("{}m", m);
  if (h < 8) return pair(h, "h", m % 60, "m");
  if (h < 48) return fmt::format("{}h", h);
  if (d < 8) return pair(d, "d", h % 24, "h");
  if (d < 730) return fmt::format("{}d", d);
  if (y < 8) return pair(y, "y", d % 365, "d");
  return fmt::format("{}y", y);
}

std::string human_since(const json::value* timestamp, Instant now) {
  const std::string written = scalar(timestamp);
  if (written.empty()) return "<unknown>";
  const auto time = model::parse_timestamp(written);
  return time ? human_duration(now - *time) : std::string("<invalid>");
}

json::value age(const Row& row, std::string_view) {
  return json::value(std::string_view(human_since(find_path(row.object, "metadata.creationTimestamp"), row.now)));
}

json::value since(const Row& row, std::string_view path) {
  const json::value* time = find_path(row.object, path);
  return json::value(std::string_view(scalar(time).empty() ? std::string("<none>") : human_since(time, row.now)));
}

json::value created_at(const Row& row, std::string_view) { return text(row, "metadata.creationTimestamp"); }

json::value ready_of(const Row& row, std::string_view paths) {
  const std::size_t space = paths.find(' ');
  const std::string shown = fmt::format("{}/{}", integer_at(row.object, paths.substr(0, space)).value_or(0),
                                        integer_at(row.object, paths.substr(space + 1)).value_or(0));
  return json::value(std::string_view(shown));
}

json::value containers(const Row& row, std::string_view pod_spec_path) {
  return json::value(std::string_view(each_container(row, pod_spec_path, "name")));
}
json::value images(const Row& row, std::string_view pod_spec_path) {
  return json::value(std::string_view(each_container(row, pod_spec_path, "image")));
}

json::value selector(const Row& row, std::string_view path) {
  const json::object* found = object_at(row.object, path);
  if (!found) return "<none>";
  std::vector<std::string> parts;
  if (const json::object* match = object_at(*found, "matchLabels"); match && !match->empty()) parts.push_back(map_text(*match));
  if (const json::array* expressions = array_at(*found, "matchExpressions")) {
    for (const json::value& expression : *expressions) parts.push_back(expression_text(expression));
  }
  return json::value(std::string_view(parts.empty() ? std::string("<none>") : fmt::format("{}", fmt::join(parts, ","))));
}

json::value labels(const Row& row, std::string_view path) {
  const json::object* map = object_at(row.object, path);
  return json::value(std::string_view(map && !map->empty() ? map_text(*map) : std::string("<none>")));
}

}   // namespace ebb::sandbox::table
