#pragma once

// A watch as a cursor into a collection's events. It holds no queue: what it has not sent yet is in
// the history that all watches share, in pieces that are made once. A watch that falls behind the
// history ends with an ERROR event (410), and its client lists again.

#include "sandbox/api/rendition.h"
#include "sandbox/api/selection.h"
#include "sandbox/store/object_store.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ebb::sandbox {

struct WatchStart {
  std::uint64_t version = 0;              // events after it
  std::vector<StoredPtr> initial;         // sent first, as ADDED
  bool announce_end_of_initial = false;   // with a bookmark
  bool bookmarks = false;
  std::optional<Failure> failure;   // sent as an ERROR event, and that is all
  std::string ns;                   // empty: all namespaces
  Instant begun;
  Instant deadline;
};

class EventWatch final : public Watch, private CollectionListener {
 public:
  EventWatch(const ObjectStore& store, Collection& collection, Rendition rendition, Selection selection, WatchStart start);
  ~EventWatch() override;
  EventWatch(const EventWatch&) = delete;
  EventWatch& operator=(const EventWatch&) = delete;

  std::vector<Piece> take(std::size_t bytes_max) override;
  bool finished() const override { return finished_; }
  Instant deadline() const override { return start_.deadline; }
  Instant next_bookmark() const override;
  void bookmark(Instant now) override;
  void on_ready(std::function<void()> wake) override;
  std::string_view content_type() const override { return "application/json"; }

 private:
  void changed() override;
  bool pending() const;
  void add_event(const StoreEvent& event, std::vector<Piece>& pieces, std::size_t& bytes);
  void add_line(std::string_view type, Piece object, std::vector<Piece>& pieces, std::size_t& bytes) const;
  void add_initial(std::vector<Piece>& pieces, std::size_t& bytes, std::size_t bytes_max);
  void fail_with(const Failure& failure, std::vector<Piece>& pieces, std::size_t& bytes);
  Piece rendered(const StoreEvent& event) const;
  Piece rendered_departure(const StoreEvent& event) const;
  Piece bookmark_object(std::uint64_t version, bool end_of_initial) const;
  bool wanted(const StoredPtr& object) const;

  const ObjectStore& store_;
  Collection& collection_;
  Rendition rendition_;
  Selection selection_;
  WatchStart start_;
  std::size_t initial_sent_ = 0;
  std::uint64_t sequence_ = 0;
  std::uint64_t epoch_ = 0;
  Instant last_bookmark_;
  Instant now_;
  bool bookmark_due_ = false;
  bool finished_ = false;
  bool signalled_ = false;
  std::function<void()> wake_;
};

}   // namespace ebb::sandbox
