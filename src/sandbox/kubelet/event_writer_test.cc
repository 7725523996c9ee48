#include "sandbox/kubelet/event_writer.h"

#include "sandbox/api/make_api.h"
#include "sandbox/json/json.h"
#include "sandbox/store/persistence.h"
#include "sandbox/store/stored.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ebb::sandbox {
namespace {

using testing::UnorderedElementsAre;

constexpr Instant kStart{1'700'000'000'000'000'000};
const ResourceId kEvents{"", "v1", "events"};

class EventWriterTest : public testing::Test {
 protected:
  void say(std::string message, Instant now) {
    writer_.about_node(*api_, "node-1", "uid-1", {.warning = true, .reason = "Short", .message = std::move(message)}, now);
  }
  // "message count first last", the times in seconds after the start.
  std::vector<std::string> events() {
    std::vector<std::string> texts;
    for (const auto& stored : api_->list(kEvents)) {
      const json::value event = stored->parse();
      texts.push_back(fmt::format("{} {} {} {}", string_at(event, "message"), find_path(event, "count")->as_int64(),
                                  string_at(event, "firstTimestamp"), string_at(event, "lastTimestamp")));
    }
    return texts;
  }

  std::unique_ptr<Api> api_ = make_api({.now = kStart, .seed = 7});
  EventWriter writer_;
};

TEST_F(EventWriterTest, WhatIsSaidAgainIsCounted) {
  say("no memory", kStart);
  say("no CPU", kStart);
  say("no memory", kStart + seconds(5));
  say("no memory", kStart + seconds(10));
  EXPECT_THAT(events(), UnorderedElementsAre("no memory 3 2023-11-14T22:13:20Z 2023-11-14T22:13:30Z",
                                             "no CPU 1 2023-11-14T22:13:20Z 2023-11-14T22:13:20Z"));
}

TEST_F(EventWriterTest, WhatIsSaidAgainAfterItsEventExpiredIsNew) {
  say("no memory", kStart);
  for (const auto& stored : api_->list(kEvents)) ASSERT_TRUE(api_->remove(kEvents, stored->key, {}, {}, kStart));
  say("no memory", kStart + seconds(5));
  say("no memory", kStart + seconds(6));
  EXPECT_THAT(events(), UnorderedElementsAre("no memory 2 2023-11-14T22:13:25Z 2023-11-14T22:13:26Z"));
}

}   // namespace
}   // namespace ebb::sandbox
