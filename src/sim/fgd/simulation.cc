#include "sim/fgd/simulation.h"

#include "base/check.h"
#include "core/accelerators/ebb_score.h"
#include "core/accelerators/outlook.h"
#include "core/accelerators/typical_pods.h"
#include "sim/fgd/arrivals.h"
#include "sim/fgd/go_random.h"
#include "sim/fgd/like_nodes.h"
#include "sim/fgd/policies.h"
#include "sim/fgd/published_fgd.h"
#include "sim/fgd/samples.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace ebb::sim::fgd {
namespace {

using namespace core::accelerators;

constexpr std::size_t kLastPercent = 130;

// The scores of one request, by group of nodes.
struct ScoreCard {
  struct Entry {
    NodeScore score;
    bool fits = false;
    std::uint32_t stamp = 0;   // of the group, when this was computed
  };
  std::vector<Entry> entries;
};

class Run {
 public:
  Run(const std::vector<TraceNode>& nodes, const std::vector<TracePod>& pods, const Experiment& experiment)
      : pods_(pods), policy_(experiment.policy), random_(experiment.seed) {
    arrivals_ = draw_arrivals(nodes, pods, experiment.tune, random_);
    set_up_nodes(nodes);
    number_requests();
    PodHistory history;
    for (const TracePod& pod : pods) history.saw(pod.request);
    const TypicalPods typical = history.typical();
    for (const std::string& model : cluster_.models) {
      demand_.emplace_back(typical, model);
      published_fgd_.emplace_back(typical, history.total(), model);
    }
    for (SimNode& node : cluster_.nodes) {
      node.group = like_.join(node);
      fragmented_ += fragmentation_of(node);
    }
  }

  Outcome run() {
    Outcome outcome;
    outcome.gpus = gpus_;
    outcome.arrived = arrivals_.pods.size();
    const double gpus = static_cast<double>(gpus_);
    Samples allocated;
    Samples fragmented;
    for (const std::size_t pod : arrivals_.pods) {
      arrived_milli_ += pods_[pod].request.total().v;
      // Ebb knows the pods that came so far, this one included, and nothing else of the trace.
      if (policy_ == Policy::ebb && outlooks_->saw(pods_[pod].request)) like_.forget_all();
      if (place(pod)) ++outcome.placed;
      const double load = static_cast<double>(arrived_milli_) / gpus / 10;
      allocated.add(load, std::round(static_cast<double>(allocated_milli_) / gpus * 10) / 100);
      fragmented.add(load, static_cast<double>(fragmented_) / static_cast<double>(demand_.front().weight_total()) / gpus / 10);
    }
    outcome.allocated_percent = allocated.by_percent(kLastPercent);
    outcome.fragmented_percent = fragmented.by_percent(kLastPercent);
    return outcome;
  }

 private:
  void set_up_nodes(const std::vector<TraceNode>& nodes) {
    ForecastExtent largest{.devices = 0, .cpus = 0};
    std::vector<std::size_t> by_rank(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) by_rank[static_cast<std::size_t>(arrivals_.node_ranks[i])] = i;
    for (const std::size_t i : by_rank) {
      SimNode node{.accelerators = nodes[i].accelerators, .memory_free = nodes[i].memory, .model = 0, .kinds = {}, .group = 0};
      const auto known = std::find(cluster_.models.begin(), cluster_.models.end(), node.accelerators.model);
      node.model = static_cast<std::size_t>(known - cluster_.models.begin());
      if (known == cluster_.models.end()) cluster_.models.push_back(node.accelerators.model);
      gpus_ += static_cast<std::int64_t>(node.accelerators.devices.size());
      largest.devices = std::max(largest.devices, node.accelerators.devices.size());
      largest.cpus = std::max(largest.cpus, node.accelerators.cpu_free.v / 1000);
      cluster_.nodes.push_back(std::move(node));
    }
    outlooks_.emplace(largest);
  }

  void number_requests() {
    std::map<AcceleratorRequest, std::size_t> numbers;
    for (const TracePod& pod : pods_) request_of_.push_back(numbers.emplace(pod.request, numbers.size()).first->second);
    cards_.resize(numbers.size());
    for (ScoreCard& card : cards_) card.entries.resize(cluster_.nodes.size());
  }

  std::int64_t fragmentation_of(const SimNode& node) const {
    return demand_[node.model].fragmentation(node.accelerators.cpu_free, FreeDevices(node.accelerators.devices));
  }

  NodeScore score(const SimNode& node, const AcceleratorRequest& request) {
    switch (policy_) {
      case Policy::random: return {};
      case Policy::dot_product: return dot_product_score(node, request);
      case Policy::gpu_clustering: return gpu_clustering_score(node, request);
      case Policy::gpu_packing: return gpu_packing_score(node, request);
      case Policy::best_fit: return best_fit_score(node, request);
      case Policy::fgd: return published_fgd_[node.model].score(node.accelerators, request);
      case Policy::ebb: return ebb_score(outlooks_->of(node.accelerators.model), node.accelerators, request);
    }
    EBB_UNREACHABLE();
  }

