#include "core/numa/neighbours.h"

#include <gtest/gtest.h>

namespace ebb::core::numa {
namespace {

model::Pod pod_of(const char* ns, const char* owner, const char* named = nullptr) {
  model::Pod pod;
  pod.key.ns = ns;
  if (owner != nullptr) {
    pod.owners.emplace_back();
    pod.owners.back().uid = model::Uid(owner);
    pod.owners.back().controller = true;
  }
  if (named != nullptr) pod.annotations.emplace(std::string(kNeighbourhood), named);
  return pod;
}

TEST(Neighbours, AreThePodsOfOneController) {
  EXPECT_EQ(neighbourhood_of(pod_of("a", "u1")), neighbourhood_of(pod_of("a", "u1")));
  EXPECT_NE(neighbourhood_of(pod_of("a", "u1")), neighbourhood_of(pod_of("a", "u2")));
  EXPECT_EQ(neighbourhood_of(pod_of("a", nullptr)), "");
}

TEST(Neighbours, CanBeJoinedByNameWithinANamespaceOrRefused) {
  EXPECT_EQ(neighbourhood_of(pod_of("a", "u1", "x")), neighbourhood_of(pod_of("a", nullptr, "x")));
  EXPECT_NE(neighbourhood_of(pod_of("a", "u1", "x")), neighbourhood_of(pod_of("b", "u1", "x")));
  EXPECT_EQ(neighbourhood_of(pod_of("a", "u1", "none")), "");
}

}   // namespace
}   // namespace ebb::core::numa
