// ebb_speed: the scheduler's core on the workloads of bench/workloads, one process each.
//
//   ebb_speed [--workloads DIR] [--only NAME]... [--json FILE] [--growth] [--counted]
//
// --growth: each workload that has a growth list at each of its numbers of nodes. --counted: small, all in this
// process, with the name of each on its own line; what bench/check_instructions.py runs under callgrind.

#include "bench/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::bench {

// Where an instruction counter outside of the process writes down what it has counted so far.
extern "C" [[gnu::noinline]] void ebb_bench_ended() { asm volatile("" ::: "memory"); }

namespace {

constexpr std::int64_t kCountedNodes = 500;
constexpr std::int64_t kCountedPods = 500;

struct Flags {
  std::filesystem::path workloads = "bench/workloads";
  std::vector<std::string> only;
  std::string json;
  bool growth = false;
  bool counted = false;
};

Result<Flags> parse_flags(int argc, char** argv) {
  Flags flags;
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    if (flag == "--growth") {
      flags.growth = true;
    } else if (flag == "--counted") {
      flags.counted = true;
    } else if (i + 1 < argc && flag == "--workloads") {
      flags.workloads = argv[++i];
    } else if (i + 1 < argc && flag == "--only") {
      flags.only.emplace_back(argv[++i]);
    } else if (i + 1 < argc && flag == "--json") {
      flags.json = argv[++i];
    } else {
      return fail(Errc::invalid, "{}: known are --workloads DIR, --only NAME, --json FILE, --growth, --counted", flag);
    }
  }
  return flags;
}

Result<std::string> contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return fail(Errc::io, "{} cannot be read", path.string());
  return std::move(text).str();
}

// In the order of their files' names, which begin with a number for that.
Result<std::vector<Workload>> read_workloads(const Flags& flags, const Templates& templates) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(flags.workloads)) {
    if (entry.path().extension() == ".yaml" && entry.path().filename() != "templates.yaml") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::vector<Workload> workloads;
  for (const std::filesystem::path& file : files) {
    EBB_TRY(const std::string text, contents(file));
    auto workload = parse_workload(text, templates);
    if (!workload) return std::unexpected(std::move(workload).error().with(file.string()));
    if (flags.only.empty() || std::ranges::find(flags.only, workload->name) != flags.only.end()) workloads.push_back(*std::move(workload));
  }
  if (workloads.empty()) return fail(Errc::not_found, "no workload of that name in {}", flags.workloads.string());
  return workloads;
}

void run_counted(const std::vector<Workload>& workloads, const Templates& templates) {
  for (const Workload& workload : workloads) {
    const std::int64_t pods = std::clamp<std::int64_t>(workload.measured_pods() * kCountedNodes / workload.node_count(), 1, kCountedPods);
    const Measurement made = run(workload.scaled(kCountedNodes, pods), templates);
    ebb_bench_ended();
    fmt::print("{} {} {} {:016x}\n", workload.name, made.nodes, made.placed, made.digest);
  }
}

Status run_one(const Workload& workload, const Templates& templates, std::vector<Row>& rows) {
  EBB_TRY(const Measurement made, run_apart(workload, templates));
  rows.push_back({workload.name, workload.published, made});
  fmt::print("{}", table_row(rows.back()));
  std::fflush(stdout);
  return {};
}

Status run_all(const Flags& flags) {
  EBB_TRY(const std::string text, contents(flags.workloads / "templates.yaml"));
  EBB_TRY(const Templates templates, parse_templates(text));
  EBB_TRY(const std::vector<Workload> workloads, read_workloads(flags, templates));
  if (flags.counted) {
    run_counted(workloads, templates);
    return {};
  }
  std::vector<Row> rows;
  fmt::print("{}", table_head());
  for (const Workload& workload : workloads) {
    if (!flags.growth) {
      EBB_TRY_VOID(run_one(workload, templates, rows));
      continue;
    }
    for (const std::int64_t nodes : workload.growth)
      EBB_TRY_VOID(run_one(workload.scaled(nodes, std::min(workload.measured_pods(), 8 * nodes)), templates, rows));
  }
  if (!flags.json.empty()) {
    std::ofstream file(flags.json);
    file << to_json(rows);
    if (!file) return fail(Errc::io, "{} cannot be written", flags.json);
  }
  const auto incomplete = [](const Row& row) { return row.measured.placed != row.measured.pods; };
  if (std::ranges::any_of(rows, incomplete)) return fail(Errc::invalid, "not every pod was placed");
  return {};
}

}   // namespace
}   // namespace ebb::bench

int main(int argc, char** argv) {
  const auto flags = ebb::bench::parse_flags(argc, argv);
  const ebb::Status done = flags ? ebb::bench::run_all(*flags) : ebb::Status(std::unexpected(flags.error()));
  if (done) return EXIT_SUCCESS;
  fmt::print(stderr, "ebb_speed: {}\n", done.error().message);
  return EXIT_FAILURE;
}
