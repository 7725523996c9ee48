#include "cli/scenario/scenario_files.h"

#include "cli/scenario/scenario_parser.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace ebb::cli::scenario {
namespace {

namespace fs = std::filesystem;

Result<std::string> read_text(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return fail(Errc::not_found, "{}: there is no such file", path.string());
  if (!fs::is_regular_file(path, error)) return fail(Errc::io, "{}: this is no file", path.string());
  std::ifstream in(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in.good() && !in.eof()) return fail(Errc::io, "{}: cannot be read", path.string());
  return text;
}

bool is_yaml(const fs::path& path) { return path.extension() == ".yaml" || path.extension() == ".yml"; }

}   // namespace

Result<std::vector<std::string>> scenario_files(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      if (!fs::exists(path, error)) return fail(Errc::not_found, "{}: there is no such file or folder", path);
      files.push_back(path);
      continue;
    }
    std::vector<std::string> inside;
    for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
      if (is_yaml(entry->path())) inside.push_back(entry->path().string());
    }
    if (error) return fail(Errc::io, "{}: {}", path, error.message());
    if (inside.empty()) return fail(Errc::not_found, "{}: there is no *.yaml in this folder", path);
    std::ranges::sort(inside);
    std::ranges::move(inside, std::back_inserter(files));
  }
  return files;
}

Result<Outcome> run_scenario_file(const std::string& path) {
  EBB_TRY(const std::string text, read_text(path));
  const fs::path folder = fs::path(path).parent_path();
  const ParsedScenario parsed = parse_scenario(path, text, [&](const std::string& named) { return read_text(folder / named); });
  Outcome outcome{.file = path, .name = path, .findings = parsed.findings, .failures = {}};
  if (!parsed.scenario) return outcome;
  outcome.name = parsed.scenario->name;
  outcome.failures = play(*parsed.scenario);
  return outcome;
}

}   // namespace ebb::cli::scenario
