#include "sandbox/controllers/object_graph.h"

#include "sandbox/controllers/resource_ids.h"

#include <optional>
#include <string_view>
#include <utility>

namespace ebb::sandbox::control {

namespace {

const std::set<std::string> kNobody;
const std::map<ResourceId, std::int64_t> kNothing;

// Most objects of most kinds have neither owners nor a deletion under way: a look at the text is
// enough to leave them unparsed.
bool worth_parsing(const std::string& text) {
  return text.find("\"ownerReferences\"") != std::string::npos || text.find("\"deletionTimestamp\"") != std::string::npos;
}

std::vector<OwnerReference> owners_of(const json::object& object) {
  std::vector<OwnerReference> owners;
  const json::array* references = array_at(object, "metadata.ownerReferences");
  if (references == nullptr) return owners;
  for (const auto& reference : *references) {
    if (!reference.is_object()) continue;
    const json::object& fields = reference.get_object();
    owners.push_back({text_at(fields, "apiVersion"), text_at(fields, "kind"), text_at(fields, "name"), text_at(fields, "uid"),
                      flag_at(fields, "blockOwnerDeletion")});
  }
  return owners;
}

}   // namespace

void ObjectGraph::count(const Change& change) {
  const std::string& ns = change.object->key.ns;
  if (ns.empty() || change.type == ChangeType::modified) return;
  auto& resources = content_[ns];
  std::int64_t& objects = resources[change.resource];
  objects += change.type == ChangeType::added ? 1 : -1;
  if (objects <= 0) resources.erase(change.resource);
  if (resources.empty()) content_.erase(ns);
}

void ObjectGraph::apply(const Change& change, const std::function<const json::object&()>& parse) {
  count(change);
  if (resources::same(change.resource, resources::kEvents)) return;   // they own nothing and nothing owns them

  const std::string uid = change.object->uid;
  std::optional<GraphNode> before;
  if (const auto found = nodes_.find(uid); found != nodes_.end()) {
    for (const auto& owner : found->second.owners) {
      const auto siblings = dependents_.find(owner.uid);
      if (siblings == dependents_.end()) continue;
      siblings->second.erase(uid);
      if (siblings->second.empty()) dependents_.erase(siblings);
    }
    before = std::move(found->second);
    if (change.type == ChangeType::deleted) nodes_.erase(found);
  }
  const GraphNode* after = nullptr;
  if (change.type != ChangeType::deleted) {
    GraphNode node{.resource = intern(change.resource), .stored = change.object};
    if (worth_parsing(*change.object->text)) {
      const json::object& object = parse();
      node.owners = owners_of(object);
      node.deleting = is_deleting(object);
      node.foreground = node.deleting && has_finalizer(object, "foregroundDeletion");
      node.orphaning = node.deleting && has_finalizer(object, "orphan");
    }
    for (const auto& owner : node.owners) dependents_[owner.uid].insert(uid);
    after = &(nodes_[uid] = std::move(node));
  }
  for (const auto& listener : listeners_) listener(before ? &*before : nullptr, after);
}

const GraphNode* ObjectGraph::find(const std::string& uid) const {
  const auto found = nodes_.find(uid);
  return found == nodes_.end() ? nullptr : &found->second;
}

const std::set<std::string>& ObjectGraph::dependents(const std::string& owner_uid) const {
  const auto found = dependents_.find(owner_uid);
  return found == dependents_.end() ? kNobody : found->second;
}

const std::map<ResourceId, std::int64_t>& ObjectGraph::content(const std::string& ns) const {
  const auto found = content_.find(ns);
  return found == content_.end() ? kNothing : found->second;
}

}   // namespace ebb::sandbox::control
