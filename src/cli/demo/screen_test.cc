#include "cli/demo/screen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ebb::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Redraw, TheFirstTextStaysBelowWhatTheUserHasThere) {
  Redraw redraw;
  const std::string first = redraw("one\ntwo");
  EXPECT_THAT(first, HasSubstr("one\x1b[K\ntwo\x1b[K\n"));
  EXPECT_THAT(first, Not(HasSubstr("F")));
  EXPECT_THAT(first, Not(HasSubstr("\x1b[2J")));
}

TEST(Redraw, ALaterTextGoesWhereTheOneBeforeBeganAndLeavesNothingOfIt) {
  Redraw redraw;
  static_cast<void>(redraw("one\ntwo\nthree"));
  EXPECT_THAT(redraw("x"), HasSubstr("\x1b[3Fx\x1b[K\n\x1b[J"));
  EXPECT_THAT(redraw("y"), HasSubstr("\x1b[1Fy"));
}

TEST(Redraw, ANewRunLeavesTheLastFrameOfTheOneBefore) {
  Redraw redraw;
  static_cast<void>(redraw("one"));
  redraw.begin_anew();
  EXPECT_THAT(redraw("two"), Not(HasSubstr("F")));
}

TEST(Redraw, CursorAndWrappingAreAsBeforeAfterEachText) {
  Redraw redraw;
  EXPECT_TRUE(redraw("one").ends_with("\x1b[?7h\x1b[?25h"));
}

}   // namespace
}   // namespace ebb::cli
