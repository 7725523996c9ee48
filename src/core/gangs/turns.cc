#include "core/gangs/turns.h"

namespace ebb::core::gangs {

void Turns::line_up(const Wish& wish) {
  in_order_.insert(wish.key);
  by_age_.emplace(wish.since_turn, wish.key);
}

void Turns::step_out(GangId gang, const Wish& wish) {
  if (wish.rests_until) {
    resting_.erase({*wish.rests_until, gang});
    return;
  }
  in_order_.erase(wish.key);
  by_age_.erase({wish.since_turn, wish.key});
}

void Turns::want(Instant now, const TurnKey& key, std::optional<Duration> length) {
  const auto [found, added] = wishes_.try_emplace(key.gang, Wish{.key = key, .length = length, .since_turn = turn_});
  Wish& wish = found->second;
  if (added) {
    line_up(wish);
  } else {
    wish.length = length;
    if (wish.key == key) return;
    step_out(key.gang, wish);
    wish.key = key;
    if (wish.rests_until) {
      resting_.emplace(*wish.rests_until, key.gang);
    } else {
      line_up(wish);
    }
  }
  choose(now);
}

void Turns::leave(Instant now, GangId gang) {
  const auto found = wishes_.find(gang);
  if (found == wishes_.end()) return;
  step_out(gang, found->second);
  wishes_.erase(found);
  if (holder_ && holder_->gang == gang) holder_.reset();
  choose(now);
}

void Turns::step(Instant now) {
  if (holder_ && holder_->until <= now) {
    const GangId gang = holder_->gang;
    Wish& wish = wishes_.at(gang);
    step_out(gang, wish);
    ++wish.in_vain;
    wish.since_turn = turn_;
    wish.rests_until = now + options_.cool_down;
    resting_.emplace(*wish.rests_until, gang);
    holder_.reset();
  }
  while (!resting_.empty() && resting_.begin()->first <= now) {
    const GangId gang = resting_.begin()->second;
    resting_.erase(resting_.begin());
    Wish& wish = wishes_.at(gang);
    wish.rests_until.reset();
    line_up(wish);
  }
  choose(now);
}

// A gang that has been passed over too often goes first and cannot be displaced; otherwise a higher
// priority takes a turn over at once.
void Turns::choose(Instant now) {
  if (in_order_.empty()) return;
  if (!holder_) {
    const TurnKey& oldest = by_age_.begin()->second;
    give(now, aged(wishes_.at(oldest.gang)) ? oldest.gang : in_order_.begin()->gang);
    return;
  }
  const Wish& held = wishes_.at(holder_->gang);
  const TurnKey& first = *in_order_.begin();
  if (first.gang != holder_->gang && first.priority > held.key.priority && !holder_->by_age) give(now, first.gang);
}

void Turns::give(Instant now, GangId gang) {
  const Wish& wish = wishes_.at(gang);
  holder_ = Holder{.gang = gang, .until = now + wish.length.value_or(options_.length), .by_age = aged(wish)};
  ++turn_;
}

std::optional<Instant> Turns::next_wake() const {
  std::optional<Instant> wake;
  if (holder_) wake = holder_->until;
  if (!resting_.empty() && (!wake || resting_.begin()->first < *wake)) wake = resting_.begin()->first;
  return wake;
}

std::uint64_t Turns::turns_in_vain(GangId gang) const {
  const auto found = wishes_.find(gang);
  return found == wishes_.end() ? 0 : found->second.in_vain;
}

}   // namespace ebb::core::gangs
