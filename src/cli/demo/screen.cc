#include "cli/demo/screen.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace ebb::cli {
namespace {

constexpr std::chrono::milliseconds kTerminalInterval{150};
constexpr std::chrono::milliseconds kLineInterval{3000};
constexpr std::size_t kLinesBesideNodes = 12;
constexpr std::size_t kNodesMax = 16;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

winsize terminal_size() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {24, 80, 0, 0};
  return size;
}

}   // namespace

std::string Redraw::operator()(std::string_view text) {
  // Without wrapping a line stays one line, however narrow the terminal is.
  std::string out = "\x1b[?25l\x1b[?7l";
  if (lines_ > 0) out += fmt::format("\x1b[{}F", lines_);
  lines_ = 0;
  for (std::size_t from = 0; from <= text.size(); ++lines_) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    out += text.substr(from, end - from);
    out += "\x1b[K\n";
    from = end + 1;
  }
  return out + "\x1b[J\x1b[?7h\x1b[?25h";
}

Screen::Screen(bool quiet)
    : quiet_(quiet),
      terminal_(::isatty(STDOUT_FILENO) == 1 && !environment("TERM").empty() && environment("TERM") != "dumb"),
      colour_(terminal_ && environment("NO_COLOR").empty()) {}

void Screen::draw_now(const LiveFrame& frame) {
  if (terminal_) {
    const winsize size = terminal_size();
    const std::size_t rows = size.ws_row > kLinesBesideNodes ? size.ws_row - kLinesBesideNodes : 1;
    fmt::print("{}", redraw_(draw(frame, {.colour = colour_, .width = size.ws_col, .nodes_max = std::min(rows, kNodesMax)})));
  } else {
    fmt::print("{}\n", draw_line(frame));
  }
  std::fflush(stdout);
  drawn_ = true;
  waiting_.reset();
}

void Screen::show(const LiveFrame& frame) {
  if (quiet_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) {
    waiting_ = frame;
    return;
  }
  next_ = now + (terminal_ ? kTerminalInterval : kLineInterval);
  draw_now(frame);
}

void Screen::end_run() {
  if (waiting_) draw_now(*waiting_);
  if (drawn_ && terminal_) fmt::print("\n");
  drawn_ = false;
  redraw_.begin_anew();
  next_ = {};
}

}   // namespace ebb::cli
