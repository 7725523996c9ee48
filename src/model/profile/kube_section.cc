#include "model/profile/kube_section.h"

#include "base/wide.h"
#include "model/profile/plugin_args_parser.h"
#include "model/profile/plugin_resolution.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>

namespace ebb::model {
namespace {

constexpr std::string_view kEveryNodeIsScored = "Ebb looks at every node that could do, so that none better is missed";
constexpr std::string_view kKubeLease = "kube-scheduler";
constexpr std::int32_t kBurstByDefault = 100;
constexpr std::int64_t kBackoffMax = 24 * 3600;

void expect_text(ConfigReader& reader, const ConfigNode& at, std::string_view wanted) {
  const auto text = reader.text(at);
  if (text && *text != wanted) reader.refuse(at, fmt::format("{} is not allowed: it must be {}", describe(*at.node), wanted));
}

void read_percentage(ConfigReader& reader, const ConfigNode& at) {
  constexpr std::int32_t kAll = 100;
  const auto percentage = reader.int32(at, 0, kAll);
  if (percentage && *percentage != kAll) reader.note(at, std::string(kEveryNodeIsScored));
}

// ---- leader election

void check_election(ConfigReader& reader, const ConfigNode& at, const LeaderElectionSettings& election,
                    const std::map<std::string_view, ConfigNode>& stated) {
  const auto refuse = [&](std::string_view key, std::string message) {
    const auto found = stated.find(key);
    reader.refuse(found != stated.end() ? found->second : at, std::move(message));
  };
  constexpr auto kDurations = std::to_array<std::pair<std::string_view, Duration LeaderElectionSettings::*>>(
      {{"leaseDuration", &LeaderElectionSettings::lease_duration},
       {"renewDeadline", &LeaderElectionSettings::renew_deadline},
       {"retryPeriod", &LeaderElectionSettings::retry_period}});
  for (const auto& [key, member] : kDurations) {
    if (election.*member <= Duration{}) refuse(key, fmt::format("{} must be longer than nothing", key));
  }
  if (election.renew_deadline >= election.lease_duration) refuse("renewDeadline", "must be shorter than leaseDuration");
  // Retries come up to a fifth late, and one of them must fall before the deadline.
  if (Int128{election.renew_deadline.v} * 5 <= Int128{election.retry_period.v} * 6) {
    refuse("retryPeriod", "1.2 times it must be shorter than renewDeadline");
  }
}

void read_election(ConfigReader& reader, const ConfigNode& at, LeaderElectionSettings& election) {
  constexpr auto kKnown = std::to_array<std::string_view>(
      {"leaderElect", "leaseDuration", "renewDeadline", "retryPeriod", "resourceLock", "resourceName", "resourceNamespace"});
  std::map<std::string_view, ConfigNode> stated;
  for (const auto& [key, value] : reader.members(at, kKnown)) {
    stated.emplace(key, value);
    if (key == "leaderElect") {
      election.enabled = reader.boolean(value).value_or(true);
    } else if (key.starts_with("resource")) {
      const auto text = reader.text(value);
      if (!text || text->empty()) continue;   // empty says nothing
      if (key == "resourceName") election.lease_name = *text;
      if (key == "resourceNamespace") election.lease_namespace = *text;
    } else if (const auto duration = reader.duration(value); duration && duration->v != 0) {   // so does 0
      (key == "leaseDuration"   ? election.lease_duration
       : key == "renewDeadline" ? election.renew_deadline
                                : election.retry_period) = *duration;
    }
  }
  if (!election.enabled) return;
  check_election(reader, at, election, stated);
  const auto lock = stated.find("resourceLock");
  if (lock != stated.end() && !lock->second.node->text.empty()) expect_text(reader, lock->second, "leases");
}

// ---- client connection

void read_media_types(ConfigReader& reader, const ConfigNode& at) {
  constexpr auto kKnown =
      std::to_array<std::string_view>({"application/json", "application/vnd.kubernetes.protobuf", "application/cbor", "*/*"});
  const auto text = reader.text(at);
  if (!text) return;
  std::string_view rest = *text;
  bool only_json = true;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    std::string_view type = rest.substr(0, std::min(comma, rest.find(';')));
    while (type.starts_with(' ')) type.remove_prefix(1);
    while (type.ends_with(' ')) type.remove_suffix(1);
    only_json = only_json && type == kKnown.front();
    if (std::ranges::find(kKnown, type) == kKnown.end()) {
      return reader.refuse(at, fmt::format("'{}' is not a content type of Kubernetes: allowed are {}", type, fmt::join(kKnown, ", ")));
    }
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  if (!only_json) reader.note(at, "Ebb speaks JSON, which every API server understands");
}

// In thousandths; 0 where there is no limit.
std::optional<std::int64_t> read_rate(ConfigReader& reader, const ConfigNode& at) {
  constexpr double kMost = 1e6;
  constexpr double kThousandths = 1000;
  const auto json = at.node->is_scalar() ? to_json(*at.node) : Result<std::string>(std::string());
  double rate = 0;
  const bool number =
      json && !json->empty() && std::from_chars(json->data(), json->data() + json->size(), rate).ptr == json->data() + json->size();
  if (!number || rate > kMost) {
    reader.refuse(at, fmt::format("{} is not allowed: it must be a number up to {}", describe(*at.node), kMost));
    return std::nullopt;
  }
  if (rate <= 0) return 0;
  return std::max<std::int64_t>(static_cast<std::int64_t>(rate * kThousandths), 1);
}

void read_connection(ConfigReader& reader, const ConfigNode& at, ClientConnectionSettings& connection) {
  constexpr auto kKnown = std::to_array<std::string_view>({"kubeconfig", "acceptContentTypes", "contentType", "qps", "burst"});
  std::optional<ConfigNode> burst;
  for (const auto& [key, value] : reader.members(at, kKnown)) {
    if (key == "kubeconfig") {
      connection.kubeconfig = reader.text(value).value_or("");
    } else if (key == "qps") {
      connection.milli_requests_per_second = read_rate(reader, value).value_or(0);
    } else if (key == "burst") {
      burst = value;
      connection.burst = reader.int32(value, 0).value_or(0);
    } else {
      read_media_types(reader, value);
    }
  }
  if (connection.milli_requests_per_second > 0 && connection.burst == 0) connection.burst = kBurstByDefault;
  if (connection.milli_requests_per_second == 0) {
    connection.burst = 0;
    if (burst) reader.note(*burst, "without a positive qps there is no limit, and no burst beyond it");
  }
}

// ---- profiles

// What the profiles must have in common, as it is written.
struct QueueOrder {
  std::vector<std::pair<std::string, std::int32_t>> enabled;
  std::vector<std::string> disabled;