  // The best node that has room, and the device for a shared request.
  std::optional<std::pair<std::size_t, NodeScore>> choose(std::size_t pod) {
    const AcceleratorRequest& request = pods_[pod].request;
    ScoreCard& card = cards_[request_of_[pod]];
    std::optional<std::pair<std::size_t, NodeScore>> best;
    std::vector<std::size_t> feasible;
    for (std::size_t i = 0; i < cluster_.nodes.size(); ++i) {
      const SimNode& node = cluster_.nodes[i];
      ScoreCard::Entry& entry = card.entries[node.group];
      if (entry.stamp != like_.stamp(node.group)) {
        entry.stamp = like_.stamp(node.group);
        entry.fits = fits(node.accelerators, request);
        if (entry.fits) entry.score = score(node, request);
      }
      if (!entry.fits || node.memory_free < pods_[pod].memory) continue;
      if (policy_ == Policy::random) feasible.push_back(i);
      if (!best || entry.score.score > best->second.score) best.emplace(i, entry.score);
    }
    if (policy_ == Policy::random && feasible.size() > 1) {
      best->first = feasible[static_cast<std::size_t>(random_.below(static_cast<std::int32_t>(feasible.size())))];
    }
    return best;
  }

  // Any device with room, each with the same chance.
  DeviceSet random_device(const SimNode& node, const AcceleratorRequest& request) {
    DeviceSet chosen(1);
    std::int32_t candidates = 0;
    for (std::size_t i = 0; i < node.accelerators.devices.size(); ++i) {
      if (node.accelerators.devices[i].free < request.share) continue;
      if (random_.below(++candidates) == 0) chosen.front() = i;
    }
    return chosen;
  }

  bool place(std::size_t pod) {
    const auto chosen = choose(pod);
    if (!chosen) return false;
    const AcceleratorRequest& request = pods_[pod].request;
    SimNode& node = cluster_.nodes[chosen->first];
    DeviceSet devices;
    if (request.shares_a_device() && policy_ == Policy::random) {
      devices = random_device(node, request);
    } else if (request.shares_a_device() && chosen->second.device >= 0) {
      devices = {static_cast<std::size_t>(chosen->second.device)};
    } else {
      devices = *best_fitting(node.accelerators, request);
    }
    fragmented_ -= fragmentation_of(node);
    assign(node.accelerators, request, devices);
    node.memory_free -= pods_[pod].memory;
    if (request.count > 0) ++node.kinds[kind_of(request)];
    like_.leave(node.group);
    node.group = like_.join(node);
    fragmented_ += fragmentation_of(node);
    allocated_milli_ += request.total().v;
    return true;
  }

  const std::vector<TracePod>& pods_;
  Policy policy_;
  GoRandom random_;
  Arrivals arrivals_;
  SimCluster cluster_;
  LikeNodes like_;
  std::vector<std::size_t> request_of_;       // pod -> number of its request
  std::vector<ScoreCard> cards_;              // by number of request
  std::vector<PublishedFgd> published_fgd_;   // by number of model
  std::vector<ModelDemand> demand_;           // by number of model
  std::optional<Outlooks> outlooks_;          // for Ebb
  std::int64_t gpus_ = 0;
  std::int64_t arrived_milli_ = 0;
  std::int64_t allocated_milli_ = 0;
  std::int64_t fragmented_ = 0;   // thousandths of a device, times weight
};

constexpr auto kNames = std::to_array<std::pair<Policy, std::string_view>>({
    {Policy::random, "Random"},
    {Policy::dot_product, "DotProd"},
    {Policy::gpu_clustering, "GpuClustering"},
    {Policy::gpu_packing, "GpuPacking"},
    {Policy::best_fit, "BestFit"},
    {Policy::fgd, "FGD"},
    {Policy::ebb, "Ebb"},
});

}   // namespace

std::string_view to_string(Policy policy) {
  for (const auto& [known, name] : kNames) {
    if (known == policy) return name;
  }
  EBB_UNREACHABLE();
}

Result<Policy> parse_policy(std::string_view name) {
  for (const auto& [policy, known] : kNames) {
    if (known == name) return policy;
  }
  return fail(Errc::invalid, "there is no policy '{}': Random, DotProd, GpuClustering, GpuPacking, BestFit, FGD or Ebb", name);
}

Result<Outcome> simulate(const std::vector<TraceNode>& nodes, const std::vector<TracePod>& pods, const Experiment& experiment) {
  const auto has_devices = [](const TraceNode& node) { return !node.accelerators.devices.empty(); };
  if (std::none_of(nodes.begin(), nodes.end(), has_devices)) return fail(Errc::invalid, "no node has an accelerator");
  if (std::none_of(pods.begin(), pods.end(), [](const TracePod& pod) { return pod.request.count > 0; })) {
    return fail(Errc::invalid, "no pod asks for an accelerator");
  }
  return Run(nodes, pods, experiment).run();
}

}   // namespace ebb::sim::fgd
