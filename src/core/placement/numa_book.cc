#include "core/placement/numa_book.h"

#include "core/numa/neighbours.h"
#include "core/numa/reported_machine.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace ebb::core::placement {
namespace {

using numa::KubeletModel;

// The same report with nothing in use, and with in use what was free: together they hold what the report says.
model::NodeResourceTopology with_nothing_used(model::NodeResourceTopology report) {
  for (model::TopologyZone& zone : report.zones)
    for (model::ZoneResource& resource : zone.resources) resource.available = resource.allocatable;
  return report;
}
model::NodeResourceTopology with_use_and_room_exchanged(model::NodeResourceTopology report) {
  for (model::TopologyZone& zone : report.zones)
    for (model::ZoneResource& resource : zone.resources)
      resource.available = std::clamp<std::int64_t>(resource.allocatable - resource.available, 0, resource.allocatable);
  return report;
}

bool in_use(const model::NodeResourceTopology& report, std::string_view name) {
  return std::ranges::any_of(report.zones, [&](const model::TopologyZone& zone) {
    return std::ranges::any_of(zone.resources, [&](const model::ZoneResource& resource) {
      return resource.name == name && resource.available < resource.allocatable;
    });
  });
}

// Who has CPUs of his own is Guaranteed and has asked for memory: where none of it is in use nobody reserves any.
numa::KubeletHints hints_of(const model::NodeResourceTopology& report) {
  numa::KubeletHints hints;
  if (in_use(report, "cpu") && !in_use(report, "memory")) hints.memory_policy = numa::MemoryPolicy::none;
  return hints;
}

bool has_anything(const std::vector<numa::ContainerGrant>& grants) {
  return std::ranges::any_of(
      grants, [](const numa::ContainerGrant& grant) { return !grant.cpus.empty() || !grant.memory.empty() || !grant.devices.empty(); });
}

// What is left of `used` is somebody's of whom nothing is known.
void take_rest(const KubeletModel& used, KubeletModel& kubelet) {
  const int nodes = kubelet.topology().node_count();
  if (const auto* cpus = used.static_cpus()) kubelet.take_cpus(cpus->available(used.free().cpus));
  if (const auto* memory = used.static_memory()) {
    const int resources = static_cast<int>(memory->resources().size());
    for (int i = 0; i < nodes * resources; ++i) {
      const std::int64_t size = used.free().memory.cells[static_cast<std::size_t>(i)].free;
      if (size > 0) kubelet.take_memory(i / resources, i % resources, Bytes{size});
    }
  }
  const std::size_t columns = static_cast<std::size_t>(nodes) + 1;   // the last one has no NUMA node
  for (std::size_t i = 0; i < used.free().devices.free.size(); ++i) {
    const int count = used.free().devices.free[i];
    if (count > 0 && i % columns < static_cast<std::size_t>(nodes))
      kubelet.take_devices(static_cast<int>(i % columns), static_cast<int>(i / columns), count);
  }
}

template <class Report, class Make>
std::optional<KubeletModel> model_of(const Report& report, const numa::KubeletHints& hints, Make make) {
  auto made = make(report, hints);
  return made ? std::optional(std::move(made->kubelet)) : std::nullopt;
}

}   // namespace

bool NumaBook::settle(const model::NodeName& node, const Published& before) {
  const auto found = published_.find(node);
  const bool changed = found->second != before;
  if (found->second.empty()) published_.erase(found);
  return changed;
}

bool NumaBook::seen(const model::NodeTopologySeen& event) {
  Published& at = published_[event.node()];
  const Published before = at;
  if (const auto* counted = std::get_if<model::NodeResourceTopology>(&event.topology)) at.counted = *counted;
  if (const auto* named = std::get_if<model::Numatopology>(&event.topology)) at.named = *named;
  return settle(event.node(), before);
}

bool NumaBook::gone(const model::NodeTopologyGone& event) {
  const auto found = published_.find(event.node);
  if (found == published_.end()) return false;
  const Published before = found->second;
  if (event.source == model::TopologySource::numatopology)
    found->second.named.reset();
  else
    found->second.counted.reset();
  return settle(event.node, before);
}

bool NumaBook::report_seen(const model::NodeReport& report) {
  if (report.numa.empty() && !publishes(report.node)) return false;
  Published& at = published_[report.node];
  const Published before = at;
  at.capacities = report.numa;
  for (model::NumaNodeReport& node : at.capacities) node.use = {};
  return settle(report.node, before);
}

bool NumaBook::report_gone(const model::NodeName& node) {
  const auto found = published_.find(node);
  if (found == published_.end()) return false;
  const Published before = found->second;
  found->second.capacities.clear();
  return settle(node, before);
}

