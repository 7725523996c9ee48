#include "model/node.h"

#include <algorithm>

namespace ebb::model {

bool tolerates(const Toleration& toleration, const Taint& taint) {
  if (toleration.effect && *toleration.effect != taint.effect) return false;
  if (!toleration.key.empty() && toleration.key != taint.key) return false;
  return toleration.exists || toleration.value == taint.value;
}

const Taint* untolerated_taint(const std::vector<Taint>& taints, const std::vector<Toleration>& tolerations, bool no_schedule_too) {
  for (const Taint& taint : taints) {
    const bool counts = taint.effect == TaintEffect::no_execute || (no_schedule_too && taint.effect == TaintEffect::no_schedule);
    if (!counts) continue;
    if (std::ranges::none_of(tolerations, [&](const Toleration& toleration) { return tolerates(toleration, taint); })) return &taint;
  }
  return nullptr;
}

}   // namespace ebb::model
