#include "sim/fgd/go_random.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace ebb::sim::fgd {
namespace {

// The expected numbers were printed by a Go program, with rand.New(rand.NewSource(seed)).
TEST(GoRandom, draws_what_go_draws) {
  GoRandom random(42);
  EXPECT_EQ(random.int63(), 3440579354231278675);
  EXPECT_EQ(random.int63(), 608747136543856411);
  EXPECT_EQ(random.below(1000), 668);
  EXPECT_EQ(random.below(1024), 574) << "a power of two takes bits";
  EXPECT_EQ(random.below(7), 5);
  EXPECT_EQ(random.permutation(8), (std::vector<std::int32_t>{3, 5, 2, 6, 0, 1, 4, 7}));
  std::vector<int> items(10);
  std::iota(items.begin(), items.end(), 0);
  random.shuffle(items);
  EXPECT_EQ(items, (std::vector<int>{9, 2, 0, 7, 8, 6, 4, 3, 5, 1}));
}

TEST(GoRandom, takes_any_seed_as_go_takes_it) {
  EXPECT_EQ(GoRandom(0).int63(), 8717895732742165505);
  EXPECT_EQ(GoRandom(-7).int63(), 747107023976529931);
}

TEST(GoRandom, still_draws_the_same_after_its_state_has_turned_over_many_times) {
  GoRandom random(42);
  std::uint64_t sum = 0;
  for (int i = 0; i < 100'000; ++i) sum = sum * 31 + random.bits();
  EXPECT_EQ(sum, 14594614686409500030u);
}

}   // namespace
}   // namespace ebb::sim::fgd
