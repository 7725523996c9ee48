#pragma once

// Why a pod may not join the pods of a node, in kube-scheduler's words.

#include <cstdint>
#include <string_view>

namespace ebb::core::affinity {

// In the order in which the questions are asked: spreading comes before affinity.
enum class CompanyRefusal : std::uint8_t { none, spread_label_missing, spread_skew, affinity, anti_affinity, existing_anti_affinity };

std::string_view text(CompanyRefusal refusal);
std::string_view plugin(CompanyRefusal refusal);   // "PodTopologySpread" or "InterPodAffinity"

// Whether it may help to evict pods from that node.
bool resolvable_by_preemption(CompanyRefusal refusal);

}   // namespace ebb::core::affinity
