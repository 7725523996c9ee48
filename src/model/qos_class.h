#pragma once

// The three classes of colocation. How a pod's class is found is core/colocation/qos.h.

#include <string_view>

namespace ebb::model {

enum class QosClass {
  hls,   // latency-critical online: exclusive cores, protected memory
  ls,    // online and mixed: shared pool, elastic
  be,    // offline: only reclaimed capacity, first to give way
};

std::string_view to_string(QosClass qos);   // "HLS", "LS", "BE"

enum class Pool { online, offline };

std::string_view to_string(Pool pool);

}   // namespace ebb::model
