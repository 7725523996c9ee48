#include "sandbox/kubelet/event_writer.h"

#include "model/timestamp.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace ebb::sandbox {
namespace {

constexpr std::int64_t kBurst = 2000;
constexpr std::int64_t kPerSecond = 200;
constexpr std::int64_t kKeptForWarnings = 500;

constexpr std::size_t kRemembered = 32'768;   // beyond it repetitions are written as if they were new

const ResourceId kEvents{"", "v1", "events"};

}   // namespace

bool EventWriter::admit(bool warning, Instant now) {
  const std::int64_t earned = std::min((now - refilled_).v / (seconds(1).v / kPerSecond), kBurst);
  if (earned > 0) {
    tokens_ = std::min(tokens_ + earned, kBurst);
    refilled_ = now;
  }
  if (tokens_ <= (warning ? 0 : kKeptForWarnings)) return false;
  --tokens_;
  return true;
}

// False: it is gone, an hour after it was last heard of, and is said anew.
bool EventWriter::count_again(Api& api, const std::string& ns, Known& known, Instant now) {
  const json::object patch{{"count", known.count + 1}, {"lastTimestamp", model::to_timestamp_text(now)}};
  const auto written = api.patch(kEvents, {ns, known.name}, PatchType::merge, patch, "", {"system:node", "kubelet"}, now);
  if (written) ++known.count;
  return written || written.error().code != Errc::not_found;
}

void EventWriter::write(Api& api, const Subject& subject, std::string_view node, const Said& said, Instant now) {
  if (!admit(said.warning, now)) return;
  const std::string ns(subject.ns.empty() ? "default" : subject.ns);
  if (known_.size() >= kRemembered) known_.clear();
  Known& known = known_[fmt::format("{} {} {} {} {} {} {} {}", subject.kind, subject.ns, subject.name, subject.uid, node, said.warning,
                                    said.reason, said.message)];
  if (known.count > 0 && count_again(api, ns, known, now)) return;
  known = {.name = fmt::format("{}.{:x}", subject.name, static_cast<std::uint64_t>(now.v) + serial_++), .count = 1};

  const std::string time = model::to_timestamp_text(now);
  json::object involved{{"kind", subject.kind}, {"apiVersion", "v1"}, {"name", subject.name}, {"uid", subject.uid}};
  if (!subject.ns.empty()) involved["namespace"] = subject.ns;
  json::object event{{"apiVersion", "v1"},
                     {"kind", "Event"},
                     {"metadata", {{"name", known.name}, {"namespace", ns}}},
                     {"involvedObject", std::move(involved)},
                     {"reason", said.reason},
                     {"message", said.message},
                     {"type", said.warning ? "Warning" : "Normal"},
                     {"source", {{"component", "kubelet"}, {"host", node}}},
                     {"reportingComponent", "kubelet"},
                     {"reportingInstance", node},
                     {"firstTimestamp", time},
                     {"lastTimestamp", time},
                     {"count", 1}};
  // An event that cannot be written (its namespace is going away) is left out and costs nothing.
  const auto written = api.create(kEvents, std::move(event), {"system:node", "kubelet"}, now);
  if (written) return;
  known.count = 0;
  ++tokens_;
}

void EventWriter::about_pod(Api& api, const model::Pod& pod, std::string_view node, const Said& said, Instant now) {
  write(api, {"Pod", pod.key.ns, pod.key.name, pod.uid.v}, node, said, now);
}

void EventWriter::about_node(Api& api, std::string_view node, std::string_view node_uid, const Said& said, Instant now) {
  write(api, {"Node", "", node, node_uid}, node, said, now);
}

}   // namespace ebb::sandbox
