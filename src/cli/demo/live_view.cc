#include "cli/demo/live_view.h"

#include <fmt/format.h>

#include <algorithm>

namespace ebb::cli {
namespace {

constexpr std::size_t kWidthMin = 60, kWidthMax = 110;
constexpr std::size_t kNameMax = 20;
constexpr std::size_t kBesideBar = 37;   // of a node's line, without its name and its bar
constexpr std::size_t kJobBar = 15;

struct Paint {
  bool colour;
  std::string operator()(std::string_view code, std::string_view text) const {
    return colour && !text.empty() ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
  }
};
// Letters on a ground, so that the classes can be told apart without colours too.
constexpr std::string_view kSystem = "97;100", kHls = "97;41", kLs = "97;44", kBe = "30;42", kIdle = "90", kBold = "1", kFaint = "90";

std::string bar(const LiveNode& node, std::size_t width, const Paint& paint) {
  const std::int64_t columns = static_cast<std::int64_t>(width);
  const std::int64_t whole = std::max<std::int64_t>(1, node.allocatable.cpu.v);
  std::string out;
  std::int64_t drawn = 0;
  std::int64_t sum = 0;
  const auto part = [&](MilliCpu cpu, std::string_view code, char symbol) {
    sum += cpu.v;
    const std::int64_t end = std::min(columns, (sum * columns + whole / 2) / whole);
    out += paint(code, std::string(static_cast<std::size_t>(std::max<std::int64_t>(0, end - drawn)), symbol));
    drawn = std::max(drawn, end);
  };
  part(node.use.system.cpu, kSystem, 's');
  part(node.use.hls.cpu, kHls, 'H');
  part(node.use.ls.cpu, kLs, 'L');
  part(node.use.be.cpu, kBe, 'B');
  return out + paint(kIdle, std::string(static_cast<std::size_t>(columns - drawn), '.'));
}

std::int64_t percent(std::int64_t part, std::int64_t whole) { return whole <= 0 ? 0 : (part * 100 + whole / 2) / whole; }

std::string cut(const std::string& name) { return name.size() <= kNameMax ? name : name.substr(0, kNameMax - 1) + "~"; }

std::string title(const LiveFrame& frame, std::size_t width, const Paint& paint) {
  const std::int64_t tenths = frame.elapsed.v / 100'000'000;
  const std::string when = frame.elapsed.v < 0 ? std::string("the day's trough is near")
                                               : fmt::format("{}.{} s since the job was submitted", tenths / 10, tenths % 10);
  const std::size_t gap = width > frame.title.size() + when.size() + 2 ? width - frame.title.size() - when.size() : 2;
  return paint(kBold, frame.title) + std::string(gap, ' ') + when;
}

std::string nodes(const LiveFrame& frame, std::size_t width, std::size_t nodes_max, const Paint& paint) {
  std::size_t name_width = 6;
  for (const LiveNode& node : frame.nodes) name_width = std::max(name_width, cut(node.name).size());
  const std::size_t bar_width = std::max<std::size_t>(10, width - std::min(width, kBesideBar + name_width));
  std::string out =
      fmt::format("  {:<{}}  {:<{}}  {:>5}  {:>6}  {:>13}\n", "node", name_width, "CPU in use", bar_width, "CPU", "memory", "pods H/L/B");
  for (std::size_t i = 0; i < std::min(nodes_max, frame.nodes.size()); ++i) {
    const LiveNode& node = frame.nodes[i];
    out += fmt::format("  {:<{}}  {}  {:>3} %  {:>4} %  {:>13}\n", cut(node.name), name_width, bar(node, bar_width, paint),
                       percent(node.use.all().cpu.v, node.allocatable.cpu.v), percent(node.use.all().memory.v, node.allocatable.memory.v),
                       fmt::format("{}/{}/{}", node.hls_pods, node.ls_pods, node.be_pods));
  }
  if (frame.nodes.size() > nodes_max) out += fmt::format("  and {} more\n", frame.nodes.size() - nodes_max);
  out += fmt::format("  {:<{}}  {} HLS  {} LS  {} offline  {} system  {} idle\n", "", name_width, paint(kHls, "H"), paint(kLs, "L"),
                     paint(kBe, "B"), paint(kSystem, "s"), paint(kIdle, "."));
  return out;
}

std::string job_bar(const LiveFrame& frame, const Paint& paint) {
  const std::int64_t wanted = std::max<std::int64_t>(1, frame.offline_wanted);
  const auto columns = [&](std::int64_t pods) {
    return static_cast<std::size_t>(std::clamp<std::int64_t>(pods * static_cast<std::int64_t>(kJobBar) / wanted, 0, kJobBar));
  };
  const std::size_t done = columns(frame.offline_completed);
  return paint(kBe, std::string(done, '#')) + paint(kIdle, std::string(kJobBar - done, '.'));
}

}   // namespace

std::string draw(const LiveFrame& frame, const ViewOptions& options) {
  const Paint paint{options.colour};
  const std::size_t width = std::clamp(options.width > 0 ? options.width - 1 : 0, kWidthMin, kWidthMax);
  std::string out = title(frame, width, paint) + "\n\n" + nodes(frame, width, options.nodes_max, paint) + "\n";
  const auto running = [&](std::string_view name, std::string_view qos, std::int64_t runs, std::int64_t wanted) {
    out += fmt::format("  {:<20}{}{:>4} of {:>3} running\n", name, paint(kFaint, fmt::format("{:<5}", qos)), runs, wanted);
  };
  running("online-web-service", "HLS", frame.online_running, frame.online_wanted);
  running("checkout", "LS", frame.checkout_running, frame.checkout_wanted);
  out += fmt::format("  {:<20}{}{:>4} running  {} {} of {} done\n", "data-analytics-job", paint(kFaint, fmt::format("{:<5}", "BE")),
                     frame.offline_running, job_bar(frame, paint), frame.offline_completed, frame.offline_wanted);
  out += fmt::format("  evictions {}", frame.evictions);
  if (frame.violations) out += fmt::format(", windows of an online pod under 95 % of its CPU: {}", *frame.violations);
  return out;
}

std::string draw_line(const LiveFrame& frame) {
  return fmt::format("{}: online {} of {}, checkout {} of {}, offline {} running, {} of {} done", frame.title, frame.online_running,
                     frame.online_wanted, frame.checkout_running, frame.checkout_wanted, frame.offline_running, frame.offline_completed,
                     frame.offline_wanted);
}

}   // namespace ebb::cli
