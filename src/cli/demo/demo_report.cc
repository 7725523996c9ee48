#include "cli/demo/demo_report.h"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <string_view>

namespace ebb::cli {
namespace {

double as_number(Permille p) { return static_cast<double>(p.v) / 1000.0; }

boost::json::value optional_number(const std::optional<Permille>& p) {
  return p ? boost::json::value(as_number(*p)) : boost::json::value(nullptr);
}

boost::json::object run_json(const DemoRun& run) {
  boost::json::object out;
  out["onlineWanted"] = run.online_wanted;
  out["onlineRunning"] = run.online_running;
  out["onlineRestarts"] = run.online_restarts;
  out["offlineWanted"] = run.offline_wanted;
  out["offlineCompleted"] = run.offline_completed;
  out["offlineMaxRunning"] = run.offline_max_running;
  if (run.offline_time)
    out["offlineSeconds"] = static_cast<double>(run.offline_time->v / 1'000'000) / 1000.0;
  else
    out["offlineSeconds"] = nullptr;
  out["evictions"] = run.evictions;
  if (run.violations)
    out["violations"] = *run.violations;
  else
    out["violations"] = nullptr;
  out["cpuUtilization"] = optional_number(run.cpu_utilization);
  out["memoryUtilization"] = optional_number(run.memory_utilization);
  return out;
}

std::string percent(const std::optional<Permille>& p) { return p ? fmt::format("{}.{} %", p->v / 10, p->v % 10) : "not known"; }
std::string in_seconds(const std::optional<Duration>& d) {
  return d ? fmt::format("{}.{} s", d->v / 1'000'000'000, d->v / 100'000'000 % 10) : "cut off";
}

}   // namespace

std::optional<Permille> speedup(const DemoReport& report) {
  const auto& on = report.colocation.offline_time;
  const auto& off = report.baseline.offline_time;
  if (!on || !off || on->v <= 0) return std::nullopt;
  return ratio(*off, *on);
}

std::vector<std::string> broken_promises(const DemoReport& report) {
  std::vector<std::string> broken;
  const DemoRun& on = report.colocation;
  if (on.online_running != on.online_wanted) {
    broken.push_back(fmt::format("{} of {} online pods run", on.online_running, on.online_wanted));
  }
  if (on.online_restarts != 0) broken.push_back(fmt::format("online pods were restarted {} times", on.online_restarts));
  if (on.offline_completed != on.offline_wanted) {
    broken.push_back(fmt::format("{} of {} offline pods completed", on.offline_completed, on.offline_wanted));
  }
  if (on.offline_max_running > on.offline_parallelism) {
    broken.push_back(fmt::format("{} offline pods ran at once, parallelism is {}", on.offline_max_running, on.offline_parallelism));
  }
  const auto faster = speedup(report);
  if (!faster) {
    broken.push_back("a run was cut off before its job was done");
  } else if (*faster < kSpeedupPromised) {
    broken.push_back(
        fmt::format("the job was only {:.2f} times as fast, {:.1f} was promised", as_number(*faster), as_number(kSpeedupPromised)));
  }
  return broken;
}

std::string to_json(const DemoReport& report) {
  boost::json::object out;
  out["colocation"] = run_json(report.colocation);
  out["baseline"] = run_json(report.baseline);
  out["speedup"] = optional_number(speedup(report));
  out["ok"] = broken_promises(report).empty();
  return boost::json::serialize(out);
}

std::string to_text(const DemoReport& report) {
  const DemoRun& on = report.colocation;
  const DemoRun& off = report.baseline;
  std::string out;
  const auto row = [&](std::string_view what, const std::string& with, const std::string& without) {
    out += fmt::format("  {:<34}{:>16}{:>16}\n", what, with, without);
  };
  const auto of = [](std::int64_t part, std::int64_t whole) { return fmt::format("{} of {}", part, whole); };
  const auto count = [](const std::optional<std::int64_t>& n) { return n ? fmt::format("{}", *n) : std::string("not known"); };
  row("", "colocation on", "off");
  row("online pods running", of(on.online_running, on.online_wanted), of(off.online_running, off.online_wanted));
  row("online restarts", fmt::format("{}", on.online_restarts), fmt::format("{}", off.online_restarts));
  row("windows under 95 % of wanted CPU", count(on.violations), count(off.violations));
  row("offline pods completed", of(on.offline_completed, on.offline_wanted), of(off.offline_completed, off.offline_wanted));
  row("offline pods at once, at most", fmt::format("{}", on.offline_max_running), fmt::format("{}", off.offline_max_running));
  row("offline job took", in_seconds(on.offline_time), in_seconds(off.offline_time));
  row("evictions", fmt::format("{}", on.evictions), fmt::format("{}", off.evictions));
  row("CPU used meanwhile", percent(on.cpu_utilization), percent(off.cpu_utilization));
  row("memory used meanwhile", percent(on.memory_utilization), percent(off.memory_utilization));
  if (const auto faster = speedup(report))
    out += fmt::format("\n  The offline job was {:.2f} times as fast on the same machines.\n", as_number(*faster));
  const auto broken = broken_promises(report);
  for (const auto& line : broken) out += fmt::format("  BROKEN: {}\n", line);
  if (broken.empty()) out += "  Every promise held.\n";
  return out;
}

}   // namespace ebb::cli
