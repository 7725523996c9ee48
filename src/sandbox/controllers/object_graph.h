#pragma once

// Who owns whom, across all kinds: every object with its owners and its dependents by uid, and how
// many objects of which resource each namespace holds. Kept change by change; nothing is listed.

#include "model/names.h"
#include "sandbox/api/api.h"
#include "sandbox/controllers/fields.h"
#include "sandbox/store/stored.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace ebb::sandbox::control {

struct GraphNode {
  const ResourceId* resource = nullptr;   // kept by the graph
  std::shared_ptr<const Stored> stored;   // shared with the store; the last of both frees it
  std::vector<OwnerReference> owners;
  bool deleting = false;
  bool foreground = false;   // its dependents go first
  bool orphaning = false;    // its dependents are let go first

  const model::ObjectKey& key() const { return stored->key; }
};

class ObjectGraph final {
 public:
  // Either may be null. Called after the graph was brought up to date.
  using Listener = std::function<void(const GraphNode* before, const GraphNode* after)>;

  // `parse` gives the change's object and is called only if it can have something to say.
  void apply(const Change& change, const std::function<const json::object&()>& parse);
  void listen(Listener listener) { listeners_.push_back(std::move(listener)); }

  const GraphNode* find(const std::string& uid) const;
  const std::set<std::string>& dependents(const std::string& owner_uid) const;
  // Resources of which the namespace holds objects, and how many.
  const std::map<ResourceId, std::int64_t>& content(const std::string& ns) const;

 private:
  void count(const Change& change);
  const ResourceId* intern(const ResourceId& resource) { return &*resources_.insert(resource).first; }

  std::set<ResourceId> resources_;
  std::unordered_map<std::string, GraphNode> nodes_;
  std::unordered_map<std::string, std::set<std::string>> dependents_;
  std::map<std::string, std::map<ResourceId, std::int64_t>> content_;
  std::vector<Listener> listeners_;
};

}   // namespace ebb::sandbox::control
