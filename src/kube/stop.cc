#include "kube/stop.h"

#include "base/check.h"
#include "kube/deadline.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>

namespace ebb::kube {

Stop::Stop() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  EBB_CHECK(event_ >= 0);   // out of descriptors: nothing in this folder could work
}

Stop::~Stop() { ::close(event_); }

void Stop::request() noexcept {
  requested_.store(true, std::memory_order_release);
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(event_, &one, sizeof one);
}

bool Stop::wait_for_either(const Stop* a, const Stop* b, Duration real) {
  const Deadline deadline = Deadline::after(real);
  for (;;) {
    if ((a != nullptr && a->requested()) || (b != nullptr && b->requested())) return true;
    const Duration left = deadline.left();
    if (left <= Duration{}) return false;
    std::array<pollfd, 2> entries{};   // poll skips a negative descriptor
    entries[0] = {.fd = a == nullptr ? -1 : a->descriptor(), .events = POLLIN, .revents = 0};
    entries[1] = {.fd = b == nullptr ? -1 : b->descriptor(), .events = POLLIN, .revents = 0};
    ::poll(entries.data(), entries.size(), poll_milliseconds(left));
  }
}

}   // namespace ebb::kube
