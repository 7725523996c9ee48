#include "model/profile/profile_text.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ebb::model {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr std::string_view kHead = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n";

ReadConfiguration read(std::string_view more) { return read_scheduler_configuration(fmt::format("{}{}", kHead, more)); }

SchedulerConfiguration accepted(std::string_view more) {
  ReadConfiguration result = read(more);
  EXPECT_TRUE(result.ok()) << summary(result.findings, 1000);
  return std::move(result.value);
}

std::vector<std::string> texts(const Findings& findings) {
  std::vector<std::string> out;
  for (const Finding& finding : findings) out.push_back(to_string(finding));
  return out;
}

std::vector<std::string> findings(std::string_view more) { return texts(read(more).findings); }
std::vector<std::string> notes(std::string_view more) { return texts(read(more).notes); }

std::vector<std::string> profile_findings(std::string_view flow) { return findings(fmt::format("profiles:\n- {}\n", flow)); }

TEST(SchedulerConfiguration, WithoutProfilesIsTheDefaultScheduler) {
  const SchedulerConfiguration configuration = accepted("");
  ASSERT_EQ(configuration.profiles.size(), 1u);
  EXPECT_EQ(configuration.profiles[0], default_profile("default-scheduler"));
  EXPECT_EQ(configuration.leader_election.lease_name, "kube-scheduler");
  EXPECT_EQ(accepted("profiles: []\n"), configuration);
  EXPECT_EQ(accepted("profiles: null\nleaderElection: ~\n"), configuration);
}

TEST(SchedulerConfiguration, APointsOwnWordsComeBeforeMultiPoint) {
  const auto profile = accepted(R"(profiles:
- schedulerName: mine
  plugins:
    multiPoint:
      disabled: [{name: ImageLocality}]
      enabled: [{name: NodeResourcesFit, weight: 7}]
    score:
      disabled: [{name: InterPodAffinity}]
      enabled: [{name: NodeAffinity, weight: 9}, {name: ImageLocality}]
)")
                           .profiles.at(0);
  EXPECT_EQ(profile.scheduler_name, "mine");
  EXPECT_THAT(profile.at(ExtensionPoint::score),
              ElementsAre(Plugin::node_affinity, Plugin::taint_toleration, Plugin::node_resources_fit, Plugin::volume_binding,
                          Plugin::pod_topology_spread, Plugin::dynamic_resources, Plugin::balanced_allocation, Plugin::image_locality));
  EXPECT_EQ(profile.score_weight(Plugin::node_affinity), 9);
  EXPECT_EQ(profile.score_weight(Plugin::node_resources_fit), 7);
  EXPECT_EQ(profile.score_weight(Plugin::image_locality), 1);
  EXPECT_FALSE(profile.scores(Plugin::inter_pod_affinity));
  EXPECT_TRUE(profile.filters(Plugin::inter_pod_affinity));
}

TEST(SchedulerConfiguration, AStarSwitchesOffWhatIsNotNamed) {
  const auto profile = accepted(R"(profiles:
- plugins:
    multiPoint:
      disabled: [{name: "*"}]
      enabled: [{name: PrioritySort}, {name: DefaultBinder}, {name: NodeResourcesFit}]
    score: {disabled: [{name: "*"}], enabled: [{name: ImageLocality, weight: 3}]}
)")
                           .profiles.at(0);
  EXPECT_THAT(profile.filter_order(), ElementsAre(Plugin::node_resources_fit));
  EXPECT_THAT(profile.at(ExtensionPoint::score), ElementsAre(Plugin::image_locality));
  EXPECT_FALSE(profile.preempts());
  EXPECT_TRUE(profile.enabled(Plugin::colocation)) << "Ebb's own plugins are set in Ebb's section only";
}

