#pragma once

// Reading and writing the parts of Kubernetes objects that every controller meets: members at a
// path, times, owner references, finalizers, selectors and numbers that may be percentages. What is
// missing or has the wrong type reads as absent, because stored objects were validated before.

#include "base/time.h"
#include "model/label_selector.h"
#include "model/names.h"
#include "sandbox/json/json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ebb::sandbox::control {

// A path is dotted ("spec.replicas"); no key on it may hold a dot itself.
const json::value* value_at(const json::object& root, std::string_view path);
const json::object* object_at(const json::object& root, std::string_view path);
const json::array* array_at(const json::object& root, std::string_view path);
std::string text_at(const json::object& root, std::string_view path);
std::optional<std::int64_t> number_at(const json::object& root, std::string_view path);
bool flag_at(const json::object& root, std::string_view path);
std::optional<Instant> time_at(const json::object& root, std::string_view path);

// The object member of that name, made if it is missing.
json::object& child(json::object& parent, std::string_view key);

// Writes a status counter; zero is left out, as Kubernetes leaves it out.
void set_count(json::object& status, std::string_view field, std::int64_t count);

model::ObjectKey key_of(const json::object& object);
std::string uid_of(const json::object& object);
bool is_deleting(const json::object& object);
std::string annotation(const json::object& object, std::string_view key);   // empty: absent
model::Labels labels_at(const json::object& root, std::string_view path);

struct OwnerReference {
  std::string api_version, kind, name, uid;   // uid empty: none
  bool blocks = false;                        // blockOwnerDeletion

  bool is(std::string_view group, std::string_view its_kind) const;   // any version of the group
};
std::optional<OwnerReference> controller_of(const json::object& object);
json::object make_controller_reference(const json::object& owner);
// Takes the reference to that owner away; false: there was none.
bool drop_owner(json::object& object, std::string_view uid);

bool has_finalizer(const json::object& object, std::string_view name);
bool drop_finalizer(json::object& object, std::string_view name);

// spec.selector in its object form. None: it is missing or breaks the rules.
std::optional<model::LabelSelector> selector_of(const json::value* selector);

// "30%" of total, or the number itself. None: absent or not such a value.
std::optional<std::int64_t> int_or_percent(const json::value* value, std::int64_t total, bool round_up);

// The group of an apiVersion: "apps/v1" is "apps", "v1" is "".
std::string_view group_of(std::string_view api_version);

}   // namespace ebb::sandbox::control
