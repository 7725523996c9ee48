#include "sandbox/store/object_store.h"

#include "base/check.h"

#include <algorithm>

namespace ebb::sandbox {

namespace {

// Text that nothing but the history holds once the event has happened.
std::size_t superseded_bytes(const StoreEvent& event) {
  std::size_t bytes = event.previous ? event.previous->text->size() : 0;
  if (event.type == EventType::deleted) bytes += event.object->text->size();
  return bytes;
}

}   // namespace

StoredPtr Collection::find(const model::ObjectKey& key) const {
  const auto at = objects_.find(key);
  return at == objects_.end() ? nullptr : at->second;
}

std::vector<StoredPtr> Collection::range(const std::string& ns) const {
  std::vector<StoredPtr> found;
  if (ns.empty()) {
    found.reserve(objects_.size());
    for (const auto& [key, object] : objects_) found.push_back(object);
    return found;
  }
  for (auto at = objects_.lower_bound({ns, ""}); at != objects_.end() && at->first.ns == ns; ++at) found.push_back(at->second);
  return found;
}

Result<std::vector<StoredPtr>> Collection::range_at(const std::string& ns, std::uint64_t version) const {
  if (version < forgotten_) return fail(Errc::expired, "too old resource version: {} ({})", version, forgotten_);
  std::uint64_t sequence = sequence_after(version);
  if (sequence == end_sequence()) return range(ns);
  std::map<model::ObjectKey, StoredPtr> then;   // what the first later event of each key replaced
  for (; sequence < end_sequence(); ++sequence) {
    const StoreEvent& event = events_[sequence - first_sequence_];
    if (ns.empty() || event.object->key.ns == ns) then.emplace(event.object->key, event.previous);
  }
  std::vector<StoredPtr> found;
  const auto add = [&found](const StoredPtr& object) {
    if (object) found.push_back(object);
  };
  auto replaced = then.begin();
  for (const auto& object : range(ns)) {
    for (; replaced != then.end() && replaced->first < object->key; ++replaced) add(replaced->second);
    if (replaced != then.end() && replaced->first == object->key) {
      add(replaced->second);
      ++replaced;
    } else {
      found.push_back(object);
    }
  }
  for (; replaced != then.end(); ++replaced) add(replaced->second);
  return found;
}

std::uint64_t Collection::sequence_after(std::uint64_t version) const {
  const auto at = std::ranges::upper_bound(events_, version, {}, &StoreEvent::version);
  return first_sequence_ + static_cast<std::uint64_t>(at - events_.begin());
}

const StoreEvent* Collection::event(std::uint64_t sequence) const {
  if (sequence < first_sequence_ || sequence >= end_sequence()) return nullptr;
  return &events_[sequence - first_sequence_];
}

void Collection::append(StoreEvent event, const HistoryLimits& limits) {
  history_bytes_ += superseded_bytes(event);
  const Instant now = event.time;
  events_.push_back(std::move(event));
  trim(now, limits);
  tell();
}

void Collection::tell() {
  for (std::size_t i = 0; i < listeners_.size(); ++i) listeners_[i]->changed();
}

void Collection::trim(Instant now, const HistoryLimits& limits) {
  // The newest event always stays: whoever has just caused it may watch from it.
  while (events_.size() > 1) {
    const StoreEvent& oldest = events_.front();
    const bool keep = events_.size() <= limits.events && history_bytes_ <= limits.bytes && now - oldest.time <= limits.age;
    if (keep) return;
    history_bytes_ -= superseded_bytes(oldest);
    forgotten_ = oldest.version;
    events_.pop_front();
    ++first_sequence_;
  }
}

Collection& ObjectStore::collection(const Place& place) {
  const auto [at, fresh] = collections_.try_emplace(place);
  if (fresh) at->second.forgotten_ = restored_;
  return at->second;
}

const StoreEvent& ObjectStore::put(Collection& collection, StoredPtr object, Instant now) {
  EBB_CHECK(object->resource_version == next_version());
  version_ = object->resource_version;
  last_write_ = now;
  StoredPtr& slot = collection.objects_[object->key];
  StoreEvent event;
  event.type = slot ? EventType::modified : EventType::added;
  event.version = version_;
  event.time = now;
  event.object = object;
  event.previous = std::exchange(slot, std::move(object));
  collection.append(std::move(event), limits_);
  return collection.events_.back();
}

const StoreEvent& ObjectStore::erase(Collection& collection, StoredPtr final_state, Instant now) {
  EBB_CHECK(final_state->resource_version == next_version());
  const auto at = collection.objects_.find(final_state->key);
  EBB_CHECK(at != collection.objects_.end());
  version_ = final_state->resource_version;
  last_write_ = now;
  StoreEvent event;
  event.type = EventType::deleted;
  event.version = version_;
  event.time = now;
  event.object = std::move(final_state);
  event.previous = std::move(at->second);
  collection.objects_.erase(at);
  collection.append(std::move(event), limits_);
  return collection.events_.back();
}

void ObjectStore::close(Collection& collection) {
  ++collection.epoch_;
  collection.tell();
}

void ObjectStore::restore(Collection& collection, StoredPtr object) {
  version_ = std::max(version_, object->resource_version);
  model::ObjectKey key = object->key;
  collection.objects_.insert_or_assign(std::move(key), std::move(object));
}

void ObjectStore::begin_at(std::uint64_t version) {
  version_ = std::max(version_, version);
  compacted_ = version_;
  restored_ = version_;
  for (auto& [place, collection] : collections_) {
    collection.first_sequence_ += collection.events_.size();
    collection.events_.clear();
    collection.history_bytes_ = 0;
    collection.forgotten_ = version_;
  }
}

void ObjectStore::age(Instant now) {
  if (marks_.empty() || now - marks_.back().first >= Duration{limits_.age.v / 10}) {
    marks_.emplace_back(now, version_);
    for (auto& [place, collection] : collections_) collection.trim(now, limits_);
  }
  while (!marks_.empty() && now - marks_.front().first > limits_.age) {
    compacted_ = std::max(compacted_, marks_.front().second);
    marks_.pop_front();
  }
  if (now - last_write_ > limits_.age) compacted_ = version_;
}

}   // namespace ebb::sandbox
