#include "core/numa/reported_machine.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

namespace ebb::core::numa {
namespace {

constexpr std::string_view kMemory = "memory";
constexpr std::string_view kHugePages = "hugepages-";

// The number at the end of "node-3".
std::optional<int> zone_number(std::string_view name) {
  const std::size_t start = name.find_last_not_of("0123456789");
  const std::string_view digits = start == std::string_view::npos ? name : name.substr(start + 1);
  int number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

// Amounts are somebody else's: what is out of range is cut, and found too large later.
int whole_cpus(std::int64_t thousandths) {
  return static_cast<int>(std::clamp<std::int64_t>(thousandths / 1000, 0, model::CpuSet::kMaxCpus + 1));
}
int device_count(std::int64_t amount) { return static_cast<int>(std::clamp<std::int64_t>(amount, 0, 1'000'000)); }

struct Zone {
  int id = 0;
  const model::TopologyZone* zone = nullptr;
  int first_cpu = 0;
  int cpus = 0;
  int reserved_cpus = 0;
  int used_cpus = 0;
};

Result<std::vector<Zone>> zones_of(const model::NodeResourceTopology& report) {
  std::vector<Zone> zones;
  for (const model::TopologyZone& zone : report.zones) {
    if (zone.type != "Node") continue;
    const auto number = zone_number(zone.name);
    if (!number) return fail(Errc::invalid, "NodeResourceTopology {}: zone '{}' has no number", report.node.v, zone.name);
    zones.push_back({*number, &zone, 0, 0, 0, 0});
  }
  if (zones.empty()) return fail(Errc::invalid, "NodeResourceTopology {}: no zone of type Node", report.node.v);
  std::sort(zones.begin(), zones.end(), [](const Zone& a, const Zone& b) { return a.id < b.id; });
  int next = 0;
  for (Zone& zone : zones) {
    zone.first_cpu = next;
    for (const model::ZoneResource& resource : zone.zone->resources) {
      if (resource.name != "cpu") continue;
      zone.cpus = whole_cpus(resource.capacity);
      const int allocatable = whole_cpus(resource.allocatable);   // what is reserved in part is reserved
      zone.reserved_cpus = std::max(zone.cpus - allocatable, 0);
      zone.used_cpus = std::clamp(allocatable - whole_cpus(resource.available), 0, zone.cpus - zone.reserved_cpus);
    }
    next += zone.cpus;
    if (next > model::CpuSet::kMaxCpus)
      return fail(Errc::too_large, "NodeResourceTopology {}: more than {} CPUs", report.node.v, model::CpuSet::kMaxCpus);
  }
  return zones;
}

NumaNode node_of(const Zone& zone, const std::vector<Zone>& all) {
  NumaNode node{zone.id, {}, {}, {}};
  Bytes pages;
  for (const model::ZoneResource& resource : zone.zone->resources) {
    if (resource.name == kMemory) node.memory = Bytes{resource.capacity};
    if (!resource.name.starts_with(kHugePages)) continue;
    node.huge_pages.push_back({resource.name, Bytes{resource.capacity}});
    pages += Bytes{resource.capacity};
  }
  node.memory += pages;   // a zone's memory is published without its huge pages
  for (const Zone& other : all)
    for (const auto& [name, cost] : zone.zone->costs)
      if (name == other.zone->name) node.distances.push_back(static_cast<int>(cost));
  return node;
}

void add_devices(const Zone& zone, Machine& machine) {
  for (const model::ZoneResource& resource : zone.zone->resources) {
    if (resource.name == "cpu" || resource.name == kMemory || resource.name.starts_with(kHugePages)) continue;
    auto found = std::find_if(machine.devices.begin(), machine.devices.end(),
                              [&](const Device& device) { return device.resource == resource.name; });
    if (found == machine.devices.end()) found = machine.devices.insert(found, {resource.name, {}, 0});
    found->counts.emplace_back(zone.id, device_count(resource.allocatable));
  }
}

Machine machine_of(const std::vector<Zone>& zones) {
  Machine machine;
  machine.sockets = static_cast<int>(zones.size());
  for (const Zone& zone : zones) {
    machine.nodes.push_back(node_of(zone, zones));
    for (int i = 0; i < zone.cpus; ++i) machine.cpus.push_back({zone.first_cpu + i, zone.id, zone.id, zone.first_cpu + i, zone.id});
    add_devices(zone, machine);
  }
  return machine;
}

// "SingleNUMANodePodLevel" says policy and scope at once; without an ending the scope is the container.
void read_old_policy(std::string_view text, TopologyPolicy& policy, std::optional<TopologyScope>& scope) {
  if (text.starts_with("SingleNUMANode")) policy = TopologyPolicy::single_numa_node;
  if (text.starts_with("Restricted")) policy = TopologyPolicy::restricted;
  if (text.starts_with("BestEffort")) policy = TopologyPolicy::best_effort;
  if (text.starts_with("None")) policy = TopologyPolicy::none;
  scope = text.ends_with("PodLevel") ? TopologyScope::pod : TopologyScope::container;
}

bool publishes(const std::vector<Zone>& zones, std::string_view resource) {
  return std::any_of(zones.begin(), zones.end(), [&](const Zone& zone) {
    return std::any_of(zone.zone->resources.begin(), zone.zone->resources.end(), [&](const auto& one) { return one.name == resource; });
  });
}

void settle_policies(const KubeletHints& hints, bool has_cpus, bool has_memory, KubeletConfig& config, std::vector<Unknown>& unknown) {
  config.from_report = true;
  if (hints.topology_policy) config.topology_policy = *hints.topology_policy;
  if (hints.scope) config.scope = *hints.scope;
  config.cpu_policy = hints.cpu_policy.value_or(has_cpus ? CpuPolicy::static_ : CpuPolicy::none);
  if (hints.cpu_options && config.cpu_policy == CpuPolicy::static_) config.cpu_options = *hints.cpu_options;
  config.memory_policy = hints.memory_policy.value_or(MemoryPolicy::static_);
  if (!has_memory) config.memory_policy = MemoryPolicy::none;
  if (!hints.cpu_policy && has_cpus) unknown.push_back(Unknown::cpu_policy);
  if (!hints.cpu_options) unknown.push_back(Unknown::cpu_options);
  if (!has_memory)
    unknown.push_back(Unknown::memory);
  else if (!hints.memory_policy)
    unknown.push_back(Unknown::memory_policy);
  unknown.push_back(Unknown::topology_options);
}

// What the running pods have, as far as the zones tell: so many of each, from the end of the node's CPUs.
void take_what_is_used(const std::vector<Zone>& zones, KubeletModel& kubelet) {
  for (std::size_t i = 0; i < zones.size(); ++i) {
    const int index = static_cast<int>(i);
    model::CpuSet cpus;
    for (int k = 0; k < zones[i].used_cpus; ++k) cpus.add(zones[i].first_cpu + zones[i].cpus - 1 - k);
    kubelet.take_cpus(cpus);
    for (const model::ZoneResource& resource : zones[i].zone->resources) {
      const std::int64_t used = std::max<std::int64_t>(resource.allocatable - resource.available, 0);
      if (used == 0 || resource.name == "cpu") continue;
      const auto* memory = kubelet.static_memory();
      if (resource.name == kMemory || resource.name.starts_with(kHugePages)) {
        if (memory != nullptr) kubelet.take_memory(index, memory->request_of({{resource.name, used}}).front().first, Bytes{used});
        continue;
      }
      const auto& devices = kubelet.devices().resources();
      const auto found = std::find(devices.begin(), devices.end(), resource.name);
      if (found != devices.end()) kubelet.take_devices(index, static_cast<int>(found - devices.begin()), device_count(used));
    }
  }
}

}   // namespace

std::string_view to_string(Unknown what) {
  switch (what) {
    case Unknown::cpu_numbers: return "which CPUs are free";
    case Unknown::sockets: return "which NUMA nodes share a socket";
    case Unknown::caches: return "which cores share a cache";
    case Unknown::cpu_policy: return "the CPU manager's policy";
    case Unknown::cpu_options: return "the CPU manager's options";
    case Unknown::memory_policy: return "the memory manager's policy";
    case Unknown::memory_groups: return "which NUMA nodes serve containers together";
    case Unknown::memory: return "the memory of each NUMA node";
    case Unknown::scope: return "the topology manager's scope";
    case Unknown::topology_options: return "the topology manager's options";
    case Unknown::distances: return "the distances between NUMA nodes";
    case Unknown::in_use: return "what running pods have for themselves";
  }
  EBB_UNREACHABLE();
}

bool ReportedKubelet::knows(Unknown what) const { return std::find(unknown.begin(), unknown.end(), what) == unknown.end(); }

Result<ReportedKubelet> from_node_resource_topology(const model::NodeResourceTopology& report, const KubeletHints& hints) {
  EBB_TRY(const std::vector<Zone> zones, zones_of(report));
  const Machine machine = machine_of(zones);
  if (machine.cpus.empty()) return fail(Errc::invalid, "NodeResourceTopology {}: no zone has CPUs", report.node.v);
  std::vector<Unknown> unknown{Unknown::cpu_numbers, Unknown::sockets, Unknown::caches, Unknown::memory_groups};
  KubeletConfig config;
  std::optional<TopologyScope> scope;
  if (!report.topology_policies.empty()) read_old_policy(report.topology_policies.front(), config.topology_policy, scope);
  if (!report.policy.empty()) {
    EBB_TRY(config.topology_policy, parse_topology_policy(report.policy));
  }
  if (!report.scope.empty()) {
    EBB_TRY(scope, parse_topology_scope(report.scope));
  }
  if (scope)
    config.scope = *scope;
  else if (!hints.scope)
    unknown.push_back(Unknown::scope);
  settle_policies(hints, publishes(zones, "cpu"), publishes(zones, kMemory), config, unknown);
  if (std::any_of(machine.nodes.begin(), machine.nodes.end(), [&](const NumaNode& node) { return node.distances.size() != zones.size(); }))
    unknown.push_back(Unknown::distances);

  for (const Zone& zone : zones) {
    for (int i = 0; i < zone.reserved_cpus; ++i) config.reserved_cpus.add(zone.first_cpu + i);
    for (const model::ZoneResource& resource : zone.zone->resources)
      if ((resource.name == kMemory || resource.name.starts_with(kHugePages)) && resource.capacity > resource.allocatable)
        config.reserved_memory.push_back({zone.id, resource.name, Bytes{resource.capacity - resource.allocatable}});
  }
  EBB_TRY(KubeletModel kubelet, KubeletModel::create(machine, config));
  take_what_is_used(zones, kubelet);
  return ReportedKubelet{std::move(kubelet), std::move(unknown)};
}

Result<ReportedKubelet> from_numatopology(const model::Numatopology& report, const KubeletHints& hints) {
  Machine machine;
  std::vector<int> nodes;
  std::vector<int> sockets;
  std::map<std::pair<int, int>, int> cores;   // they are counted anew in every socket
  for (const model::NumatopologyCpu& cpu : report.cpus) {
    const int core = cores.try_emplace({cpu.socket, cpu.core}, static_cast<int>(cores.size())).first->second;
    machine.cpus.push_back({cpu.cpu, cpu.numa, cpu.socket, core, cpu.numa});
    nodes.push_back(cpu.numa);
    sockets.push_back(cpu.socket);
  }
  for (std::vector<int>* ids : {&nodes, &sockets}) {
    std::sort(ids->begin(), ids->end());
    ids->erase(std::unique(ids->begin(), ids->end()), ids->end());
  }
  for (const int node : nodes) machine.nodes.push_back({node, {}, {}, {}});
  machine.sockets = static_cast<int>(sockets.size());

  KubeletConfig config;
  std::vector<Unknown> unknown{Unknown::caches, Unknown::distances};
  if (!report.topology_policy.empty()) {
    EBB_TRY(config.topology_policy, parse_topology_policy(report.topology_policy));
  }
  KubeletHints known = hints;
  if (!report.cpu_policy.empty() && !known.cpu_policy) {
    EBB_TRY(known.cpu_policy, parse_cpu_policy(report.cpu_policy));
  }
  if (!hints.scope) unknown.push_back(Unknown::scope);
  settle_policies(known, true, false, config, unknown);
  config.reserved_cpu = report.reserved_cpu;
  EBB_TRY(KubeletModel kubelet, KubeletModel::create(machine, config));
  const auto cpus =
      std::find_if(report.resources.begin(), report.resources.end(), [](const auto& resource) { return resource.name == "cpu"; });
  if (cpus == report.resources.end()) {
    unknown.push_back(Unknown::in_use);
  } else {
    EBB_TRY(const model::CpuSet free, model::CpuSet::parse(cpus->allocatable));
    kubelet.take_cpus(kubelet.topology().all() - free);
  }
  return ReportedKubelet{std::move(kubelet), std::move(unknown)};
}

Result<ReportedKubelet> from_node_report(const model::NodeReport& report, const KubeletHints& hints) {
  model::NodeResourceTopology counted;
  counted.node = report.node;
  for (const model::NumaNodeReport& node : report.numa)
    counted.zones.push_back({fmt::format("node-{}", node.id),
                             "Node",
                             {},
                             {{"cpu", node.cpu_capacity.v, node.cpu_capacity.v, node.cpu_capacity.v},
                              {"memory", node.memory_capacity.v, node.memory_capacity.v, node.memory_capacity.v}}});
  if (counted.zones.empty()) return fail(Errc::not_found, "the report of node {} names no NUMA nodes", report.node.v);
  EBB_TRY(ReportedKubelet reported, from_node_resource_topology(counted, hints));
  reported.unknown.push_back(Unknown::in_use);
  return reported;
}

}   // namespace ebb::core::numa
