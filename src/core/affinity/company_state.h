#pragma once

// What CompanyIndex keeps: nodes as topology columns, classes of pods, requirements, and between them
// the counters. Every event changes exactly the counters that it touches.

#include "core/affinity/company_index.h"
#include "core/affinity/counter.h"
#include "core/affinity/pod_class.h"
#include "core/affinity/requirement.h"
#include "core/affinity/term.h"
#include "core/affinity/topology.h"

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace ebb::core::affinity {

class CompanyState {
 public:
  void update_node(Slot slot, std::optional<model::Labels> labels);
  void update_namespace(const std::string& name, std::optional<model::Labels> labels);

  ClassId acquire_class(const model::Pod& pod);
  void release_class(ClassId id);
  void add_pods(Slot slot, ClassId id, bool terminating, std::int32_t pods);
  // Whether changes are recorded in generations.
  void record(bool yes) { recording_ = yes; }

  RequirementId acquire(const RequirementSpec& spec);
  void release(RequirementId id);

  bool constrains(const Requirement& requirement) const;
  bool scores(const Requirement& requirement) const;
  std::uint64_t generation(const Requirement& requirement) const;
  CompanyRefusal refusal(const Requirement& requirement, Slot slot) const;
  void refuse(const Requirement& requirement, std::span<std::uint8_t> fits) const;
  void score_inter_pod(const Requirement& requirement, std::span<const Slot> feasible, std::span<std::int64_t> out) const;
  void score_spread(RequirementId id, std::span<const Slot> feasible, std::span<std::int64_t> out) const;

  const Requirement& requirement(RequirementId id) const { return requirements_[id].body; }
  std::size_t slots() const { return topology_.slots(); }
  CompanyIndex::Size size() const;

 private:
  using Counts = CounterContent::Counts;

  // Counters (company_state.cc).
  CounterId acquire_counter(CounterContent content);
  CounterId acquire_counter(Counts counts, std::vector<Term> terms, const std::string& key);
  void release_counter(CounterId id);
  void fill(CounterId id);
  void count(CounterId id, Slot slot, std::int32_t amount, bool terminating);
  bool counts(const CounterContent& content, const PodClassContent& pods) const;
  void gain_share(ClassId id, CounterId counter);
  void lose_share(ClassId id, CounterId counter);
  void count_all(ClassId id, CounterId counter, std::int32_t amount);

  // Nodes (company_nodes.cc).
  EligibilityId acquire_eligibility(EligibilityContent content, const RequirementSpec& spec);
  void release_eligibility(EligibilityId id);
  bool is_eligible(const EligibilityContent& content, const Eligibility& eligibility, Slot slot, bool after_change) const;
  bool find_eligibility_changes(Slot slot, bool present_after);
  bool changes(const CounterContent& content) const;
  void recount_slot(Slot slot, std::int32_t sign);
  void join_lowest(CounterId id, Slot slot, bool join);

  // Requirements (company_requirements.cc).
  void build(RequirementId id);
  void build_spread(RequirementId id, const RequirementSpec& spec);
  EligibilityId eligibility_of(const SpreadRule& rule, const std::vector<KeyId>& all_labels, const RequirementSpec& spec);
  bool is_affine_to_itself(const RequirementContent& content) const;
  void meet_existing(RequirementId id);
  void leave_existing(RequirementId id);
  void meet(RequirementId id, CounterId counter);
  void leave(RequirementId id, CounterId counter);

  bool present(CounterId counter) const { return !counters_[counter].body.counts.empty(); }
  std::uint64_t generation(CounterId counter) const {
    return counters_[counter].body.generation + topology_.generation(counters_[counter].content.key);
  }
  std::int32_t at(CounterId counter, Slot slot) const {
    return counters_[counter].body.counts.get(topology_.domain(counters_[counter].content.key, slot));
  }
  bool has_label(CounterId counter, Slot slot) const { return topology_.domain(counters_[counter].content.key, slot) != kNoDomain; }
  // Clears the entries of slots whose domain is marked 0.
  void keep_marked(KeyId key, std::span<std::uint8_t> fits) const;
  std::size_t ignore_unlabelled(RequirementId id, std::span<const Slot> feasible, std::span<std::int64_t> out) const;
  std::size_t count_domains(KeyId key, std::span<const Slot> feasible, std::span<const std::int64_t> out) const;
  void add_weighted(std::span<const Requirement::Weighted> weighted, std::span<const Slot> feasible, std::span<std::int64_t> out) const;

  Topology topology_;
  Namespaces namespaces_;
  Eligibilities eligibilities_;
  Counters counters_;
  PodClasses classes_;
  Requirements requirements_;
  LabelIndex class_index_;
  LabelIndex requirement_index_;
  TermIndex matching_index_;                    // counters of what matches, by their first term
  TermIndex carried_index_;                     // counters of what carries a term
  std::vector<std::vector<ClassId>> pods_at_;   // classes with a pod there, by slot
  bool recording_ = true;

  mutable std::vector<std::uint8_t> marks_;   // by domain, while an answer is given
  mutable std::vector<std::int64_t> sums_;
  mutable std::vector<double> domain_points_;
  mutable std::vector<double> points_;   // by feasible slot
};

}   // namespace ebb::core::affinity
