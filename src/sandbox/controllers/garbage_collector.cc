#include "sandbox/controllers/garbage_collector.h"

#include "sandbox/controllers/fields.h"
#include "sandbox/controllers/resource_ids.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace ebb::sandbox::control {

GarbageCollector::GarbageCollector(View view) : view_(std::move(view)), client_(view_->api, "generic-garbage-collector") {
  view_->objects.listen([this](const GraphNode* before, const GraphNode* after) { on_node(before, after); });
  view_->on_new_kind.push_back([this] {
    for (const auto& uid : unresolved_) queue_.add(uid);
    unresolved_.clear();
  });
}

void GarbageCollector::wake_dependents(const std::string& uid) {
  for (const auto& dependent : view_->objects.dependents(uid)) queue_.add(dependent);
}

void GarbageCollector::on_node(const GraphNode* before, const GraphNode* after) {
  if (after == nullptr) {
    const std::string& uid = before->stored->uid;
    queue_.forget(uid);
    unresolved_.erase(uid);
    wake_dependents(uid);
    for (const auto& owner : before->owners) {   // one dependent less to wait for
      const GraphNode* node = view_->objects.find(owner.uid);
      if (node != nullptr && node->foreground) queue_.add(owner.uid);
    }
    return;
  }
  const std::string& uid = after->stored->uid;
  if (before != nullptr) {
    for (const auto& owner : before->owners) {   // a reference that was taken away or unblocked
      const GraphNode* node = view_->objects.find(owner.uid);
      if (node != nullptr && node->foreground) queue_.add(owner.uid);
    }
  }
  if (after->foreground && (before == nullptr || !before->foreground)) wake_dependents(uid);
  if (after->foreground || after->orphaning) {
    queue_.add(uid);
    return;
  }
  const bool doubtful =
      std::ranges::any_of(after->owners, [&](const OwnerReference& owner) { return standing(*after, owner) != Standing::solid; });
  if (doubtful) queue_.add(uid);
}

GarbageCollector::Standing GarbageCollector::standing(const GraphNode& item, const OwnerReference& owner) const {
  const ServedKind* kind = view_->kinds.find(group_of(owner.api_version), owner.kind);
  if (kind == nullptr) return Standing::unknown;
  if (kind->namespaced && item.key().ns.empty()) return Standing::unknown;   // such a reference can never be resolved
  const GraphNode* node = view_->objects.find(owner.uid);
  if (node == nullptr) return Standing::dangling;
  const bool same_object = node->key().name == owner.name && (!kind->namespaced || node->key().ns == item.key().ns) &&
                           resources::same(*node->resource, kind->resource);
  if (!same_object) return Standing::dangling;
  return node->foreground ? Standing::waiting : Standing::solid;
}

Instant GarbageCollector::run(Instant now) {
  return drain(queue_, now, [&](const std::string& uid) { return sync(uid, now).has_value(); });
}

Status GarbageCollector::sync(const std::string& uid, Instant now) {
  const GraphNode* found = view_->objects.find(uid);
  if (found == nullptr) return {};
  const GraphNode item = *found;   // writing changes the graph
  if (item.orphaning) return release_dependents(item, now);
  if (item.foreground) return finish_foreground(item, now);
  if (item.deleting) return {};
  return judge(item, now);
}

Status GarbageCollector::judge(const GraphNode& item, Instant now) {
  std::set<std::string> gone;
  bool solid = false, waiting = false;
  for (const auto& owner : item.owners) {
    switch (standing(item, owner)) {
      case Standing::solid: solid = true; break;
      case Standing::dangling: gone.insert(owner.uid); break;
      case Standing::waiting:
        waiting = true;
        gone.insert(owner.uid);
        break;
      case Standing::unknown: unresolved_.insert(item.stored->uid); return {};
    }
  }
  if (gone.empty()) return {};
  if (solid) return drop_owners(item, gone, now);
  const auto& dependents = view_->objects.dependents(item.stored->uid);
  if (!waiting || dependents.empty()) return remove(item, Propagation::background, now);

  // Its owner waits for it and it has dependents of its own: they go first too. Where one of them is
  // going in the foreground already, this is a circle: it may not block its owner.
  const bool circle = std::ranges::any_of(dependents, [&](const std::string& uid) {
    const GraphNode* dependent = view_->objects.find(uid);
    return dependent != nullptr && dependent->foreground;
  });
  if (circle) EBB_TRY_VOID(unblock(item, now));
  return remove(item, Propagation::foreground, now);
}

Status GarbageCollector::remove(const GraphNode& item, Propagation propagation, Instant now) {
  return client_.remove(*item.resource, item.key(), {.propagation = propagation, .uid = item.stored->uid}, now);
}

Status GarbageCollector::drop_owners(const GraphNode& item, const std::set<std::string>& uids, Instant now) {
  return client_.modify(*item.resource, item.key(), item.stored->uid, "", now, [&](json::object& object) {
    bool changed = false;
    for (const auto& uid : uids) changed = drop_owner(object, uid) || changed;
    return changed;
  });
}

Status GarbageCollector::unblock(const GraphNode& item, Instant now) {
  return client_.modify(*item.resource, item.key(), item.stored->uid, "", now, [](json::object& object) {
    bool changed = false;
    json::value* owners = child(object, "metadata").if_contains("ownerReferences");
    if (owners == nullptr || !owners->is_array()) return false;
    for (auto& owner : owners->get_array()) {
      if (!owner.is_object() || !flag_at(owner.get_object(), "blockOwnerDeletion")) continue;
      owner.get_object()["blockOwnerDeletion"] = false;
      changed = true;
    }
    return changed;
  });
}

Status GarbageCollector::release_dependents(const GraphNode& owner, Instant now) {
  const std::string& uid = owner.stored->uid;
  const std::set<std::string> dependents = view_->objects.dependents(uid);
  for (const auto& dependent : dependents) {
    const GraphNode* found = view_->objects.find(dependent);
    if (found == nullptr) continue;
    const GraphNode item = *found;
    EBB_TRY_VOID(drop_owners(item, {uid}, now));
  }
  return client_.modify(*owner.resource, owner.key(), uid, "", now, [](json::object& object) { return drop_finalizer(object, "orphan"); });
}

Status GarbageCollector::finish_foreground(const GraphNode& owner, Instant now) {
  const std::string& uid = owner.stored->uid;
  bool blocked = false;
  for (const auto& id : view_->objects.dependents(uid)) {
    const GraphNode* dependent = view_->objects.find(id);
    if (dependent == nullptr) continue;
    const bool blocks = std::ranges::any_of(dependent->owners, [&](const OwnerReference& o) { return o.uid == uid && o.blocks; });
    blocked = blocked || blocks;
    if (!dependent->deleting) queue_.add(id);
  }
  if (blocked) return {};
  return client_.modify(*owner.resource, owner.key(), uid, "", now,
                        [](json::object& object) { return drop_finalizer(object, "foregroundDeletion"); });
}

}   // namespace ebb::sandbox::control
