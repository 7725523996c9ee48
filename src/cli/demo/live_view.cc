#include "cli/demo/live_view.h"

#include <fmt/format.h>

#include <algorithm>

namespace ebb::cli {
namespace {

constexpr std::int64_t kBarWidth = 48;

struct Paint {
  bool colour;
  std::string operator()(std::string_view code, std::string_view text) const {
    return colour && !text.empty() ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
  }
};
constexpr std::string_view kSystem = "90", kHls = "31", kLs = "34", kBe = "32", kBold = "1";

std::string bar(const LiveNode& node, const Paint& paint) {
  const std::int64_t whole = std::max<std::int64_t>(1, node.allocatable.cpu.v);
  std::string out;
  std::int64_t drawn = 0;
  std::int64_t sum = 0;
  const auto part = [&](MilliCpu cpu, std::string_view code, char symbol) {
    sum += cpu.v;
    const std::int64_t end = std::min(kBarWidth, (sum * kBarWidth + whole / 2) / whole);
    out += paint(code, std::string(static_cast<std::size_t>(std::max<std::int64_t>(0, end - drawn)), symbol));
    drawn = std::max(drawn, end);
  };
  part(node.use.system.cpu, kSystem, 's');
  part(node.use.hls.cpu, kHls, 'H');
  part(node.use.ls.cpu, kLs, 'L');
  part(node.use.be.cpu, kBe, 'B');
  return out + std::string(static_cast<std::size_t>(kBarWidth - drawn), '.');
}

std::int64_t percent(std::int64_t part, std::int64_t whole) { return whole <= 0 ? 0 : (part * 100 + whole / 2) / whole; }

}   // namespace

std::string draw(const LiveFrame& frame, bool colour, std::size_t nodes_max) {
  const Paint paint{colour};
  const std::int64_t tenths = frame.elapsed.v / 100'000'000;
  std::string out = paint(kBold, frame.title);
  out += frame.elapsed.v < 0 ? std::string("    the day's trough is near")
                             : fmt::format("    {}.{} s since the job was submitted", tenths / 10, tenths % 10);
  out += fmt::format("\n\n  {:<10} CPU in use by class: {} system, {} HLS, {} LS, {} BE, . idle{:>8} {:>6}   pods H/L/B\n", "",
                     paint(kSystem, "s"), paint(kHls, "H"), paint(kLs, "L"), paint(kBe, "B"), "CPU", "memory");
  for (std::size_t i = 0; i < std::min(nodes_max, frame.nodes.size()); ++i) {
    const LiveNode& node = frame.nodes[i];
    out += fmt::format("  {:<10} [{}] {:>4} % {:>4} %   {}/{}/{}\n", node.name, bar(node, paint),
                       percent(node.use.all().cpu.v, node.allocatable.cpu.v), percent(node.use.all().memory.v, node.allocatable.memory.v),
                       node.hls_pods, node.ls_pods, node.be_pods);
  }
  if (frame.nodes.size() > nodes_max) out += fmt::format("  and {} more\n", frame.nodes.size() - nodes_max);
  out += fmt::format("\n  online-web-service  {} of {} running      checkout  {} of {} running\n", frame.online_running,
                     frame.online_wanted, frame.checkout_running, frame.checkout_wanted);
  out += fmt::format("  data-analytics-job  {} of {} done, {} running      evictions {}, windows of an online pod under 95 %: {}",
                     frame.offline_completed, frame.offline_wanted, frame.offline_running, frame.evictions, frame.violations);
  return out;
}

}   // namespace ebb::cli
