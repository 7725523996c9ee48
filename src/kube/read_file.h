#pragma once

// A small file as text, with the operating system's reason where it cannot be read.

#include "base/result.h"

#include <cstddef>
#include <string>

namespace ebb::kube {

// Errors: not_found, io, too_large; each names the file.
Result<std::string> read_whole_file(const std::string& path, std::size_t bytes_max);

}   // namespace ebb::kube
