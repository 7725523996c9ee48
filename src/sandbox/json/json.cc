#include "sandbox/json/json.h"

namespace ebb::sandbox {

const json::value* find_member(const json::value& object, std::string_view key) {
  const json::object* members = object.if_object();
  return members ? members->if_contains(key) : nullptr;
}

const json::value* find_path(const json::value& root, std::string_view dotted) {
  const json::value* here = &root;
  while (here && !dotted.empty()) {
    const std::size_t dot = dotted.find('.');
    here = find_member(*here, dotted.substr(0, dot));
    dotted = dot == std::string_view::npos ? std::string_view() : dotted.substr(dot + 1);
  }
  return here;
}

std::string_view string_at(const json::value& root, std::string_view dotted) {
  const json::value* found = find_path(root, dotted);
  const json::string* text = found ? found->if_string() : nullptr;
  return text ? std::string_view(*text) : std::string_view();
}

const json::value* find_path(const json::object& root, std::string_view dotted) {
  const std::size_t dot = dotted.find('.');
  const json::value* here = root.if_contains(dotted.substr(0, dot));
  return here && dot != std::string_view::npos ? find_path(*here, dotted.substr(dot + 1)) : here;
}

std::string_view string_at(const json::object& root, std::string_view dotted) {
  const json::value* found = find_path(root, dotted);
  const json::string* text = found ? found->if_string() : nullptr;
  return text ? std::string_view(*text) : std::string_view();
}

const json::object* object_at(const json::object& root, std::string_view dotted) {
  const json::value* found = find_path(root, dotted);
  return found ? found->if_object() : nullptr;
}

const json::array* array_at(const json::object& root, std::string_view dotted) {
  const json::value* found = find_path(root, dotted);
  return found ? found->if_array() : nullptr;
}

std::optional<std::int64_t> integer_at(const json::object& root, std::string_view dotted) {
  const json::value* found = find_path(root, dotted);
  if (!found) return std::nullopt;
  if (const std::int64_t* number = found->if_int64()) return *number;
  return std::nullopt;
}

bool bool_at(const json::object& root, std::string_view dotted) {
  const json::value* found = find_path(root, dotted);
  const bool* flag = found ? found->if_bool() : nullptr;
  return flag && *flag;
}

}   // namespace ebb::sandbox
