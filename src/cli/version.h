#pragma once

#include <string_view>

namespace ebb::cli {

inline constexpr std::string_view kVersion = "0.1.0";

}   // namespace ebb::cli
