#pragma once

// Why a pod is where it is, or nowhere: what `ebb explain pod` prints.

#include "core/fairness/share.h"
#include "core/gangs/gang.h"
#include "core/placement/node_score.h"
#include "core/placement/refusals.h"
#include "model/names.h"
#include "model/qos_class.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::core::placement {

struct NodeScore {
  model::NodeName node;
  std::int64_t total = 0;
  std::vector<ScoreTerm> terms;
};

// The queue that the pod stands in. Amounts are those of the resource of which the queue holds the
// largest part, in words: "4 cpu".
struct QueueExplanation {
  std::string name;
  bool exists = true;
  fairness::Share share;      // of the cluster, as it is held
  fairness::Share weighted;   // as the order of the queues counts it
  std::string resource;       // empty: there is nothing to share
  std::string held;
  std::string deserved;   // with the present demand
  std::string total;
  bool owed = false;                     // below what is stated as its own
  std::int64_t placed_pods = 0;          // of the queue
  std::int64_t waiting_pods = 0;         // this one included
  std::optional<std::size_t> position;   // pods of the queue that come before this one
  std::optional<std::size_t> turn;       // queues that are served before this one; none: it is not served now
  std::string refused;                   // why the queue may not have what the pod asks; empty: it may
};

struct DeadlineExplanation {
  std::string written;         // in the annotation
  std::optional<Instant> at;   // none: nobody can read it
  Duration slack;              // until then; below zero: it was not met
  // When the pod must have started at the latest, where its run time is known.
  std::optional<Instant> latest_start;
};

struct Explanation {
  model::ObjectKey pod;
  bool found = false;
  std::string profile;   // the scheduler's name that the pod asks for

  std::string qos;   // "HLS", "LS", "BE"
  std::string qos_reason;
  bool offline = false;
  std::string pool;
  std::string band;
  std::int32_t priority = 0;
  std::vector<std::string> warnings;

  std::string state;                           // in one word or two
  std::string waiting_for;                     // in a sentence; empty once bound
  std::optional<model::NodeName> node;         // bound there, or being bound
  std::optional<model::NodeName> nominated;    // room is made or kept for it there
  std::vector<model::ObjectKey> leaving;       // who makes room there
  std::string message;                         // the last one written to the pod's condition
  std::optional<std::size_t> queue_position;   // pods tried before it

  std::optional<Instant> backoff_until;
  std::optional<Instant> volumes_until;   // its volumes are being bound, at most until then
  std::vector<model::NodeName> avoided;   // nodes that have just evicted a pod of its workload
  std::optional<Instant> avoided_until;   // when the first of them is offered again
  std::optional<DeadlineExplanation> deadline;
  std::optional<QueueExplanation> queue;
  std::optional<gangs::GangExplanation> gang;

  // Of a pod that is to be placed: as every node answers now, but the one where room is made for it.
  std::int32_t nodes = 0;
  std::vector<Refusal> filters;
  std::vector<std::string_view> filter_names;   // of `filters`, one for each: the plugin that says so
  std::vector<NodeScore> best;                  // at most five, best first
  // Nodes where pods of lower priority stand that could make room; none: it may push nobody out.
  std::optional<std::int32_t> could_make_room;
  // The first `needed` are all needed, of the others any one.
  std::vector<std::string> would_help;
  std::size_t needed = 0;
};

std::string to_text(const Explanation& explanation);

}   // namespace ebb::core::placement
