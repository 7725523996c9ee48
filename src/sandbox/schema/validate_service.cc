#include "sandbox/schema/report.h"

#include <set>

namespace ebb::sandbox {

namespace {

void validate_service_ports(Report& report, const json::object& spec) {
  const json::array* ports = array_at(spec, "ports");
  const std::string_view type = string_at(spec, "type");
  const bool headless = string_at(spec, "clusterIP") == "None";
  if ((!ports || ports->empty()) && !headless && type != "ExternalName") report.required("spec.ports");
  std::set<std::string> seen_names;
  std::set<std::string> seen_ports;
  for (std::size_t i = 0; ports && i < ports->size(); ++i) {
    if (!(*ports)[i].is_object()) continue;
    const json::object& port = (*ports)[i].get_object();
    const std::string field = fmt::format("spec.ports[{}]", i);
    const std::string name(string_at(port, "name"));
    if (name.empty() && ports->size() > 1)
      report.required(field + ".name");
    else if (!name.empty()) {
      report.named(field + ".name", name, names::label(name));
      if (!seen_names.insert(name).second) report.duplicate(field + ".name", json::value(std::string_view(name)));
    }
    check_port(report, port.if_contains("port"), field + ".port");
    check_one_of(report, port, "protocol", field, {"SCTP", "TCP", "UDP"});
    check_port(report, port.if_contains("targetPort"), field + ".targetPort");
    const std::int64_t number = integer_at(port, "port").value_or(0);
    if (!seen_ports.insert(fmt::format("{}/{}", number, string_at(port, "protocol"))).second) {
      const json::object shown{{"Name", ""},
                               {"Protocol", port.contains("protocol") ? port.at("protocol") : json::value("")},
                               {"AppProtocol", nullptr},
                               {"Port", number},
                               {"TargetPort", 0},
                               {"NodePort", 0}};
      report.duplicate(field, shown);
    }
  }
}

void validate_service_object(Report& report, const json::object& object, const json::object& spec, const json::object* previous) {
  validate_service_ports(report, spec);
  validate_labels(report, object_at(spec, "selector"), "spec.selector");
  check_one_of(report, spec, "sessionAffinity", "spec", {"ClientIP", "None"});
  check_one_of(report, spec, "type", "spec", {"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"});
  if (!string_at(spec, "externalTrafficPolicy").empty()) check_one_of(report, spec, "externalTrafficPolicy", "spec", {"Cluster", "Local"});
  if (!string_at(spec, "internalTrafficPolicy").empty()) check_one_of(report, spec, "internalTrafficPolicy", "spec", {"Cluster", "Local"});
  if (string_at(spec, "type") == "ExternalName") {
    const std::string_view name = string_at(spec, "externalName");
    if (name.empty())
      report.required("spec.externalName");
    else
      report.named("spec.externalName", name, names::subdomain(name));
  }
  const std::string_view before = previous ? string_at(*previous, "spec.clusterIP") : "";
  const bool was_internal = previous && string_at(*previous, "spec.type") != "ExternalName";
  if (was_internal && string_at(spec, "type") != "ExternalName" && !before.empty() && string_at(spec, "clusterIP") != before) {
    report.invalid("spec.clusterIPs[0]", json::array{json::value(string_at(object, "spec.clusterIP"))}, "may not change once set");
  }
}

void validate_ingress(Report& report, const json::object& spec) {
  const json::array* rules = array_at(spec, "rules");
  if ((!rules || rules->empty()) && !object_at(spec, "defaultBackend")) {
    report.invalid("spec", json::array(), "either `defaultBackend` or `rules` must be specified");
  }
  for (std::size_t i = 0; rules && i < rules->size(); ++i) {
    if (!(*rules)[i].is_object()) continue;
    const json::array* paths = array_at((*rules)[i].get_object(), "http.paths");
    for (std::size_t k = 0; paths && k < paths->size(); ++k) {
      if (!(*paths)[k].is_object()) continue;
      const json::object& path = (*paths)[k].get_object();
      const std::string field = fmt::format("spec.rules[{}].http.paths[{}]", i, k);
      if (!path.contains("pathType"))
        report.required(field + ".pathType", "pathType must be specified");
      else
        check_one_of(report, path, "pathType", field, {"Exact", "ImplementationSpecific", "Prefix"});
      const std::string_view text = string_at(path, "path");
      if (string_at(path, "pathType") != "ImplementationSpecific" && !text.starts_with('/'))
        report.invalid(field + ".path", json::value(text), "must be an absolute path");
    }
  }
}

void validate_slice(Report& report, const json::object& object, const json::object* previous) {
  if (string_at(object, "addressType").empty())
    report.required("addressType");
  else
    check_one_of(report, object, "addressType", "", {"FQDN", "IPv4", "IPv6"});
  check_immutable(report, object, previous, "addressType");
  const json::array* endpoints = array_at(object, "endpoints");
  for (std::size_t i = 0; endpoints && i < endpoints->size(); ++i) {
    const json::value* addresses = find_member((*endpoints)[i], "addresses");
    if (!addresses || !addresses->is_array() || addresses->get_array().empty()) {
      report.required(fmt::format("endpoints[{}].addresses", i), "must contain at least 1 address");
    }
  }
}

}   // namespace

void validate_service(Report& report, std::string_view kind, const json::object& object, const json::object* previous) {
  const json::object none;
  const json::object* found = object_at(object, "spec");
  const json::object& spec = found ? *found : none;
  if (kind == "Service") validate_service_object(report, object, spec, previous);
  if (kind == "Ingress") validate_ingress(report, spec);
  if (kind == "EndpointSlice") validate_slice(report, object, previous);
  if (kind == "NetworkPolicy") validate_selector(report, object_at(spec, "podSelector"), "spec.podSelector");
}

}   // namespace ebb::sandbox
