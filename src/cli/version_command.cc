#include "cli/commands.h"
#include "cli/version.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace ebb::cli {

int run_version(const Arguments& arguments) {
  CLI::App app("Prints the version of this program", "ebb version");
  if (const auto done = parse(app, arguments)) return *done;
  fmt::print("ebb {}\n", kVersion);
  return 0;
}

}   // namespace ebb::cli
