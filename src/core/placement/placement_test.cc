#include "core/placement/placement.h"

#include "core/placement/placement_testing.h"

#include <gtest/gtest.h>

namespace ebb::core::placement {
namespace {

using testing::a_node;
using testing::a_pod;
using testing::Scene;

TEST(Placement, BindsAPodToTheNodeWithMostRoom) {
  Scene scene;
  scene.with(a_node("small", 2)).with(a_node("large", 8)).with(a_pod("p")).synced().run();
  EXPECT_EQ(scene.node_of("p"), "large");
}

TEST(Placement, PlacesNothingBeforeEveryKindWasListed) {
  Scene scene;
  scene.with(a_node("n")).with(a_pod("p")).run();
  EXPECT_TRUE(scene.actions.empty());
  scene.synced().run();
  EXPECT_EQ(scene.node_of("p"), "n");
}

TEST(Placement, CountsWhatItAssumesAsTaken) {
  Scene scene;
  scene.with(a_node("n", 2)).with(a_pod("p1")).with(a_pod("p2")).with(a_pod("p3")).synced().run();
  EXPECT_EQ(scene.all<model::Bind>().size(), 2u);
  EXPECT_EQ(scene.message_for("p3"), "0/1 nodes are available: 1 Insufficient cpu.");
}

}   // namespace
}   // namespace ebb::core::placement
