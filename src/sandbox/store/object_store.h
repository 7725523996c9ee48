#pragma once

// The sandbox's objects under one global resource version, and what happened to them lately.
//
//   Collection (one per resource):   key -> object now
//                                    events: version 17 modified, 19 deleted, ...   (bounded)
//
// A watch is a cursor into the events, so a thousand watches cost a thousand cursors. A list at an
// older version is the present with the later events taken back: chunked lists need no snapshots.

#include "base/result.h"
#include "base/time.h"
#include "sandbox/store/stored.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ebb::sandbox {

// Where objects are kept: without version, since all versions of a kind share their objects.
struct Place {
  std::string group, resource;
  friend auto operator<=>(const Place&, const Place&) = default;
};

enum class EventType { added, modified, deleted };

struct StoreEvent {
  EventType type = EventType::added;
  std::uint64_t version = 0;
  Instant time;
  StoredPtr object;     // deleted: its last state, under the deletion's version
  StoredPtr previous;   // null for added
  // The event in other forms than the stored one, so that they are made once for all watches.
  mutable std::vector<std::pair<std::string, std::shared_ptr<const std::string>>> rendered;
};

// Told after each event of a collection. It must only note it.
class CollectionListener {
 public:
  virtual ~CollectionListener() = default;
  virtual void changed() = 0;
};

struct HistoryLimits {
  Duration age = minutes(5);
  std::size_t events = 100'000;
  std::size_t bytes = 128u << 20;   // of text that only the history holds
};

class Collection final {
 public:
  using Objects = std::map<model::ObjectKey, StoredPtr>;

  StoredPtr find(const model::ObjectKey& key) const;
  const Objects& objects() const { return objects_; }
  // The objects of one namespace (all for an empty one), from the first key after `after` on.
  std::vector<StoredPtr> range(const std::string& ns) const;
  // The same as they were at `version`, in order of key. Errors: expired.
  Result<std::vector<StoredPtr>> range_at(const std::string& ns, std::uint64_t version) const;

  // Everything after this version is still known.
  std::uint64_t oldest_version() const { return forgotten_; }
  // Events are numbered without gaps; a version's successor has this number.
  std::uint64_t sequence_after(std::uint64_t version) const;
  std::uint64_t end_sequence() const { return first_sequence_ + events_.size(); }
  const StoreEvent* event(std::uint64_t sequence) const;   // null: forgotten or not yet happened

  // Rises when the resource is no longer served: watches that began before end.
  std::uint64_t epoch() const { return epoch_; }

  void subscribe(CollectionListener* listener) { listeners_.push_back(listener); }
  void unsubscribe(CollectionListener* listener) { std::erase(listeners_, listener); }

 private:
  friend class ObjectStore;
  void append(StoreEvent event, const HistoryLimits& limits);
  void trim(Instant now, const HistoryLimits& limits);
  void tell();

  Objects objects_;
  std::deque<StoreEvent> events_;
  std::uint64_t first_sequence_ = 0;
  std::uint64_t forgotten_ = 0;
  std::uint64_t epoch_ = 0;
  std::size_t history_bytes_ = 0;
  std::vector<CollectionListener*> listeners_;
};

class ObjectStore final {
 public:
  explicit ObjectStore(HistoryLimits limits) : limits_(limits) {}

  Collection& collection(const Place& place);
  const std::map<Place, Collection>& collections() const { return collections_; }

  std::uint64_t version() const { return version_; }
  std::uint64_t next_version() const { return version_ + 1; }
  // Lists at a version below this one are refused: it is older than the history's age.
  std::uint64_t compacted_version() const { return compacted_; }

  // Each takes the next version. Requires: object->resource_version == next_version().
  const StoreEvent& put(Collection& collection, StoredPtr object, Instant now);
  const StoreEvent& erase(Collection& collection, StoredPtr final_state, Instant now);

  // Ends the watches of a resource that is no longer served.
  void close(Collection& collection);

  // Puts an object of an earlier life in place; such objects have no history.
  void restore(Collection& collection, StoredPtr object);
  // Ensures: versions after `version` are given from now on, and no earlier one can be read or watched from.
  void begin_at(std::uint64_t version);

  // Forgets what is too old. Cheap when there is nothing to do.
  void age(Instant now);

 private:
  HistoryLimits limits_;
  std::map<Place, Collection> collections_;
  std::uint64_t version_ = 0;
  std::uint64_t compacted_ = 0;
  std::uint64_t restored_ = 0;
  Instant last_write_;
  std::deque<std::pair<Instant, std::uint64_t>> marks_;   // the version at some times, oldest first
};

}   // namespace ebb::sandbox
