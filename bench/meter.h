#pragma once

// Time, CPU time and, where the kernel lets this process count them, instructions of what is run through it.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ebb::bench {

// Everything that is measured runs inside this function, so that an instruction counter outside of the
// process can tell it from the rest.
extern "C" void ebb_bench_counted(void (*run)(void*), void* what);

class Meter {
 public:
  Meter();
  ~Meter();
  Meter(const Meter&) = delete;
  Meter& operator=(const Meter&) = delete;

  // Runs f; measured only while switched on.
  template <class F>
  void run(F&& f) {
    if (!on_) return f();
    begin();
    ebb_bench_counted([](void* what) { (*static_cast<std::remove_reference_t<F>*>(what))(); }, &f);
    end();
  }
  void switch_on(bool on) { on_ = on; }
  bool on() const { return on_; }

  std::int64_t wall_nanos() const { return wall_; }
  std::int64_t cpu_nanos() const { return cpu_; }
  // None: the kernel does not let us count; why is in `why_not`.
  std::optional<std::int64_t> instructions() const;
  const std::string& why_not() const { return why_not_; }

  static std::int64_t now_nanos();

 private:
  void begin();
  void end();

  bool on_ = false;
  int counter_ = -1;
  std::string why_not_;
  std::int64_t wall_ = 0;
  std::int64_t cpu_ = 0;
  std::int64_t wall_begin_ = 0;
  std::int64_t cpu_begin_ = 0;
};

}   // namespace ebb::bench
