// What happens to nodes that fall silent, are cordoned or disappear, and to the pods on them.

#include "sandbox/controllers/test_plane.h"

namespace ebb::sandbox::control {
namespace {

using resources::kLeases;
using resources::kNodes;
using resources::kPods;

class Nodes : public testing::Test {
 protected:
  void add_node(const std::string& name) {
    json::object node =
        from_json(R"({"apiVersion":"v1","kind":"Node","metadata":{},"status":{"conditions":[{"type":"Ready","status":"True"}]}})");
    child(node, "metadata")["name"] = name;
    plane.create(kNodes, std::move(node));
    json::object lease =
        from_json(R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"namespace":"kube-node-lease"},"spec":{}})");
    child(lease, "metadata")["name"] = name;
    plane.create(kLeases, std::move(lease));
    plane.settle();
  }
  void beat(const std::string& node) {
    plane.edit(kLeases, {"kube-node-lease", node},
               [&](json::object& lease) { child(lease, "spec")["renewTime"] = model::to_micro_timestamp_text(plane.now); });
    plane.settle();
  }
  // The named nodes keep renewing their leases, every ten seconds.
  void pass(Duration time, const std::vector<std::string>& alive) {
    for (const Instant end = plane.now + time; plane.now < end;) {
      plane.advance(std::min(seconds(10), end - plane.now));
      for (const auto& node : alive) beat(node);
    }
  }
  void add_pod(const std::string& name, const std::string& node, json::array tolerations = {}) {
    json::object pod = from_json(
        R"({"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"default"},"spec":{"containers":[{"name":"main","image":"x"}]}})");
    child(pod, "metadata")["name"] = name;
    child(pod, "spec")["tolerations"] = std::move(tolerations);
    plane.create(kPods, std::move(pod));
    plane.bind({"default", name}, node);
    plane.set_phase({"default", name}, "Running", true);
    plane.settle();
  }
  std::string ready(const std::string& node) {
    const json::object object = plane.get(kNodes, node, "");
    const json::object* condition = find_condition(*object_at(object, "status"), "Ready");
    return condition == nullptr ? "" : text_at(*condition, "status");
  }
  std::set<std::string> taints(const std::string& node) {
    std::set<std::string> result;
    const json::object object = plane.get(kNodes, node, "");
    if (const json::array* list = array_at(object, "spec.taints")) {
      for (const auto& taint : *list) {
        std::string key = text_at(taint.get_object(), "key");
        result.insert(key.substr(key.find('/') + 1) + ":" + text_at(taint.get_object(), "effect"));
      }
    }
    return result;
  }
  void set_ready(const std::string& node, std::string_view status) {
    plane.edit(
        kNodes, {"", node},
        [&](json::object& object) {
          child(object, "status")["conditions"] =
              json::array{json::object{{"type", "Ready"}, {"status", status}, {"lastHeartbeatTime", model::to_timestamp_text(plane.now)}}};
        },
        "status");
    plane.settle();
  }

  TestPlane plane;
};

TEST_F(Nodes, ASilentOneBecomesUnknownAndUnreachable) {
  add_node("n1");
  add_node("n2");
  add_pod("p", "n1");
  pass(seconds(39), {"n2"});
  EXPECT_EQ(ready("n1"), "True");
  pass(seconds(5), {"n2"});
  EXPECT_EQ(ready("n1"), "Unknown");
  EXPECT_EQ(ready("n2"), "True");
  EXPECT_EQ(taints("n1"), (std::set<std::string>{"unreachable:NoSchedule", "unreachable:NoExecute"}));
  EXPECT_TRUE(taints("n2").empty());
  EXPECT_TRUE(condition_is(*object_at(plane.get(kPods, "p"), "status"), "Ready", "False"));
  EXPECT_EQ(plane.events("NodeNotReady", "n1"), 1);
}

TEST_F(Nodes, OneThatComesBackLosesItsTaints) {
  add_node("n1");
  add_node("n2");
  pass(seconds(60), {"n2"});
  ASSERT_EQ(ready("n1"), "Unknown");
  set_ready("n1", "True");
  beat("n1");
  EXPECT_TRUE(taints("n1").empty());
}

