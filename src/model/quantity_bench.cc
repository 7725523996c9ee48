#include "model/quantity.h"

#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <string_view>

namespace ebb::model {
namespace {

// What a pod list is full of.
constexpr std::array<std::string_view, 8> kTexts = {"100m", "2", "1500m", "4Gi", "512Mi", "0.5", "1536Mi", "16"};

void parses_the_amounts_of_a_pod_list(benchmark::State& state) {
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(parse_quantity(kTexts[i++ % kTexts.size()]));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(parses_the_amounts_of_a_pod_list);

void prints_memory(benchmark::State& state) {
  std::int64_t amount = gibibytes(4).v;
  for (auto _ : state) benchmark::DoNotOptimize(to_quantity_text(Bytes{amount += 1 << 20}));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(prints_memory);

}   // namespace
}   // namespace ebb::model
