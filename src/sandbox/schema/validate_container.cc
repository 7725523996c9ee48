#include "model/quantity.h"
#include "sandbox/schema/report.h"

#include <algorithm>
#include <set>

namespace ebb::sandbox {

namespace {

std::optional<Int128> nanos(const json::value& amount) {
  if (!amount.is_string()) return std::nullopt;
  const auto parsed = model::parse_quantity(amount.get_string());
  return parsed ? std::optional(parsed->nanos) : std::nullopt;
}

bool is_hugepages(std::string_view name) { return name.starts_with("hugepages-"); }
bool is_native(std::string_view name) {
  return name.find('/') == std::string_view::npos || name.find("kubernetes.io/") != std::string_view::npos;
}
// Resources of devices and the like: whole numbers, requested exactly as limited.
bool is_extended(std::string_view name) { return !is_native(name) && !name.starts_with("requests."); }

bool is_standard_for_containers(std::string_view name) {
  return name == "cpu" || name == "memory" || name == "ephemeral-storage" || is_hugepages(name);
}

constexpr Int128 kOne = 1'000'000'000;

void validate_amounts(Report& report, const json::object* amounts, const std::string& field) {
  if (!amounts) return;
  for (const auto& [key, amount] : *amounts) {
    const std::string_view name = key;
    const std::string here = fmt::format("{}[{}]", field, name);
    report.named(here, name, names::qualified(name));
    if (name.find('/') == std::string_view::npos && !is_standard_for_containers(name)) {
      report.invalid(here, json::value(name), "must be a standard resource type or fully qualified");
      report.invalid(here, json::value(name), "must be a standard resource for containers");
    }
    const auto value = nanos(amount);
    if (!value) continue;
    if (*value < 0) report.invalid(here, amount, "must be greater than or equal to 0");
    if (is_extended(name) && *value % kOne != 0) report.invalid(here, amount, "must be an integer");
  }
}

void validate_requests(Report& report, const json::object& requests, const json::object* limits, const std::string& field) {
  for (const auto& [key, amount] : requests) {
    const std::string_view name = key;
    const json::value* limit = limits ? limits->if_contains(key) : nullptr;
    const bool exact = is_extended(name) || is_hugepages(name);
    const auto wanted = nanos(amount);
    if (!limit) {
      if (exact) report.required(field + ".limits", "Limit must be set for non overcommitable resources");
      continue;
    }
    const auto most = nanos(*limit);
    if (!wanted || !most) continue;
    const std::string_view limit_text = limit->get_string();
    if (exact && *wanted != *most)
      report.invalid(field + ".requests", amount, fmt::format("must be equal to {} limit of {}", name, limit_text));
    else if (!exact && *wanted > *most)
      report.invalid(field + ".requests", amount, fmt::format("must be less than or equal to {} limit of {}", name, limit_text));
  }
}

void validate_resources(Report& report, const json::object& container, const std::string& field) {
  const json::object* resources = object_at(container, "resources");
  if (!resources) return;
  const json::object* limits = object_at(*resources, "limits");
  const json::object* requests = object_at(*resources, "requests");
  const std::string here = field + ".resources";
  validate_amounts(report, limits, here + ".limits");
  validate_amounts(report, requests, here + ".requests");
  if (requests) validate_requests(report, *requests, limits, here);
}

void validate_ports(Report& report, const json::object& container, const std::string& field, bool host_network) {
  const json::array* ports = array_at(container, "ports");
  std::set<std::string> seen;
  for (std::size_t i = 0; ports && i < ports->size(); ++i) {
    if (!(*ports)[i].is_object()) continue;
    const json::object& port = (*ports)[i].get_object();
    const std::string here = fmt::format("{}.ports[{}]", field, i);
    if (const std::string name(string_at(port, "name")); !name.empty()) {
      report.named(here + ".name", name, names::port_name(name));
      if (!seen.insert(name).second) report.duplicate(here + ".name", json::value(std::string_view(name)));
    }
    const std::int64_t number = integer_at(port, "containerPort").value_or(0);
    if (number == 0)
      report.required(here + ".containerPort");
    else
      check_port(report, port.if_contains("containerPort"), here + ".containerPort");
    const std::int64_t host_port = integer_at(port, "hostPort").value_or(0);
    if (host_port != 0) {
      check_port(report, port.if_contains("hostPort"), here + ".hostPort");
      if (host_network && host_port != number)
        report.invalid(here + ".hostPort", host_port, "must match `containerPort` when `hostNetwork` is true");
    }
    check_one_of(report, port, "protocol", here, {"SCTP", "TCP", "UDP"});
  }
}

void validate_environment(Report& report, const json::object& container, const std::string& field) {
  const json::array* variables = array_at(container, "env");
  for (std::size_t i = 0; variables && i < variables->size(); ++i) {
    if (!(*variables)[i].is_object()) continue;
    const json::object& variable = (*variables)[i].get_object();
    const std::string here = fmt::format("{}.env[{}]", field, i);
    const std::string_view name = string_at(variable, "name");
    if (name.empty())
      report.required(here + ".name");
    else
      report.named(here + ".name", name, names::environment(name));
    const json::object* from = object_at(variable, "valueFrom");
    if (!from) continue;
    if (from->empty())
      report.invalid(here + ".valueFrom", "",
                     "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef`, or `fileKeyRef`");
    if (!string_at(variable, "value").empty())
      report.invalid(here + ".valueFrom", "", "may not be specified when `value` is not empty");
    else if (from->size() > 1)
      report.invalid(here + ".valueFrom", "", "may not have more than one field specified at a time");
  }
}

void validate_mounts(Report& report, const json::object& container, const std::string& field, const std::set<std::string>& volumes) {
  const json::array* mounts = array_at(container, "volumeMounts");
  std::set<std::string> paths;
  for (std::size_t i = 0; mounts && i < mounts->size(); ++i) {
    if (!(*mounts)[i].is_object()) continue;
    const json::object& mount = (*mounts)[i].get_object();
    const std::string here = fmt::format("{}.volumeMounts[{}]", field, i);
    const std::string name(string_at(mount, "name"));
    if (name.empty())
      report.required(here + ".name");
    else if (!volumes.contains(name))
      report.not_found(here + ".name", json::value(std::string_view(name)));
    const std::string path(string_at(mount, "mountPath"));
    if (path.empty())
      report.required(here + ".mountPath");
    else if (!paths.insert(path).second)
      report.invalid(here + ".mountPath", json::value(std::string_view(path)), "must be unique");
  }
}

void validate_handler(Report& report, const json::object& handler, const std::string& field) {
  std::size_t handlers = 0;
  for (const std::string_view kind : {"exec", "httpGet", "tcpSocket", "grpc", "sleep"}) {
    if (!object_at(handler, kind)) continue;
    if (++handlers > 1)
      report.forbidden(fmt::format("{}.{}", field, kind), "may not specify more than 1 handler type");
    else if (kind != "exec" && kind != "sleep")
      check_port(report, find_path(handler, fmt::format("{}.port", kind)), fmt::format("{}.{}.port", field, kind));
  }
  if (handlers == 0) report.required(field, "must specify a handler type");
}

void validate_probe(Report& report, const json::object& container, std::string_view name, const std::string& field) {
  const json::object* probe = object_at(container, name);
  if (!probe) return;
  const std::string here = fmt::format("{}.{}", field, name);
  validate_handler(report, *probe, here);
  for (const std::string_view key : {"initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"}) {
    check_not_negative(report, *probe, key, here);
  }
  if (name != "readinessProbe" && integer_at(*probe, "successThreshold").value_or(1) != 1) {
    report.invalid(here + ".successThreshold", *probe->if_contains("successThreshold"), "must be 1");
  }
}

void validate_container(Report& report, const json::object& container, const std::string& field, const std::set<std::string>& volumes,
                        bool host_network) {
  const std::string_view name = string_at(container, "name");
  if (name.empty())
    report.required(field + ".name");
  else
    report.named(field + ".name", name, names::label(name));
  const std::string_view image = string_at(container, "image");
  if (image.empty())
    report.required(field + ".image");
  else if (image.front() == ' ' || image.back() == ' ')
    report.invalid(field + ".image", json::value(image), "must not have leading or trailing whitespace");
  check_one_of(report, container, "imagePullPolicy", field, {"Always", "IfNotPresent", "Never"});
  check_one_of(report, container, "terminationMessagePolicy", field, {"File", "FallbackToLogsOnError"});
  validate_ports(report, container, field, host_network);
  validate_environment(report, container, field);
  validate_mounts(report, container, field, volumes);
  for (const std::string_view probe : {"livenessProbe", "readinessProbe", "startupProbe"}) validate_probe(report, container, probe, field);
  for (const std::string_view hook : {"lifecycle.postStart", "lifecycle.preStop"}) {
    if (const json::object* handler = object_at(container, hook)) validate_handler(report, *handler, fmt::format("{}.{}", field, hook));
  }
  validate_resources(report, container, field);
}

std::set<std::string> validate_volumes(Report& report, const json::object& spec, const std::string& field) {
  std::set<std::string> seen;
  const json::array* volumes = array_at(spec, "volumes");
  for (std::size_t i = 0; volumes && i < volumes->size(); ++i) {
    const std::string here = fmt::format("{}.volumes[{}]", field, i);
    const std::string name(string_at((*volumes)[i], "name"));
    if (name.empty())
      report.required(here + ".name");
    else
      report.named(here + ".name", name, names::label(name));
    if (!seen.insert(name).second) report.duplicate(here + ".name", json::value(std::string_view(name)));
    if ((*volumes)[i].is_object() && (*volumes)[i].get_object().size() > 2) {
      report.forbidden(fmt::format("{}.{}", here, std::string_view(std::prev((*volumes)[i].get_object().end())->key())),
                       "may not specify more than 1 volume type");
    }
  }
  return seen;
}

}   // namespace

void validate_containers(Report& report, const json::object& spec, const std::string& field) {
  const std::set<std::string> volumes = validate_volumes(report, spec, field);
  const bool host_network = bool_at(spec, "hostNetwork");
  const json::array* containers = array_at(spec, "containers");
  if (!containers || containers->empty()) report.required(field + ".containers");
  std::set<std::string> seen;
  for (const std::string_view list : {"containers", "initContainers", "ephemeralContainers"}) {
    const json::array* found = array_at(spec, list);
    for (std::size_t i = 0; found && i < found->size(); ++i) {
      if (!(*found)[i].is_object()) continue;
      const std::string here = fmt::format("{}.{}[{}]", field, list, i);
      validate_container(report, (*found)[i].get_object(), here, volumes, host_network);
      const std::string name(string_at((*found)[i], "name"));
      if (!name.empty() && !seen.insert(name).second) report.duplicate(here + ".name", json::value(std::string_view(name)));
    }
  }
}

}   // namespace ebb::sandbox
