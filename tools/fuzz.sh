#!/bin/bash
# Runs every fuzz target for SECONDS_EACH (default 20), starting from its corpus. New inputs that reach new code stay in build/.
set -euo pipefail
cd "$(dirname "$0")/.."
each=${1:-20}
for target in build/fuzz/fuzz/*_fuzz; do
  [ -x "$target" ] || continue
  name=$(basename "$target" _fuzz)
  found=build/fuzz/found/$name; mkdir -p "$found"
  options=(-max_total_time="$each" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 -artifact_prefix="$found/")
  [ -f "fuzz/$name.dict" ] && options+=(-dict="fuzz/$name.dict")
  echo "=== $name"
  code=0; "$target" "${options[@]}" "$found" "fuzz/corpus/$name" >"$found.log" 2>&1 || code=$?
  grep -E 'stat::(number_of_executed_units|average_exec_per_sec)|ERROR|SUMMARY' "$found.log" || true
  [ $code -eq 0 ] || { echo "fuzz: $name ended with $code, inputs in $found, its output in $found.log"; exit 1; }
done
