#include "services/testing/memory_cluster.h"

#include <algorithm>
#include <utility>

namespace ebb::services::testing {

void MemoryCluster::put(model::Node node) {
  node.resource_version = next_version();
  tell(model::NodeSeen{node});
  nodes_.insert_or_assign(node.name, std::move(node));
}

void MemoryCluster::put(model::Pod pod) {
  pod.resource_version = next_version();
  tell(model::PodSeen{pod});
  pods_.insert_or_assign(pod.key, std::move(pod));
}

void MemoryCluster::put(model::Owner owner) {
  tell(model::OwnerSeen{owner});
  owners_.insert_or_assign(owner.uid, std::move(owner));
}

void MemoryCluster::put(model::NodeReport report) {
  tell(model::ReportSeen{report});
  reports_.insert_or_assign(report.node, std::move(report));
}

void MemoryCluster::put(model::PolicyDocument document) {
  document.resource_version = next_version();
  tell(model::PolicyDocumentSeen{document});
  documents_.insert_or_assign(document.key, std::move(document));
}

void MemoryCluster::put_object(model::ClusterEvent seen) {
  ClusterObjects::Events events;
  objects_.put(std::move(seen), events);
  tell_all(std::move(events));
}

bool MemoryCluster::remove_object(std::string_view kind, const model::ObjectKey& key) {
  ClusterObjects::Events events;
  const bool was_there = objects_.remove(kind, key, events);
  tell_all(std::move(events));
  return was_there;
}

void MemoryCluster::tell_all(ClusterObjects::Events events) {
  for (model::ClusterEvent& event : events) tell(std::move(event));
}

void MemoryCluster::end_dying() {
  for (Dying& dying : std::exchange(dying_, {})) {
    if (dying.calls-- > 0) {
      dying_.push_back(std::move(dying));
    } else if (const auto found = pods_.find(dying.key); found != pods_.end() && found->second.uid == dying.uid) {
      remove_pod(dying.key);
    }
  }
}

void MemoryCluster::remove_node(const model::NodeName& name) {
  if (nodes_.erase(name) > 0) tell(model::NodeGone{name});
}

void MemoryCluster::remove_pod(const model::ObjectKey& key) {
  const auto found = pods_.find(key);
  if (found == pods_.end()) return;
  tell(model::PodGone{key, found->second.uid});
  pods_.erase(found);
}

void MemoryCluster::relist() {
  events_.clear();
  repeated_.clear();
  answers_.clear();
  for (const auto& [key, document] : documents_) events_.emplace_back(model::PolicyDocumentSeen{document});
  for (const auto& [name, node] : nodes_) events_.emplace_back(model::NodeSeen{node});
  for (const auto& [name, report] : reports_) events_.emplace_back(model::ReportSeen{report});
  for (const auto& [key, pod] : pods_) events_.emplace_back(model::PodSeen{pod});
  for (const auto& [uid, owner] : owners_) events_.emplace_back(model::OwnerSeen{owner});
  for (model::ClusterEvent& seen : objects_.all()) events_.push_back(std::move(seen));
  events_.emplace_back(model::Synced{});
}

std::vector<model::ClusterEvent> MemoryCluster::take_events(std::size_t max, Duration) {
  end_dying();
  std::vector<model::ClusterEvent> taken;
  while (!events_.empty() && taken.size() < max) {
    taken.push_back(std::move(events_.front()));
    events_.pop_front();
  }
  for (model::ClusterEvent& event : std::exchange(repeated_, {})) events_.push_back(std::move(event));
  return taken;
}

void MemoryCluster::submit(std::uint64_t id, model::ClusterAction action) {
  std::optional<Error> error;
  if (rng_.chance(faults_.refuse)) {
    error = Error{Errc::overloaded, "too many requests"};
  } else {
    const Status done = std::visit([&](const auto& one) { return perform(one); }, action);
    if (!done) error = done.error();
    if (rng_.chance(faults_.lose_answer)) error = Error{Errc::unavailable, "the connection was lost"};
  }
  answers_.push_back({{id, std::move(error)}, rng_.chance(faults_.late) ? 2 : 0});
}

std::vector<model::ActionDone> MemoryCluster::take_results() {
  std::vector<model::ActionDone> taken;
  std::vector<Answer> later;
  for (Answer& answer : answers_) {
    if (answer.turns-- > 0) {
      later.push_back(std::move(answer));
    } else {
      taken.push_back(std::move(answer.done));
    }
  }
  answers_ = std::move(later);
  return taken;
}

void MemoryCluster::tell(model::ClusterEvent event) {
  // NodeGone names no uid, so that a late one could not be told from the end of the next node.
  if (rng_.chance(faults_.repeat_event) && !std::holds_alternative<model::NodeGone>(event)) repeated_.push_back(event);
  events_.push_back(std::move(event));
}

Status MemoryCluster::perform(const model::Bind& bind) {
  const auto found = pods_.find(bind.pod);
  if (found == pods_.end()) return fail(Errc::not_found, "pods \"{}\" not found", bind.pod.name);
  if (found->second.uid != bind.uid) return fail(Errc::conflict, "the uid in the precondition is not that of {}", bind.pod.name);
  if (!found->second.node.empty()) {
    ++second_binds;
    return fail(Errc::conflict, "pod {} is already assigned to node {}", bind.pod.name, found->second.node.v);
  }
  binds.push_back(bind);
  model::Pod pod = found->second;
  pod.node = bind.node;
  for (const auto& [key, value] : bind.annotations) pod.annotations.insert_or_assign(key, value);
  pod.nominated_node = {};   // as the API server does
  put(std::move(pod));
  return {};
}

Status MemoryCluster::perform(const model::MarkUnschedulable& mark) {
  marked.push_back(mark);
  const auto found = pods_.find(mark.pod);
  if (found == pods_.end()) return fail(Errc::not_found, "pods \"{}\" not found", mark.pod.name);
  model::Pod pod = found->second;
  pod.unschedulable_condition = true;
  put(std::move(pod));
  return {};
}

Status MemoryCluster::perform(const model::PostEvent& event) {
  posted.push_back(event);
  return {};
}

Status MemoryCluster::perform(const model::PublishOversold& publish) {
  published.push_back(publish);
  const auto found = nodes_.find(publish.node);
  if (found == nodes_.end()) return fail(Errc::not_found, "nodes \"{}\" not found", publish.node.v);
  model::Node node = found->second;
  const auto set = [&](std::string_view name, std::optional<std::int64_t> amount) {
    node.allocatable.scalars.erase(std::string(name));
    if (amount) node.allocatable.scalars[std::string(name)] = *amount;
  };
  set(model::kBatchCpu, publish.cpu ? std::optional(publish.cpu->v) : std::nullopt);
  set(model::kBatchMemory, publish.memory ? std::optional(publish.memory->v) : std::nullopt);
  if (publish.cpu || publish.memory) {
    node.annotations[std::string(model::kOversoldByAnnotation)] = model::kOversoldByEbb;
  } else {
    node.annotations.erase(std::string(model::kOversoldByAnnotation));
  }
  put(std::move(node));
  return {};
}

Status MemoryCluster::perform(const model::KeepAcceptedPolicy& keep) {
  const auto found = documents_.find(keep.document.key);
  if (found == documents_.end()) return fail(Errc::not_found, "{} is not there", model::to_string(keep.document.key));
  if (found->second.uid != keep.document.uid) return fail(Errc::conflict, "{} is another one", model::to_string(keep.document.key));
  model::PolicyDocument document = found->second;
  document.last_accepted = keep.text;
  put(std::move(document));
  return {};
}

Status MemoryCluster::perform(const model::Evict& evict) {
  const auto found = pods_.find(evict.pod);
  if (found == pods_.end()) return {};   // gone already: the room is there
  if (found->second.uid != evict.uid) return fail(Errc::conflict, "the uid in the precondition is not that of {}", evict.pod.name);
  if (found->second.deletion_requested) return {};
  evicted.push_back(evict);
  model::Pod pod = found->second;
  pod.deletion_requested = pod.created;
  put(std::move(pod));
  dying_.push_back({evict.pod, evict.uid, grace_});
  return {};
}

Status MemoryCluster::perform(const model::Nominate& nominate) {
  const auto found = pods_.find(nominate.pod);
  if (found == pods_.end()) return fail(Errc::not_found, "pods \"{}\" not found", nominate.pod.name);
  if (found->second.uid != nominate.uid) return fail(Errc::conflict, "the uid in the precondition is not that of {}", nominate.pod.name);
  nominated.push_back(nominate);
  model::Pod pod = found->second;
  pod.nominated_node = nominate.node;
  put(std::move(pod));
  return {};
}

Status MemoryCluster::perform(const model::SelectClaimNode& select) {
  ClusterObjects::Events events;
  const Status done = objects_.perform(select, events);
  tell_all(std::move(events));
  return done;
}

Status MemoryCluster::perform(const model::BindVolume& bind) {
  ClusterObjects::Events events;
  const Status done = objects_.perform(bind, events);
  tell_all(std::move(events));
  return done;
}

Status MemoryCluster::perform(const model::SetPodGroupStatus& status) {
  ClusterObjects::Events events;
  const Status done = objects_.perform(status, events);
  if (done) group_statuses.push_back(status);
  tell_all(std::move(events));
  return done;
}

}   // namespace ebb::services::testing
