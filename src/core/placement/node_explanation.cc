#include "core/placement/node_explanation.h"

#include "model/quantity.h"

#include <fmt/format.h>

#include <iterator>

namespace ebb::core::placement {
namespace {

using model::to_quantity_text;
using Out = std::back_insert_iterator<std::string>;

std::string percent(Permille share) { return fmt::format("{}.{} %", share.v / 10, share.v % 10); }

// One line for each term of the formula, in its order, for both resources.
void add_terms(const Oversold& oversold, Out out) {
  const OversoldTerms<MilliCpu>& cpu = oversold.cpu;
  const OversoldTerms<Bytes>& memory = oversold.memory;
  const auto line = [&](std::string_view sign, std::string_view name, MilliCpu a, Bytes b) {
    fmt::format_to(out, "  {} {:<34} {:>10} {:>14}\n", sign, name, to_quantity_text(a), to_quantity_text(b));
  };
  fmt::format_to(out, "\nOversold, from {}:\n  {:<36} {:>10} {:>14}\n", to_string(oversold.source), "", "cpu", "memory");
  line(" ", "allocatable", cpu.allocatable, memory.allocatable);
  line("=", fmt::format("up to the line ({}, {})", percent(cpu.threshold), percent(memory.threshold)), cpu.line, memory.line);
  line("-", "resourceReserve", cpu.reserve, memory.reserve);
  line("-", "system use beyond its reserve", cpu.system_excess, memory.system_excess);
  line("-", "requests of HLS pods", cpu.hls_requests, memory.hls_requests);
  line("-", "use of the other online pods", cpu.predicted_peak, memory.predicted_peak);
  if (cpu.overcommit_cap || memory.overcommit_cap) {
    fmt::format_to(out, "  < {:<34} {:>10} {:>14}\n", "overcommit cap", cpu.overcommit_cap ? to_quantity_text(*cpu.overcommit_cap) : "-",
                   memory.overcommit_cap ? to_quantity_text(*memory.overcommit_cap) : "-");
  }
  line("=", "may be oversold", cpu.result, memory.result);
  if (oversold.pods_at_request > 0) {
    fmt::format_to(out, "  {} online pods without fresh metrics count at their requests\n", oversold.pods_at_request);
  }
}

}   // namespace

std::string to_text(const NodeExplanation& explanation) {
  std::string text;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "Node        {}\n", explanation.node.v);
  if (!explanation.found) {
    fmt::format_to(out, "State       unknown: there is no such node\n");
    return text;
  }
  const std::string_view off = explanation.policy_in_force ? "off here" : "off: no policy is in force";
  fmt::format_to(out, "Colocation  {}\n", explanation.policy.colocation ? "on" : off);
  fmt::format_to(out, "Pods        {}, {} of them offline", explanation.pods, explanation.offline_pods);
  if (explanation.policy.max_offline_pods) fmt::format_to(out, " (at most {})", *explanation.policy.max_offline_pods);
  fmt::format_to(out, "\nRequested   cpu {}, memory {}\n", to_quantity_text(explanation.requested.cpu),
                 to_quantity_text(explanation.requested.memory));
  if (explanation.oversold) add_terms(*explanation.oversold, out);
  const auto amounts = [&](std::string_view name, model::Use use) {
    fmt::format_to(out, "{:<38} {:>10} {:>14}\n", name, to_quantity_text(use.cpu), to_quantity_text(use.memory));
  };
  fmt::format_to(out, "\n");
  amounts("Asked by the offline pods here", explanation.offline_requested);
  if (explanation.shows_oversold) amounts("Published as kubernetes.io/batch-*", explanation.published);
  if (explanation.room) amounts("Room for more offline work", *explanation.room);
  return text;
}

}   // namespace ebb::core::placement
