#include "cli/scenario/run.h"

#include "cli/scenario/fields.h"
#include "model/policy_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

namespace ebb::cli::scenario {
namespace {

constexpr std::int64_t kPodsPerNode = 110;   // what a kubelet allows unless told otherwise
constexpr int kRoundsMax = 10'000;
constexpr std::string_view kNodeCritical = "system-node-critical";
constexpr const char* kPodGroupKinds[] = {"PodGroup/0", "PodGroup/1", "PodGroup/2"};
constexpr std::string_view kClusterCritical = "system-cluster-critical";

model::ObjectKey document_key(model::PolicySource source) {
  const auto name = source == model::PolicySource::node_config_map ? model::kNodeConfigMap : model::kPolicyConfigMap;
  return {std::string(model::kPolicyNamespace), std::string(name)};
}

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}   // namespace

Status Run::perform(const Step& step) {
  evictions_.clear();
  EBB_TRY_VOID(advance(step.after));
  if (step.policy) change_document(model::PolicySource::policy_config_map, *step.policy);
  if (step.node_policy) change_document(model::PolicySource::node_config_map, *step.node_policy);
  for (const NodeChange& change : step.nodes) {
    for (const std::string& name : numbered(change.name, change.count)) change_node(change, name);
  }
  for (const ObjectChange& change : step.objects) put(change.seen);
  for (const PodChange& change : step.pod_changes) EBB_TRY_VOID(change_pod(change));
  for (const model::ObjectKey& name : step.deleted) EBB_TRY_VOID(remove_in_time(name));
  for (const model::ObjectKey& name : step.removed) EBB_TRY_VOID(remove(name));
  for (const std::string& name : step.removed_nodes) EBB_TRY_VOID(remove_node(name));
  for (const ObjectName& name : step.removed_objects) EBB_TRY_VOID(remove_object(name));
  for (const PodGroup& group : step.pods) EBB_TRY_VOID(add(group));
  measure();
  if (!std::exchange(synced_, true)) see(model::Synced{});
  return settle();
}

Status Run::advance(Duration by) {
  const Instant end = now_ + by;
  while (now_ < end) {
    const Instant tick = measured_ + model::kNodeReportInterval;
    Instant next = std::min(end, tick);
    if (const auto wake = placement_.next_wake(); wake && *wake > now_) next = std::min(next, *wake);
    for (const PodRecord& record : pods_) {
      if (record.ends && *record.ends > now_) next = std::min(next, *record.ends);
    }
    now_ = next;
    end_evicted();
    if (now_ >= tick) measure();
    EBB_TRY_VOID(settle());
  }
  return {};
}

void Run::change_document(model::PolicySource source, const DocumentChange& change) {
  const model::ObjectKey key = document_key(source);
  if (change.text) {
    const model::PolicyDocumentSeen seen{.document = {.source = source,
                                                      .key = key,
                                                      .uid = model::Uid(key.name),
                                                      .resource_version = next_version(),
                                                      .text = *change.text,
                                                      .missing_key = false}};
    policy_.step(seen);
    see(seen);
  } else {
    const model::PolicyDocumentGone gone{.source = source, .key = key};
    policy_.step(gone);
    see(gone);
  }
}

void Run::change_node(const NodeChange& change, const std::string& name) {
  const auto [found, added] = nodes_.try_emplace(name);
  NodeRecord& record = found->second;
  model::Node& node = record.node;
  if (added) {
    node.name = model::NodeName(name);
    node.uid = model::Uid(fmt::format("node/{}", name));
    node.ready = true;
  }
  const std::map<std::string, std::int64_t, std::less<>> published = node.allocatable.scalars;
  if (change.capacity) node.capacity = *change.capacity;
  if (change.allocatable) node.allocatable = *change.allocatable;
  if (added && !change.capacity) node.capacity = node.allocatable;
  if (change.capacity && !change.allocatable) node.allocatable = node.capacity;
  for (model::Resources* resources : {&node.capacity, &node.allocatable}) {
    if (resources->pods == 0) resources->pods = kPodsPerNode;
    for (const auto batch : {model::kBatchCpu, model::kBatchMemory}) {
      if (const auto was = published.find(batch); was != published.end()) resources->scalars.insert(*was);
    }
  }
  if (change.labels) node.labels = *change.labels;
  if (change.annotations) node.annotations = *change.annotations;
  if (change.images) node.images = *change.images;
  if (change.taints) node.taints = *change.taints;
  if (change.unschedulable) node.unschedulable = *change.unschedulable;
  if (change.ready) node.ready = *change.ready;
  if (change.report) {
    record.report = change.report;
    record.report_stated = now_;
  }
  if (change.metrics) {
    record.metrics = change.metrics;
    record.metrics_stated = now_;
  }
  see_node(record);
}

Status Run::remove(const model::ObjectKey& name) {
  const auto hit = [&](const PodRecord& record) { return record.pod.key == name || record.group == name; };
  if (std::ranges::none_of(pods_, hit)) return fail(Errc::invalid, "remove: there is no pod or workload {}", model::to_string(name));
  for (const PodRecord& record : pods_) {
    if (hit(record) && !record.refused) see(model::PodGone{record.pod.key, record.pod.uid});
  }
  std::erase_if(pods_, hit);
  return {};
}

// As a user's deletion does: what runs ends when its grace period is over, what waits is gone at once.
Status Run::remove_in_time(const model::ObjectKey& name) {
  const auto found = find(name);
  if (found.empty()) return fail(Errc::invalid, "delete: there is no pod or workload {}", model::to_string(name));
  std::vector<model::ObjectKey> waiting;
  for (PodRecord& record : pods_) {
    if ((record.pod.key != name && record.group != name) || record.ends) continue;
    if (record.pod.node.empty()) {
      waiting.push_back(record.pod.key);
      continue;
    }
    record.pod.deletion_requested = now_;
    record.ends = now_ + record.grace;
    see_pod(record);
  }
  for (const model::ObjectKey& key : waiting) EBB_TRY_VOID(remove(key));
  return {};
}

Status Run::change_pod(const PodChange& change) {
  const auto found = std::ranges::find_if(pods_, [&](const PodRecord& record) { return record.pod.key == change.key; });
  if (found == pods_.end()) return fail(Errc::invalid, "podChanges: there is no pod {}", model::to_string(change.key));
  if (change.labels) found->pod.labels = *change.labels;
  if (change.scheduling_gates) found->pod.scheduling_gates = *change.scheduling_gates;
  if (change.phase) found->pod.phase = *change.phase;
  see_pod(*found);
  return {};
}

// The node is gone first; its pods follow, as the pod garbage collector has it.
Status Run::remove_node(const std::string& name) {
  if (nodes_.erase(name) == 0) return fail(Errc::invalid, "removeNodes: there is no node {}", name);
  see(model::NodeGone{model::NodeName(name)});
  EBB_TRY_VOID(settle());
  const auto there = [&](const PodRecord& record) { return record.pod.node.v == name; };
  for (const PodRecord& record : pods_) {
    if (there(record)) see(model::PodGone{record.pod.key, record.pod.uid});
  }
  std::erase_if(pods_, there);
  return {};
}

Status Run::add(const PodGroup& group) {
  for (const model::Owner& owner : group.owners) {
    owners_.upsert(owner);
    see(model::OwnerSeen{owner});
  }
  for (const std::string& name : numbered(group.key.name, group.count)) EBB_TRY_VOID(add_pod(group, name));
  return {};
}

Status Run::add_pod(const PodGroup& group, const std::string& name) {
  PodRecord record;
  record.group = group.key;
  record.use = group.use;
  model::Pod& pod = record.pod;
  pod = group.pod;
  pod.key = {group.key.ns, name};
  if (std::ranges::any_of(pods_, [&](const PodRecord& other) { return other.pod.key == pod.key; })) {
    return fail(Errc::invalid, "there are two pods called {}", model::to_string(pod.key));
  }
  pod.uid = model::Uid(fmt::format("pod/{}/{}", model::to_string(pod.key), next_version()));
  pod.created = now_;
  record.grace = group.grace;
  admit_priority(pod);
  add_ephemeral_claims(group, pod);
  const std::vector<const model::Owner*> chain = owners_.chain(pod);
  record.resolved = core::resolve(pod, chain);
  record.warnings = core::remarks(record.resolved);
  if (admission_) {
    core::Admission admission = core::admit(pod, chain, policy_.policy());
    record.warnings = admission.warnings;
    record.refused = admission.refusal;
    if (!admission.refusal) pod = core::apply(std::move(pod), admission.changes);
  }
  if (!pod.node.empty() && node(pod.node.v) == nullptr) {
    return fail(Errc::invalid, "pod {} runs on node {}, which is not there", model::to_string(pod.key), pod.node.v);
  }
  if (!pod.node.empty()) {
    pod.phase = model::PodPhase::running;
    if (!pod.started) pod.started = now_;
  }
  pods_.push_back(std::move(record));
  if (!pods_.back().refused) see_pod(pods_.back());
  return {};
}

// What the API server's own admission makes of a class: the two that every cluster has, and those that are given.
void Run::admit_priority(model::Pod& pod) const {
  if (pod.priority) return;
  if (pod.priority_class == kNodeCritical) pod.priority = 2'000'001'000;
  if (pod.priority_class == kClusterCritical) pod.priority = 2'000'000'000;
  for (const model::ClusterEvent& seen : objects_.all()) {
    const auto* priority = std::get_if<model::PriorityClassSeen>(&seen);
    if (priority == nullptr) continue;
    if (pod.priority_class.empty() ? !priority->global_default : priority->name != pod.priority_class) continue;
    pod.priority = priority->value;
    pod.preemption_never = pod.preemption_never || priority->preemption_never;
  }
}

// As the ephemeral volume controller does: a claim of the pod's own for each such volume.
void Run::add_ephemeral_claims(const PodGroup& group, model::Pod& pod) {
  for (model::PodVolume& volume : pod.volumes) {
    if (volume.kind != model::VolumeKind::ephemeral) continue;
    volume.id = fmt::format("{}-{}", pod.key.name, volume.name);
    const auto made_of = std::ranges::find(group.ephemeral_claims, volume.name, &std::pair<std::string, model::VolumeClaim>::first);
    if (made_of == group.ephemeral_claims.end()) continue;
    model::VolumeClaim claim = made_of->second;
    claim.key = {pod.key.ns, volume.id};
    claim.uid = model::Uid(fmt::format("PersistentVolumeClaim/{}", model::to_string(claim.key)));
    claim.owners = {{.api_version = "v1", .kind = "Pod", .name = pod.key.name, .uid = pod.uid, .controller = true}};
    put(model::VolumeClaimSeen{std::move(claim)});
  }
}

void Run::put(model::ClusterEvent seen) {
  const auto created = [&](Instant& when) {
    if (when == Instant{}) when = now_;
  };
  if (auto* group = std::get_if<model::PodGroupSeen>(&seen)) created(group->group.created);
  if (auto* queue = std::get_if<model::QueueSeen>(&seen)) created(queue->queue.created);
  if (auto* storage = std::get_if<model::StorageClassSeen>(&seen)) created(storage->storage_class.created);
  services::testing::ClusterObjects::Events events;
  objects_.put(std::move(seen), events);
  for (model::ClusterEvent& event : events) see(std::move(event));
}

// A pod group is kept by its dialect.
Status Run::remove_object(const ObjectName& name) {
  services::testing::ClusterObjects::Events events;
  bool found = objects_.remove(name.kind, name.key, events);
  if (name.kind == "PodGroup") {
    for (const char* kind : kPodGroupKinds) found = objects_.remove(kind, name.key, events) || found;
  }
  if (!found) return fail(Errc::invalid, "removeObjects: there is no {} {}", name.kind, model::to_string(name.key));
  for (model::ClusterEvent& event : events) see(std::move(event));
  return {};
}

const model::PodGroup* Run::pod_group(const model::ObjectKey& name) const {
  for (const char* kind : kPodGroupKinds) {
    if (const auto* seen = objects_.find<model::PodGroupSeen>(kind, name)) return &seen->group;
  }
  return nullptr;
}

Status Run::settle() {
  for (int round = 0; round < kRoundsMax; ++round) {
    placement_.schedule(now_, actions_);
    if (actions_.empty()) return {};
    bool started = false;
    for (const core::placement::NumberedAction& action : std::exchange(actions_, {})) {
      started = carry_out(action.action) || started;
      placement_.step(now_, model::ActionDone{.id = action.id, .error = {}}, actions_);
    }
    end_evicted();
    if (started) measure();
  }
  return fail(Errc::cancelled, "the core does not come to rest: it has acted {} times on one state", kRoundsMax);
}

void Run::measure() {
  measured_ = now_;
  for (auto& [name, record] : nodes_) {
    if (record.report) {
      model::NodeReport report;
      report.node = record.node.name;
      report.time = record.report->age ? record.report_stated - *record.report->age : now_;
      report.use = record.report->use;
      see(model::ReportSeen{report});
    }
    if (record.metrics) {
      const Instant time = record.metrics->age ? record.metrics_stated - *record.metrics->age : now_;
      see(model::NodeUsageSeen{.node = record.node.name, .time = time, .use = record.metrics->use});
    }
  }
  for (const PodRecord& record : pods_) {
    if (record.use && !record.refused) see(model::PodUsageSeen{.pod = record.pod.key, .time = now_, .use = *record.use});
  }
}

void Run::see(model::ClusterEvent event) { placement_.step(now_, std::move(event), actions_); }

void Run::see_pod(PodRecord& record) {
  record.pod.resource_version = next_version();
  see(model::PodSeen{record.pod});
}

void Run::see_node(NodeRecord& record) {
  record.node.resource_version = next_version();
  see(model::NodeSeen{record.node});
}

PodRecord* Run::record_of(const model::ObjectKey& key, const model::Uid& uid) {
  const auto found = std::ranges::find_if(pods_, [&](const PodRecord& record) { return record.pod.key == key && record.pod.uid == uid; });
  return found == pods_.end() ? nullptr : &*found;
}

bool Run::carry_out(const model::ClusterAction& action) {
  return std::visit(Overloaded{
                        [&](const model::Bind& bind) {
                          PodRecord* record = record_of(bind.pod, bind.uid);
                          if (record == nullptr) return false;
                          record->pod.node = bind.node;
                          for (const auto& [key, value] : bind.annotations) record->pod.annotations.insert_or_assign(key, value);
                          record->pod.nominated_node = {};   // as the API server does
                          record->pod.phase = model::PodPhase::running;
                          record->pod.started = now_;
                          record->pod.unschedulable_condition = false;
                          see_pod(*record);
                          return true;
                        },
                        [&](const model::MarkUnschedulable& mark) {
                          PodRecord* record = record_of(mark.pod, mark.uid);
                          if (record == nullptr) return false;
                          record->pod.unschedulable_condition = true;
                          see_pod(*record);
                          return false;
                        },
                        [&](const model::PostEvent& event) {
                          PodRecord* record = record_of(event.regarding.key, event.regarding.uid);
                          if (record != nullptr) record->events.push_back(event.reason);
                          return false;
                        },
                        [&](const model::PublishOversold& publish) {
                          const auto found = nodes_.find(publish.node.v);
                          if (found == nodes_.end()) return false;
                          for (model::Resources* resources : {&found->second.node.capacity, &found->second.node.allocatable}) {
                            resources->scalars.erase(std::string(model::kBatchCpu));
                            resources->scalars.erase(std::string(model::kBatchMemory));
                            if (publish.cpu) resources->scalars.emplace(model::kBatchCpu, publish.cpu->v);
                            if (publish.memory) resources->scalars.emplace(model::kBatchMemory, publish.memory->v);
                          }
                          model::Annotations& annotations = found->second.node.annotations;
                          annotations.erase(std::string(model::kOversoldByAnnotation));
                          if (publish.cpu || publish.memory) annotations.emplace(model::kOversoldByAnnotation, model::kOversoldByEbb);
                          see_node(found->second);
                          return false;
                        },
                        [](const model::SetPolicyCondition&) { return false; },
                        [](const model::KeepAcceptedPolicy&) { return false; },
                        [&](const model::Evict& evicted) {
                          evict(evicted);
                          return false;
                        },
                        [&](const model::Nominate& nominate) {
                          PodRecord* record = record_of(nominate.pod, nominate.uid);
                          if (record == nullptr) return false;
                          record->pod.nominated_node = nominate.node;
                          see_pod(*record);
                          return false;
                        },
                        [&](const auto& other) {
                          services::testing::ClusterObjects::Events events;
                          static_cast<void>(objects_.perform(other, events));
                          for (model::ClusterEvent& event : events) see(std::move(event));
                          return false;
                        },
                    },
                    action);
}

void Run::evict(const model::Evict& evict) {
  PodRecord* record = record_of(evict.pod, evict.uid);
  if (record == nullptr || record->ends) return;
  evictions_.push_back({record->group, record->pod.key, record->pod.node, evict.reason});
  record->pod.deletion_requested = now_;
  record->ends = now_ + record->grace;
  see_pod(*record);
}

void Run::end_evicted() {
  const auto over = [&](const PodRecord& record) { return record.ends && *record.ends <= now_; };
  for (const PodRecord& record : pods_) {
    if (over(record)) see(model::PodGone{record.pod.key, record.pod.uid});
  }
  std::erase_if(pods_, over);
}

std::vector<const PodRecord*> Run::find(const model::ObjectKey& name) const {
  std::vector<const PodRecord*> found;
  for (const PodRecord& record : pods_) {
    if (record.pod.key == name || record.group == name) found.push_back(&record);
  }
  return found;
}

std::vector<const PodRecord*> Run::pods() const {
  std::vector<const PodRecord*> all;
  for (const PodRecord& record : pods_) all.push_back(&record);
  return all;
}

const model::Node* Run::node(const std::string& name) const {
  const auto found = nodes_.find(name);
  return found == nodes_.end() ? nullptr : &found->second.node;
}

std::vector<std::string> Run::names() const {
  std::vector<std::string> names;
  for (const PodRecord& record : pods_) {
    names.push_back(model::to_string(record.group));
    names.push_back(model::to_string(record.pod.key));
  }
  return names;
}

}   // namespace ebb::cli::scenario
