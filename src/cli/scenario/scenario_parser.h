#pragma once

// A scenario from its text. Everything that is wrong is found at once, with its line.

#include "cli/scenario/scenario.h"
#include "cli/scenario/workloads.h"
#include "model/finding.h"

#include <optional>
#include <string>
#include <string_view>

namespace ebb::cli::scenario {

struct ParsedScenario {
  std::optional<Scenario> scenario;   // none: there are findings
  model::Findings findings;
};

ParsedScenario parse_scenario(const std::string& file, std::string_view text, const ReadFile& read_file);

// An entry of `expect.pods`, `nodes`, `podGroups`, `claims` and `queues`.
void read_pod_expectation(FieldReader& reader, const Located& where, std::vector<PodExpectation>& expectations);
void read_node_expectation(FieldReader& reader, const Located& where, std::vector<NodeExpectation>& expectations);
void read_group_expectation(FieldReader& reader, const Located& where, std::vector<PodGroupExpectation>& expectations);
void read_claim_expectation(FieldReader& reader, const Located& where, std::vector<ClaimExpectation>& expectations);
void read_queue_expectation(FieldReader& reader, const Located& where, std::vector<QueueExpectation>& expectations);

}   // namespace ebb::cli::scenario