// Whoever counts what is in use comes first; a report that makes no machine is as good as none.
std::optional<NumaBook::Start> NumaBook::start_of(const Published& published) {
  if (published.counted) {
    const numa::KubeletHints hints = hints_of(*published.counted);
    auto idle = model_of(with_nothing_used(*published.counted), hints, numa::from_node_resource_topology);
    if (idle) {
      auto used = model_of(with_use_and_room_exchanged(*published.counted), hints, numa::from_node_resource_topology);
      return Start{*std::move(idle), std::move(used)};
    }
  }
  if (published.named) {
    model::Numatopology report = *published.named;
    const auto cpus = std::ranges::find(report.resources, std::string_view("cpu"), &model::NumatopologyResource::name);
    const auto free = cpus == report.resources.end() ? std::nullopt : std::optional(model::CpuSet::parse(cpus->allocatable));
    if (cpus != report.resources.end()) report.resources.erase(cpus);
    auto idle = model_of(report, {}, numa::from_numatopology);
    if (idle && free && *free) {
      KubeletModel used = *idle;
      used.take_cpus(**free);
      return Start{*std::move(idle), std::move(used)};
    }
    if (idle) return Start{*std::move(idle), std::nullopt};
  }
  if (!published.capacities.empty()) {
    model::NodeReport report;
    report.numa = published.capacities;
    // It does not say what the kubelet reserves, and with most kubelets that is no memory.
    numa::KubeletHints hints;
    hints.memory_policy = numa::MemoryPolicy::none;
    if (auto idle = model_of(report, hints, numa::from_node_report)) return Start{*std::move(idle), std::nullopt};
  }
  return std::nullopt;
}

void NumaBook::rebuild(Slot slot, const model::NodeName& node, std::span<const model::Pod* const> pods) {
  drop(slot);
  const auto found = published_.find(node);
  if (found == published_.end()) return;
  auto start = start_of(found->second);
  if (!start) return;
  if (slots_.size() <= slot) slots_.resize(slot + 1);
  OnSlot& at = slots_[slot];
  at.kubelet = std::move(start->idle);
  for (const model::Pod* pod : pods) {
    if (start->used) {
      const numa::PodDemand demand = numa::demand_of(*pod);
      const numa::Admission had = start->used->predict(demand);
      if (had.admitted && has_anything(had.containers) && at.kubelet->restore(demand.uid, had.containers)) start->used->admit(demand);
    }
  }
  if (start->used) take_rest(*start->used, *at.kubelet);
  for (const model::Pod* pod : pods) add_pod(slot, *pod);
}

void NumaBook::drop(Slot slot) {
  if (slot < slots_.size()) slots_[slot] = {};
}

NumaBook::OnSlot* NumaBook::find(Slot slot) { return slot < slots_.size() && slots_[slot].kubelet ? &slots_[slot] : nullptr; }
const NumaBook::OnSlot* NumaBook::find(Slot slot) const { return slot < slots_.size() && slots_[slot].kubelet ? &slots_[slot] : nullptr; }

// Room may be kept for a pod while those who make it are still there, and what somebody else has bound is there anyway.
void NumaBook::admit(OnSlot& at, numa::PodDemand demand) {
  if (at.kubelet->admit(demand).admitted) return;
  at.kubelet->adopt(demand);
  at.squeezed.push_back(std::move(demand));
}

void NumaBook::add_pod(Slot slot, const model::Pod& pod) {
  OnSlot* at = find(slot);
  if (at == nullptr) return;
  if (std::string neighbourhood = numa::neighbourhood_of(pod); !neighbourhood.empty())
    at->neighbourhoods[std::move(neighbourhood)].insert(pod.uid.v);
  admit(*at, numa::demand_of(pod));
}

void NumaBook::remove_pod(Slot slot, const model::Pod& pod) {
  OnSlot* at = find(slot);
  if (at == nullptr) return;
  for (auto of = at->neighbourhoods.begin(); of != at->neighbourhoods.end();) {
    of->second.erase(pod.uid.v);
    of = of->second.empty() ? at->neighbourhoods.erase(of) : std::next(of);
  }
  std::erase_if(at->squeezed, [&](const numa::PodDemand& demand) { return demand.uid == pod.uid.v; });
  at->kubelet->remove(pod.uid.v);
  // Those that had no proper place may have one now.
  for (numa::PodDemand& demand : std::exchange(at->squeezed, {})) {
    at->kubelet->remove(demand.uid);
    admit(*at, std::move(demand));
  }
}

bool NumaBook::started(Slot slot, const model::Uid& uid) {
  OnSlot* at = find(slot);
  if (at == nullptr || at->kubelet->static_memory() == nullptr) return false;
  const numa::MemoryState before = at->kubelet->free().memory;
  at->kubelet->started(uid.v);
  return at->kubelet->free().memory != before;
}

void NumaBook::take_out(Slot slot, const model::Uid& uid) {
  if (OnSlot* at = find(slot)) at->kubelet->remove(uid.v);
}

void NumaBook::put_back(Slot slot, const model::Uid& uid, const KubeletModel& before) {
  OnSlot* at = find(slot);
  const auto* grants = before.find(uid.v);
  if (at != nullptr && grants != nullptr) at->kubelet->restore(uid.v, *grants);
}

void NumaBook::try_on(Slot slot, const model::Pod& pod) {
  OnSlot* at = find(slot);
  if (at == nullptr) return;
  const numa::PodDemand demand = numa::demand_of(pod);
  if (!at->kubelet->admit(demand).admitted) at->kubelet->adopt(demand);
}

void NumaBook::reset(Slot slot, KubeletModel before) {
  if (OnSlot* at = find(slot)) at->kubelet = std::move(before);
}

const KubeletModel* NumaBook::kubelet(Slot slot) const {
  const OnSlot* at = find(slot);
  return at == nullptr ? nullptr : &*at->kubelet;
}

std::vector<std::string> NumaBook::neighbours(Slot slot, const std::string& neighbourhood) const {
  const OnSlot* at = find(slot);
  if (at == nullptr || neighbourhood.empty()) return {};
  const auto found = at->neighbourhoods.find(neighbourhood);
  return found == at->neighbourhoods.end() ? std::vector<std::string>() : std::vector(found->second.begin(), found->second.end());
}

}   // namespace ebb::core::placement
