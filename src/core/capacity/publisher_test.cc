#include "core/capacity/publisher.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

namespace ebb::core {
namespace {

constexpr Instant kStart{1'000'000'000'000'000'000};

// One node of ten CPUs and ten GiB under a threshold of one, so that what online work leaves is the
// amount, and a cluster that does what the publisher says.
class Cluster {
 public:
  Cluster() {
    node_.name = model::NodeName("n1");
    node_.capacity.cpu = node_.allocatable.cpu = cpus(10);
    node_.capacity.memory = node_.allocatable.memory = gibibytes(10);
    policy_.colocation = true;
    policy_.resource_sharing.cpu_threshold = policy_.resource_sharing.memory_threshold = Permille{1000};
  }

  Cluster& at(Duration since_start) {
    now_ = kStart + since_start;
    return *this;
  }
  Cluster& using_online(MilliCpu cpu) {
    report_.use.ls.cpu = cpu;
    return *this;
  }
  Cluster& with_offline(MilliCpu cpu) {
    PodLoad pod;
    pod.offline = pod.running = true;
    pod.oversold.cpu = cpu;
    pods_ = {pod};
    return *this;
  }
  Cluster& colocation(bool on) {
    policy_.colocation = on;
    return *this;
  }
  Cluster& losing_writes() {
    applies_ = false;
    return *this;
  }

  std::optional<model::PublishOversold> step() {
    report_.time = now_;
    auto action = publisher.step(now_, {.node = node_, .policy = policy_, .pods = pods_, .report = &report_, .node_use = {}});
    if (action && applies_) {
      node_.allocatable.scalars.clear();
      node_.annotations.clear();
      if (action->cpu || action->memory) node_.annotations.emplace(model::kOversoldByAnnotation, model::kOversoldByEbb);
      if (action->cpu) node_.allocatable.scalars["kubernetes.io/batch-cpu"] = action->cpu->v;
      if (action->memory) node_.allocatable.scalars["kubernetes.io/batch-memory"] = action->memory->v;
    }
    return action;
  }
  std::optional<MilliCpu> shown() const {
    if (!node_.allocatable.has_scalar(model::kBatchCpu)) return std::nullopt;
    return MilliCpu{node_.allocatable.scalar(model::kBatchCpu)};
  }

  OversoldPublisher publisher;

