#include "core/fairness/water_filling.h"

#include "base/check.h"
#include "base/wide.h"

#include <algorithm>
#include <cstddef>

namespace ebb::core::fairness {
namespace {

// A level at which a vessel starts to rise or is full: amount / weight.
struct Mark {
  std::int64_t amount;
  std::int64_t weight;
  std::size_t vessel;
  bool full;
};

bool lower(const Mark& a, const Mark& b) {
  const Int128 left = static_cast<Int128>(a.amount) * b.weight;
  const Int128 right = static_cast<Int128>(b.amount) * a.weight;
  if (left != right) return left < right;
  return a.full < b.full;
}

struct Rising {
  Int128 fixed = 0;    // in vessels that do not rise at this level
  Int128 weight = 0;   // of those that do
};

// What all vessels hold when the level stands at the mark, compared with the amount.
bool holds_more(const Rising& rising, const Mark& mark, std::int64_t amount) {
  const Int128 left = amount - rising.fixed;
  if (left < 0) return true;
  if (rising.weight == 0) return false;
  // weight * mark.amount / mark.weight > left, without a product above 127 bits.
  if (mark.amount == 0) return false;
  if (rising.weight / mark.weight > left / mark.amount) return true;
  const Int128 whole = rising.weight / mark.weight * mark.amount;
  const Int128 rest = rising.weight % mark.weight * mark.amount;
  return rest > (left - whole) * mark.weight;
}

}   // namespace

std::vector<std::int64_t> fill(std::int64_t amount, std::span<const Vessel> vessels) {
  std::vector<std::int64_t> out(vessels.size());
  std::vector<Mark> marks;
  Rising rising;
  for (std::size_t i = 0; i < vessels.size(); ++i) {
    const Vessel& vessel = vessels[i];
    EBB_CHECK(vessel.low >= 0 && vessel.high >= vessel.low && vessel.weight >= 0);
    out[i] = vessel.low;
    rising.fixed += vessel.low;
    if (vessel.weight == 0 || vessel.low == vessel.high) continue;
    marks.push_back({vessel.low, vessel.weight, i, false});
    marks.push_back({vessel.high, vessel.weight, i, true});
  }
  EBB_CHECK(rising.fixed <= amount);
  std::stable_sort(marks.begin(), marks.end(), lower);

  std::vector<bool> rises(vessels.size());
  for (const Mark& mark : marks) {
    if (holds_more(rising, mark, amount)) break;
    const Vessel& vessel = vessels[mark.vessel];
    rises[mark.vessel] = !mark.full;
    rising.weight += mark.full ? -vessel.weight : vessel.weight;
    rising.fixed += mark.full ? vessel.high : -vessel.low;
    if (mark.full) out[mark.vessel] = vessel.high;
  }
  if (rising.weight == 0) return out;

  struct Remainder {
    Int128 rest;
    std::size_t vessel;
  };
  std::vector<Remainder> remainders;
  const Int128 shared = amount - rising.fixed;
  Int128 left = shared;
  for (std::size_t i = 0; i < vessels.size(); ++i) {
    if (!rises[i]) continue;
    const Int128 exact = shared * vessels[i].weight;
    out[i] = static_cast<std::int64_t>(exact / rising.weight);
    left -= out[i];
    remainders.push_back({exact % rising.weight, i});
  }
  std::stable_sort(remainders.begin(), remainders.end(), [](const Remainder& a, const Remainder& b) { return a.rest > b.rest; });
  for (const Remainder& remainder : remainders) {
    if (left == 0) break;
    ++out[remainder.vessel];
    --left;
  }
  return out;
}

}   // namespace ebb::core::fairness
