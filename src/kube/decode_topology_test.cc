#include "kube/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ebb::kube {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

template <class Topology>
Topology decoded(ObjectType type, std::string_view json) {
  auto object = Decoder(type).object(json);
  EXPECT_TRUE(object.has_value()) << object.error().message;
  return object ? std::get<Topology>(std::get<model::NodeTopologySeen>(object->seen).topology) : Topology{};
}

TEST(DecodeTopology, ZonesHaveAmountsInTheirOwnUnitsWhereverTheNameStands) {
  const auto topology = decoded<model::NodeResourceTopology>(ObjectType::node_resource_topology, R"({
    "metadata": {"name": "n1"},
    "topologyPolicies": ["SingleNUMANodePodLevel"],
    "attributes": [{"name": "topologyManagerPolicy", "value": "restricted"}, {"name": "topologyManagerScope", "value": "pod"},
                   {"name": "nodeTopologyPodsFingerprint", "value": "pfp0v001"}],
    "zones": [{"name": "node-0", "type": "Node", "costs": [{"name": "node-0", "value": 10}, {"name": "node-1", "value": 21}],
               "resources": [{"capacity": "8", "available": "3500m", "allocatable": 7, "name": "cpu"},
                             {"name": "memory", "capacity": "8Gi", "allocatable": "7Gi", "available": "6Gi"}]}]})");
  EXPECT_EQ(topology.node.v, "n1");
  EXPECT_EQ(topology.policy, "restricted");
  EXPECT_EQ(topology.scope, "pod");
  EXPECT_THAT(topology.topology_policies, ElementsAre("SingleNUMANodePodLevel"));
  EXPECT_THAT(topology.attributes, ElementsAre(Pair("nodeTopologyPodsFingerprint", "pfp0v001")));
  ASSERT_EQ(topology.zones.size(), 1U);
  EXPECT_THAT(topology.zones[0].costs, ElementsAre(Pair("node-0", 10), Pair("node-1", 21)));
  EXPECT_THAT(topology.zones[0].resources,
              ElementsAre(model::ZoneResource{"cpu", 8000, 7000, 3500}, model::ZoneResource{"memory", 8LL << 30, 7LL << 30, 6LL << 30}));
}

TEST(DecodeTopology, NumatopologyNamesEveryCpu) {
  const auto topology = decoded<model::Numatopology>(ObjectType::numatopology, R"({
    "metadata": {"name": "n1"},
    "spec": {"policies": {"CPUManagerPolicy": "static", "TopologyManagerPolicy": "best-effort"}, "resReserved": {"cpu": "500m"},
             "numares": {"cpu": {"allocatable": "1-3", "capacity": 4}},
             "cpuDetail": {"0": {"socket": 0, "core": 0}, "3": {"numa": 1, "socket": 1, "core": 1}}}})");
  EXPECT_EQ(topology.cpu_policy, "static");
  EXPECT_EQ(topology.topology_policy, "best-effort");
  EXPECT_EQ(topology.reserved_cpu, MilliCpu{500});
  EXPECT_THAT(topology.resources, ElementsAre(model::NumatopologyResource{"cpu", "1-3", 4}));
  EXPECT_THAT(topology.cpus, ElementsAre(model::NumatopologyCpu{0, 0, 0, 0}, model::NumatopologyCpu{3, 1, 1, 1}));
}

TEST(DecodeTopology, WhatIsNoAmountOrNoCpuIsRefusedWithItsPath) {
  const auto amount = Decoder(ObjectType::node_resource_topology)
                          .object(R"({"metadata": {"name": "n"}, "zones": [{"resources": [{"name": "cpu", "capacity": "many"}]}]})");
  ASSERT_FALSE(amount.has_value());
  EXPECT_THAT(amount.error().message, HasSubstr("zones"));
  const auto cpu = Decoder(ObjectType::numatopology).object(R"({"metadata": {"name": "n"}, "spec": {"cpuDetail": {"x": {}}}})");
  ASSERT_FALSE(cpu.has_value());
  EXPECT_THAT(cpu.error().message, HasSubstr("cpuDetail"));
}

}   // namespace
}   // namespace ebb::kube
