#pragma once

// A set of logical CPUs by number, as a bit field of fixed size: copying one allocates nothing, and counting,
// joining and cutting are a few machine words. Its text is the kernel's: "0-3,8,10-11".

#include "base/check.h"
#include "base/result.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::model {

class CpuSet {
 public:
  static constexpr int kMaxCpus = 1024;   // numbers 0..1023

  constexpr CpuSet() = default;

  // "" is the empty set. Numbers and ranges in any order, with commas between; a number beyond kMaxCpus is an error.
  static Result<CpuSet> parse(std::string_view text);
  std::string to_string() const;

  constexpr void add(int cpu) { words_[word_of(cpu)] |= bit_of(cpu); }
  constexpr void remove(int cpu) { words_[word_of(cpu)] &= ~bit_of(cpu); }
  constexpr bool contains(int cpu) const { return cpu >= 0 && cpu < kMaxCpus && (words_[word_of(cpu)] & bit_of(cpu)) != 0; }

  constexpr int size() const {
    int count = 0;
    for (const std::uint64_t word : words_)
      if (word != 0) count += std::popcount(word);
    return count;
  }
  constexpr bool empty() const {
    for (const std::uint64_t word : words_)
      if (word != 0) return false;
    return true;
  }
  // How many are in both.
  constexpr int common(const CpuSet& other) const {
    int count = 0;
    for (std::size_t i = 0; i < kWords; ++i)
      if (const std::uint64_t both = words_[i] & other.words_[i]; both != 0) count += std::popcount(both);   // most words are empty
    return count;
  }
  constexpr bool contains_all(const CpuSet& other) const { return common(other) == other.size(); }

  constexpr CpuSet& operator|=(const CpuSet& other) {
    for (std::size_t i = 0; i < kWords; ++i) words_[i] |= other.words_[i];
    return *this;
  }
  constexpr CpuSet& operator&=(const CpuSet& other) {
    for (std::size_t i = 0; i < kWords; ++i) words_[i] &= other.words_[i];
    return *this;
  }
  constexpr CpuSet& operator-=(const CpuSet& other) {
    for (std::size_t i = 0; i < kWords; ++i) words_[i] &= ~other.words_[i];
    return *this;
  }
  friend constexpr CpuSet operator|(CpuSet a, const CpuSet& b) { return a |= b; }
  friend constexpr CpuSet operator&(CpuSet a, const CpuSet& b) { return a &= b; }
  friend constexpr CpuSet operator-(CpuSet a, const CpuSet& b) { return a -= b; }
  friend constexpr bool operator==(const CpuSet&, const CpuSet&) = default;

  // Calls visit(int cpu) for every member, the lowest number first.
  template <class Visit>
  constexpr void for_each(Visit visit) const {
    for (std::size_t i = 0; i < kWords; ++i)
      for (std::uint64_t rest = words_[i]; rest != 0; rest &= rest - 1) visit(static_cast<int>(i * 64) + std::countr_zero(rest));
  }
  std::vector<int> list() const;

 private:
  static constexpr std::size_t kWords = kMaxCpus / 64;
  static constexpr std::size_t word_of(int cpu) {
    EBB_CHECK(cpu >= 0 && cpu < kMaxCpus);
    return static_cast<std::size_t>(cpu) / 64;
  }
  static constexpr std::uint64_t bit_of(int cpu) { return std::uint64_t{1} << (static_cast<unsigned>(cpu) % 64); }

  std::array<std::uint64_t, kWords> words_{};
};

}   // namespace ebb::model
