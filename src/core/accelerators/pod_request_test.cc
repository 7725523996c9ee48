#include "core/accelerators/pod_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ebb::core::accelerators {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

model::Pod asking(std::map<std::string, std::int64_t, std::less<>> resources, model::Annotations annotations = {}) {
  model::Pod pod;
  model::Container container;
  for (const auto& [name, amount] : resources) container.requests.scalars.emplace(name, amount);
  pod.containers.push_back(container);
  pod.annotations = std::move(annotations);
  return pod;
}

void expect(const model::Pod& pod, std::int32_t count, std::int64_t share) {
  const PodDevices devices = devices_of(pod);
  EXPECT_EQ(devices.problem, "");
  EXPECT_EQ(devices.request.count, count);
  EXPECT_EQ(devices.request.share.v, share);
}

TEST(PodDevices, APodThatSaysNothingOfDevicesWantsNone) {
  expect(asking({}), 0, 0);
  expect(asking({{"kubernetes.io/batch-cpu", 1000}}, {{"scheduling.volcano.sh/queue-name", "q"}}), 0, 0);
  EXPECT_FALSE(devices_of(asking({}, {{"scheduling.openfuyao.io/gpu-models", "A100"}})).wanted());
}

TEST(PodDevices, WholeDevicesOfEveryVendor) {
  for (const DeviceResource& one : device_resources()) {
    const model::Pod pod = asking({{std::string(one.name), 2}});
    expect(pod, 2, 1000);
    EXPECT_EQ(device_resources()[static_cast<std::size_t>(devices_of(pod).kind)].name, one.name);
  }
}

TEST(PodDevices, SharesInEveryDialect) {
  expect(asking({{"scheduling.openfuyao.io/gpu-milli", 500}}), 1, 500);
  expect(asking({{"scheduling.openfuyao.io/gpu-milli", 2000}}), 2, 1000);
  expect(asking({{"scheduling.openfuyao.io/gpu-milli", 500}}, {{"scheduling.openfuyao.io/gpu-count", "2"}}), 2, 500);
  expect(asking({{"koordinator.sh/gpu-core", 50}}), 1, 500);
  expect(asking({{"koordinator.sh/gpu-core", 30}, {"koordinator.sh/gpu-memory-ratio", 40}}), 1, 400);
  expect(asking({{"koordinator.sh/gpu", 200}}), 2, 1000);
  expect(asking({}, {{"alibabacloud.com/gpu-milli", "470"}, {"alibabacloud.com/gpu-count", "1"}}), 1, 470);
  expect(asking({}, {{"alibabacloud.com/gpu-milli", "0"}}), 0, 0);
}

TEST(PodDevices, WhatIsAskedAtPodLevelOrAsOverheadIsAskedToo) {
  model::Pod pod = asking({});
  pod.overhead.scalars.emplace("nvidia.com/gpu", 1);
  expect(pod, 1, 1000);
  pod = asking({});
  pod.init_containers.push_back(asking({{"nvidia.com/gpu", 3}}).containers.front());
  expect(pod, 3, 1000);
}

TEST(PodDevices, ModelsInBothWaysOfWriting) {
  EXPECT_THAT(devices_of(asking({{"nvidia.com/gpu", 1}}, {{"scheduling.openfuyao.io/gpu-models", "V100, A100,V100"}})).request.models,
              ElementsAre("A100", "V100"));
  EXPECT_THAT(devices_of(asking({{"nvidia.com/gpu", 1}}, {{"alibabacloud.com/gpu-card-model", "A100|V100"}})).request.models,
              ElementsAre("A100", "V100"));
}

TEST(PodDevices, WhatNobodyCanReadSaysWhereAndWhatIsAllowed) {
  const auto problem = [](const model::Pod& pod) { return devices_of(pod).problem; };
  EXPECT_THAT(problem(asking({{"scheduling.openfuyao.io/gpu-milli", 1500}})), HasSubstr("from 1 to 1000 or a multiple of 1000"));
  EXPECT_THAT(problem(asking({{"scheduling.openfuyao.io/gpu-milli", 500}}, {{"scheduling.openfuyao.io/gpu-count", "two"}})),
              HasSubstr("annotation scheduling.openfuyao.io/gpu-count is \"two\", it must be a number from 1"));
  EXPECT_THAT(problem(asking({}, {{"scheduling.openfuyao.io/gpu-count", "2"}})), HasSubstr("gpu-milli is not asked for"));
  EXPECT_THAT(problem(asking({{"nvidia.com/gpu", 2}, {"koordinator.sh/gpu-core", 50}})), HasSubstr("one or the other"));
  EXPECT_THAT(problem(asking({{"nvidia.com/gpu", 1}}, {{"scheduling.openfuyao.io/gpu-models", " , "}})), HasSubstr("names no model"));
}

}   // namespace
}   // namespace ebb::core::accelerators
