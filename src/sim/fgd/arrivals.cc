#include "sim/fgd/arrivals.h"

#include <algorithm>
#include <numeric>

namespace ebb::sim::fgd {
namespace {

template <class Item>
std::vector<std::size_t> by_name(const std::vector<Item>& items) {
  std::vector<std::size_t> order(items.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return items[a].name < items[b].name; });
  return order;
}

}   // namespace

Arrivals draw_arrivals(const std::vector<TraceNode>& nodes, const std::vector<TracePod>& pods, double tune, GoRandom& random) {
  Arrivals result;
  random.int63();   // the published program draws one number for its log
  const std::vector<std::size_t> sorted = by_name(pods);
  result.pods = sorted;
  random.shuffle(result.pods);

  double wanted = 0;
  double capacity = 0;
  for (const TracePod& pod : pods) wanted += static_cast<double>(pod.request.total().v);
  for (const TraceNode& node : nodes) capacity += static_cast<double>(node.accelerators.devices.size()) * 1000;
  const double target = tune * capacity;
  if (tune > 0 && wanted > target) {
    while (wanted > target && !result.pods.empty()) {
      const auto victim = result.pods.begin() + random.below(static_cast<std::int32_t>(result.pods.size()));
      wanted -= static_cast<double>(pods[*victim].request.total().v);
      result.pods.erase(victim);
    }
  } else if (tune > 0 && wanted < target) {
    for (;;) {
      const std::size_t drawn = sorted[static_cast<std::size_t>(random.below(static_cast<std::int32_t>(sorted.size())))];
      // What one device of it wants decides whether it is the last, what all want is added.
      if (wanted + static_cast<double>(pods[drawn].request.share.v) > target) break;
      wanted += static_cast<double>(pods[drawn].request.total().v);
      result.pods.push_back(drawn);
    }
  }

  // Before it orders the nodes, the published program starts ten watches, and each draws the length of its time-out.
  for (int watch = 0; watch < 10; ++watch) random.bits();
  const std::vector<std::int32_t> permutation = random.permutation(static_cast<std::int32_t>(nodes.size()));
  const std::vector<std::size_t> node_order = by_name(nodes);
  result.node_ranks.resize(nodes.size());
  for (std::size_t i = 0; i < node_order.size(); ++i) result.node_ranks[node_order[i]] = permutation[i];
  return result;
}

}   // namespace ebb::sim::fgd
