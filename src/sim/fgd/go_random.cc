#include "sim/fgd/go_random.h"

#include "base/check.h"

namespace ebb::sim::fgd {
namespace {

constexpr std::size_t kLength = 607;
constexpr std::size_t kMiddle = 334;   // 607 - 273
constexpr std::int64_t kLehmerModulus = 2147483647;
using Words = std::array<std::uint64_t, kLength>;

// The Lehmer generator that fills the state, as it comes after `skip` numbers.
class Lehmer {
 public:
  Lehmer(std::int64_t seed, int skip) : x_(seed) {
    for (int i = 0; i < skip; ++i) next();
  }
  std::uint64_t next() {
    x_ = x_ * 48271 % kLehmerModulus;
    return static_cast<std::uint64_t>(x_);
  }

 private:
  std::int64_t x_;
};

// Polynomials modulo x^607 - x^334 - 1 with coefficients modulo 2^64: x^n of them says how the n-th
// number hangs on the first 607.
Words product(const Words& a, const Words& b) {
  std::array<std::uint64_t, 2 * kLength> wide{};
  for (std::size_t i = 0; i < kLength; ++i) {
    if (a[i] == 0) continue;
    for (std::size_t j = 0; j < kLength; ++j) wide[i + j] += a[i] * b[j];
  }
  for (std::size_t i = wide.size(); i-- > kLength;) {
    wide[i - kLength] += wide[i];
    wide[i - kLength + kMiddle] += wide[i];
  }
  Words result{};
  for (std::size_t i = 0; i < kLength; ++i) result[i] = wide[i];
  return result;
}

Words power_of_x(std::uint64_t exponent) {
  Words result{};
  Words square{};
  result[0] = 1;
  square[1] = 1;
  for (; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = product(result, square);
    square = product(square, square);
  }
  return result;
}

// The slot of the state that the n-th number is written to.
std::size_t slot(std::uint64_t n) { return (kMiddle - 1 + kLength - n % kLength) % kLength; }

// What the state holds after 7.8e12 numbers from the seed 1: the constant that every seed is mixed with.
// The generator is linear, so it jumps there instead of going.
Words jump_ahead() {
  constexpr std::uint64_t kSteps = 7'800'000'000'000;
  std::array<std::uint64_t, 2 * kLength> sequence{};   // its first 607 numbers are the initial state, oldest first
  Lehmer lehmer(1, 20);
  Words state{};
  for (std::uint64_t& word : state) {
    word = lehmer.next() << 20;
    word ^= lehmer.next() << 10;
    word ^= lehmer.next();
  }
  for (std::size_t n = 0; n < kLength; ++n) sequence[n] = state[slot(n)];
  for (std::size_t n = kLength; n < sequence.size(); ++n) sequence[n] = sequence[n - kLength] + sequence[n - kLength + kMiddle];
  const Words jump = power_of_x(kSteps);
  Words result{};
  for (std::size_t n = 0; n < kLength; ++n) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < kLength; ++i) value += jump[i] * sequence[n + i];
    result[slot(kSteps + n)] = value;
  }
  return result;
}

}   // namespace

const std::array<std::uint64_t, GoRandom::kLength>& GoRandom::warmed_up() {
  static const Words words = jump_ahead();
  return words;
}

GoRandom::GoRandom(std::int64_t seed) {
  seed %= kLehmerModulus;
  if (seed < 0) seed += kLehmerModulus;
  if (seed == 0) seed = 89482311;
  Lehmer lehmer(seed, 20);
  const Words& constant = warmed_up();
  for (std::size_t i = 0; i < kLength; ++i) {
    state_[i] = lehmer.next() << 40;
    state_[i] ^= lehmer.next() << 20;
    state_[i] ^= lehmer.next();
    state_[i] ^= constant[i];
  }
}

std::uint64_t GoRandom::bits() {
  tap_ = (tap_ + kLength - 1) % kLength;
  feed_ = (feed_ + kLength - 1) % kLength;
  return state_[feed_] += state_[tap_];
}

std::int32_t GoRandom::below(std::int32_t bound) {
  EBB_CHECK(bound > 0);
  const auto draw = [&] { return static_cast<std::int32_t>(int63() >> 32); };
  if ((bound & (bound - 1)) == 0) return draw() & (bound - 1);
  const auto last_fair = static_cast<std::int32_t>((1u << 31) - 1 - (1u << 31) % static_cast<std::uint32_t>(bound));
  std::int32_t value = draw();
  while (value > last_fair) value = draw();
  return value % bound;
}

std::uint32_t GoRandom::shuffle_below(std::uint32_t bound) {
  const auto draw = [&] { return static_cast<std::uint64_t>(static_cast<std::uint32_t>(int63() >> 31)) * bound; };
  std::uint64_t scaled = draw();
  if (static_cast<std::uint32_t>(scaled) < bound) {
    const std::uint32_t unfair = (0u - bound) % bound;
    while (static_cast<std::uint32_t>(scaled) < unfair) scaled = draw();
  }
  return static_cast<std::uint32_t>(scaled >> 32);
}

std::vector<std::int32_t> GoRandom::permutation(std::int32_t size) {
  std::vector<std::int32_t> result(static_cast<std::size_t>(size));
  for (std::int32_t i = 0; i < size; ++i) {
    const std::int32_t other = below(i + 1);
    result[static_cast<std::size_t>(i)] = result[static_cast<std::size_t>(other)];
    result[static_cast<std::size_t>(other)] = i;
  }
  return result;
}

}   // namespace ebb::sim::fgd
