// ebb sim fgd: the published GPU packing experiments on the recorded trace, one run or the whole table.

#include "cli/commands.h"
#include "sim/fgd/published.h"
#include "sim/fgd/simulation.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace ebb::cli {
namespace {

namespace fgd = sim::fgd;
namespace json = boost::json;

struct Flags {
  std::string nodes;
  std::string pods;
  std::string policy;
  std::int64_t seed = 42;
  double tune = 1.3;
  bool json = false;
  std::vector<std::string> traces;
  std::int64_t seeds = 10;
};

constexpr std::string_view kPodListPrefix = "openb_pod_list_";

Result<std::string> contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return fail(Errc::io, "{} cannot be read", path);
  return std::move(text).str();
}

Result<std::vector<fgd::TraceNode>> read_nodes(const std::string& path) {
  EBB_TRY(const std::string text, contents(path));
  return fgd::parse_nodes(text, path);
}

Result<std::vector<fgd::TracePod>> read_pods(const std::string& path) {
  EBB_TRY(const std::string text, contents(path));
  return fgd::parse_pods(text, path);
}

struct TimedOutcome {
  fgd::Outcome outcome;
  double seconds = 0;
  double cpu_seconds = 0;   // what the table reports: its runs share the processors
};

double thread_cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

Result<TimedOutcome> timed(const std::vector<fgd::TraceNode>& nodes, const std::vector<fgd::TracePod>& pods,
                           const fgd::Experiment& experiment) {
  const auto start = std::chrono::steady_clock::now();
  const double cpu_start = thread_cpu_seconds();
  EBB_TRY(fgd::Outcome outcome, fgd::simulate(nodes, pods, experiment));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  return TimedOutcome{.outcome = std::move(outcome), .seconds = seconds.count(), .cpu_seconds = thread_cpu_seconds() - cpu_start};
}

// One run.

void print_run(const Flags& flags, const TimedOutcome& run) {
  const fgd::Outcome& outcome = run.outcome;
  if (flags.json) {
    const json::object result{{"policy", flags.policy},
                              {"seed", flags.seed},
                              {"tune", flags.tune},
                              {"totalGpus", outcome.gpus},
                              {"arrivedPods", outcome.arrived},
                              {"placedPods", outcome.placed},
                              {"allocatedPercent", json::value_from(outcome.allocated_percent)},
                              {"fragmentedPercent", json::value_from(outcome.fragmented_percent)},
                              {"seconds", run.seconds}};
    fmt::print("{}\n", json::serialize(result));
    return;
  }
  fmt::print("{}, seed {}: {} GPUs, {} of {} pods placed, {:.2f} s\n\n", flags.policy, flags.seed, outcome.gpus, outcome.placed,
             outcome.arrived, run.seconds);
  fmt::print("Asked for   Allocated   Fragmented\n");
  for (std::size_t percent = 10; percent < outcome.allocated_percent.size(); percent += 10) {
    fmt::print("{:>7} %   {:>7.2f} %   {:>8.2f} %\n", percent, outcome.allocated_percent[percent], outcome.fragmented_percent[percent]);
  }
}

Status run_once(const Flags& flags) {
  EBB_TRY(const fgd::Policy policy, fgd::parse_policy(flags.policy));
  EBB_TRY(const auto nodes, read_nodes(flags.nodes));
  EBB_TRY(const auto pods, read_pods(flags.pods));
  EBB_TRY(const TimedOutcome run, timed(nodes, pods, {.policy = policy, .seed = flags.seed, .tune = flags.tune}));
  print_run(flags, run);
  return {};
}

// The table.

struct Trace {
  std::string name;
  std::vector<fgd::TracePod> pods;
  const fgd::Published* published = nullptr;   // nullptr: the authors give no numbers
};

// Means over the seeds, by policy.
struct Row {
  std::array<double, fgd::kPolicies.size()> allocated{};
  std::array<double, fgd::kPolicies.size()> fragmented{};
  double cpu_seconds = 0;   // of all runs
  double slowest = 0;
};

