#pragma once

// What Kubernetes fills in where nothing was said, kind by kind.

#include "sandbox/json/json.h"

#include <cstdint>
#include <string_view>
#include <utility>

namespace ebb::sandbox {

struct Schema;
struct Kind;

// Sets the member unless it is there already.
void put_default(json::object& object, std::string_view key, json::value value);
template <class T>
void set_default(json::object& object, std::string_view key, T&& value) {
  put_default(object, key, json::value(std::forward<T>(value)));
}

// Sets the member where it is missing or 0, "", false.
void set_if_zero(json::object& object, std::string_view key, std::string_view value);
void set_if_zero(json::object& object, std::string_view key, std::int64_t value);

// The member as an object or list, or null where it is missing or something else.
json::object* object_member(json::object& object, std::string_view key);
json::array* array_member(json::object& object, std::string_view key);
// The same, made where it is missing.
json::object& made_object(json::object& object, std::string_view key);

// Calls f(json::object&) for every object of a list member.
template <class F>
void each_object(json::object& object, std::string_view key, F f) {
  json::array* list = array_member(object, key);
  if (!list) return;
  for (json::value& item : *list) {
    if (item.is_object()) f(item.get_object());
  }
}

enum class PodIs { object, template_ };   // pods get more defaults than the templates they are made of

void default_pod_spec(json::object& spec, PodIs what);   // defaults_pod.cc
void default_addresses(json::object& status);            // podIP and podIPs of a pod
void default_template(json::object& owner_spec);         // of owner_spec.template
void default_claim(json::object& claim);                 // a PersistentVolumeClaim

// Each gives false where the kind is none of its own.
bool default_workload(const Kind& kind, json::object& object);       // defaults_workload.cc
bool default_service(std::string_view kind, json::object& object);   // defaults_service.cc
bool default_cluster(std::string_view kind, json::object& object);   // defaults_cluster.cc

// The `default:` values of an openAPIV3Schema, from the outside in.
void default_custom(const Schema& schema, json::value& value);

}   // namespace ebb::sandbox
