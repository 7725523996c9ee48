// The small parts that need no API: numbers, indexes, conditions, the queue, who is deleted first.

#include "sandbox/controllers/conditions.h"
#include "sandbox/controllers/fields.h"
#include "sandbox/controllers/index_set.h"
#include "sandbox/controllers/pod_ranking.h"
#include "sandbox/controllers/rollout_sets.h"
#include "sandbox/controllers/taint_eviction.h"
#include "sandbox/controllers/work_queue.h"

#include <gtest/gtest.h>

namespace ebb::sandbox::control {
namespace {

constexpr Instant kNow{1'764'000'000'000'000'000};

TEST(Fields, PercentagesRoundBothWays) {
  EXPECT_EQ(int_or_percent(nullptr, 10, true), std::nullopt);
  const json::value third = "33%", seven = 7, odd = "seven";
  EXPECT_EQ(int_or_percent(&third, 10, true), 4);
  EXPECT_EQ(int_or_percent(&third, 10, false), 3);
  EXPECT_EQ(int_or_percent(&seven, 10, true), 7);
  EXPECT_EQ(int_or_percent(&odd, 10, true), std::nullopt);
}

TEST(IndexSet, RoundTripsAsKubernetesWritesIt) {
  EXPECT_EQ(to_string(IndexSet{0, 1, 2, 5, 7, 8}), "0-2,5,7,8");
  EXPECT_EQ(to_string(IndexSet{}), "");
  EXPECT_EQ(parse_indexes("0-2,5,7,8", 10), (IndexSet{0, 1, 2, 5, 7, 8}));
  EXPECT_EQ(parse_indexes("0-100000000000", 3), (IndexSet{0, 1, 2}));
  EXPECT_EQ(parse_indexes("x,-1,4", 10), (IndexSet{4}));
}

TEST(Conditions, TheTransitionTimeMovesOnlyWithTheStatus) {
  json::object status;
  EXPECT_TRUE(set_condition(status, {"Ready", "True", "A", "a"}, kNow));
  EXPECT_FALSE(set_condition(status, {"Ready", "True", "A", "a"}, kNow + seconds(5)));
  EXPECT_TRUE(set_condition(status, {"Ready", "True", "B", "a"}, kNow + seconds(5)));
  EXPECT_EQ(time_at(*find_condition(status, "Ready"), "lastTransitionTime"), kNow);
  EXPECT_TRUE(set_condition(status, {"Ready", "False", "B", "a"}, kNow + seconds(5)));
  EXPECT_EQ(time_at(*find_condition(status, "Ready"), "lastTransitionTime"), kNow + seconds(5));
}

TEST(WorkQueue, GivesEachKeyOnceAndTheEarliestFirst) {
  WorkQueue<std::string> queue;
  queue.add_at("b", kNow + seconds(2));
  queue.add_at("a", kNow + seconds(1));
  queue.add_at("b", kNow);
  queue.add_at("b", kNow + seconds(9));
  EXPECT_EQ(queue.take(kNow), "b");
  EXPECT_EQ(queue.take(kNow), std::nullopt);
  EXPECT_EQ(queue.next(), kNow + seconds(1));
}

TEST(WorkQueue, AFailureInARowWaitsTwiceAsLongUntilOneSucceeds) {
  WorkQueue<std::string> queue;
  for (const auto wait : {milliseconds(5), milliseconds(10), milliseconds(20)}) {
    queue.retry("a", kNow);
    EXPECT_EQ(queue.next(), kNow + wait);
    EXPECT_EQ(queue.take(kNow + wait), "a");
  }
  queue.succeeded("a");
  queue.retry("a", kNow);
  EXPECT_EQ(queue.next(), kNow + milliseconds(5));
}

SeenPod a_pod(const std::string& name) {
  SeenPod pod;
  auto stored = std::make_shared<Stored>();
  stored->key = {"default", name};
  stored->uid = name;
  pod.stored = stored;
  pod.node = "n1";
  pod.phase = Phase::running;
  pod.ready = true;
  pod.ready_since = pod.created = kNow - hours(1);
  return pod;
}

TEST(PodRanking, EachRuleDecidesWhereTheOnesBeforeItDoNot) {
  const SeenPod plain = a_pod("plain");
  const auto first = [&](const std::function<void(SeenPod&)>& change, std::int64_t neighbours = 0) {
    SeenPod other = a_pod("zz");   // would go last by its uid
    change(other);
    return choose_victims({{&plain}, {&other, neighbours}}, 1, kNow).front()->uid();
  };
  EXPECT_EQ(first([](SeenPod&) {}), "plain");
  EXPECT_EQ(first([](SeenPod& pod) { pod.node.clear(); }), "zz");
  EXPECT_EQ(first([](SeenPod& pod) { pod.phase = Phase::pending; }), "zz");
  EXPECT_EQ(first([](SeenPod& pod) { pod.ready = false; }), "zz");
  EXPECT_EQ(first([](SeenPod& pod) { pod.deletion_cost = -1; }), "zz");
  EXPECT_EQ(first([](SeenPod& pod) { pod.deletion_cost = 1; }), "plain");
  EXPECT_EQ(first([](SeenPod&) {}, 1), "zz");
  EXPECT_EQ(first([](SeenPod& pod) { pod.ready_since = kNow - minutes(1); }), "zz");
  EXPECT_EQ(first([](SeenPod& pod) { pod.restarts_max = 3; }), "zz");
  EXPECT_EQ(first([](SeenPod& pod) { pod.created = kNow - minutes(1); }), "zz");
}

TEST(PodRanking, AgesOfTheSameMagnitudeCountAsEqual) {
  SeenPod older = a_pod("a"), newer = a_pod("b");
  older.ready_since = kNow - seconds(3600);
  newer.ready_since = kNow - seconds(3500);
  EXPECT_EQ(choose_victims({{&newer}, {&older}}, 1, kNow).front()->uid(), "a");
}

TEST(Templates, MemberOrderAndEmptyListsDoNotMakeANewTemplate) {
  const auto workload = [](std::string_view pod_template) {
    return json::object{{"spec", {{"template", json::parse(json::string_view(pod_template.data(), pod_template.size()))}}}};
  };
  const auto a = workload(R"({"metadata":{"labels":{"a":"1"},"creationTimestamp":null},"spec":{"x":1,"y":[]}})");
  const auto b = workload(R"({"spec":{"x":1},"metadata":{"labels":{"pod-template-hash":"abc","a":"1"}}})");
  const auto c = workload(R"({"spec":{"x":2},"metadata":{"labels":{"a":"1"}}})");
  EXPECT_TRUE(same_template(a, b));
  EXPECT_FALSE(same_template(a, c));
  EXPECT_EQ(template_hash(a, 0), template_hash(b, 0));
  EXPECT_NE(template_hash(a, 0), template_hash(c, 0));
  EXPECT_NE(template_hash(a, 0), template_hash(a, 1));
  const auto empty_dir = workload(R"({"spec":{"volumes":[{"name":"v","emptyDir":{}}]}})");
  const auto no_dir = workload(R"({"spec":{"volumes":[{"name":"v"}]}})");
  EXPECT_FALSE(same_template(empty_dir, no_dir));
}

TEST(EvictionTime, IsTheEarliestThatTheTolerationsAllow) {
  const std::vector<TimedTaint> taints = {{{"down", "", model::TaintEffect::no_execute}, kNow - seconds(10)}};
  const auto pod = [](json::value tolerations) { return json::object{{"spec", {{"tolerations", std::move(tolerations)}}}}; };
  EXPECT_EQ(eviction_time(pod(json::array()), taints, kNow), kNow);
  EXPECT_EQ(eviction_time(pod(json::array{{{"key", "down"}, {"operator", "Exists"}, {"effect", "NoExecute"}}}), taints, kNow), kNever);
  EXPECT_EQ(eviction_time(pod(json::array{{{"key", "down"}, {"operator", "Exists"}, {"tolerationSeconds", 300}}}), taints, kNow),
            kNow + seconds(290));
  EXPECT_EQ(eviction_time(pod(json::array{{{"key", "down"}, {"operator", "Exists"}, {"effect", "NoSchedule"}}}), taints, kNow), kNow);
}

}   // namespace
}   // namespace ebb::sandbox::control
