// What fairness costs the scheduler per pod: choose a queue, ask whether it may, place, and later the
// pod goes and a new one comes.

#include "core/fairness/fairness_testing.h"
#include "core/fairness/reclaim.h"

#include <benchmark/benchmark.h>

#include <deque>
#include <string>

namespace ebb::core::fairness {
namespace {

using testing::a_queue;

// `leaves` queues, all below the root or in branches of about 32, with eight pods waiting in each.
std::vector<QueueId> build(QueueTree& tree, std::int64_t leaves, bool branches) {
  tree.set_total(Amounts{64'000 * 5'000, (std::int64_t{256} << 30) * 5'000, 110 * 5'000, 8 * 500});
  std::vector<QueueId> out;
  for (std::int64_t i = 0; i < leaves; ++i) {
    const std::string branch = branches ? "branch-" + std::to_string(i / 32) : "";
    if (branches && i % 32 == 0) (void)tree.upsert(a_queue(branch, "", 1 + i / 32 % 3));
    QueueSpec spec = a_queue("queue-" + std::to_string(i), branch, 1 + i % 5);
    spec.guarantee = Bounds{64'000, std::int64_t{256} << 30};
    (void)tree.upsert(spec);
    out.push_back(*tree.find(spec.name));
  }
  return out;
}

Amounts pod_of(std::int64_t i) { return Amounts{500 + 250 * (i % 4), (std::int64_t{1} << 29) * (1 + i % 3), 1, i % 16 == 0 ? 1 : 0}; }

void choose_and_allocate(benchmark::State& state, bool branches) {
  QueueTree tree;
  const std::vector<QueueId> queues = build(tree, state.range(0), branches);
  std::vector<std::deque<Amounts>> waiting(tree.size() + 1);
  std::int64_t made = 0;
  for (const QueueId queue : queues) {
    for (int i = 0; i < 8; ++i) {
      waiting[queue.v].push_back(pod_of(made++));
      tree.add_pending(queue, waiting[queue.v].back());
    }
  }
  std::deque<std::pair<QueueId, Amounts>> running;
  for (auto _ : state) {
    const std::optional<QueueId> next = tree.next();
    if (!next) {
      state.SkipWithError("nobody is to be served");
      break;
    }
    const Amounts pod = waiting[next->v].front();
    benchmark::DoNotOptimize(tree.may_allocate(*next, pod));
    tree.place(*next, pod);
    waiting[next->v].pop_front();
    running.emplace_back(*next, pod);
    waiting[next->v].push_back(pod_of(made++));
    tree.add_pending(*next, waiting[next->v].back());
    if (running.size() > 50'000) {
      tree.remove_allocated(running.front().first, running.front().second);
      running.pop_front();
    }
  }
  state.SetItemsProcessed(state.iterations());
}

void BM_ChooseAndAllocateFlat(benchmark::State& state) { choose_and_allocate(state, false); }
void BM_ChooseAndAllocateTree(benchmark::State& state) { choose_and_allocate(state, true); }
BENCHMARK(BM_ChooseAndAllocateFlat)->Arg(10)->Arg(100)->Arg(1'000)->Arg(10'000);
BENCHMARK(BM_ChooseAndAllocateTree)->Arg(10)->Arg(100)->Arg(1'000)->Arg(10'000);

// When nodes come or go everything is counted anew.
void BM_TotalChanges(benchmark::State& state) {
  QueueTree tree;
  for (const QueueId queue : build(tree, state.range(0), true)) {
    tree.add_allocated(queue, pod_of(queue.v));
    tree.add_pending(queue, pod_of(queue.v + 1));
  }
  std::int64_t cpu = 64'000 * 5'000;
  for (auto _ : state) tree.set_total(Amounts{++cpu, (std::int64_t{256} << 30) * 5'000, 110 * 5'000, 8 * 500});
}
BENCHMARK(BM_TotalChanges)->Arg(1'000)->Unit(benchmark::kMicrosecond);

// A plan over one node's hundred pods of as many queues, entitlements worked out anew each time.
void BM_PlanReclaim(benchmark::State& state) {
  QueueTree tree;
  tree.set_total(Amounts{100'000, 100'000});
  std::vector<Candidate> candidates;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    (void)tree.upsert(a_queue("queue-" + std::to_string(i)));
    const QueueId queue = *tree.find("queue-" + std::to_string(i));
    if (i >= 100) continue;
    tree.add_allocated(queue, Amounts{1'000, 1'000});
    tree.add_pending(queue, Amounts{1'000, 1'000});
    candidates.push_back({.id = std::to_string(i), .queue = queue, .amounts = Amounts{1'000, 1'000}});
  }
  (void)tree.upsert(a_queue("starving"));
  const QueueId starving = *tree.find("starving");
  const Amounts request{50, 50};
  for (auto _ : state) {
    tree.add_pending(starving, request);
    benchmark::DoNotOptimize(plan_reclaim(tree, {.queue = starving, .request = request, .lacking = request}, candidates));
    tree.remove_pending(starving, request);
  }
}
BENCHMARK(BM_PlanReclaim)->Arg(1'000)->Unit(benchmark::kMicrosecond);

}   // namespace
}   // namespace ebb::core::fairness
