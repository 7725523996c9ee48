#pragma once

// What a fuzzer hands over, as text.

#include <cstddef>
#include <cstdint>
#include <string_view>

inline std::string_view fuzz_text(const std::uint8_t* bytes, std::size_t size) { return {reinterpret_cast<const char*>(bytes), size}; }
