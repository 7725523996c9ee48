#include "model/profile/plugin_resolution.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <vector>

namespace ebb::model {
namespace {

using enum ExtensionPoint;

struct Weighted {
  Plugin plugin;
  std::int32_t weight;
  const NamedPlugin* entry;   // nullptr: of the defaults
};

// The default plugins without those that are disabled, what is written for one of them in its place, and
// the others behind them in their order. Of a name that stands twice the last one takes the place.
std::vector<Weighted> merged_multi_point(const PluginSet& set) {
  std::map<std::string_view, const NamedPlugin*> last;
  for (const NamedPlugin& entry : set.enabled) last[entry.name] = &entry;
  std::vector<Weighted> merged;
  std::vector<const NamedPlugin*> placed;
  for (const PluginInfo& info : plugin_table()) {
    if (!info.on_by_default || info.origin == PluginOrigin::ebb || set.disabling(info.name) != nullptr) continue;
    const auto own = last.find(info.name);
    if (own == last.end()) {
      merged.push_back({info.plugin, info.default_weight, nullptr});
    } else {
      merged.push_back({info.plugin, own->second->weight, own->second});
      placed.push_back(own->second);
    }
  }
  for (const NamedPlugin& entry : set.enabled) {
    const auto plugin = find_plugin(entry.name);
    if (plugin && std::ranges::find(placed, &entry) == placed.end()) merged.push_back({*plugin, entry.weight, &entry});
  }
  return merged;
}

class Resolution {
 public:
  Resolution(ConfigReader& reader, const PluginSets& sets, SchedulerProfile& profile)
      : reader_(reader), sets_(sets), profile_(profile), multi_point_(merged_multi_point(sets.multi_point)) {}

  void run() {
    refuse_twice();
    for (std::size_t i = 0; i < kExtensionPoints; ++i) fill(static_cast<ExtensionPoint>(i));
    weigh();
    check_order_and_binding();
    check_companions();
    note_what_is_always_so();
  }

 private:
  void refuse_twice() {
    for (const PluginSet& set : sets_.points) refuse_twice(set.enabled);
    PluginList seen;
    for (const Weighted& each : multi_point_) {
      if (!seen.add(each.plugin) && each.entry != nullptr) refuse_repeated(*each.entry);
    }
  }

  void refuse_twice(const std::vector<NamedPlugin>& enabled) {
    PluginList seen;
    for (const NamedPlugin& entry : enabled) {
      const auto plugin = find_plugin(entry.name);
      if (plugin && !seen.add(*plugin)) refuse_repeated(entry);
    }
  }

  void refuse_repeated(const NamedPlugin& entry) {
    reader_.refuse(entry.at, fmt::format("{} is enabled twice here: once is allowed", entry.name));
  }

  // First what the point names and multiPoint has too, then the rest of multiPoint, then the rest of the point.
  void fill(ExtensionPoint point) {
    const PluginSet& own = sets_.of(point);
    PluginList& list = profile_.at(point);
    list = {};
    PluginList named;
    for (const NamedPlugin& entry : own.enabled) {
      const auto plugin = find_plugin(entry.name);
      if (plugin) named.add(*plugin);
    }
    const bool nothing_else = std::ranges::any_of(own.disabled, [](const NamedPlugin& entry) { return entry.name == kEveryPlugin; });
    PluginList rest;
    PluginList both;
    for (const Weighted& each : multi_point_) {
      if (nothing_else || !info_of(each.plugin).serves(point) || own.disabling(name_of(each.plugin)) != nullptr) continue;
      (named.has(each.plugin) ? both : rest).add(each.plugin);
    }
    for (const Plugin plugin : named) {
      if (both.has(plugin)) list.add(plugin);
    }
    for (const Plugin plugin : rest) list.add(plugin);
    for (const Plugin plugin : named) list.add(plugin);
  }

  // The point's own weight before multiPoint's; none is 1.
  void weigh() {
    for (const PluginInfo& info : plugin_table()) {
      if (info.origin == PluginOrigin::ebb) continue;
      profile_.score_weights[static_cast<std::size_t>(info.plugin)] = profile_.at(score).has(info.plugin) ? weight_of(info.plugin) : 0;
    }
  }

