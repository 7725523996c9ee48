#include "services/scheduler.h"

#include <algorithm>
#include <utility>

namespace ebb::services {

SchedulerService::SchedulerService(ports::Cluster& cluster, SchedulerOptions options)
    : cluster_(cluster), options_(std::move(options)), placement_(options_.placement) {}

Turn SchedulerService::run_once(Instant now) {
  Turn turn;
  core::placement::Actions actions;
  std::vector<model::ClusterEvent> events = cluster_.take_events(options_.events_per_turn, patience(now));
  // Results first: an event that was seen may be the consequence of an action that was answered.
  const std::vector<model::ActionDone> results = cluster_.take_results();
  turn.events = events.size();
  turn.results = results.size();
  for (const model::ActionDone& done : results) placement_.step(now, done, actions);
  for (model::ClusterEvent& event : events) placement_.step(now, std::move(event), actions);
  placement_.schedule(now, actions, options_.pods_per_turn);
  turn.actions = actions.size();
  for (core::placement::NumberedAction& action : actions) cluster_.submit(action.id, std::move(action.action));
  return turn;
}

Duration SchedulerService::patience(Instant now) const {
  const auto wake = placement_.next_wake();
  if (!wake) return options_.patience;
  if (*wake <= now) return Duration{};
  return std::min(options_.patience, *wake - now);
}

}   // namespace ebb::services
