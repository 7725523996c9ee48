#include "sandbox/store/object_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>

namespace ebb::sandbox {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

StoredPtr object(std::string ns, std::string name, std::uint64_t version) {
  auto made = std::make_shared<Stored>();
  made->key = {std::move(ns), std::move(name)};
  made->resource_version = version;
  made->text = std::make_shared<const std::string>(std::to_string(version));
  return made;
}

class ObjectStoreTest : public testing::Test {
 protected:
  void put(std::string ns, std::string name) { store_.put(pods_, object(std::move(ns), std::move(name), store_.next_version()), now_); }
  void erase(std::string ns, std::string name) { store_.erase(pods_, object(std::move(ns), std::move(name), store_.next_version()), now_); }

  static std::vector<std::string> names(const std::vector<StoredPtr>& objects) {
    std::vector<std::string> names;
    for (const auto& one : objects) names.push_back(one->key.ns + "/" + one->key.name + "@" + *one->text);
    return names;
  }

  Instant now_{seconds(1000).v};
  ObjectStore store_{HistoryLimits{.age = minutes(5), .events = 4, .bytes = 1 << 20}};
  Collection& pods_ = store_.collection({"", "pods"});
};

TEST_F(ObjectStoreTest, VersionsCountAllCollectionsTogether) {
  put("a", "one");
  store_.put(store_.collection({"", "nodes"}), object("", "n", store_.next_version()), now_);
  put("a", "two");
  EXPECT_EQ(store_.version(), 3u);
  EXPECT_THAT(names(pods_.range("")), ElementsAre("a/one@1", "a/two@3"));
}

TEST_F(ObjectStoreTest, ANamespacesRangeHasItsObjectsOnly) {
  put("a", "one");
  put("ab", "other");
  put("a", "two");
  EXPECT_THAT(names(pods_.range("a")), ElementsAre("a/one@1", "a/two@3"));
  EXPECT_THAT(pods_.range("b"), IsEmpty());
}

TEST_F(ObjectStoreTest, AnOlderVersionIsThePresentWithLaterEventsTakenBack) {
  put("a", "changed");
  put("a", "deleted");
  put("a", "changed");
  erase("a", "deleted");
  put("a", "added");
  EXPECT_THAT(names(*pods_.range_at("", 2)), ElementsAre("a/changed@1", "a/deleted@2"));
  EXPECT_THAT(names(*pods_.range_at("", 4)), ElementsAre("a/changed@3"));
  EXPECT_THAT(names(*pods_.range_at("", 5)), ElementsAre("a/added@5", "a/changed@3"));
}

TEST_F(ObjectStoreTest, AVersionBeforeTheRememberedEventsIsExpired) {
  for (int i = 0; i < 6; ++i) put("a", "x");
  EXPECT_EQ(pods_.oldest_version(), 2u);
  EXPECT_TRUE(pods_.range_at("", 2).has_value());
  EXPECT_EQ(pods_.range_at("", 1).error().code, Errc::expired);
}

TEST_F(ObjectStoreTest, AnErasedObjectsEventCarriesItsLastStateUnderTheDeletionsVersion) {
  put("a", "x");
  erase("a", "x");
  const StoreEvent* event = pods_.event(pods_.sequence_after(1));
  ASSERT_NE(event, nullptr);
  EXPECT_EQ(event->type, EventType::deleted);
  EXPECT_EQ(event->object->resource_version, 2u);
  EXPECT_EQ(event->previous->resource_version, 1u);
  EXPECT_EQ(pods_.find({"a", "x"}), nullptr);
}

TEST_F(ObjectStoreTest, VersionsAreCompactedWhenTheyAreOlderThanTheHistoryEvenWithoutEvents) {
  store_.age(now_);
  put("a", "x");
  const auto version = store_.version();
  store_.age(now_ + minutes(1));
  store_.put(store_.collection({"", "nodes"}), object("", "n", store_.next_version()), now_ + minutes(1));
  store_.age(now_ + minutes(5) + seconds(30));
  EXPECT_EQ(store_.compacted_version(), version - 1) << "the version at the time of the oldest mark that is too old";
  store_.age(now_ + minutes(7));
  EXPECT_EQ(store_.compacted_version(), store_.version());
}

TEST_F(ObjectStoreTest, ARestoredStoreGoesOnCountingAndKnowsNoEarlierEvents) {
  store_.restore(pods_, object("a", "x", 7));
  store_.begin_at(12);
  EXPECT_EQ(store_.next_version(), 13u);
  EXPECT_EQ(pods_.oldest_version(), 12u);
  EXPECT_EQ(store_.collection({"", "later"}).oldest_version(), 12u);
  EXPECT_EQ(pods_.range_at("", 8).error().code, Errc::expired);
}

TEST_F(ObjectStoreTest, EveryRememberedVersionListsWhatItHeldThen) {
  rc::check([] {
    ObjectStore store(HistoryLimits{});
    Collection& pods = store.collection({"", "pods"});
    std::map<model::ObjectKey, std::uint64_t> model;
    std::vector<std::map<model::ObjectKey, std::uint64_t>> versions{model};
    for (const auto step : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 40))) {
      const model::ObjectKey key{step % 2 == 0 ? "a" : "b", std::to_string(step / 2 % 5)};
      const bool erases = step >= 20 && model.contains(key);
      const auto version = store.next_version();
      if (erases) {
        store.erase(pods, object(key.ns, key.name, version), Instant{});
        model.erase(key);
      } else {
        store.put(pods, object(key.ns, key.name, version), Instant{});
        model[key] = version;
      }
      versions.push_back(model);
    }
    for (std::size_t version = 0; version < versions.size(); ++version) {
      std::map<model::ObjectKey, std::uint64_t> found;
      for (const auto& one : *pods.range_at("", version)) found[one->key] = one->resource_version;
      RC_ASSERT(found == versions[version]);
    }
  });
}

}   // namespace
}   // namespace ebb::sandbox
