#include "cli/command.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <iostream>

namespace ebb::cli {

std::optional<int> parse(CLI::App& app, const Arguments& arguments) {
  Arguments reversed = arguments;   // CLI11 takes its vector from the back
  std::reverse(reversed.begin(), reversed.end());
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app.help());
    return 0;
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "{}: {}\nRun {} --help for its usage.\n", app.get_name(), error.what(), app.get_name());
    return 2;
  }
  return std::nullopt;
}

int failed(std::string_view message) {
  fmt::print(stderr, "ebb: {}\n", message);
  return 1;
}

void add_kubeconfig_flag(CLI::App& app, std::string& path) {
  app.add_option("--kubeconfig", path,
                 "Which cluster, and who we are there (default: $KUBECONFIG, then ~/.kube/config, then the pod's own account)")
      ->option_text("FILE");
}

}   // namespace ebb::cli
