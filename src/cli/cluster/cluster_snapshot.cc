#include "cli/cluster/cluster_snapshot.h"

namespace ebb::cli {
namespace {

struct Step {
  ClusterSnapshot& to;

  void operator()(const model::PodSeen& event) const { to.pods[event.pod.key] = event.pod; }
  void operator()(const model::PodGone& event) const { to.pods.erase(event.key); }
  void operator()(const model::NodeSeen& event) const { to.nodes[event.node.name] = event.node; }
  void operator()(const model::NodeGone& event) const { to.nodes.erase(event.name); }
  void operator()(const model::OwnerSeen& event) const {
    to.workloads[event.owner.uid] = event.owner;
    to.owners.upsert(event.owner);
  }
  void operator()(const model::OwnerGone& event) const {
    to.workloads.erase(event.uid);
    to.owners.erase(event.uid);
  }
  void operator()(const model::ReportSeen& event) const { to.reports[event.report.node] = event.report; }
  void operator()(const model::ReportGone& event) const { to.reports.erase(event.node); }
  void operator()(const model::NodeUsageSeen& event) const { to.usage[event.node] = event.use; }
  void operator()(const model::PodUsageSeen&) const {}
  void operator()(const model::PriorityClassSeen&) const {}
  void operator()(const model::PriorityClassGone&) const {}
  void operator()(const model::PolicyDocumentSeen& event) const {
    static_cast<void>(to.policy.step(event));
  }   // the scheduler tells what it says
  void operator()(const model::PolicyDocumentGone& event) const {
    static_cast<void>(to.policy.step(event));
  }   // the scheduler tells what it says
  void operator()(const model::Synced&) const { to.synced = true; }
  template <class Event>
  void operator()(const Event&) const {}   // nothing that a status shows
};

}   // namespace

void ClusterSnapshot::step(const model::ClusterEvent& event) { std::visit(Step{*this}, event); }

}   // namespace ebb::cli
