#include "core/placement/explanation.h"

#include "model/duration.h"
#include "model/timestamp.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace ebb::core::placement {
namespace {

using Out = std::back_insert_iterator<std::string>;

// One fact: its name in a column of its own, then the sentence.
template <class... Args>
void line(Out out, std::string_view name, fmt::format_string<Args...> sentence, Args&&... args) {
  fmt::format_to(out, "{:<9} ", name);
  fmt::format_to(out, sentence, std::forward<Args>(args)...);
  fmt::format_to(out, "\n");
}

std::string time(Instant instant) { return model::to_timestamp_text(instant); }

// People do not count in fractions of a second.
std::string span(Duration duration) {
  const std::int64_t whole = duration.v / seconds(1).v;
  return model::to_short_duration_text(seconds(whole < 0 ? -whole : whole));
}

std::string names(const std::vector<model::ObjectKey>& keys) {
  std::vector<std::string> texts;
  for (const model::ObjectKey& key : keys) texts.push_back(model::to_string(key));
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::string names(const std::vector<model::NodeName>& nodes) {
  std::vector<std::string_view> texts;
  for (const model::NodeName& node : nodes) texts.push_back(node.v);
  return fmt::format("{}", fmt::join(texts, ", "));
}

void add_state(const Explanation& pod, Out out) {
  std::string state = pod.state;
  if (pod.node) state += fmt::format(" on {}", pod.node->v);
  if (!pod.waiting_for.empty()) state += fmt::format(", waits for {}", pod.waiting_for);
  if (pod.queue_position) state += fmt::format(" ({} before it in the queue)", *pod.queue_position);
  line(out, "State", "{}", state);
  if (pod.backoff_until) line(out, "Back-off", "until {}", time(*pod.backoff_until));
  if (pod.nominated && !pod.leaving.empty()) {
    line(out, "Room", "is made for it on {}: {} {}", pod.nominated->v, names(pod.leaving), pod.leaving.size() == 1 ? "leaves" : "leave");
  } else if (pod.nominated) {
    line(out, "Room", "is kept for it on {}", pod.nominated->v);
  }
  if (pod.volumes_until) line(out, "Volumes", "are being bound, until {} at most", time(*pod.volumes_until));
  if (!pod.avoided.empty()) {
    line(out, "Avoids", "{}: a pod of its workload was evicted there{}", names(pod.avoided),
         pod.avoided_until ? fmt::format("; offered again from {}", time(*pod.avoided_until)) : "");
  }
}

void add_deadline(const DeadlineExplanation& deadline, Out out) {
  if (!deadline.at) return line(out, "Deadline", "\"{}\" is neither a time nor a duration: ignored", deadline.written);
  std::string rest = deadline.slack < Duration{} ? fmt::format("not met, {} ago", span(deadline.slack)) : span(deadline.slack) + " left";
  if (deadline.latest_start) rest += fmt::format(", it must have started by {}", time(*deadline.latest_start));
  line(out, "Deadline", "{}, {}", time(*deadline.at), rest);
}

void add_queue(const QueueExplanation& queue, Out out) {
  if (!queue.exists) return line(out, "Queue", "{}: it does not exist", queue.name);
  std::string share = "nothing to share yet";
  if (!queue.resource.empty()) {
    share = fmt::format("holds {} of {}, share {} ({} %), weighted {}; deserves {}{}", queue.held, queue.total,
                        fairness::to_string(queue.share), fairness::percent(queue.share), fairness::to_string(queue.weighted),
                        queue.deserved, queue.owed ? ", which it is owed" : "");
  }
  line(out, "Queue", "{}: {}", queue.name, share);
  std::string order = fmt::format("{} placed, {} waiting", queue.placed_pods, queue.waiting_pods);
  if (queue.position) order += fmt::format(", {} of them before this one", *queue.position);
  if (queue.turn) order += *queue.turn == 0 ? "; its turn is next" : fmt::format("; {} queues are served before it", *queue.turn);
  line(out, "", "{}", order);
  if (!queue.refused.empty()) line(out, "", "{}", queue.refused);
}

void add_gang(const gangs::GangExplanation& gang, Out out) {
  line(out, "Gang", "{} ({}): {}; {} must start together, {} there, {} placed, {} running", model::to_string(gang.group.key),
       gangs::to_string(gang.group.dialect), gangs::to_string(gang.phase), gang.min, gang.present, gang.placed, gang.running);
  if (!gang.waiting_for.empty()) line(out, "", "{}", gang.waiting_for);
  if (gang.position) line(out, "", "{} gangs before it", *gang.position);
  if (gang.next_try) line(out, "", "next try at {}", time(*gang.next_try));
  if (gang.reservation_until) line(out, "", "capacity is kept for it until {}", time(*gang.reservation_until));
}

void add_filters(const Explanation& pod, Out out) {
  fmt::format_to(out, "\nNodes ({}):\n", pod.nodes);
  if (pod.filters.empty()) fmt::format_to(out, "  none refuses it\n");
  std::size_t widest = 0;
  for (const Refusal& refusal : pod.filters) widest = std::max(widest, refusal.reason.size());
  for (std::size_t i = 0; i < pod.filters.size(); ++i) {
    const Refusal& refusal = pod.filters[i];
    fmt::format_to(out, "  {:<18} refused {:>5}   {:<{}}   e.g. {}\n", pod.filter_names[i], refusal.nodes, refusal.reason, widest,
                   refusal.example.v);
  }
  if (pod.could_make_room.value_or(0) > 0) {
    fmt::format_to(out, "  Pods of lower priority could make room on {} of them.\n", *pod.could_make_room);
  }
  if (!pod.best.empty()) fmt::format_to(out, "\nBest nodes, as they are now:\n");
  for (const NodeScore& node : pod.best) {
    fmt::format_to(out, "  {}  {} =", node.node.v, node.total);
    for (std::size_t i = 0; i < node.terms.size(); ++i) {
      const ScoreTerm& term = node.terms[i];
      fmt::format_to(out, "{} {} x {} {}", i == 0 ? "" : " +", term.weight, term.points, term.name);
    }
    fmt::format_to(out, "\n");
  }
}

void add_help(const Explanation& pod, Out out) {
  const auto add = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) fmt::format_to(out, "  - {}\n", pod.would_help[i]);
  };
  if (pod.needed > 0) fmt::format_to(out, "\nIs needed:\n");
  add(0, pod.needed);
  if (pod.needed < pod.would_help.size()) fmt::format_to(out, "\nWould help, any one of:\n");
  add(pod.needed, pod.would_help.size());
}

}   // namespace

std::string to_text(const Explanation& explanation) {
  std::string text;
  const Out out = std::back_inserter(text);
  line(out, "Pod", "{}", model::to_string(explanation.pod));
  if (!explanation.found) {
    line(out, "State", "unknown: there is no such pod");
    return text;
  }
  line(out, "Scheduler", "{}", explanation.profile);
  line(out, "Class", "{}{}: {}", explanation.qos, explanation.offline ? " (offline)" : "", explanation.qos_reason);
  line(out, "Pool", "{}", explanation.pool);
  line(out, "Priority", "{}, band {}", explanation.priority, explanation.band);
  for (const std::string& warning : explanation.warnings) line(out, "Warning", "{}", warning);
  add_state(explanation, out);
  if (explanation.deadline) add_deadline(*explanation.deadline, out);
  if (explanation.queue) add_queue(*explanation.queue, out);
  if (explanation.gang) add_gang(*explanation.gang, out);
  if (!explanation.message.empty()) line(out, "Recorded", "{}", explanation.message);
  if (!explanation.filters.empty() || !explanation.best.empty()) add_filters(explanation, out);
  add_help(explanation, out);
  return text;
}

}   // namespace ebb::core::placement
