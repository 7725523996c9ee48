#include "sandbox/api/tree.h"

#include <fmt/format.h>

namespace ebb::sandbox {

const json::object* object_in(const json::object& parent, std::string_view name) {
  const json::value* value = parent.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

json::object* object_in(json::object& parent, std::string_view name) {
  json::value* value = parent.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

const json::array* array_in(const json::object& parent, std::string_view name) {
  const json::value* value = parent.if_contains(name);
  return value == nullptr ? nullptr : value->if_array();
}

json::array* array_in(json::object& parent, std::string_view name) {
  json::value* value = parent.if_contains(name);
  return value == nullptr ? nullptr : value->if_array();
}

json::object& ensure_object(json::object& parent, std::string_view name) {
  json::value& value = parent[name];
  if (!value.is_object()) value.emplace_object();
  return value.get_object();
}

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

std::string_view text_in(const json::object& parent, std::string_view name) {
  const json::value* value = parent.if_contains(name);
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string_view() : view(*text);
}

std::int64_t integer_in(const json::object& parent, std::string_view name, std::int64_t otherwise) {
  const json::value* value = parent.if_contains(name);
  const std::int64_t* number = value == nullptr ? nullptr : value->if_int64();
  return number == nullptr ? otherwise : *number;
}

bool flag_in(const json::object& parent, std::string_view name) {
  const json::value* value = parent.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

const json::object& metadata_of(const json::object& object) {
  static const json::object kNone;
  const json::object* metadata = object_in(object, "metadata");
  return metadata == nullptr ? kNone : *metadata;
}

std::string_view metadata_text(const json::object& object, std::string_view name) { return text_in(metadata_of(object), name); }

const json::value* value_at(const json::object& root, std::string_view dotted) {
  const json::object* here = &root;
  for (;;) {
    const std::size_t dot = dotted.find('.');
    const json::value* value = here->if_contains(dotted.substr(0, dot));
    if (value == nullptr || dot == std::string_view::npos) return value;
    here = value->if_object();
    if (here == nullptr) return nullptr;
    dotted.remove_prefix(dot + 1);
  }
}

std::string scalar_text(const json::value* value) {
  if (value == nullptr) return {};
  switch (value->kind()) {
    case json::kind::string: return std::string(view(value->get_string()));
    case json::kind::bool_: return value->get_bool() ? "true" : "false";
    case json::kind::int64: return fmt::format("{}", value->get_int64());
    case json::kind::uint64: return fmt::format("{}", value->get_uint64());
    default: return {};
  }
}

void copy_member(json::object& to, const json::object& from, std::string_view name) {
  if (const json::value* value = from.if_contains(name)) {
    to[name] = *value;
  } else {
    to.erase(name);
  }
}

bool same_member(const json::object& a, const json::object& b, std::string_view name) {
  const json::value* left = a.if_contains(name);
  const json::value* right = b.if_contains(name);
  if (left == nullptr || right == nullptr) return left == right;
  return *left == *right;
}

}   // namespace ebb::sandbox
