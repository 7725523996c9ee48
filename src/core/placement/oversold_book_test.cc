#include "core/placement/oversold_book.h"

#include "core/placement/placement_testing.h"

#include <gtest/gtest.h>

namespace ebb::core::placement {
namespace {

TEST(OversoldBook, MeasurementsOfNodesThatNeverComeAreForgotten) {
  ResourceIds ids;
  NodeTable nodes(ids);
  PodTable pods;
  OversoldBook book;
  Instant now = Instant{} + hours(1);
  nodes.node_seen(nodes.claim(model::NodeName("there")), testing::a_node("there"));
  const auto report = [&](const std::string& name) {
    model::NodeReport one;
    one.node = model::NodeName(name);
    one.time = now;
    book.report_seen(nodes, one);
  };
  report("there");
  for (int i = 0; i < 100; ++i) {
    report("absent-" + std::to_string(i));
    book.node_use_seen(nodes, model::NodeName("unheard-of-" + std::to_string(i)), {{}, now});
  }
  std::vector<model::PublishOversold> publish;
  book.refresh(now, false, nodes, pods, publish);
  EXPECT_EQ(book.measurements(), 201u) << "their nodes may be about to come";
  now = now + minutes(4);
  book.refresh(now, false, nodes, pods, publish);
  EXPECT_EQ(book.measurements(), 1u);
}

}   // namespace
}   // namespace ebb::core::placement
