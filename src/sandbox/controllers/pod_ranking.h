#pragma once

// Which pods go first when a workload has too many: those that lose least. In this order: not bound
// to a node; pending, then unknown, then running; not ready; the cheaper by the annotation
// controller.kubernetes.io/pod-deletion-cost; on a node with more pods of the same workload; ready
// for a shorter time; restarted more often; created later. Ages are compared by their power of two,
// so that pods of about the same age go in no order that would empty one zone.

#include "base/time.h"
#include "sandbox/controllers/pod_index.h"

#include <cstdint>
#include <vector>

namespace ebb::sandbox::control {

struct Candidate {
  const SeenPod* pod = nullptr;
  std::int64_t neighbours = 0;   // active pods of the same workload on its node
};

bool goes_before(const Candidate& a, const Candidate& b, Instant now);

// The `count` that go first.
std::vector<const SeenPod*> choose_victims(std::vector<Candidate> candidates, std::size_t count, Instant now);

}   // namespace ebb::sandbox::control
