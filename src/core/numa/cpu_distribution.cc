// The even spread over NUMA nodes: for one node, then two, three ... every combination that can hold the request in
// equal shares; what cannot be shared equally goes to the nodes that leave the machine most balanced.

#include "core/numa/cpu_accumulator.h"
#include "core/numa/cpu_assignment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

namespace ebb::core::numa {
namespace {

// A list of nodes that grows as the kubelet's do: a longer list shares its storage with the one it was made from as
// long as that has room (for 1, 2, 4, 8 ... entries). So from four nodes on a kept combination can be changed by those
// tried after it, and the kubelet's choice depends on it.
class Combination {
 public:
  Combination() = default;
  explicit Combination(std::size_t capacity) : storage_(std::make_shared<std::vector<int>>(capacity)) {}

  Combination with(int node) const {
    const std::size_t capacity = storage_ ? storage_->size() : 0;
    if (size_ < capacity) {
      Combination longer = *this;
      (*longer.storage_)[longer.size_++] = node;
      return longer;
    }
    Combination longer(capacity == 0 ? 1 : capacity * 2);
    std::copy(begin(), end(), longer.storage_->begin());
    longer.size_ = size_ + 1;
    (*longer.storage_)[size_] = node;
    return longer;
  }
  const int* begin() const { return storage_ ? storage_->data() : nullptr; }
  const int* end() const { return begin() + size_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  std::shared_ptr<std::vector<int>> storage_;
  std::size_t size_ = 0;
};

// Every combination of `size` nodes in order; visit returns false to stop.
template <class Visit>
bool each_combination(const std::vector<int>& nodes, int size, std::size_t start, const Combination& so_far, const Visit& visit) {
  if (size == 0) return visit(so_far);
  for (std::size_t i = start; i + static_cast<std::size_t>(size) <= nodes.size(); ++i)
    if (!each_combination(nodes, size - 1, i + 1, so_far.with(nodes[i]), visit)) return false;
  return true;
}

double to_thousandths(double value) { return std::round(value * 1000) / 1000; }

double standard_deviation(const std::vector<int>& values) {
  double sum = 0;
  for (const int value : values) sum += value;
  const auto count = static_cast<double>(values.size());
  const double mean = to_thousandths(sum / count);
  double squares = 0;
  for (const int value : values) squares += (value - mean) * (value - mean);
  return to_thousandths(std::sqrt(squares / count));
}

struct Balance {
  double score = std::numeric_limits<double>::max();
  Combination remainder;   // the nodes that give what cannot be shared equally
};

struct Choice {
  Balance balance;
  Combination nodes;
  bool in_one_socket = false;
};

class Distribution {
 public:
  Distribution(const CpuTopology& topology, const CpuAccumulator& accumulator, int count, int group, bool align_by_socket)
      : topology_(topology),
        nodes_(accumulator.sorted_nodes()),
        free_(static_cast<std::size_t>(topology.node_count())),
        count_(count),
        group_(group),
        align_by_socket_(align_by_socket) {
    for (const int node : nodes_) free_[static_cast<std::size_t>(node)] = accumulator.free_in(Level::node, node);
  }

  Choice best_of_size(int size) const {
    Choice best;
    each_combination(nodes_, size, 0, Combination(), [&](const Combination& nodes) {
      if (best.balance.score == 0 && (!align_by_socket_ || best.in_one_socket)) return false;
      consider(nodes, best);
      return true;
    });
    return best;
  }

  int equal_share(const Combination& nodes) const { return count_ / static_cast<int>(nodes.size()) / group_ * group_; }
  int free(int node) const { return free_[static_cast<std::size_t>(node)]; }
  int whole_groups(int node) const { return free(node) / group_ * group_; }

 private:
  void consider(const Combination& nodes, Choice& best) const {
    int together = 0;
    int in_groups = 0;
    for (const int node : nodes) {
      together += free(node);
      in_groups += whole_groups(node);
    }
    if (together < count_ || in_groups < count_) return;
    int share = equal_share(nodes);
    if (align_by_socket_)
      for (const int node : nodes) share = std::min(share, whole_groups(node));
    for (const int node : nodes)
      if (free(node) < share) return;

    const Balance balance = balance_of(nodes, share);
    const bool in_one_socket = align_by_socket_ && shares_socket(nodes);
    bool better = balance.score < best.balance.score;
    if (align_by_socket_ && in_one_socket != best.in_one_socket) better = in_one_socket;
    if (better) best = {balance, nodes, in_one_socket};
  }

  Balance balance_of(const Combination& nodes, int share) const {
    std::vector<int> left = free_;
    for (const int node : nodes) left[static_cast<std::size_t>(node)] -= share;
    const int remainder = count_ - share * static_cast<int>(nodes.size());
    Balance best;
    if (remainder == 0) best.score = deviation(left);
    std::vector<int> givers;
    for (const int node : nodes)
      if (left[static_cast<std::size_t>(node)] >= group_) givers.push_back(node);
    for (int size = static_cast<int>(givers.size()); remainder > 0 && size >= 1; --size)
      each_combination(givers, size, 0, Combination(), [&](const Combination& subset) {
        std::vector<int> after = left;
        if (!give(subset, remainder, after)) return true;
        const double score = deviation(after);
        if (score < best.score) best = {score, subset};
        return true;
      });
    return best;
  }

