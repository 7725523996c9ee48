#pragma once

// The additive lagged Fibonacci generator of Go's math/rand (x[n] = x[n-607] + x[n-273] mod 2^64)
// with its seeding and its draws. The published experiments shuffle their pods with it, so the same
// seed must give the same order here. For nothing else: the project's own generator is base/rng.h.

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace ebb::sim::fgd {

class GoRandom {
 public:
  explicit GoRandom(std::int64_t seed);

  std::uint64_t bits();   // 64 of them
  std::int64_t int63() { return static_cast<std::int64_t>(bits() & (UINT64_MAX >> 1)); }
  std::int32_t below(std::int32_t bound);   // Intn. Requires: bound > 0
  std::vector<std::int32_t> permutation(std::int32_t size);

  template <class T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[shuffle_below(static_cast<std::uint32_t>(i))]);
  }

 private:
  static constexpr std::size_t kLength = 607;
  static constexpr std::size_t kTap = 273;

  std::uint32_t shuffle_below(std::uint32_t bound);
  static const std::array<std::uint64_t, kLength>& warmed_up();

  std::array<std::uint64_t, kLength> state_{};
  std::size_t tap_ = 0;
  std::size_t feed_ = kLength - kTap;
};

}   // namespace ebb::sim::fgd
