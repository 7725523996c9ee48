#include "cli/scenario/scenario_files.h"
#include "cli/scenario/scenario_parser.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <string>

namespace ebb::cli::scenario {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ParsedScenario parse(std::string_view text) {
  return parse_scenario("s.yaml", text,
                        [](const std::string& path) -> Result<std::string> { return fail(Errc::not_found, "{}: no such file", path); });
}

std::vector<std::string> findings(std::string_view text) {
  std::vector<std::string> texts;
  for (const model::Finding& finding : parse(text).findings) texts.push_back(model::to_string(finding));
  return texts;
}

std::vector<std::string> failures(std::string_view text) {
  const ParsedScenario parsed = parse(text);
  if (!parsed.scenario) return findings(text);
  std::vector<std::string> texts;
  for (const Failure& failure : play(*parsed.scenario)) texts.push_back(std::to_string(failure.line) + ": " + to_string(failure));
  return texts;
}

TEST(Scenario, an_unknown_key_is_found_with_its_line_and_a_suggestion) {
  EXPECT_THAT(findings("nodes: []\nexpct: {}\n"), ElementsAre(HasSubstr("line 2: expct: unknown field, did you mean expect?")));
  EXPECT_THAT(findings("pods:\n  - name: a\n    lables: {}\n"),
              ElementsAre(HasSubstr("line 3: pods[0].lables: unknown field, did you mean labels?")));
}

TEST(Scenario, everything_wrong_is_found_at_once) {
  const auto found = findings(R"(
nodes:
  - name: n
    capacity: {cpu: lots}
    taints: [{key: a, effect: Never}]
  - capacity: {cpu: 1}
  - name: bare
pods:
  - requests: {cpu: 1}
workloads:
  - count: 2
  - file: missing.yaml
  - manifest: {kind: Service, metadata: {name: s}}
expect:
  pods: [{pod: p, class: XL}]
then:
  - after: soon
)");
  EXPECT_THAT(found, Contains(HasSubstr("must be an amount")));
  EXPECT_THAT(found, Contains(HasSubstr("effect 'Never' is not allowed")));
  EXPECT_THAT(found, Contains(HasSubstr("a node needs a name")));
  EXPECT_THAT(found, Contains(HasSubstr("node bare appears here for the first time")));
  EXPECT_THAT(found, Contains(HasSubstr("a pod needs a name")));
  EXPECT_THAT(found, Contains(HasSubstr("a workload needs a file or a manifest")));
  EXPECT_THAT(found, Contains(HasSubstr("missing.yaml: no such file")));
  EXPECT_THAT(found, Contains(HasSubstr("kind 'Service' has no pods")));
  EXPECT_THAT(found, Contains(HasSubstr("must be one of HLS, LS, BE")));
  EXPECT_THAT(found, Contains(HasSubstr("must be a duration")));
}

TEST(Scenario, a_policy_is_judged_by_its_own_parser_line_by_line) {
  EXPECT_THAT(findings(R"(policy:
  apiVersion: scheduling.openfuyao.io/v1alpha1
  kind: ColocationPolicy
  metadata: {name: default-colocation-policy}
  spec:
    resourceSharing:
      cpuThreshold: 8
)"),
              ElementsAre(HasSubstr("line 7: ")));
}

TEST(Scenario, text_that_is_no_yaml_or_no_single_document_is_a_finding) {
  EXPECT_FALSE(parse("nodes: [").findings.empty());
  EXPECT_FALSE(parse("{}\n---\n{}\n").findings.empty());
  EXPECT_FALSE(parse("7").findings.empty());
}

constexpr std::string_view kOnePod = R"(
nodes:
  - name: n
    capacity: {cpu: 4, memory: 8Gi}
pods:
  - name: p
    requests: {cpu: 1}
)";

TEST(Scenario, what_is_as_expected_is_no_failure) {
  EXPECT_THAT(failures(std::string(kOnePod) + R"(
expect:
  pods: [{pod: p, bound: 1, pending: 0, class: LS, offline: false, nodes: [n], requests: {cpu: 1}, event: Scheduled}]
  nodes: [{node: n, pods: 1, offlinePods: 0, batchCpu: none}]
)"),
              IsEmpty());
}

