#pragma once

// Things that are equal get one number between them, which lives as long as somebody holds it.

#include "base/check.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ebb::core::affinity {

// Content: what makes it what it is. Body: what is kept about it.
template <class Content, class Body>
class InternTable {
 public:
  struct Entry {
    Content content{};
    Body body{};
    std::size_t hash = 0;
    std::uint32_t holders = 0;
  };
  struct Acquired {
    std::uint32_t id = 0;
    bool fresh = false;
  };

  Acquired acquire(Content content, std::size_t hash) {
    const auto [first, last] = ids_.equal_range(hash);
    for (auto at = first; at != last; ++at) {
      if (!(entries_[at->second].content == content)) continue;
      ++entries_[at->second].holders;
      return {at->second, false};
    }
    std::uint32_t id = static_cast<std::uint32_t>(entries_.size());
    if (unused_.empty()) {
      entries_.emplace_back();
    } else {
      id = unused_.back();
      unused_.pop_back();
    }
    entries_[id] = Entry{.content = std::move(content), .body = {}, .hash = hash, .holders = 1};
    ids_.emplace(hash, id);
    return {id, true};
  }

  // True: nobody holds it any more, and erase() must follow.
  bool release(std::uint32_t id) {
    EBB_CHECK(id < entries_.size() && entries_[id].holders > 0);
    return --entries_[id].holders == 0;
  }
  void erase(std::uint32_t id) {
    const auto [first, last] = ids_.equal_range(entries_[id].hash);
    for (auto at = first; at != last; ++at) {
      if (at->second != id) continue;
      ids_.erase(at);
      break;
    }
    entries_[id] = Entry();
    unused_.push_back(id);
  }

  Entry& operator[](std::uint32_t id) { return entries_[id]; }
  const Entry& operator[](std::uint32_t id) const { return entries_[id]; }
  std::size_t size() const { return ids_.size(); }

  template <class Visit>
  void for_each(Visit visit) {
    for (std::uint32_t id = 0; id < entries_.size(); ++id) {
      if (entries_[id].holders > 0) visit(id, entries_[id]);
    }
  }

 private:
  std::deque<Entry> entries_;   // entries stay where they are
  std::unordered_multimap<std::size_t, std::uint32_t> ids_;
  std::vector<std::uint32_t> unused_;
};

}   // namespace ebb::core::affinity