  // Takes the remainder round by round, one group of CPUs from each node. False where the nodes do not have it.
  bool give(const Combination& subset, int remainder, std::vector<int>& left) const {
    int together = 0;
    for (const int node : subset) together += left[static_cast<std::size_t>(node)];
    if (together < remainder) return false;
    while (remainder > 0) {
      const int before = remainder;
      for (const int node : subset) {
        if (remainder == 0) break;
        if (left[static_cast<std::size_t>(node)] < group_) continue;
        left[static_cast<std::size_t>(node)] -= group_;
        remainder -= group_;
      }
      if (remainder == before) return false;   // odd threads left over everywhere
    }
    return true;
  }

  // Of what would be free on every node that has free CPUs now.
  double deviation(const std::vector<int>& left) const {
    std::vector<int> values;
    for (const int node : unique_nodes()) values.push_back(left[static_cast<std::size_t>(node)]);
    return standard_deviation(values);
  }

  std::vector<int> unique_nodes() const {
    std::vector<int> unique = nodes_;
    std::sort(unique.begin(), unique.end());
    unique.erase(std::unique(unique.begin(), unique.end()), unique.end());
    return unique;
  }

  bool shares_socket(const Combination& nodes) const {
    NodeMask mask = 0;
    for (const int node : nodes) mask |= NodeMask{1} << node;
    return topology_.sockets_under(mask) <= 1;
  }

  const CpuTopology& topology_;
  std::vector<int> nodes_;   // in the order of the packed way
  std::vector<int> free_;    // by node index
  int count_;
  int group_;
  bool align_by_socket_;
};

// How many NUMA nodes may be needed, at least and at most.
std::pair<int, int> node_range(const CpuTopology& topology, const CpuAccumulator& accumulator, int count, int group) {
  const int nodes = width(topology.nodes_with_cpus());
  const int groups_per_node = ((topology.all().size() - 1) / group + 1 - 1) / nodes + 1;
  const int groups_needed = (count - 1) / group + 1;
  int available = 0;
  for (int node = 0; node < topology.count(Level::node); ++node) available += accumulator.free_in(Level::node, node) > 0 ? 1 : 0;
  return {(groups_needed - 1) / groups_per_node + 1, std::min(groups_needed, available)};
}

Taken carry_out(const CpuTopology& topology, CpuAccumulator& accumulator, const Choice& choice, const Distribution& distribution, int count,
                int group, bool spread_over_cores) {
  const auto take_from = [&](int node, int cpus) {
    const auto taken = take_packed(topology, accumulator.free_cpus_in(Level::node, node), cpus, spread_over_cores, false);
    if (taken) accumulator.take(*taken);
  };
  int share = distribution.equal_share(choice.nodes);
  for (const int node : choice.nodes) share = std::min(share, distribution.whole_groups(node));
  for (const int node : choice.nodes) take_from(node, share);
  for (int remainder = count - share * static_cast<int>(choice.nodes.size()); remainder > 0;) {
    const int before = remainder;
    for (const int node : choice.balance.remainder) {
      if (remainder == 0) break;
      if (accumulator.free_in(Level::node, node) < group) continue;
      take_from(node, group);
      remainder -= group;
    }
    if (remainder == before) break;
  }
  if (accumulator.needed() > 0)
    return std::unexpected(fmt::format("accounting error, not enough CPUs allocated, remaining: {}", accumulator.needed()));
  if (accumulator.needed() < 0)
    return std::unexpected(fmt::format("accounting error, too many CPUs allocated, remaining: {}", accumulator.needed()));
  return accumulator.taken();
}

}   // namespace

Taken take_distributed(const CpuTopology& topology, const model::CpuSet& free, int count, int group, const CpuOptions& options) {
  const bool spread = options.distribute_across_cores;
  if (group < 1 || count % group != 0) return take_packed(topology, free, count, spread, false);
  CpuAccumulator accumulator(topology, free, count);
  if (accumulator.satisfied()) return accumulator.taken();
  if (accumulator.hopeless()) return std::unexpected(not_enough(count, free.size()));

  const Distribution distribution(topology, accumulator, count, group, options.align_by_socket);
  const auto [fewest, most] = node_range(topology, accumulator, count, group);
  for (int size = fewest; size <= most; ++size) {
    const Choice choice = distribution.best_of_size(size);
    if (!choice.nodes.empty()) return carry_out(topology, accumulator, choice, distribution, count, group, spread);
  }
  return take_packed(topology, free, count, spread, false);
}

}   // namespace ebb::core::numa
