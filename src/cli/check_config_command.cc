#include "cli/commands.h"
#include "kube/read_file.h"
#include "model/config_files.h"
#include "model/profile/profile_text.h"
#include "model/profile/scheduler_configuration.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace ebb::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kFileBytesMax = 16u << 20;

json::array to_list(const std::vector<model::FileFinding>& findings) {
  json::array list;
  for (const auto& [file, finding] : findings) {
    list.push_back({{"file", file}, {"line", std::max(finding.line, 1)}, {"path", finding.path}, {"message", finding.message}});
  }
  return list;
}

struct Checked {
  std::vector<model::FileFinding> findings;
  std::vector<model::FileFinding> notes;
  std::string resolved;   // of the scheduler configurations in which nothing was found
};

void check_scheduler_configuration(const model::ConfigFile& file, Checked& checked) {
  model::ReadConfiguration read = model::read_scheduler_configuration(file.text);
  for (model::Finding& finding : read.findings) checked.findings.push_back({file.name, std::move(finding)});
  for (model::Finding& note : read.notes) checked.notes.push_back({file.name, std::move(note)});
  if (!read.findings.empty()) return;
  checked.resolved += fmt::format("# {}\n{}", file.name, model::resolved_text(read.value));
  for (const model::SchedulerProfile& profile : read.value.profiles) {
    checked.resolved += fmt::format("# {}: {}\n", profile.scheduler_name, model::ebb_plugins_text(profile));
  }
}

// A scheduler's configuration stands for itself; policies are judged together.
Checked check(const std::vector<model::ConfigFile>& files) {
  Checked checked;
  std::vector<model::ConfigFile> policies;
  for (const model::ConfigFile& file : files) {
    if (model::is_scheduler_configuration(file.text)) {
      check_scheduler_configuration(file, checked);
    } else {
      policies.push_back(file);
    }
  }
  std::ranges::move(model::check_config_files(policies), std::back_inserter(checked.findings));
  return checked;
}

}   // namespace

int run_check_config(const Arguments& arguments) {
  CLI::App app(
      "Checks colocation policies: ConfigMaps with colocation-policy.yaml or node-policy.yaml, ColocationPolicy\n"
      "objects, and either text by itself; and schedulers' files: a KubeSchedulerConfiguration, an\n"
      "EbbSchedulerConfiguration, or both. Everything that is wrong is printed, one line each:\n"
      "FILE:LINE: FIELD.PATH: what is wrong, what is allowed. Ends with 0 where all is fine, else with 1.",
      "ebb check-config");
  std::vector<std::string> paths;
  bool as_json = false;
  bool show_resolved = false;
  app.add_option("FILE", paths, "The files to check; together, as a cluster would see them")->required();
  app.add_flag("--json", as_json, "Print one JSON object: ok, and findings with file, line, path and message");
  app.add_flag("--resolved", show_resolved, "Print what each scheduler's file comes to: plugins in their order, weights, arguments");
  if (const auto done = parse(app, arguments)) return *done;

  std::vector<model::ConfigFile> files;
  std::vector<model::FileFinding> findings;
  for (const std::string& path : paths) {
    auto text = kube::read_whole_file(path, kFileBytesMax);
    if (text) {
      files.push_back({path, *std::move(text)});
    } else {
      std::string_view reason = text.error().message;
      const std::string named = path + ": ";
      if (reason.starts_with(named)) reason.remove_prefix(named.size());
      findings.push_back({path, {0, "", std::string(reason)}});
    }
  }
  Checked checked = check(files);
  std::ranges::move(checked.findings, std::back_inserter(findings));

  if (as_json) {
    const json::object result{{"ok", findings.empty()}, {"findings", to_list(findings)}, {"notes", to_list(checked.notes)}};
    fmt::print("{}\n", json::serialize(result));
  } else {
    for (const model::FileFinding& found : findings) fmt::print("{}\n", to_string(found));
    for (const model::FileFinding& note : checked.notes) fmt::print("note: {}\n", to_string(note));
  }
  if (show_resolved) fmt::print("{}", checked.resolved);
  return findings.empty() ? 0 : 1;
}

}   // namespace ebb::cli
