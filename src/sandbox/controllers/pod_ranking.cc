#include "sandbox/controllers/pod_ranking.h"

#include <algorithm>
#include <bit>

namespace ebb::sandbox::control {

namespace {

int age_class(Instant since, Instant now) {
  const std::int64_t age = (now - since).v;
  return age <= 0 ? -1 : static_cast<int>(std::bit_width(static_cast<std::uint64_t>(age)));
}

}   // namespace

bool goes_before(const Candidate& a, const Candidate& b, Instant now) {
  const SeenPod& x = *a.pod;
  const SeenPod& y = *b.pod;
  if (x.node.empty() != y.node.empty()) return x.node.empty();
  if (x.phase != y.phase) return x.phase < y.phase;
  if (x.ready != y.ready) return !x.ready;
  if (x.deletion_cost != y.deletion_cost) return x.deletion_cost < y.deletion_cost;
  if (a.neighbours != b.neighbours) return a.neighbours > b.neighbours;
  if (x.ready && x.ready_since != y.ready_since) {
    const int age_x = age_class(x.ready_since, now), age_y = age_class(y.ready_since, now);
    return age_x != age_y ? age_x < age_y : x.uid() < y.uid();
  }
  if (x.restarts_max != y.restarts_max) return x.restarts_max > y.restarts_max;
  if (x.created != y.created) {
    const int age_x = age_class(x.created, now), age_y = age_class(y.created, now);
    if (age_x != age_y) return age_x < age_y;
  }
  return x.uid() < y.uid();
}

std::vector<const SeenPod*> choose_victims(std::vector<Candidate> candidates, std::size_t count, Instant now) {
  count = std::min(count, candidates.size());
  std::ranges::sort(candidates, [now](const Candidate& a, const Candidate& b) { return goes_before(a, b, now); });
  std::vector<const SeenPod*> victims;
  for (std::size_t i = 0; i < count; ++i) victims.push_back(candidates[i].pod);
  return victims;
}

}   // namespace ebb::sandbox::control