  explicit QueueOrder(const PluginSet& set) {
    for (const NamedPlugin& entry : set.enabled) enabled.emplace_back(entry.name, entry.weight);
    for (const NamedPlugin& entry : set.disabled) disabled.push_back(entry.name);
  }
  friend bool operator==(const QueueOrder&, const QueueOrder&) = default;
};

class Profiles {
 public:
  Profiles(ConfigReader& reader, std::vector<SchedulerProfile>& out) : reader_(reader), out_(out) {}

  void read(const ConfigNode& list) {
    const std::vector<ConfigNode> items = reader_.items(list);
    if (items.empty()) return;
    out_.clear();
    for (const ConfigNode& item : items) read_one(item, items.size() == 1);
  }

 private:
  void read_one(const ConfigNode& at, bool only) {
    constexpr auto kKnown = std::to_array<std::string_view>({"schedulerName", "percentageOfNodesToScore", "plugins", "pluginConfig"});
    SchedulerProfile profile = default_profile(only ? kDefaultSchedulerName : std::string_view());
    ConfigNode name = at;
    PluginSets sets{.points = {}, .multi_point = {}, .at = at};
    for (const auto& [key, value] : reader_.members(at, kKnown)) {
      if (key == "schedulerName") {
        name = value;
        profile.scheduler_name = reader_.text(value).value_or("?");
      } else if (key == "percentageOfNodesToScore") {
        read_percentage(reader_, value);
      } else if (key == "plugins") {
        sets = read_plugin_sets(reader_, value);
      } else {
        read_plugin_config(reader_, value, profile);
      }
    }
    resolve_plugins(reader_, sets, profile);
    check_name(name, profile.scheduler_name, only);
    check_order(sets);
    out_.push_back(std::move(profile));
  }

