#include "sandbox/controllers/event_expiry.h"

#include "sandbox/controllers/test_plane.h"

namespace ebb::sandbox {
namespace {

using control::TestPlane;
namespace resources = control::resources;

void add(TestPlane& plane, std::string_view name) {
  plane.create(resources::kEvents,
               fmt::format(R"({{"apiVersion":"v1","kind":"Event","metadata":{{"name":"{}","namespace":"default"}},"reason":"Said",
                               "involvedObject":{{"kind":"Pod","namespace":"default","name":"p"}}}})",
                           name));
}

class EventExpiryTest : public testing::Test {
 protected:
  EventExpiryTest() { plane_.controllers.push_back(std::make_unique<EventExpiry>(*plane_.api)); }

  TestPlane plane_;
};

TEST_F(EventExpiryTest, AnEventGoesAnHourAfterItWasWritten) {
  add(plane_, "old");
  plane_.settle();
  plane_.advance(minutes(10));
  add(plane_, "new");
  plane_.settle();
  plane_.advance(minutes(49));
  EXPECT_TRUE(plane_.exists(resources::kEvents, "old"));
  plane_.advance(minutes(2));
  EXPECT_FALSE(plane_.exists(resources::kEvents, "old"));
  EXPECT_TRUE(plane_.exists(resources::kEvents, "new"));
}

TEST_F(EventExpiryTest, OneThatIsCountedAgainStaysForAnotherHour) {
  add(plane_, "again");
  plane_.settle();
  plane_.advance(minutes(59));
  plane_.edit(resources::kEvents, {"default", "again"}, [](json::object& event) { event["count"] = 2; });
  plane_.settle();
  plane_.advance(minutes(59));
  EXPECT_TRUE(plane_.exists(resources::kEvents, "again"));
  plane_.advance(minutes(2));
  EXPECT_FALSE(plane_.exists(resources::kEvents, "again"));
}

TEST_F(EventExpiryTest, OneThatWasDeletedAndWrittenAnewHasAnHourOfItsOwn) {
  add(plane_, "e");
  plane_.settle();
  plane_.advance(minutes(40));
  plane_.remove(resources::kEvents, "e");
  add(plane_, "e");
  plane_.settle();
  plane_.advance(minutes(40));
  EXPECT_TRUE(plane_.exists(resources::kEvents, "e"));
}

TEST_F(EventExpiryTest, WhatAnEarlierLifeLeftIsAsOldAsItSays) {
  add(plane_, "kept");
  plane_.now = plane_.now + minutes(30);
  EventExpiry later(*plane_.api);
  EXPECT_EQ(later.run(plane_.now), plane_.now + minutes(30));
  later.run(plane_.now + minutes(31));
  EXPECT_FALSE(plane_.exists(resources::kEvents, "kept"));
}

TEST_F(EventExpiryTest, NothingElseGoes) {
  plane_.create(resources::kConfigMaps, R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m","namespace":"default"}})");
  plane_.settle();
  plane_.advance(hours(3));
  EXPECT_TRUE(plane_.exists(resources::kConfigMaps, "m"));
}

}   // namespace
}   // namespace ebb::sandbox
