#include "core/affinity/company_refusal.h"

#include "base/check.h"

namespace ebb::core::affinity {

std::string_view text(CompanyRefusal refusal) {
  switch (refusal) {
    case CompanyRefusal::none: return "";
    case CompanyRefusal::spread_label_missing: return "node(s) didn't match pod topology spread constraints (missing required label)";
    case CompanyRefusal::spread_skew: return "node(s) didn't match pod topology spread constraints";
    case CompanyRefusal::affinity: return "node(s) didn't match pod affinity rules";
    case CompanyRefusal::anti_affinity: return "node(s) didn't match pod anti-affinity rules";
    case CompanyRefusal::existing_anti_affinity: return "node(s) didn't satisfy existing pods anti-affinity rules";
  }
  EBB_UNREACHABLE();
}

std::string_view plugin(CompanyRefusal refusal) {
  switch (refusal) {
    case CompanyRefusal::none: return "";
    case CompanyRefusal::spread_label_missing:
    case CompanyRefusal::spread_skew: return "PodTopologySpread";
    case CompanyRefusal::affinity:
    case CompanyRefusal::anti_affinity:
    case CompanyRefusal::existing_anti_affinity: return "InterPodAffinity";
  }
  EBB_UNREACHABLE();
}

bool resolvable_by_preemption(CompanyRefusal refusal) {
  return refusal != CompanyRefusal::spread_label_missing && refusal != CompanyRefusal::affinity;
}

}   // namespace ebb::core::affinity