 private:
  model::Node node_;
  model::NodePolicy policy_;
  std::vector<PodLoad> pods_;
  model::NodeReport report_;
  Instant now_ = kStart;
  bool applies_ = true;
};

TEST(OversoldPublisher, the_first_amount_is_published_at_once_with_both_resources) {
  Cluster c;
  const auto action = c.using_online(cpus(4)).step();
  ASSERT_TRUE(action);
  EXPECT_EQ(action->node.v, "n1");
  EXPECT_EQ(action->cpu, cpus(6));
  EXPECT_EQ(action->memory, gibibytes(10));
}

TEST(OversoldPublisher, REQ_S1_20_a_change_under_ten_percent_is_not_published) {
  Cluster c;
  c.using_online({}).step();
  EXPECT_FALSE(c.at(seconds(60)).using_online(MilliCpu{999}).step());
  EXPECT_TRUE(c.at(seconds(120)).using_online(MilliCpu{1000}).step());
  EXPECT_EQ(c.shown(), cpus(9));
  EXPECT_FALSE(c.at(seconds(180)).using_online(MilliCpu{101}).step());
  EXPECT_TRUE(c.at(seconds(240)).using_online(MilliCpu{100}).step());
}

TEST(OversoldPublisher, an_amount_that_comes_from_or_goes_to_nothing_is_published) {
  Cluster c;
  c.using_online(cpus(20)).step();
  EXPECT_EQ(c.shown(), MilliCpu{});
  EXPECT_FALSE(c.at(seconds(1)).step());
  EXPECT_TRUE(c.at(seconds(2)).using_online(MilliCpu{9'999}).step());
  EXPECT_EQ(c.shown(), MilliCpu{1});
}

TEST(OversoldPublisher, REQ_S1_40_it_falls_below_what_is_placed_only_after_the_grace_period) {
  Cluster c;
  c.step();
  c.with_offline(cpus(6));
  c.at(seconds(10)).using_online(cpus(9)).step();
  EXPECT_EQ(c.shown(), cpus(6));
  EXPECT_EQ(c.publisher.next_step(model::NodeName("n1")), kStart + seconds(20));   // the write is to settle
  EXPECT_FALSE(c.at(seconds(39)).step());
  EXPECT_EQ(c.publisher.next_step(model::NodeName("n1")), kStart + seconds(40));
  EXPECT_TRUE(c.at(seconds(40)).step());
  EXPECT_EQ(c.shown(), cpus(1));
}

TEST(OversoldPublisher, a_fall_that_passes_starts_no_grace_period_for_the_next) {
  Cluster c;
  c.step();
  c.with_offline(cpus(6));
  c.at(seconds(10)).using_online(cpus(9)).step();
  c.at(seconds(20)).using_online(cpus(1)).step();
  c.at(seconds(45)).using_online(cpus(9)).step();
  EXPECT_EQ(c.shown(), cpus(6));
}

TEST(OversoldPublisher, REQ_S1_32_it_is_withdrawn_where_colocation_is_off) {
  Cluster c;
  c.step();
  const auto action = c.at(seconds(1)).colocation(false).step();
  ASSERT_TRUE(action);
  EXPECT_EQ(action->cpu, std::nullopt);
  EXPECT_EQ(action->memory, std::nullopt);
  EXPECT_FALSE(c.at(seconds(2)).step());
}

TEST(OversoldPublisher, REQ_S1_32_a_withdrawal_leaves_what_pods_hold_until_the_grace_period_is_over) {
  Cluster c;
  c.step();
  c.with_offline(cpus(6));
  c.at(seconds(10)).colocation(false).step();
  EXPECT_EQ(c.shown(), cpus(6));
  c.at(seconds(40)).step();
  EXPECT_EQ(c.shown(), std::nullopt);
}

TEST(OversoldPublisher, a_node_that_never_had_colocation_is_left_alone) {
  Cluster c;
  EXPECT_FALSE(c.colocation(false).step());
  EXPECT_FALSE(c.with_offline(cpus(1)).step());
}

TEST(OversoldPublisher, a_write_under_way_is_not_repeated_and_a_lost_one_is) {
  Cluster c;
  c.losing_writes();
  EXPECT_TRUE(c.step());
  EXPECT_FALSE(c.at(seconds(9)).step());
  EXPECT_TRUE(c.at(seconds(10)).step());
}

TEST(OversoldPublisher, it_wants_to_recompute_within_sixty_seconds) {
  Cluster c;
  EXPECT_EQ(c.publisher.next_step(model::NodeName("n1")), std::nullopt);
  c.step();
  c.at(seconds(5)).step();
  EXPECT_EQ(c.publisher.next_step(model::NodeName("n1")), kStart + seconds(65));
  c.publisher.forget(model::NodeName("n1"));
  EXPECT_EQ(c.publisher.last(model::NodeName("n1")), nullptr);
}

TEST(OversoldPublisher, holds_in_any_history_shown_is_near_the_amount_or_kept_for_pods_within_grace) {
  EXPECT_TRUE(rc::check([] {
    Cluster c;
    Duration t{};
    std::optional<Duration> below_since;
    for (int i = 0; i < 30; ++i) {
      t += seconds(*rc::gen::inRange(1, 25));
      const MilliCpu use{*rc::gen::inRange<std::int64_t>(0, 11'000)};
      const MilliCpu held{*rc::gen::inRange<std::int64_t>(0, 10'000)};
      c.at(t).using_online(use).with_offline(held).step();
      const MilliCpu amount = c.publisher.last(model::NodeName("n1"))->cpu.result;
      if (amount >= held) below_since.reset();
      if (amount < held && !below_since) below_since = t;
      RC_ASSERT(c.shown().has_value());
      const bool grace_over = below_since && t - *below_since >= seconds(30);
      if (!below_since || grace_over) RC_ASSERT(c.shown()->v <= amount.v + amount.v / 9 + 1);
      RC_ASSERT(c.shown()->v >= amount.v - amount.v / 9 - 1);
      RC_ASSERT(c.shown()->v <= std::max(amount.v + amount.v / 9 + 1, held.v + held.v / 9 + 1));
    }
  }));
}

}   // namespace
}   // namespace ebb::core
