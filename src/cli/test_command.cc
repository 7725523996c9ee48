// ebb test: scenario files through the core, without any server.

#include "cli/commands.h"
#include "cli/scenario/scenario_files.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include <string>
#include <vector>

namespace ebb::cli {
namespace {

namespace json = boost::json;
using scenario::Failure;
using scenario::Outcome;

void print_text(const Outcome& outcome) {
  fmt::print("{:<4} {}{}\n", outcome.ok() ? "ok" : "FAIL", outcome.file, outcome.name == outcome.file ? "" : ": " + outcome.name);
  for (const model::Finding& finding : outcome.findings) {
    fmt::print("  {}:{}: {}{}{}\n", outcome.file, finding.line, finding.path, finding.path.empty() ? "" : ": ", finding.message);
  }
  for (const Failure& failure : outcome.failures) fmt::print("  {}:{}: {}\n", outcome.file, failure.line, to_string(failure));
}

json::object to_json(const Outcome& outcome) {
  json::array findings;
  for (const model::Finding& finding : outcome.findings) {
    findings.push_back(json::object{{"line", finding.line}, {"path", finding.path}, {"message", finding.message}});
  }
  json::array failures;
  for (const Failure& failure : outcome.failures) {
    failures.push_back(json::object{{"line", failure.line}, {"what", failure.what}, {"expected", failure.expected}, {"got", failure.got}});
  }
  return {{"file", outcome.file},
          {"name", outcome.name},
          {"ok", outcome.ok()},
          {"findings", std::move(findings)},
          {"failures", std::move(failures)}};
}

void print_json(const std::vector<Outcome>& outcomes, std::size_t failed_count) {
  json::array scenarios;
  for (const Outcome& outcome : outcomes) scenarios.push_back(to_json(outcome));
  const json::object all{
      {"scenarios", std::move(scenarios)}, {"passed", outcomes.size() - failed_count}, {"failed", failed_count}, {"ok", failed_count == 0}};
  fmt::print("{}\n", json::serialize(all));
}

}   // namespace

int run_test(const Arguments& arguments) {
  CLI::App app("Runs scenario files through Ebb's decisions, without any server, and compares the outcome with what they expect.",
               "ebb test");
  std::vector<std::string> paths;
  bool as_json = false;
  app.add_option("paths", paths, "Scenario files, or folders of them")->required()->option_text("FILE|DIR...");
  app.add_flag("--json", as_json, "Print one JSON object instead of text");
  if (const auto done = parse(app, arguments)) return *done;

  const auto files = scenario::scenario_files(paths);
  if (!files) return failed(files.error().message);
  std::vector<Outcome> outcomes;
  std::size_t failed_count = 0;
  for (const std::string& file : *files) {
    auto outcome = scenario::run_scenario_file(file);
    if (!outcome) return failed(outcome.error().message);
    if (!outcome->ok()) ++failed_count;
    if (!as_json) print_text(*outcome);
    outcomes.push_back(*std::move(outcome));
  }
  if (as_json) {
    print_json(outcomes, failed_count);
  } else {
    fmt::print("{} passed, {} failed\n", outcomes.size() - failed_count, failed_count);
  }
  return failed_count == 0 ? 0 : 1;
}

}   // namespace ebb::cli
