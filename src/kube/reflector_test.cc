#include "kube/reflector.h"

#include "kube/fake_api_server.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace ebb::kube {
namespace {

std::string pod(std::string_view name, std::string_view uid, int version) {
  return fmt::format(R"({{"metadata":{{"name":"{}","namespace":"x","uid":"{}","resourceVersion":"{}"}}}})", name, uid, version);
}
std::string list_of(int version, std::initializer_list<std::string> pods) {
  std::string items;
  for (const std::string& item : pods) items += (items.empty() ? "" : ",") + item;
  return fmt::format(R"({{"kind":"PodList","metadata":{{"resourceVersion":"{}"}},"items":[{}]}})", version, items);
}
std::string event(std::string_view type, std::string_view object) {
  return fmt::format("{{\"type\":\"{}\",\"object\":{}}}\n", type, object);
}

// A reflector on a thread, and what it told, as text.
class Watched final {
 public:
  Watched(FakeApiServer& server, ReflectorOptions options = {}) {
    Access access;
    access.server = server.url();
    access.ca_pem = server.authority().pem();
    client_ = *Client::make(std::move(access), {.seed = 1});
    options.resource = resources::kPods;
    options.pace.speed = Permille{100'000'000};
    ReflectorSink sink;
    sink.seen = [this](Decoded object) { return tell(fmt::format("seen {} {}", object.key.name, object.uid.v)); };
    sink.gone = [this](GoneObject object) { return tell(fmt::format("gone {} {}", object.key.name, object.uid.v)); };
    sink.listed = [this] { tell("listed"); };
    sink.trouble = [](const Error&) {};
    thread_ = std::thread([this, options, sink] { Reflector(*client_, options, sink).run(stop_); });
  }
  ~Watched() {
    stop_.request();
    thread_.join();
  }

  std::vector<std::string> first(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return told_.size() >= count; });
    return told_;
  }

 private:
  bool tell(std::string what) {
    const std::lock_guard lock(mutex_);
    told_.push_back(std::move(what));
    changed_.notify_all();
    return true;
  }

  std::unique_ptr<Client> client_;
  Stop stop_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> told_;
  std::thread thread_;
};

using Told = std::vector<std::string>;

TEST(Reflector, TellsWhatIsThereAndThenWhatHappens) {
  FakeApiServer server([](Exchange& exchange) {
    if (!exchange.target.contains("watch=true")) return exchange.respond(200, list_of(5, {pod("a", "1", 3), pod("b", "2", 4)}));
    EXPECT_TRUE(exchange.target.contains("resourceVersion=5")) << exchange.target;
    EXPECT_TRUE(exchange.target.contains("allowWatchBookmarks=true"));
    exchange.begin_stream();
    exchange.chunk(event("MODIFIED", pod("a", "1", 6)) + event("DELETED", pod("b", "2", 7)));
    exchange.chunk(event("ADDED", pod("a", "9", 8)));   // deleted and made anew
    exchange.wait_until_closed();
  });
  Watched watched(server);
  EXPECT_EQ(watched.first(7), (Told{"seen a 1", "seen b 2", "listed", "seen a 1", "gone b 2", "gone a 1", "seen a 9"}));
}

TEST(Reflector, ResumesABrokenWatchWhereItEnded) {
  std::atomic<int> watches = 0;
  std::atomic<int> lists = 0;
  FakeApiServer server([&](Exchange& exchange) {
    if (!exchange.target.contains("watch=true")) {
      ++lists;
      return exchange.respond(200, list_of(5, {}));
    }
    exchange.begin_stream();
    switch (watches++) {
      case 0:   // breaks off in the middle of a line
        exchange.chunk(event("ADDED", pod("a", "1", 6)) + event("BOOKMARK", R"({"metadata":{"resourceVersion":"20"}})") +
                       "{\"type\":\"ADD");
        exchange.close_after = true;
        return;
      case 1:
        EXPECT_TRUE(exchange.target.contains("resourceVersion=20")) << exchange.target;
        exchange.end_stream();
        return;
      default:
        EXPECT_TRUE(exchange.target.contains("resourceVersion=20")) << exchange.target;
        exchange.chunk(event("ADDED", pod("b", "2", 21)));
        exchange.wait_until_closed();
    }
  });
  Watched watched(server);
  EXPECT_EQ(watched.first(3), (Told{"listed", "seen a 1", "seen b 2"}));
  EXPECT_EQ(lists, 1);
}

