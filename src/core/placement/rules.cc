#include "core/placement/rules.h"

#include "core/accelerators/device_resources.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace ebb::core::placement {
namespace {

using model::Plugin;

std::optional<Filter> filter_of(Plugin plugin) {
  switch (plugin) {
    case Plugin::node_unschedulable: return Filter::node_unschedulable;
    case Plugin::taint_toleration: return Filter::taints;
    case Plugin::node_affinity: return Filter::node_affinity;
    case Plugin::node_ports: return Filter::node_ports;
    case Plugin::node_resources_fit: return Filter::resources;
    case Plugin::volume_restrictions:
    case Plugin::node_volume_limits:
    case Plugin::volume_binding:
    case Plugin::volume_zone: return Filter::volumes;
    case Plugin::pod_topology_spread: return Filter::topology_spread;
    case Plugin::inter_pod_affinity: return Filter::inter_pod_affinity;
    default: return std::nullopt;
  }
}

// Named with a domain, huge pages or attachable volumes: not every pod asks for such, and a score that
// looked at them for those that do not would be about other pods.
bool is_extended(std::string_view name) {
  return name.find('/') != std::string_view::npos || name.starts_with("hugepages-") || name.starts_with("attachable-volumes-");
}

ScoredResource scored(ResourceIds& ids, std::string_view name, std::int64_t weight) {
  return {.id = ids.intern(name), .weight = weight, .extended = is_extended(name)};
}

}   // namespace

Rules rules_of(model::SchedulerProfile profile, ResourceIds& ids) {
  Rules rules;
  const auto add = [&](Filter filter) {
    if (std::ranges::find(rules.filters, filter) == rules.filters.end()) rules.filters.push_back(filter);
  };
  for (const Plugin plugin : profile.filter_order()) {
    const auto filter = filter_of(plugin);
    if (!filter) continue;
    // Before resources, which an oversold amount is that nobody has published yet.
    if (*filter == Filter::resources && profile.enabled(Plugin::colocation)) add(Filter::pool);
    add(*filter);
  }
  if (profile.enabled(Plugin::numa)) add(Filter::numa);
  if (profile.enabled(Plugin::accelerators)) add(Filter::accelerators);
  if (profile.enabled(Plugin::colocation)) {
    for (const Filter filter : {Filter::pool, Filter::offline_count, Filter::admission_line, Filter::recent_eviction}) add(filter);
  }
  for (const model::ResourceWeight& one : profile.node_resources_fit.resources) rules.fit.push_back(scored(ids, one.resource, one.weight));
  for (const std::string& name : profile.balanced_allocation.resources) rules.balanced.push_back(scored(ids, name, 1));
  for (const std::string& name : profile.node_resources_fit.ignored_resources) rules.ignored.push_back(ids.intern(name));
  rules.profile = std::move(profile);
  return rules;
}

bool is_ignored(const Rules& rules, const ResourceIds& ids, ResourceId id) {
  if (std::ranges::find(rules.ignored, id) != rules.ignored.end()) return true;
  if (id <= kPods) return false;
  const std::string_view name = ids.name(id);
  if (rules.profile.enabled(Plugin::accelerators) && accelerators::is_share_resource(name)) return true;
  const auto& groups = rules.profile.node_resources_fit.ignored_resource_groups;
  if (groups.empty()) return false;
  const std::size_t slash = name.find('/');
  return slash != std::string_view::npos && std::ranges::find(groups, name.substr(0, slash)) != groups.end();
}

}   // namespace ebb::core::placement
