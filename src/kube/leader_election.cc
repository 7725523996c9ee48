#include "kube/leader_election.h"

#include "kube/objects.h"
#include "model/timestamp.h"

#include <unistd.h>
#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <random>

namespace ebb::kube {
namespace {

namespace json = boost::json;

json::string text(std::string_view value) { return json::string(value.data(), value.size()); }

std::string text_at(const json::object* object, std::string_view key) {
  const json::value* found = object == nullptr ? nullptr : object->if_contains(key);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::optional<std::int64_t> number_at(const json::object* object, std::string_view key) {
  const json::value* found = object == nullptr ? nullptr : object->if_contains(key);
  if (found == nullptr || !found->is_int64()) return std::nullopt;
  return found->get_int64();
}

const json::object* object_at(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  return found == nullptr ? nullptr : found->if_object();
}

template <class Clock>
Instant now_of() {
  return Instant{std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count()};
}

LeaderElectionOptions with_defaults(LeaderElectionOptions options) {
  if (!options.now) options.now = now_of<std::chrono::system_clock>;
  if (!options.monotonic) options.monotonic = now_of<std::chrono::steady_clock>;
  if (options.identity.empty()) options.identity = election_identity();
  return options;
}

}   // namespace

std::string election_identity() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  std::random_device random;
  return fmt::format("{}_{:08x}{:08x}", name.data(), random(), random());
}

LeaderElection::LeaderElection(Client& client, LeaderElectionOptions options)
    : client_(client), options_(with_defaults(std::move(options))) {}

Result<std::optional<LeaderElection::Record>> LeaderElection::read(const Stop* stop) {
  auto response =
      client_.request({.target = path_of(resources::kLeases, options_.lease), .timeout = options_.renew_deadline, .stop = stop});
  if (!response && response.error().code == Errc::not_found) return std::optional<Record>();
  if (!response) return std::unexpected(std::move(response).error());
  boost::system::error_code error;
  const json::value lease = json::parse(response->body, error);
  if (error || !lease.is_object()) return fail(Errc::unavailable, "the Lease is no JSON object");
  const json::object* spec = object_at(lease.get_object(), "spec");
  Record record;
  record.holder = text_at(spec, "holderIdentity");
  record.resource_version = text_at(object_at(lease.get_object(), "metadata"), "resourceVersion");
  record.acquire_time = text_at(spec, "acquireTime");
  record.transitions = number_at(spec, "leaseTransitions").value_or(0);
  if (const auto stated = number_at(spec, "leaseDurationSeconds")) record.duration = seconds(std::clamp<std::int64_t>(*stated, 0, 86'400));
  return record;
}

// False: somebody else was faster.
Result<bool> LeaderElection::write(const Record* old, std::string_view holder, Duration duration, const Stop* stop) {
  const std::string now = model::to_micro_timestamp_text(options_.now());
  const bool same_holder = old != nullptr && old->holder == holder;
  json::object spec{
      {"holderIdentity", text(holder)},
      {"leaseDurationSeconds", std::max<std::int64_t>(duration.v / seconds(1).v, 1)},
      {"renewTime", text(now)},
      {"acquireTime", text(same_holder && !old->acquire_time.empty() ? old->acquire_time : now)},
      {"leaseTransitions", (old == nullptr ? 0 : old->transitions) + (old != nullptr && !same_holder && !holder.empty() ? 1 : 0)}};
  json::object metadata{{"name", text(options_.lease.name)}, {"namespace", text(options_.lease.ns)}};
  if (old != nullptr) metadata["resourceVersion"] = text(old->resource_version);
  const json::object lease{
      {"apiVersion", "coordination.k8s.io/v1"}, {"kind", "Lease"}, {"metadata", std::move(metadata)}, {"spec", std::move(spec)}};
  Request request{.method = old == nullptr ? "POST" : "PUT",
                  .target = path_of(resources::kLeases, {options_.lease.ns, old == nullptr ? "" : options_.lease.name}),
                  .body = json::serialize(lease),
                  .timeout = options_.renew_deadline,
                  .stop = stop};
  auto response = client_.request(request);
  if (response) return true;
  if (response.error().code == Errc::conflict || response.error().code == Errc::exists) return false;
  return std::unexpected(std::move(response).error());
}

Result<bool> LeaderElection::try_once(const Stop* stop) {
  EBB_TRY(auto record, read(stop));
  if (record) {
    if (record->resource_version != observed_.resource_version) observed_at_ = options_.monotonic();
    observed_ = *record;
    const bool ours = observed_.holder == options_.identity;
    const bool expired = options_.monotonic() - observed_at_ >= observed_.duration.value_or(options_.lease_duration);
    if (!ours && !observed_.holder.empty() && !expired) return false;
  }
  EBB_TRY(const bool written, write(record ? &*record : nullptr, options_.identity, options_.lease_duration, stop));
  if (written) observed_.holder = options_.identity;
  return written;
}

Status LeaderElection::acquire(const Stop& stop, const std::function<void(const Error&)>& trouble) {
  for (;;) {
    const auto held = try_once(&stop);
    if (held && *held) return {};
    if (!held) {
      if (held.error().code == Errc::cancelled || held.error().code == Errc::denied) return std::unexpected(held.error());
      trouble(held.error());
    }
    if (stop.wait_for(options_.retry_period)) return fail(Errc::cancelled, "stopped");
  }
}

Status LeaderElection::hold(const Stop& stop) {
  Instant renewed = options_.monotonic();
  for (;;) {
    if (stop.wait_for(options_.retry_period)) return {};
    const auto held = try_once(&stop);
    if (stop.requested()) return {};
    if (held && *held) {
      renewed = options_.monotonic();
      continue;
    }
    if (held && observed_.holder != options_.identity)
      return fail(Errc::unavailable, "the lease {} went to {}", options_.lease.name, observed_.holder);
    if (options_.monotonic() - renewed >= options_.renew_deadline) {
      return fail(Errc::unavailable, "the lease {} could not be renewed in time{}{}", options_.lease.name, held ? "" : ": ",
                  held ? "" : held.error().message);
    }
  }
}

void LeaderElection::release() {
  const auto record = read(nullptr);
  if (!record || !*record || (*record)->holder != options_.identity) return;
  static_cast<void>(write(&**record, "", seconds(1), nullptr));
}

}   // namespace ebb::kube
