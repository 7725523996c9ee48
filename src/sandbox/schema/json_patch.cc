// RFC 6902 with the pointers of RFC 6901. Messages follow the library that the real server uses.
#include "sandbox/schema/schema.h"

#include <charconv>

namespace ebb::sandbox {

namespace {

constexpr std::size_t kOperationsMax = 10'000;
constexpr std::size_t kCopiedBytesMax = 3 * 1024 * 1024;   // copies of copies double with every operation

using Pointer = std::vector<std::string>;

Result<Pointer> parse_pointer(std::string_view text) {
  Pointer tokens;
  if (text.empty()) return tokens;
  if (text.front() != '/') return fail(Errc::invalid, "a JSON pointer starts with '/': \"{}\"", text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '/') {
      tokens.emplace_back();
    } else if (text[i] == '~') {
      const char escaped = i + 1 < text.size() ? text[i + 1] : ' ';
      if (escaped != '0' && escaped != '1') return fail(Errc::invalid, "'~' is followed by 0 or 1 in a JSON pointer: \"{}\"", text);
      tokens.back() += escaped == '0' ? '~' : '/';
      ++i;
    } else {
      tokens.back() += text[i];
    }
  }
  return tokens;
}

// No sign, no leading zero. `end` is the first index that is too large.
Result<std::size_t> parse_index(std::string_view token, std::size_t end) {
  std::size_t index = 0;
  const auto [rest, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  const bool canonical = !token.empty() && (token.size() == 1 || token.front() != '0');
  if (error != std::errc() || rest != token.data() + token.size() || !canonical)
    return fail(Errc::invalid, "no index of a list: \"{}\"", token);
  if (index >= end) return fail(Errc::invalid, "index {} is beyond the list", token);
  return index;
}

Result<json::value*> step_into(json::value& value, const std::string& token) {
  if (json::object* object = value.if_object()) {
    if (json::value* member = object->if_contains(token)) return member;
    return fail(Errc::invalid, "no member \"{}\"", token);
  }
  if (json::array* array = value.if_array()) {
    EBB_TRY(const std::size_t index, parse_index(token, array->size()));
    return &(*array)[index];
  }
  return fail(Errc::invalid, "\"{}\" leads into a value without members", token);
}

Result<json::value*> resolve(json::value& document, const Pointer& pointer, std::size_t steps) {
  json::value* here = &document;
  for (std::size_t i = 0; i < steps; ++i) {
    EBB_TRY(here, step_into(*here, pointer[i]));
  }
  return here;
}

Status add(json::value& document, const Pointer& pointer, json::value value) {
  if (pointer.empty()) {
    document = std::move(value);
    return {};
  }
  EBB_TRY(json::value* const parent, resolve(document, pointer, pointer.size() - 1));
  if (json::object* object = parent->if_object()) {
    object->insert_or_assign(pointer.back(), std::move(value));
    return {};
  }
  json::array* array = parent->if_array();
  if (!array) return fail(Errc::invalid, "\"{}\" leads into a value without members", pointer.back());
  if (pointer.back() == "-") {
    array->push_back(std::move(value));
    return {};
  }
  EBB_TRY(const std::size_t index, parse_index(pointer.back(), array->size() + 1));
  array->insert(array->begin() + static_cast<std::ptrdiff_t>(index), std::move(value));
  return {};
}

Result<json::value> remove(json::value& document, const Pointer& pointer) {
  if (pointer.empty()) return std::exchange(document, nullptr);
  EBB_TRY(json::value* const parent, resolve(document, pointer, pointer.size() - 1));
  EBB_TRY(json::value* const target, step_into(*parent, pointer.back()));
  json::value taken = std::move(*target);
  if (json::object* object = parent->if_object()) {
    object->stable_erase(object->find(pointer.back()));
  } else {
    json::array& array = parent->get_array();
    array.erase(array.begin() + (target - array.data()));
  }
  return taken;
}

bool is_prefix(const Pointer& shorter, const Pointer& longer) {
  return shorter.size() < longer.size() && std::equal(shorter.begin(), shorter.end(), longer.begin());
}

struct Operation {
  std::string op;
  Pointer path;
  Pointer from;
  const json::value* value = nullptr;
};

Result<Operation> parse_operation(const json::value& text) {
  const json::object* object = text.if_object();
  if (!object) return fail(Errc::invalid, "an operation of a JSON patch is an object");
  Operation operation{.op = std::string(string_at(*object, "op"))};
  const json::value* path = object->if_contains("path");
  if (!path || !path->is_string()) return fail(Errc::invalid, "{} operation without \"path\"", operation.op);
  EBB_TRY(operation.path, parse_pointer(path->get_string()));
  const bool with_from = operation.op == "move" || operation.op == "copy";
  const bool with_value = operation.op == "add" || operation.op == "replace" || operation.op == "test";
  if (!with_from && !with_value && operation.op != "remove") return fail(Errc::invalid, "Unexpected kind: {}", operation.op);
  if (with_from) {
    const json::value* from = object->if_contains("from");
    if (!from || !from->is_string()) return fail(Errc::invalid, "{} operation without \"from\"", operation.op);
    EBB_TRY(operation.from, parse_pointer(from->get_string()));
  }
  operation.value = object->if_contains("value");
  if (with_value && !operation.value) return fail(Errc::invalid, "{} operation without \"value\"", operation.op);
  return operation;
}

Status apply(json::value& document, const Operation& operation, std::size_t& copied) {
  const std::string& op = operation.op;
  if (op == "add") return add(document, operation.path, *operation.value);
  if (op == "remove") {
    EBB_TRY([[maybe_unused]] const json::value taken, remove(document, operation.path));
    return {};
  }
  if (op == "replace") {
    EBB_TRY(json::value* const target, resolve(document, operation.path, operation.path.size()));
    *target = *operation.value;
    return {};
  }
  if (op == "move") {
    if (operation.from == operation.path) return {};
    if (is_prefix(operation.from, operation.path)) return fail(Errc::invalid, "a value cannot be moved into itself");
    EBB_TRY(json::value taken, remove(document, operation.from));
    return add(document, operation.path, std::move(taken));
  }
  if (op == "copy") {
    EBB_TRY(const json::value* const source, resolve(document, operation.from, operation.from.size()));
    copied += json::serialize(*source).size();
    if (copied > kCopiedBytesMax) {
      return fail(Errc::too_large, "Unable to complete the copy, the accumulated size increase of copy is {}, exceeding the limit {}",
                  copied, kCopiedBytesMax);
    }
    return add(document, operation.path, *source);
  }
  EBB_TRY(const json::value* const target, resolve(document, operation.path, operation.path.size()));
  if (*target != *operation.value) return fail(Errc::conflict, "testing value failed");
  return {};
}

std::string pointer_text(const json::value& operation) { return std::string(string_at(operation, "path")); }

}   // namespace

Result<json::value> apply_json_patch(const json::value& document, const json::value& operations) {
  const json::array* list = operations.if_array();
  if (!list) return fail(Errc::invalid, "a JSON patch is a list of operations");
  if (list->size() > kOperationsMax) {
    return fail(Errc::too_large, "The allowed maximum operations in a JSON patch is {}, got {}", kOperationsMax, list->size());
  }
  json::value patched = document;
  std::size_t copied = 0;
  for (const json::value& text : *list) {
    EBB_TRY(const Operation operation, parse_operation(text));
    if (auto applied = apply(patched, operation, copied); !applied) {
      return std::unexpected(
          std::move(applied).error().with(fmt::format("{} operation does not apply at \"{}\"", operation.op, pointer_text(text))));
    }
  }
  return patched;
}

}   // namespace ebb::sandbox
