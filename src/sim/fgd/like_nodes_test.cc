#include "sim/fgd/like_nodes.h"

#include <gtest/gtest.h>

namespace ebb::sim::fgd {
namespace {

SimNode a_node(std::int64_t cpu, std::int64_t free) {
  SimNode node{.accelerators = {}, .memory_free = {}, .model = 0, .kinds = {}, .group = 0};
  node.accelerators.cpu_free = MilliCpu{cpu};
  node.accelerators.devices = {{.free = {free}, .memory = {}, .group = 0}};
  return node;
}

TEST(LikeNodes, puts_nodes_into_one_group_as_long_as_they_look_alike) {
  LikeNodes nodes;
  const std::size_t first = nodes.join(a_node(8000, 1000));
  EXPECT_EQ(nodes.join(a_node(8000, 1000)), first);
  EXPECT_NE(nodes.join(a_node(7000, 1000)), first);
  EXPECT_NE(nodes.join(a_node(8000, 900)), first);
  SimNode busy = a_node(8000, 1000);
  busy.kinds[1] = 1;
  EXPECT_NE(nodes.join(busy), first);
}

TEST(LikeNodes, a_group_keeps_its_stamp_until_its_last_node_leaves) {
  LikeNodes nodes;
  const std::size_t group = nodes.join(a_node(8000, 1000));
  nodes.join(a_node(8000, 1000));
  const std::uint32_t stamp = nodes.stamp(group);
  nodes.leave(group);
  EXPECT_EQ(nodes.stamp(group), stamp);
  nodes.leave(group);
  const std::size_t next = nodes.join(a_node(4000, 500));
  EXPECT_EQ(next, group) << "its place is free";
  EXPECT_NE(nodes.stamp(next), stamp);
}

TEST(LikeNodes, forgetting_gives_every_group_a_new_stamp) {
  LikeNodes nodes;
  const std::size_t a = nodes.join(a_node(8000, 1000));
  const std::size_t b = nodes.join(a_node(4000, 1000));
  const std::uint32_t before_a = nodes.stamp(a);
  const std::uint32_t before_b = nodes.stamp(b);
  nodes.forget_all();
  EXPECT_GT(nodes.stamp(a), std::max(before_a, before_b));
  EXPECT_GT(nodes.stamp(b), std::max(before_a, before_b));
}

}   // namespace
}   // namespace ebb::sim::fgd
