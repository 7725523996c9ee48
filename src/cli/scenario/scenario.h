#pragma once

// A scenario as values: a cluster, what happens in it step by step, and what is expected after each
// step. docs/scenarios.md describes the file it is written in. Every expectation knows its line.

#include "base/time.h"
#include "model/cluster_event.h"
#include "model/names.h"
#include "model/node.h"
#include "model/node_report.h"
#include "model/owner.h"
#include "model/pod.h"
#include "model/resources.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ebb::cli::scenario {

// A policy document that appears or changes; no text: it goes.
struct DocumentChange {
  std::optional<std::string> text;
};

// What a node says of its use, or metrics.k8s.io of the node. With an age it was said so long
// before the step and is not said again; without, it is kept fresh.
template <class Said>
struct Measurement {
  Said use;
  std::optional<Duration> age;
};

// A node that appears, or of a node that is there the parts that change.
struct NodeChange {
  int line = 0;
  std::string name;
  std::optional<std::int64_t> count;   // so many, called name-1, name-2 ...
  std::optional<model::Labels> labels;
  std::optional<model::Annotations> annotations;
  std::optional<std::vector<model::Taint>> taints;
  std::optional<std::vector<model::NodeImage>> images;
  std::optional<bool> unschedulable;
  std::optional<bool> ready;
  std::optional<model::Resources> capacity;
  std::optional<model::Resources> allocatable;
  std::optional<Measurement<model::UseByClass>> report;
  std::optional<Measurement<model::Use>> metrics;
};

// Pods of one kind, and the workload that they are of.
struct PodGroup {
  int line = 0;
  std::string file;                                                           // where `line` is, if not in the scenario itself
  model::ObjectKey key;                                                       // of the workload; of the pod, if there is just it
  model::Pod pod;                                                             // what each looks like before the admission
  std::vector<model::Owner> owners;                                           // nearest first
  std::optional<std::int64_t> count;                                          // several pods, called name-1, name-2 ...
  std::optional<model::Use> use;                                              // of each, told by metrics.k8s.io
  Duration grace = seconds(30);                                               // terminationGracePeriodSeconds
  std::vector<std::pair<std::string, model::VolumeClaim>> ephemeral_claims;   // by volume: made anew for each pod
};

// What changes of a pod that is there.
struct PodChange {
  int line = 0;
  model::ObjectKey key;
  std::optional<model::Labels> labels;
  std::optional<std::vector<std::string>> scheduling_gates;
  std::optional<model::PodPhase> phase;
};

// An object that is neither a pod nor a node, by the event that shows it.
struct ObjectChange {
  int line = 0;
  model::ClusterEvent seen;
};

struct ObjectName {
  int line = 0;
  std::string kind;
  model::ObjectKey key;
};

template <class T>
struct At {
  T value;
  int line = 0;
};

using Amounts = std::map<std::string, std::int64_t, std::less<>>;   // CPU in thousandths

struct PodExpectation {
  int line = 0;
  model::ObjectKey name;   // of a pod or of a group
  std::optional<At<std::string>> refused;
  std::optional<At<std::string>> qos, reason, pool, priority;
  std::optional<At<bool>> offline;
  std::optional<At<std::string>> warning;
  std::optional<At<Amounts>> requests;
  std::optional<At<model::Annotations>> annotations;
  std::optional<At<std::int64_t>> bound, pending;
  std::optional<At<std::vector<std::string>>> nodes;
  std::optional<At<std::string>> message;
  std::optional<At<Amounts>> filters;   // how many nodes each refuses, completely
  std::optional<At<std::string>> event;
  std::optional<At<std::string>> nominated;   // the node; "none"
};

struct PodGroupExpectation {
  int line = 0;
  model::ObjectKey name;
  std::optional<At<std::string>> phase, condition;
  std::optional<At<std::string>> state;   // of the gang, in the words of `ebb explain`
  std::optional<At<std::int64_t>> placed;
};

struct QueueExpectation {
  int line = 0;
  std::string name;
  std::optional<At<std::string>> share;   // of the cluster, as it is held: a fraction in lowest terms
  std::optional<At<std::int64_t>> pods, pending;
  std::optional<At<Amounts>> allocated;   // of the resources named
  std::optional<At<Amounts>> deserved;    // with the present demand
};

struct ClaimExpectation {
  int line = 0;
  model::ObjectKey name;
  std::optional<At<std::string>> volume, node;   // bound to, to be provisioned on; "none"
};

struct TermExpectation {
  bool cpu = true;   // else memory
  std::string term;
  std::int64_t amount = 0;
  int line = 0;
};

struct NodeExpectation {
  int line = 0;
  std::string name;
  std::optional<At<std::optional<std::int64_t>>> batch_cpu, batch_memory;   // none inside: not published
  std::optional<At<std::int64_t>> pods, offline_pods;
  std::optional<At<std::string>> metrics;
  std::vector<TermExpectation> terms;
};

struct Step {
  int line = 0;
  Duration after;
  std::optional<DocumentChange> policy, node_policy;
  std::vector<NodeChange> nodes;
  std::vector<model::ObjectKey> removed;   // pods or groups
  std::vector<model::ObjectKey> deleted;   // pods or groups; they end when their grace period is over
  std::vector<PodChange> pod_changes;
  std::vector<PodGroup> pods;
  std::vector<ObjectChange> objects;
  std::vector<ObjectName> removed_objects;
  std::vector<std::string> removed_nodes;
  std::vector<PodExpectation> pod_expectations;
  std::vector<NodeExpectation> node_expectations;
  std::vector<PodGroupExpectation> group_expectations;
  std::vector<ClaimExpectation> claim_expectations;
  std::vector<QueueExpectation> queue_expectations;
  std::optional<At<std::vector<std::string>>> victims;   // all that are evicted in this step, in any order
};

struct Scenario {
  std::string file;
  std::string name;
  bool admission = true;
  std::vector<Step> steps;   // at least one
};

// What oversold terms are called in a file, in the order of the formula.
inline constexpr std::string_view kTermNames[] = {"allocatable",   "line",         "reserve",     "systemUse",
                                                  "systemReserve", "systemExcess", "hlsRequests", "predictedPeak",
                                                  "overcommitCap", "allocated",    "result"};

}   // namespace ebb::cli::scenario
