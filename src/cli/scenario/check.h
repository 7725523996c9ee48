#pragma once

// What a step expected against what is.

#include "cli/scenario/run.h"
#include "cli/scenario/scenario.h"
#include "model/finding.h"

#include <string>
#include <vector>

namespace ebb::cli::scenario {

struct Failure {
  int line = 0;
  std::string what;       // "pod offline/data-analytics-job-3: class"
  std::string expected;   // empty: `got` says it all
  std::string got;
};

std::string to_string(const Failure& failure);   // "pod a/b: class: expected BE, got LS"

std::vector<Failure> check(const Step& step, const Run& run);

// A scenario read and run.
struct Outcome {
  std::string file;
  std::string name;
  model::Findings findings;   // what is wrong with the file itself; then nothing was run
  std::vector<Failure> failures;

  bool ok() const { return findings.empty() && failures.empty(); }
};

// Runs step by step up to the first step that cannot be performed.
std::vector<Failure> play(const Scenario& scenario);

}   // namespace ebb::cli::scenario
