#pragma once

// Ebb's answers beside those of kube-scheduler's plugins. What may differ is in docs/parity.md.

#include "scheduler_case.h"

#include <map>
#include <string>

namespace ebb::oracle {

// How often what was compared, so that a run shows what it has reached.
using Reached = std::map<std::string, int>;

// The first difference in words; empty: none.
std::string difference(const SchedulerCase& one, Reached& reached);

}   // namespace ebb::oracle
