#include "core/placement/shape.h"

#include "base/check.h"
#include "core/capacity/oversold.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace ebb::core::placement {
namespace {

// What the default scheduler's scores take for a container that asks nothing.
constexpr MilliCpu kAssumedCpu{100};
constexpr Bytes kAssumedMemory = mebibytes(200);

constexpr std::size_t kIdleShapes = 256;
constexpr std::size_t kRankingBytes = std::size_t{64} << 20;
constexpr std::size_t kFewestRankings = 16;

// Requests with those amounts where a container states none; of a pod that states some for itself, only where neither it nor any
// container says how much of that resource. (k8s.io/component-helpers PodRequests, NonMissingContainerRequests)
model::Use scored_requests(const model::Pod& pod) {
  model::Use unstated{kAssumedCpu, kAssumedMemory};
  if (pod.pod_requests) {
    const model::Resources requests = model::effective_requests(pod);
    if (requests.cpu.v != 0) unstated.cpu = MilliCpu{};
    if (requests.memory.v != 0) unstated.memory = Bytes{};
  }
  const auto amount = [&](const model::Container& container) {
    return model::Use{container.requests.cpu.v == 0 ? unstated.cpu : container.requests.cpu,
                      container.requests.memory.v == 0 ? unstated.memory : container.requests.memory};
  };
  const auto widen = [](model::Use a, model::Use b) { return model::Use{std::max(a.cpu, b.cpu), std::max(a.memory, b.memory)}; };
  model::Use running;
  model::Use sidecars;
  model::Use starting;
  for (const model::Container& container : pod.containers) running += amount(container);
  for (const model::Container& container : pod.init_containers) {
    if (container.sidecar) {
      running += amount(container);
      sidecars += amount(container);
      starting = widen(starting, sidecars);
    } else {
      starting = widen(starting, sidecars + amount(container));
    }
  }
  model::Use use = widen(running, starting);
  if (pod.pod_requests && pod.pod_requests->cpu.v != 0) use.cpu = pod.pod_requests->cpu;
  if (pod.pod_requests && pod.pod_requests->memory.v != 0) use.memory = pod.pod_requests->memory;
  return use + model::Use{pod.overhead.cpu, pod.overhead.memory};
}

// The nodes that required affinity names through metadata.name, if every term names one.
std::optional<std::vector<model::NodeName>> named_nodes(const std::vector<model::NodeSelectorTerm>& terms) {
  if (terms.empty()) return std::nullopt;
  std::vector<model::NodeName> names;
  for (const model::NodeSelectorTerm& term : terms) {
    const auto named = std::ranges::find_if(term.match_fields.requirements, [](const model::SelectorRequirement& requirement) {
      return requirement.key == "metadata.name" && requirement.op == model::SelectorOperator::in;
    });
    if (named == term.match_fields.requirements.end()) return std::nullopt;
    for (const std::string& value : named->values) names.emplace_back(value);
  }
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return names;
}

// Text that two shapes share exactly if they are equal: every part with its length in front.
class KeyText {
 public:
  void add(std::string_view text) {
    add(static_cast<std::int64_t>(text.size()));
    out_ += text;
  }
  void add(std::int64_t number) {
    out_ += std::to_string(number);
    out_ += ';';
  }
  void add(const model::Labels& labels) {
    add(static_cast<std::int64_t>(labels.size()));
    for (const auto& [key, value] : labels) {
      add(std::string_view(key));
      add(std::string_view(value));
    }
  }
  void add(const model::LabelSelector& selector) {
    add(static_cast<std::int64_t>(selector.requirements.size()));
    for (const model::SelectorRequirement& requirement : selector.requirements) {
      add(std::string_view(requirement.key));
      add(static_cast<std::int64_t>(requirement.op));
      add(static_cast<std::int64_t>(requirement.values.size()));
      for (const std::string& value : requirement.values) add(std::string_view(value));
    }
  }
  void add(const model::NodeSelectorTerm& term) {
    add(term.match_labels);
    add(term.match_fields);
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

void add_charge(KeyText& key, const Charge& charge) {
  key.add(static_cast<std::int64_t>(charge.requests.size()));
  for (const auto& [id, amount] : charge.requests) {
    key.add(static_cast<std::int64_t>(id));
    key.add(amount);
  }
  key.add(charge.scored.cpu.v);
  key.add(charge.scored.memory.v);
  key.add(static_cast<std::int64_t>(charge.ports.size()));
  for (const model::HostPort& port : charge.ports) {
    key.add(static_cast<std::int64_t>(port.port));
    key.add(std::string_view(port.protocol));
    key.add(std::string_view(port.ip));
  }
  key.add(static_cast<std::int64_t>(charge.offline));
  key.add(charge.line.cpu.v);
  key.add(charge.line.memory.v);
}

void add_counts(KeyText& key, const numa::NamedCounts& counts) {
  key.add(static_cast<std::int64_t>(counts.size()));
  for (const auto& [name, amount] : counts) {
    key.add(std::string_view(name));
    key.add(amount);
  }
}

void add_numa(KeyText& key, const NumaNeed& need) {
  for (const bool flag : {need.demand.guaranteed, need.demand.pod_level, need.owns_cores}) key.add(static_cast<std::int64_t>(flag));
  key.add(std::string_view(need.neighbourhood));
  for (const numa::ContainerDemand& container : need.demand.containers) {
    key.add(static_cast<std::int64_t>(container.kind));
    key.add(container.cpu.v);
    add_counts(key, container.memory);
    add_counts(key, container.devices);
  }
}

void add_devices(KeyText& key, const accelerators::PodDevices& wanted) {
  key.add(static_cast<std::int64_t>(wanted.kind));
  key.add(static_cast<std::int64_t>(wanted.request.count));
  key.add(wanted.request.share.v);
  key.add(static_cast<std::int64_t>(wanted.request.models.size()));
  for (const std::string& model : wanted.request.models) key.add(std::string_view(model));
  key.add(std::string_view(wanted.problem));
}

}   // namespace

Charge charge_of(const model::Pod& pod, const Resolved& resolved, ResourceIds& ids) {
  Charge charge;
  charge.requests = ids.amounts(model::effective_requests(pod));
  charge.scored = scored_requests(pod);
  for (const auto* containers : {&pod.containers, &pod.init_containers}) {
    for (const model::Container& container : *containers) {
      if (containers == &pod.init_containers && !container.sidecar) continue;
      charge.ports.insert(charge.ports.end(), container.host_ports.begin(), container.host_ports.end());
    }
  }
  std::ranges::sort(charge.ports);
  charge.offline = resolved.offline;
  charge.line = oversold_requests(pod, resolved);
  charge.devices = accelerators::devices_of(pod).need();
  return charge;
}

Shape shape_of(const model::Pod& pod, const Resolved& resolved, ResourceIds& ids, std::uint32_t rules) {
  Shape shape;
  shape.rules = rules;
  shape.charge = charge_of(pod, resolved, ids);
  shape.resolved = resolved;
  shape.resolved.reason.clear();
  shape.resolved.problems.clear();
  shape.resolved.shape_problem = {};
  shape.resolved.warnings.clear();
  shape.resolved.band = PriorityBand::normal;
  shape.node_selector = pod.node_selector;
  shape.required_terms = pod.required_node_terms;
  shape.has_required_affinity = pod.has_required_node_affinity || !pod.required_node_terms.empty();
  shape.preferred_terms = pod.preferred_node_terms;
  shape.tolerations = pod.tolerations;
  for (const auto* containers : {&pod.init_containers, &pod.containers}) {
    for (const model::Container& container : *containers) {
      if (!container.image.empty()) shape.images.push_back(ImageIndex::normalized(container.image));
    }
  }
  shape.pinned = named_nodes(pod.required_node_terms);
  return shape;
}

std::string key_of(const Shape& shape) {
  KeyText key;
  key.add(static_cast<std::int64_t>(shape.rules));
  add_charge(key, shape.charge);
  const Resolved& resolved = shape.resolved;
  for (const bool flag : {resolved.explicit_class, resolved.offline, resolved.restricted, resolved.pool_explicit,
                          resolved.pool == model::Pool::offline, shape.has_required_affinity}) {
    key.add(static_cast<std::int64_t>(flag));
  }
  key.add(static_cast<std::int64_t>(resolved.qos));
  key.add(shape.node_selector);
  key.add(static_cast<std::int64_t>(shape.required_terms.size()));
  for (const model::NodeSelectorTerm& term : shape.required_terms) key.add(term);
  key.add(static_cast<std::int64_t>(shape.preferred_terms.size()));
  for (const model::PreferredNodeTerm& preferred : shape.preferred_terms) {
    key.add(static_cast<std::int64_t>(preferred.weight));
    key.add(preferred.term);
  }
  key.add(static_cast<std::int64_t>(shape.tolerations.size()));
  for (const model::Toleration& toleration : shape.tolerations) {
    key.add(std::string_view(toleration.key));
    key.add(static_cast<std::int64_t>(toleration.exists));
    key.add(std::string_view(toleration.value));
    key.add(toleration.effect ? static_cast<std::int64_t>(*toleration.effect) : -1);
  }
  key.add(static_cast<std::int64_t>(shape.images.size()));
  for (const std::string& image : shape.images) key.add(std::string_view(image));
  key.add(static_cast<std::int64_t>(shape.avoided.size()));
  for (const model::NodeName& name : shape.avoided) key.add(std::string_view(name.v));
  key.add(static_cast<std::int64_t>(shape.numa.has_value()));
  if (shape.numa) add_numa(key, *shape.numa);
  if (shape.accelerators) add_devices(key, *shape.accelerators);
  return key.take();
}

ShapeId ShapeTable::acquire(Shape shape) {
  std::string key = key_of(shape);
  if (const auto found = ids_.find(key); found != ids_.end()) {
    ++entries_[found->second]->users;
    return found->second;
  }
  if (unused_.empty()) {
    unused_.push_back(static_cast<ShapeId>(entries_.size()));
    entries_.emplace_back();
  }
  const ShapeId id = unused_.back();
  unused_.pop_back();
  entries_[id] = std::make_unique<Entry>();
  entries_[id]->shape = std::move(shape);
  entries_[id]->shape.serial = ++serials_;
  entries_[id]->key = key;
  entries_[id]->users = 1;
  ids_.emplace(std::move(key), id);
  return id;
}

void ShapeTable::release(ShapeId id) {
  EBB_CHECK(entries_[id]->users > 0);
  if (--entries_[id]->users > 0) return;
  idle_.push_back(id);
  while (idle_.size() > kIdleShapes) {
    const ShapeId oldest = idle_.front();
    idle_.pop_front();
    // It may have found users again since, or have lost the last of them once more: then it stands further back too.
    if (entries_[oldest] == nullptr || entries_[oldest]->users > 0 || std::ranges::find(idle_, oldest) != idle_.end()) continue;
    ids_.erase(entries_[oldest]->key);
    entries_[oldest].reset();
    std::erase(ranked_, oldest);
    unused_.push_back(oldest);
  }
}

Ranking& ShapeTable::ranking(ShapeId id, const NodeTable& nodes) {
  Entry& entry = *entries_[id];
  entry.last_used = ++uses_;
  if (entry.ranking == nullptr) {
    const std::size_t most = std::max(kFewestRankings, kRankingBytes / (Ranking::kBytesPerNode * (nodes.slots() + 1)));
    if (ranked_.size() >= most) {
      const auto oldest = std::ranges::min_element(ranked_, {}, [&](ShapeId other) { return entries_[other]->last_used; });
      entries_[*oldest]->ranking.reset();
      ranked_.erase(oldest);
    }
    entry.ranking = std::make_unique<Ranking>();
    ranked_.push_back(id);
  }
  return *entry.ranking;
}

void ShapeTable::forget_rankings() {
  for (const ShapeId id : ranked_) entries_[id]->ranking->forget();
}

}   // namespace ebb::core::placement
