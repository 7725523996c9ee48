#pragma once

// Each node's kubelet as far as NUMA nodes go: made of what is published about the node, kept up with the pods that are
// counted there. A node of which nothing is published has none, and is never asked.

#include "core/numa/kubelet_model.h"
#include "model/cluster_event.h"
#include "model/pod.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::core::placement {

class NumaBook {
 public:
  using Slot = std::uint32_t;

  // Each: whether what is known of the node's machine is now another.
  bool seen(const model::NodeTopologySeen& event);
  bool gone(const model::NodeTopologyGone& event);
  bool report_seen(const model::NodeReport& report);   // counts where nobody else publishes anything
  bool report_gone(const model::NodeName& node);
  bool any() const { return !published_.empty(); }
  bool publishes(const model::NodeName& node) const { return published_.contains(node); }

  // The slot's kubelet made anew with the pods that are there, in the order of their start. Those that the report counts
  // as running get their CPUs and memory out of what it says is in use, the others out of what it says is free.
  void rebuild(Slot slot, const model::NodeName& node, std::span<const model::Pod* const> pods);
  void drop(Slot slot);

  void add_pod(Slot slot, const model::Pod& pod);
  void remove_pod(Slot slot, const model::Pod& pod);
  // All its containers run: whether something became free by that.
  bool started(Slot slot, const model::Uid& uid);

  // Trials: what a pod has is free for a while, until the kubelet from before the trial is put in its place again.
  void take_out(Slot slot, const model::Uid& uid);
  void put_back(Slot slot, const model::Uid& uid, const numa::KubeletModel& before);
  void try_on(Slot slot, const model::Pod& pod);   // one that is not there; taken out again by its uid
  void reset(Slot slot, numa::KubeletModel before);

  const numa::KubeletModel* kubelet(Slot slot) const;
  // Pods of that neighbourhood on the slot, by uid.
  std::vector<std::string> neighbours(Slot slot, const std::string& neighbourhood) const;

 private:
  struct Published {
    std::optional<model::NodeResourceTopology> counted;
    std::optional<model::Numatopology> named;
    std::vector<model::NumaNodeReport> capacities;

    bool empty() const { return !counted && !named && capacities.empty(); }
    friend bool operator==(const Published&, const Published&) = default;
  };
  struct OnSlot {
    std::optional<numa::KubeletModel> kubelet;
    std::vector<numa::PodDemand> squeezed;   // counted there although the kubelet would not have admitted them yet
    std::map<std::string, std::set<std::string>> neighbourhoods;
  };
  struct Start {
    numa::KubeletModel idle;                  // nothing runs there
    std::optional<numa::KubeletModel> used;   // free is what is in use; none: not published
  };

  static std::optional<Start> start_of(const Published& published);
  static void admit(OnSlot& at, numa::PodDemand demand);
  bool settle(const model::NodeName& node, const Published& before);
  OnSlot* find(Slot slot);
  const OnSlot* find(Slot slot) const;

  std::map<model::NodeName, Published> published_;
  std::vector<OnSlot> slots_;
};

}   // namespace ebb::core::placement
