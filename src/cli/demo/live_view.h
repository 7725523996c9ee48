#pragma once

// One screenful of the running demo: what runs where, use per node by class, what is done.

#include "base/time.h"
#include "model/node_report.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ebb::cli {

struct LiveNode {
  std::string name;
  model::Use allocatable;
  model::UseByClass use;
  std::int64_t hls_pods = 0, ls_pods = 0, be_pods = 0;
};

struct LiveFrame {
  std::string title;
  Duration elapsed;   // demo time since the job was submitted; negative: before
  std::vector<LiveNode> nodes;
  std::int64_t online_running = 0, online_wanted = 0;
  std::int64_t checkout_running = 0, checkout_wanted = 0;
  std::int64_t offline_running = 0, offline_completed = 0, offline_wanted = 0;
  std::int64_t evictions = 0;
  std::optional<std::int64_t> violations;   // none: nobody measures them here
};

struct ViewOptions {
  bool colour = false;         // ANSI colours by class
  std::size_t width = 80;      // of the terminal, in columns
  std::size_t nodes_max = 8;   // the others are only counted
};

// Lines without a final newline.
std::string draw(const LiveFrame& frame, const ViewOptions& options);

// The same in one line, for a log.
std::string draw_line(const LiveFrame& frame);

}   // namespace ebb::cli
