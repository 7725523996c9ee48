#include "base/result.h"
#include "sandbox/schema/table_kinds.h"

#include <algorithm>

namespace ebb::sandbox::table {

namespace {

json::value shown(std::string_view text) { return json::value(text); }

std::string lower(std::string_view text) {
  std::string small(text);
  std::ranges::transform(small, small.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return small;
}

const json::value* first_of(const json::object& object, std::initializer_list<std::string_view> paths) {
  for (const std::string_view path : paths) {
    const json::value* found = find_path(object, path);
    if (found && !scalar(found).empty()) return found;
  }
  return nullptr;
}

// "a,b,c + 2 more..."
std::string shortened(const std::vector<std::string>& texts, std::size_t most) {
  if (texts.empty()) return "<none>";
  if (texts.size() <= most) return fmt::format("{}", fmt::join(texts, ","));
  return fmt::format("{} + {} more...", fmt::join(texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(most), ","),
                     texts.size() - most);
}

}   // namespace

json::value event_first_seen(const Row& row, std::string_view) {
  return shown(human_since(first_of(row.object, {"firstTimestamp", "deprecatedFirstTimestamp", "eventTime"}), row.now));
}

json::value event_last_seen(const Row& row, std::string_view) {
  const json::value* time = first_of(row.object, {"series.lastObservedTime", "lastTimestamp", "deprecatedLastTimestamp", "firstTimestamp",
                                                  "deprecatedFirstTimestamp", "eventTime"});
  return shown(human_since(time, row.now));
}

json::value event_object(const Row& row, std::string_view) {
  const json::object* object = object_at(row.object, "involvedObject");
  if (!object) object = object_at(row.object, "regarding");
  if (!object) return "";
  const std::string_view name = string_at(*object, "name");
  const std::string kind = lower(string_at(*object, "kind"));
  return shown(name.empty() ? kind : fmt::format("{}/{}", kind, name));
}

json::value event_source(const Row& row, std::string_view) {
  const json::value* component =
      first_of(row.object, {"source.component", "deprecatedSource.component", "reportingComponent", "reportingController"});
  const json::value* host = first_of(row.object, {"source.host", "deprecatedSource.host", "reportingInstance"});
  return shown(host ? fmt::format("{}, {}", scalar(component), scalar(host)) : scalar(component));
}

json::value event_count(const Row& row, std::string_view) {
  for (const std::string_view path : {"series.count", "count", "deprecatedCount"}) {
    if (const auto count = integer_at(row.object, path); count && *count != 0) return *count;
  }
  return 1;
}

json::value either(const Row& row, std::string_view paths) {
  const std::size_t space = paths.find(' ');
  std::string found = scalar(find_path(row.object, paths.substr(0, space)));
  if (found.empty()) found = scalar(find_path(row.object, paths.substr(space + 1)));
  const std::size_t begin = found.find_first_not_of(" \t\n");
  const std::size_t end = found.find_last_not_of(" \t\n");
  return shown(begin == std::string::npos ? std::string_view() : std::string_view(found).substr(begin, end - begin + 1));
}

json::value kind_and_name(const Row& row, std::string_view path) {
  const json::value* reference = find_path(row.object, path);
  if (reference && reference->is_array()) {   // owners: the one that controls
    const json::array& owners = reference->get_array();
    const auto controls = [](const json::value& owner) {
      return find_member(owner, "controller") && *find_member(owner, "controller") == true;
    };
    const auto controller = std::ranges::find_if(owners, controls);
    reference = controller == owners.end() ? nullptr : &*controller;
    if (reference) {
      const std::string_view version = string_at(*reference, "apiVersion");
      const std::size_t slash = version.find('/');
      const std::string group = slash == std::string_view::npos ? "" : fmt::format(".{}", version.substr(0, slash));
      return shown(fmt::format("{}{}/{}", lower(string_at(*reference, "kind")), group, string_at(*reference, "name")));
    }
  }
  if (!reference || !reference->is_object()) return "<none>";
  return shown(fmt::format("{}/{}", string_at(*reference, "kind"), string_at(*reference, "name")));
}

json::value subjects(const Row& row, std::string_view kind) {
  std::vector<std::string> names;
  if (const json::array* list = array_at(row.object, "subjects")) {
    for (const json::value& subject : *list) {
      if (string_at(subject, "kind") != kind) continue;
      const std::string_view ns = string_at(subject, "namespace");
      names.push_back(kind == "ServiceAccount" ? fmt::format("{}/{}", ns, string_at(subject, "name"))
                                               : std::string(string_at(subject, "name")));
    }
  }
  return shown(fmt::format("{}", fmt::join(names, ", ")));
}

json::value endpoints(const Row& row, std::string_view) {
  std::vector<std::string> texts;
  if (const json::array* subsets = array_at(row.object, "subsets")) {
    for (const json::value& subset : *subsets) {
      const json::value* addresses = find_member(subset, "addresses");
      const json::value* ports = find_member(subset, "ports");
      if (!addresses || !addresses->is_array()) continue;
      const json::array no_port{nullptr};
      const json::array& list = ports && ports->is_array() && !ports->get_array().empty() ? ports->get_array() : no_port;
      for (const json::value& port : list) {
        const std::string number = scalar(find_member(port, "port"));
        for (const json::value& address : addresses->get_array()) {
          const std::string_view ip = string_at(address, "ip");
          const bool six = ip.find(':') != std::string_view::npos;
          texts.push_back(number.empty() ? std::string(ip) : six ? fmt::format("[{}]:{}", ip, number) : fmt::format("{}:{}", ip, number));
        }
      }
    }
  }
  return shown(shortened(texts, 3));
}

json::value slice_ports(const Row& row, std::string_view) {
  std::vector<std::string> texts;
  if (const json::array* ports = array_at(row.object, "ports")) {
    for (const json::value& port : *ports) {
      const std::string number = scalar(find_member(port, "port"));
      texts.push_back(number.empty() ? "*" : number);
    }
  }
  return shown(texts.empty() ? std::string("<unset>") : shortened(texts, 3));
}

json::value slice_endpoints(const Row& row, std::string_view) {
  std::vector<std::string> texts;
  if (const json::array* list = array_at(row.object, "endpoints")) {
    for (const json::value& endpoint : *list) {
      const json::value* addresses = find_member(endpoint, "addresses");
      if (!addresses || !addresses->is_array()) continue;
      for (const json::value& address : addresses->get_array()) texts.push_back(scalar(&address));
    }
  }
  return shown(texts.empty() ? std::string("<unset>") : shortened(texts, 3));
}

json::value ingress_hosts(const Row& row, std::string_view) {
  std::vector<std::string> hosts;
  if (const json::array* rules = array_at(row.object, "spec.rules")) {
    for (const json::value& rule : *rules) {
      const std::string_view host = string_at(rule, "host");
      if (!host.empty()) hosts.emplace_back(host);
    }
  }
  return shown(hosts.empty() ? std::string("*") : shortened(hosts, 3));
}

json::value ingress_address(const Row& row, std::string_view) {
  std::vector<std::string> addresses;
  if (const json::array* ingress = array_at(row.object, "status.loadBalancer.ingress")) {
    for (const json::value& one : *ingress)
      addresses.emplace_back(string_at(one, "ip").empty() ? string_at(one, "hostname") : string_at(one, "ip"));
  }
  return shown(fmt::format("{}", fmt::join(addresses, ",")));
}

json::value ingress_ports(const Row& row, std::string_view) {
  const json::array* tls = array_at(row.object, "spec.tls");
  return tls && !tls->empty() ? "80, 443" : "80";
}

// The old annotation is still what some claims and volumes say.
json::value class_name(const Row& row, std::string_view) {
  const json::object* annotations = object_at(row.object, "metadata.annotations");
  const std::string old = annotations ? scalar(annotations->if_contains("volume.beta.kubernetes.io/storage-class")) : "";
  return old.empty() ? text(row, "spec.storageClassName") : shown(old);
}

// What is served, and which of it is stored: v1(storage),v1beta1.
json::value crd_versions(const Row& row, std::string_view) {
  std::vector<std::string> texts;
  if (const json::array* versions = array_at(row.object, "spec.versions")) {
    for (const json::value& version : *versions) {
      const auto flag = [&](std::string_view key) {
        const json::value* on = find_member(version, key);
        return on && *on == true;
      };
      if (flag("served")) texts.push_back(fmt::format("{}{}", string_at(version, "name"), flag("storage") ? "(storage)" : ""));
    }
  }
  std::ranges::sort(texts);
  return shown(fmt::format("{}", fmt::join(texts, ",")));
}

json::value short_names(const Row& row, std::string_view) {
  const json::array* names = array_at(row.object, "spec.names.shortNames");
  return names ? joined(row, "spec.names.shortNames") : json::value("");
}

json::value parent_reference(const Row& row, std::string_view) {
  const json::object* parent = object_at(row.object, "spec.parentRef");
  if (!parent) return "<none>";
  const std::string_view group = string_at(*parent, "group");
  const std::string resource =
      group.empty() ? std::string(string_at(*parent, "resource")) : fmt::format("{}.{}", string_at(*parent, "resource"), group);
  const std::string_view ns = string_at(*parent, "namespace");
  return shown(fmt::format("{}/{}{}{}", resource, ns, ns.empty() ? "" : "/", string_at(*parent, "name")));
}

namespace {

std::string healthy_condition(const Row& row, std::string_view key) {
  const json::array* conditions = array_at(row.object, "conditions");
  if (!conditions) return {};
  for (const json::value& condition : *conditions) {
    if (string_at(condition, "type") == "Healthy") return std::string(string_at(condition, key));
  }
  return {};
}

}   // namespace

json::value component_status(const Row& row, std::string_view) {
  const std::string status = healthy_condition(row, "status");
  return status == "True" ? "Healthy" : status == "False" ? "Unhealthy" : "Unknown";
}
json::value component_message(const Row& row, std::string_view) { return shown(healthy_condition(row, "message")); }
json::value component_error(const Row& row, std::string_view) { return shown(healthy_condition(row, "error")); }

json::value condition_true(const Row& row, std::string_view type) {
  bool met = false;
  if (const json::array* conditions = array_at(row.object, "status.conditions")) {
    met = std::ranges::any_of(*conditions,
                              [&](const json::value& c) { return string_at(c, "type") == type && string_at(c, "status") == "True"; });
  }
  return type == "Dangling" ? json::value(met ? "True" : "False") : json::value(met);
}

// Current and wanted utilisation of the resources; other metrics by their averages.
json::value autoscaler_targets(const Row& row, std::string_view) {
  if (const auto target = integer_at(row.object, "spec.targetCPUUtilizationPercentage")) {
    const auto current = integer_at(row.object, "status.currentCPUUtilizationPercentage");
    return shown(fmt::format("cpu: {}/{}%", current ? fmt::format("{}%", *current) : "<unknown>", *target));
  }
  const json::array* metrics = array_at(row.object, "spec.metrics");
  if (!metrics || metrics->empty()) return "<none>";
  const json::array* current = array_at(row.object, "status.currentMetrics");
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < metrics->size(); ++i) {
    const json::value& metric = (*metrics)[i];
    const std::string name(string_at(metric, "resource.name"));
    const json::value none;
    const json::value& is = current && i < current->size() ? (*current)[i] : none;
    const std::string percent = scalar(find_path(metric, "resource.target.averageUtilization"));
    const std::string amount = scalar(find_path(metric, "resource.target.averageValue"));
    const std::string now =
        scalar(find_path(is, percent.empty() ? "resource.current.averageValue" : "resource.current.averageUtilization"));
    const std::string_view unit = percent.empty() ? "" : "%";
    const std::string got = now.empty() ? std::string("<unknown>") : fmt::format("{}{}", now, unit);
    if (name.empty())
      texts.push_back("<unknown>/<auto>");
    else
      texts.push_back(fmt::format("{}: {}/{}{}", name, got, percent.empty() ? amount : percent, unit));
  }
  return shown(shortened(texts, 2));
}

json::value request_condition(const Row& row, std::string_view) {
  std::string status;
  if (const json::array* conditions = array_at(row.object, "status.conditions")) {
    for (const json::value& condition : *conditions) status += fmt::format("{}{}", status.empty() ? "" : ",", string_at(condition, "type"));
  }
  if (status.empty()) status = "Pending";
  if (!string_at(row.object, "status.certificate").empty()) status += ",Issued";
  return shown(status);
}

json::value api_service(const Row& row, std::string_view) {
  if (!object_at(row.object, "spec.service")) return "Local";
  return shown(fmt::format("{}/{}", string_at(row.object, "spec.service.namespace"), string_at(row.object, "spec.service.name")));
}

json::value api_service_available(const Row& row, std::string_view) {
  if (const json::array* conditions = array_at(row.object, "status.conditions")) {
    for (const json::value& condition : *conditions) {
      if (string_at(condition, "type") != "Available") continue;
      const std::string_view status = string_at(condition, "status");
      return shown(status == "True" ? std::string(status) : fmt::format("{} ({})", status, string_at(condition, "reason")));
    }
  }
  return "Unknown";
}

}   // namespace ebb::sandbox::table