TEST(Reflector, ListsAgainWhenItsPlaceExpiredAndNoticesWhatIsGone) {
  for (const bool as_event : {false, true}) {
    std::atomic<int> lists = 0;
    FakeApiServer server([&](Exchange& exchange) {
      if (!exchange.target.contains("watch=true")) {
        if (lists++ == 0) return exchange.respond(200, list_of(5, {pod("a", "1", 1), pod("b", "2", 2), pod("c", "3", 3)}));
        return exchange.respond(200, list_of(9, {pod("a", "1", 1), pod("c", "4", 8)}));
      }
      if (lists == 1 && !as_event) return exchange.respond(410, R"({"kind":"Status","reason":"Expired","message":"too old","code":410})");
      exchange.begin_stream();
      if (lists == 1) exchange.chunk(event("ERROR", R"({"kind":"Status","reason":"Expired","message":"too old","code":410})"));
      exchange.wait_until_closed();
    });
    Watched watched(server);
    EXPECT_EQ(watched.first(7), (Told{"seen a 1", "seen b 2", "seen c 3", "listed", "gone c 3", "seen c 4", "gone b 2"}));
  }
}

TEST(Reflector, KeepsWhatItKnewOfAnObjectThatBecameUnreadable) {
  std::atomic<int> lists = 0;
  FakeApiServer server([&](Exchange& exchange) {
    if (exchange.target.contains("watch=true")) return exchange.respond(410, R"({"kind":"Status","reason":"Expired","message":"too old"})");
    if (lists++ == 0) return exchange.respond(200, list_of(5, {pod("a", "1", 1)}));
    if (lists == 2) return exchange.respond(200, list_of(6, {R"({"metadata":{"name":"a","namespace":"x"},"spec":{"priority":"much"}})"}));
    exchange.respond(200, list_of(7, {pod("z", "2", 7)}));
  });
  Watched watched(server);
  EXPECT_EQ(Told(watched.first(4)), (Told{"seen a 1", "listed", "seen z 2", "gone a 1"}));
}

TEST(Reflector, AnAbsentResourceIsAnEmptyListAndLookedForAgain) {
  std::atomic<int> lists = 0;
  FakeApiServer server([&](Exchange& exchange) {
    if (exchange.target.contains("watch=true")) {
      exchange.begin_stream();
      return exchange.wait_until_closed();
    }
    if (lists++ == 0) return exchange.respond(404, R"({"kind":"Status","reason":"NotFound","message":"no such resource"})");
    exchange.respond(200, list_of(5, {pod("a", "1", 1)}));
  });
  Watched watched(server, {.may_be_absent = true});
  EXPECT_EQ(watched.first(2), (Told{"listed", "seen a 1"}));
}

TEST(Reflector, GoesOnTryingWhileTheServerFails) {
  std::atomic<int> asked = 0;
  FakeApiServer server([&](Exchange& exchange) {
    if (exchange.target.contains("watch=true")) {
      exchange.begin_stream();
      return exchange.wait_until_closed();
    }
    if (++asked < 4) return exchange.respond(500, "oh");
    exchange.respond(200, list_of(5, {}));
  });
  Watched watched(server);
  EXPECT_EQ(watched.first(1), (Told{"listed"}));
  EXPECT_EQ(asked, 4);
}

}   // namespace
}   // namespace ebb::kube