  std::int32_t weight_of(Plugin plugin) const {
    std::int32_t weight = 0;
    const auto& own = sets_.of(score).enabled;
    const auto named = std::ranges::find(own, name_of(plugin), &NamedPlugin::name);
    const auto multi = std::ranges::find(multi_point_, plugin, &Weighted::plugin);
    if (named != own.end()) {
      weight = named->weight;
    } else if (multi != multi_point_.end()) {
      weight = multi->weight;
    }
    return weight == 0 ? 1 : weight;
  }

  // The entry because of which the plugin is not asked at the point.
  const ConfigNode& why_off(Plugin plugin, ExtensionPoint point) const {
    if (const NamedPlugin* entry = sets_.of(point).disabling(name_of(plugin))) return entry->at;
    if (const NamedPlugin* entry = sets_.multi_point.disabling(name_of(plugin))) return entry->at;
    return sets_.at;
  }

  void check_order_and_binding() {
    if (!profile_.at(queue_sort).has(Plugin::priority_sort)) {
      reader_.refuse(why_off(Plugin::priority_sort, queue_sort), "PrioritySort must be enabled at queueSort: a queue needs one order");
    }
    if (!profile_.at(bind).has(Plugin::default_binder)) {
      reader_.refuse(why_off(Plugin::default_binder, bind), "DefaultBinder must be enabled at bind: without it no pod is bound");
    }
  }

  void need(Plugin plugin, ExtensionPoint on, ExtensionPoint needed, std::string_view why) {
    if (!profile_.at(on).has(plugin) || profile_.at(needed).has(plugin)) return;
    const std::string_view name = name_of(plugin);
    reader_.refuse(why_off(plugin, needed),
                   fmt::format("{} is on at {} and off at {}: {}. Enable or disable it at both", name, name_of(on), name_of(needed), why));
  }

  // Half a plugin that Kubernetes would fail every pod with, or that would still refuse pods.
  void check_companions() {
    constexpr std::string_view kFails = "Kubernetes then fails every pod that it matters to";
    constexpr std::string_view kStillRefuses = "the first still refuses pods or nodes by itself";
    for (const Plugin plugin : {Plugin::inter_pod_affinity, Plugin::node_ports, Plugin::node_resources_fit, Plugin::pod_topology_spread,
                                Plugin::volume_binding, Plugin::volume_restrictions}) {
      need(plugin, filter, pre_filter, kFails);
    }
    for (const Plugin plugin : {Plugin::node_affinity, Plugin::volume_restrictions, Plugin::volume_zone, Plugin::volume_binding}) {
      need(plugin, pre_filter, filter, kStillRefuses);
    }
    for (const Plugin plugin : {Plugin::taint_toleration, Plugin::pod_topology_spread, Plugin::inter_pod_affinity}) {
      need(plugin, score, pre_score, kFails);
    }
    need(Plugin::volume_binding, score, pre_filter, kFails);
    need(Plugin::volume_binding, pre_score, pre_filter, kFails);
    need(Plugin::volume_binding, filter, reserve, "the volumes that were chosen would be lost");
    need(Plugin::volume_binding, filter, pre_bind, "the volumes that were chosen would never be bound");
    need(Plugin::volume_binding, reserve, filter, "there is nothing to reserve");
    need(Plugin::volume_binding, pre_bind, filter, "there is nothing to bind");
  }

  void note_what_is_always_so() {
    if (!profile_.at(pre_enqueue).has(Plugin::scheduling_gates)) {
      reader_.note(why_off(Plugin::scheduling_gates, pre_enqueue),
                   "pods with scheduling gates wait all the same: no API server lets them be bound");
    }
    if (profile_.preempts() && !profile_.at(pre_enqueue).has(Plugin::default_preemption)) {
      reader_.note(why_off(Plugin::default_preemption, pre_enqueue), "a pod whose victims are being removed waits for that all the same");
    }
  }

  ConfigReader& reader_;
  const PluginSets& sets_;
  SchedulerProfile& profile_;
  const std::vector<Weighted> multi_point_;
};

}   // namespace

void resolve_plugins(ConfigReader& reader, const PluginSets& sets, SchedulerProfile& profile) { Resolution(reader, sets, profile).run(); }

}   // namespace ebb::model
