#include "model/profile/profile_text.h"

#include "model/duration.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace ebb::model {
namespace {

std::string_view name_of(SelectorOperator op) {
  switch (op) {
    case SelectorOperator::in: return "In";
    case SelectorOperator::not_in: return "NotIn";
    case SelectorOperator::exists: return "Exists";
    case SelectorOperator::does_not_exist: return "DoesNotExist";
    case SelectorOperator::greater: return "Gt";
    case SelectorOperator::less: return "Lt";
  }
  return "?";
}

std::string text_of(const LabelSelector& selector) {
  std::vector<std::string> parts;
  for (const auto& [key, op, values] : selector.requirements) {
    parts.push_back(fmt::format("{} {}{}{}", key, name_of(op), values.empty() ? "" : " ", fmt::join(values, ",")));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::string text_of(const NodeSelectorTerm& term) {
  return fmt::format("{{{} | {}}}", text_of(term.match_labels), text_of(term.match_fields));
}

std::string text_of(const NodeAffinityArgs& args) {
  std::string text = args.has_required ? " required" : "";
  for (const NodeSelectorTerm& term : args.required) text += " " + text_of(term);
  for (const PreferredNodeTerm& preferred : args.preferred)
    text += fmt::format(" preferred {} {}", preferred.weight, text_of(preferred.term));
  return text;
}

std::string text_of(const std::vector<ShapePoint>& shape) {
  std::vector<std::string> points;
  for (const ShapePoint& point : shape) points.push_back(fmt::format("{}:{}", point.utilization, point.score));
  return fmt::format("{}", fmt::join(points, ","));
}

std::string text_of(const NodeResourcesFitArgs& args) {
  constexpr auto kNames = std::to_array<std::string_view>({"LeastAllocated", "MostAllocated", "RequestedToCapacityRatio"});
  std::vector<std::string> resources;
  for (const ResourceWeight& resource : args.resources) resources.push_back(fmt::format("{}:{}", resource.resource, resource.weight));
  std::string text = fmt::format(" {} {}", kNames[static_cast<std::size_t>(args.strategy)], fmt::join(resources, ","));
  if (args.strategy == ScoringStrategy::requested_to_capacity_ratio) text += " shape " + text_of(args.shape);
  if (!args.ignored_resources.empty()) text += fmt::format(" ignored {}", fmt::join(args.ignored_resources, ","));
  if (!args.ignored_resource_groups.empty()) text += fmt::format(" groups {}", fmt::join(args.ignored_resource_groups, ","));
  return text;
}

std::string text_of(const PodTopologySpreadArgs& args) {
  if (args.system_defaults) return " System";
  std::string text = " List";
  for (const TopologySpreadConstraint& each : args.default_constraints) {
    text += fmt::format(" {{{} {} {} {} {} {}}}", each.topology_key, each.max_skew, each.required ? "DoNotSchedule" : "ScheduleAnyway",
                        each.honor_node_affinity ? "Honor" : "Ignore", each.honor_node_taints ? "Honor" : "Ignore",
                        each.min_domains.value_or(1));
  }
  return text;
}

std::string arguments_of(const SchedulerProfile& profile, Plugin plugin) {
  switch (plugin) {
    case Plugin::node_affinity: return text_of(profile.node_affinity);
    case Plugin::node_resources_fit: return text_of(profile.node_resources_fit);
    case Plugin::balanced_allocation: return fmt::format(" {}:1", fmt::join(profile.balanced_allocation.resources, ":1,"));
    case Plugin::pod_topology_spread: return text_of(profile.pod_topology_spread);
    case Plugin::inter_pod_affinity:
      return fmt::format(" {} {}", profile.inter_pod_affinity.hard_pod_affinity_weight,
                         profile.inter_pod_affinity.ignore_preferred_terms_of_existing_pods);
    case Plugin::volume_binding:
      return fmt::format(" {}s {}", profile.volume_binding.bind_timeout.v / seconds(1).v, text_of(profile.volume_binding.shape));
    case Plugin::default_preemption:
      return fmt::format(" {}% {}", profile.default_preemption.min_candidate_nodes_percentage,
                         profile.default_preemption.min_candidate_nodes_absolute);
    default: return {};
  }
}

void write_profile(std::string& out, const SchedulerProfile& profile) {
  out += fmt::format("profile {}\n", profile.scheduler_name);
  for (std::size_t i = 0; i < kExtensionPoints; ++i) {
    const auto point = static_cast<ExtensionPoint>(i);
    if (profile.plugins[i].empty()) continue;
    out += name_of(point);
    for (const Plugin plugin : profile.plugins[i]) {
      out += fmt::format(" {}", name_of(plugin));
      if (point == ExtensionPoint::score) out += fmt::format("={}", profile.score_weight(plugin));
    }
    out += "\n";
  }
  for (const Plugin plugin : {Plugin::node_affinity, Plugin::node_resources_fit, Plugin::balanced_allocation, Plugin::pod_topology_spread,
                              Plugin::inter_pod_affinity, Plugin::volume_binding, Plugin::default_preemption}) {
    const bool asked = std::ranges::any_of(profile.plugins, [&](const PluginList& list) { return list.has(plugin); });
    if (asked) out += fmt::format("args {}{}\n", name_of(plugin), arguments_of(profile, plugin));
  }
}

}   // namespace

std::string resolved_text(const SchedulerConfiguration& configuration) {
  std::string out =
      fmt::format("backoff {}s {}s\n", configuration.pod_initial_backoff.v / seconds(1).v, configuration.pod_max_backoff.v / seconds(1).v);
  const LeaderElectionSettings& election = configuration.leader_election;
  if (election.enabled) {
    out += fmt::format("leaderElection {}/{} {} {} {}\n", election.lease_namespace, election.lease_name,
                       to_duration_text(election.lease_duration), to_duration_text(election.renew_deadline),
                       to_duration_text(election.retry_period));
  }
  for (const SchedulerProfile& profile : configuration.profiles) write_profile(out, profile);
  return out;
}

std::string ebb_plugins_text(const SchedulerProfile& profile) {
  std::string text = "ebb";
  for (const PluginInfo& info : plugin_table()) {
    if (info.origin != PluginOrigin::ebb || !profile.enabled(info.plugin)) continue;
    text += fmt::format(" {}", info.name);
    if (info.default_weight != 0) text += fmt::format("={}", profile.score_weight(info.plugin));
    if (info.plugin == Plugin::accelerators)
      text += fmt::format(":{}", kAcceleratorScorings[static_cast<std::size_t>(profile.accelerators.scoring)]);
  }
  return text;
}

}   // namespace ebb::model
