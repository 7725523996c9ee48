#include "cli/demo/live_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <sstream>

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

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// Without the escape sequences.
std::string plain(const std::string& text) { return std::regex_replace(text, std::regex("\x1b\\[[0-9;]*m"), ""); }

TEST(LiveView, ABarIsAsLongAsTheUseAndTellsItsClasses) {
  const std::string text = draw(frame(), {.width = 92});   // a bar of 48 columns
  EXPECT_THAT(text, HasSubstr("  HHHLLLLLLLLLLLLBBBBBBBBB........................   50 %    47 %         2/11/3\n"));
  EXPECT_THAT(text, HasSubstr("12.3 s since the job was submitted"));
}

TEST(LiveView, UseOverTheNodeDoesNotBreakTheBar) {
  LiveFrame over = frame();
  over.nodes[0].use.be.cpu = cpus(100);
  EXPECT_THAT(draw(over, {.width = 92}), HasSubstr("  HHHLLLLLLLLLLLL" + std::string(33, 'B') + "  656 %"));
}

TEST(LiveView, ColoursChangeNothingButColours) {
  EXPECT_THAT(draw(frame(), {}), Not(HasSubstr("\x1b")));
  const std::string coloured = draw(frame(), {.colour = true, .width = 92});
  EXPECT_THAT(coloured, HasSubstr("\x1b[30;42mBBBBBBBBB\x1b[0m"));
  EXPECT_EQ(plain(coloured), draw(frame(), {.width = 92}));
}

TEST(LiveView, NoLineIsWiderThanTheTerminalAndTheColumnsStandUnderTheirNames) {
  for (const std::size_t width : {72u, 80u, 120u, 300u}) {
    const auto lines = lines_of(draw(frame(), {.width = width}));
    for (const std::string& line : lines) EXPECT_LT(line.size(), width) << line;
    ASSERT_GT(lines.size(), 3u);
    EXPECT_EQ(lines[2].size(), lines[3].size()) << lines[2] << "\n" << lines[3];
  }
}

TEST(LiveView, WhatNobodyMeasuresIsNotShownAsNone) {
  EXPECT_THAT(draw(frame(), {}), Not(HasSubstr("windows of an online pod")));
  LiveFrame measured = frame();
  measured.violations = 0;
  EXPECT_THAT(draw(measured, {}), HasSubstr("windows of an online pod under 95 % of its CPU: 0"));
}

TEST(LiveView, ManyNodesAreCountedRatherThanDrawnAndALongNameIsCut) {
  LiveFrame many = frame();
  for (int i = 0; i < 20; ++i) many.nodes.push_back(many.nodes[0]);
  many.nodes[0].name = "ip-10-0-0-1.eu-central-1.compute.internal";
  const std::string text = draw(many, {});
  EXPECT_THAT(text, HasSubstr("and 13 more"));
  EXPECT_THAT(text, HasSubstr("ip-10-0-0-1.eu-cent~ "));
}

TEST(LiveView, TheJobsBarFillsWithWhatIsDone) {
  LiveFrame half = frame();
  half.offline_wanted = 50;
  half.offline_completed = 25;
  EXPECT_THAT(draw(half, {}), HasSubstr(" #######........ 25 of 50 done"));
  EXPECT_THAT(draw_line(half), HasSubstr("25 of 50 done"));
}

}   // namespace
}   // namespace ebb::cli
