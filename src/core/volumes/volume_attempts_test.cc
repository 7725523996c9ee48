#include "core/volumes/volume_testing.h"

#include <functional>

namespace ebb::core::volumes::testing {
namespace {

constexpr const char* kNothing = "node(s) didn't find available persistent volumes to bind";

class Attempts : public StorageTest {
 protected:
  void SetUp() override {
    see(waiting_class());
    see(a_claim("x"));
    n = node("n");
    other = node("other");
  }

  Assumption assume(const model::Pod& of, Slot slot) {
    const DemandId demand = acquire(of);
    const auto assumed = book.assume(demand, of.uid, slot, at(slot));
    book.release(demand);
    EXPECT_TRUE(assumed.has_value());
    return assumed.value_or(Assumption{});
  }
  // The API server has taken the reservation; the claim does not know yet.
  model::Volume reserved(const std::string& name, const std::string& claim) {
    model::Volume volume = a_volume(name);
    volume.resource_version = "2";
    volume.claim = key(claim);
    volume.claim_uid = model::Uid("uid-" + claim);
    return volume;
  }
  model::VolumeClaim selected(const std::string& name, const std::string& node) {
    model::VolumeClaim claim = a_claim(name);
    claim.selected_node = node;
    return claim;
  }

  const model::Pod pod = a_pod("p", {uses("x")});
  Slot n = 0;
  Slot other = 0;
};

class StaticBinding : public Attempts {
 protected:
  void SetUp() override {
    Attempts::SetUp();
    see(waiting_class("slow", "kubernetes.io/no-provisioner"));
    see(a_volume("pv"));
  }
};

TEST_F(Attempts, PodWhoseClaimsAreBoundHasNothingToWaitFor) {
  see_bound("b", a_volume("pv"));
  const Assumption assumed = assume(a_pod("q", {uses("b")}), n);
  EXPECT_TRUE(assumed.bound);
  EXPECT_TRUE(assumed.actions.empty());
  EXPECT_EQ(book.progress(model::Uid("uid-q")), Progress::bound);
}

TEST_F(StaticBinding, VolumeIsReservedAndThenBound) {
  const Assumption assumed = assume(pod, n);
  EXPECT_FALSE(assumed.bound);
  ASSERT_EQ(assumed.actions.size(), 1U);
  const auto& action = std::get<model::BindVolume>(assumed.actions.front());
  EXPECT_EQ(action.volume, "pv");
  EXPECT_EQ(action.resource_version, "1");
  EXPECT_EQ(action.claim, key("x"));
  EXPECT_EQ(action.claim_uid, model::Uid("uid-x"));
  EXPECT_EQ(book.progress(pod.uid), Progress::pending);

  see(reserved("pv", "x"));
  EXPECT_EQ(book.take_progressed(), std::vector<model::Uid>{pod.uid});
  EXPECT_EQ(book.progress(pod.uid), Progress::pending);
  see(bound_claim("x", "pv"));
  EXPECT_EQ(book.take_progressed(), std::vector<model::Uid>{pod.uid});
  EXPECT_EQ(book.progress(pod.uid), Progress::bound);
  book.forget(pod.uid);
  EXPECT_TRUE(book.take_progressed().empty());
}

TEST_F(StaticBinding, AssumedVolumeIsNobodyElses) {
  see(a_claim("y"));
  const model::Pod second = a_pod("q", {uses("y")});
  EXPECT_EQ(answer(second, n), Texts{});
  assume(pod, n);
  EXPECT_EQ(answer(second, n), Texts{kNothing});
  book.forget(pod.uid);
  book.forget(pod.uid);
  EXPECT_EQ(answer(second, n), Texts{});
}

TEST_F(StaticBinding, AssumptionOutlivesAnUnrelatedChangeOfTheVolume) {
  see(a_claim("y"));
  assume(pod, n);
  model::Volume labelled = a_volume("pv");
  labelled.labels = {{"a", "b"}};
  see(labelled);
  EXPECT_EQ(answer(a_pod("q", {uses("y")}), n), Texts{kNothing});
  EXPECT_EQ(book.progress(pod.uid), Progress::pending);
}

TEST_F(StaticBinding, PodsThatShareTheClaimShareTheVolume) {
  assume(pod, n);
  const model::Pod second = a_pod("q", {uses("x")});
  EXPECT_EQ(answer(second, other), Texts{}) << "nothing ties the volume to a node";
  EXPECT_EQ(assume(second, other).actions.size(), 1U) << "whoever comes first, it is the same reservation";
  book.forget(pod.uid);
  see(a_claim("y"));
  EXPECT_EQ(answer(a_pod("r", {uses("y")}), n), Texts{kNothing}) << "the second still holds it";
  book.forget(second.uid);
  EXPECT_EQ(answer(a_pod("r", {uses("y")}), n), Texts{});
}

TEST_F(StaticBinding, ReservationThatIsThereNeedsNoAction) {
  see(reserved("pv", "x"));
  const Assumption assumed = assume(pod, n);
  EXPECT_FALSE(assumed.bound);
  EXPECT_TRUE(assumed.actions.empty());
  EXPECT_EQ(book.progress(pod.uid), Progress::pending);
}

TEST_F(StaticBinding, ReservationByNameIsCompleted) {
  model::Volume by_name = a_volume("pv");
  by_name.claim = key("x");
  see(by_name);
  EXPECT_EQ(assume(pod, n).actions.size(), 1U);
  EXPECT_EQ(book.progress(pod.uid), Progress::pending);
}

TEST_F(StaticBinding, AssumingWhatDoesNotFitAnyMoreIsRefused) {
  const DemandId demand = acquire(pod);
  book.step(model::VolumeGone{"pv"});
  EXPECT_FALSE(book.assume(demand, pod.uid, n, at(n)));
  book.step(model::VolumeClaimGone{key("x")});
  EXPECT_FALSE(book.assume(demand, pod.uid, n, at(n)));
}

TEST_F(StaticBinding, FailsWhereItCannotWorkOutAnyMore) {
  struct Case {
    const char* why;
    std::function<void()> happens;
  };
  const Case cases[] = {
      {"persistentvolume \"pv\" not found", [this] { book.step(model::VolumeGone{"pv"}); }},
      {"persistentvolumeclaim \"x\" not found", [this] { book.step(model::VolumeClaimGone{key("x")}); }},
      {"persistentvolumeclaim \"x\" not found",
       [this] {
         model::VolumeClaim reborn = a_claim("x");
         reborn.uid = model::Uid("another");
         see(reborn);
       }},
      {"ClaimRef got reset for pv \"pv\"", [this] { see(reserved("pv", "somebody")); }},
      {"ClaimRef got reset for pv \"pv\"",
       [this] {
         see(reserved("pv", "x"));
         see(a_volume("pv"));
       }},
      {"pv \"pv\" node affinity doesn't match node \"n\"", [this] { see(on_node(reserved("pv", "x"), "elsewhere")); }},
      {"PVC \"x\" was bound to pv \"another\"",
       [this] {
         see(reserved("pv", "x"));
         see(bound_claim("x", "another"));
       }},
      {"failed to get node \"n\"", [this] { book.node_gone(n); }},
  };
  for (const Case& one : cases) {
    book.forget(pod.uid);
    see(a_claim("x"));
    see(a_volume("pv"));
    node("n");
    assume(pod, n);
    book.take_progressed();
    one.happens();
    EXPECT_EQ(book.progress(pod.uid), Progress::failed) << one.why;
    EXPECT_EQ(book.failure(pod.uid), one.why);
    EXPECT_EQ(book.take_progressed(), std::vector<model::Uid>{pod.uid}) << one.why;
  }
}

TEST_F(StaticBinding, LabelsOfTheNodeAreThoseOfNow) {
  see(on_node(a_volume("local"), "n"));
  book.step(model::VolumeGone{"pv"});
  assume(pod, n);
  see(on_node(reserved("local", "x"), "n"));
  EXPECT_EQ(book.progress(pod.uid), Progress::pending);
  node("n", {{"kubernetes.io/hostname", "renamed"}});
  EXPECT_EQ(book.progress(pod.uid), Progress::failed);
  node("n");
  EXPECT_EQ(book.progress(pod.uid), Progress::pending);
}

class NewVolume : public Attempts {};

TEST_F(NewVolume, NodeIsSelectedAndTheVolumeMade) {
  const Assumption assumed = assume(pod, n);
  ASSERT_EQ(assumed.actions.size(), 1U);
  const auto& action = std::get<model::SelectClaimNode>(assumed.actions.front());
  EXPECT_EQ(action.claim, key("x"));
  EXPECT_EQ(action.uid, model::Uid("uid-x"));
  EXPECT_EQ(action.node, model::NodeName("n"));
  EXPECT_EQ(book.progress(pod.uid), Progress::pending);
  see(selected("x", "n"));
  EXPECT_EQ(book.progress(pod.uid), Progress::pending);

  model::VolumeClaim claim = selected("x", "n");
  claim.volume_name = "pvc-1";
  see(claim);
  EXPECT_EQ(book.progress(pod.uid), Progress::pending) << "the volume may be seen yet";
  see(bound_to(a_volume("pvc-1"), claim));
  EXPECT_EQ(book.progress(pod.uid), Progress::pending);
  book.take_progressed();
  claim.bound = true;
  see(claim);
  EXPECT_EQ(book.take_progressed(), std::vector<model::Uid>{pod.uid});
  EXPECT_EQ(book.progress(pod.uid), Progress::bound);
}

TEST_F(NewVolume, ClaimFollowsItsFirstPodAndTheOthersFollowTheClaim) {
  const model::Pod second = a_pod("q", {uses("x")});
  assume(pod, n);
  EXPECT_EQ(answer(second, other), Texts{kNothing});
  EXPECT_EQ(answer(second, n), Texts{});
  book.forget(pod.uid);
  EXPECT_EQ(answer(second, other), Texts{});
}

TEST_F(NewVolume, SelectionThatIsThereNeedsNoAction) {
  see(selected("x", "n"));
  EXPECT_TRUE(assume(pod, n).actions.empty());
  EXPECT_EQ(book.progress(pod.uid), Progress::pending);
}

TEST_F(NewVolume, FailsWhereItCannotWorkOutAnyMore) {
  struct Case {
    const char* why;
    std::function<void()> happens;
  };
  const Case cases[] = {
      {"persistentvolumeclaim \"x\" not found", [this] { book.step(model::VolumeClaimGone{key("x")}); }},
      {"provisioning failed for PVC \"x\"", [this] { see(selected("x", "other")); }},
      {"provisioning failed for PVC \"x\"",
       [this] {
         see(selected("x", "n"));
         see(a_claim("x"));
       }},
      {"provisioning failed for PVC \"x\"", [this] { see_bound("x", a_volume("by somebody else")); }},
      {"pv \"pvc-1\" node affinity doesn't match node \"n\"",
       [this] {
         model::VolumeClaim claim = selected("x", "n");
         claim.volume_name = "pvc-1";
         see(claim);
         see(on_node(a_volume("pvc-1"), "elsewhere"));
       }},
  };
  for (const Case& one : cases) {
    book.forget(pod.uid);
    book.step(model::VolumeGone{"by somebody else"});
    see(a_claim("x"));
    assume(pod, n);
    book.take_progressed();
    one.happens();
    EXPECT_EQ(book.progress(pod.uid), Progress::failed) << one.why;
    EXPECT_EQ(book.failure(pod.uid), one.why);
    EXPECT_EQ(book.take_progressed(), std::vector<model::Uid>{pod.uid}) << one.why;
  }
}

TEST_F(NewVolume, OneClaimThatFailsEndsTheAttemptHoweverTheOthersDo) {
  see(a_claim("y"));
  const model::Pod both = a_pod("p", {uses("x"), uses("y")});
  EXPECT_EQ(assume(both, n).actions.size(), 2U);
  see(selected("y", "other"));
  EXPECT_EQ(book.progress(both.uid), Progress::failed);
}

TEST_F(NewVolume, AnotherClaimOfTheSameNameIsNotTheOneThatWasAssumed) {
  assume(pod, n);
  model::VolumeClaim reborn = a_claim("x");
  reborn.uid = model::Uid("another");
  see(reborn);
  EXPECT_EQ(answer(a_pod("q", {uses("x")}), other), Texts{});
  const model::Pod second = a_pod("q", {uses("x")});
  assume(second, other);
  book.forget(pod.uid);
  EXPECT_EQ(answer(a_pod("r", {uses("x")}), n), Texts{kNothing}) << "what the second has assumed stands";
}

TEST_F(NewVolume, AssumingAnewReplacesTheEarlierAttempt) {
  assume(pod, n);
  const Assumption assumed = assume(pod, other);
  ASSERT_EQ(assumed.actions.size(), 1U);
  EXPECT_EQ(std::get<model::SelectClaimNode>(assumed.actions.front()).node, model::NodeName("other"));
  book.forget(pod.uid);
  EXPECT_EQ(answer(a_pod("q", {uses("x")}), n), Texts{});
}

}   // namespace
}   // namespace ebb::core::volumes::testing
