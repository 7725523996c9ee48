#include "core/placement/policy_telling.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <variant>

namespace ebb::core::placement {
namespace {

constexpr Duration kFirstWait = seconds(1);
constexpr Duration kLongestWait = seconds(60);
constexpr int kAttemptsMax = 10;

bool worth_another_try(const Error& error) {
  switch (error.code) {
    case Errc::unavailable:
    case Errc::overloaded:
    case Errc::io:
    case Errc::conflict: return true;
    default: return false;
  }
}

Duration wait_after(int failures) {
  Duration wait = kFirstWait;
  for (int i = 1; i < failures && wait < kLongestWait; ++i) wait = wait * 2;
  return std::min(wait, kLongestWait);
}

// What an action is about; of two about the same only the later one is true.
std::tuple<std::size_t, std::string, model::ObjectKey> subject(const model::ClusterAction& action) {
  if (const auto* event = std::get_if<model::PostEvent>(&action)) return {action.index(), event->regarding.kind, event->regarding.key};
  if (const auto* condition = std::get_if<model::SetPolicyCondition>(&action)) return {action.index(), "", condition->policy};
  if (const auto* keep = std::get_if<model::KeepAcceptedPolicy>(&action)) return {action.index(), keep->document.kind, keep->document.key};
  return {action.index(), "", {}};
}

}   // namespace

void PolicyTelling::told(std::vector<Numbered> actions) {
  for (const Numbered& news : actions) {
    const auto about = subject(news.second);
    std::erase_if(entries_, [&](const Entry& entry) { return subject(entry.action) == about; });
  }
  for (Numbered& news : actions) entries_.push_back({.id = news.first, .action = std::move(news.second), .failures = 0, .retry_at = {}});
}

void PolicyTelling::done(Instant now, const model::ActionDone& done) {
  const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) { return entry.id == done.id && !entry.retry_at; });
  if (found == entries_.end()) return;
  if (!done.error || !worth_another_try(*done.error) || ++found->failures >= kAttemptsMax) {
    entries_.erase(found);
    return;
  }
  found->retry_at = now + wait_after(found->failures);
}

std::optional<Instant> PolicyTelling::next_due() const {
  std::optional<Instant> next;
  for (const Entry& entry : entries_) {
    if (entry.retry_at && (!next || *entry.retry_at < *next)) next = entry.retry_at;
  }
  return next;
}

}   // namespace ebb::core::placement
