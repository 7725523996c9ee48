#include "model/qos_class.h"

#include "base/check.h"

namespace ebb::model {

std::string_view to_string(QosClass qos) {
  switch (qos) {
    case QosClass::hls: return "HLS";
    case QosClass::ls: return "LS";
    case QosClass::be: return "BE";
  }
  EBB_UNREACHABLE();
}

std::string_view to_string(Pool pool) {
  switch (pool) {
    case Pool::online: return "online";
    case Pool::offline: return "offline";
  }
  EBB_UNREACHABLE();
}

}   // namespace ebb::model