TEST(SchedulerConfiguration, ReadsThePluginsArguments) {
  const auto profile = accepted(R"(profiles:
- pluginConfig:
  - name: NodeResourcesFit
    args:
      ignoredResources: [example.com/a]
      scoringStrategy:
        type: RequestedToCapacityRatio
        resources: [{name: cpu, weight: 3}, {name: nvidia.com/gpu}]
        requestedToCapacityRatio: {shape: [{utilization: 0, score: 0}, {utilization: 70, score: 10}]}
  - name: NodeAffinity
    args:
      addedAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
          nodeSelectorTerms: [{matchExpressions: [{key: pool, operator: In, values: [a, b]}]}, {}]
        preferredDuringSchedulingIgnoredDuringExecution:
        - {weight: 0, preference: {matchFields: [{key: metadata.name, operator: In, values: [node-1]}]}}
        - {weight: 5, preference: {matchExpressions: [{key: fast, operator: Exists}]}}
  - name: PodTopologySpread
    args: {defaultingType: List, defaultConstraints: [{maxSkew: 2, topologyKey: rack, whenUnsatisfiable: DoNotSchedule}]}
)")
                           .profiles.at(0);
  EXPECT_EQ(profile.node_resources_fit.strategy, ScoringStrategy::requested_to_capacity_ratio);
  EXPECT_THAT(profile.node_resources_fit.resources, ElementsAre(ResourceWeight{"cpu", 3}, ResourceWeight{"nvidia.com/gpu", 1}));
  EXPECT_THAT(profile.node_resources_fit.shape, ElementsAre(ShapePoint{0, 0}, ShapePoint{70, 10}));
  EXPECT_TRUE(profile.node_affinity.has_required);
  EXPECT_EQ(profile.node_affinity.required.size(), 1u) << "an empty term matches nothing";
  ASSERT_EQ(profile.node_affinity.preferred.size(), 1u) << "a weight of 0 prefers nothing";
  EXPECT_EQ(profile.node_affinity.preferred[0].weight, 5);
  EXPECT_FALSE(profile.pod_topology_spread.system_defaults);
  ASSERT_EQ(profile.pod_topology_spread.default_constraints.size(), 1u);
  EXPECT_TRUE(profile.pod_topology_spread.default_constraints[0].required);
}

TEST(SchedulerConfiguration, WhatEbbHasNotIsRefusedWithItsLine) {
  EXPECT_THAT(findings("extenders: [{urlPrefix: http://x}]\n"), ElementsAre(StartsWith("line 3: extenders: extenders are not supported")));
  EXPECT_THAT(findings("enableProfiling: true\n"), ElementsAre(StartsWith("line 3: enableProfiling: true is not allowed")));
  EXPECT_THAT(profile_findings("plugins: {filter: {enabled: [{name: DynamicResources}]}}"),
              ElementsAre(StartsWith("line 4: profiles[0].plugins.filter.enabled[0].name: DynamicResources is not supported")));
  EXPECT_THAT(profile_findings("plugins: {multiPoint: {enabled: [{name: Coscheduling}]}}"), ElementsAre(HasSubstr("Ebb's own Gangs")));
  EXPECT_THAT(profile_findings("plugins: {score: {enabled: [{name: NodeResourceFit}]}}"),
              ElementsAre(HasSubstr("did you mean NodeResourcesFit?")));
  EXPECT_THAT(profile_findings("plugins: {score: {disabled: [{name: Numa}]}}"), ElementsAre(HasSubstr("plugins.Numa")));
  EXPECT_THAT(profile_findings("pluginConfig: [{name: DynamicResources, args: {filterTimeout: 1s}}]"),
              ElementsAre(HasSubstr("not supported")));
  EXPECT_THAT(profile_findings("pluginConfig: [{name: NodeName, args: {}}]"), ElementsAre(HasSubstr("takes no arguments")));
}

TEST(SchedulerConfiguration, HalfAPluginIsRefusedAtTheEntryThatSwitchesItOff) {
  EXPECT_THAT(profile_findings("plugins: {preFilter: {disabled: [{name: NodeResourcesFit}]}}"),
              ElementsAre(HasSubstr("plugins.preFilter.disabled[0].name: NodeResourcesFit is on at filter and off at preFilter")));
  EXPECT_THAT(profile_findings("plugins: {reserve: {disabled: [{name: \"*\"}]}}"),
              ElementsAre(HasSubstr("VolumeBinding is on at filter and off at reserve")));
  EXPECT_THAT(profile_findings("plugins: {filter: {disabled: [{name: NodeResourcesFit}]}}"), IsEmpty());
  EXPECT_THAT(profile_findings("plugins: {preScore: {disabled: [{name: NodeResourcesFit}]}}"), IsEmpty());
}

TEST(SchedulerConfiguration, WhatMeansNothingHereIsAcceptedAndSaid) {
  EXPECT_THAT(notes("parallelism: 8\npercentageOfNodesToScore: 50\n"),
              ElementsAre(StartsWith("line 3: parallelism: "), StartsWith("line 4: percentageOfNodesToScore: ")));
  EXPECT_THAT(notes("percentageOfNodesToScore: 100\nenableProfiling: false\nextenders: []\ndelayCacheUntilActive: true\n"), IsEmpty());
  EXPECT_THAT(notes("clientConnection: {contentType: application/vnd.kubernetes.protobuf}\n"), ElementsAre(HasSubstr("JSON")));
  EXPECT_THAT(notes("profiles:\n- plugins: {score: {disabled: [{name: NodeResourceFit}]}}\n"), ElementsAre(HasSubstr("did you mean")));
}

