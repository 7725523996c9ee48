// ebb: one program, one subcommand for each job.

#include "cli/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace {

using ebb::cli::Command;

constexpr auto kCommands = std::to_array<Command>({
    {"apply", "bring manifests into a cluster", ebb::cli::run_apply},
    {"check-config", "check colocation policies in files", ebb::cli::run_check_config},
    {"explain", "say why a pod is where it is, or nowhere", ebb::cli::run_explain},
    {"scheduler", "place pods on a cluster", ebb::cli::run_scheduler},
    {"demo", "run online and offline work on the same machines, and compare", ebb::cli::run_demo},
    {"sim", "replay recorded traces through the decisions", ebb::cli::run_sim},
    {"status", "show nodes, classes, jobs and who waits", ebb::cli::run_status},
    {"test", "run scenario files through the decisions, without a server", ebb::cli::run_test},
    {"up", "start a control plane with simulated nodes", ebb::cli::run_up},
    {"version", "print the version of this program", ebb::cli::run_version},
});

void print_usage(std::FILE* out) {
  fmt::print(out,
             "ebb runs offline jobs in the idle capacity of online services, on Kubernetes.\n\nUsage: ebb COMMAND [FLAGS]\n\nCommands:\n");
  for (const Command& command : kCommands) fmt::print(out, "  {:<13} {}\n", command.name, command.summary);
  fmt::print(out, "\nebb COMMAND --help tells more.\n");
}

}   // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    print_usage(stderr);
    return 2;
  }
  const std::string_view name = argv[1];
  if (name == "--help" || name == "-h" || name == "help") {
    print_usage(stdout);
    return 0;
  }
  const auto* const found = std::find_if(kCommands.begin(), kCommands.end(), [&](const Command& c) { return c.name == name; });
  if (found == kCommands.end()) {
    fmt::print(stderr, "ebb: there is no command '{}'\n\n", name);
    print_usage(stderr);
    return 2;
  }
  return found->run(ebb::cli::Arguments(argv + 2, argv + argc));
}
