// How a gang's state follows from its counts and its group, and where it stands in the book's queues.

#include "core/gangs/gang_book.h"

#include "base/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ebb::core::gangs {
namespace {

bool none(const model::Resources& amounts) { return amounts == model::Resources(); }

// The first resource of which more is wanted than there is.
std::optional<std::string> first_lacking(const model::Resources& wanted, const model::Resources& free) {
  if (wanted.cpu > free.cpu) return fmt::format("cpu: {}m of {}m", free.cpu.v, wanted.cpu.v);
  if (wanted.memory > free.memory) return fmt::format("memory: {} of {} bytes", free.memory.v, wanted.memory.v);
  if (wanted.ephemeral_storage > free.ephemeral_storage) {
    return fmt::format("ephemeral-storage: {} of {} bytes", free.ephemeral_storage.v, wanted.ephemeral_storage.v);
  }
  if (wanted.pods > free.pods) return fmt::format("pods: {} of {}", free.pods, wanted.pods);
  for (const auto& [name, amount] : wanted.scalars) {
    if (amount > free.scalar(name)) return fmt::format("{}: {} of {}", name, free.scalar(name), amount);
  }
  return std::nullopt;
}

}   // namespace

Duration GangBook::backoff(std::int32_t failures) const {
  Duration wait = options_.first_backoff;
  for (std::int32_t i = 1; i < failures && wait < options_.most_backoff; ++i) wait = wait * 2;
  return std::min(wait, options_.most_backoff);
}

TurnKey GangBook::turn_key(GangId gang) const {
  const GangEntry& entry = gangs_[gang];
  return {.priority = entry.priority(),
          .partial = entry.placed_count() > 0,
          .created = entry.group ? entry.group->created : Instant(),
          .group = entry.ref,
          .gang = gang};
}

GangPhase GangBook::settled_phase(Instant now, GangId gang) const {
  const GangEntry& entry = gangs_[gang];
  if (!entry.group) return GangPhase::no_group;
  if (entry.ended()) return entry.counts.with_leaving(MemberState::failed) > 0 ? GangPhase::failed : GangPhase::finished;
  if (entry.quorum() && entry.counts.all() > 0) {
    const std::int32_t run = entry.counts.with_leaving(MemberState::running) + entry.counts.with_leaving(MemberState::succeeded);
    return run >= entry.min() ? GangPhase::running : GangPhase::placed;
  }
  if (entry.counts.all() == 0 || entry.shortfall()) return GangPhase::waiting_for_members;
  if (entry.of_singles()) return GangPhase::ready;
  if (entry.makes_room) return GangPhase::making_room;
  if (entry.phase == GangPhase::trying) return GangPhase::trying;
  if (entry.failures > 0 && entry.lacked_room && !entry.improved) return GangPhase::waiting_for_capacity;
  // Whoever has its turn does not wait out a back-off: what is kept for it is kept from others.
  const bool has_turn = entry.lacked_room && turns_.holder() && turns_.holder()->gang == gang;
  if (entry.retry_at && now < *entry.retry_at && !has_turn) return GangPhase::backing_off;
  return GangPhase::ready;
}

void GangBook::settle(Instant now, GangId gang) {
  GangEntry& entry = gangs_[gang];
  const bool started = entry.quorum();
  entry.phase = settled_phase(now, gang);
  if (entry.phase != GangPhase::making_room) entry.makes_room = false;
  if (started) release_enqueued(entry);
  const bool held = !entry.group || (!started && !entry.of_singles());
  if (held != entry.held) {
    entry.held = held;
    changed_.insert(gang);
  }
  stand_in_queues(now, gang);
  want_enqueueing(gang);
  mark_status(now, gang);
  follow_turn(now);
}

void GangBook::leave_queues(GangId gang) {
  GangEntry& entry = gangs_[gang];
  if (entry.ready_as) ready_.erase(*std::exchange(entry.ready_as, std::nullopt));
  if (entry.enqueues_as) to_enqueue_.erase(*std::exchange(entry.enqueues_as, std::nullopt));
  if (entry.backs_off_until) backing_off_.erase({*std::exchange(entry.backs_off_until, std::nullopt), gang});
  waiting_.erase(gang);
}

