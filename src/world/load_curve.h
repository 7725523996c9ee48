#pragma once

// How much of its requests an online service uses, over the day. Constant, or a smooth wave between
// a trough and a peak:
//
//    high      .--.            The wave is 3y^2 - 2y^3 over a triangle y: flat at both ends like a
//             /    \           cosine, and made of integers only, so it is the same everywhere.
//    low ----'      '----
//        trough     trough + period

#include "base/time.h"
#include "base/units.h"

namespace ebb::world {

struct LoadCurve {
  Permille low{500};
  Permille high{500};
  Duration period{};   // zero: constant at low
  Instant trough{};    // some instant at which the load is lowest

  friend bool operator==(const LoadCurve&, const LoadCurve&) = default;
};

Permille level(const LoadCurve& curve, Instant at);

}   // namespace ebb::world
