#include "cli/explain_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <string>
#include <vector>

namespace ebb::cli {
namespace {

namespace json = boost::json;
using core::placement::Explanation;
using ::testing::ElementsAre;
using ::testing::IsSupersetOf;

json::object written(const Explanation& explanation) { return json::parse(to_json_text(explanation)).as_object(); }

std::vector<std::string> keys(const json::object& object) {
  std::vector<std::string> out;
  for (const auto& member : object) out.emplace_back(member.key());
  return out;
}

Explanation a_refused_member() {
  Explanation out;
  out.pod = {"team", "train-0"};
  out.found = true;
  out.state = "held";
  out.nodes = 3;
  out.filters = {{core::placement::Filter::resources, "Insufficient cpu", 2, model::NodeName("a")},
                 {core::placement::Filter::volumes, "node(s) had no available volume zone", 1, model::NodeName("b")}};
  out.filter_names = {"NodeResourcesFit", "VolumeZone"};
  out.best = {{model::NodeName("c"), 130, {{"NodeResourcesFit", 1, 30}, {"ImageLocality", 1, 100}}}};
  core::placement::QueueExplanation queue;
  queue.name = "batch";
  queue.share = core::fairness::Share::of_units(4, 9);
  queue.weighted = core::fairness::Share::of_units(4, 9, 2);
  queue.resource = "cpu";
  queue.held = "4 cpu";
  queue.position = 2;
  queue.refused = "it is closed";
  out.queue = queue;
  core::gangs::GangExplanation gang;
  gang.group = {model::PodGroupDialect::volcano, {"team", "train"}};
  gang.phase = core::gangs::GangPhase::backing_off;
  gang.min = 4;
  gang.present = 3;
  gang.next_try = Instant{} + seconds(60);
  gang.position = 1;
  out.gang = gang;
  out.would_help = {"queue \"batch\" opened", "node b uncordoned"};
  out.needed = 1;
  return out;
}

TEST(ExplainJson, HasTheNamesThatProgramsRelyOn) {
  const json::object out = written(a_refused_member());
  EXPECT_THAT(keys(out), IsSupersetOf({"filters", "scores", "queue", "gang", "wouldHelp"}));
  ASSERT_EQ(out.at("filters").as_array().size(), 2u);
  const json::object& filter = out.at("filters").as_array()[1].as_object();
  EXPECT_EQ(filter.at("name"), "VolumeZone");
  EXPECT_EQ(filter.at("refused"), 1);
  EXPECT_EQ(filter.at("example"), "b");
  const json::object& score = out.at("scores").as_array()[0].as_object();
  EXPECT_EQ(score.at("node"), "c");
  EXPECT_EQ(score.at("total"), 130);
  EXPECT_THAT(keys(score.at("terms").as_array()[0].as_object()), ElementsAre("name", "weight", "points"));
  EXPECT_EQ(out.at("wouldHelp").as_array().size(), 2u);
  EXPECT_EQ(out.at("needed").as_array().size(), 1u);
}

TEST(ExplainJson, AQueueTellsItsShareAsAnExactFraction) {
  const json::object out = written(a_refused_member());
  const json::object& queue = out.at("queue").as_object();
  EXPECT_EQ(queue.at("name"), "batch");
  EXPECT_EQ(queue.at("share"), "4/9");
  EXPECT_EQ(queue.at("sharePercent"), 44);
  EXPECT_EQ(queue.at("weightedShare"), "2/9");
  EXPECT_EQ(queue.at("position"), 2);
  EXPECT_EQ(queue.at("refused"), "it is closed");
}

TEST(ExplainJson, AGangTellsItsStateAndTimesAsTheApiWritesThem) {
  const json::object out = written(a_refused_member());
  const json::object& gang = out.at("gang").as_object();
  EXPECT_THAT(keys(gang), ElementsAre("group", "dialect", "phase", "min", "present", "placed", "running", "waitingFor", "nextTry",
                                      "reservationUntil", "position"));
  EXPECT_EQ(gang.at("group"), "team/train");
  EXPECT_EQ(gang.at("phase"), "backing off");
  EXPECT_EQ(gang.at("nextTry"), "1970-01-01T00:01:00Z");
  EXPECT_TRUE(gang.at("reservationUntil").is_null());
}

TEST(ExplainJson, WhatDoesNotApplyIsNullAndNotMissing) {
  const json::object all = written(a_refused_member());
  Explanation plain;
  plain.pod = {"default", "p"};
  plain.found = true;
  const json::object out = written(plain);
  EXPECT_EQ(keys(out), keys(all));
  EXPECT_TRUE(out.at("gang").is_null());
  EXPECT_TRUE(out.at("queue").as_object().at("name").is_null());
  EXPECT_TRUE(out.at("node").is_null());
  EXPECT_TRUE(out.at("deadline").is_null());
}

}   // namespace
}   // namespace ebb::cli
