#include "core/accelerators/typical_pods.h"

#include <algorithm>
#include <tuple>

namespace ebb::core::accelerators {
namespace {

// The more popular first; of equally popular ones the larger.
bool before(const TypicalPod& a, const TypicalPod& b) {
  if (a.weight != b.weight) return a.weight > b.weight;
  const auto size = [](const AcceleratorRequest& r) { return std::tie(r.cpu, r.share, r.count, r.models); };
  return size(a.request) > size(b.request);
}

}   // namespace

void PodHistory::saw(const AcceleratorRequest& request, std::int64_t times) {
  seen_[request] += times;
  total_ += times;
}

void PodHistory::halve() {
  total_ = 0;
  for (auto& [request, times] : seen_) total_ += times /= 2;
  std::erase_if(seen_, [](const auto& entry) { return entry.second == 0; });
}

TypicalPods PodHistory::typical(Permille cut) const {
  TypicalPods result;
  result.pods.reserve(seen_.size());
  for (const auto& [request, times] : seen_) result.pods.push_back({request, times});
  std::sort(result.pods.begin(), result.pods.end(), before);
  std::size_t kept = 0;
  while (kept < result.pods.size() && result.weight_total * 1000 < total_ * cut.v) result.weight_total += result.pods[kept++].weight;
  result.pods.resize(kept);
  return result;
}

}   // namespace ebb::core::accelerators
