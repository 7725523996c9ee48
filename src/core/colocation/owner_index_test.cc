#include "core/colocation/owner_index.h"

#include <gtest/gtest.h>

namespace ebb::core {
namespace {

model::OwnerRef controlled_by(const char* uid) { return {"apps/v1", "Kind", uid, model::Uid(uid), true}; }

model::Owner owner(const char* uid, std::vector<model::OwnerRef> owners = {}) {
  model::Owner o;
  o.kind = "Kind";
  o.key = {"ns", uid};
  o.uid = model::Uid(uid);
  o.owners = std::move(owners);
  return o;
}

model::Pod pod_of(const char* uid) {
  model::Pod pod;
  pod.owners.push_back(controlled_by(uid));
  return pod;
}

TEST(OwnerIndex, the_chain_goes_from_the_nearest_controller_up) {
  OwnerIndex index;
  index.upsert(owner("deployment"));
  index.upsert(owner("replicas", {controlled_by("deployment")}));
  const auto chain = index.chain(pod_of("replicas"));
  ASSERT_EQ(chain.size(), 2U);
  EXPECT_EQ(chain[0]->key.name, "replicas");
  EXPECT_EQ(chain[1]->key.name, "deployment");
}

TEST(OwnerIndex, an_unknown_or_forgotten_owner_ends_the_chain) {
  OwnerIndex index;
  EXPECT_TRUE(index.chain(pod_of("replicas")).empty());
  index.upsert(owner("replicas", {controlled_by("deployment")}));
  index.upsert(owner("deployment"));
  index.erase(model::Uid("deployment"));
  EXPECT_EQ(index.chain(pod_of("replicas")).size(), 1U);
}

TEST(OwnerIndex, an_owner_that_does_not_control_is_no_link) {
  OwnerIndex index;
  index.upsert(owner("replicas"));
  model::Pod pod = pod_of("replicas");
  pod.owners[0].controller = false;
  EXPECT_TRUE(index.chain(pod).empty());
}

TEST(OwnerIndex, a_circle_of_owners_ends) {
  OwnerIndex index;
  index.upsert(owner("a", {controlled_by("b")}));
  index.upsert(owner("b", {controlled_by("a")}));
  EXPECT_EQ(index.chain(pod_of("a")).size(), 8U);
}

}   // namespace
}   // namespace ebb::core
