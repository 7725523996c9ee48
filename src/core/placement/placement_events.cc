// What Placement does with each kind of event.

#include "core/placement/placement.h"

#include "base/check.h"

#include <algorithm>
#include <charconv>
#include <tuple>
#include <utility>

namespace ebb::core::placement {
namespace {

// Resource versions are opaque by contract and integers in every API server there is; where they are
// not, every event counts as new.
std::optional<std::uint64_t> version_number(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool older(const std::string& a, const std::string& b) {
  const auto number_a = version_number(a);
  const auto number_b = version_number(b);
  return number_a && number_b && *number_a < *number_b;
}

// A Job's counters change all the time and decide nothing here.
bool says_the_same(const model::Owner& a, const model::Owner& b) {
  return a.kind == b.kind && a.key == b.key && a.labels == b.labels && a.annotations == b.annotations && a.owners == b.owners;
}

}   // namespace

std::vector<std::string> Options::scheduler_names() const {
  std::vector<std::string> names;
  for (const model::SchedulerProfile& profile : profiles) names.push_back(profile.scheduler_name);
  return names;
}

Placement::Placement(Options options) : options_(std::move(options)), queue_(options_.first_backoff, options_.most_backoff) {
  EBB_CHECK(!options_.profiles.empty());
  for (const model::SchedulerProfile& profile : options_.profiles) state_.rules.push_back(rules_of(profile, state_.ids));
}

void Placement::step(Instant now, model::ClusterEvent event, Actions& out) {
  now_ = now;
  std::visit([&](auto& one) { on(now, std::move(one), out); }, event);
}

void Placement::on(Instant now, model::PodSeen event, Actions& out) {
  model::Pod& pod = event.pod;
  if (pods_.gone(pod.uid)) return;
  auto index = pods_.find(pod.key);
  if (index && pods_[*index].pod.uid != pod.uid) {
    forget(*index);
    index.reset();
  }
  if (!index) {
    index = pods_.add(pod);
    pods_[*index].first_seen = now;
    if (expecting_) expect(*index);
  } else {
    PodEntry& entry = pods_[*index];
    if (older(pod.resource_version, entry.pod.resource_version)) return;
    // A pod that was bound never comes loose: this was written before.
    if (pod.node.empty() && entry.state == PodState::bound) pod.node = entry.pod.node;
    // Volumes never change; what is counted of them is given back as it was taken.
    pod.volumes = std::move(entry.pod.volumes);
    entry.pod = std::move(pod);
  }
  PodEntry& entry = pods_[*index];
  if (entry.pod.phase == model::PodPhase::succeeded && entry.running_since && entry.resolved.offline) {
    run_times_.ended(RunTimes::workload_of(entry.pod, owners_.chain(entry.pod)), now - *entry.running_since);
  }
  if (entry.pod.phase != model::PodPhase::running) {
    entry.running_since.reset();
  } else if (!entry.running_since) {
    // One that was running before we looked has been in the reports for longer than we know.
    entry.running_since = synced_ ? now : entry.pod.created;
  }
  if (entry.pod.evicted && !entry.pod.node.empty()) evictions_.seen(entry.pod, now + options_.eviction_memory);
  settle(now, *index, out);
}

void Placement::on(Instant, model::PodGone event, Actions&) {
  const auto index = pods_.find(event.key);
  if (!index) return;
  if (!event.uid.empty() && pods_[*index].pod.uid != event.uid) return;
  forget(*index);
}

void Placement::on(Instant, model::NodeSeen event, Actions&) {
  if (gone_nodes_.contains(event.node.uid)) return;
  const Slot slot = nodes_.claim(event.node.name);
  if (nodes_[slot].present && nodes_[slot].node.uid == event.node.uid &&
      older(event.node.resource_version, nodes_[slot].node.resource_version)) {
    return;
  }
  nodes_.node_seen(slot, std::move(event.node));
  state_.company.node_seen(slot, nodes_[slot].node);
  state_.volumes.node_seen(slot, nodes_[slot].node);
  if (state_.devices.node_seen(slot, nodes_[slot].node)) shapes_.forget_rankings();
  expect_from_now();
  if (state_.numa.kubelet(slot) == nullptr && state_.numa.publishes(nodes_[slot].name)) rebuild_numa(slot);
  totals_moved_ = true;
  company_moved_ = true;
  nodes_.set_policy(slot, model::resolve_node_policy(policy_.policy(), policy_.overlay(), nodes_[slot].node.labels));
  oversold_.mark(slot);
}

void Placement::on(Instant, model::NodeGone event, Actions& out) {
  const auto slot = nodes_.find(event.name);
  if (!slot) return;
  gone_nodes_.add(nodes_[*slot].node.uid);
  oversold_.node_gone(*slot, event.name);
  nodes_.node_gone(*slot);
  state_.company.node_gone(*slot);
  state_.volumes.node_gone(*slot);
  state_.numa.drop(*slot);
  if (state_.devices.node_gone(*slot)) shapes_.forget_rankings();
  totals_moved_ = true;
  // Room was being made there for pods that have to look for another place.
  if (const auto found = nominated_.find(*slot); found != nominated_.end()) {
    const std::set<PodIndex> pods = found->second;
    for (const PodIndex pod : pods) {
      withdraw_nomination(pod, out);
      wake(pod);
    }
  }
  nodes_lost_ = true;
  nodes_.release_if_empty(*slot);
}

void Placement::on(Instant now, model::OwnerSeen event, Actions& out) {
  const model::Uid uid = event.owner.uid;
  gone_owners_.erase(uid);
  const model::Owner* known = owners_.find(uid);
  const bool news = known == nullptr || !says_the_same(*known, event.owner);
  owners_.upsert(std::move(event.owner));
  if (!news) return;
  const auto found = pods_of_owner_.find(uid);
  if (found == pods_of_owner_.end()) return;
  const std::vector<PodIndex> pods(found->second.begin(), found->second.end());
  for (const PodIndex pod : pods) settle(now, pod, out);
}

void Placement::on(Instant, model::OwnerGone event, Actions&) {
  // Its pods are what they were as long as they live, although nobody can be asked any more.
  if (pods_of_owner_.contains(event.uid)) {
    gone_owners_.insert(event.uid);
  } else {
    owners_.erase(event.uid);
    run_times_.forget(event.uid);
  }
}

void Placement::on(Instant now, model::ReportSeen event, Actions& out) {
  if (state_.numa.report_seen(event.report)) numa_changed(now, event.report.node, out);
  oversold_.report_seen(nodes_, std::move(event.report));
}

void Placement::on(Instant now, model::ReportGone event, Actions& out) {
  if (state_.numa.report_gone(event.node)) numa_changed(now, event.node, out);
  oversold_.report_gone(nodes_, event.node);
}

void Placement::on(Instant now, model::NodeTopologySeen event, Actions& out) {
  if (state_.numa.seen(event)) numa_changed(now, event.node(), out);
}

void Placement::on(Instant now, model::NodeTopologyGone event, Actions& out) {
  if (state_.numa.gone(event)) numa_changed(now, event.node, out);
}

void Placement::numa_changed(Instant now, const model::NodeName& node, Actions& out) {
  if (const auto slot = nodes_.find(node); slot && nodes_[*slot].present) rebuild_numa(*slot);
  if (std::exchange(numa_known_, state_.numa.any()) == state_.numa.any()) return;
  // What pods ask of NUMA nodes is a part of what they ask only where somebody tells of any.
  for (const PodIndex pod : pods_.all()) {
    if (pods_[pod].ask) settle(now, pod, out);
  }
}

// The kubelet has seen its pods in the order of their start; those that are on their way come last.
void Placement::rebuild_numa(Slot slot) {
  std::vector<PodIndex> order = nodes_[slot].pods;
  const auto key = [&](PodIndex pod) {
    const PodEntry& entry = pods_[pod];
    return std::tuple(entry.state != PodState::bound, entry.pod.started.value_or(entry.pod.created), entry.arrival);
  };
  std::ranges::sort(order, [&](PodIndex a, PodIndex b) { return key(a) < key(b); });
  std::vector<const model::Pod*> pods;
  for (const PodIndex pod : order) pods.push_back(&pods_[pod].pod);
  state_.numa.rebuild(slot, nodes_[slot].name, pods);
  for (const PodIndex pod : order) {
    if (pods_[pod].running_since) state_.numa.started(slot, pods_[pod].pod.uid);
  }
  nodes_.changed(slot, bit(Filter::numa));
}

void Placement::on(Instant, model::NodeUsageSeen event, Actions&) {
  oversold_.node_use_seen(nodes_, event.node, UseSample{event.use, event.time});
}

void Placement::on(Instant, model::PodUsageSeen event, Actions&) {
  const auto index = pods_.find(event.pod);
  if (!index) return;
  PodEntry& entry = pods_[*index];
  entry.sample = UseSample{event.use, event.time};
  if (entry.slot) oversold_.mark(*entry.slot);
}

void Placement::on(Instant now, model::PriorityClassSeen event, Actions& out) {
  const Priority priority{event.value, event.global_default};
  const auto [found, added] = priority_classes_.try_emplace(event.name, priority);
  if (!added && found->second.value == priority.value && found->second.global_default == priority.global_default) return;
  found->second = priority;
  for (const PodIndex pod : pods_.all()) {
    if (pods_[pod].ask && !pods_[pod].pod.priority) settle(now, pod, out);
  }
}

void Placement::on(Instant, model::PriorityClassGone event, Actions&) { priority_classes_.erase(event.name); }

void Placement::on(Instant, model::PolicyDocumentSeen event, Actions& out) {
  tell_about_policies(policy_.step(event), out);
  policy_may_have_changed();
}

void Placement::on(Instant, model::PolicyDocumentGone event, Actions& out) {
  tell_about_policies(policy_.step(event), out);
  policy_may_have_changed();
}

void Placement::on(Instant, model::NamespaceSeen event, Actions&) {
  state_.company.namespace_seen(event.name, event.labels);
  company_moved_ = true;
}

void Placement::on(Instant, model::NamespaceGone event, Actions&) {
  state_.company.namespace_gone(event.name);
  company_moved_ = true;
}

void Placement::on(Instant now, model::ServiceSeen event, Actions& out) {
  if (default_spread_.service_seen(event.key, std::move(event.selector))) settle_pending_of(now, event.key.ns, out);
}

void Placement::on(Instant now, model::ServiceGone event, Actions& out) {
  if (default_spread_.service_gone(event.key)) settle_pending_of(now, event.key.ns, out);
}

void Placement::settle_pending_of(Instant now, const std::string& ns, Actions& out) {
  if (!synced_) return;
  for (const PodIndex pod : pods_.all()) {
    if (pods_[pod].ask && pods_[pod].pod.key.ns == ns) settle(now, pod, out);
  }
}

void Placement::on(Instant, model::DisruptionBudgetSeen event, Actions&) { budgets_.seen(std::move(event.budget)); }

void Placement::on(Instant, model::DisruptionBudgetGone event, Actions&) { budgets_.gone(event.key); }

void Placement::on(Instant now, model::PodGroupSeen event, Actions& out) {
  const auto known = gangs_.find({event.group.dialect, event.group.key});
  const bool moved = known && gangs_[*known].group && gangs_[*known].group->queue != event.group.queue;
  std::optional<std::int32_t> priority;
  if (const auto found = priority_classes_.find(event.group.priority_class); found != priority_classes_.end())
    priority = found->second.value;
  gangs_.group_seen(now, event.group, priority);
  if ((!known || moved) && !queues_.empty()) queues_changed(now, out);
}

void Placement::on(Instant now, model::PodGroupGone event, Actions&) { gangs_.group_gone(now, event.dialect, event.key); }

void Placement::on(Instant now, model::QueueSeen event, Actions& out) {
  queues_.seen(event.queue, state_.ids);
  queues_changed(now, out);
}

void Placement::on(Instant now, model::QueueGone event, Actions& out) {
  queues_.gone(event.name);
  queues_changed(now, out);
}

void Placement::on(Instant, model::Synced, Actions&) {
  synced_ = true;
  expect_from_now();
  // Pods that were listed after a report of their node are in that report all the same.
  for (const auto& [name, slot] : nodes_.by_name()) {
    if (nodes_[slot].present && state_.numa.publishes(name)) rebuild_numa(slot);
  }
}

// From when there are devices, and once all that was there is known: the pods of the past first.
void Placement::expect_from_now() {
  if (expecting_ || !synced_ || !state_.devices.any()) return;
  expecting_ = true;
  for (const PodIndex pod : pods_.all()) expect(pod);
}

void Placement::tell_about_policies(std::vector<model::ClusterAction> told, Actions& out) {
  std::vector<PolicyTelling::Numbered> numbered;
  numbered.reserve(told.size());
  for (model::ClusterAction& action : told) {
    const std::uint64_t id = emit(out, action);
    numbered.emplace_back(id, std::move(action));
  }
  telling_.told(std::move(numbered));
}

void Placement::policy_may_have_changed() {
  if (policy_.generation() == policy_generation_) return;
  policy_generation_ = policy_.generation();
  const model::ColocationPolicy* policy = policy_.policy();
  state_.policy_in_force = policy != nullptr && policy->enabled;
  state_.numa_affinity = state_.policy_in_force ? policy->numa_affinity : model::NumaAffinity{};
  for (const auto& [name, slot] : nodes_.by_name()) {
    if (!nodes_[slot].present) continue;
    nodes_.set_policy(slot, model::resolve_node_policy(policy, policy_.overlay(), nodes_[slot].node.labels));
    oversold_.mark(slot);
  }
  shapes_.forget_rankings();
  nodes_.improve_all();
}

}   // namespace ebb::core::placement
