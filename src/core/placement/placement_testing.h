#pragma once

// Builders for the tests of placement: a_node("n1").cpus(4), a_pod("p").asks(...), and a world in
// which every action succeeds at once unless the test says otherwise.

#include "core/placement/placement.h"

#include <string>
#include <utility>

namespace ebb::core::placement::testing {

inline const model::Labels kMixedNode{{"node-role.kubernetes.io/worker", "true"}, {"workload.type", "mixed"}};

inline model::Node a_node(const std::string& name, std::int64_t cpus_there = 4, std::int64_t gibibytes_there = 16) {
  model::Node node;
  node.name = model::NodeName(name);
  node.uid = model::Uid("uid-" + name);
  node.ready = true;
  node.allocatable.cpu = cpus(cpus_there);
  node.allocatable.memory = gibibytes(gibibytes_there);
  node.allocatable.pods = 110;
  node.capacity = node.allocatable;
  return node;
}

inline model::Pod a_pod(const std::string& name, MilliCpu cpu = cpus(1), Bytes memory = gibibytes(1)) {
  model::Pod pod;
  pod.key = {"default", name};
  pod.uid = model::Uid("uid-" + name);
  pod.scheduler_name = "openfuyao-scheduler";
  model::Container container;
  container.name = "main";
  container.requests.cpu = cpu;
  container.requests.memory = memory;
  pod.containers.push_back(container);
  return pod;
}

inline model::Pod an_offline_pod(const std::string& name, MilliCpu cpu = cpus(1), Bytes memory = gibibytes(1)) {
  model::Pod pod = a_pod(name, MilliCpu{}, Bytes{});
  pod.annotations["scheduling.openfuyao.io/qos-class"] = "best-effort";
  pod.containers[0].requests.scalars[std::string(model::kBatchCpu)] = cpu.v;
  pod.containers[0].requests.scalars[std::string(model::kBatchMemory)] = memory.v;
  return pod;
}

inline model::PolicyDocumentSeen a_policy(const std::string& spec = "  enabled: true\n") {
  model::PolicyDocument document;
  document.key = {"openfuyao-system", "openfuyao-colocation-config"};
  document.uid = model::Uid("uid-policy");
  document.text =
      "apiVersion: scheduling.openfuyao.io/v1alpha1\nkind: ColocationPolicy\nmetadata:\n  name: default-colocation-policy\nspec:\n" + spec;
  return {document};
}

inline model::PolicyDocumentSeen an_overlay(const std::string& settings) {
  model::PolicyDocument document;
  document.source = model::PolicySource::node_config_map;
  document.key = {"openfuyao-system", "node-colocation-config"};
  document.uid = model::Uid("uid-overlay");
  document.text =
      "nodeColocationConfig:\n  - nodeSelector:\n      matchLabels:\n        workload.type: \"mixed\"\n    colocationEnabled: true\n" +
      settings;
  return {document};
}

// A placement with the time and the actions it has asked for.
struct Scene {
  Placement placement;
  Instant now = Instant{} + hours(1);
  Actions actions;   // since the last take()

  explicit Scene(Options options = {}) : placement(std::move(options)) {}

  Scene& with(model::ClusterEvent event) {
    placement.step(now, std::move(event), actions);
    return *this;
  }
  Scene& with(const model::Node& node) { return with(model::NodeSeen{node}); }
  Scene& with(const model::Pod& pod) { return with(model::PodSeen{pod}); }
  Scene& synced() { return with(model::Synced{}); }
  Scene& report(const std::string& node, model::UseByClass use) {
    model::NodeReport report;
    report.node = model::NodeName(node);
    report.time = now;
    report.use = use;
    return with(model::ReportSeen{report});
  }

  // The node's own status follows what is published, as it does in a cluster.
  Scene& publish() {
    for (const NumberedAction& action : take()) {
      const auto* publish = std::get_if<model::PublishOversold>(&action.action);
      if (publish == nullptr) continue;
      model::Node node = placement.nodes()[*placement.nodes().find(publish->node)].node;
      node.allocatable.scalars.erase(std::string(model::kBatchCpu));
      node.allocatable.scalars.erase(std::string(model::kBatchMemory));
      if (publish->cpu) node.allocatable.scalars[std::string(model::kBatchCpu)] = publish->cpu->v;
      if (publish->memory) node.allocatable.scalars[std::string(model::kBatchMemory)] = publish->memory->v;
      node.annotations.erase(std::string(model::kOversoldByAnnotation));
      if (publish->cpu || publish->memory) node.annotations.emplace(model::kOversoldByAnnotation, model::kOversoldByEbb);
      with(node);
    }
    return *this;
  }

  Scene& run() {
    placement.schedule(now, actions);
    return *this;
  }
  Actions take() { return std::exchange(actions, {}); }
  void answer(std::uint64_t id, std::optional<Error> error = std::nullopt) {
    placement.step(now, model::ActionDone{id, std::move(error)}, actions);
  }

  template <class Action>
  std::vector<std::pair<std::uint64_t, Action>> all() const {
    std::vector<std::pair<std::uint64_t, Action>> found;
    for (const NumberedAction& action : actions) {
      if (const auto* one = std::get_if<Action>(&action.action)) found.emplace_back(action.id, *one);
    }
    return found;
  }
  // Where the pod was sent; empty: nowhere yet.
  std::string node_of(const std::string& pod) const {
    for (const auto& [id, bind] : all<model::Bind>()) {
      if (bind.pod.name == pod) return bind.node.v;
    }
    return "";
  }
  std::string message_for(const std::string& pod) const {
    std::string message;
    for (const auto& [id, mark] : all<model::MarkUnschedulable>()) {
      if (mark.pod.name == pod) message = mark.message;
    }
    return message;
  }
};

}   // namespace ebb::core::placement::testing
