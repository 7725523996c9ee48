#include "core/placement/gang_fit.h"

#include "base/check.h"
#include "base/wide.h"
#include "core/placement/node_check.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace ebb::core::placement {
namespace {

// Millionths of what all nodes have of each resource, added up.
std::int64_t size_of(const ClusterState& state, const Shape& shape) {
  std::int64_t size = 0;
  for (const auto& [id, amount] : shape.charge.requests) {
    const std::int64_t there = state.nodes.total_allocatable(id);
    if (there > 0) size += static_cast<std::int64_t>(Int128{amount} * 1'000'000 / there);
  }
  return size;
}

}   // namespace

GangFit::GangFit(const ClusterState& state, const PodTable& pods, const ShapeTable& shapes, const gangs::Attempt& attempt)
    : state_(state), need_(attempt.need()) {
  for (const auto& [name, slot] : state.nodes.by_name()) {
    if (state.nodes[slot].present) nodes_.push_back(slot);
  }
  for (const gangs::AttemptMember& member : attempt.members()) {
    const Ask& ask = *pods[member.pod.index].ask;
    // Members that are alike come one after the other.
    auto kind =
        std::ranges::find_if(kinds_.rbegin(), kinds_.rend(), [&](const Kind& one) { return one.ask == ask && one.task == member.task; });
    if (kind == kinds_.rend()) {
      const Shape& shape = shapes[ask.shape].shape;
      kinds_.push_back({ask, &shape, member.task, {}, asks_only_the_node(state, ask), size_of(state, shape)});
      kind = kinds_.rbegin();
    }
    kind->pods.push_back(member.pod.index);
  }
  std::ranges::stable_sort(kinds_, std::greater<>{}, &Kind::size);
}

bool GangFit::local() const { return std::ranges::all_of(kinds_, &Kind::local); }

bool GangFit::fits(const Kind& kind, Slot slot) const { return !first_refusal(state_, *kind.shape, kind.ask, slot); }

bool GangFit::useful(const gangs::Need& need, const Kind& kind) { return need.of_any > 0 || need.of_task[kind.task] > 0; }

void GangFit::count(gangs::Need& need, const Kind& kind) {
  std::int32_t& of = need.of_task[kind.task] > 0 ? need.of_task[kind.task] : need.of_any;
  --of;
}

// Even if all that are left of this kind and those that follow found a node it would not be enough.
bool GangFit::hopeless(const gangs::Need& need, std::size_t kind, std::size_t used) const {
  std::vector<std::int32_t> left(need.of_task.size(), 0);
  for (std::size_t k = kind; k < kinds_.size(); ++k) {
    left[kinds_[k].task] += static_cast<std::int32_t>(kinds_[k].pods.size() - (k == kind ? used : 0));
  }
  std::int32_t spare = 0;
  for (std::size_t task = 0; task < left.size(); ++task) {
    if (left[task] < need.of_task[task]) return true;
    spare += left[task] - need.of_task[task];
  }
  return spare < need.of_any;
}

void GangFit::give_back(RoomTrial& trial, const Places& places) {
  for (const auto& [pod, slot] : places) trial.unplace(pod);
}

// As many of a kind as are useful, `most` at most, node after node; true where that many found one.
bool GangFit::fill(RoomTrial& trial, const Kind& kind, Filled& so_far, std::size_t most) const {
  std::size_t next = 0;
  for (bool again = true; again;) {
    again = false;
    for (const Slot slot : nodes_) {
      while (next < most && useful(so_far.need, kind) && fits(kind, slot)) {
        trial.place(kind.pods[next], *kind.shape, slot);
        so_far.places.emplace_back(kind.pods[next], slot);
        count(so_far.need, kind);
        ++next;
        again = !kind.local;   // one that has found its place may make room for others of its company
      }
      if (next == most || !useful(so_far.need, kind)) return true;
    }
  }
  return false;
}

// Where one kind does not find room even with none of the others there, nothing will help.
bool GangFit::each_alone(RoomTrial& trial) const {
  const bool all = need_.total() == std::accumulate(kinds_.begin(), kinds_.end(), std::int32_t{0}, [](std::int32_t sum, const Kind& kind) {
                     return sum + static_cast<std::int32_t>(kind.pods.size());
                   });
  if (!all || !local()) return true;
  return std::ranges::all_of(kinds_, [&](const Kind& kind) {
    Filled filled{.places = {}, .need = need_};
    const bool found = fill(trial, kind, filled, kind.pods.size());
    give_back(trial, filled.places);
    return found;
  });
}

std::optional<Places> GangFit::in_order(RoomTrial& trial, const std::vector<std::size_t>& order) const {
  Filled filled{.places = {}, .need = need_};
  for (const std::size_t kind : order) fill(trial, kinds_[kind], filled, kinds_[kind].pods.size());
  give_back(trial, filled.places);
  if (filled.need.total() > 0) return std::nullopt;
  return std::move(filled.places);
}

// Every way to place the members, those that are alike in one order only. Members that are alike and matter to their
// own node only go to nodes in ascending order: who of them is where makes no difference.
bool GangFit::search(RoomTrial& trial, std::size_t kind, std::size_t used, std::size_t from, Filled& so_far, std::size_t& looks) const {
  if (so_far.need.total() == 0) return true;
  if (kind == kinds_.size() || hopeless(so_far.need, kind, used)) return false;
  const Kind& one = kinds_[kind];
  if (used < one.pods.size() && useful(so_far.need, one)) {
    const gangs::Need before = so_far.need;
    for (std::size_t i = from; i < nodes_.size(); ++i) {
      if (looks == 0) return false;
      --looks;
      if (!fits(one, nodes_[i])) continue;
      trial.place(one.pods[used], *one.shape, nodes_[i]);
      so_far.places.emplace_back(one.pods[used], nodes_[i]);
      count(so_far.need, one);
      const bool found = search(trial, kind, used + 1, one.local ? i : 0, so_far, looks);
      trial.unplace(one.pods[used]);
      if (found) return true;
      so_far.places.pop_back();
      so_far.need = before;
    }
  }
  return search(trial, kind + 1, 0, 0, so_far, looks);
}

std::optional<Places> GangFit::find(RoomTrial& trial, std::size_t looks) {
  std::vector<std::size_t> order(kinds_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (auto places = in_order(trial, order)) return places;
  if (exact()) return std::nullopt;
  if (kinds_.size() > 1) {
    if (!each_alone(trial)) return std::nullopt;
    std::ranges::reverse(order);
    if (auto places = in_order(trial, order)) return places;
  }
  Filled filled{.places = {}, .need = need_};
  if (search(trial, 0, 0, 0, filled, looks)) return std::move(filled.places);
  return std::nullopt;
}

}   // namespace ebb::core::placement
