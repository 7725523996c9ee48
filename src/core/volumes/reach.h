#pragma once

// From which nodes storage can be reached: node affinity of volumes, allowed topologies of classes,
// zone labels of either generation, and the one label by which most of it can be looked up.

#include "model/label_selector.h"
#include "model/names.h"
#include "model/pod.h"
#include "model/storage.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::core::volumes {

inline constexpr std::string_view kZone = "topology.kubernetes.io/zone";
inline constexpr std::string_view kRegion = "topology.kubernetes.io/region";
inline constexpr std::string_view kBetaZone = "failure-domain.beta.kubernetes.io/zone";
inline constexpr std::string_view kBetaRegion = "failure-domain.beta.kubernetes.io/region";

// Any one of the terms; one without requirements matches nothing. Fields see a node without a name.
bool any_matches(const std::vector<model::NodeSelectorTerm>& terms, const model::Labels& node);
bool reachable(const model::Volume& volume, const model::Labels& node);
// Whether the class makes volumes for that node.
bool provides_for(const model::StorageClass& storage_class, const model::Labels& node);

// "a__b" of a volume's zone label, each without blanks around it.
std::vector<std::string> split_zones(std::string_view label);

// What a volume's zone or region label demands of a node.
struct ZoneDemand {
  std::string key;
  std::vector<std::string> values;

  friend bool operator==(const ZoneDemand&, const ZoneDemand&) = default;
};
// A label with an empty zone in it is as good as none.
std::vector<ZoneDemand> zone_demands(const model::Volume& volume);
// True for a node without any zone or region label: then there is but one zone.
bool in_zone(const std::vector<ZoneDemand>& demands, const model::Labels& node);

// A label of which a node must have one of the values, whatever else is asked of it. An empty label: it is asked for none.
struct Reach {
  std::string label;
  std::vector<std::string> values;
};
Reach reach_of(const std::vector<model::SelectorRequirement>& requirements);
Reach reach_of(const model::Volume& volume);

// Things in an order, found by what a node's labels can reach instead of by asking every one of them.
template <class Key, class Value>
class ReachIndex {
 public:
  using Bucket = std::map<Key, Value>;

  void insert(const Reach& reach, const Key& key, const Value& value) {
    if (reach.label.empty()) {
      anywhere_.insert_or_assign(key, value);
      return;
    }
    auto& by_value = by_label_[reach.label];
    for (const std::string& one : reach.values) by_value[one].insert_or_assign(key, value);
  }

  void erase(const Reach& reach, const Key& key) {
    if (reach.label.empty()) {
      anywhere_.erase(key);
      return;
    }
    const auto by_value = by_label_.find(reach.label);
    if (by_value == by_label_.end()) return;
    for (const std::string& one : reach.values) {
      const auto bucket = by_value->second.find(one);
      if (bucket == by_value->second.end()) continue;
      bucket->second.erase(key);
      if (bucket->second.empty()) by_value->second.erase(bucket);
    }
    if (by_value->second.empty()) by_label_.erase(by_value);
  }

  // Every bucket in which there may be something for that node. One thing may stand in several.
  template <class Visit>
  void visit(const model::Labels& node, Visit&& visit) const {
    if (!anywhere_.empty()) visit(anywhere_);
    for (const auto& [label, by_value] : by_label_) {
      const auto value = node.find(label);
      if (value == node.end()) continue;
      if (const auto bucket = by_value.find(value->second); bucket != by_value.end()) visit(bucket->second);
    }
  }

  bool empty() const { return anywhere_.empty() && by_label_.empty(); }

 private:
  Bucket anywhere_;
  std::map<std::string, std::map<std::string, Bucket>> by_label_;
};

}   // namespace ebb::core::volumes
