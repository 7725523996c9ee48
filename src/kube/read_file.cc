#include "kube/read_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace ebb::kube {

Result<std::string> read_whole_file(const std::string& path, std::size_t bytes_max) {
  std::array<char, 128> reason{};
  const auto why = [&](int code) { return std::string(::strerror_r(code, reason.data(), reason.size())); };
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return fail(errno == ENOENT ? Errc::not_found : Errc::io, "{}: {}", path, why(errno));
  std::string text;
  std::array<char, 16384> buffer{};
  for (;;) {
    const auto got = ::read(file, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    const int code = errno;
    if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
    if (got > 0 && text.size() <= bytes_max) continue;
    ::close(file);
    if (got < 0) return fail(Errc::io, "{}: {}", path, why(code));
    if (text.size() > bytes_max) return fail(Errc::too_large, "{}: larger than {} bytes", path, bytes_max);
    return text;
  }
}

}   // namespace ebb::kube
