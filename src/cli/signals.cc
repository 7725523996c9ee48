#include "cli/signals.h"

#include <csignal>
#include <ctime>

namespace ebb::cli {
namespace {

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}   // namespace

void block_ending_signals() {
  const sigset_t set = ending_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

void wait_for_ending_signal() {
  const sigset_t set = ending_signals();
  int received = 0;
  sigwait(&set, &received);
}

bool ending_signal_came() {
  const sigset_t set = ending_signals();
  const timespec at_once{};
  return sigtimedwait(&set, nullptr, &at_once) > 0;
}

}   // namespace ebb::cli
