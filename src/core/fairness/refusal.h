#pragma once

// Why a queue may not have what is asked for, as numbers and in words.

#include "core/fairness/amounts.h"
#include "core/fairness/queue_spec.h"

#include <cstdint>
#include <functional>
#include <string>

namespace ebb::core::fairness {

struct Refusal {
  enum class Reason {
    closed,     // the queue, or one above it, is closed
    cap,        // of the queue at fault
    promised,   // the cluster has it, but keeps it for others' guarantees and floors
    total,      // the cluster's queues hold all there is
  };
  Reason reason = Reason::closed;
  QueueId at;          // whose limit it is
  std::string queue;   // its name
  ResourceId resource = 0;
  Sum held = 0;   // below that queue, before the request
  Sum kept = 0;   // below that queue for guarantees and floors that are not used yet, after the request
  Sum limit = 0;
  std::int64_t asked = 0;

  // How much too much it would be.
  Sum excess() const { return held + kept + asked - limit; }
};

// "4 cpu" for people; the default knows numbers only.
using Describe = std::function<std::string(ResourceId, std::int64_t)>;
std::string describe_by_number(ResourceId resource, std::int64_t amount);

std::string words(const Refusal& refusal, const Describe& describe = describe_by_number);

}   // namespace ebb::core::fairness
