#include "core/admission/admission.h"

#include "base/check.h"
#include "model/quantity.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

namespace ebb::core {
namespace {

using model::Container;
using Owners = std::span<const model::Owner* const>;

bool left_alone(const model::Pod& pod) { return pod.key.ns == "kube-system" || pod.is_static; }

void copy_keys(const model::Pod& pod, Owners owners, PodChanges& changes) {
  for (const InheritedKey& key : inherited_keys(pod, owners)) {
    (key.annotation ? changes.annotations : changes.labels).emplace(key.key, key.value);
  }
}

// An oversold resource under the name it is published by and the one accepted for it.
struct OversoldName {
  std::string_view name;
  std::string_view alias;
  bool bytes;   // written as "2Gi"; else a count of milli-cores

  std::string text(std::int64_t amount) const { return bytes ? model::to_quantity_text(Bytes{amount}) : fmt::format("{}", amount); }
};
constexpr OversoldName kCpu{model::kBatchCpu, model::kBeCpu, false};
constexpr OversoldName kMemory{model::kBatchMemory, model::kBeMemory, true};

bool has(const Container& container, std::string_view name) {
  return container.requests.has_scalar(name) || container.limits.has_scalar(name);
}

// What the container asks for of an oversold resource; under both names, the published one counts.
// Request and limit are equal or one of them is left out; anything else has been refused.
std::int64_t stated(const Container& container, const OversoldName& resource) {
  const auto of = [&](std::string_view name) { return std::max(container.requests.scalar(name), container.limits.scalar(name)); };
  return of(has(container, resource.name) ? resource.name : resource.alias);
}

void rename_alias(const Container& container, const OversoldName& resource, ContainerChange& change) {
  if (!has(container, resource.alias)) return;
  change.removed.emplace_back(resource.alias);
  change.set.insert_or_assign(std::string(resource.name), resource.text(stated(container, resource)));
}

// Moves one native resource, keeping what it was in `request` and `limit` of the originals.
template <class Unit>
void move_native(const Container& container, std::string_view native, const OversoldName& resource, Unit model::Resources::* amount,
                 std::optional<Unit>& request, std::optional<Unit>& limit, ContainerChange& change) {
  const Unit requested = container.requests.*amount;
  const Unit limited = container.limits.*amount;
  if (requested.v == 0 && limited.v == 0) return;
  request.reset();
  limit.reset();
  if (requested.v != 0) request = requested;
  if (limited.v != 0) limit = limited;
  const std::int64_t moved = requested.v != 0 ? requested.v : limited.v;
  change.removed.emplace_back(native);
  change.set.insert_or_assign(std::string(resource.name), resource.text(std::max(moved, stated(container, resource))));
}

// Renames aliases on any pod, and moves native resources of an offline one.
class ContainerChanges {
 public:
  ContainerChanges(bool offline, OriginalResources& originals) : offline_(offline), originals_(originals) {}

  void walk(const std::vector<Container>& containers, bool init, std::vector<ContainerChange>& changes) {
    for (std::size_t i = 0; i < containers.size(); ++i) {
      ContainerChange change{.init = init, .index = i, .name = containers[i].name, .removed = {}, .set = {}};
      rename_alias(containers[i], kCpu, change);
      rename_alias(containers[i], kMemory, change);
      if (offline_) move(containers[i], init, change);
      if (!change.removed.empty()) changes.push_back(std::move(change));
    }
  }
  bool moved() const { return moved_; }

 private:
  void move(const Container& container, bool init, ContainerChange& change) {
    const std::size_t before = change.removed.size();
    auto& kept = init ? originals_.init_containers : originals_.containers;
    OriginalContainer original;
    if (const auto found = kept.find(container.name); found != kept.end()) original = found->second;
    move_native(container, "cpu", kCpu, &model::Resources::cpu, original.requests.cpu, original.limits.cpu, change);
    move_native(container, "memory", kMemory, &model::Resources::memory, original.requests.memory, original.limits.memory, change);
    if (change.removed.size() == before) return;
    kept.insert_or_assign(container.name, original);
    moved_ = true;
  }

