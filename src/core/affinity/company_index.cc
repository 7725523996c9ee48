#include "core/affinity/company_index.h"

#include "base/check.h"
#include "core/affinity/company_state.h"

#include <algorithm>
#include <optional>

namespace ebb::core::affinity {

CompanyIndex::CompanyIndex() : state_(std::make_unique<CompanyState>()) {}
CompanyIndex::~CompanyIndex() = default;
CompanyIndex::CompanyIndex(CompanyIndex&&) noexcept = default;
CompanyIndex& CompanyIndex::operator=(CompanyIndex&&) noexcept = default;

void CompanyIndex::node_seen(Slot slot, const model::Node& node) { state_->update_node(slot, node.labels); }
void CompanyIndex::node_gone(Slot slot) { state_->update_node(slot, std::nullopt); }
void CompanyIndex::namespace_seen(const std::string& name, const model::Labels& labels) { state_->update_namespace(name, labels); }
void CompanyIndex::namespace_gone(const std::string& name) { state_->update_namespace(name, std::nullopt); }

ClassId CompanyIndex::acquire_class(const model::Pod& pod) { return state_->acquire_class(pod); }
void CompanyIndex::release_class(ClassId id) { state_->release_class(id); }
void CompanyIndex::add_pod(Slot slot, ClassId id, bool terminating) { state_->add_pods(slot, id, terminating, 1); }
void CompanyIndex::remove_pod(Slot slot, ClassId id, bool terminating) { state_->add_pods(slot, id, terminating, -1); }

void CompanyIndex::take_out(Slot slot, ClassId id, bool terminating) {
  state_->record(false);
  state_->add_pods(slot, id, terminating, -1);
  state_->record(true);
}

void CompanyIndex::put_back(Slot slot, ClassId id, bool terminating) {
  state_->record(false);
  state_->add_pods(slot, id, terminating, 1);
  state_->record(true);
}

RequirementId CompanyIndex::acquire(const RequirementSpec& spec) { return state_->acquire(spec); }
void CompanyIndex::release(RequirementId id) { state_->release(id); }

bool CompanyIndex::constrains(RequirementId id) const { return state_->constrains(state_->requirement(id)); }
bool CompanyIndex::scores(RequirementId id) const { return state_->scores(state_->requirement(id)); }
std::uint64_t CompanyIndex::generation(RequirementId id) const { return state_->generation(state_->requirement(id)); }
CompanyRefusal CompanyIndex::refusal(RequirementId id, Slot slot) const { return state_->refusal(state_->requirement(id), slot); }
void CompanyIndex::refuse(RequirementId id, std::span<std::uint8_t> fits) const { state_->refuse(state_->requirement(id), fits); }

void CompanyIndex::score(RequirementId id, std::span<const Slot> feasible, std::span<std::int64_t> inter_pod,
                         std::span<std::int64_t> spread) const {
  EBB_CHECK(inter_pod.size() == feasible.size() && spread.size() == feasible.size());
  EBB_CHECK(feasible.empty() || std::ranges::max(feasible) < state_->slots());
  state_->score_inter_pod(state_->requirement(id), feasible, inter_pod);
  state_->score_spread(id, feasible, spread);
}

CompanyIndex::Size CompanyIndex::size() const { return state_->size(); }

}   // namespace ebb::core::affinity
