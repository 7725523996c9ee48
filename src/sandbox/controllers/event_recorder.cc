#include "sandbox/controllers/event_recorder.h"

#include "model/timestamp.h"
#include "sandbox/controllers/fields.h"
#include "sandbox/controllers/resource_ids.h"

#include <algorithm>
#include <utility>

namespace ebb::sandbox::control {

namespace {

constexpr std::size_t kRemembered = 4096;
constexpr std::int64_t kBurst = 25;
constexpr Duration kRefill = minutes(5);
constexpr std::size_t kDifferentMessages = 10;
constexpr Duration kSimilarFor = minutes(10);

json::object reference_to(const json::object& about) {
  return {{"kind", text_at(about, "kind")},
          {"namespace", text_at(about, "metadata.namespace")},
          {"name", text_at(about, "metadata.name")},
          {"uid", uid_of(about)},
          {"apiVersion", text_at(about, "apiVersion")},
          {"resourceVersion", text_at(about, "metadata.resourceVersion")}};
}

}   // namespace

bool EventRecorder::admit(const std::string& flood_key, Instant now) {
  if (buckets_.size() >= kRemembered && !buckets_.contains(flood_key)) buckets_.clear();
  auto [place, fresh] = buckets_.try_emplace(flood_key, Bucket{kBurst, now});
  Bucket& bucket = place->second;
  const std::int64_t earned = (now - bucket.refilled).v / kRefill.v;
  if (earned > 0) {
    bucket.tokens = std::min(kBurst, bucket.tokens + earned);
    bucket.refilled = bucket.refilled + kRefill * earned;
  }
  if (bucket.tokens == 0) return false;
  --bucket.tokens;
  return true;
}

bool EventRecorder::too_similar(const std::string& flood_key, const std::string& message, Instant now) {
  if (similar_.size() >= kRemembered && !similar_.contains(flood_key)) similar_.clear();
  Similar& similar = similar_[flood_key];
  if (now - similar.last > kSimilarFor) similar.messages.clear();
  similar.last = now;
  if (similar.messages.contains(message)) return false;
  if (similar.messages.size() >= kDifferentMessages) return true;
  similar.messages.insert(message);
  return similar.messages.size() >= kDifferentMessages;
}

bool EventRecorder::count_again(const Known& known, const std::string& ns, const std::string& message, Instant now) {
  bool found = false;
  const auto written = client_.modify(resources::kEvents, {ns, known.name}, {}, {}, now, [&](json::object& event) {
    found = true;
    event["count"] = known.count;
    event["message"] = message;
    event["lastTimestamp"] = model::to_timestamp_text(now);
    return true;
  });
  return found && written.has_value();
}

void EventRecorder::record(const json::object& about, const Said& said, Instant now) {
  const std::string ns = text_at(about, "metadata.namespace");
  const std::string event_ns = ns.empty() ? "default" : ns;
  const std::string flood_key = fmt::format("{} {} {}", said.component, uid_of(about), said.reason);
  if (!admit(flood_key, now)) return;

  if (known_.size() >= kRemembered) known_.clear();
  const bool shared = too_similar(flood_key, said.message, now);
  const std::string message = shared ? fmt::format("(combined from similar events): {}", said.message) : said.message;
  Known& known = known_[fmt::format("{} {} {}", flood_key, said.type, shared ? "" : said.message)];
  ++known.count;
  if (known.count > 1 && count_again(known, event_ns, message, now)) return;

  known.count = 1;
  known.name = fmt::format("{}.{:x}", text_at(about, "metadata.name"), static_cast<std::uint64_t>(now.v) + serial_++);
  const std::string time = model::to_timestamp_text(now);
  json::object event{{"apiVersion", "v1"},
                     {"kind", "Event"},
                     {"metadata", json::object{{"name", known.name}, {"namespace", event_ns}}},
                     {"involvedObject", reference_to(about)},
                     {"reason", said.reason},
                     {"message", message},
                     {"source", json::object{{"component", said.component}}},
                     {"firstTimestamp", time},
                     {"lastTimestamp", time},
                     {"count", 1},
                     {"type", said.type},
                     {"reportingComponent", said.component}};
  if (!client_.create(resources::kEvents, std::move(event), now)) known.count = 0;
}

}   // namespace ebb::sandbox::control