  bool offline_;
  OriginalResources& originals_;
  bool moved_ = false;
};

// What an earlier admission kept, which a container injected since then adds to.
OriginalResources kept_before(const model::Pod& pod, std::vector<std::string>& warnings) {
  const auto found = pod.annotations.find(kOriginalResourcesAnnotation);
  if (found == pod.annotations.end()) return {};
  auto parsed = parse_original_resources(found->second);
  if (parsed) return *std::move(parsed);
  warnings.push_back(fmt::format("annotation {} is not what an admission writes, and is ignored: {}", kOriginalResourcesAnnotation,
                                 parsed.error().message));
  return {};
}

void change_containers(const model::Pod& pod, bool offline, Admission& out) {
  if (offline && (pod.pod_requests || pod.pod_limits)) {
    out.warnings.emplace_back(
        "resources stated for the pod as a whole cannot be oversold, so this pod uses unrequested capacity; state them on the containers");
    offline = false;
  }
  OriginalResources originals = kept_before(pod, out.warnings);
  ContainerChanges changes(offline, originals);
  changes.walk(pod.init_containers, true, out.changes.containers);
  changes.walk(pod.containers, false, out.changes.containers);
  if (changes.moved()) out.changes.annotations.insert_or_assign(std::string(kOriginalResourcesAnnotation), to_json(originals));
}

void check_equal_limits(const std::vector<Container>& containers, std::vector<std::string>& problems) {
  for (const Container& container : containers) {
    for (const auto name : {model::kBatchCpu, model::kBatchMemory, model::kBeCpu, model::kBeMemory}) {
      const std::int64_t request = container.requests.scalar(name);
      const std::int64_t limit = container.limits.scalar(name);
      if (request == limit || !container.requests.has_scalar(name) || !container.limits.has_scalar(name)) continue;
      problems.push_back(fmt::format("container {}: {} is requested as {} and limited to {}; the two must be equal", container.name, name,
                                     request, limit));
    }
  }
}

// Values that do not exist are refused with or without a policy; what a class needs only with one.
std::vector<std::string> problems_of(const model::Pod& pod, const Resolved& resolved, bool policy_in_force) {
  std::vector<std::string> problems = resolved.problems;
  if (!policy_in_force) return problems;
  if (!resolved.shape_problem.empty()) problems.push_back(resolved.shape_problem);
  check_equal_limits(pod.init_containers, problems);
  check_equal_limits(pod.containers, problems);
  return problems;
}

void apply(Container& container, const ContainerChange& change) {
  for (model::Resources* resources : {&container.requests, &container.limits}) {
    for (const std::string& name : change.removed) {
      if (name == "cpu") resources->cpu = {};
      if (name == "memory") resources->memory = {};
      resources->scalars.erase(name);
    }
    for (const auto& [name, text] : change.set) {
      const auto amount = model::parse_count(text);
      EBB_CHECK(amount.has_value());
      resources->scalars.insert_or_assign(name, *amount);
    }
  }
}

}   // namespace

Admission admit(const model::Pod& pod, Owners owners, const model::ColocationPolicy* policy) {
  Admission out;
  out.resolved = resolve(pod, owners);
  if (left_alone(pod)) return out;
  out.warnings = out.resolved.warnings;
  const bool in_force = policy != nullptr && policy->enabled;
  if (const auto problems = problems_of(pod, out.resolved, in_force); !problems.empty()) {
    out.refusal = fmt::format("{}", fmt::join(problems, "; "));
    return out;
  }
  if (!in_force) return out;
  copy_keys(pod, owners, out.changes);
  change_containers(pod, out.resolved.offline, out);
  return out;
}

model::Pod apply(model::Pod pod, const PodChanges& changes) {
  for (const auto& [key, value] : changes.annotations) pod.annotations.insert_or_assign(key, value);
  for (const auto& [key, value] : changes.labels) pod.labels.insert_or_assign(key, value);
  for (const ContainerChange& change : changes.containers) {
    auto& containers = change.init ? pod.init_containers : pod.containers;
    EBB_CHECK(change.index < containers.size());
    apply(containers[change.index], change);
  }
  return pod;
}

}   // namespace ebb::core
