#include "cli/cluster/status_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

namespace ebb::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

model::Pod pod(std::string name, std::string node, std::string qos) {
  model::Pod pod;
  pod.key = {"ns", std::move(name)};
  pod.uid = model::Uid(pod.key.name);
  pod.node = model::NodeName(std::move(node));
  pod.phase = pod.node.empty() ? model::PodPhase::pending : model::PodPhase::running;
  pod.annotations["scheduling.openfuyao.io/qos-class"] = std::move(qos);
  model::Container container{.name = "c"};
  container.requests.cpu = cpus(2);
  pod.containers.push_back(container);
  return pod;
}

ClusterSnapshot snapshot() {
  ClusterSnapshot snapshot;
  model::Node node;
  node.name = model::NodeName("n1");
  node.ready = true;
  node.allocatable.cpu = cpus(16);
  node.allocatable.memory = gibibytes(64);
  node.labels["workload.type"] = "mixed";
  node.allocatable.scalars[std::string(model::kBatchCpu)] = 7500;
  snapshot.step(model::NodeSeen{node});
  snapshot.step(model::ReportSeen{{.node = node.name, .use = {.ls = {cpus(4), gibibytes(1)}, .be = {cpus(2), gibibytes(1)}}}});
  snapshot.step(model::PodSeen{pod("web", "n1", "LS")});
  snapshot.step(model::PodSeen{pod("batch", "n1", "best-effort")});
  snapshot.step(model::PodSeen{pod("waits", "", "best-effort")});
  snapshot.step(model::PolicyDocumentSeen{{.source = model::PolicySource::policy_config_map,
                                           .key = {"openfuyao-system", "openfuyao-colocation-config"},
                                           .text = "apiVersion: scheduling.openfuyao.io/v1alpha1\nkind: ColocationPolicy\n"
                                                   "metadata:\n  name: default-colocation-policy\nspec:\n  enabled: true\n"}});
  return snapshot;
}

TEST(StatusReport, CountsPodsByClassAndNamesThoseThatWait) {
  const StatusReport report = make_status_report(snapshot());
  EXPECT_EQ(report.ls.running, 1);
  EXPECT_EQ(report.be.running, 1);
  EXPECT_EQ(report.be.pending, 1);
  EXPECT_THAT(report.waiting, ElementsAre("ns/waits"));
}

TEST(StatusReport, TellsANodesUseByClassAndWhatIsOversold) {
  const StatusReport report = make_status_report(snapshot());
  ASSERT_EQ(report.nodes.size(), 1u);
  EXPECT_TRUE(report.nodes[0].colocation);
  EXPECT_EQ(report.nodes[0].cpu_requested, cpus(4));
  EXPECT_EQ(report.nodes[0].offline_pods, 1);
  EXPECT_EQ(report.nodes[0].oversold_cpu, MilliCpu{7500});
  const std::string text = to_text(report);
  EXPECT_THAT(text, HasSubstr("Policy: default-colocation-policy\n"));
  EXPECT_THAT(text, HasSubstr("0.0/4.0/2.0/0.0"));
  EXPECT_THAT(text, HasSubstr("ebb explain pod ns/waits"));
}

TEST(StatusReport, WithoutAPolicyNothingIsColocated) {
  ClusterSnapshot without = snapshot();
  without.step(model::PolicyDocumentGone{model::PolicySource::policy_config_map, {"openfuyao-system", "openfuyao-colocation-config"}});
  const auto json = boost::json::parse(to_json(make_status_report(without)));
  EXPECT_TRUE(json.at("policy").is_null());
  EXPECT_FALSE(json.at("nodes").at(0).at("colocation").as_bool());
}

}   // namespace
}   // namespace ebb::cli
