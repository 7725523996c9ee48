#include "sandbox/controllers/event_expiry.h"

#include "sandbox/controllers/fields.h"
#include "sandbox/controllers/resource_ids.h"
#include "sandbox/store/stored.h"

#include <algorithm>

namespace ebb::sandbox {

namespace {

constexpr Duration kEventLife = hours(1);

Instant last_written(const json::object& event) {
  Instant last{0};
  for (const std::string_view path : {"metadata.creationTimestamp", "lastTimestamp", "eventTime", "series.lastObservedTime"}) {
    last = std::max(last, control::time_at(event, path).value_or(last));
  }
  return last;
}

}   // namespace

EventExpiry::EventExpiry(Api& api) : client_(api, "event-expiry") {
  for (const auto& event : api.list(control::resources::kEvents)) queue_.add_at(event->key, last_written(event->parse()) + kEventLife);
}

void EventExpiry::observe(const Change& change) {
  if (!control::resources::same(change.resource, control::resources::kEvents)) return;
  // A queue keeps the earliest of several times, and writing an event puts its end off.
  queue_.forget(change.object->key);
  if (change.type == ChangeType::deleted) {
    written_.erase(change.object->key);
  } else {
    written_.insert(change.object->key);
  }
}

Instant EventExpiry::run(Instant now) {
  for (const auto& key : written_) queue_.add_at(key, now + kEventLife);
  written_.clear();
  return control::drain(queue_, now,
                        [&](const model::ObjectKey& key) { return client_.remove(control::resources::kEvents, key, {}, now).has_value(); });
}

}   // namespace ebb::sandbox
