#include "core/placement/node_check.h"

#include "core/placement/placement_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ebb::core::placement {
namespace {

using testing::a_node;
using testing::a_pod;

// One node and one pod, and what the first says to the second.
struct Pair {
  ClusterState state;
  ResourceIds& ids = state.ids;
  NodeTable& nodes = state.nodes;

  Pair() { state.rules.push_back(rules_of(model::default_profile(), state.ids)); }
  std::vector<std::string> refused(const model::Node& node, const model::Pod& pod) {
    const Slot slot = nodes.claim(node.name);
    nodes.node_seen(slot, node);
    const Shape shape = shape_of(pod, resolve(pod, {}), ids);
    const auto by = first_refusal(state, shape, Ask{}, slot);
    return by ? reasons(state, shape, Ask{}, slot, *by) : std::vector<std::string>{};
  }
};

std::vector<std::string> refused(const model::Node& node, const model::Pod& pod) { return Pair().refused(node, pod); }

model::SelectorRequirement label(std::string key, model::SelectorOperator op, std::vector<std::string> values = {}) {
  return {std::move(key), op, std::move(values)};
}

TEST(NodeCheck, ACordonedNodeTakesOnlyPodsThatTolerateIt) {
  model::Node node = a_node("n");
  node.unschedulable = true;
  model::Pod pod = a_pod("p");
  EXPECT_THAT(refused(node, pod), ::testing::ElementsAre("node(s) were unschedulable"));
  pod.tolerations.push_back({.key = "node.kubernetes.io/unschedulable", .exists = true, .value = "", .effect = {}});
  EXPECT_TRUE(refused(node, pod).empty());
}

TEST(NodeCheck, ATaintRefusesUnlessToleratedAndPreferNoScheduleNever) {
  model::Node node = a_node("n");
  node.taints = {{"soft", "x", model::TaintEffect::prefer_no_schedule}};
  model::Pod pod = a_pod("p");
  EXPECT_TRUE(refused(node, pod).empty());
  for (const auto effect : {model::TaintEffect::no_schedule, model::TaintEffect::no_execute}) {
    node.taints = {{"gpu", "yes", effect}};
    EXPECT_THAT(refused(node, pod), ::testing::ElementsAre("node(s) had untolerated taint {gpu: yes}"));
  }
  pod.tolerations.push_back({.key = "gpu", .exists = false, .value = "yes", .effect = {}});
  EXPECT_TRUE(refused(node, pod).empty());
}

TEST(NodeCheck, ANodeThatIsNotReadyIsAvoidedBeforeItsTaintIsWritten) {
  model::Node node = a_node("n");
  node.ready = false;
  EXPECT_THAT(refused(node, a_pod("p")), ::testing::ElementsAre("node(s) had untolerated taint {node.kubernetes.io/not-ready: }"));
}

TEST(NodeCheck, SelectorAndRequiredAffinityMustBothMatchAndAnyTermIsEnough) {
  model::Node node = a_node("n");
  node.labels = {{"zone", "a"}, {"disk", "ssd"}};
  const std::string no = "node(s) didn't match Pod's node affinity/selector";
  model::Pod pod = a_pod("p");
  pod.node_selector = {{"zone", "a"}};
  EXPECT_TRUE(refused(node, pod).empty());
  pod.has_required_node_affinity = true;
  EXPECT_THAT(refused(node, pod), ::testing::ElementsAre(no));   // no term matches nothing
  pod.required_node_terms = {{{{label("disk", model::SelectorOperator::in, {"hdd"})}}, {}}, {}};
  EXPECT_THAT(refused(node, pod), ::testing::ElementsAre(no));   // an empty term selects nothing
  pod.required_node_terms.push_back({{{label("disk", model::SelectorOperator::in, {"ssd"})}}, {}});
  EXPECT_TRUE(refused(node, pod).empty());
  pod.node_selector["zone"] = "b";
  EXPECT_THAT(refused(node, pod), ::testing::ElementsAre(no));
}

TEST(NodeCheck, MatchFieldsPinAPodToANode) {
  model::Pod pod = a_pod("p");
  pod.required_node_terms = {{{}, {{label("metadata.name", model::SelectorOperator::in, {"n2"})}}}};
  EXPECT_FALSE(refused(a_node("n1"), pod).empty());
  EXPECT_TRUE(refused(a_node("n2"), pod).empty());
}

TEST(NodeCheck, EveryResourceThatIsShortIsNamed) {
  model::Node node = a_node("n", 1, 1);
  node.allocatable.pods = 0;
  model::Pod pod = a_pod("p", cpus(2), gibibytes(2));
  pod.containers[0].requests.scalars["nvidia.com/gpu"] = 1;
  EXPECT_THAT(refused(node, pod),
              ::testing::ElementsAre("Insufficient cpu", "Insufficient memory", "Too many pods", "Insufficient nvidia.com/gpu"));
}

TEST(NodeCheck, OldNamesOfOversoldResourcesCountAsTheNewOnes) {
  model::Node node = a_node("n");
  node.allocatable.scalars["kubernetes.io/batch-cpu"] = 1500;
  model::Pod pod = a_pod("p");
  pod.containers[0].requests.scalars["kubernetes.io/be-cpu"] = 1000;
  EXPECT_TRUE(refused(node, pod).empty());
  pod.containers[0].requests.scalars["kubernetes.io/batch-cpu"] = 600;
  Pair pair;
  EXPECT_TRUE(pair.refused(node, pod).empty());   // the old name beside the new one is the same amount
  pod.containers[0].requests.scalars["kubernetes.io/batch-cpu"] = 1600;
  EXPECT_THAT(refused(node, pod), ::testing::ElementsAre("Insufficient kubernetes.io/batch-cpu"));
}

TEST(NodeCheck, AHostPortIsGivenOnce) {
  Pair pair;
  model::Pod pod = a_pod("p");
  pod.containers[0].host_ports = {{.port = 8080}};
  const model::Node node = a_node("n");
  EXPECT_TRUE(pair.refused(node, pod).empty());
  const Charge charge = charge_of(pod, resolve(pod, {}), pair.ids);
  pair.nodes.add_pod(0, 7, charge);
  EXPECT_THAT(pair.refused(node, pod), ::testing::ElementsAre("node(s) didn't have free ports for the requested pod ports"));
  pair.nodes.remove_pod(0, 7, charge);
  EXPECT_TRUE(pair.refused(node, pod).empty());
}

TEST(NodeCheck, AHostPortIsTakenOnlyWhereAddressAndProtocolMeet) {
  Pair pair;
  const model::Node node = a_node("n");
  model::Pod holder = a_pod("holder");
  holder.containers[0].host_ports = {{53, "UDP", "10.0.0.1"}};
  EXPECT_TRUE(pair.refused(node, holder).empty());
  pair.nodes.add_pod(0, 7, charge_of(holder, resolve(holder, {}), pair.ids));
  const auto taken = [&](const model::HostPort& port) {
    model::Pod pod = a_pod("p");
    pod.containers[0].host_ports = {port};
    return !pair.refused(node, pod).empty();
  };
  EXPECT_TRUE(taken({53, "UDP", "10.0.0.1"}));
  EXPECT_TRUE(taken({53, "UDP", ""}));   // every address, so that one too
  EXPECT_FALSE(taken({53, "TCP", "10.0.0.1"}));
  EXPECT_FALSE(taken({53, "UDP", "10.0.0.2"}));
  EXPECT_FALSE(taken({54, "UDP", "10.0.0.1"}));
}

TEST(NodeCheck, PreferencesAndSoftTaintsDecideBetweenEqualNodes) {
  testing::Scene scene;
  model::Node preferred = a_node("preferred");
  preferred.labels["disk"] = "ssd";
  model::Node disliked = a_node("a-disliked");
  disliked.taints = {{"soft", "", model::TaintEffect::prefer_no_schedule}};
  model::Pod pod = a_pod("p");
  pod.preferred_node_terms = {{10, {{{label("disk", model::SelectorOperator::exists)}}, {}}}};
  scene.with(disliked).with(a_node("b-plain")).with(preferred).with(pod).with(a_pod("q")).synced().run();
  EXPECT_EQ(scene.node_of("p"), "preferred");
  EXPECT_EQ(scene.node_of("q"), "b-plain");
}

TEST(RefusalsMessage, CountsPerReasonInTheOrderOfTheDefaultScheduler) {
  Refusals refusals;
  EXPECT_EQ(refusals.message(), "no nodes available to schedule pods");
  refusals.nodes = 12;
  refusals.count(Filter::resources, "Insufficient cpu", model::NodeName("n2"), 2);
  refusals.count(Filter::taints, "node(s) had untolerated taint {a: b}", model::NodeName("n9"), 10);
  refusals.count(Filter::resources, "Insufficient cpu", model::NodeName("n1"));
  EXPECT_EQ(refusals.message(), "0/12 nodes are available: 10 node(s) had untolerated taint {a: b}, 3 Insufficient cpu.");
  EXPECT_EQ(refusals.list[1].example.v, "n1");
}

}   // namespace
}   // namespace ebb::core::placement