  void check_name(const ConfigNode& at, const std::string& name, bool only) {
    if (name.empty())
      return reader_.refuse(at,
                            only ? "schedulerName must not be empty" : "schedulerName is missing: of several profiles each needs its own");
    if (std::ranges::any_of(out_, [&](const SchedulerProfile& other) { return other.scheduler_name == name; })) {
      reader_.refuse(at, fmt::format("a second profile of the name {}", name));
    }
  }

  void check_order(const PluginSets& sets) {
    QueueOrder order(sets.of(ExtensionPoint::queue_sort));
    if (!order_) {
      order_ = std::move(order);
    } else if (order != *order_) {
      reader_.refuse(sets.at, "queueSort must say the same as in the first profile: all pods stand in one queue");
    }
  }

  ConfigReader& reader_;
  std::vector<SchedulerProfile>& out_;
  std::optional<QueueOrder> order_;
};

// ---- the document

void read_backoff(ConfigReader& reader, const std::map<std::string_view, ConfigNode>& stated, SchedulerConfiguration& configuration) {
  const auto read = [&](std::string_view key, Duration& out) -> const ConfigNode* {
    const auto found = stated.find(key);
    if (found == stated.end()) return nullptr;
    if (const auto value = reader.whole_number(found->second, 1, kBackoffMax)) out = seconds(*value);
    return &found->second;
  };
  const ConfigNode* initial = read("podInitialBackoffSeconds", configuration.pod_initial_backoff);
  const ConfigNode* most = read("podMaxBackoffSeconds", configuration.pod_max_backoff);
  if (configuration.pod_max_backoff >= configuration.pod_initial_backoff) return;
  reader.refuse(most != nullptr ? *most : *initial,
                fmt::format("podMaxBackoffSeconds ({}) is less than podInitialBackoffSeconds ({})",
                            configuration.pod_max_backoff.v / seconds(1).v, configuration.pod_initial_backoff.v / seconds(1).v));
}

void read_field(ConfigReader& reader, std::string_view key, const ConfigNode& at, SchedulerConfiguration& configuration) {
  if (key == "apiVersion") {
    expect_text(reader, at, kKubeSchedulerApiVersion);
  } else if (key == "kind") {
    expect_text(reader, at, kKubeSchedulerKind);
  } else if (key == "parallelism") {
    if (reader.int32(at, 1)) reader.note(at, "Ebb needs no threads for one decision: its results are those of any parallelism");
  } else if (key == "percentageOfNodesToScore") {
    read_percentage(reader, at);
  } else if (key == "leaderElection") {
    read_election(reader, at, configuration.leader_election);
  } else if (key == "clientConnection") {
    read_connection(reader, at, configuration.client_connection);
  } else if (key == "profiles") {
    Profiles(reader, configuration.profiles).read(at);
  } else if (key == "extenders") {
    if (!reader.items(at).empty())
      reader.refuse(at, "extenders are not supported: Ebb asks no other program about a pod. It must be empty");
  } else if (key == "enableProfiling" || key == "enableContentionProfiling") {
    if (reader.boolean(at).value_or(false)) reader.refuse(at, "true is not allowed: Ebb serves no Go profiles. It must be false");
  } else if (key == "delayCacheUntilActive") {
    if (!reader.boolean(at).value_or(true)) reader.note(at, "Ebb reads the cluster when it has become the leader");
  }
}

}   // namespace

void read_kube_section(ConfigReader& reader, const ConfigNode& document, SchedulerConfiguration& configuration) {
  constexpr auto kKnown = std::to_array<std::string_view>(
      {"apiVersion", "kind", "parallelism", "leaderElection", "clientConnection", "enableProfiling", "enableContentionProfiling",
       "percentageOfNodesToScore", "podInitialBackoffSeconds", "podMaxBackoffSeconds", "profiles", "extenders", "delayCacheUntilActive"});
  configuration.profiles = {default_profile(kDefaultSchedulerName)};
  configuration.leader_election.lease_name = kKubeLease;
  std::map<std::string_view, ConfigNode> stated;
  for (const auto& [key, value] : reader.members(document, kKnown)) {
    stated.emplace(key, value);
    read_field(reader, key, value, configuration);
  }
  read_backoff(reader, stated, configuration);
  for (const std::string_view key : {"apiVersion", "kind"}) {
    if (!stated.contains(key)) {
      reader.refuse({document.node, std::string(key), document.line},
                    fmt::format("missing: it must be {}", key == "kind" ? kKubeSchedulerKind : kKubeSchedulerApiVersion));
    }
  }
}

}   // namespace ebb::model
