#include "cli/scheduler/scheduler_config.h"

#include "model/duration.h"
#include "model/yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>

namespace ebb::cli {
namespace {

using model::YamlEntry;
using model::YamlNode;

class Reader final {
 public:
  explicit Reader(SchedulerConfig& config) : config_(config) {}

  void read(const YamlNode& root) {
    if (!mapping(root, "")) return;
    for (const YamlEntry& entry : root.entries) {
      const std::string& key = entry.key.text;
      if (key == "schedulerNames")
        read_names(entry.value);
      else if (key == "publishOversold")
        read_flag(entry.value, key, config_.publish_oversold);
      else if (key == "logLevel")
        read_level(entry.value);
      else if (key == "leaderElection")
        read_election(entry.value);
      else
        unknown(entry.key, key, {"schedulerNames", "publishOversold", "logLevel", "leaderElection"});
    }
  }

  model::Findings findings;

 private:
  void add(const YamlNode& at, std::string path, std::string message) {
    findings.push_back({.line = at.line, .path = std::move(path), .message = std::move(message)});
  }

  void unknown(const YamlNode& at, std::string path, std::initializer_list<std::string_view> allowed) {
    add(at, std::move(path), fmt::format("unknown; allowed are {}", fmt::join(allowed, ", ")));
  }

  bool mapping(const YamlNode& node, std::string_view path) {
    if (node.is_mapping()) return true;
    if (!node.is_null()) add(node, std::string(path), fmt::format("is {}, expected a mapping", model::describe(node)));
    return false;
  }

  void read_names(const YamlNode& node) {
    if (!node.is_sequence() || node.items.empty()) return add(node, "schedulerNames", "expected a list of at least one name");
    config_.scheduler_names.clear();
    for (const YamlNode& item : node.items) {
      if (!item.is_scalar() || item.text.empty() || item.is_null()) {
        add(item, "schedulerNames", fmt::format("is {}, expected a name", model::describe(item)));
        continue;
      }
      config_.scheduler_names.push_back(item.text);
    }
  }

  void read_flag(const YamlNode& node, std::string path, bool& out) {
    const bool is_flag = node.is_scalar() && node.plain && (node.text == "true" || node.text == "false");
    if (!is_flag) return add(node, std::move(path), fmt::format("is {}, expected true or false", model::describe(node)));
    out = node.text == "true";
  }

  void read_level(const YamlNode& node) {
    static constexpr std::array<std::string_view, 4> kLevels{"debug", "info", "warning", "error"};
    const auto found = std::find(kLevels.begin(), kLevels.end(), node.text);
    if (!node.is_scalar() || found == kLevels.end()) {
      return add(node, "logLevel", fmt::format("is {}, expected one of {}", model::describe(node), fmt::join(kLevels, ", ")));
    }
    config_.log_level = static_cast<LogLevel>(found - kLevels.begin());
  }

  void read_text(const YamlNode& node, std::string path, std::string& out) {
    if (!node.is_scalar() || node.is_null() || node.text.empty())
      return add(node, std::move(path), fmt::format("is {}, expected a name", model::describe(node)));
    out = node.text;
  }

  void read_duration(const YamlNode& node, std::string path, Duration& out) {
    const auto duration = model::parse_duration(node.is_scalar() ? node.text : "");
    if (!duration) return add(node, std::move(path), duration.error().message);
    if (*duration < seconds(1) || *duration > hours(1))
      return add(node, std::move(path), fmt::format("is {}, allowed are 1s to 1h", node.text));
    out = *duration;
  }

  void read_election(const YamlNode& node) {
    if (!mapping(node, "leaderElection")) return;
    kube::LeaderElectionOptions& election = config_.election;
    for (const YamlEntry& entry : node.entries) {
      const std::string path = model::path_of("leaderElection", entry.key.text);
      const std::string& key = entry.key.text;
      if (key == "enabled")
        read_flag(entry.value, path, config_.leader_election);
      else if (key == "namespace")
        read_text(entry.value, path, election.lease.ns);
      else if (key == "name")
        read_text(entry.value, path, election.lease.name);
      else if (key == "leaseDuration")
        read_duration(entry.value, path, election.lease_duration);
      else if (key == "renewDeadline")
        read_duration(entry.value, path, election.renew_deadline);
      else if (key == "retryPeriod")
        read_duration(entry.value, path, election.retry_period);
      else
        unknown(entry.key, path, {"enabled", "namespace", "name", "leaseDuration", "renewDeadline", "retryPeriod"});
    }
    // A holder must have stopped before another may begin, and must have had more than one try.
    if (election.renew_deadline >= election.lease_duration) add(node, "leaderElection.renewDeadline", "must be shorter than leaseDuration");
    if (election.retry_period >= election.renew_deadline) add(node, "leaderElection.retryPeriod", "must be shorter than renewDeadline");
  }

  SchedulerConfig& config_;
};

}   // namespace

model::Findings read_scheduler_config(std::string_view text, SchedulerConfig& config) {
  model::YamlText tree = model::parse_yaml(text, {.strict = true});
  if (!tree.ok()) return std::move(tree.findings);
  Reader reader(config);
  for (const YamlNode& document : tree.documents) reader.read(document);
  if (tree.documents.size() > 1) reader.findings.push_back({.line = tree.documents[1].line, .path = {}, .message = "a second document"});
  std::sort(reader.findings.begin(), reader.findings.end());
  return std::move(reader.findings);
}

}   // namespace ebb::cli
