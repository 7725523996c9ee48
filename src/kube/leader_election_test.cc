#include "kube/leader_election.h"

#include "kube/fake_api_server.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <atomic>
#include <mutex>

namespace ebb::kube {
namespace {

namespace json = boost::json;

// One Lease with optimistic concurrency, and a clock that stands until it is set.
class LeaseServer final {
 public:
  LeaseServer() : server_([this](Exchange& exchange) { answer(exchange); }) {
    Access access;
    access.server = server_.url();
    access.ca_pem = server_.authority().pem();
    client_ = *Client::make(std::move(access), {.seed = 1});
  }

  LeaderElection candidate(std::string identity) {
    return LeaderElection(*client_, {.identity = std::move(identity),
                                     .retry_period = milliseconds(1),
                                     .now = [this] { return now; },
                                     .monotonic = [this] { return now = now + now_step; }});
  }
  std::string holder() {
    const std::lock_guard lock(mutex_);
    return std::string(lease_.at("spec").at("holderIdentity").as_string());
  }
  std::int64_t transitions() {
    const std::lock_guard lock(mutex_);
    return lease_.at("spec").at("leaseTransitions").as_int64();
  }

  std::atomic<bool> down = false;
  Instant now{1'795'000'000'000'000'000};
  Duration now_step;   // by which the clock goes on at each look

 private:
  void answer(Exchange& exchange) {
    const std::lock_guard lock(mutex_);
    if (down) return exchange.respond(500, "oh");
    if (exchange.method == "GET") {
      if (version_ == 0) return exchange.respond(404, R"({"kind":"Status","reason":"NotFound","message":"none"})");
      return exchange.respond(200, json::serialize(lease_));
    }
    json::object sent = json::parse(exchange.body).as_object();
    if (exchange.method == "POST" && version_ != 0)
      return exchange.respond(409, R"({"kind":"Status","reason":"AlreadyExists","message":"exists"})");
    if (exchange.method == "PUT" && sent.at("metadata").at("resourceVersion").as_string() != std::to_string(version_)) {
      return exchange.respond(409, R"({"kind":"Status","reason":"Conflict","message":"changed"})");
    }
    lease_ = std::move(sent);
    lease_.at("metadata").as_object()["resourceVersion"] = std::to_string(++version_);
    exchange.respond(200, json::serialize(lease_));
  }

  std::mutex mutex_;
  json::object lease_;
  int version_ = 0;
  FakeApiServer server_;
  std::unique_ptr<Client> client_;
};

bool holds(LeaderElection& candidate) {
  const auto held = candidate.try_once(nullptr);
  EXPECT_TRUE(held) << held.error().message;
  return held && *held;
}

TEST(LeaderElection, OneHoldsTheLeaseAndTheOtherTakesOverWhenItIsNotRenewed) {
  LeaseServer server;
  LeaderElection a = server.candidate("a");
  LeaderElection b = server.candidate("b");
  EXPECT_TRUE(holds(a));
  EXPECT_FALSE(holds(b));
  server.now = server.now + seconds(14);
  EXPECT_TRUE(holds(a)) << "renewed";
  server.now = server.now + seconds(14);
  EXPECT_FALSE(holds(b)) << "14 s after the renewal";
  server.now = server.now + seconds(15);
  EXPECT_TRUE(holds(b));
  EXPECT_EQ(server.holder(), "b");
  EXPECT_EQ(server.transitions(), 1);
  EXPECT_FALSE(holds(a));
}

TEST(LeaderElection, AReleasedLeaseIsTakenAtOnce) {
  LeaseServer server;
  LeaderElection a = server.candidate("a");
  LeaderElection b = server.candidate("b");
  EXPECT_TRUE(holds(a));
  EXPECT_FALSE(holds(b));
  b.release();
  EXPECT_EQ(server.holder(), "a") << "only its holder may release it";
  a.release();
  EXPECT_TRUE(holds(b));
}

TEST(LeaderElection, AHolderStopsWhenAnotherHasTheLease) {
  LeaseServer server;
  LeaderElection a = server.candidate("a");
  LeaderElection b = server.candidate("b");
  Stop stop;
  ASSERT_TRUE(a.acquire(stop, [](const Error&) {}));
  EXPECT_FALSE(holds(b));
  server.now = server.now + seconds(16);
  EXPECT_TRUE(holds(b));
  const Status held = a.hold(stop);
  ASSERT_FALSE(held);
  EXPECT_TRUE(held.error().message.contains("went to b")) << held.error().message;
}

TEST(LeaderElection, AHolderStopsWhenItCannotRenewInTime) {
  LeaseServer server;
  server.now_step = seconds(3);   // time passes while the server is down
  LeaderElection a = server.candidate("a");
  EXPECT_TRUE(holds(a));
  server.down = true;
  Stop stop;
  const Status held = a.hold(stop);
  ASSERT_FALSE(held);
  EXPECT_TRUE(held.error().message.contains("could not be renewed in time")) << held.error().message;
}

TEST(LeaderElection, WaitsForTheLeaseUntilItIsStopped) {
  LeaseServer server;
  LeaderElection a = server.candidate("a");
  EXPECT_TRUE(holds(a));
  LeaderElection b = server.candidate("b");
  Stop stop;
  stop.request();
  EXPECT_EQ(b.acquire(stop, [](const Error&) {}).error().code, Errc::cancelled);
}

}   // namespace
}   // namespace ebb::kube
