#include "core/affinity/tally.h"

#include <algorithm>
#include <utility>

namespace ebb::core::affinity {
namespace {

constexpr std::size_t kSmallestTable = 4;
constexpr std::uint32_t kAlwaysDense = 32;   // keys below this are not worth hashing

std::size_t place(std::uint32_t key, std::size_t size) { return static_cast<std::size_t>((key * 0x9E3779B1u) ^ (key >> 15)) & (size - 1); }

}   // namespace

std::size_t Tally::find(std::uint32_t key) const {
  std::size_t at = place(key, table_.size());
  while (table_[at].count != 0 && table_[at].key != key) at = (at + 1) & (table_.size() - 1);
  return at;
}

std::int32_t Tally::get(std::uint32_t key) const {
  if (!dense_.empty()) return key < dense_.size() ? dense_[key] : 0;
  return table_.empty() ? 0 : table_[find(key)].count;
}

std::int32_t Tally::add_dense(std::uint32_t key, std::int32_t by) {
  if (key >= dense_.size()) dense_.resize(std::max<std::size_t>(key + 1, dense_.size() + dense_.size() / 4), 0);
  const std::int32_t before = std::exchange(dense_[key], dense_[key] + by);
  if (before == 0) ++kept_;
  if (dense_[key] != 0) return dense_[key];
  if (--kept_ == 0) *this = Tally();
  return 0;
}

std::int32_t Tally::add(std::uint32_t key, std::int32_t by) {
  if (by == 0) return get(key);
  largest_ = std::max(largest_, key);
  if (dense_.empty() && kept_ * 2 >= table_.size()) grow(key);
  if (!dense_.empty()) return add_dense(key, by);
  const std::size_t at = find(key);
  Entry& entry = table_[at];
  if (entry.count == 0) {
    entry = {key, by};
    ++kept_;
    return by;
  }
  entry.count += by;
  if (entry.count != 0) return entry.count;
  erase(at);
  return 0;
}

// Moves back what had to step aside for the entry, so that no mark of it is left.
void Tally::erase(std::size_t at) {
  const std::size_t mask = table_.size() - 1;
  std::size_t hole = at;
  for (std::size_t next = (at + 1) & mask; table_[next].count != 0; next = (next + 1) & mask) {
    const std::size_t home = place(table_[next].key, table_.size());
    if (((next - home) & mask) < ((next - hole) & mask)) continue;
    table_[hole] = table_[next];
    hole = next;
  }
  table_[hole] = Entry{};
  if (--kept_ == 0) *this = Tally();
}

void Tally::grow(std::uint32_t key) {
  const std::vector<Entry> before = std::exchange(table_, {});
  const std::size_t size = std::max(kSmallestTable, before.size() * 2);
  const std::size_t range = std::size_t{std::max(largest_, key)} + 1;
  if (range <= kAlwaysDense || range * sizeof(std::int32_t) <= size * sizeof(Entry)) {
    dense_.assign(range, 0);
    for (const Entry& entry : before) {
      if (entry.count != 0) dense_[entry.key] = entry.count;
    }
    return;
  }
  table_.assign(size, Entry{});
  for (const Entry& entry : before) {
    if (entry.count != 0) table_[find(entry.key)] = entry;
  }
}

}   // namespace ebb::core::affinity
