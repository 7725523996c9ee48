#include "core/placement/explanation.h"

#include <fmt/format.h>

#include <iterator>

namespace ebb::core::placement {
namespace {

void add_filters(const Explanation& explanation, std::back_insert_iterator<std::string> out) {
  fmt::format_to(out, "\nNodes ({}):\n", explanation.nodes);
  for (const Refusal& refusal : explanation.filters) {
    fmt::format_to(out, "  {:<18} refused {:>5}   {}   e.g. {}\n", to_string(refusal.filter), refusal.nodes, refusal.reason,
                   refusal.example.v);
  }
  if (!explanation.best.empty()) fmt::format_to(out, "\nBest nodes, as they are now:\n");
  for (const NodeScore& node : explanation.best) {
    fmt::format_to(out, "  {}  {} =", node.node.v, node.total);
    for (std::size_t i = 0; i < node.terms.size(); ++i) {
      const ScoreTerm& term = node.terms[i];
      fmt::format_to(out, "{} {} x {} {}", i == 0 ? "" : " +", term.weight, term.points, term.name);
    }
    fmt::format_to(out, "\n");
  }
}

}   // namespace

std::string to_text(const Explanation& explanation) {
  std::string text;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "Pod       {}\n", model::to_string(explanation.pod));
  if (!explanation.found) {
    fmt::format_to(out, "State     unknown: there is no such pod\n");
    return text;
  }
  fmt::format_to(out, "Class     {}{}: {}\n", explanation.qos, explanation.offline ? " (offline)" : "", explanation.qos_reason);
  fmt::format_to(out, "Pool      {}\n", explanation.pool);
  fmt::format_to(out, "Priority  {}, band {}\n", explanation.priority, explanation.band);
  for (const std::string& warning : explanation.warnings) fmt::format_to(out, "Warning   {}\n", warning);
  fmt::format_to(out, "State     {}", explanation.state);
  if (explanation.node) fmt::format_to(out, " on {}", explanation.node->v);
  if (!explanation.waiting_for.empty()) fmt::format_to(out, ", waits for {}", explanation.waiting_for);
  if (explanation.queue_position) fmt::format_to(out, " ({} before it in the queue)", *explanation.queue_position);
  fmt::format_to(out, "\n");
  if (!explanation.message.empty()) fmt::format_to(out, "Recorded  {}\n", explanation.message);
  if (!explanation.filters.empty() || !explanation.best.empty()) add_filters(explanation, out);
  if (!explanation.would_help.empty()) fmt::format_to(out, "\nWould help, any one of:\n");
  for (const std::string& help : explanation.would_help) fmt::format_to(out, "  - {}\n", help);
  return text;
}

}   // namespace ebb::core::placement
