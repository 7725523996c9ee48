#pragma once

// What a benchmark does to the scheduler, read from bench/workloads: nodes, what stands beside them, and pods
// that come in batches, some of them measured. Sizes are those of the published benchmark; templates of
// pods are named in one file for all workloads.

#include "base/result.h"
#include "model/names.h"
#include "model/node.h"
#include "model/pod.h"
#include "model/pod_group.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ebb::bench {

// What kube-scheduler's own benchmark wants of the same parameters, with an API server.
struct Published {
  std::string test;
  std::optional<std::int64_t> pods_per_second;   // none: no threshold is published
};

struct NodeSet {
  std::int64_t count = 0;
  bool fixed = false;          // as many, whatever the workload is scaled to
  std::string name = "node";   // "node-17"; with count 1 the name itself
  model::Node like;
  std::vector<std::pair<std::string, std::vector<std::string>>> labels;   // values in turn
};

struct NamespaceSet {
  std::int64_t count = 0;
  std::string prefix;
  model::Labels labels;
};

// While pods of a step come: after every so many of them.
struct Churn {
  enum class Kind { pod, node, service };
  std::int64_t every = 0;
  Kind kind = Kind::pod;
  std::string like;        // pod: the template
  bool recreate = false;   // the one before goes first
};

struct PodStep {
  std::int64_t count = 0;
  std::string like = "default";
  std::vector<std::string> namespaces{"default"};   // in turn
  bool measured = false;
  std::int64_t gang = 0;             // members that start together; 0: each pod for itself
  std::vector<std::string> queues;   // in turn
  std::int64_t batch = 100;          // pods that come before anybody is placed
  std::vector<Churn> churn;
  bool stays_pending = false;   // nobody is to be placed: a backlog
};

struct Workload {
  std::string name;
  Published published;
  std::vector<NodeSet> nodes;
  std::vector<NamespaceSet> namespaces;
  std::vector<std::pair<model::ObjectKey, model::Labels>> services;   // with their selectors
  std::vector<model::Queue> queues;
  std::vector<PodStep> steps;
  std::vector<std::int64_t> growth;   // numbers of nodes at which growth is measured

  std::int64_t node_count() const;
  std::int64_t measured_pods() const;
  // The same with that many nodes; pods that come before the measured ones in proportion.
  Workload scaled(std::int64_t nodes, std::optional<std::int64_t> measured) const;
};

using Templates = std::map<std::string, model::Pod, std::less<>>;

// Errors: invalid, with line and key.
Result<Templates> parse_templates(std::string_view text);
Result<Workload> parse_workload(std::string_view text, const Templates& templates);

}   // namespace ebb::bench
