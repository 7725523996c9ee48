#pragma once

// A subcommand is a function from its arguments to an exit code: 0 done, 1 it failed, 2 wrong
// usage. Each lives in its own file and parses its own flags; main.cc holds the table.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace ebb::cli {

using Arguments = std::vector<std::string>;   // without program and subcommand name

struct Command {
  std::string_view name;
  std::string_view summary;
  int (*run)(const Arguments&);
};

// Parses `arguments` into what `app` declares. A value is the exit code to end with at once: 0
// after --help (on standard output), 2 on wrong usage (message on standard error).
std::optional<int> parse(CLI::App& app, const Arguments& arguments);

// Prints "ebb: MESSAGE" on standard error and gives 1.
int failed(std::string_view message);

// Adds --kubeconfig, whose default is the environment's KUBECONFIG, then ~/.kube/config.
void add_kubeconfig_flag(CLI::App& app, std::string& path);

}   // namespace ebb::cli
