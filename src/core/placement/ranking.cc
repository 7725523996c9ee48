#include "core/placement/ranking.h"

#include <bit>

namespace ebb::core::placement {

std::optional<Slot> Ranking::best(const NodeTable& nodes, const Evaluate& evaluate) {
  const bool behind = position_ < nodes.log_begin() || nodes.log_end() - position_ > nodes.slots();
  if (width_ == 0 || nodes.slots() > width_ || behind) {
    rebuild(nodes, evaluate);
  } else {
    for (; position_ < nodes.log_end(); ++position_) update(nodes, evaluate, nodes.log_at(position_));
  }
  const Slot winner = winners_[1];
  return winner == kNone ? std::nullopt : std::optional(winner);
}

void Ranking::rebuild(const NodeTable& nodes, const Evaluate& evaluate) {
  width_ = std::bit_ceil(std::max<std::size_t>(nodes.slots(), 2));
  scores_.assign(width_, kRefused);
  winners_.assign(width_, kNone);
  for (Slot slot = 0; slot < nodes.slots(); ++slot) scores_[slot] = evaluate(slot).value_or(kRefused);
  for (std::size_t i = width_ - 1; i > 0; --i) {
    const bool leaves = 2 * i >= width_;
    const Slot left = leaves ? static_cast<Slot>(2 * i - width_) : winners_[2 * i];
    const Slot right = leaves ? static_cast<Slot>(2 * i + 1 - width_) : winners_[2 * i + 1];
    winners_[i] = better(nodes, left, right);
  }
  position_ = nodes.log_end();
}

void Ranking::update(const NodeTable& nodes, const Evaluate& evaluate, Slot slot) {
  scores_[slot] = evaluate(slot).value_or(kRefused);
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
  const std::int64_t score_a = a == kNone ? kRefused : scores_[a];
  const std::int64_t score_b = b == kNone ? kRefused : scores_[b];
  if (score_a == kRefused && score_b == kRefused) return kNone;
  if (score_a != score_b) return score_a > score_b ? a : b;
  return nodes[a].name < nodes[b].name ? a : b;
}

}   // namespace ebb::core::placement
