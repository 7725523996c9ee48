#include "model/policy_parser.h"

#include "model/duration.h"
#include "model/policy_check.h"
#include "model/policy_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

namespace ebb::model {

void PrintTo(const Finding& found, std::ostream* out) { *out << to_string(found); }

namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view kHead =
    "apiVersion: scheduling.openfuyao.io/v1alpha1\nkind: ColocationPolicy\nmetadata:\n  name: default-colocation-policy\nspec:\n";
constexpr int kHeadLines = 5;

// The sample as users have it, from its own file's ConfigMap.
constexpr std::string_view kSampleSpec = R"(  enabled: true
  resourceSharing:
    cpuThreshold: 0.8
    memoryThreshold: 0.7
  qosGuarantee:
    onlineLatencySLO: 100ms
    cpuBurstRatio: 2.0
    memoryBurstRatio: 1.5
  eviction:
    enabled: true
    aggressive: false
    gracePeriodSeconds: 30
    cpuPressureThreshold: 0.9
    memoryPressureThreshold: 0.85
  numaAffinity:
    enabled: true
    strategy: "best-effort"
    strictMode: false
    topologyAwareness: true
  loadPrediction:
    enabled: true
    predictionWindow: "15m"
    historyDataRange: "7d"
  rescheduling:
    enabled: true
    cooldownPeriod: "5m"
    maxMigratingPods: 10
)";

Parsed<ColocationPolicy> parse_spec(std::string_view spec) { return parse_colocation_policy(fmt::format("{}{}", kHead, spec)); }

auto finding(int line, std::string_view path, std::string_view message) {
  return AllOf(Field(&Finding::line, line), Field(&Finding::path, std::string(path)),
               Field(&Finding::message, HasSubstr(std::string(message))));
}

TEST(PolicyParser, REQ_S1_30_the_sample_is_the_default_policy) {
  const auto parsed = parse_spec(kSampleSpec);
  EXPECT_THAT(parsed.findings, IsEmpty());
  ASSERT_TRUE(parsed.value);
  EXPECT_EQ(*parsed.value, ColocationPolicy{});
}

TEST(PolicyParser, every_field_is_read_into_its_own_place) {
  const auto parsed = parse_spec(R"(  enabled: false
  resourceSharing: {cpuThreshold: 0.61, memoryThreshold: 0.62, cpuOvercommitRatio: 3, memoryOvercommitRatio: 1.25}
  qosGuarantee: {onlineLatencySLO: 1s, cpuBurstRatio: 4.0, memoryBurstRatio: 1.125}
  eviction:
    enabled: false
    aggressive: true
    gracePeriodSeconds: 0
    waterLine: {cpu: 0.5, memory: 0.55}
    cpuPressureThreshold: 0.63
    memoryPressureThreshold: 0.64
  numaAffinity: {enabled: false, strategy: single-numa-node, strictMode: true, topologyAwareness: false}
  loadPrediction: {enabled: false, predictionWindow: 2h, historyDataRange: 1d}
  rescheduling: {enabled: false, cooldownPeriod: 0s, maxMigratingPods: 1000}
  isolation:
    l3: {hls: 60, ls: 25, be: 15}
    memoryBandwidth: {hls: 40, ls: 20, be: 5}
)");
  EXPECT_THAT(parsed.findings, IsEmpty());
  ASSERT_TRUE(parsed.value);
  ColocationPolicy wanted;
  wanted.enabled = false;
  wanted.resource_sharing = {Permille{610}, Permille{620}, Permille{3000}, Permille{1250}};
  wanted.qos_guarantee = {seconds(1), Permille{4000}, Permille{1125}};
  wanted.eviction = {false, true, seconds(0), Permille{500}, Permille{550}, Permille{630}, Permille{640}};
  wanted.numa_affinity = {false, NumaStrategy::single_numa_node, true, false};
  wanted.load_prediction = {false, hours(2), hours(24)};
  wanted.rescheduling = {false, Duration{}, 1000};
  wanted.isolation = {{60, 25, 15}, {40, 20, 5}};
  EXPECT_EQ(*parsed.value, wanted);
}

TEST(PolicyParser, what_is_not_written_has_its_default) {
  const auto parsed = parse_spec("  rescheduling:\n    maxMigratingPods: 3\n");
  ASSERT_TRUE(parsed.value);
  ColocationPolicy wanted;
  wanted.rescheduling.max_migrating_pods = 3;
  EXPECT_EQ(*parsed.value, wanted);
}

