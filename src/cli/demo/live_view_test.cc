#include "cli/demo/live_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ebb::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

LiveFrame frame() {
  LiveFrame frame{.title = "colocation on", .elapsed = milliseconds(12'340)};
  frame.nodes.push_back(
      {.name = "node-1",
       .allocatable = {cpus(16), gibibytes(64)},
       .use = {.hls = {cpus(1), gibibytes(8)}, .ls = {cpus(4), gibibytes(16)}, .be = {cpus(3), gibibytes(6)}, .system = {}},
       .hls_pods = 2,
       .ls_pods = 11,
       .be_pods = 3});
  return frame;
}

TEST(LiveView, ABarIsAsLongAsTheUseAndTellsItsClasses) {
  const std::string text = draw(frame(), false);
  EXPECT_THAT(text, HasSubstr("[HHHLLLLLLLLLLLLBBBBBBBBB........................]   50 %   47 %   2/11/3"));
  EXPECT_THAT(text, HasSubstr("12.3 s since the job was submitted"));
}

TEST(LiveView, UseOverTheNodeDoesNotBreakTheBar) {
  LiveFrame over = frame();
  over.nodes[0].use.be.cpu = cpus(100);
  EXPECT_THAT(draw(over, false), HasSubstr("[HHHLLLLLLLLLLLL" + std::string(33, 'B') + "]"));
}

TEST(LiveView, ColoursOnlyWhereTheyWereAskedFor) {
  EXPECT_THAT(draw(frame(), false), Not(HasSubstr("\x1b")));
  EXPECT_THAT(draw(frame(), true), HasSubstr("\x1b[32mBBBBBBBBB\x1b[0m"));
}

TEST(LiveView, ManyNodesAreCountedRatherThanDrawn) {
  LiveFrame many = frame();
  for (int i = 0; i < 20; ++i) many.nodes.push_back(many.nodes[0]);
  EXPECT_THAT(draw(many, false), HasSubstr("and 13 more"));
}

}   // namespace
}   // namespace ebb::cli
