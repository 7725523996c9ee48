#include "core/colocation/pool.h"

#include <gtest/gtest.h>

namespace ebb::core {
namespace {

const model::Labels kOnlineNode{{"workload.type", "online"}};
const model::Labels kOfflineNode{{"workload.type", "offline"}};
const model::Labels kUnlabelled;

Resolved be() {
  Resolved r;
  r.qos = model::QosClass::be;
  r.explicit_class = r.offline = r.restricted = true;
  r.pool = model::Pool::offline;
  return r;
}

Resolved ls(model::Pool pool) {
  Resolved r;
  r.explicit_class = r.restricted = true;
  r.pool = pool;
  return r;
}

model::NodePolicy colocation(bool on) {
  model::NodePolicy p;
  p.colocation = on;
  return p;
}

TEST(Pool, REQ_S1_24_be_runs_only_where_colocation_is_on) {
  EXPECT_EQ(pool_refusal(be(), true, kUnlabelled, colocation(true)), std::nullopt);
  EXPECT_EQ(pool_refusal(be(), true, kUnlabelled, colocation(false)), PoolRefusal::colocation_off);
  EXPECT_EQ(pool_refusal(be(), true, kOfflineNode, colocation(false)), PoolRefusal::colocation_off);
}

TEST(Pool, REQ_S1_24_online_is_any_node_not_labelled_offline) {
  EXPECT_EQ(pool_refusal(ls(model::Pool::online), true, kUnlabelled, colocation(false)), std::nullopt);
  EXPECT_EQ(pool_refusal(ls(model::Pool::online), true, kUnlabelled, colocation(true)), std::nullopt);
  EXPECT_EQ(pool_refusal(ls(model::Pool::online), true, kOfflineNode, colocation(true)), PoolRefusal::offline_node);
}

TEST(Pool, REQ_S1_24_offline_is_a_node_with_colocation_or_labelled_offline) {
  EXPECT_EQ(pool_refusal(ls(model::Pool::offline), true, kOnlineNode, colocation(true)), std::nullopt);
  EXPECT_EQ(pool_refusal(ls(model::Pool::offline), true, kOfflineNode, colocation(false)), std::nullopt);
  EXPECT_EQ(pool_refusal(ls(model::Pool::offline), true, kOnlineNode, colocation(false)), PoolRefusal::online_node);
}

TEST(Pool, nothing_is_restricted_without_a_policy_in_force_or_for_a_pod_that_said_nothing) {
  EXPECT_EQ(pool_refusal(be(), false, kUnlabelled, colocation(false)), std::nullopt);
  EXPECT_EQ(pool_refusal(Resolved{}, true, kOfflineNode, colocation(false)), std::nullopt);
}

}   // namespace
}   // namespace ebb::core
