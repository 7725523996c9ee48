#include "core/placement/shape.h"

#include <gtest/gtest.h>

#include <optional>

namespace ebb::core::placement {
namespace {

Shape shape_with(std::int64_t cpu) {
  Shape shape;
  shape.charge.scored.cpu = MilliCpu{cpu};
  return shape;
}

std::uint64_t come_and_go(ShapeTable& shapes, std::int64_t cpu) {
  const ShapeId id = shapes.acquire(shape_with(cpu));
  const std::uint64_t serial = shapes[id].shape.serial;
  shapes.release(id);
  return serial;
}

TEST(ShapeTable, RemembersAShapeHoweverOftenItLosesItsLastPod) {
  ShapeTable shapes;
  const std::uint64_t first = come_and_go(shapes, 100);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(come_and_go(shapes, 100), first);
}

TEST(ShapeTable, ForgetsTheShapeThatHasBeenIdleForTheLongest) {
  ShapeTable shapes;
  const std::uint64_t rare = come_and_go(shapes, 1);
  const std::uint64_t frequent = come_and_go(shapes, 2);
  for (std::int64_t cpu = 1000; cpu < 1300; ++cpu) {
    come_and_go(shapes, cpu);
    EXPECT_EQ(come_and_go(shapes, 2), frequent);
  }
  EXPECT_NE(come_and_go(shapes, 1), rare);
  EXPECT_LE(shapes.size(), 256u);
}

}   // namespace
}   // namespace ebb::core::placement