TEST(PolicyParser, a_custom_resource_is_read_with_what_the_server_adds_to_it) {
  const auto parsed = parse_colocation_policy(
      R"({"apiVersion":"scheduling.openfuyao.io/v1alpha1","kind":"ColocationPolicy","metadata":{"name":"mine","uid":"1-2","generation":3,)"
      R"("managedFields":[{"manager":"kubectl"}]},"spec":{"enabled":false,"resourceSharing":{"cpuThreshold":0.5}},"status":{"conditions":[]}})");
  EXPECT_THAT(parsed.findings, IsEmpty());
  ASSERT_TRUE(parsed.value);
  EXPECT_EQ(parsed.value->name, "mine");
  EXPECT_EQ(parsed.value->resource_sharing.cpu_threshold, Permille{500});
}

struct BadSpec {
  std::string_view spec;
  int line;   // within the spec
  std::string_view path;
  std::string_view message;
};

class BadSpecTest : public ::testing::TestWithParam<BadSpec> {};

TEST_P(BadSpecTest, is_refused_with_line_field_and_what_is_allowed) {
  const auto parsed = parse_spec(GetParam().spec);
  EXPECT_FALSE(parsed.value);
  EXPECT_THAT(parsed.findings, ElementsAre(finding(kHeadLines + GetParam().line, GetParam().path, GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(
    PolicyParser, BadSpecTest,
    ::testing::Values(
        BadSpec{"  enabled: yes\n", 1, "spec.enabled", "yes is not allowed: it must be true or false"},
        BadSpec{"  enabled: \"true\"\n", 1, "spec.enabled", "it must be true or false, without quotes"},
        BadSpec{"  enabled:\n", 1, "spec.enabled", "nothing is not allowed: it must be true or false"},
        BadSpec{"  enabld: true\n", 1, "spec.enabld", "unknown field, did you mean enabled?"},
        BadSpec{"  resourceSharing:\n    cpuThreshhold: 0.8\n", 2, "spec.resourceSharing.cpuThreshhold", "did you mean cpuThreshold?"},
        BadSpec{"  cpuPressureThreshold: 0.9\n", 1, "spec.cpuPressureThreshold", "it belongs to eviction"},
        BadSpec{"  resourceSharing:\n    cpuThreshold: 1.5\n", 2, "spec.resourceSharing.cpuThreshold",
                "1.5 is out of range: it must be a number from 0 to 1"},
        BadSpec{"  resourceSharing:\n    cpuThreshold: -0.1\n", 2, "spec.resourceSharing.cpuThreshold",
                "-0.1 is out of range: it must be a number from 0 to 1"},
        BadSpec{"  resourceSharing:\n    cpuThreshold: 80%\n", 2, "spec.resourceSharing.cpuThreshold",
                "80% is not allowed: it must be a number from 0 to 1"},
        BadSpec{"  resourceSharing:\n    cpuThreshold: \"0.8\"\n", 2, "spec.resourceSharing.cpuThreshold", "without quotes"},
        BadSpec{"  resourceSharing:\n    cpuThreshold: 0.80001\n", 2, "spec.resourceSharing.cpuThreshold", "with at most 3 decimal places"},
        BadSpec{"  resourceSharing:\n    cpuThreshold: [0.8]\n", 2, "spec.resourceSharing.cpuThreshold", "a list is not allowed"},
        BadSpec{"  resourceSharing:\n    cpuOvercommitRatio: 0.5\n", 2, "spec.resourceSharing.cpuOvercommitRatio", "a number from 1 to 10"},
        BadSpec{"  resourceSharing: 0.8\n", 1, "spec.resourceSharing", "0.8 stands where a mapping is expected"},
        BadSpec{"  qosGuarantee:\n    onlineLatencySLO: 100\n", 2, "spec.qosGuarantee.onlineLatencySLO", "with a unit, such as 100ms"},
        BadSpec{"  qosGuarantee:\n    onlineLatencySLO: 2m\n", 2, "spec.qosGuarantee.onlineLatencySLO",
                "it must be a duration from 1ms to 1m"},
        BadSpec{"  qosGuarantee:\n    onlineLatencySLO: 1w\n", 2, "spec.qosGuarantee.onlineLatencySLO",
                "1w is not allowed: it must be a duration"},
        BadSpec{"  qosGuarantee:\n    onlineLatencySLO: 999999999999h\n", 2, "spec.qosGuarantee.onlineLatencySLO", "out of range"},
        BadSpec{"  eviction:\n    gracePeriodSeconds: 3601\n", 2, "spec.eviction.gracePeriodSeconds",
                "a whole number of seconds from 0 to 3600"},
        BadSpec{"  eviction:\n    gracePeriodSeconds: 30s\n", 2, "spec.eviction.gracePeriodSeconds", "30s is not allowed"},
        BadSpec{"  eviction:\n    gracePeriodSeconds: 1.5\n", 2, "spec.eviction.gracePeriodSeconds", "1.5 is not allowed"},
        BadSpec{"  eviction:\n    gracePeriodSeconds: 99999999999999999999\n", 2, "spec.eviction.gracePeriodSeconds", "out of range"},
        BadSpec{"  eviction:\n    gracePeriodSeconds: 030\n", 2, "spec.eviction.gracePeriodSeconds", "leading zero"},
        BadSpec{"  numaAffinity:\n    strategy: none\n", 2, "spec.numaAffinity.strategy",
                "one of best-effort, restricted, single-numa-node"},
        BadSpec{"  loadPrediction:\n    predictionWindow: 30s\n", 2, "spec.loadPrediction.predictionWindow", "a duration from 1m to 1d"},
        BadSpec{"  loadPrediction:\n    predictionWindow: 2h\n    historyDataRange: 1h\n", 2, "spec.loadPrediction.predictionWindow",
                "2h is above loadPrediction.historyDataRange (1h)"},
        BadSpec{"  rescheduling:\n    maxMigratingPods: 1001\n", 2, "spec.rescheduling.maxMigratingPods", "a whole number from 0 to 1000"},
        BadSpec{"  eviction:\n    waterLine:\n      cpu: 0.85\n", 3, "spec.eviction.waterLine.cpu",
                "0.85 is above resourceSharing.cpuThreshold (0.8, the default): the water line must not be above the admission line"},
        BadSpec{"  eviction:\n    cpuPressureThreshold: 0.75\n", 2, "spec.eviction.cpuPressureThreshold",
                "0.75 is below resourceSharing.cpuThreshold (0.8, the default): the admission line must not be above the pressure line"},
        BadSpec{"  resourceSharing:\n    memoryThreshold: 0.9\n", 2, "spec.resourceSharing.memoryThreshold",
                "0.9 is above eviction.memoryPressureThreshold (0.85, the default)"},
        BadSpec{"  isolation:\n    l3:\n      be: 30\n", 2, "spec.isolation.l3",
                "the shares add up to 110 (hls 50 + ls 30 + be 30): they must make 100"},
        BadSpec{"  isolation:\n    memoryBandwidth: {hls: 90}\n", 2, "spec.isolation.memoryBandwidth", "they must make at most 100"},
        BadSpec{"  enabled: true\n  enabled: false\n", 2, "spec.enabled", "this key stands twice, first on line 6"},
        BadSpec{"  enabled: !!bool true\n", 1, "spec.enabled", "tags are not allowed"},
        BadSpec{"  enabled: &on true\n", 1, "spec.enabled", "anchors (&name) are not allowed"},
        BadSpec{"  numaAffinity:\n\t  enabled: true\n", 2, "spec.numaAffinity", "a tab in the indentation"}));

TEST(PolicyParser, everything_that_is_wrong_is_said_at_once_in_the_order_of_lines) {
  const auto parsed = parse_colocation_policy(R"(apiVersion: scheduling.openfuyao.io/v1
kind: Policy
metadata:
  name: Not A Name
spec:
  enabled: maybe
  resourceSharing:
    cpuThreshold: 0.95
    cpuThreshold: 0.8
    memoryThreshold: 7
  eviktion: {}
)");
  EXPECT_FALSE(parsed.value);
  EXPECT_THAT(parsed.findings,
              ElementsAre(finding(1, "apiVersion", "it must be scheduling.openfuyao.io/v1alpha1"),
                          finding(2, "kind", "it must be ColocationPolicy"), finding(4, "metadata.name", "is not a name"),
                          finding(6, "spec.enabled", "maybe is not allowed"),
                          finding(8, "spec.resourceSharing.cpuThreshold", "0.95 is above eviction.cpuPressureThreshold (0.9, the default)"),
                          finding(9, "spec.resourceSharing.cpuThreshold", "first on line 8"),
                          finding(10, "spec.resourceSharing.memoryThreshold", "out of range"),
                          finding(11, "spec.eviktion", "did you mean eviction?")));
}

TEST(PolicyParser, what_is_missing_is_said) {
  EXPECT_THAT(parse_colocation_policy("metadata: {}").findings,
              ElementsAre(finding(1, "apiVersion", "missing"), finding(1, "kind", "missing"), finding(1, "spec", "missing")));
  EXPECT_THAT(parse_colocation_policy("# nothing but a remark\n").findings, ElementsAre(finding(1, "", "the text is empty")));
  EXPECT_THAT(parse_colocation_policy("just text").findings,
              ElementsAre(finding(1, "", "just text stands where a ColocationPolicy is expected")));
  EXPECT_THAT(parse_spec("  enabled: true\n---\na: b\n").findings, ElementsAre(finding(8, "", "a second document")));
}

TEST(PolicyParser, remarks_in_any_language_and_any_line_end_are_fine) {
  const std::string spec =
      "  enabled: false   # \xe5\xbc\x80\xe5\x85\xb3 \xd0\xb2\xd1\x8b\xd0\xba\xd0\xbb\r\n  # \xf0\x9f\x8c\x8a\r\n  rescheduling:\r\n    "
      "enabled: false\r\n";
  const auto parsed = parse_colocation_policy(fmt::format("\xef\xbb\xbf{}{}", kHead, spec));
  EXPECT_THAT(parsed.findings, IsEmpty());
  ASSERT_TRUE(parsed.value);
  EXPECT_FALSE(parsed.value->rescheduling.enabled);
}

// The fields that `stated` names, as nested YAML.
std::string written(const ColocationPolicy& policy, const std::vector<std::string>& stated, std::string_view section, int depth) {
  std::string text;
  for (const std::string_view step : policy_steps(section)) {
    const std::string key = path_of(section, step);
    const std::string indentation(static_cast<std::size_t>(depth) * 2, ' ');
    const PolicyField* field = find_policy_field(key);
    if (field == nullptr) {
      text += fmt::format("{}{}:\n{}", indentation, step, written(policy, stated, key, depth + 1));
    } else if (std::ranges::find(stated, key) != stated.end()) {
      text += fmt::format("{}{}: {}\n", indentation, step, value_text(field->form, *field->get(policy)));
    }
  }
  return text;
}

// Any fields with any values in their ranges.
RC_GTEST_PROP(PolicyParser, a_written_policy_is_read_as_itself_or_its_contradictions_are_found, ()) {
  ColocationPolicy policy;
  std::vector<std::string> stated;
  for (const PolicyField& field : policy_fields()) {
    if (*rc::gen::inRange(0, 3) > 0) continue;
    const std::int64_t step = field.form == FieldForm::whole_seconds ? seconds(1).v : 1;
    field.set(policy, field.low + *rc::gen::inRange<std::int64_t>(0, (field.high - field.low) / step + 1) * step);
    stated.emplace_back(field.key);
  }
  const auto parsed = parse_spec(written(policy, stated, "", 1));
  if (check_policy(policy).empty()) {
    RC_ASSERT(parsed.findings.empty());
    RC_ASSERT(*parsed.value == policy);
  } else {
    RC_ASSERT(parsed.findings.size() == check_policy(policy).size());
    RC_ASSERT(!parsed.value.has_value());
  }
}

TEST(PolicyFields, every_default_is_within_its_range_and_every_value_text_is_read_back) {
  for (const PolicyField& field : policy_fields()) {
    const auto value = field.get(ColocationPolicy{});
    if (value) {
      EXPECT_GE(*value, field.low) << field.key;
      EXPECT_LE(*value, field.high) << field.key;
    }
    ColocationPolicy policy;
    field.set(policy, field.high);
    EXPECT_EQ(field.get(policy), field.high) << field.key;
    EXPECT_EQ(find_policy_field(field.key), &field) << "twice: " << field.key;
    EXPECT_TRUE(field.help.ends_with('.')) << field.key;
  }
  EXPECT_THAT(check_overlay({}, {}), IsEmpty());
}

}   // namespace
}   // namespace ebb::model
