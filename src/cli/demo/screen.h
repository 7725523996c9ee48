#pragma once

// Where the live view goes. On a terminal a run's frames replace each other in place, below what the
// user has there already, and the last one stays; anything else gets a line now and then.

#include "cli/demo/live_view.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace ebb::cli {

// The bytes that put one text in place of the one before. Pure.
class Redraw final {
 public:
  std::string operator()(std::string_view text);
  void begin_anew() { lines_ = 0; }   // the next text goes below

 private:
  std::size_t lines_ = 0;   // of the text that stands there
};

class Screen final {
 public:
  explicit Screen(bool quiet);
  ~Screen() { end_run(); }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  void show(const LiveFrame& frame);
  // Its last frame is drawn and stays.
  void end_run();

 private:
  void draw_now(const LiveFrame& frame);

  bool quiet_;
  bool terminal_;
  bool colour_;
  Redraw redraw_;
  std::optional<LiveFrame> waiting_;   // not drawn yet
  bool drawn_ = false;                 // anything of this run
  std::chrono::steady_clock::time_point next_{};
};

}   // namespace ebb::cli
