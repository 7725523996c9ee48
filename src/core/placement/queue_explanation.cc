#include "core/placement/queue_explanation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace ebb::core::placement {
namespace {

using fairness::QueueTree;
using fairness::ResourceId;

std::int64_t shown(fairness::Sum sum) { return static_cast<std::int64_t>(std::clamp<fairness::Sum>(sum, 0, INT64_MAX)); }

// The resource of which the queue holds the largest part; where it holds nothing, of which most is asked.
std::optional<ResourceId> dominant(const QueueTree& tree, fairness::QueueId queue, const std::optional<QueueRequest>& request) {
  std::optional<ResourceId> most;
  const auto part = [&](ResourceId id) {
    const std::int64_t asked = request ? request->amounts[id] : 0;
    return std::pair(fairness::Share::of_units(tree.allocated(queue, id), tree.total()[id]),
                     fairness::Share::of_units(asked, tree.total()[id]));
  };
  for (std::size_t i = 0; i < tree.resources(); ++i) {
    const auto id = static_cast<ResourceId>(i);
    if (tree.total()[id] > 0 && (!most || part(id) > part(*most))) most = id;
  }
  return most;
}

}   // namespace

QueueExplanation explain_queue(const QueueBook& queues, const ResourceIds& ids, const std::string& name,
                               const std::optional<QueueRequest>& request) {
  QueueExplanation out;
  out.name = name;
  const QueueTree& tree = queues.tree();
  const auto queue = queues.find(name);
  if (!queue) {
    out.exists = false;
    out.refused = fmt::format("queue {} does not exist", name);
    return out;
  }
  const auto describe = [&](ResourceId id, std::int64_t amount) { return queues.describe(id, amount, ids); };
  out.share = tree.held_share(*queue);
  out.weighted = tree.share(*queue);
  out.owed = tree.owed(*queue);
  out.placed_pods = tree.allocated_pods(*queue);
  out.waiting_pods = tree.pending_pods(*queue);
  if (const auto id = dominant(tree, *queue, request)) {
    out.resource = ids.name(*id);
    out.held = describe(*id, shown(tree.allocated(*queue, *id)));
    out.deserved = describe(*id, tree.deserved(*queue, *id));
    out.total = describe(*id, tree.total()[*id]);
  }
  const auto order = tree.in_order();
  const auto turn = std::ranges::find(order, *queue);
  if (turn != order.end()) out.turn = static_cast<std::size_t>(turn - order.begin());
  if (!request) return out;
  const auto refusal = tree.refusal(request->queue, request->amounts, request->critical);
  if (refusal) out.refused = fairness::words(*refusal, describe);
  return out;
}

std::string queue_advice(const QueueBook& queues, const ResourceIds& ids, const QueueRequest& request) {
  const auto refusal = queues.tree().refusal(request.queue, request.amounts, request.critical);
  if (!refusal) return "";
  const auto amount = [&](fairness::Sum sum) { return queues.describe(refusal->resource, shown(sum), ids); };
  switch (refusal->reason) {
    case fairness::Refusal::Reason::closed: return fmt::format("queue \"{}\" opened", refusal->queue);
    case fairness::Refusal::Reason::cap:
      return fmt::format("{} given back by pods of queue \"{}\", or a cap of {} there", amount(refusal->excess()), refusal->queue,
                         amount(refusal->held + refusal->kept + refusal->asked));
    case fairness::Refusal::Reason::promised:
    case fairness::Refusal::Reason::total:
      return fmt::format("{} given back by pods of other queues, or added to the cluster", amount(refusal->excess()));
  }
  return "";
}

}   // namespace ebb::core::placement
