#include "sandbox/controllers/fields.h"

#include "model/timestamp.h"

#include <algorithm>
#include <charconv>

namespace ebb::sandbox::control {

const json::value* value_at(const json::object& root, std::string_view path) {
  const json::object* here = &root;
  for (;;) {
    const std::size_t dot = path.find('.');
    const json::value* found = here->if_contains(path.substr(0, dot));
    if (found == nullptr || found->is_null()) return nullptr;
    if (dot == std::string_view::npos) return found;
    here = found->if_object();
    if (here == nullptr) return nullptr;
    path.remove_prefix(dot + 1);
  }
}

const json::object* object_at(const json::object& root, std::string_view path) {
  const json::value* found = value_at(root, path);
  return found == nullptr ? nullptr : found->if_object();
}

const json::array* array_at(const json::object& root, std::string_view path) {
  const json::value* found = value_at(root, path);
  return found == nullptr ? nullptr : found->if_array();
}

std::string text_at(const json::object& root, std::string_view path) {
  const json::value* found = value_at(root, path);
  if (found == nullptr || !found->is_string()) return {};
  return std::string(std::string_view(found->get_string()));
}

std::optional<std::int64_t> number_at(const json::object& root, std::string_view path) {
  const json::value* found = value_at(root, path);
  if (found == nullptr || !found->is_int64()) return std::nullopt;
  return found->get_int64();
}

bool flag_at(const json::object& root, std::string_view path) {
  const json::value* found = value_at(root, path);
  return found != nullptr && found->is_bool() && found->get_bool();
}

std::optional<Instant> time_at(const json::object& root, std::string_view path) {
  const json::value* found = value_at(root, path);
  if (found == nullptr || !found->is_string()) return std::nullopt;
  const auto time = model::parse_timestamp(std::string_view(found->get_string()));
  if (!time) return std::nullopt;
  return *time;
}

json::object& child(json::object& parent, std::string_view key) {
  json::value& member = parent[key];
  if (!member.is_object()) member.emplace_object();
  return member.get_object();
}

void set_count(json::object& status, std::string_view field, std::int64_t count) {
  if (count == 0) {
    status.erase(field);
  } else {
    status[field] = count;
  }
}

model::ObjectKey key_of(const json::object& object) { return {text_at(object, "metadata.namespace"), text_at(object, "metadata.name")}; }
std::string uid_of(const json::object& object) { return text_at(object, "metadata.uid"); }
bool is_deleting(const json::object& object) { return value_at(object, "metadata.deletionTimestamp") != nullptr; }

std::string annotation(const json::object& object, std::string_view key) {
  const json::object* all = object_at(object, "metadata.annotations");
  const json::value* found = all == nullptr ? nullptr : all->if_contains(key);
  return found != nullptr && found->is_string() ? std::string(std::string_view(found->get_string())) : std::string();
}

model::Labels labels_at(const json::object& root, std::string_view path) {
  model::Labels labels;
  const json::object* all = object_at(root, path);
  if (all == nullptr) return labels;
  for (const auto& label : *all) {
    if (label.value().is_string()) labels.emplace(std::string_view(label.key()), std::string_view(label.value().get_string()));
  }
  return labels;
}

bool OwnerReference::is(std::string_view group, std::string_view its_kind) const {
  return kind == its_kind && group_of(api_version) == group;
}

std::optional<OwnerReference> controller_of(const json::object& object) {
  const json::array* owners = array_at(object, "metadata.ownerReferences");
  if (owners == nullptr) return std::nullopt;
  for (const auto& owner : *owners) {
    const json::object* reference = owner.if_object();
    if (reference == nullptr || !flag_at(*reference, "controller")) continue;
    return OwnerReference{text_at(*reference, "apiVersion"), text_at(*reference, "kind"), text_at(*reference, "name"),
                          text_at(*reference, "uid"), flag_at(*reference, "blockOwnerDeletion")};
  }
  return std::nullopt;
}

json::object make_controller_reference(const json::object& owner) {
  return {{"apiVersion", text_at(owner, "apiVersion")},
          {"kind", text_at(owner, "kind")},
          {"name", text_at(owner, "metadata.name")},
          {"uid", uid_of(owner)},
          {"controller", true},
          {"blockOwnerDeletion", true}};
}

namespace {

// Takes out of metadata's list what `unwanted` names; an emptied list goes altogether.
template <class Unwanted>
bool drop_from_list(json::object& object, std::string_view list, Unwanted unwanted) {
  json::object& metadata = child(object, "metadata");
  json::value* found = metadata.if_contains(list);
  if (found == nullptr || !found->is_array()) return false;
  json::array kept;
  for (const auto& item : found->get_array()) {
    if (!unwanted(item)) kept.push_back(item);
  }
  if (kept.size() == found->get_array().size()) return false;
  if (kept.empty()) {
    metadata.erase(list);
  } else {
    *found = std::move(kept);
  }
  return true;
}

}   // namespace

bool drop_owner(json::object& object, std::string_view uid) {
  return drop_from_list(object, "ownerReferences",
                        [&](const json::value& owner) { return owner.is_object() && text_at(owner.get_object(), "uid") == uid; });
}

bool has_finalizer(const json::object& object, std::string_view name) {
  const json::array* finalizers = array_at(object, "metadata.finalizers");
  return finalizers != nullptr &&
         std::ranges::any_of(*finalizers, [&](const json::value& f) { return f.is_string() && std::string_view(f.get_string()) == name; });
}

bool drop_finalizer(json::object& object, std::string_view name) {
  return drop_from_list(object, "finalizers",
                        [&](const json::value& item) { return item.is_string() && std::string_view(item.get_string()) == name; });
}

std::optional<model::LabelSelector> selector_of(const json::value* selector) {
  if (selector == nullptr || !selector->is_object()) return std::nullopt;
  const json::object& fields = selector->get_object();
  model::LabelSelector result;
  for (auto& [key, value] : labels_at(fields, "matchLabels")) {
    auto requirement = model::make_requirement(key, model::SelectorOperator::in, {value});
    if (!requirement) return std::nullopt;
    result.requirements.push_back(*std::move(requirement));
  }
  if (const json::array* expressions = array_at(fields, "matchExpressions")) {
    for (const auto& expression : *expressions) {
      if (!expression.is_object()) return std::nullopt;
      const json::object& parts = expression.get_object();
      const auto op = model::parse_selector_operator(text_at(parts, "operator"));
      if (!op) return std::nullopt;
      std::vector<std::string> values;
      if (const json::array* listed = array_at(parts, "values")) {
        for (const auto& value : *listed) {
          if (value.is_string()) values.emplace_back(std::string_view(value.get_string()));
        }
      }
      auto requirement = model::make_requirement(text_at(parts, "key"), *op, std::move(values));
      if (!requirement) return std::nullopt;
      result.requirements.push_back(*std::move(requirement));
    }
  }
  return result;
}

std::optional<std::int64_t> int_or_percent(const json::value* value, std::int64_t total, bool round_up) {
  if (value == nullptr) return std::nullopt;
  if (value->is_int64()) return value->get_int64();
  if (!value->is_string()) return std::nullopt;
  std::string_view text(value->get_string());
  if (!text.ends_with('%')) return std::nullopt;
  text.remove_suffix(1);
  std::int64_t percent = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return (percent * total + (round_up ? 99 : 0)) / 100;
}

std::string_view group_of(std::string_view api_version) {
  const std::size_t slash = api_version.find('/');
  return slash == std::string_view::npos ? std::string_view() : api_version.substr(0, slash);
}

}   // namespace ebb::sandbox::control
