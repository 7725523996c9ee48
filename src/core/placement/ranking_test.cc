#include "core/placement/ranking.h"

#include "base/rng.h"
#include "core/placement/placement_testing.h"

#include <gtest/gtest.h>

namespace ebb::core::placement {
namespace {

// What the tournament must agree with: every slot asked, the best kept.
std::optional<Slot> best_by_asking_all(const NodeTable& nodes, const Ranking::Evaluate& evaluate) {
  std::optional<Slot> best;
  for (const auto& [name, slot] : nodes.by_name()) {
    const auto value = evaluate(slot);
    if (value && (!best || value->own > evaluate(*best)->own)) best = slot;
  }
  return best;
}

std::optional<Slot> best(Ranking& ranking, const NodeTable& nodes, const Ranking::Evaluate& evaluate) {
  ranking.catch_up(nodes, evaluate);
  return ranking.best(nodes);
}

TEST(Ranking, NobodyIsBestWhereThereIsNobody) {
  ResourceIds ids;
  const NodeTable nodes(ids);
  Ranking ranking;
  EXPECT_EQ(best(ranking, nodes, [](Slot) { return std::optional(NodeValue{.own = 1}); }), std::nullopt);
}

TEST(Ranking, AgreesWithAskingEveryNodeAfterAnySequenceOfChanges) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Rng rng(seed);
    ResourceIds ids;
    NodeTable nodes(ids);
    Ranking often;
    Ranking rarely;   // falls so far behind that it starts anew
    const auto evaluate = [&](Slot slot) -> std::optional<NodeValue> {
      if (!nodes[slot].present || nodes[slot].node.unschedulable) return std::nullopt;
      return NodeValue{.own = static_cast<std::int32_t>(nodes[slot].node.allocatable.cpu.v - nodes.requested(kCpu, slot)) + 100'000};
    };
    for (int step = 0; step < 600; ++step) {
      const std::string name = "n" + std::to_string(rng.below(40));
      const auto slot = nodes.find(model::NodeName(name));
      switch (rng.below(4)) {
        case 0: {
          model::Node node = testing::a_node(name, rng.between(1, 4));
          node.unschedulable = rng.chance(Permille{300});
          nodes.node_seen(nodes.claim(node.name), node);
          break;
        }
        case 1:
          if (slot && rng.chance(Permille{300})) {
            nodes.node_gone(*slot);
            nodes.release_if_empty(*slot);
          }
          break;
        case 2:
          if (slot) {
            Charge charge;
            charge.requests = {{kCpu, rng.between(0, 2) * 500}};
            nodes.add_pod(*slot, static_cast<PodIndex>(step), charge);
            if (rng.chance(Permille{500})) nodes.remove_pod(*slot, static_cast<PodIndex>(step), charge);
          }
          break;
        default: break;
      }
      ASSERT_EQ(best(often, nodes, evaluate), best_by_asking_all(nodes, evaluate)) << "step " << step;
      if (rng.chance(Permille{20})) {
        ASSERT_EQ(best(rarely, nodes, evaluate), best_by_asking_all(nodes, evaluate)) << "step " << step;
      }
    }
  }
}

}   // namespace
}   // namespace ebb::core::placement