TEST(SchedulerConfiguration, EbbsSectionStandsBesideIt) {
  const auto configuration = accepted(R"(profiles: [{schedulerName: a}, {schedulerName: b}]
---
apiVersion: scheduling.openfuyao.io/v1alpha1
kind: EbbSchedulerConfiguration
publishOversold: false
logLevel: debug
profiles:
- schedulerName: b
  plugins: {Gangs: {enabled: false}, Colocation: {weight: 9}}
plugins:
  Colocation: {weight: 8}
  Accelerators: {enabled: false}
)");
  EXPECT_FALSE(configuration.publish_oversold);
  EXPECT_EQ(configuration.log_level, LogVerbosity::debug);
  EXPECT_EQ(ebb_plugins_text(configuration.profiles.at(0)), "ebb Colocation=8 Gangs Queues Numa=2");
  EXPECT_EQ(ebb_plugins_text(configuration.profiles.at(1)), "ebb Colocation=9 Queues Numa=2");
  EXPECT_EQ(configuration.profiles.at(0).score_weight(Plugin::accelerators), 0);
}

TEST(SchedulerConfiguration, HowPlacesOnAcceleratorsAreJudgedIsSaidInEbbsSection) {
  const auto configuration = accepted("---\nkind: EbbSchedulerConfiguration\nplugins: {Accelerators: {scoring: FGD, weight: 7}}\n");
  EXPECT_EQ(configuration.profiles.at(0).accelerators.scoring, AcceleratorScoring::fgd);
  EXPECT_THAT(ebb_plugins_text(configuration.profiles.at(0)), HasSubstr("Accelerators=7:FGD"));
  EXPECT_THAT(findings("---\nkind: EbbSchedulerConfiguration\nplugins: {Accelerators: {scoring: fgd}}\n"),
              ElementsAre(HasSubstr("Ebb, FGD")));
  EXPECT_THAT(findings("---\nkind: EbbSchedulerConfiguration\nplugins: {Numa: {scoring: FGD}}\n"), ElementsAre(HasSubstr("unknown field")));
}

TEST(SchedulerConfiguration, EbbsSectionSaysNothingThatStandsInTheOther) {
  EXPECT_THAT(findings("---\nkind: EbbSchedulerConfiguration\nschedulerNames: [a]\n"),
              ElementsAre(HasSubstr("belongs to the KubeScheduler")));
  EXPECT_THAT(findings("---\nkind: EbbSchedulerConfiguration\nplugins: {Gangs: {weight: 1}}\n"), ElementsAre(HasSubstr("has no score")));
  EXPECT_THAT(findings("---\nkind: EbbSchedulerConfiguration\nplugins: {NodeName: {}}\n"), ElementsAre(HasSubstr("unknown field")));
  EXPECT_THAT(findings("---\nkind: EbbSchedulerConfiguration\nprofiles: [{schedulerName: x}]\n"),
              ElementsAre(HasSubstr("'x' is no scheduler")));
  EXPECT_THAT(findings("---\nkind: ConfigMap\napiVersion: v1\n"), ElementsAre(HasSubstr("ConfigMap of v1 is not read here")));
  EXPECT_THAT(findings("---\nkind: KubeSchedulerConfiguration\n"), ElementsAre(HasSubstr("a second document")));
}

TEST(SchedulerConfiguration, AStatedRateIsALimitAndNoneIsNone) {
  EXPECT_EQ(accepted("clientConnection: {qps: 50}\n").client_connection.milli_requests_per_second, 50'000);
  EXPECT_EQ(accepted("clientConnection: {qps: 50}\n").client_connection.burst, 100);
  EXPECT_EQ(accepted("clientConnection: {qps: -1, burst: 5}\n").client_connection.milli_requests_per_second, 0);
  EXPECT_THAT(findings("clientConnection: {qps: fast}\n"), ElementsAre(HasSubstr("clientConnection.qps: fast is not allowed")));
}

TEST(SchedulerConfiguration, IsToldFromOtherFiles) {
  EXPECT_TRUE(is_scheduler_configuration(kHead));
  EXPECT_TRUE(is_scheduler_configuration("kind: EbbSchedulerConfiguration\n"));
  EXPECT_FALSE(is_scheduler_configuration("apiVersion: scheduling.openfuyao.io/v1alpha1\nkind: ColocationPolicy\n"));
  EXPECT_FALSE(is_scheduler_configuration("schedulerNames: [a]\n"));
}

TEST(SchedulerConfiguration, AnotherVersionOfTheFileIsRefused) {
  EXPECT_THAT(
      texts(read_scheduler_configuration("apiVersion: kubescheduler.config.k8s.io/v1beta3\nkind: KubeSchedulerConfiguration\n").findings),
      ElementsAre(HasSubstr("it must be kubescheduler.config.k8s.io/v1")));
}

}   // namespace
}   // namespace ebb::model