const fgd::Published* published(std::string_view trace) {
  const auto* const found =
      std::find_if(fgd::kPublished.begin(), fgd::kPublished.end(), [&](const auto& row) { return row.trace == trace; });
  return found == fgd::kPublished.end() ? nullptr : found;
}

std::filesystem::path openb_folder() {
  const char* const data = std::getenv("EBB_DATA");
  return std::filesystem::path(data != nullptr && *data != '\0' ? data : "../shared/data") / "openb";
}

// The traces that are there: the published ones in their order, then the others by name.
Result<std::vector<std::string>> traces_in(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator file(folder, error), end; !error && file != end; file.increment(error)) {
    const std::string name = file->path().stem().string();
    if (name.starts_with(kPodListPrefix) && file->path().extension() == ".csv") names.push_back(name.substr(kPodListPrefix.size()));
  }
  if (names.empty()) {
    return fail(Errc::not_found,
                "there is no GPU trace in {}: set EBB_DATA to the folder that holds openb/ (openb_node_list_gpu_node.csv and "
                "openb_pod_list_*.csv of Alibaba's cluster-trace-gpu-v2023), or name files with --nodes, --pods and --policy",
                folder.string());
  }
  const auto place = [](const std::string& name) {
    const fgd::Published* const row = published(name);
    return row == nullptr ? fgd::kPublished.end() : row;
  };
  std::sort(names.begin(), names.end(),
            [&](const std::string& a, const std::string& b) { return std::pair(place(a), a) < std::pair(place(b), b); });
  return names;
}

// Every policy with every seed, on as many threads as there are processors. A run depends on nothing but its inputs.
Result<Row> run_row(const std::vector<fgd::TraceNode>& nodes, const Trace& trace, const Flags& flags) {
  const std::size_t seeds = static_cast<std::size_t>(flags.seeds);
  std::vector<Result<TimedOutcome>> results(fgd::kPolicies.size() * seeds);
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t job = next++; job < results.size(); job = next++) {
      results[job] =
          timed(nodes, trace.pods,
                {.policy = fgd::kPolicies[job / seeds], .seed = flags.seed + static_cast<std::int64_t>(job % seeds), .tune = flags.tune});
    }
  };
  {
    std::vector<std::jthread> threads;
    for (unsigned i = std::max(1u, std::thread::hardware_concurrency()); i > 0; --i) threads.emplace_back(work);
  }
  Row row;
  for (std::size_t job = 0; job < results.size(); ++job) {
    if (!results[job]) return std::unexpected(results[job].error());
    const TimedOutcome& run = *results[job];
    row.allocated[job / seeds] += run.outcome.allocated_percent.back() / static_cast<double>(seeds);
    row.fragmented[job / seeds] += run.outcome.fragmented_percent[100] / static_cast<double>(seeds);
    row.cpu_seconds += run.cpu_seconds;
    row.slowest = std::max(row.slowest, run.cpu_seconds);
  }
  return row;
}

// Measured, and published below it.
void print_row(std::string_view name, const std::array<double, fgd::kPolicies.size()>& measured, const fgd::PublishedRow* published_row) {
  fmt::print("{:<12}", name);
  for (const double value : measured) fmt::print("{:>14.2f}", value);
  fmt::print("\n");
  if (published_row == nullptr) return;
  fmt::print("{:<12}", "  published");
  for (const double value : *published_row) fmt::print("{:>14.2f}", value);
  fmt::print("\n");
}

void print_head(std::string_view title) {
  fmt::print("{}\n\n{:<12}", title, "Trace");
  for (const fgd::Policy policy : fgd::kPolicies) fmt::print("{:>14}", fgd::to_string(policy));
  fmt::print("\n");
}

