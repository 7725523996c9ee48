#include "sandbox/api/request_fixture.h"

namespace ebb::sandbox {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ReadsTest : public RequestTest {
 protected:
  void make_many(int count) {
    for (int i = 0; i < count; ++i)
      make(kConfigMaps, config_map(fmt::format("m-{}", i), fmt::format(R"(,"labels":{{"odd":"{}"}})", i % 2)));
  }
  std::string version() { return call("GET", kConfigMaps).at("metadata.resourceVersion"); }
};

TEST_F(ReadsTest, AListHasItemsInOrderOfNameAndTheVersionOfTheMoment) {
  make(kConfigMaps, config_map("b"));
  const std::string last = make(kConfigMaps, config_map("a")).at("metadata.resourceVersion");
  const Answered list = call("GET", kConfigMaps);
  EXPECT_EQ(list.at("kind"), "ConfigMapList");
  EXPECT_EQ(list.at("metadata.resourceVersion"), last);
  EXPECT_THAT(list.names(), ElementsAre("a", "b"));
}

TEST_F(ReadsTest, SelectorsPickByLabelAndField) {
  make_many(4);
  EXPECT_THAT(call("GET", at(kConfigMaps, "?labelSelector=odd%3D1")).names(), ElementsAre("m-1", "m-3"));
  EXPECT_THAT(call("GET", at(kConfigMaps, "?labelSelector=odd+in+(0),odd")).names(), ElementsAre("m-0", "m-2"));
  EXPECT_THAT(call("GET", at(kConfigMaps, "?fieldSelector=metadata.name!=m-0,metadata.namespace=default")).names(), SizeIs(3));
  EXPECT_EQ(call("GET", at(kConfigMaps, "?labelSelector=a+in+(")).status, 400);
  const Answered unknown = call("GET", at(kConfigMaps, "?fieldSelector=data.a=b"));
  EXPECT_EQ(unknown.status, 400);
  EXPECT_THAT(unknown.message(), HasSubstr("field label not supported: data.a"));
}

TEST_F(ReadsTest, WhatARequestSaidOutsideUtf8IsReplacedInTheStatus) {
  const Answered refused = call("GET", at(kConfigMaps, "/a%8C%FF"));
  EXPECT_EQ(refused.status, 404);
  EXPECT_THAT(refused.message(), HasSubstr("\xef\xbf\xbd"));
}

TEST_F(ReadsTest, PodsAreSelectedByNodePhaseAndScheduler) {
  make(kPods, pod("on-n", "", R"(,"nodeName":"n")"));
  make(kPods, pod("nowhere", "", R"(,"schedulerName":"mine")"));
  EXPECT_THAT(call("GET", "/api/v1/pods?fieldSelector=spec.nodeName=n").names(), ElementsAre("on-n"));
  EXPECT_THAT(call("GET", "/api/v1/pods?fieldSelector=spec.nodeName=,status.phase=Pending").names(), ElementsAre("nowhere"));
  EXPECT_THAT(call("GET", "/api/v1/pods?fieldSelector=spec.schedulerName=mine").names(), ElementsAre("nowhere"));
  EXPECT_THAT(call("GET", "/api/v1/pods?fieldSelector=status.phase!=Pending").names(), IsEmpty());
}

TEST_F(ReadsTest, PagesShowOneMoment) {
  make_many(5);
  const Answered first = call("GET", at(kConfigMaps, "?limit=2"));
  EXPECT_EQ(first.at("metadata.remainingItemCount"), "3");
  make(kConfigMaps, config_map("m-1-later"));
  call("DELETE", at(kConfigMaps, "/m-4"));
  const Answered second = call("GET", at(kConfigMaps, "?limit=2&continue=" + first.at("metadata.continue")));
  const Answered third = call("GET", at(kConfigMaps, "?limit=2&continue=" + second.at("metadata.continue")));
  EXPECT_THAT(first.names(), ElementsAre("m-0", "m-1"));
  EXPECT_THAT(second.names(), ElementsAre("m-2", "m-3"));
  EXPECT_THAT(third.names(), ElementsAre("m-4"));
  EXPECT_EQ(third.at("metadata.resourceVersion"), first.at("metadata.resourceVersion"));
  EXPECT_EQ(third.at("metadata.continue"), "");
}

TEST_F(ReadsTest, AnExpiredTokenOffersAnInconsistentRest) {
  make_many(4);
  const Answered first = call("GET", at(kConfigMaps, "?limit=2"));
  now_ = now_ + minutes(1);
  make(kConfigMaps, config_map("m-9"));
  now_ = now_ + minutes(20);
  call("GET", kConfigMaps);
  const Answered gone = call("GET", at(kConfigMaps, "?limit=2&continue=" + first.at("metadata.continue")));
  EXPECT_EQ(gone.status, 410);
  EXPECT_EQ(gone.reason(), "Expired");
  EXPECT_THAT(gone.message(), HasSubstr("The provided continue parameter is too old to display a consistent list result."));
  const Answered rest = call("GET", at(kConfigMaps, "?limit=2&continue=" + gone.at("metadata.continue")));
  EXPECT_THAT(rest.names(), ElementsAre("m-2", "m-3"));
  make(kConfigMaps, config_map("n"));
  const Answered last = call("GET", at(kConfigMaps, "?limit=2&continue=" + rest.at("metadata.continue")));
  EXPECT_THAT(last.names(), ElementsAre("m-9"));
  EXPECT_EQ(last.at("metadata.resourceVersion"), rest.at("metadata.resourceVersion"));
}

TEST_F(ReadsTest, TokensAndVersionsThatAreNoneAreRefused) {
  EXPECT_EQ(call("GET", at(kConfigMaps, "?continue=nonsense")).status, 400);
  EXPECT_EQ(call("GET", at(kConfigMaps, "?resourceVersion=x")).status, 422);
  EXPECT_EQ(call("GET", at(kConfigMaps, "?resourceVersionMatch=Exact")).status, 422);
  EXPECT_EQ(call("GET", at(kConfigMaps, "?limit=many")).status, 400);
  const Answered future = call("GET", at(kConfigMaps, "?resourceVersion=999999"));
  EXPECT_EQ(future.status, 504);
  EXPECT_THAT(future.message(), HasSubstr("Too large resource version: 999999"));
}

TEST_F(ReadsTest, AnExactVersionListsThePast) {
  make(kConfigMaps, config_map("a"));
  const std::string then = version();
  make(kConfigMaps, config_map("b"));
  EXPECT_THAT(call("GET", at(kConfigMaps, "?resourceVersionMatch=Exact&resourceVersion=" + then)).names(), ElementsAre("a"));
  EXPECT_THAT(call("GET", at(kConfigMaps, "?resourceVersionMatch=NotOlderThan&resourceVersion=" + then)).names(), ElementsAre("a", "b"));
}

TEST_F(ReadsTest, AcceptChoosesTablesAndMetadata) {
  make(kPods, pod("p"));
  accept_ = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
  const Answered table = call("GET", kPods);
  EXPECT_EQ(table.at("kind"), "Table");
  EXPECT_EQ(table.at("apiVersion"), "meta.k8s.io/v1");
  const json::object& row = table.body.at("rows").at(0).as_object();
  EXPECT_EQ(row.at("cells").as_array().size(), table.body.at("columnDefinitions").as_array().size());
  EXPECT_EQ(row.at("cells").at(0), json::value("p"));
  EXPECT_EQ(row.at("object").at("kind"), json::value("PartialObjectMetadata"));
  EXPECT_EQ(call("GET", at(kPods, "/p")).at("kind"), "Table");

  accept_ = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
  const Answered partial = call("GET", kPods);
  EXPECT_EQ(partial.at("kind"), "PartialObjectMetadataList");
  const json::object& item = partial.body.at("items").at(0).as_object();
  EXPECT_THAT(item, SizeIs(3)) << "kind, apiVersion, metadata";
  EXPECT_EQ(metadata_text(item, "name"), "p");

  accept_ = "application/vnd.kubernetes.protobuf";
  EXPECT_EQ(call("GET", kPods).status, 406);
}

TEST_F(ReadsTest, AWatchTellsEverythingAfterItsVersionInOrder) {
  make(kConfigMaps, config_map("old"));
  const auto watched = watch(at(kConfigMaps, "?watch=1&resourceVersion=" + version()));
  make(kConfigMaps, config_map("a"));
  call("PATCH", at(kConfigMaps, "/a"), R"({"data":{"k":"v"}})", std::string(kMerge));
  make("/api/v1/namespaces/kube-system/configmaps", config_map("elsewhere"));
  call("DELETE", at(kConfigMaps, "/a"));
  EXPECT_THAT(events(*watched), ElementsAre("ADDED a", "MODIFIED a", "DELETED a"));
  EXPECT_THAT(events(*watched), IsEmpty());
  EXPECT_FALSE(watched->finished());
}

TEST_F(ReadsTest, AWatchWithoutAVersionBeginsWithWhatIsThere) {
  make(kConfigMaps, config_map("a"));
  const auto watched = watch(at(kConfigMaps, "?watch=true"));
  make(kConfigMaps, config_map("b"));
  EXPECT_THAT(events(*watched), ElementsAre("ADDED a", "ADDED b"));
}

TEST_F(ReadsTest, AWatchListEndsItsBeginningWithABookmark) {
  make(kConfigMaps, config_map("a"));
  const auto watched = watch(at(kConfigMaps, "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"));
  const auto lines = Reader::lines(watched->take(1 << 20));
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_EQ(text_in(lines[1], "type"), "BOOKMARK");
  EXPECT_EQ(scalar_text(value_at(lines[1], "object.metadata.resourceVersion")), version());
  EXPECT_EQ(json::serialize(lines[1].at("object").at("metadata").at("annotations")), R"({"k8s.io/initial-events-end":"true"})");
}

TEST_F(ReadsTest, EnteringAndLeavingASelectorLooksLikeComingAndGoing) {
  const auto watched = watch(at(kConfigMaps, "?watch=1&labelSelector=in%3Dyes"));
  make(kConfigMaps, config_map("a"));
  call("PATCH", at(kConfigMaps, "/a"), R"({"metadata":{"labels":{"in":"yes"}}})", std::string(kMerge));
  call("PATCH", at(kConfigMaps, "/a"), R"({"data":{"k":"v"}})", std::string(kMerge));
  const Answered left = call("PATCH", at(kConfigMaps, "/a"), R"({"metadata":{"labels":{"in":"no"}}})", std::string(kMerge));
  const auto lines = Reader::lines(watched->take(1 << 20));
  ASSERT_THAT(lines, SizeIs(3));
  EXPECT_EQ(text_in(lines[0], "type"), "ADDED");
  EXPECT_EQ(text_in(lines[1], "type"), "MODIFIED");
  EXPECT_EQ(text_in(lines[2], "type"), "DELETED");
  EXPECT_EQ(scalar_text(value_at(lines[2], "object.metadata.labels.in")), "yes") << "as it last matched";
  EXPECT_EQ(scalar_text(value_at(lines[2], "object.metadata.resourceVersion")), left.at("metadata.resourceVersion"));
}

TEST_F(ReadsTest, AVersionThatIsForgottenOrNotOursIsAnErrorEvent) {
  for (const char* version : {"1", "999999"}) {
    const auto watched = watch(at(kConfigMaps, fmt::format("?watch=1&resourceVersion={}", version)));
    const auto lines = Reader::lines(watched->take(1 << 20));
    ASSERT_THAT(lines, SizeIs(1));
    EXPECT_EQ(text_in(lines[0], "type"), "ERROR");
    EXPECT_EQ(scalar_text(value_at(lines[0], "object.code")), "410");
    EXPECT_EQ(scalar_text(value_at(lines[0], "object.reason")), "Expired");
    EXPECT_TRUE(watched->finished());
  }
}

TEST_F(ReadsTest, AWatchThatFallsBehindTheHistoryEnds) {
  ApiOptions small = options();
  small.history_events = 3;
  api_ = make_api(std::move(small));
  const auto watched = watch(at(kConfigMaps, "?watch=1"));
  make_many(6);
  const auto lines = Reader::lines(watched->take(1 << 20));
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(text_in(lines[0], "type"), "ERROR");
  EXPECT_TRUE(watched->finished());
}

TEST_F(ReadsTest, AWatchIsWokenOncePerTakeAndGivesNoMoreThanAsked) {
  const auto watched = watch(at(kConfigMaps, "?watch=1"));
  int woken = 0;
  watched->on_ready([&woken] { ++woken; });
  make_many(3);
  EXPECT_EQ(woken, 1);
  EXPECT_THAT(Reader::lines(watched->take(1)), SizeIs(1));
  EXPECT_EQ(woken, 2) << "there is more";
  EXPECT_THAT(Reader::lines(watched->take(1 << 20)), SizeIs(2));
  EXPECT_EQ(woken, 2);
}

TEST_F(ReadsTest, BookmarksComeWhenAskedForAndDue) {
  const auto without = watch(at(kConfigMaps, "?watch=1"));
  const auto with = watch(at(kConfigMaps, "?watch=1&allowWatchBookmarks=true&timeoutSeconds=90"));
  EXPECT_EQ(with->next_bookmark(), now_ + minutes(1));
  EXPECT_EQ(with->deadline(), now_ + seconds(90));
  EXPECT_GT(without->next_bookmark(), now_ + hours(24));
  make("/api/v1/namespaces", R"({"metadata":{"name":"more"}})");
  with->bookmark(now_ + minutes(1));
  without->bookmark(now_ + minutes(1));
  const auto lines = Reader::lines(with->take(1 << 20));
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(text_in(lines[0], "type"), "BOOKMARK");
  EXPECT_EQ(scalar_text(value_at(lines[0], "object.metadata.resourceVersion")), version());
  EXPECT_THAT(events(*without), IsEmpty());
}

TEST_F(ReadsTest, AClientsSecondsAreRealOnesHoweverFastTheClockRuns) {
  ApiOptions fast = options();
  fast.speed = 60;
  api_ = make_api(std::move(fast));
  EXPECT_EQ(watch(at(kConfigMaps, "?watch=1&timeoutSeconds=90"))->deadline(), now_ + minutes(90));
  EXPECT_EQ(watch(at(kConfigMaps, "?watch=1"))->deadline(), now_ + hours(30));
}

TEST_F(ReadsTest, WatchesShareOnePiecePerEventAndForm) {
  const auto one = watch(at(kConfigMaps, "?watch=1"));
  const auto two = watch(at(kConfigMaps, "?watch=1"));
  accept_ = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
  const auto three = watch(at(kConfigMaps, "?watch=1"));
  const auto four = watch(at(kConfigMaps, "?watch=1"));
  accept_ = "application/json";
  make(kConfigMaps, config_map("a"));
  EXPECT_EQ(one->take(1 << 20)[1], two->take(1 << 20)[1]);
  EXPECT_EQ(three->take(1 << 20)[1], four->take(1 << 20)[1]);
}

TEST_F(ReadsTest, TheOldWatchPathsWorkToo) {
  make(kConfigMaps, config_map("a"));
  make(kConfigMaps, config_map("b"));
  const auto watched = watch("/api/v1/watch/namespaces/default/configmaps/b");
  EXPECT_THAT(events(*watched), ElementsAre("ADDED b"));
}

}   // namespace
}   // namespace ebb::sandbox
