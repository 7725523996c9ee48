#include "sandbox/api/label_keys.h"

#include "sandbox/api/tree.h"

#include <string_view>

namespace ebb::sandbox {
namespace {

void add_requirements(json::object& selector, const json::array* keys, std::string_view op, const json::object& labels) {
  for (std::size_t i = 0; keys != nullptr && i < keys->size(); ++i) {
    const json::string* key = (*keys)[i].if_string();
    const json::value* value = key == nullptr ? nullptr : labels.if_contains(*key);
    if (value == nullptr) continue;   // a pod without the label says nothing
    json::value& expressions = selector["matchExpressions"];
    if (!expressions.is_array()) expressions.emplace_array();
    expressions.get_array().push_back(json::object{{"key", *key}, {"operator", op}, {"values", json::array{*value}}});
  }
}

// A term without a selector matches no pod whatever the keys are.
void merge(json::value* term, const json::object& labels) {
  json::object* fields = term == nullptr ? nullptr : term->if_object();
  json::object* selector = fields == nullptr ? nullptr : object_in(*fields, "labelSelector");
  if (selector == nullptr) return;
  add_requirements(*selector, array_in(*fields, "matchLabelKeys"), "In", labels);
  add_requirements(*selector, array_in(*fields, "mismatchLabelKeys"), "NotIn", labels);
}

template <class Visit>
void each_item(json::object& parent, std::string_view name, Visit visit) {
  json::array* list = array_in(parent, name);
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) visit((*list)[i]);
}

}   // namespace

void merge_label_keys(json::object& pod) {
  const json::object* metadata = object_in(pod, "metadata");
  const json::object* labels = metadata == nullptr ? nullptr : object_in(*metadata, "labels");
  json::object* spec = object_in(pod, "spec");
  if (labels == nullptr || spec == nullptr) return;
  each_item(*spec, "topologySpreadConstraints", [&](json::value& item) { merge(&item, *labels); });
  json::object* affinity = object_in(*spec, "affinity");
  if (affinity == nullptr) return;
  for (const std::string_view kind : {"podAffinity", "podAntiAffinity"}) {
    json::object* terms = object_in(*affinity, kind);
    if (terms == nullptr) continue;
    each_item(*terms, "requiredDuringSchedulingIgnoredDuringExecution", [&](json::value& item) { merge(&item, *labels); });
    each_item(*terms, "preferredDuringSchedulingIgnoredDuringExecution", [&](json::value& item) {
      if (item.is_object()) merge(item.get_object().if_contains("podAffinityTerm"), *labels);
    });
  }
}

}   // namespace ebb::sandbox
