#include "sandbox/controllers/conditions.h"

#include "model/timestamp.h"
#include "sandbox/controllers/fields.h"

namespace ebb::sandbox::control {

namespace {

json::array& list_of(json::object& status) {
  json::value& list = status["conditions"];
  if (!list.is_array()) list.emplace_array();
  return list.get_array();
}

}   // namespace

const json::object* find_condition(const json::object& status, std::string_view type) {
  const json::array* list = array_at(status, "conditions");
  if (list == nullptr) return nullptr;
  for (const auto& item : *list) {
    if (item.is_object() && text_at(item.get_object(), "type") == type) return &item.get_object();
  }
  return nullptr;
}

bool condition_is(const json::object& status, std::string_view type, std::string_view value) {
  const json::object* found = find_condition(status, type);
  return found != nullptr && text_at(*found, "status") == value;
}

bool set_condition(json::object& status, const Condition& condition, Instant now, Stamp stamp, bool keep_message) {
  const std::string time = model::to_timestamp_text(now);
  std::string transition = time;
  if (const json::object* current = find_condition(status, condition.type)) {
    const bool same_status = text_at(*current, "status") == condition.status;
    const bool same_reason = text_at(*current, "reason") == condition.reason;
    const bool same_message = text_at(*current, "message") == condition.message;
    if (same_status && same_reason && (keep_message || same_message)) return false;
    if (same_status) transition = text_at(*current, "lastTransitionTime");
  }
  json::object entry{{"type", condition.type}, {"status", condition.status}};
  if (stamp == Stamp::with_update_time) entry["lastUpdateTime"] = time;
  if (stamp == Stamp::with_probe_time) entry["lastProbeTime"] = time;
  entry["lastTransitionTime"] = transition;
  if (!condition.reason.empty()) entry["reason"] = condition.reason;
  if (!condition.message.empty()) entry["message"] = condition.message;

  json::array& list = list_of(status);
  for (auto& item : list) {
    if (item.is_object() && text_at(item.get_object(), "type") == condition.type) {
      item = std::move(entry);
      return true;
    }
  }
  list.push_back(std::move(entry));
  return true;
}

bool drop_condition(json::object& status, std::string_view type) {
  if (find_condition(status, type) == nullptr) return false;
  json::array kept;
  for (const auto& item : list_of(status)) {
    if (!item.is_object() || text_at(item.get_object(), "type") != type) kept.push_back(item);
  }
  if (kept.empty()) {
    status.erase("conditions");
  } else {
    status["conditions"] = std::move(kept);
  }
  return true;
}

}   // namespace ebb::sandbox::control
