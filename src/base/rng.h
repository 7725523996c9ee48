#pragma once

// The only source of randomness in the core, the simulated world and the tests: xoshiro256**
// (Blackman and Vigna, 2018), seeded by SplitMix64. The same seed gives the same numbers with every
// compiler, which <random>'s distributions do not promise.

#include "base/check.h"
#include "base/units.h"

#include <array>
#include <bit>
#include <cstdint>

namespace ebb {

class Rng {
 public:
  explicit constexpr Rng(std::uint64_t seed) {
    for (auto& word : state_) {   // SplitMix64
      seed += 0x9e3779b97f4a7c15u;
      std::uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
      word = z ^ (z >> 31);
    }
  }

  constexpr std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // Uniform in [0, bound), without modulo bias. Requires: bound > 0.
  constexpr std::uint64_t below(std::uint64_t bound) {
    EBB_CHECK(bound > 0);
    const std::uint64_t threshold = (0 - bound) % bound;
    for (;;) {
      const std::uint64_t draw = next();
      if (draw >= threshold) return draw % bound;
    }
  }

  // Uniform in [low, high]. Requires: low <= high.
  constexpr std::int64_t between(std::int64_t low, std::int64_t high) {
    EBB_CHECK(low <= high);
    const auto span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    if (span == UINT64_MAX) return static_cast<std::int64_t>(next());
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + below(span + 1));
  }

  constexpr bool chance(Permille p) { return static_cast<std::int64_t>(below(1000)) < p.v; }

  // An independent stream: one more draw in a component does not shift the draws of another.
  constexpr Rng fork() { return Rng(next()); }

 private:
  std::array<std::uint64_t, 4> state_{};
};

}   // namespace ebb
