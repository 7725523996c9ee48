#include "sandbox/api/event_watch.h"

#include "sandbox/api/tree.h"

#include <algorithm>
#include <utility>

namespace ebb::sandbox {

namespace {

constexpr Duration kBookmarkInterval = minutes(1);
constexpr Instant kNoTime{INT64_MAX};

Piece prefix_of(std::string_view type) {
  static const std::vector<std::pair<std::string, Piece>> kPrefixes = [] {
    std::vector<std::pair<std::string, Piece>> made;
    for (const char* name : {"ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"}) {
      made.emplace_back(name, piece(fmt::format(R"({{"type":"{}","object":)", name)));
    }
    return made;
  }();
  return std::ranges::find(kPrefixes, type, &std::pair<std::string, Piece>::first)->second;
}

std::string_view type_name(EventType type) {
  return type == EventType::added ? "ADDED" : type == EventType::modified ? "MODIFIED" : "DELETED";
}

// A piece that is made once per event and key.
template <class Make>
Piece cached(const StoreEvent& event, std::string key, Make make) {
  const auto at = std::ranges::find(event.rendered, key, &std::pair<std::string, Piece>::first);
  if (at != event.rendered.end()) return at->second;
  return event.rendered.emplace_back(std::move(key), make()).second;
}

}   // namespace

EventWatch::EventWatch(const ObjectStore& store, Collection& collection, Rendition rendition, Selection selection, WatchStart start)
    : store_(store),
      collection_(collection),
      rendition_(std::move(rendition)),
      selection_(std::move(selection)),
      start_(std::move(start)),
      sequence_(collection.sequence_after(start_.version)),
      epoch_(collection.epoch()),
      last_bookmark_(start_.begun),
      now_(start_.begun) {
  collection_.subscribe(this);
}

EventWatch::~EventWatch() { collection_.unsubscribe(this); }

bool EventWatch::wanted(const StoredPtr& object) const {
  return object != nullptr && (start_.ns.empty() || object->key.ns == start_.ns) && selection_.matches(*object);
}

Instant EventWatch::next_bookmark() const { return start_.bookmarks && !finished_ ? last_bookmark_ + kBookmarkInterval : kNoTime; }

void EventWatch::bookmark(Instant now) {
  now_ = now;
  last_bookmark_ = now;
  if (!start_.bookmarks) return;
  bookmark_due_ = true;
  changed();
}

void EventWatch::on_ready(std::function<void()> wake) {
  wake_ = std::move(wake);
  if (pending()) changed();
}

bool EventWatch::pending() const {
  return start_.failure || start_.announce_end_of_initial || initial_sent_ < start_.initial.size() || bookmark_due_ ||
         sequence_ < collection_.end_sequence() || epoch_ != collection_.epoch();
}

void EventWatch::changed() {
  if (signalled_ || finished_ || !wake_) return;
  signalled_ = true;
  wake_();
}

Piece EventWatch::rendered(const StoreEvent& event) const {
  std::string key = rendition_.cache_key();
  if (key.empty()) return rendition_.event_object(*event.object, event.time);
  return cached(event, std::move(key), [&] { return rendition_.event_object(*event.object, event.time); });
}

// An object that no longer matches leaves as it last matched, under the version of the event.
Piece EventWatch::rendered_departure(const StoreEvent& event) const {
  const auto make = [&] {
    Stored departed = *event.previous;
    json::object object = departed.parse();
    ensure_object(object, "metadata")["resourceVersion"] = fmt::format("{}", event.version);
    departed.resource_version = event.version;
    departed.text = piece(json::serialize(object));
    return rendition_.event_object(departed, event.time);
  };
  const std::string key = rendition_.cache_key();
  return key.empty() ? make() : cached(event, "departed/" + key, make);
}

void EventWatch::add_line(std::string_view type, Piece object, std::vector<Piece>& pieces, std::size_t& bytes) const {
  static const Piece kEnd = piece("}\n");
  pieces.push_back(prefix_of(type));
  bytes += object->size() + pieces.back()->size() + kEnd->size();
  pieces.push_back(std::move(object));
  pieces.push_back(kEnd);
}

void EventWatch::add_event(const StoreEvent& event, std::vector<Piece>& pieces, std::size_t& bytes) {
  const bool now = wanted(event.object);
  if (event.type == EventType::deleted) {
    if (now || wanted(event.previous)) add_line("DELETED", rendered(event), pieces, bytes);
    return;
  }
  const bool before = wanted(event.previous);
  if (now) {
    add_line(before || selection_.everything() ? type_name(event.type) : "ADDED", rendered(event), pieces, bytes);
  } else if (before) {
    add_line("DELETED", rendered_departure(event), pieces, bytes);
  }
}

void EventWatch::add_initial(std::vector<Piece>& pieces, std::size_t& bytes, std::size_t bytes_max) {
  while (initial_sent_ < start_.initial.size() && bytes < bytes_max) {
    add_line("ADDED", rendition_.event_object(*start_.initial[initial_sent_++], now_), pieces, bytes);
  }
  if (initial_sent_ < start_.initial.size()) return;
  start_.initial.clear();
  initial_sent_ = 0;
  if (std::exchange(start_.announce_end_of_initial, false)) {
    add_line("BOOKMARK", bookmark_object(start_.version, true), pieces, bytes);
  }
}

void EventWatch::fail_with(const Failure& failure, std::vector<Piece>& pieces, std::size_t& bytes) {
  add_line("ERROR", piece(json::serialize(to_status(failure))), pieces, bytes);
  finished_ = true;
}

std::vector<Piece> EventWatch::take(std::size_t bytes_max) {
  signalled_ = false;
  std::vector<Piece> pieces;
  std::size_t bytes = 0;
  if (finished_) return pieces;
  if (start_.failure) {
    fail_with(*start_.failure, pieces, bytes);
    return pieces;
  }
  add_initial(pieces, bytes, bytes_max);
  while (start_.initial.empty() && bytes < bytes_max && sequence_ < collection_.end_sequence()) {
    const StoreEvent* event = collection_.event(sequence_);
    if (event == nullptr) {
      fail_with(expired(fmt::format("too old resource version: {} ({})", start_.version, collection_.oldest_version())).error(), pieces,
                bytes);
      return pieces;
    }
    ++sequence_;
    start_.version = event->version;
    add_event(*event, pieces, bytes);
  }
  const bool drained = start_.initial.empty() && sequence_ == collection_.end_sequence();
  if (bookmark_due_ && drained) {
    bookmark_due_ = false;
    add_line("BOOKMARK", bookmark_object(store_.version(), false), pieces, bytes);
  }
  if (drained && epoch_ != collection_.epoch()) finished_ = true;
  if (!drained) changed();
  return pieces;
}

Piece EventWatch::bookmark_object(std::uint64_t version, bool end_of_initial) const {
  json::object metadata{{"resourceVersion", fmt::format("{}", version)}, {"creationTimestamp", nullptr}};
  if (end_of_initial) metadata["annotations"] = json::object{{"k8s.io/initial-events-end", "true"}};
  json::object object;
  const std::string meta_version = "meta.k8s.io/" + rendition_.negotiated.meta_version;
  switch (rendition_.negotiated.form) {
    case Form::whole: object = {{"kind", rendition_.kind->kind.kind}, {"apiVersion", rendition_.kind->api_version()}}; break;
    case Form::metadata: object = {{"kind", "PartialObjectMetadata"}, {"apiVersion", meta_version}}; break;
    case Form::table:
      object = {{"kind", "Table"}, {"apiVersion", meta_version}, {"columnDefinitions", json::array()}, {"rows", json::array()}};
      break;
  }
  object["metadata"] = std::move(metadata);
  return piece(json::serialize(object));
}

}   // namespace ebb::sandbox
