#include "base/result.h"
#include "model/timestamp.h"
#include "sandbox/schema/table_kinds.h"

#include <map>
#include <set>

namespace ebb::sandbox::table {

namespace {

json::value shown(std::string_view text) { return json::value(text); }

bool has_condition(const json::object& object, std::string_view type) {
  const json::array* conditions = array_at(object, "status.conditions");
  if (!conditions) return false;
  for (const json::value& condition : *conditions) {
    if (string_at(condition, "type") == type) return string_at(condition, "status") == "True";
  }
  return false;
}

}   // namespace

json::value node_status(const Row& row, std::string_view) {
  std::string status = "Unknown";
  if (const json::array* conditions = array_at(row.object, "status.conditions")) {
    for (const json::value& condition : *conditions) {
      if (string_at(condition, "type") == "Ready") status = string_at(condition, "status") == "True" ? "Ready" : "NotReady";
    }
  }
  if (bool_at(row.object, "spec.unschedulable")) status += ",SchedulingDisabled";
  return shown(status);
}

json::value node_roles(const Row& row, std::string_view) {
  constexpr std::string_view kPrefix = "node-role.kubernetes.io/";
  std::set<std::string> roles;
  if (const json::object* found = object_at(row.object, "metadata.labels")) {
    for (const auto& [key, value] : *found) {
      const std::string_view name = key;
      if (name.starts_with(kPrefix) && name.size() > kPrefix.size())
        roles.emplace(name.substr(kPrefix.size()));
      else if (name == "kubernetes.io/role" && value.is_string() && !value.get_string().empty())
        roles.emplace(value.get_string());
    }
  }
  return shown(roles.empty() ? std::string("<none>") : fmt::format("{}", fmt::join(roles, ",")));
}

json::value node_address(const Row& row, std::string_view type) {
  if (const json::array* addresses = array_at(row.object, "status.addresses")) {
    for (const json::value& address : *addresses) {
      if (string_at(address, "type") == type) return shown(string_at(address, "address"));
    }
  }
  return "<none>";
}

json::value node_kernel(const Row& row, std::string_view) {
  std::string kernel(string_at(row.object, "status.nodeInfo.kernelVersion"));
  if (kernel.empty()) kernel = "<unknown>";
  const std::string_view architecture = string_at(row.object, "status.nodeInfo.architecture");
  if (!architecture.empty()) kernel += fmt::format(" ({})", architecture);
  return shown(kernel);
}

json::value job_status(const Row& row, std::string_view) {
  if (has_condition(row.object, "Complete")) return "Complete";
  if (has_condition(row.object, "Failed")) return "Failed";
  if (!string_at(row.object, "metadata.deletionTimestamp").empty()) return "Terminating";
  for (const std::string_view type : {"Suspended", "FailureTarget", "SuccessCriteriaMet"}) {
    if (has_condition(row.object, type)) return shown(type);
  }
  return "Running";
}

json::value job_completions(const Row& row, std::string_view) {
  const std::int64_t succeeded = integer_at(row.object, "status.succeeded").value_or(0);
  if (const auto wanted = integer_at(row.object, "spec.completions")) return shown(fmt::format("{}/{}", succeeded, *wanted));
  const std::int64_t parallelism = integer_at(row.object, "spec.parallelism").value_or(0);
  return shown(parallelism > 1 ? fmt::format("{}/1 of {}", succeeded, parallelism) : fmt::format("{}/1", succeeded));
}

json::value job_duration(const Row& row, std::string_view) {
  const auto start = model::parse_timestamp(string_at(row.object, "status.startTime"));
  if (!start) return "";
  const auto end = model::parse_timestamp(string_at(row.object, "status.completionTime"));
  return shown(human_duration((end ? *end : row.now) - *start));
}

json::value service_ports(const Row& row, std::string_view) {
  std::vector<std::string> texts;
  if (const json::array* ports = array_at(row.object, "spec.ports")) {
    for (const json::value& port : *ports) {
      const std::string node_port = scalar(find_member(port, "nodePort"));
      const std::string at_node = node_port.empty() || node_port == "0" ? "" : ":" + node_port;
      texts.push_back(fmt::format("{}{}/{}", scalar(find_member(port, "port")), at_node, string_at(port, "protocol")));
    }
  }
  return shown(texts.empty() ? std::string("<none>") : fmt::format("{}", fmt::join(texts, ",")));
}

json::value service_external(const Row& row, std::string_view) {
  const std::string_view type = string_at(row.object, "spec.type");
  if (type == "ExternalName") return shown(string_at(row.object, "spec.externalName"));
  std::vector<std::string> addresses;
  if (const json::array* ingress = array_at(row.object, "status.loadBalancer.ingress"); ingress && type == "LoadBalancer") {
    for (const json::value& one : *ingress)
      addresses.emplace_back(string_at(one, "ip").empty() ? string_at(one, "hostname") : string_at(one, "ip"));
  }
  if (const json::array* fixed = array_at(row.object, "spec.externalIPs")) {
    for (const json::value& one : *fixed) addresses.push_back(scalar(&one));
  }
  if (!addresses.empty()) return shown(fmt::format("{}", fmt::join(addresses, ",")));
  return type == "LoadBalancer" ? "<pending>" : "<none>";
}

json::value phase_or_terminating(const Row& row, std::string_view) {
  return string_at(row.object, "metadata.deletionTimestamp").empty() ? text(row, "status.phase") : json::value("Terminating");
}

json::value access_modes(const Row& row, std::string_view path) {
  // A claim shows what it got, not what it asked for.
  const bool unbound = path.starts_with("status") && string_at(row.object, "spec.volumeName").empty();
  const json::array* modes = array_at(row.object, path);
  std::vector<std::string> texts;
  if (!modes || unbound) return "";
  for (const auto& [mode, letters] : {std::pair("ReadWriteOnce", "RWO"), std::pair("ReadOnlyMany", "ROX"),
                                      std::pair("ReadWriteMany", "RWX"), std::pair("ReadWriteOncePod", "RWOP")}) {
    for (const json::value& each : *modes) {
      if (scalar(&each) == mode) texts.emplace_back(letters);
    }
  }
  return shown(fmt::format("{}", fmt::join(texts, ",")));
}

json::value claim_capacity(const Row& row, std::string_view) {
  return string_at(row.object, "spec.volumeName").empty() ? json::value("") : text(row, "status.capacity.storage");
}

json::value volume_claim(const Row& row, std::string_view) {
  if (!object_at(row.object, "spec.claimRef")) return "";
  return shown(fmt::format("{}/{}", string_at(row.object, "spec.claimRef.namespace"), string_at(row.object, "spec.claimRef.name")));
}

json::value quota(const Row& row, std::string_view which) {
  const json::object* hard = object_at(row.object, "status.hard");
  const json::object* used = object_at(row.object, "status.used");
  std::map<std::string, std::string> amounts;
  if (hard) {
    for (const auto& [key, amount] : *hard) {
      const bool limit = std::string_view(key).starts_with("limits.");
      if (limit != (which == "limit")) continue;
      const std::string in_use = used ? scalar(used->if_contains(key)) : "";
      amounts[key] = fmt::format("{}: {}/{}", std::string_view(key), in_use.empty() ? "0" : in_use, scalar(&amount));
    }
  }
  std::string list;
  for (const auto& [key, amount] : amounts) list += (list.empty() ? "" : ", ") + amount;
  return shown(list);
}

}   // namespace ebb::sandbox::table
