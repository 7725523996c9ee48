#pragma once

// How a queue stands, and what it says to somebody who asks it for something.

#include "core/placement/explanation.h"
#include "core/placement/queue_book.h"

#include <optional>
#include <string>

namespace ebb::core::placement {

struct QueueRequest {
  fairness::QueueId queue;
  fairness::Amounts amounts;   // of a gang: all that it still needs
  bool critical = false;
};

// The queue of that name; `request` where something is still to be placed.
QueueExplanation explain_queue(const QueueBook& queues, const ResourceIds& ids, const std::string& name,
                               const std::optional<QueueRequest>& request);

// What would have to change so that the queue takes it; empty: it takes it.
std::string queue_advice(const QueueBook& queues, const ResourceIds& ids, const QueueRequest& request);

}   // namespace ebb::core::placement