void GangBook::stand_in_queues(Instant now, GangId gang) {
  GangEntry& entry = gangs_[gang];
  leave_queues(gang);
  const bool tries = entry.phase == GangPhase::ready || entry.phase == GangPhase::trying || entry.phase == GangPhase::backing_off ||
                     entry.phase == GangPhase::waiting_for_capacity;
  if (!tries || !entry.held) {
    turns_.leave(now, gang);
    return;
  }
  const TurnKey key = turn_key(gang);
  if (entry.phase == GangPhase::ready) {
    ready_.insert(key);
    entry.ready_as = key;
  } else if (entry.phase == GangPhase::backing_off) {
    backing_off_.emplace(*entry.retry_at, gang);
    entry.backs_off_until = entry.retry_at;
  } else if (entry.phase == GangPhase::waiting_for_capacity) {
    waiting_.insert(gang);
  }
  if (entry.failures > 0 && entry.lacked_room) {
    const std::optional<Duration>& stated = entry.group->schedule_timeout;
    turns_.want(now, key, stated && *stated > Duration() ? stated : std::nullopt);
  } else {
    turns_.leave(now, gang);
  }
}

// Volcano's controller makes a group's pods once the group is Inqueue. A group whose pods have started and
// are gone again has to pass anew.
void GangBook::want_enqueueing(GangId gang) {
  GangEntry& entry = gangs_[gang];
  if (!entry.group || entry.ref.dialect != model::PodGroupDialect::volcano) return;
  const std::string& said = entry.written ? entry.written->phase : entry.group->phase;
  if (said == "Inqueue" && !entry.enqueued && !entry.quorum()) keep_for_enqueued(entry);
  if (said == "Running" || said == "Completed") entry.enqueued = false;
  if (none(entry.group->min_resources)) entry.enqueued = true;
  if (entry.enqueued || entry.quorum()) return;
  const TurnKey key = turn_key(gang);
  to_enqueue_.insert(key);
  entry.enqueues_as = key;
}

void GangBook::keep_for_enqueued(GangEntry& entry) {
  entry.enqueued = true;
  release_enqueued(entry);
  entry.enqueued_for = entry.group->min_resources;
  enqueued_for_ += *entry.enqueued_for;
}

void GangBook::release_enqueued(GangEntry& entry) {
  if (!entry.enqueued_for) return;
  enqueued_for_ -= *entry.enqueued_for;
  entry.enqueued_for.reset();
}

void GangBook::enqueue(Instant now, const model::Resources& room) {
  std::vector<GangId> passed;
  for (const TurnKey& key : to_enqueue_) {
    GangEntry& entry = gangs_[key.gang];
    model::Resources wanted = entry.group->min_resources;
    wanted += enqueued_for_;
    if (first_lacking(wanted, room)) continue;
    keep_for_enqueued(entry);
    passed.push_back(key.gang);
  }
  for (const GangId gang : passed) settle(now, gang);
}

// A turn that passes frees what was kept for the gang before: the next one is tried at once.
void GangBook::follow_turn(Instant now) {
  const std::optional<GangId> holder = turns_.holder() ? std::optional(turns_.holder()->gang) : std::nullopt;
  if (holder == last_holder_) return;
  const bool passed_on = last_holder_.has_value();
  last_holder_ = holder;
  if (!holder) return;
  if (passed_on) gangs_[*holder].improved = true;
  settle(now, *holder);
}

void GangBook::step(Instant now) {
  turns_.step(now);
  follow_turn(now);
  while (!backing_off_.empty() && backing_off_.begin()->first <= now) settle(now, backing_off_.begin()->second);
}

std::optional<GangBook::Reservation> GangBook::reservation() const {
  if (!turns_.holder()) return std::nullopt;
  return Reservation{.gang = turns_.holder()->gang, .until = turns_.holder()->until};
}

