#include "bench/report.h"

#include "model/yaml.h"

#include <fmt/format.h>

#include <algorithm>

namespace ebb::bench {
namespace {

double per_pod(std::int64_t amount, const Measurement& measured) {
  return static_cast<double>(amount) / static_cast<double>(std::max<std::int64_t>(measured.placed, 1));
}

double pods_per_second(const Measurement& measured) {
  return static_cast<double>(measured.placed) * 1e9 / static_cast<double>(std::max<std::int64_t>(measured.wall_nanos, 1));
}

}   // namespace

std::string table_head() {
  return fmt::format("{:<32} {:>6} {:>6} {:>9} {:>8} {:>8} {:>8} {:>8}  {:>14} {:>6}\n", "workload", "nodes", "pods", "pods/s", "CPU us",
                     "p50 us", "p99 us", "peak MiB", "kube-scheduler", "times");
}

std::string table_row(const Row& row) {
  const Measurement& measured = row.measured;
  const double speed = pods_per_second(measured);
  const auto threshold = row.published.pods_per_second;
  std::string line = fmt::format("{:<32} {:>6} {:>6} {:>9.0f} {:>8.1f} {:>8.1f} {:>8.1f} {:>8}  {:>14} {:>6}", row.name, measured.nodes,
                                 measured.pods, speed, per_pod(measured.cpu_nanos, measured) / 1e3,
                                 static_cast<double>(measured.p50_nanos) / 1e3, static_cast<double>(measured.p99_nanos) / 1e3,
                                 measured.peak_rss_bytes >> 20, threshold ? fmt::format(">= {}", *threshold) : "-",
                                 threshold ? fmt::format("{:.0f}", speed / static_cast<double>(*threshold)) : "");
  if (measured.placed != measured.pods) line += fmt::format("  only {} were placed", measured.placed);
  return line + "\n";
}

std::string to_json(const std::vector<Row>& rows) {
  std::string out = "[";
  for (const Row& row : rows) {
    const Measurement& measured = row.measured;
    out += fmt::format(
        "{}\n  {{\"name\": {}, \"nodes\": {}, \"pods\": {}, \"podsPerSecond\": {:.1f}, \"cpuMicrosPerPod\": {:.3f}, \"p50Micros\": {:.3f}, "
        "\"p99Micros\": {:.3f}, \"peakRssBytes\": {}",
        &row == &rows.front() ? "" : ",", model::json_quoted(row.name), measured.nodes, measured.pods, pods_per_second(measured),
        per_pod(measured.cpu_nanos, measured) / 1e3, static_cast<double>(measured.p50_nanos) / 1e3,
        static_cast<double>(measured.p99_nanos) / 1e3, measured.peak_rss_bytes);
    if (measured.instructions >= 0) out += fmt::format(", \"instructionsPerPod\": {:.1f}", per_pod(measured.instructions, measured));
    if (!row.published.test.empty()) out += fmt::format(", \"publishedTest\": {}", model::json_quoted(row.published.test));
    if (row.published.pods_per_second) out += fmt::format(", \"publishedPodsPerSecond\": {}", *row.published.pods_per_second);
    out += "}";
  }
  return out + "\n]\n";
}

}   // namespace ebb::bench
