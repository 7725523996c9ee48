#include "cli/commands.h"
#include "kube/read_file.h"
#include "model/config_files.h"

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

std::string to_json(const std::vector<model::FileFinding>& findings) {
  json::array list;
  for (const auto& [file, finding] : findings) {
    list.push_back({{"file", file}, {"line", std::max(finding.line, 1)}, {"path", finding.path}, {"message", finding.message}});
  }
  return json::serialize(json::object{{"ok", findings.empty()}, {"findings", std::move(list)}});
}

}   // namespace

int run_check_config(const Arguments& arguments) {
  CLI::App app(
      "Checks colocation policies: ConfigMaps with colocation-policy.yaml or node-policy.yaml, ColocationPolicy\n"
      "objects, and either text by itself. Everything that is wrong is printed, one line each:\n"
      "FILE:LINE: FIELD.PATH: what is wrong, what is allowed. Ends with 0 where all is fine, else with 1.",
      "ebb check-config");
  std::vector<std::string> paths;
  bool as_json = false;
  app.add_option("FILE", paths, "The files to check; together, as a cluster would see them")->required();
  app.add_flag("--json", as_json, "Print one JSON object: ok, and findings with file, line, path and message");
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
  std::ranges::move(model::check_config_files(files), std::back_inserter(findings));

  if (as_json) {
    fmt::print("{}\n", to_json(findings));
  } else {
    for (const model::FileFinding& found : findings) fmt::print("{}\n", to_string(found));
  }
  return findings.empty() ? 0 : 1;
}

}   // namespace ebb::cli