TEST(Scenario, every_kind_of_expectation_can_fail_and_says_expected_and_got) {
  const auto failed = failures(std::string(kOnePod) + R"(
expect:
  pods:
    - {pod: p, bound: 0}
    - {pod: p, pending: 1}
    - {pod: p, class: BE}
    - {pod: p, offline: true}
    - {pod: p, pool: offline}
    - {pod: p, priority: critical}
    - {pod: p, reason: because}
    - {pod: p, warning: careful}
    - {pod: p, refused: never}
    - {pod: p, nodes: [m]}
    - {pod: p, requests: {cpu: 2}}
    - {pod: p, annotations: {a: "b"}}
    - {pod: p, event: Nothing}
    - {pod: q, bound: 1}
  nodes:
    - {node: n, pods: 0}
    - {node: n, offlinePods: 1}
    - {node: n, batchCpu: 1}
    - {node: n, batchMemory: 1Gi}
    - {node: n, cpu: {result: 1}}
    - {node: m, pods: 0}
)");
  ASSERT_EQ(failed.size(), 20U);
  EXPECT_EQ(failed[0], "11: pod default/p: bound: expected 0, got 1");
  EXPECT_THAT(failed[2], HasSubstr("class: expected BE, got LS (nothing said"));
  EXPECT_THAT(failed[8], HasSubstr("refused: expected never, got admitted"));
  EXPECT_THAT(failed[9], HasSubstr("expected one of m, got n"));
  EXPECT_THAT(failed[10], HasSubstr("expected cpu 2, got cpu 1"));
  EXPECT_THAT(failed[13], HasSubstr("there is no such pod"));
  EXPECT_THAT(failed[16], HasSubstr("batchCpu: expected 1, got none"));
  EXPECT_THAT(failed[19], HasSubstr("there is no such node"));
}

TEST(Scenario, a_step_that_cannot_be_performed_is_a_failure_at_its_line) {
  EXPECT_THAT(failures("nodes: []\nthen:\n  - remove: [ghost]\n"), ElementsAre(HasSubstr("there is no pod or workload default/ghost")));
  EXPECT_THAT(failures("pods: [{name: a, node: nowhere}]\n"), ElementsAre(HasSubstr("runs on node nowhere, which is not there")));
  EXPECT_THAT(failures("pods: [{name: a}, {name: a}]\n"), ElementsAre(HasSubstr("two pods called default/a")));
}

TEST(Scenario, the_scenarios_of_this_repository_hold) {
  const auto files = scenario_files({EBB_SOURCE_DIR "/tests/scenarios"});
  ASSERT_TRUE(files) << files.error().message;
  EXPECT_GE(files->size(), 15U);
  for (const std::string& file : *files) {
    const auto outcome = run_scenario_file(file);
    ASSERT_TRUE(outcome) << outcome.error().message;
    for (const model::Finding& finding : outcome->findings) ADD_FAILURE() << file << ": " << model::to_string(finding);
    for (const Failure& failure : outcome->failures) ADD_FAILURE() << file << ":" << failure.line << ": " << to_string(failure);
  }
}

TEST(Scenario, the_example_of_the_documentation_holds) {
  std::ifstream in(EBB_SOURCE_DIR "/docs/scenarios.md");
  const std::string page((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  constexpr std::string_view kBegin = "```yaml\n";
  const std::size_t begin = page.find(kBegin);
  ASSERT_NE(begin, std::string::npos);
  const std::string example = page.substr(begin + kBegin.size(), page.find("```", begin + kBegin.size()) - begin - kBegin.size());
  const ParsedScenario parsed = parse_scenario("docs", example, [](const std::string& path) -> Result<std::string> {
    std::ifstream file(EBB_SOURCE_DIR "/tests/scenarios/" + path);
    return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  });
  EXPECT_THAT(parsed.findings, IsEmpty());
  ASSERT_TRUE(parsed.scenario);
  EXPECT_EQ(parsed.scenario->steps.size(), 2U);
  for (const Failure& failure : play(*parsed.scenario)) ADD_FAILURE() << failure.line << ": " << to_string(failure);
}

TEST(ScenarioFiles, what_is_not_there_is_an_error) {
  EXPECT_EQ(scenario_files({"/nowhere/at/all"}).error().code, Errc::not_found);
  EXPECT_EQ(run_scenario_file("/nowhere/at/all.yaml").error().code, Errc::not_found);
}

}   // namespace
}   // namespace ebb::cli::scenario
