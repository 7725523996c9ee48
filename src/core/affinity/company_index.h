#pragma once

// Which pods keep company with which: the answers of kube-scheduler's InterPodAffinity and
// PodTopologySpread, read from counters per topology domain that follow the pods as they come and
// go. A counter exists as long as a requirement or a class of pods needs it.

#include "core/affinity/company_refusal.h"
#include "core/affinity/requirement_spec.h"
#include "model/names.h"
#include "model/node.h"
#include "model/pod.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace ebb::core::affinity {

using ClassId = std::uint32_t;
using RequirementId = std::uint32_t;

class CompanyState;

class CompanyIndex {
 public:
  CompanyIndex();
  ~CompanyIndex();
  CompanyIndex(CompanyIndex&&) noexcept;
  CompanyIndex& operator=(CompanyIndex&&) noexcept;

  // Pods may stand in a slot before its node is seen and after it is gone; they count while it is there.
  // What the predicates of requirements look at must be up to date before node_seen.
  void node_seen(Slot slot, const model::Node& node);
  void node_gone(Slot slot);
  void namespace_seen(const std::string& name, const model::Labels& labels);
  void namespace_gone(const std::string& name);

  // Pods that look the same to every selector: namespace, labels and own affinity terms.
  ClassId acquire_class(const model::Pod& pod);
  // Requires: no pod of a class that is released for the last time is on a node.
  void release_class(ClassId id);
  void add_pod(Slot slot, ClassId id, bool terminating);
  void remove_pod(Slot slot, ClassId id, bool terminating);
  // For a trial that is taken back before anything else happens: no generation grows.
  void take_out(Slot slot, ClassId id, bool terminating);
  void put_back(Slot slot, ClassId id, bool terminating);

  RequirementId acquire(const RequirementSpec& spec);
  void release(RequirementId id);

  // Some filter may refuse some node as things are.
  bool constrains(RequirementId id) const;
  // Some score may differ between nodes as things are.
  bool scores(RequirementId id) const;
  // Grows whenever an answer for it may have changed.
  std::uint64_t generation(RequirementId id) const;

  CompanyRefusal refusal(RequirementId id, Slot slot) const;
  // Clears the entries of the slots that are refused.
  void refuse(RequirementId id, std::span<std::uint8_t> fits) const;
  // 0..100 for each feasible slot, normalised over exactly these. Requires: three spans of one size; slots that
  // have had a node.
  void score(RequirementId id, std::span<const Slot> feasible, std::span<std::int64_t> inter_pod, std::span<std::int64_t> spread) const;

  // How much is kept, for tests and telemetry.
  struct Size {
    std::size_t classes = 0;
    std::size_t requirements = 0;
    std::size_t counters = 0;
    std::size_t topology_keys = 0;
    std::size_t eligibilities = 0;

    friend bool operator==(const Size&, const Size&) = default;
  };
  Size size() const;

 private:
  std::unique_ptr<CompanyState> state_;
};

}   // namespace ebb::core::affinity
