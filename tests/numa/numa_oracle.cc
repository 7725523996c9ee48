// Compares Ebb's model of a kubelet with the kubelet's recorded answers.
//   ebb_numa_oracle FILE...     files or folders of cases, one JSON object a line; - is standard input
// Prints every difference and, last, what the cases reached. 1: there are differences; 2: a file cannot be read.

#include "oracle_case.h"

#include <fmt/core.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <vector>

namespace {

struct Tally {
  int cases = 0;
  int differences = 0;
  int unreadable = 0;
  int refused_to_start = 0;
  std::map<std::string, int> answers;
};

void compare(std::istream& in, const std::string& name, Tally& tally) {
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.empty()) continue;
    const auto one = ebb::oracle::parse_case(line);
    if (!one) {
      fmt::print(stderr, "{}:{}: {}\n", name, number, one.error().message);
      ++tally.unreadable;
      continue;
    }
    ++tally.cases;
    if (!one->error.empty()) ++tally.refused_to_start;
    for (const auto& event : one->events)
      if (event.what == ebb::oracle::Event::What::add) ++tally.answers[event.admitted ? "admitted" : event.reason];
    if (const std::string what = ebb::oracle::difference(*one); !what.empty()) {
      fmt::print("{}:{}: {}\n", name, number, what);
      ++tally.differences;
    }
  }
}

}   // namespace

int main(int argc, char** argv) {
  Tally tally;
  std::vector<std::string> files;
  for (int i = 1; i < argc; ++i) {
    if (std::filesystem::is_directory(argv[i])) {
      for (const auto& entry : std::filesystem::directory_iterator(argv[i])) files.push_back(entry.path());
    } else {
      files.emplace_back(argv[i]);
    }
  }
  for (const std::string& file : files) {
    if (file == "-") {
      compare(std::cin, "stdin", tally);
      continue;
    }
    std::ifstream in(file);
    if (!in) {
      fmt::print(stderr, "{}: cannot be read\n", file);
      ++tally.unreadable;
    }
    compare(in, file, tally);
  }
  fmt::print("{} cases, {} differences; the kubelet did not start in {}", tally.cases, tally.differences, tally.refused_to_start);
  for (const auto& [answer, count] : tally.answers) fmt::print(", {} {}", answer, count);
  fmt::print("\n");
  return tally.unreadable > 0 ? 2 : tally.cases == 0 || tally.differences > 0 ? 1 : 0;
}
