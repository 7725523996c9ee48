#include "core/placement/ranking.h"

#include <bit>

namespace ebb::core::placement {
namespace {

bool is_compared(const NodeValue& value) { return value.own != Ranking::kRefused && (value.disliked != 0 || value.preferred != 0); }

}   // namespace

void Ranking::catch_up(const NodeTable& nodes, const Evaluate& evaluate) {
  const bool behind = position_ < nodes.log_begin() || nodes.log_end() - position_ > nodes.slots();
  // How good an image is depends on how many nodes have it.
  const bool images = images_ != nodes.images().generation() && !nodes.images().empty();
  if (width_ == 0 || nodes.slots() > width_ || behind || images) {
    rebuild(nodes, evaluate);
    return;
  }
  slots_ = nodes.slots();
  for (; position_ < nodes.log_end(); ++position_) {
    const Slot slot = nodes.log_at(position_);
    set(slot, evaluate);
    if (playing_) changed_.push_back(slot);
  }
  // Somebody looks at the values only: what the tournament would have to catch up is not worth keeping.
  if (changed_.size() > slots_) {
    playing_ = false;
    changed_.clear();
  }
}

std::optional<Slot> Ranking::best(const NodeTable& nodes) {
  if (!playing_) {
    play_all(nodes);
  } else {
    for (const Slot slot : changed_) play(nodes, slot);
  }
  changed_.clear();
  const Slot winner = winners_[1];
  return winner == kNone ? std::nullopt : std::optional(winner);
}

void Ranking::set(Slot slot, const Evaluate& evaluate) {
  NodeValue& value = values_[slot];
  if (is_compared(value)) --compared_;
  value = evaluate(slot).value_or(NodeValue{.own = kRefused});
  if (is_compared(value)) ++compared_;
}

void Ranking::rebuild(const NodeTable& nodes, const Evaluate& evaluate) {
  slots_ = nodes.slots();
  width_ = std::bit_ceil(std::max<std::size_t>(slots_, 2));
  values_.assign(width_, NodeValue{.own = kRefused});
  compared_ = 0;
  for (Slot slot = 0; slot < slots_; ++slot) set(slot, evaluate);
  position_ = nodes.log_end();
  images_ = nodes.images().generation();
  playing_ = false;
  changed_.clear();
}

void Ranking::play_all(const NodeTable& nodes) {
  winners_.assign(width_, kNone);
  for (std::size_t i = width_ - 1; i > 0; --i) {
    const bool leaves = 2 * i >= width_;
    const Slot left = leaves ? static_cast<Slot>(2 * i - width_) : winners_[2 * i];
    const Slot right = leaves ? static_cast<Slot>(2 * i + 1 - width_) : winners_[2 * i + 1];
    winners_[i] = better(nodes, left, right);
  }
  playing_ = true;
}

void Ranking::play(const NodeTable& nodes, Slot slot) {
  for (std::size_t i = (width_ + slot) / 2; i > 0; i /= 2) {
    const bool leaves = 2 * i >= width_;
    const Slot left = leaves ? static_cast<Slot>(2 * i - width_) : winners_[2 * i];
    const Slot right = leaves ? static_cast<Slot>(2 * i + 1 - width_) : winners_[2 * i + 1];
    const Slot winner = better(nodes, left, right);
    // Above a match that somebody else had won before and wins again nothing changes.
    if (winner == winners_[i] && winner != slot) return;
    winners_[i] = winner;
  }
}

Slot Ranking::better(const NodeTable& nodes, Slot a, Slot b) const {
  const std::int32_t own_a = a == kNone ? kRefused : values_[a].own;
  const std::int32_t own_b = b == kNone ? kRefused : values_[b].own;
  if (own_a == kRefused && own_b == kRefused) return kNone;
  if (own_a != own_b) return own_a > own_b ? a : b;
  if (values_[a].fraction != values_[b].fraction) return values_[a].fraction > values_[b].fraction ? a : b;
  return nodes[a].name < nodes[b].name ? a : b;
}

}   // namespace ebb::core::placement
