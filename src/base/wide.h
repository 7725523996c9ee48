#pragma once

// 128-bit integers, for what a product or a fixed-point number of 64-bit amounts needs between two
// roundings. Both compilers have them; ISO C++ does not, hence the word in front.

namespace ebb {

__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;

}   // namespace ebb
