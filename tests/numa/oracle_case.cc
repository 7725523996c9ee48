#include "oracle_case.h"

#include <boost/json.hpp>

#include <algorithm>

namespace ebb::oracle {
namespace {

namespace json = boost::json;
using core::numa::ContainerDemand;
using core::numa::ContainerKind;

// Fields that are not there read as nothing: the oracle leaves out what is empty.
std::int64_t number(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value == nullptr ? 0 : value->to_number<std::int64_t>();
}
std::string text(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value == nullptr ? std::string() : std::string(value->as_string());
}
bool flag(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->as_bool();
}
const json::array& list(const json::object& object, std::string_view key) {
  static const json::array kNone;
  const auto* value = object.if_contains(key);
  return value == nullptr || value->is_null() ? kNone : value->as_array();
}
int integer(const json::value& value) { return value.to_number<int>(); }

core::numa::OptionText options(const json::object& object, std::string_view key) {
  core::numa::OptionText result;
  if (const auto* value = object.if_contains(key))
    for (const auto& [name, setting] : value->as_object()) result.emplace(name, setting.as_string());
  return result;
}

core::numa::Machine machine_of(const json::object& root) {
  core::numa::Machine machine;
  machine.sockets = static_cast<int>(number(root, "sockets"));
  int core_number = 0;
  for (const json::value& one : list(root, "nodes")) {
    const json::object& node = one.as_object();
    core::numa::NumaNode made{static_cast<int>(number(node, "id")), mebibytes(number(node, "memoryMi")), {}, {}};
    if (number(node, "pagesMi") > 0) made.huge_pages.push_back({"hugepages-2Mi", mebibytes(number(node, "pagesMi"))});
    for (const json::value& distance : list(node, "distances")) made.distances.push_back(integer(distance));
    for (const json::value& core : list(node, "cores")) {
      const json::array& parts = core.as_array();
      for (std::size_t i = 2; i < parts.size(); ++i)
        machine.cpus.push_back({integer(parts[i]), made.id, integer(parts[0]), core_number, integer(parts[1])});
      ++core_number;
    }
    machine.nodes.push_back(std::move(made));
  }
  return machine;
}

Status read_config(const json::object& root, core::numa::KubeletConfig& config) {
  const json::object& kubelet = root.at("kubelet").as_object();
  EBB_TRY(config.topology_policy, core::numa::parse_topology_policy(text(kubelet, "topologyPolicy")));
  EBB_TRY(config.scope, core::numa::parse_topology_scope(text(kubelet, "scope")));
  EBB_TRY(config.cpu_policy, core::numa::parse_cpu_policy(text(kubelet, "cpuPolicy")));
  EBB_TRY(config.memory_policy, core::numa::parse_memory_policy(text(kubelet, "memoryPolicy")));
  config.reserved_cpu = MilliCpu{number(kubelet, "reservedCpuMilli")};
  EBB_TRY(config.reserved_cpus, model::CpuSet::parse(text(kubelet, "reservedCpus")));
  for (const json::value& one : list(root, "nodes")) {
    const json::object& node = one.as_object();
    if (const std::int64_t reserved = number(node, "reservedMi"); reserved > 0)
      config.reserved_memory.push_back({static_cast<int>(number(node, "id")), "memory", mebibytes(reserved)});
  }
  if (config.topology_policy != core::numa::TopologyPolicy::none)   // without a policy nobody reads them
    EBB_TRY_VOID(core::numa::set_topology_options(options(kubelet, "topologyOptions"), config));
  return core::numa::set_cpu_options(options(kubelet, "cpuOptions"), true, config);
}

ContainerDemand demand_of(const json::object& container) {
  ContainerDemand demand;
  demand.name = text(container, "name");
  const std::string kind = text(container, "kind");
  demand.kind = kind == "init" ? ContainerKind::init : kind == "sidecar" ? ContainerKind::sidecar : ContainerKind::app;
  demand.cpu = MilliCpu{number(container, "cpuMilli")};
  if (number(container, "pagesMi") > 0) demand.memory.emplace_back("hugepages-2Mi", mebibytes(number(container, "pagesMi")).v);
  demand.memory.emplace_back("memory", mebibytes(number(container, "memoryMi")).v);
  return demand;
}

Event event_of(const json::object& object) {
  Event event;
  const std::string op = text(object, "op");
  event.what = op == "add" ? Event::What::add : op == "start" ? Event::What::start : Event::What::remove;
  event.pod.uid = text(object, "pod");
  event.pod.guaranteed = flag(object, "guaranteed");
  event.pod.pod_level = flag(object, "podLevel");
  event.admitted = flag(object, "admitted");
  event.reason = text(object, "reason");
  event.message = text(object, "message");
  event.shared = text(object, "shared");
  for (const json::value& one : list(object, "containers")) {
    const json::object& container = one.as_object();
    event.pod.containers.push_back(demand_of(container));
    if (!event.admitted) continue;
    Granted granted{text(container, "name"), text(container, "cpus"), {}};
    for (const json::value& block : list(container, "memory")) {
      Block made{text(block.as_object(), "type"), {}, number(block.as_object(), "mi")};
      for (const json::value& node : list(block.as_object(), "nodes")) made.nodes.push_back(integer(node));
      granted.memory.push_back(std::move(made));
    }
    event.granted.push_back(std::move(granted));
  }
  return event;
}

Granted granted_of(const core::numa::KubeletModel& kubelet, const core::numa::ContainerGrant& grant) {
  Granted granted{grant.name, grant.cpus.to_string(), {}};
  for (const core::numa::MemoryBlock& block : grant.memory) {
    Block made{kubelet.static_memory()->resources()[static_cast<std::size_t>(block.resource)], {}, block.size / (1 << 20)};
    for (core::numa::NodeMask rest = block.nodes; rest != 0; rest &= rest - 1)
      made.nodes.push_back(kubelet.topology().node_ids()[static_cast<std::size_t>(std::countr_zero(rest))]);
    granted.memory.push_back(std::move(made));
  }
  std::sort(granted.memory.begin(), granted.memory.end(), [](const Block& a, const Block& b) { return a.type < b.type; });
  return granted;
}

std::string in_words(const Granted& granted) {
  std::string words = fmt::format("{} cpus [{}]", granted.container, granted.cpus);
  for (const Block& block : granted.memory) {
    words += fmt::format(" {} {}Mi on", block.type, block.mebibytes);
    for (const int node : block.nodes) words += fmt::format(" {}", node);
  }
  return words;
}

std::string compare(const core::numa::KubeletModel& kubelet, const Event& event, const core::numa::Admission& ours) {
  if (ours.admitted != event.admitted || ours.reason != event.reason || ours.message != event.message)
    return fmt::format("kubelet {} {} '{}', Ebb {} {} '{}'", event.admitted ? "admits" : "refuses", event.reason, event.message,
                       ours.admitted ? "admits" : "refuses", ours.reason, ours.message);
  for (std::size_t i = 0; event.admitted && i < event.granted.size(); ++i) {
    const Granted granted = i < ours.containers.size() ? granted_of(kubelet, ours.containers[i]) : Granted();
    if (granted != event.granted[i]) return fmt::format("kubelet gives {}, Ebb gives {}", in_words(event.granted[i]), in_words(granted));
  }
  return {};
}

std::string play(core::numa::KubeletModel& kubelet, const Event& event) {
  switch (event.what) {
    case Event::What::add: {
      const auto before = kubelet.free();
      const auto predicted = kubelet.predict(event.pod);
      if (!(kubelet.free() == before)) return "predict changed what is free";
      const auto refusal = kubelet.refusal(event.pod);
      const auto answer = kubelet.admit(event.pod);
      if (refusal.has_value() == answer.admitted || (refusal && (refusal->reason != answer.reason || refusal->message != answer.message)))
        return "refusal and admit differ";
      if (predicted.admitted != answer.admitted || predicted.reason != answer.reason || predicted.containers != answer.containers)
        return "predict and admit differ";
      return compare(kubelet, event, answer);
    }
    case Event::What::start: kubelet.started(event.pod.uid); return {};
    case Event::What::remove: kubelet.remove(event.pod.uid); return {};
  }
  return {};
}

}   // namespace

Result<Case> parse_case(std::string_view text) try {
  const json::value root = json::parse(text);
  Case one;
  one.machine = machine_of(root.as_object());
  if (const auto read = read_config(root.as_object(), one.config); !read) one.config_error = read.error().message;
  one.error = oracle::text(root.as_object(), "error");
  for (const json::value& event : list(root.as_object(), "events")) one.events.push_back(event_of(event.as_object()));
  return one;
} catch (const std::exception& error) {
  return fail(Errc::invalid, "{}", error.what());
}

std::string difference(const Case& one) {
  auto kubelet = core::numa::KubeletModel::create(one.machine, one.config);
  const std::string ours = !one.config_error.empty() ? one.config_error : kubelet ? std::string() : kubelet.error().message;
  if (ours.empty() != one.error.empty()) return fmt::format("kubelet starts with '{}', Ebb with '{}'", one.error, ours);
  if (!one.error.empty()) return {};
  for (std::size_t i = 0; i < one.events.size(); ++i) {
    std::string what = play(*kubelet, one.events[i]);
    if (const std::string& shared = one.events[i].shared;
        what.empty() && !shared.empty() && kubelet->free().cpus.shared.to_string() != shared)
      what = fmt::format("kubelet shares [{}], Ebb [{}]", shared, kubelet->free().cpus.shared.to_string());
    if (!what.empty()) return fmt::format("event {} ({}): {}", i, one.events[i].pod.uid, what);
  }
  return {};
}

}   // namespace ebb::oracle
