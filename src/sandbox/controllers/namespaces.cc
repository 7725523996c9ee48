#include "sandbox/controllers/namespaces.h"

#include "sandbox/controllers/conditions.h"
#include "sandbox/controllers/fields.h"
#include "sandbox/controllers/resource_ids.h"

#include <fmt/ranges.h>

#include <utility>
#include <vector>

namespace ebb::sandbox::control {

namespace {

constexpr std::string_view kRootCa = "kube-root-ca.crt";

bool has_spec_finalizer(const json::object& ns) {
  const json::array* finalizers = array_at(ns, "spec.finalizers");
  if (finalizers == nullptr) return false;
  for (const auto& finalizer : *finalizers) {
    if (finalizer.is_string() && std::string_view(finalizer.get_string()) == "kubernetes") return true;
  }
  return false;
}

std::string qualified(const ResourceId& resource) { return fmt::format("{}.{}", resource.resource, resource.group); }

}   // namespace

NamespaceController::NamespaceController(View view) : view_(std::move(view)), client_(view_->api, "namespace-controller") {}

void NamespaceController::observe(const Change& change) {
  const model::ObjectKey& key = change.object->key;
  if (resources::same(change.resource, resources::kNamespaces)) {
    if (change.type == ChangeType::deleted) {
      ending_.erase(key.name);
      queue_.forget(key.name);
      return;
    }
    ending_[key.name] = is_deleting(view_->parsed.of(change.object));
    queue_.add(key.name);
    return;
  }
  const auto found = ending_.find(key.ns);
  if (key.ns.empty() || found == ending_.end()) return;
  if (found->second) {
    // Something left, or came in at the last moment. A round costs a list of the resource, so it waits for the last of a kind, or a little.
    const bool last_of_kind = !view_->objects.content(key.ns).contains(change.resource);
    queue_.add_at(key.ns, last_of_kind ? last_run_ : last_run_ + milliseconds(100));
  } else if ((key.name == "default" && resources::same(change.resource, resources::kServiceAccounts)) ||
             (key.name == kRootCa && resources::same(change.resource, resources::kConfigMaps))) {
    queue_.add(key.ns);
  }
}

Instant NamespaceController::run(Instant now) {
  last_run_ = now;
  return drain(queue_, now, [&](const std::string& ns) { return sync(ns, now).has_value(); });
}

Status NamespaceController::sync(const std::string& name, Instant now) {
  auto ns = client_.get(resources::kNamespaces, {"", name});
  if (!ns) return ns.error().code == Errc::not_found ? Status{} : Status(std::unexpected(ns.error()));
  if (!is_deleting(*ns)) return furnish(name, now);
  if (!has_spec_finalizer(*ns)) return {};
  return empty(*ns, now);
}

Status NamespaceController::furnish(const std::string& ns, Instant now) {
  if (!client_.get(resources::kServiceAccounts, {ns, "default"})) {
    json::object account{
        {"apiVersion", "v1"}, {"kind", "ServiceAccount"}, {"metadata", json::object{{"name", "default"}, {"namespace", ns}}}};
    const auto created = client_.create(resources::kServiceAccounts, std::move(account), now);
    if (!created && created.error().code != Errc::exists) return std::unexpected(created.error());
  }
  const json::object wanted{{"ca.crt", view_->options.root_ca_pem}};
  const auto config = client_.get(resources::kConfigMaps, {ns, std::string(kRootCa)});
  if (!config) {
    json::object map{
        {"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", json::object{{"name", kRootCa}, {"namespace", ns}}}, {"data", wanted}};
    const auto created = client_.create(resources::kConfigMaps, std::move(map), now);
    if (!created && created.error().code != Errc::exists) return std::unexpected(created.error());
    return {};
  }
  return client_.modify(resources::kConfigMaps, {ns, std::string(kRootCa)}, "", "", now, [&](json::object& map) {
    if (child(map, "data") == wanted) return false;
    map["data"] = wanted;
    return true;
  });
}

void NamespaceController::remove_all(const ResourceId& resource, const std::string& ns, Remains& remains, Instant now) {
  for (const auto& object : view_->api.list(resource)) {
    if (object->key.ns != ns || remains.budget == 0) continue;
    if (object->text->find("\"deletionTimestamp\"") != std::string::npos && is_deleting(object->parse())) continue;
    --remains.budget;
    const auto removed = client_.remove(resource, object->key, {.propagation = Propagation::background, .uid = object->uid}, now);
    if (!removed && removed.error().code != Errc::conflict) remains.failure = removed.error().message;
  }
  for (const auto& object : view_->api.list(resource)) {
    if (object->key.ns != ns) continue;
    ++remains.resources[qualified(resource)];
    const json::object parsed = object->parse();
    if (const json::array* finalizers = array_at(parsed, "metadata.finalizers")) {
      for (const auto& finalizer : *finalizers) {
        if (finalizer.is_string()) ++remains.finalizers[std::string(std::string_view(finalizer.get_string()))];
      }
    }
  }
}

Status NamespaceController::empty(const json::object& object, Instant now) {
  const std::string ns = text_at(object, "metadata.name");
  Remains remains;
  std::vector<ResourceId> present;
  bool pods = false;
  for (const auto& [resource, count] : view_->objects.content(ns)) {
    present.push_back(resource);
    pods = pods || resources::same(resource, resources::kPods);
  }
  if (pods) remove_all(resources::kPods, ns, remains, now);
  const bool pods_remain = !remains.resources.empty();
  for (const auto& resource : present) {
    if (!pods_remain && !resources::same(resource, resources::kPods)) remove_all(resource, ns, remains, now);
  }
  EBB_TRY_VOID(write_conditions(ns, remains, now));
  if (remains.budget == 0) queue_.add_at(ns, now);
  if (!remains.failure.empty()) return fail(Errc::unavailable, "{}", remains.failure);
  if (!remains.resources.empty()) return {};   // woken by what leaves

  return client_.modify(resources::kNamespaces, {"", ns}, uid_of(object), "finalize", now, [](json::object& current) {
    json::array kept;
    for (const auto& finalizer : *array_at(current, "spec.finalizers")) {
      if (finalizer != json::value("kubernetes")) kept.push_back(finalizer);
    }
    child(current, "spec")["finalizers"] = std::move(kept);
    return true;
  });
}

Status NamespaceController::write_conditions(const std::string& ns, const Remains& remains, Instant now) {
  std::vector<std::string> left, held;
  for (const auto& [resource, count] : remains.resources) left.push_back(fmt::format("{} has {} resource instances", resource, count));
  for (const auto& [finalizer, count] : remains.finalizers) held.push_back(fmt::format("{} in {} resource instances", finalizer, count));
  const std::vector<Condition> conditions = {
      {"NamespaceDeletionDiscoveryFailure", "False", "ResourcesDiscovered", "All resources successfully discovered"},
      {"NamespaceDeletionGroupVersionParsingFailure", "False", "ParsedGroupVersions", "All legacy kube types successfully parsed"},
      remains.failure.empty() ? Condition{"NamespaceDeletionContentFailure", "False", "ContentDeleted",
                                          "All content successfully deleted, may be waiting on finalization"}
                              : Condition{"NamespaceDeletionContentFailure", "True", "ContentDeletionFailed",
                                          fmt::format("Failed to delete all resource types, 1 remaining: {}", remains.failure)},
      left.empty() ? Condition{"NamespaceContentRemaining", "False", "ContentRemoved", "All content successfully removed"}
                   : Condition{"NamespaceContentRemaining", "True", "SomeResourcesRemain",
                               fmt::format("Some resources are remaining: {}", fmt::join(left, ", "))},
      held.empty()
          ? Condition{"NamespaceFinalizersRemaining", "False", "ContentHasNoFinalizers", "All content-preserving finalizers finished"}
          : Condition{"NamespaceFinalizersRemaining", "True", "SomeFinalizersRemain",
                      fmt::format("Some content in the namespace has finalizers remaining: {}", fmt::join(held, ", "))}};
  return client_.modify(resources::kNamespaces, {"", ns}, "", "status", now, [&](json::object& object) {
    bool changed = false;
    for (const auto& condition : conditions) changed = set_condition(child(object, "status"), condition, now) || changed;
    return changed;
  });
}

}   // namespace ebb::sandbox::control
