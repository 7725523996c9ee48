#include "model/colocation_policy.h"

#include "model/policy_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ebb::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

NodeOverlay overlay_of(std::string_view text) {
  auto parsed = parse_node_overlay(text);
  EXPECT_THAT(parsed.findings, IsEmpty()) << (parsed.findings.empty() ? "" : to_string(parsed.findings.front()));
  return parsed.value.value_or(NodeOverlay{});
}

std::vector<std::string> findings_of(std::string_view text, const ColocationPolicy* base = nullptr) {
  std::vector<std::string> lines;
  for (const Finding& finding : parse_node_overlay(text, base).findings) lines.push_back(to_string(finding));
  return lines;
}

constexpr std::string_view kSample = R"(nodeColocationConfig:
  - nodeSelector:
      matchLabels:
        node-role.kubernetes.io/worker: "true"
        workload.type: "mixed"
    colocationEnabled: true
    maxOfflinePods: 20
    resourceReserve:
      cpu: "2"
      memory: "4Gi"
)";

TEST(NodeOverlay, REQ_S1_53_the_sample_selects_on_both_labels) {
  const NodeOverlay overlay = overlay_of(kSample);
  ASSERT_EQ(overlay.entries.size(), 1u);
  const Labels both{{"node-role.kubernetes.io/worker", "true"}, {"workload.type", "mixed"}, {"zone", "a"}};
  const NodeOverlayEntry* entry = overlay.first_match(both);
  ASSERT_NE(entry, nullptr);
  EXPECT_TRUE(entry->colocation_enabled);
  EXPECT_EQ(entry->max_offline_pods, 20);
  EXPECT_EQ(entry->reserve_cpu, cpus(2));
  EXPECT_EQ(entry->reserve_memory, gibibytes(4));
  EXPECT_EQ(overlay.first_match({{"workload.type", "mixed"}}), nullptr);
}

TEST(NodeOverlay, REQ_S1_53_the_first_match_in_document_order_wins) {
  const NodeOverlay overlay = overlay_of(R"(nodeColocationConfig:
  - nodeSelector: {matchLabels: {zone: a}}
    colocationEnabled: false
  - maxOfflinePods: 5
  - maxOfflinePods: 6
)");
  EXPECT_FALSE(overlay.first_match({{"zone", "a"}})->colocation_enabled);
  EXPECT_EQ(overlay.first_match({{"zone", "b"}})->max_offline_pods, 5);
}

TEST(NodePolicy, colocation_is_on_where_the_entry_says_so_or_else_the_label_and_never_without_a_policy) {
  const NodeOverlay overlay =
      overlay_of("nodeColocationConfig:\n  - nodeSelector: {matchLabels: {zone: a}}\n    colocationEnabled: false\n");
  ColocationPolicy policy;
  const auto on = [&](const Labels& labels) { return resolve_node_policy(&policy, overlay, labels).colocation; };
  EXPECT_FALSE(on({{"zone", "a"}, {"workload.type", "mixed"}}));
  EXPECT_TRUE(on({{"workload.type", "mixed"}}));
  EXPECT_TRUE(on({{"workload.type", "offline"}}));
  EXPECT_FALSE(on({{"workload.type", "online"}}));
  EXPECT_FALSE(on({}));
  EXPECT_FALSE(resolve_node_policy(nullptr, overlay, {{"workload.type", "mixed"}}).colocation);
  policy.enabled = false;
  EXPECT_FALSE(on({{"workload.type", "mixed"}}));
}

TEST(NodePolicy, what_an_entry_leaves_open_is_the_policys) {
  ColocationPolicy policy;
  policy.resource_sharing.memory_threshold = Permille{660};
  policy.eviction.grace_period = seconds(90);
  const NodeOverlay overlay = overlay_of(R"(nodeColocationConfig:
  - resourceSharing: {cpuThreshold: 0.65}
    eviction: {aggressive: true, waterLine: {memory: 0.5}}
    isolation: {l3: {hls: 40, ls: 30, be: 30}}
)");
  const NodePolicy resolved = resolve_node_policy(&policy, overlay, {});
  EXPECT_EQ(resolved.resource_sharing.cpu_threshold, Permille{650});
  EXPECT_EQ(resolved.resource_sharing.memory_threshold, Permille{660});
  EXPECT_TRUE(resolved.eviction.aggressive);
  EXPECT_EQ(resolved.eviction.grace_period, seconds(90));
  EXPECT_EQ(resolved.eviction.water_line_memory, Permille{500});
  EXPECT_EQ(resolved.isolation.l3, (ClassShares{40, 30, 30}));
  EXPECT_EQ(resolved.isolation.memory_bandwidth, policy.isolation.memory_bandwidth);
}

TEST(NodePolicy, overrides_that_contradict_a_later_policy_are_left_out) {
  const NodeOverlay overlay = overlay_of("nodeColocationConfig:\n  - maxOfflinePods: 4\n    eviction: {waterLine: {cpu: 0.78}}\n");
  ColocationPolicy policy;
  EXPECT_EQ(resolve_node_policy(&policy, overlay, {}).eviction.water_line_cpu, Permille{780});
  policy.resource_sharing.cpu_threshold = Permille{700};
  EXPECT_EQ(resolve_node_policy(&policy, overlay, {}).eviction.water_line_cpu, std::nullopt);
  EXPECT_EQ(resolve_node_policy(&policy, overlay, {}).max_offline_pods, 4);
}

