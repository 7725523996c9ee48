#!/bin/bash
# The scheduler's core on whole workloads (build/bench.json), every micro-benchmark, then the load of 5,000 nodes and 50,000 pods on the sandbox's API server and, where it was built, on the real one.
set -euo pipefail
cd "$(dirname "$0")/.."
build/bench/ebb_speed --json build/bench.json
for bench in $(find build/src -name '*_bench' -type f | sort); do
  echo "=== ${bench#build/src/}"
  "$bench" --benchmark_min_time=0.2 --benchmark_repetitions=3 --benchmark_report_aggregates_only=true 2>/dev/null | grep -E '_median|^Benchmark'
done
tests/load/run.sh
