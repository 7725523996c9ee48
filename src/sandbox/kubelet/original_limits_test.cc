#include "sandbox/kubelet/original_limits.h"

#include <gtest/gtest.h>

namespace ebb::sandbox {
namespace {

constexpr std::string_view kAnnotation = "scheduling.openfuyao.io/original-resources";

model::Container container(std::string name) {
  model::Container made;
  made.name = std::move(name);
  made.requests.scalars = {{std::string(model::kBatchCpu), 1000}, {std::string(model::kBatchMemory), gibibytes(2).v}};
  made.limits = made.requests;
  return made;
}

std::optional<model::Resources> limits_of(const std::vector<std::string>& names, std::string annotation) {
  model::Pod pod;
  for (const std::string& name : names) pod.containers.push_back(container(name));
  return original_limits(pod, {{std::string(kAnnotation), std::move(annotation)}});
}

TEST(OriginalLimits, AreThoseThePodWasWrittenWith) {
  const auto limits = limits_of({"a", "b"}, R"({"containers":{"a":{"limits":{"cpu":"4","memory":"3Gi"}},"b":{"limits":{"cpu":"1"}}}})");
  ASSERT_TRUE(limits.has_value());
  EXPECT_EQ(limits->cpu, cpus(5));
  EXPECT_EQ(limits->scalar(model::kBatchCpu), 0);
}

TEST(OriginalLimits, AContainerWithoutOneLeavesThePodWithoutOne) {
  const auto limits = limits_of({"a", "b"}, R"({"containers":{"a":{"limits":{"cpu":"4"}},"b":{"requests":{"cpu":"1"}}}})");
  ASSERT_TRUE(limits.has_value());
  EXPECT_EQ(limits->cpu, MilliCpu{0});
}

TEST(OriginalLimits, AreUnknownWithoutAReadableAnnotation) {
  EXPECT_EQ(limits_of({"a"}, "nonsense"), std::nullopt);
  EXPECT_EQ(original_limits(model::Pod{}, {}), std::nullopt);
}

TEST(OriginalLimits, MemoryMayGoUpToTheLimitAndNoFurther) {
  model::Resources requests;
  requests.scalars = {{std::string(model::kBatchMemory), gibibytes(2).v}};
  model::Resources limits;
  EXPECT_EQ(memory_share_max(requests, limits), std::nullopt) << "no limit";
  limits.memory = gibibytes(3);
  EXPECT_EQ(memory_share_max(requests, limits), Permille{1500});
}

}   // namespace
}   // namespace ebb::sandbox
