// What a member's life costs in the book: seen, placed with its gang, bound, running, gone.

#include "core/gangs/gang_book.h"
#include "core/gangs/gang_testing.h"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

namespace ebb::core::gangs {
namespace {

using namespace testing;

void place_gangs(benchmark::State& state) {
  const auto gangs = static_cast<std::uint32_t>(state.range(0));
  const auto size = static_cast<std::uint32_t>(state.range(1));
  std::vector<Member> members;
  for (std::uint32_t i = 0; i < gangs * size; ++i) members.push_back(member(i, "gang-" + std::to_string(i / size)));
  const auto all = [&](GangBook& book, MemberState to) {
    for (Member& seen : members) {
      seen.state = to;
      book.member_seen(kStart, seen);
    }
  };
  for (auto _ : state) {
    GangBook book;
    for (std::uint32_t g = 0; g < gangs; ++g) {
      book.group_seen(kStart, group("gang-" + std::to_string(g), static_cast<std::int32_t>(size)));
    }
    all(book, MemberState::pending);
    while (const auto gang = take_ready(book, kStart)) {
      Attempt attempt = book.attempt(*gang);
      while (const AttemptMember* next = attempt.next()) {
        members[next->pod.index].state = MemberState::assumed;
        book.member_seen(kStart, members[next->pod.index]);
        attempt.placed();
      }
      book.attempt_succeeded(kStart, *gang);
    }
    all(book, MemberState::bound);
    all(book, MemberState::running);
    benchmark::DoNotOptimize(book.take_statuses(at(5)));
    for (const Member& seen : members) book.member_gone(at(6), seen.pod);
  }
  state.counters["members/s"] = benchmark::Counter(static_cast<double>(gangs) * size, benchmark::Counter::kIsIterationInvariantRate);
}

BENCHMARK(place_gangs)->Args({10'000, 1})->Args({10'000, 3})->Args({30, 1'000})->Args({10, 5'000})->Unit(benchmark::kMillisecond);

}   // namespace
}   // namespace ebb::core::gangs
