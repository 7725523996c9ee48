#include "kube/decode_fields.h"

namespace ebb::kube {
namespace {

// A hostPort of zero is none.
Status read_host_port(JsonValue value, std::vector<model::HostPort>& out) {
  model::HostPort port;
  EBB_TRY_VOID(each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "hostPort") return read(field, port.port);
    if (key == "hostIP") return read(field, port.ip);
    if (key == "protocol") return read(field, port.protocol);
    return {};
  }));
  if (port.port == 0) return {};
  if (port.ip == "0.0.0.0") port.ip.clear();
  if (port.protocol.empty()) port.protocol = "TCP";
  out.push_back(std::move(port));
  return {};
}

Status read_container(JsonValue value, model::Container& container) {
  return each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "name") return read(field, container.name);
    if (key == "image") return read(field, container.image);
    if (key == "restartPolicy") {
      EBB_TRY(const std::string_view policy, read_view(field));
      container.sidecar = policy == "Always";
      return {};
    }
    if (key == "resources") {
      return each_field(field, [&](std::string_view part, JsonValue amounts) -> Status {
        if (part == "requests") return read_resources(amounts, container.requests);
        if (part == "limits") return read_resources(amounts, container.limits);
        return {};
      });
    }
    if (key == "ports") return each_item(field, [&](JsonValue port) { return read_host_port(port, container.host_ports); });
    return {};
  });
}

Status read_containers(JsonValue value, std::vector<model::Container>& out) {
  return each_item(value, [&](JsonValue item) { return read_container(item, out.emplace_back()); });
}

Status read_toleration(JsonValue value, std::vector<model::Toleration>& out) {
  model::Toleration toleration;
  bool understood = true;
  EBB_TRY_VOID(each_field(value, [&](std::string_view key, JsonValue field) -> Status {
    if (key == "key") return read(field, toleration.key);
    if (key == "value") return read(field, toleration.value);
    if (key == "operator") {
      EBB_TRY(const std::string_view op, read_view(field));
      toleration.exists = op == "Exists";
      understood = op.empty() || op == "Exists" || op == "Equal";
    }
    if (key == "effect") {
      EBB_TRY(toleration.effect, read_taint_effect(field));
    }
    return {};
  }));
  // An operator from a later Kubernetes tolerates nothing here: the pod waits rather than lands wrongly.
  if (understood) out.push_back(std::move(toleration));
  return {};
}

Status read_spec_field(std::string_view key, JsonValue value, model::Pod& pod) {
  if (key == "containers") return read_containers(value, pod.containers);
  if (key == "initContainers") return read_containers(value, pod.init_containers);
  if (key == "nodeName") return read(value, pod.node.v);
  if (key == "schedulerName") return read(value, pod.scheduler_name);
  if (key == "priority") return read(value, pod.priority);
  if (key == "priorityClassName") return read(value, pod.priority_class);
  if (key == "nodeSelector") return read_labels(value, pod.node_selector);
  if (key == "overhead") return read_resources(value, pod.overhead);
  if (key == "tolerations") return each_item(value, [&](JsonValue item) { return read_toleration(item, pod.tolerations); });
  if (key == "preemptionPolicy") {
    EBB_TRY(const std::string_view policy, read_view(value));
    pod.preemption_never = policy == "Never";
  }
  if (key == "affinity") {
    return each_field(value, [&](std::string_view part, JsonValue affinity) -> Status {
      if (part == "nodeAffinity") return read_node_affinity(affinity, pod);
      if (part == "podAffinity") return read_pod_affinity(affinity, pod.required_affinity, pod.preferred_affinity);
      if (part == "podAntiAffinity") return read_pod_affinity(affinity, pod.required_anti_affinity, pod.preferred_anti_affinity);
      return {};
    });
  }
  if (key == "topologySpreadConstraints") {
    return each_item(value, [&](JsonValue item) { return read_spread_constraint(item, pod.spread_constraints); });
  }
  if (key == "volumes") return each_item(value, [&](JsonValue item) { return read_pod_volume(item, pod.volumes); });
  if (key == "schedulingGroup") {
    return each_field(value, [&](std::string_view part, JsonValue name) -> Status {
      return part == "podGroupName" ? read(name, pod.pod_group) : Status();
    });
  }
  if (key == "schedulingGates") {
    return each_item(value, [&](JsonValue gate) {
      return each_field(gate, [&](std::string_view part, JsonValue name) -> Status {
        return part == "name" ? read(name, pod.scheduling_gates.emplace_back()) : Status();
      });
    });
  }
  if (key == "resources") {
    return each_field(value, [&](std::string_view part, JsonValue amounts) -> Status {
      if (part == "requests") return read_resources(amounts, pod.pod_requests.emplace());
      if (part == "limits") return read_resources(amounts, pod.pod_limits.emplace());
      return {};
    });
  }
  return {};
}

Result<model::PodPhase> read_phase(JsonValue value) {
  EBB_TRY(const std::string_view text, read_view(value));
  if (text.empty() || text == "Pending") return model::PodPhase::pending;
  if (text == "Running") return model::PodPhase::running;
  if (text == "Succeeded") return model::PodPhase::succeeded;
  if (text == "Failed") return model::PodPhase::failed;
  if (text == "Unknown") return model::PodPhase::unknown;
  return fail(Errc::invalid, "'{}' is no phase of a pod", text);
}

Status read_restarts(JsonValue statuses, std::int32_t& restarts) {
  return each_item(statuses, [&](JsonValue status) {
    return each_field(status, [&](std::string_view key, JsonValue value) -> Status {
      if (key != "restartCount") return {};
      std::int32_t count = 0;
      EBB_TRY_VOID(read(value, count));
      if (count < 0 || __builtin_add_overflow(restarts, count, &restarts)) return fail(Errc::invalid, "no such number of restarts");
      return {};
    });
  });
}

Status read_status_field(std::string_view key, JsonValue value, model::Pod& pod) {
  if (key == "phase") {
    EBB_TRY(pod.phase, read_phase(value));
  }
  if (key == "nominatedNodeName") return read(value, pod.nominated_node.v);
  if (key == "startTime") return read(value, pod.started);
  if (key == "containerStatuses" || key == "initContainerStatuses") return read_restarts(value, pod.restarts);
  if (key == "conditions") {
    ConditionWanted ready{.type = "Ready", .status = "True"};
    ConditionWanted unscheduled{.type = "PodScheduled", .status = "False"};
    EBB_TRY_VOID(read_conditions(value, ready, &unscheduled));
    pod.ready = ready.found;
    pod.unschedulable_condition = unscheduled.found;
  }
  return {};
}

}   // namespace

Status read_pod_field(std::string_view key, JsonValue value, model::Pod& pod) {
  if (key == "spec") {
    return each_field(value, [&](std::string_view field, JsonValue inner) { return read_spec_field(field, inner, pod); });
  }
  if (key == "status") {
    return each_field(value, [&](std::string_view field, JsonValue inner) { return read_status_field(field, inner, pod); });
  }
  return {};
}

}   // namespace ebb::kube