std::optional<GangId> GangBook::ready_holder(std::int32_t priority) const {
  const auto& turn = turns_.holder();
  if (!turn) return std::nullopt;
  const std::optional<TurnKey>& key = gangs_[turn->gang].ready_as;
  const bool first = key && (turn->by_age || key->priority >= priority);
  return first ? std::optional(turn->gang) : std::nullopt;
}

void GangBook::take(Instant now, GangId gang) {
  EBB_CHECK(gangs_[gang].ready_as.has_value());
  gangs_[gang].phase = GangPhase::trying;
  settle(now, gang);
}

bool GangBook::has_ready(Instant now) const { return !ready_.empty() || (!backing_off_.empty() && backing_off_.begin()->first <= now); }

void GangBook::attempt_succeeded(Instant now, GangId gang) {
  GangEntry& entry = gangs_[gang];
  entry.failures = 0;
  entry.reason.clear();
  entry.retry_at.reset();
  if (entry.phase == GangPhase::trying) entry.phase = GangPhase::ready;
  settle(now, gang);
}

void GangBook::failed(Instant now, GangId gang, std::string reason, bool lacked_room) {
  GangEntry& entry = gangs_[gang];
  ++entry.failures;
  entry.reason = std::move(reason);
  entry.lacked_room = lacked_room;
  entry.improved = false;
  entry.retry_at = now + backoff(entry.failures);
  if (entry.phase == GangPhase::trying) entry.phase = GangPhase::ready;
  settle(now, gang);
}

void GangBook::attempt_failed(Instant now, GangId gang, std::string reason) { failed(now, gang, std::move(reason), true); }
void GangBook::bind_failed(Instant now, GangId gang, std::string reason) { failed(now, gang, std::move(reason), false); }

void GangBook::makes_room(Instant now, GangId gang, std::string reason) {
  GangEntry& entry = gangs_[gang];
  entry.makes_room = true;
  failed(now, gang, std::move(reason), true);
}

void GangBook::room_is_made(Instant now, GangId gang) {
  GangEntry& entry = gangs_[gang];
  entry.makes_room = false;
  entry.improved = true;
  entry.retry_at.reset();
  settle(now, gang);
}

void GangBook::room_is_lost(Instant now, GangId gang, std::string reason) {
  gangs_[gang].makes_room = false;
  failed(now, gang, std::move(reason), true);
}

void GangBook::wake(Instant now, GangId gang) {
  GangEntry& entry = gangs_[gang];
  if (entry.failures == 0 || entry.improved) return;
  entry.improved = true;
  settle(now, gang);
}

void GangBook::capacity_freed(Instant now) {
  const std::set<GangId> waiting = std::exchange(waiting_, {});
  for (const GangId gang : waiting) {
    gangs_[gang].improved = true;
    settle(now, gang);
  }
}

Status GangBook::fits(GangId gang, const model::Resources& free) const {
  const GangEntry& entry = gangs_[gang];
  if (!entry.group || none(entry.group->min_resources) || entry.placed_count() > 0) return {};
  model::Resources wanted = entry.group->min_resources;
  if (entry.ref.dialect == model::PodGroupDialect::scheduler_plugins) wanted.pods = entry.min();
  if (const auto lacking = first_lacking(wanted, free)) {
    return fail(Errc::unavailable, "of the minResources of PodGroup {} not enough is free, {}", model::to_string(entry.ref.key), *lacking);
  }
  return {};
}

std::optional<Instant> GangBook::next_wake() const {
  if (!ready_.empty() || !status_due_.empty()) return Instant();
  std::optional<Instant> wake = turns_.next_wake();
  const auto sooner = [&](Instant at) {
    if (!wake || at < *wake) wake = at;
  };
  if (!backing_off_.empty()) sooner(backing_off_.begin()->first);
  if (!status_later_.empty()) sooner(status_later_.begin()->first);
  return wake;
}

}   // namespace ebb::core::gangs
