#include "core/placement/default_spread.h"

#include <algorithm>
#include <utility>

namespace ebb::core::placement {
namespace {

bool selects(const model::Labels& selector, const model::Labels& labels) {
  return std::ranges::all_of(selector, [&](const auto& one) {
    const auto found = labels.find(one.first);
    return found != labels.end() && found->second == one.second;
  });
}

}   // namespace

bool DefaultSpread::service_seen(const model::ObjectKey& key, model::Labels selector) {
  if (selector.empty()) return service_gone(key);
  const auto [found, added] = services_.try_emplace(key, selector);
  if (!added && found->second == selector) return false;
  found->second = std::move(selector);
  return true;
}

bool DefaultSpread::service_gone(const model::ObjectKey& key) { return services_.erase(key) > 0; }

std::optional<model::LabelSelector> DefaultSpread::selector(const model::Pod& pod, const model::Owner* owner) const {
  model::Labels equal;
  for (auto at = services_.lower_bound({pod.key.ns, ""}); at != services_.end() && at->first.ns == pod.key.ns; ++at) {
    if (!selects(at->second, pod.labels)) continue;
    for (const auto& [key, value] : at->second) equal.insert_or_assign(key, value);
  }
  const bool replaces = owner != nullptr && owner->selector && owner->kind == "ReplicationController";
  if (replaces) {   // its selector is one of labels, like a service's, and comes last
    for (const model::SelectorRequirement& one : owner->selector->requirements) equal.insert_or_assign(one.key, one.values.front());
  }
  model::LabelSelector selector;
  for (const auto& [key, value] : equal)
    selector.requirements.push_back({.key = key, .op = model::SelectorOperator::in, .values = {value}});
  if (owner != nullptr && owner->selector && !replaces) {
    selector.requirements.insert(selector.requirements.end(), owner->selector->requirements.begin(), owner->selector->requirements.end());
  }
  return selector.empty() ? std::nullopt : std::optional(std::move(selector));
}

}   // namespace ebb::core::placement