TEST(NodePolicy, of_overrides_only_those_that_contradict_are_left_out) {
  const NodeOverlay overlay =
      overlay_of("nodeColocationConfig:\n  - eviction: {aggressive: true, gracePeriodSeconds: 45, waterLine: {cpu: 0.78, memory: 0.5}}\n");
  ColocationPolicy policy;
  policy.resource_sharing.cpu_threshold = Permille{700};
  const NodePolicy resolved = resolve_node_policy(&policy, overlay, {});
  EXPECT_EQ(resolved.eviction.water_line_cpu, std::nullopt);
  EXPECT_EQ(resolved.eviction.water_line_memory, Permille{500});
  EXPECT_EQ(resolved.eviction.grace_period, seconds(45));
  EXPECT_TRUE(resolved.eviction.aggressive);
}

TEST(WaterLine, without_a_word_it_is_the_smaller_of_its_default_and_the_admission_line) {
  ResourceSharing sharing;
  Eviction eviction;
  EXPECT_EQ(water_line_cpu(sharing, eviction), Permille{600});
  sharing.cpu_threshold = Permille{450};
  EXPECT_EQ(water_line_cpu(sharing, eviction), Permille{450});
  eviction.water_line_memory = Permille{650};
  EXPECT_EQ(water_line_memory(sharing, eviction), Permille{650});
}

TEST(NodeOverlay, everything_wrong_in_it_is_said_with_line_and_place) {
  EXPECT_THAT(
      findings_of(R"(nodeColocationConfig:
  - nodeSelector:
      matchLabels:
        workload.type: true
        "bad key": x
    colocationEnabled: on
    maxOfflinePods: -1
    resourceReserve:
      cpu: two
      memory: -4Gi
      gpu: 1
    colocationEnabld: true
  - eviction: {waterLine: {cpu: 0.9}, cpuPressureThreshold: 0.85}
    resourceSharing: {cpuThreshold: 0.88}
)"),
      ElementsAre(
          HasSubstr("line 4: nodeColocationConfig[0].nodeSelector.matchLabels[\"workload.type\"]: true is not allowed: it must be text, in "
                    "quotes: \"true\""),
          HasSubstr("line 5: nodeColocationConfig[0].nodeSelector.matchLabels[\"bad key\"]: 'bad key' is not a label key"),
          HasSubstr("line 6: nodeColocationConfig[0].colocationEnabled: on is not allowed: it must be true or false"),
          HasSubstr("line 7: nodeColocationConfig[0].maxOfflinePods: -1 is out of range: it must be a whole number from 0 to 10000"),
          HasSubstr("line 9: nodeColocationConfig[0].resourceReserve.cpu: two is not allowed: it must be a quantity from 0"),
          HasSubstr("line 10: nodeColocationConfig[0].resourceReserve.memory: -4Gi is out of range"),
          HasSubstr("line 11: nodeColocationConfig[0].resourceReserve.gpu: unknown field"),
          HasSubstr("line 12: nodeColocationConfig[0].colocationEnabld: unknown field, did you mean colocationEnabled?"),
          HasSubstr("line 13: nodeColocationConfig[1].eviction.waterLine.cpu: 0.9 is above resourceSharing.cpuThreshold (0.88)"),
          HasSubstr("line 14: nodeColocationConfig[1].resourceSharing.cpuThreshold: 0.88 is above eviction.cpuPressureThreshold (0.85)")));
}

TEST(NodeOverlay, without_a_policy_only_what_it_states_itself_counts_against_it) {
  constexpr std::string_view kHigh = "nodeColocationConfig:\n  - resourceSharing: {cpuThreshold: 0.95}\n";
  EXPECT_THAT(findings_of(kHigh), IsEmpty());
  const ColocationPolicy policy;
  EXPECT_THAT(findings_of(kHigh, &policy), ElementsAre(HasSubstr("0.95 is above eviction.cpuPressureThreshold (0.9, the default)")));
  ColocationPolicy higher;
  higher.eviction.cpu_pressure_threshold = Permille{970};
  EXPECT_THAT(findings_of(kHigh, &higher), IsEmpty());
}

TEST(NodeOverlay, its_root_is_one_list) {
  EXPECT_THAT(findings_of("nodeColocationConfig: {}"), ElementsAre(HasSubstr("a mapping stands where a list of entries is expected")));
  EXPECT_THAT(findings_of("{}"), ElementsAre(HasSubstr("nodeColocationConfig: missing")));
  EXPECT_THAT(findings_of("nodeColocationConfig: []"), IsEmpty());
  EXPECT_THAT(findings_of("- a"), ElementsAre(HasSubstr("a list stands where a mapping is expected")));
}

}   // namespace
}   // namespace ebb::model