Status run_table(const Flags& flags) {
  const std::filesystem::path folder = openb_folder();
  EBB_TRY(std::vector<std::string> names, traces_in(folder));
  for (const std::string& wanted : flags.traces) {
    if (std::find(names.begin(), names.end(), wanted) == names.end()) {
      return fail(Errc::not_found, "there is no trace '{}' in {}", wanted, folder.string());
    }
  }
  if (!flags.traces.empty()) names = flags.traces;
  EBB_TRY(const auto nodes, read_nodes((folder / "openb_node_list_gpu_node.csv").string()));

  print_head(fmt::format("GPUs allocated in %, after pods asked for {:.0f} % of them; mean of the seeds {} to {}", flags.tune * 100,
                         flags.seed, flags.seed + flags.seeds - 1));
  std::vector<std::pair<std::string, Row>> rows;
  for (const std::string& name : names) {
    Trace trace{.name = name, .pods = {}, .published = published(name)};
    EBB_TRY(trace.pods, read_pods((folder / fmt::format("{}{}.csv", kPodListPrefix, name)).string()));
    EBB_TRY(Row row, run_row(nodes, trace, flags));
    print_row(name, row.allocated, trace.published == nullptr ? nullptr : &trace.published->allocated_percent);
    std::fflush(stdout);
    rows.emplace_back(name, row);
  }

  fmt::print("\n");
  print_head("Fragmented: what a typical pod cannot use, in % of all GPUs, after 100 % were asked for");
  double cpu_seconds = 0;
  double slowest = 0;
  for (const auto& [name, row] : rows) {
    print_row(name, row.fragmented, name == "default" ? &fgd::kPublishedFragmentedPercent : nullptr);
    cpu_seconds += row.cpu_seconds;
    slowest = std::max(slowest, row.slowest);
  }
  const std::size_t runs = rows.size() * fgd::kPolicies.size() * static_cast<std::size_t>(flags.seeds);
  fmt::print("\n{} runs, {:.2f} s of one processor each in the mean, {:.2f} s at most\n", runs, cpu_seconds / static_cast<double>(runs),
             slowest);
  return {};
}

int run_fgd(const Arguments& arguments) {
  CLI::App app(
      "Replays the GPU packing experiments of \"Beware of Fragmentation\" (ATC 2023): one run of one policy, or without --policy the "
      "table of all policies on all traces in $EBB_DATA/openb, beside the published numbers",
      "ebb sim fgd");
  Flags flags;
  auto* const policy = app.add_option("--policy", flags.policy, "Random, DotProd, GpuClustering, GpuPacking, BestFit, FGD or Ebb");
  auto* const nodes = app.add_option("--nodes", flags.nodes, "Nodes as CSV: sn, cpu_milli, memory_mib, gpu, model")->option_text("FILE");
  auto* const pods =
      app.add_option("--pods", flags.pods, "Pods as CSV: name, cpu_milli, memory_mib, num_gpu, gpu_milli, gpu_spec")->option_text("FILE");
  app.add_option("--seed", flags.seed, "Of the order of pods; the table's first")->capture_default_str();
  app.add_option("--tune", flags.tune, "How much of the GPUs all pods ask for")->capture_default_str()->check(CLI::Range(0.01, 10.0));
  auto* const as_json = app.add_flag("--json", flags.json, "One run as JSON");
  auto* const traces = app.add_option("--traces", flags.traces, "The table's traces, e.g. default,cpu250 (default: all)")->delimiter(',');
  auto* const seeds =
      app.add_option("--seeds", flags.seeds, "How many seeds the table has")->capture_default_str()->check(CLI::Range(1, 1000));
  policy->needs(nodes)->needs(pods);
  nodes->needs(policy);
  pods->needs(policy);
  as_json->needs(policy);
  traces->excludes(policy);
  seeds->excludes(policy);
  if (const auto done = parse(app, arguments)) return *done;
  const Status status = flags.policy.empty() ? run_table(flags) : run_once(flags);
  return status ? 0 : failed(status.error().message);
}

}   // namespace

int run_sim(const Arguments& arguments) {
  if (!arguments.empty() && arguments.front() == "fgd") return run_fgd(Arguments(arguments.begin() + 1, arguments.end()));
  const bool help = !arguments.empty() && (arguments.front() == "--help" || arguments.front() == "-h");
  fmt::print(help ? stdout : stderr,
             "ebb sim replays recorded traces through the decisions.\n\nUsage: ebb sim EXPERIMENT [FLAGS]\n\nExperiments:\n"
             "  fgd   GPU packing on Alibaba's cluster trace of 2023, seven policies\n\nebb sim EXPERIMENT --help tells more.\n");
  return help ? 0 : 2;
}

}   // namespace ebb::cli
