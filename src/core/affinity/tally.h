#pragma once

// Signed counts by small dense numbers (domains, slots). While few of them differ from zero they are
// kept in a hash table with linear probing, and in a plain array once that is smaller. Zero is not kept.

#include <cstdint>
#include <span>
#include <vector>

namespace ebb::core::affinity {

class Tally {
 public:
  // Returns the new count.
  std::int32_t add(std::uint32_t key, std::int32_t by);
  std::int32_t get(std::uint32_t key) const;
  bool empty() const { return kept_ == 0; }

  // Calls visit(key, count) for every count that is not zero, in no particular order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::uint32_t key = 0; key < dense_.size(); ++key) {
      if (dense_[key] != 0) visit(key, dense_[key]);
    }
    for (const Entry& entry : table_) {
      if (entry.count != 0) visit(entry.key, entry.count);
    }
  }

 private:
  struct Entry {
    std::uint32_t key = 0;
    std::int32_t count = 0;   // 0: free
  };

  // Where the key is, or the free entry where it would be. Requires: a table that is not full.
  std::size_t find(std::uint32_t key) const;
  void erase(std::size_t at);
  void grow(std::uint32_t key);
  std::int32_t add_dense(std::uint32_t key, std::int32_t by);

  std::vector<Entry> table_;          // its size is a power of two; empty with dense_
  std::vector<std::int32_t> dense_;   // empty with table_
  std::size_t kept_ = 0;
  std::uint32_t largest_ = 0;
};

}   // namespace ebb::core::affinity
