#include "model/profile/profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ebb::model {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

TEST(Profile, TheDefaultFiltersAndScoresAsTheDefaultSchedulerDoes) {
  const SchedulerProfile profile = default_profile();
  EXPECT_EQ(profile.scheduler_name, "openfuyao-scheduler");
  EXPECT_THAT(profile.filter_order(),
              ElementsAre(Plugin::node_name, Plugin::node_unschedulable, Plugin::taint_toleration, Plugin::node_affinity,
                          Plugin::node_ports, Plugin::node_resources_fit, Plugin::volume_restrictions, Plugin::node_volume_limits,
                          Plugin::volume_binding, Plugin::volume_zone, Plugin::pod_topology_spread, Plugin::inter_pod_affinity,
                          Plugin::dynamic_resources, Plugin::node_declared_features));
  EXPECT_EQ(profile.score_weight(Plugin::taint_toleration), 3);
  EXPECT_EQ(profile.score_weight(Plugin::node_affinity), 2);
  EXPECT_EQ(profile.score_weight(Plugin::pod_topology_spread), 2);
  EXPECT_EQ(profile.score_weight(Plugin::inter_pod_affinity), 2);
  EXPECT_EQ(profile.score_weight(Plugin::node_resources_fit), 1);
  EXPECT_EQ(profile.score_weight(Plugin::balanced_allocation), 1);
  EXPECT_EQ(profile.score_weight(Plugin::image_locality), 1);
  EXPECT_EQ(profile.score_weight(Plugin::volume_binding), 1);
  EXPECT_FALSE(profile.scores(Plugin::node_name));
  EXPECT_TRUE(profile.preempts());
  EXPECT_THAT(profile.at(ExtensionPoint::queue_sort), ElementsAre(Plugin::priority_sort));
  EXPECT_THAT(profile.at(ExtensionPoint::bind), ElementsAre(Plugin::default_binder));
}

TEST(Profile, EveryPluginIsFoundByItsName) {
  for (const PluginInfo& info : plugin_table()) EXPECT_EQ(find_plugin(info.name), info.plugin) << info.name;
  EXPECT_EQ(find_plugin("nodename"), std::nullopt);
  EXPECT_EQ(find_plugin("*"), std::nullopt);
  for (std::size_t i = 0; i < kExtensionPoints; ++i) {
    const auto point = static_cast<ExtensionPoint>(i);
    EXPECT_EQ(find_extension_point(name_of(point)), point);
  }
  EXPECT_EQ(find_extension_point("multiPoint"), std::nullopt);
}

TEST(Profile, APluginThatScoresHasAWeightAndOnlyThose) {
  for (const PluginInfo& info : plugin_table()) EXPECT_EQ(info.serves(ExtensionPoint::score), info.default_weight != 0) << info.name;
}

TEST(Profile, AListHoldsAPluginOnce) {
  PluginList list{Plugin::node_ports, Plugin::node_name};
  EXPECT_FALSE(list.add(Plugin::node_ports));
  EXPECT_TRUE(list.add(Plugin::accelerators));
  EXPECT_THAT(list, ElementsAre(Plugin::node_ports, Plugin::node_name, Plugin::accelerators));
  EXPECT_FALSE(list.has(Plugin::queues));
}

}   // namespace
}   // namespace ebb::model
