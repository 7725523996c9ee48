// Compares Ebb's placement with the recorded answers of kube-scheduler's own plugins.
//   ebb_scheduler_oracle FILE...     files or folders of cases, one JSON object a line; - is standard input
// Prints every difference and, last, what the cases reached. 1: there are differences; 2: a file or a case cannot be read.

#include "comparison.h"

#include <fmt/core.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace {

struct Tally {
  int cases = 0;
  int differences = 0;
  int unreadable = 0;
  ebb::oracle::Reached reached;
};

void compare(std::istream& in, const std::string& name, Tally& tally) {
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.empty()) continue;
    const auto one = ebb::oracle::parse_scheduler_case(line);
    if (!one) {
      fmt::print("{}:{}: unreadable: {}\n", name, number, one.error().message);
      ++tally.unreadable;
      continue;
    }
    ++tally.cases;
    if (const std::string what = ebb::oracle::difference(*one, tally.reached); !what.empty()) {
      fmt::print("{}:{}: {}\n", name, number, what);
      ++tally.differences;
    }
  }
}

std::vector<std::string> files_of(int count, char** names) {
  std::vector<std::string> files;
  for (int i = 1; i < count; ++i) {
    if (!std::filesystem::is_directory(names[i])) {
      files.emplace_back(names[i]);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(names[i])) files.push_back(entry.path());
  }
  return files;
}

}   // namespace

int main(int argc, char** argv) {
  Tally tally;
  for (const std::string& file : files_of(argc, argv)) {
    if (file == "-") {
      compare(std::cin, file, tally);
      continue;
    }
    std::ifstream in(file);
    if (!in) {
      fmt::print(stderr, "{}: cannot be read\n", file);
      return 2;
    }
    compare(in, file, tally);
  }
  for (const auto& [what, times] : tally.reached) fmt::print("{:>8} {}\n", times, what);
  fmt::print("{} cases, {} differences, {} unreadable\n", tally.cases, tally.differences, tally.unreadable);
  if (tally.unreadable > 0 || tally.cases == 0) return 2;
  return tally.differences > 0 ? 1 : 0;
}
