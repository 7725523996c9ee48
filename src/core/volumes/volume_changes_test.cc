#include "core/volumes/volume_testing.h"

namespace ebb::core::volumes::testing {
namespace {

class Changes : public StorageTest {
 protected:
  void SetUp() override {
    see(waiting_class());
    see(a_claim("x"));
    see(a_claim("y"));
    see(waiting_class("fast"));
    see(a_claim("z", "fast"));
    x = acquire(a_pod("px", {uses("x")}));
    y = acquire(a_pod("py", {uses("y")}));
    z = acquire(a_pod("pz", {uses("z")}));
    book.take_changes();
    note();
  }
  void note() { generations_ = {book.generation(x), book.generation(y), book.generation(z)}; }
  // Whose answers have changed, "+" where for the better; every one of them, and no other, has a new generation.
  std::string changed() {
    std::string result;
    for (const auto& [demand, better] : book.take_changes().demands) {
      result += demand == x ? "x" : demand == y ? "y" : demand == z ? "z" : "?";
      if (better) result += "+";
    }
    std::string grown;
    for (const auto& [demand, name, before] : {std::tuple{x, 'x', generations_[0]}, {y, 'y', generations_[1]}, {z, 'z', generations_[2]}}) {
      EXPECT_GE(book.generation(demand), before);
      if (book.generation(demand) > before) grown += name;
    }
    std::string named = result;
    std::erase(named, '+');
    EXPECT_EQ(named, grown);
    note();
    return result;
  }

  DemandId x, y, z;

 private:
  std::vector<std::uint64_t> generations_;
};

TEST_F(Changes, OfAClaimConcernItsPods) {
  model::VolumeClaim claim = a_claim("x");
  claim.resource_version = "2";
  see(claim);
  EXPECT_EQ(changed(), "") << "only its version";
  claim.request = gibibytes(2);
  see(claim);
  EXPECT_EQ(changed(), "x+");
  book.step(model::VolumeClaimGone{key("x")});
  EXPECT_EQ(changed(), "x");
  book.step(model::VolumeClaimGone{key("x")});
  EXPECT_EQ(changed(), "");
  see(a_claim("x"));
  EXPECT_EQ(changed(), "x+");
  see(a_claim("w"));
  EXPECT_EQ(changed(), "");
}

TEST_F(Changes, OfAFreeVolumeConcernThoseWhoCouldTakeIt) {
  see(a_volume("pv"));
  EXPECT_EQ(changed(), "x+y+");
  see(a_volume("pv"));
  EXPECT_EQ(changed(), "");
  model::Volume volume = a_volume("pv");
  volume.capacity = gibibytes(7);
  see(volume);
  EXPECT_EQ(changed(), "x+y+");
  volume.phase = "Failed";
  see(volume);
  EXPECT_EQ(changed(), "xy");
  see(volume);
  EXPECT_EQ(changed(), "");
  see(a_volume("pv"));
  EXPECT_EQ(changed(), "x+y+");
  book.step(model::VolumeGone{"pv"});
  EXPECT_EQ(changed(), "xy");
}

TEST_F(Changes, OfAVolumeOfAClaimConcernThatClaim) {
  model::Volume volume = a_volume("pv");
  volume.phase = "Pending";
  volume.claim = key("y");
  see(volume);
  EXPECT_EQ(changed(), "y+");
  see(bound_claim("x", "late"));
  EXPECT_EQ(changed(), "x+");
  see(bound_to(a_volume("late"), bound_claim("x", "late")));
  EXPECT_EQ(changed(), "x+");
  see(a_volume("free"));
  EXPECT_EQ(changed(), "y+") << "x has its volume";
}

TEST_F(Changes, OfAClassConcernItsClaims) {
  see(waiting_class("fast"));
  EXPECT_EQ(changed(), "");
  see(waiting_class("fast", "other.example.com"));
  EXPECT_EQ(changed(), "z+");
  book.step(model::StorageClassGone{"fast"});
  EXPECT_EQ(changed(), "z");
}

TEST_F(Changes, OfCapacityAreWorthATryWhereThereIsMore) {
  model::CsiStorageCapacity capacity{{"ns", "c"}, "fast", gibibytes(4), {}, model::LabelSelector{}};
  see(capacity);
  EXPECT_EQ(changed(), "z+");
  capacity.capacity = gibibytes(2);
  see(capacity);
  EXPECT_EQ(changed(), "z");
  capacity.capacity = gibibytes(3);
  see(capacity);
  EXPECT_EQ(changed(), "z+");
  book.step(model::CsiStorageCapacityGone{capacity.key});
  EXPECT_EQ(changed(), "z");
}

TEST_F(Changes, OfADriverAreWorthATryWhereItAsksForLess) {
  model::CsiDriver driver;
  driver.name = "csi.example.com";
  driver.storage_capacity = true;
  driver.required_on_node = true;
  see(driver);
  EXPECT_EQ(changed(), "xyz");
  driver.storage_capacity = false;
  see(driver);
  EXPECT_EQ(changed(), "x+y+z+");
  driver.required_on_node = false;
  see(driver);
  EXPECT_EQ(changed(), "x+y+z+");
  book.step(model::CsiDriverGone{driver.name});
  EXPECT_EQ(changed(), "xyz");
}

TEST_F(Changes, OfAnAttemptConcernThoseWhoWantTheSame) {
  const Slot n = node("n");
  book.assume(y, model::Uid("py"), n, at(n));
  EXPECT_EQ(changed(), "y");
  book.forget(model::Uid("py"));
  EXPECT_EQ(changed(), "y+");
  see(a_volume("pv"));
  changed();
  book.assume(y, model::Uid("py"), n, at(n));
  EXPECT_EQ(changed(), "xy") << "the volume is taken";
  book.forget(model::Uid("py"));
  EXPECT_EQ(changed(), "x+y+");
}

TEST_F(Changes, OfDemandsThatNobodyHoldsAreForgotten) {
  see(a_volume("pv"));
  model::VolumeClaim claim = a_claim("x");
  claim.request = gibibytes(2);
  see(claim);
  book.release(x);
  EXPECT_EQ(book.take_changes().demands, (std::vector<DemandChange>{{y, true}}));
  x = acquire(a_pod("another", {uses("x")}));
  EXPECT_TRUE(book.take_changes().empty());
}

TEST_F(Changes, PodsWithTheSameVolumesShareADemand) {
  EXPECT_EQ(acquire(a_pod("another", {uses("x")})), x);
  model::PodVolume renamed = uses("x");
  renamed.name = "data";
  EXPECT_EQ(acquire(a_pod("third", {renamed})), x) << "what the volume is called in the pod does not matter";
  EXPECT_NE(acquire(a_pod("fourth", {uses("x")}), bit(VolumePlugin::binding)), x);
  EXPECT_NE(acquire(a_pod("a", {ephemeral("e")})), acquire(a_pod("b", {ephemeral("e")}))) << "each has a claim of its own";
  book.release(x);
  book.release(x);
  book.release(x);
  EXPECT_NE(acquire(a_pod("fifth", {uses("w")})).v, y.v);
}

}   // namespace
}   // namespace ebb::core::volumes::testing