TEST_F(Nodes, PodsAreEvictedAfterTheTimeTheyTolerate) {
  add_node("n1");
  add_node("n2");
  const auto toleration = [](int time) {
    return json::array{json::object{
        {"key", "node.kubernetes.io/unreachable"}, {"operator", "Exists"}, {"effect", "NoExecute"}, {"tolerationSeconds", time}}};
  };
  add_pod("usual", "n1");   // five minutes, by admission
  add_pod("hasty", "n1", toleration(10));
  add_pod("loyal", "n1", json::array{json::object{{"operator", "Exists"}}});
  add_pod("elsewhere", "n2");
  pass(seconds(45), {"n2"});
  EXPECT_FALSE(is_deleting(plane.get(kPods, "hasty")));
  pass(seconds(20), {"n2"});
  EXPECT_TRUE(is_deleting(plane.get(kPods, "hasty")));
  EXPECT_TRUE(condition_is(*object_at(plane.get(kPods, "hasty"), "status"), "DisruptionTarget", "True"));
  EXPECT_EQ(plane.events("TaintManagerEviction", "hasty"), 1);
  EXPECT_FALSE(is_deleting(plane.get(kPods, "usual")));
  pass(minutes(5), {"n2"});
  EXPECT_TRUE(is_deleting(plane.get(kPods, "usual")));
  EXPECT_FALSE(is_deleting(plane.get(kPods, "loyal")));
  EXPECT_FALSE(is_deleting(plane.get(kPods, "elsewhere")));
}

TEST_F(Nodes, ANodeThatComesBackInTimeKeepsItsPods) {
  add_node("n1");
  add_node("n2");
  add_pod("p", "n1");
  pass(minutes(3), {"n2"});
  set_ready("n1", "True");
  pass(minutes(10), {"n1", "n2"});
  EXPECT_FALSE(is_deleting(plane.get(kPods, "p")));
}

TEST_F(Nodes, WhenAllAreSilentNothingIsEvicted) {
  add_node("n1");
  add_node("n2");
  add_pod("p", "n1");
  pass(minutes(20), {});
  EXPECT_EQ(ready("n1"), "Unknown");
  EXPECT_EQ(taints("n1"), std::set<std::string>{"unreachable:NoSchedule"});
  EXPECT_FALSE(is_deleting(plane.get(kPods, "p")));
}

TEST_F(Nodes, ACordonIsATaintToo) {
  add_node("n1");
  plane.edit(kNodes, {"", "n1"}, [](json::object& node) { child(node, "spec")["unschedulable"] = true; });
  plane.settle();
  EXPECT_EQ(taints("n1"), std::set<std::string>{"unschedulable:NoSchedule"});
  plane.edit(kNodes, {"", "n1"}, [](json::object& node) { child(node, "spec").erase("unschedulable"); });
  plane.settle();
  EXPECT_TRUE(taints("n1").empty());
}

TEST_F(Nodes, OtherPeoplesTaintsAreLeftAlone) {
  add_node("n1");
  add_node("n2");
  plane.edit(kNodes, {"", "n1"}, [](json::object& node) {
    child(node, "spec")["taints"] = json::array{json::object{{"key", "example.com/gpu"}, {"value", "yes"}, {"effect", "NoSchedule"}}};
  });
  set_ready("n1", "False");
  EXPECT_EQ(taints("n1"), (std::set<std::string>{"gpu:NoSchedule", "not-ready:NoSchedule", "not-ready:NoExecute"}));
  set_ready("n1", "True");
  EXPECT_EQ(taints("n1"), std::set<std::string>{"gpu:NoSchedule"});
}

TEST_F(Nodes, PodsOfADeletedNodeAreRemoved) {
  add_node("n1");
  add_node("n2");
  add_pod("lost", "n1");
  add_pod("kept", "n2");
  plane.remove(kNodes, "n1", {}, "");
  pass(seconds(30), {"n2"});
  EXPECT_TRUE(plane.exists(kPods, "lost"));
  pass(seconds(20), {"n2"});
  EXPECT_FALSE(plane.exists(kPods, "lost"));
  EXPECT_TRUE(plane.exists(kPods, "kept"));
}

TEST(PodGarbage, TheOldestFinishedPodsGoBeyondTheLimit) {
  TestPlane plane({}, {.root_ca_pem = "a certificate", .terminated_pods_max = 3});
  for (int i = 0; i < 5; ++i) {
    const std::string name = fmt::format("p{}", i);
    plane.create(kPods, fmt::format(R"({{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{}","namespace":"default"}},
                                        "spec":{{"containers":[{{"name":"main","image":"x"}}]}}}})",
                                    name));
    plane.set_phase({"default", name}, "Succeeded");
    plane.advance(seconds(1));
  }
  EXPECT_FALSE(plane.exists(kPods, "p0"));
  EXPECT_FALSE(plane.exists(kPods, "p1"));
  EXPECT_EQ(plane.list(kPods).size(), 3u);
}

}   // namespace
}   // namespace ebb::sandbox::control
