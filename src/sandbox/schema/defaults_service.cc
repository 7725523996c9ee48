#include "sandbox/schema/defaults.h"

namespace ebb::sandbox {

namespace {

void default_service_object(json::object& spec) {
  set_default(spec, "sessionAffinity", "None");
  if (spec.at("sessionAffinity") == "ClientIP") {
    set_default(made_object(made_object(spec, "sessionAffinityConfig"), "clientIP"), "timeoutSeconds", 10800);
  }
  set_default(spec, "type", "ClusterIP");
  const json::value type = spec.at("type");
  each_object(spec, "ports", [](json::object& port) {
    set_default(port, "protocol", "TCP");
    const json::value* target = port.if_contains("targetPort");
    const bool unsaid = !target || target->is_null() || *target == 0 || *target == "";
    if (const json::value* number = port.if_contains("port"); unsaid && number) {
      const json::value same = *number;
      port.insert_or_assign("targetPort", same);
    }
  });
  if (type == "NodePort" || type == "LoadBalancer") set_default(spec, "externalTrafficPolicy", "Cluster");
  if (type == "NodePort" || type == "LoadBalancer" || type == "ClusterIP") set_default(spec, "internalTrafficPolicy", "Cluster");
  if (type == "LoadBalancer") set_default(spec, "allocateLoadBalancerNodePorts", true);
}

void default_network_policy(json::object& spec) {
  for (const std::string_view direction : {"ingress", "egress"}) {
    each_object(spec, direction,
                [](json::object& rule) { each_object(rule, "ports", [](json::object& port) { set_default(port, "protocol", "TCP"); }); });
  }
  if (array_member(spec, "policyTypes")) return;
  json::array types{"Ingress"};
  if (const json::array* egress = array_member(spec, "egress"); egress && !egress->empty()) types.push_back("Egress");
  spec.insert_or_assign("policyTypes", std::move(types));
}

}   // namespace

bool default_service(std::string_view kind, json::object& object) {
  if (kind == "Service") {
    default_service_object(made_object(object, "spec"));
  } else if (kind == "Endpoints") {
    each_object(object, "subsets", [](json::object& subset) {
      each_object(subset, "ports", [](json::object& port) { set_default(port, "protocol", "TCP"); });
    });
  } else if (kind == "EndpointSlice") {
    each_object(object, "ports", [](json::object& port) {
      set_default(port, "name", "");
      set_default(port, "protocol", "TCP");
    });
  } else if (kind == "NetworkPolicy") {
    default_network_policy(made_object(object, "spec"));
  } else if (kind == "IngressClass") {
    if (json::object* parameters = object_member(made_object(object, "spec"), "parameters")) set_default(*parameters, "scope", "Cluster");
  } else {
    return false;
  }
  return true;
}

}   // namespace ebb::sandbox
