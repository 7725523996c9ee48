#include "kube/event_poster.h"

#include "kube/objects.h"
#include "model/timestamp.h"

#include <boost/json.hpp>

#include <algorithm>
#include <optional>

namespace ebb::kube {
namespace {

namespace json = boost::json;

constexpr std::size_t kNoteBytesMax = 1024;   // what the API server allows
constexpr std::size_t kWordBytesMax = 128;

json::string text(std::string_view value) { return json::string(value.data(), value.size()); }

}   // namespace

std::string_view cut_text(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

Status EventPoster::post(const model::PostEvent& event, const Stop* stop) {
  const std::string ns = event.regarding.key.ns.empty() ? "default" : event.regarding.key.ns;
  const Key key{
      event.regarding.kind, model::to_string(event.regarding.key), event.regarding.uid.v, event.warning, event.reason, event.note};
  const Instant now = options_.now();
  std::optional<Series> write;
  {
    const std::lock_guard lock(mutex_);
    const auto found = series_.find(key);
    if (found != series_.end() && now - found->second.last < options_.series_ends) {
      Series& series = found->second;
      series.last = now;
      ++series.count;
      if (series.count > 2 && now - series.written < options_.series_written) return {};
      series.written = now;
      write = series;
    }
  }
  if (!write) return create(event, ns, key, now, stop);
  const json::object patch{
      {"series", json::object{{"count", write->count}, {"lastObservedTime", text(model::to_micro_timestamp_text(write->last))}}}};
  auto patched = patch_object(client_, resources::kEvents, {write->ns, write->name}, PatchKind::merge, patch, {.stop = stop});
  if (patched) return {};
  if (patched.error().code != Errc::not_found) return std::unexpected(std::move(patched).error());
  return create(event, ns, key, now, stop);   // the server keeps events for an hour only
}

Status EventPoster::create(const model::PostEvent& event, const std::string& ns, const Key& key, Instant now, const Stop* stop) {
  std::uint64_t stamp = 0;
  {
    const std::lock_guard lock(mutex_);
    stamp = last_name_ = std::max(last_name_ + 1, static_cast<std::uint64_t>(now.v));
  }
  const std::string name = fmt::format("{}.{:x}", cut_text(event.regarding.key.name, 230), stamp);
  json::object regarding{
      {"apiVersion", text(event.regarding.api_version)}, {"kind", text(event.regarding.kind)}, {"name", text(event.regarding.key.name)}};
  if (!event.regarding.key.ns.empty()) regarding["namespace"] = text(event.regarding.key.ns);
  if (!event.regarding.uid.empty()) regarding["uid"] = text(event.regarding.uid.v);
  json::object object;
  object["apiVersion"] = "events.k8s.io/v1";
  object["kind"] = "Event";
  object["metadata"] = json::object{{"name", text(name)}, {"namespace", text(ns)}};
  object["eventTime"] = text(model::to_micro_timestamp_text(now));
  object["reportingController"] = text(options_.controller);
  object["reportingInstance"] = text(cut_text(options_.instance, kWordBytesMax));
  object["type"] = event.warning ? "Warning" : "Normal";
  object["reason"] = text(cut_text(event.reason, kWordBytesMax));
  object["action"] = text(cut_text(event.action.empty() ? event.reason : event.action, kWordBytesMax));
  object["note"] = text(cut_text(event.note, kNoteBytesMax));
  object["regarding"] = std::move(regarding);
  auto created = create_object(client_, resources::kEvents, ns, object, {.stop = stop});
  if (!created) return std::unexpected(std::move(created).error());
  const std::lock_guard lock(mutex_);
  make_room(now);
  series_.insert_or_assign(key, Series{.ns = ns, .name = name, .count = 1, .last = now, .written = now});
  return {};
}

void EventPoster::make_room(Instant now) {
  if (series_.size() < options_.series_max) return;
  std::erase_if(series_, [&](const auto& entry) { return now - entry.second.last >= options_.series_ends; });
  if (series_.size() < options_.series_max) return;
  const auto oldest =
      std::min_element(series_.begin(), series_.end(), [](const auto& a, const auto& b) { return a.second.last < b.second.last; });
  series_.erase(oldest);
}

}   // namespace ebb::kube
