#include "bench/meter.h"

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

namespace ebb::bench {
namespace {

std::int64_t nanos(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

int open_counter() {
  perf_event_attr attributes{};
  attributes.size = sizeof(attributes);
  attributes.type = PERF_TYPE_HARDWARE;
  attributes.config = PERF_COUNT_HW_INSTRUCTIONS;
  attributes.disabled = 1;
  attributes.exclude_kernel = 1;
  attributes.exclude_hv = 1;
  return static_cast<int>(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
}

}   // namespace

[[gnu::noinline]] void ebb_bench_counted(void (*run)(void*), void* what) {
  run(what);
  asm volatile("" ::: "memory");   // keeps the call from becoming a jump
}

Meter::Meter() : counter_(open_counter()) {
  if (counter_ < 0) why_not_ = std::strerror(errno);
}

Meter::~Meter() {
  if (counter_ >= 0) close(counter_);
}

void Meter::begin() {
  if (counter_ >= 0) ioctl(counter_, PERF_EVENT_IOC_ENABLE, 0);
  cpu_begin_ = nanos(CLOCK_THREAD_CPUTIME_ID);
  wall_begin_ = now_nanos();
}

void Meter::end() {
  wall_ += now_nanos() - wall_begin_;
  cpu_ += nanos(CLOCK_THREAD_CPUTIME_ID) - cpu_begin_;
  if (counter_ >= 0) ioctl(counter_, PERF_EVENT_IOC_DISABLE, 0);
}

std::optional<std::int64_t> Meter::instructions() const {
  std::int64_t count = 0;
  if (counter_ < 0 || read(counter_, &count, sizeof(count)) != sizeof(count)) return std::nullopt;
  return count;
}

std::int64_t Meter::now_nanos() { return nanos(CLOCK_MONOTONIC); }

}   // namespace ebb::bench
