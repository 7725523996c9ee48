#include "model/profile/ebb_section.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

namespace ebb::model {
namespace {

constexpr std::int32_t kWeightMax = 1000;

void expect_text(ConfigReader& reader, const ConfigNode& at, std::string_view wanted) {
  const auto text = reader.text(at);
  if (text && *text != wanted) reader.refuse(at, fmt::format("{} is not allowed: it must be {}", describe(*at.node), wanted));
}

void read_names(ConfigReader& reader, const ConfigNode& at, SchedulerConfiguration& configuration) {
  const std::vector<ConfigNode> items = reader.items(at);
  if (items.empty()) return reader.refuse(at, "expected a list of at least one name");
  configuration.profiles.clear();
  std::set<std::string> seen;
  for (const ConfigNode& item : items) {
    const std::string name = reader.text(item).value_or("?");
    if (name.empty()) reader.refuse(item, "a scheduler's name must not be empty");
    if (!seen.insert(name).second) reader.refuse(item, fmt::format("{} stands here twice", name));
    configuration.profiles.push_back(default_profile(name));
  }
}

void read_election(ConfigReader& reader, const ConfigNode& at, LeaderElectionSettings& election) {
  constexpr auto kKnown =
      std::to_array<std::string_view>({"enabled", "namespace", "name", "leaseDuration", "renewDeadline", "retryPeriod"});
  std::map<std::string_view, ConfigNode> stated;
  for (const auto& [key, value] : reader.members(at, kKnown)) {
    stated.emplace(key, value);
    if (key == "enabled") {
      election.enabled = reader.boolean(value).value_or(true);
    } else if (key == "namespace" || key == "name") {
      const auto text = reader.text(value);
      if (text && text->empty()) reader.refuse(value, fmt::format("{} must not be empty", key));
      if (text) (key == "name" ? election.lease_name : election.lease_namespace) = *text;
    } else if (const auto duration = reader.duration(value)) {
      if (*duration < seconds(1) || *duration > hours(1))
        reader.refuse(value, fmt::format("is {}, allowed are 1s to 1h", value.node->text));
      (key == "leaseDuration"   ? election.lease_duration
       : key == "renewDeadline" ? election.renew_deadline
                                : election.retry_period) = *duration;
    }
  }
  const auto where = [&](std::string_view key) {
    const auto found = stated.find(key);
    return found != stated.end() ? found->second : ConfigNode{at.node, path_of(at.path, key), at.line};
  };
  // A holder must have stopped before another may begin, and must have had more than one try.
  if (election.renew_deadline >= election.lease_duration) reader.refuse(where("renewDeadline"), "must be shorter than leaseDuration");
  if (election.retry_period >= election.renew_deadline) reader.refuse(where("retryPeriod"), "must be shorter than renewDeadline");
}

void read_plugin(ConfigReader& reader, const ConfigNode& at, Plugin plugin, std::span<SchedulerProfile* const> profiles) {
  constexpr auto kKnown = std::to_array<std::string_view>({"enabled", "weight", "scoring"});
  const auto index = static_cast<std::size_t>(plugin);
  std::optional<bool> enabled;
  std::optional<std::int32_t> weight;
  std::optional<std::size_t> scoring;
  const std::span<const std::string_view> known(kKnown.data(), plugin == Plugin::accelerators ? 3 : 2);
  for (const auto& [key, value] : reader.members(at, known)) {
    if (key == "enabled") {
      enabled = reader.boolean(value);
    } else if (key == "scoring") {
      scoring = reader.choice(value, kAcceleratorScorings);
    } else if (info_of(plugin).default_weight == 0) {
      reader.refuse(value, fmt::format("{} has no score, so no weight", name_of(plugin)));
    } else {
      weight = reader.int32(value, 0, kWeightMax);
    }
  }
  for (SchedulerProfile* profile : profiles) {
    if (enabled) profile->ebb_enabled[index] = *enabled;
    if (weight) profile->score_weights[index] = *weight;
    if (scoring) profile->accelerators.scoring = static_cast<AcceleratorScoring>(*scoring);
    if (!profile->ebb_enabled[index]) profile->score_weights[index] = 0;
    if (enabled == true && !weight && profile->score_weights[index] == 0) profile->score_weights[index] = info_of(plugin).default_weight;
  }
}

void read_plugins(ConfigReader& reader, const ConfigNode& at, std::span<SchedulerProfile* const> profiles) {
  std::vector<std::string_view> known;
  for (const PluginInfo& info : plugin_table()) {
    if (info.origin == PluginOrigin::ebb) known.push_back(info.name);
  }
  for (const auto& [key, value] : reader.members(at, known)) read_plugin(reader, value, find_plugin(key).value(), profiles);
}

void read_profile(ConfigReader& reader, const ConfigNode& at, SchedulerConfiguration& configuration, std::set<std::string>& seen) {
  constexpr auto kKnown = std::to_array<std::string_view>({"schedulerName", "plugins"});
  std::string name;
  ConfigNode name_at = at;
  std::optional<ConfigNode> plugins;
  for (const auto& [key, value] : reader.members(at, kKnown)) {
    if (key == "plugins") {
      plugins = value;
    } else {
      name_at = value;
      name = reader.text(value).value_or("");
    }
  }
  const auto found = std::ranges::find(configuration.profiles, name, &SchedulerProfile::scheduler_name);
  if (found == configuration.profiles.end()) {
    return reader.refuse(
        name_at, fmt::format("'{}' is no scheduler of this file: there are {}", name, fmt::join(configuration.scheduler_names(), ", ")));
  }
  if (!seen.insert(name).second) return reader.refuse(name_at, fmt::format("a second entry for {}", name));
  SchedulerProfile* profile = &*found;
  if (plugins) read_plugins(reader, *plugins, {&profile, 1});
}

void read_own_field(ConfigReader& reader, std::string_view key, const ConfigNode& at, bool beside_kubernetes,
                    SchedulerConfiguration& configuration) {
  constexpr auto kLevels = std::to_array<std::string_view>({"debug", "info", "warning", "error"});
  if (key == "publishOversold") {
    configuration.publish_oversold = reader.boolean(at).value_or(true);
  } else if (key == "logLevel") {
    if (const auto level = reader.choice(at, kLevels)) configuration.log_level = static_cast<LogVerbosity>(*level);
  } else if (key == "apiVersion") {
    expect_text(reader, at, kEbbSchedulerApiVersion);
  } else if (key == "kind") {
    expect_text(reader, at, kEbbSchedulerKind);
  } else if (key == "schedulerNames" || key == "leaderElection") {
    if (beside_kubernetes) {
      reader.refuse(at, fmt::format("belongs to the {} that stands beside it", kKubeSchedulerKind));
    } else if (key == "schedulerNames") {
      read_names(reader, at, configuration);
    } else {
      read_election(reader, at, configuration.leader_election);
    }
  }
}

}   // namespace

void read_ebb_section(ConfigReader& reader, const ConfigNode& document, bool beside_kubernetes, SchedulerConfiguration& configuration) {
  constexpr auto kKnown = std::to_array<std::string_view>(
      {"apiVersion", "kind", "schedulerNames", "publishOversold", "logLevel", "leaderElection", "plugins", "profiles"});
  const auto members = reader.members(document, kKnown);
  for (const auto& [key, value] : members) read_own_field(reader, key, value, beside_kubernetes, configuration);
  // The names are known now, whatever the order in the file.
  for (const auto& [key, value] : members) {
    if (key != "plugins") continue;
    std::vector<SchedulerProfile*> all;
    for (SchedulerProfile& profile : configuration.profiles) all.push_back(&profile);
    read_plugins(reader, value, all);
  }
  std::set<std::string> seen;
  for (const auto& [key, value] : members) {
    if (key != "profiles") continue;
    for (const ConfigNode& item : reader.items(value)) read_profile(reader, item, configuration, seen);
  }
}

}   // namespace ebb::model
