#include "model/pod.h"
#include "model/node.h"

#include <gtest/gtest.h>

#include <vector>

namespace ebb::model {
namespace {

Resources amounts(std::int64_t milli_cpu, std::int64_t mib) {
  Resources resources;
  resources.cpu = MilliCpu{milli_cpu};
  resources.memory = mebibytes(mib);
  return resources;
}

Container a_container(Resources requests, Resources limits = {}) {
  return {.name = "c", .requests = std::move(requests), .limits = std::move(limits), .sidecar = false, .host_ports = {}};
}

Container a_sidecar(Resources requests) {
  Container container = a_container(std::move(requests));
  container.sidecar = true;
  return container;
}

TEST(Pod, containers_add_up_and_an_init_container_counts_only_where_it_is_larger) {
  Pod pod;
  pod.containers = {a_container(amounts(100, 200)), a_container(amounts(200, 100))};
  pod.init_containers = {a_container(amounts(250, 500))};
  EXPECT_EQ(effective_requests(pod).cpu, MilliCpu{300});
  EXPECT_EQ(effective_requests(pod).memory, mebibytes(500));
  EXPECT_EQ(effective_requests(pod).pods, 1);
}

TEST(Pod, sidecars_run_beside_the_containers_and_beside_later_init_containers) {
  Pod pod;
  pod.containers = {a_container(amounts(100, 100))};
  pod.init_containers = {a_container(amounts(500, 0)), a_sidecar(amounts(50, 50)), a_container(amounts(480, 0))};
  EXPECT_EQ(effective_requests(pod).cpu, MilliCpu{530});   // the last init container beside the sidecar
  EXPECT_EQ(effective_requests(pod).memory, mebibytes(150));
}

TEST(Pod, overhead_is_added_to_requests_and_to_the_limits_that_exist) {
  Pod pod;
  pod.containers = {a_container(amounts(100, 100), amounts(0, 200))};
  pod.overhead = amounts(10, 20);
  EXPECT_EQ(effective_requests(pod).cpu, MilliCpu{110});
  EXPECT_EQ(effective_limits(pod).cpu, MilliCpu{0});
  EXPECT_EQ(effective_limits(pod).memory, mebibytes(220));
}

TEST(Pod, what_a_pod_states_for_itself_replaces_the_sum) {
  Pod pod;
  pod.containers = {a_container(amounts(100, 100))};
  pod.pod_requests = amounts(700, 0);
  EXPECT_EQ(effective_requests(pod).cpu, MilliCpu{700});
  EXPECT_EQ(effective_requests(pod).memory, mebibytes(100));
}

TEST(Pod, other_resources_are_counted_by_name) {
  Pod pod;
  Resources gpu;
  gpu.scalars["nvidia.com/gpu"] = 2;
  gpu.scalars[std::string(kBatchCpu)] = 1500;
  pod.containers = {a_container(gpu), a_container(gpu)};
  EXPECT_EQ(effective_requests(pod).scalar("nvidia.com/gpu"), 4);
  EXPECT_EQ(effective_requests(pod).scalar(kBatchCpu), 3000);
  EXPECT_EQ(effective_requests(pod).scalar("absent"), 0);
}

struct Shape {
  std::vector<Container> containers;
  KubernetesQos qos;
};

TEST(Pod, its_kubernetes_class_follows_from_requests_and_limits) {
  const Resources one = amounts(1000, 1000);
  const std::vector<Shape> shapes = {
      {{a_container({}, {})}, KubernetesQos::best_effort},
      {{a_container(one, one)}, KubernetesQos::guaranteed},
      {{a_container(one, {})}, KubernetesQos::burstable},
      {{a_container(amounts(1000, 0), amounts(1000, 0))}, KubernetesQos::burstable},   // memory says nothing
      {{a_container(one, one), a_container({}, {})}, KubernetesQos::burstable},
      {{a_container(one, amounts(2000, 1000))}, KubernetesQos::burstable},
  };
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    Pod pod;
    pod.containers = shapes[i].containers;
    EXPECT_EQ(kubernetes_qos(pod), shapes[i].qos) << i;
  }
}

TEST(Pod, an_init_container_takes_part_in_the_class) {
  Pod pod;
  pod.containers = {a_container(amounts(1000, 1000), amounts(1000, 1000))};
  pod.init_containers = {a_container({}, {})};
  EXPECT_EQ(kubernetes_qos(pod), KubernetesQos::burstable);
}

TEST(Pod, its_controller_is_the_owner_that_says_so) {
  Pod pod;
  EXPECT_EQ(pod.controller(), nullptr);
  pod.owners = {{.api_version = "v1", .kind = "A", .name = "a", .uid = Uid("1")},
                {.api_version = "v1", .kind = "B", .name = "b", .uid = Uid("2"), .controller = true}};
  ASSERT_NE(pod.controller(), nullptr);
  EXPECT_EQ(pod.controller()->name, "b");
}

TEST(Resources, sums_differences_and_maxima_go_resource_by_resource) {
  Resources a = amounts(100, 10);
  a.scalars["x"] = 1;
  Resources b = amounts(50, 20);
  b.scalars["x"] = 3;
  b.scalars["y"] = 5;
  EXPECT_EQ(max(a, b).cpu, MilliCpu{100});
  EXPECT_EQ(max(a, b).memory, mebibytes(20));
  EXPECT_EQ(max(a, b).scalar("x"), 3);
  EXPECT_EQ(max(a, b).scalar("y"), 5);
  Resources sum = a;
  sum += b;
  EXPECT_EQ(sum.scalar("x"), 4);
  sum -= b;
  EXPECT_EQ(sum.cpu, a.cpu);
  EXPECT_EQ(sum.scalar("x"), 1);
}

TEST(Node, a_toleration_covers_a_taint_by_key_operator_value_and_effect) {
  const Taint taint{"key", "value", TaintEffect::no_schedule};
  EXPECT_TRUE(tolerates({.key = "key", .exists = false, .value = "value", .effect = TaintEffect::no_schedule}, taint));
  EXPECT_TRUE(tolerates({.key = "key", .exists = false, .value = "value", .effect = std::nullopt}, taint));
  EXPECT_TRUE(tolerates({.key = "key", .exists = true, .value = "", .effect = std::nullopt}, taint));
  EXPECT_TRUE(tolerates({.key = "", .exists = true, .value = "", .effect = std::nullopt}, taint));
  EXPECT_FALSE(tolerates({.key = "key", .exists = false, .value = "other", .effect = std::nullopt}, taint));
  EXPECT_FALSE(tolerates({.key = "other", .exists = true, .value = "", .effect = std::nullopt}, taint));
  EXPECT_FALSE(tolerates({.key = "key", .exists = true, .value = "", .effect = TaintEffect::no_execute}, taint));
}

TEST(Node, a_preferred_taint_keeps_nobody_away) {
  const std::vector<Taint> taints = {
      {"soft", "", TaintEffect::prefer_no_schedule}, {"hard", "", TaintEffect::no_schedule}, {"out", "", TaintEffect::no_execute}};
  EXPECT_EQ(untolerated_taint(taints, {})->key, "hard");
  EXPECT_EQ(untolerated_taint(taints, {}, false)->key, "out");
  const std::vector<Toleration> everything = {{.key = "", .exists = true, .value = "", .effect = std::nullopt}};
  EXPECT_EQ(untolerated_taint(taints, everything), nullptr);
}

}   // namespace
}   // namespace ebb::model
