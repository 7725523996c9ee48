#include "core/placement/placement_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ebb::core::placement {
namespace {

using testing::a_pod;
using ::testing::HasSubstr;
using testing::Scene;

model::Node a_gpu_node(const std::string& name, std::int64_t devices, const std::string& model = "") {
  model::Node node = testing::a_node(name, 64, 256);
  node.allocatable.scalars.emplace("nvidia.com/gpu", devices);
  node.capacity = node.allocatable;
  if (!model.empty()) node.labels.emplace("nvidia.com/gpu.product", model);
  return node;
}

model::Pod with_share(const std::string& name, std::int64_t milli) {
  model::Pod pod = a_pod(name);
  pod.containers[0].requests.scalars.emplace("scheduling.openfuyao.io/gpu-milli", milli);
  return pod;
}

model::Pod with_whole(const std::string& name, std::int64_t count) {
  model::Pod pod = a_pod(name);
  pod.containers[0].requests.scalars.emplace("nvidia.com/gpu", count);
  return pod;
}

model::Pod running_on(model::Pod pod, const std::string& node, const std::string& devices) {
  pod.node = model::NodeName(node);
  pod.phase = model::PodPhase::running;
  if (!devices.empty()) pod.annotations.emplace("scheduling.openfuyao.io/gpu-index", devices);
  return pod;
}

std::string devices_of(const Scene& scene, const std::string& pod) {
  for (const auto& [id, bind] : scene.all<model::Bind>()) {
    if (bind.pod.name != pod) continue;
    const auto found = bind.annotations.find("scheduling.openfuyao.io/gpu-index");
    return found == bind.annotations.end() ? "none" : found->second;
  }
  return "not bound";
}

Scene judged_by(model::AcceleratorScoring scoring) {
  Options options;
  options.profiles.front().accelerators.scoring = scoring;
  return Scene(std::move(options));
}

TEST(DevicePlacement, AScoreThatLooksAtDevicesPacksThemAndNoneLeavesItToTheOthers) {
  using enum model::AcceleratorScoring;
  for (const model::AcceleratorScoring scoring : {ebb, fgd, none}) {
    Scene scene = judged_by(scoring);
    scene.with(a_gpu_node("a", 2)).with(a_gpu_node("b", 2)).with(running_on(with_share("first", 500), "b", "1"));
    // Pods that want whole devices are to be expected: a second device in part is lost to them.
    for (const std::string name : {"c", "d", "e"}) scene.with(a_gpu_node(name, 1)).with(running_on(with_whole("on-" + name, 1), name, "0"));
    scene.synced().with(with_share("second", 500)).run();
    EXPECT_EQ(scene.node_of("second"), scoring == none ? "a" : "b");
    EXPECT_EQ(devices_of(scene, "second"), scoring == none ? "0" : "1");
  }
}

TEST(DevicePlacement, AWholeDeviceIsOneThatNobodyHasAShareOf) {
  Scene scene;
  scene.with(a_gpu_node("a", 2)).with(running_on(with_share("share", 100), "a", "0")).synced();
  scene.with(with_whole("one", 1)).with(with_whole("two", 1)).run();
  EXPECT_EQ(devices_of(scene, "one"), "1");
  EXPECT_THAT(scene.message_for("two"), HasSubstr("1 node(s) had no free device"));
}

TEST(DevicePlacement, WhatWasWrittenWithTheBindingIsReadBackByTheNextLeader) {
  Scene scene;
  scene.with(a_gpu_node("a", 3)).with(running_on(with_share("old", 700), "a", "2")).with(running_on(with_whole("whole", 1), "a", "0"));
  scene.synced().with(with_share("small", 300)).with(with_share("large", 400)).run();
  EXPECT_EQ(devices_of(scene, "small"), "2");
  EXPECT_EQ(devices_of(scene, "large"), "1");
}

TEST(DevicePlacement, WhoDoesNotSayWhereHeIsMovesAsideForThoseWhoDo) {
  Scene scene;
  scene.with(a_gpu_node("a", 2)).with(running_on(with_share("silent", 600), "a", "")).with(running_on(with_share("told", 600), "a", "0"));
  scene.synced().with(with_share("next", 500)).run();
  EXPECT_EQ(scene.node_of("next"), "") << "one device each";
  EXPECT_THAT(scene.message_for("next"), HasSubstr("no device with 500/1000 free"));
}

TEST(DevicePlacement, AnAnnotationThatNamesWhatIsNotThereIsCountedWhereThereIsRoom) {
  Scene scene;
  scene.with(a_gpu_node("a", 2)).with(running_on(with_share("odd", 600), "a", "7")).with(running_on(with_share("worse", 600), "a", "x,"));
  scene.synced().with(with_share("next", 500)).with(with_share("fits", 400)).run();
  EXPECT_EQ(scene.node_of("next"), "");
  EXPECT_EQ(scene.node_of("fits"), "a");
}

TEST(DevicePlacement, OnlyDevicesOfAnAllowedModel) {
  Scene scene;
  scene.with(a_gpu_node("a", 2, "T4")).with(a_gpu_node("b", 2, "A100")).synced();
  model::Pod pod = with_whole("p", 1);
  pod.annotations.emplace("scheduling.openfuyao.io/gpu-models", "A100, V100");
  model::Pod other = with_whole("q", 1);
  other.annotations.emplace("scheduling.openfuyao.io/gpu-models", "H100");
  scene.with(pod).with(other).run();
  EXPECT_EQ(scene.node_of("p"), "b");
  EXPECT_THAT(scene.message_for("q"), HasSubstr("2 node(s) had devices of another model"));
}

TEST(DevicePlacement, AWishThatNobodyCanReadWaitsAndSaysWhy) {
  Scene scene;
  scene.with(a_gpu_node("a", 2)).synced().with(with_share("p", 1500)).run();
  EXPECT_EQ(scene.node_of("p"), "");
  EXPECT_THAT(scene.message_for("p"), HasSubstr("from 1 to 1000 or a multiple of 1000"));
}

TEST(DevicePlacement, AMoreImportantPodPushesOutWhoHasTheDevice) {
  Scene scene;
  model::Pod low = running_on(with_share("low", 600), "a", "0");
  low.priority = 1;
  model::Pod high = with_share("high", 600);
  high.priority = 10;
  scene.with(a_gpu_node("a", 1)).with(low).synced().with(high).run();
  ASSERT_EQ(scene.all<model::Evict>().size(), 1u);
  scene.with(model::PodGone{low.key, low.uid}).run();
  EXPECT_EQ(devices_of(scene, "high"), "0");
}

TEST(DevicePlacement, ABindThatIsRefusedGivesItsDeviceBack) {
  Scene scene;
  scene.with(a_gpu_node("a", 1)).synced().with(with_share("p", 800)).run();
  const auto binds = scene.all<model::Bind>();
  ASSERT_EQ(binds.size(), 1u);
  scene.answer(binds.front().first, Error{Errc::conflict, "no"});
  scene.with(with_share("q", 800)).run();
  EXPECT_EQ(scene.node_of("q"), "a");
}

}   // namespace
}   // namespace ebb::core::placement
