// What the book says about its gangs: statuses for the API server, sentences for people.

#include "core/gangs/gang_book.h"
#include "core/gangs/group_status.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ebb::core::gangs {
namespace {

// What the object is known to say. Its counts are known only once we have written them.
bool told(const GangEntry& entry, const model::SetPodGroupStatus& wanted) {
  if (entry.written) {
    const model::SetPodGroupStatus& last = *entry.written;
    const bool same_condition =
        wanted.condition_type.empty() || (condition_text(last) == condition_text(wanted) && last.message == wanted.message);
    return last.phase == wanted.phase && last.running == wanted.running && last.succeeded == wanted.succeeded &&
           last.failed == wanted.failed && same_condition;
  }
  const bool same_condition = wanted.condition_type.empty() || entry.group->condition == condition_text(wanted);
  return wanted.dialect == model::PodGroupDialect::kubernetes && same_condition;
}

}   // namespace

void GangBook::mark_status(Instant now, GangId gang) {
  GangEntry& entry = gangs_[gang];
  if (!entry.group) return;
  if (!entry.status_since) entry.status_since = now;
  status_due_.insert(gang);
}

void GangBook::clear_status(GangId gang) {
  GangEntry& entry = gangs_[gang];
  status_due_.erase(gang);
  if (!entry.status_since) return;
  status_later_.erase({*entry.status_since + options_.status_interval, gang});
  entry.status_since.reset();
}

// A status whose phase stays waits a moment, so that what changes together is written together.
void GangBook::take_status(Instant now, GangId gang, std::vector<model::SetPodGroupStatus>& out) {
  GangEntry& entry = gangs_[gang];
  std::optional<model::SetPodGroupStatus> wanted = wanted_status(entry);
  if (!wanted || told(entry, *wanted)) {
    clear_status(gang);
    return;
  }
  const std::string& phase = entry.written ? entry.written->phase : entry.group->phase;
  const Instant at = *entry.status_since + options_.status_interval;
  if (phase == wanted->phase && now < at) {
    status_later_.emplace(at, gang);
    return;
  }
  clear_status(gang);
  entry.written = wanted;
  out.push_back(*std::move(wanted));
}

std::vector<model::SetPodGroupStatus> GangBook::take_statuses(Instant now, std::size_t most) {
  std::vector<model::SetPodGroupStatus> out;
  while (!status_later_.empty() && status_later_.begin()->first <= now) {
    status_due_.insert(status_later_.begin()->second);
    status_later_.erase(status_later_.begin());
  }
  while (!status_due_.empty() && out.size() < most) {
    const GangId gang = *status_due_.begin();
    status_due_.erase(status_due_.begin());
    take_status(now, gang, out);
  }
  return out;
}

void GangBook::status_failed(Instant now, const GroupRef& group) {
  const auto gang = find(group);
  if (!gang || !gangs_[*gang].written) return;
  GangEntry& entry = gangs_[*gang];
  entry.written.reset();
  if (entry.status_since || !entry.group) return;
  entry.status_since = now;
  status_later_.emplace(now + options_.status_interval, *gang);
}

std::string GangBook::waiting_sentence(const GangEntry& entry) const {
  if (const Shortfall shortfall = entry.shortfall(); shortfall && !entry.quorum()) return shortfall.sentence(entry.ref);
  const std::int32_t open = std::max(1, entry.min() - entry.placed_count());
  switch (entry.phase) {
    case GangPhase::waiting_for_capacity:
      return fmt::format("{} members must find room at once, and it is not there: {}", open, entry.reason);
    case GangPhase::making_room: return fmt::format("{} members must start together, and room is being made: {}", open, entry.reason);
    case GangPhase::backing_off:
      return fmt::format("{} members must start together, which failed {} times: {}", open, entry.failures, entry.reason);
    case GangPhase::ready:
    case GangPhase::trying:
      return entry.held ? fmt::format("{} members must start together and are about to be tried", open) : std::string();
    default: return {};
  }
}

GangExplanation GangBook::explain(GangId gang) const {
  const GangEntry& entry = gangs_[gang];
  GangExplanation out{.group = entry.ref, .phase = entry.phase, .min = entry.min()};
  out.placed = entry.placed_count();
  out.present = out.placed + entry.counts.of(MemberState::pending);
  out.running = entry.counts.with_leaving(MemberState::running);
  out.waiting_for = waiting_sentence(entry);
  if (entry.phase == GangPhase::backing_off) out.next_try = entry.retry_at;
  if (const auto held = reservation(); held && held->gang == gang) out.reservation_until = held->until;
  const auto in_line = [](const GangEntry& other) {
    return other.held && (other.phase == GangPhase::ready || other.phase == GangPhase::trying || other.phase == GangPhase::backing_off ||
                          other.phase == GangPhase::waiting_for_capacity);
  };
  if (!in_line(entry)) return out;
  const TurnKey own = turn_key(gang);
  out.position = 0;
  for (const auto& [ref, other] : by_ref_) {
    if (other != gang && in_line(gangs_[other]) && turn_key(other) < own) ++*out.position;
  }
  return out;
}

}   // namespace ebb::core::gangs
