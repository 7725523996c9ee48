#!/bin/bash
# Ebb's model of a kubelet against the kubelet's own topology, CPU and memory managers.
#   numa_oracle.sh [COUNT] [SEED...]     COUNT random cases of every seed (2600 of seeds 1 2 3 4)
#   numa_oracle.sh record                chooses tests/numa/recorded.jsonl anew
#   numa_oracle.sh again                 asks about every kept case again and writes the kubelet's answers of now
# A case that differs is shrunk and left in tests/numa/found/, where `make test` runs it from then on.
# Skipped, with the reason, where the oracle is not built and there is no Go to build it. ORACLE is the driver of tests/numa.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/kubernetes/skip.sh
bin=$(tests/kubernetes/build.sh numa_oracle) || { skip_or_fail numa_oracle 1 $?; exit; }
driver=${ORACLE:-build/tests/numa/ebb_numa_oracle}
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
case ${1:-} in
  record)
    for seed in 101 102 103 104; do "$bin/numa_oracle" "$seed" 700; done >"$work/cases"
    python3 -B tests/kubernetes/numa_cases.py choose "$work/cases" >"$work/chosen"
    cp "$work/chosen" tests/numa/recorded.jsonl
    "$driver" tests/numa/recorded.jsonl; exit ;;
  again)
    for file in tests/numa/recorded.jsonl tests/numa/found/*.jsonl; do
      "$bin/numa_oracle" <"$file" >"$work/again"; cp "$work/again" "$file"
    done
    "$driver" tests/numa/recorded.jsonl tests/numa/found; exit ;;
esac
count=${1:-2600}; shift || true
[ $# -gt 0 ] || set -- 1 2 3 4
failed=0
for seed in "$@"; do
  "$bin/numa_oracle" "$seed" "$count" >"$work/cases"
  echo "seed $seed:"
  "$driver" "$work/cases" >"$work/out" && code=0 || code=$?
  tail -n 1 "$work/out"
  [ "$code" -eq 0 ] && continue
  failed=1
  sed -n 's/^.*cases:\([0-9]*\): \(.*\)$/\1 \2/p' "$work/out" | head -n 5 | while read -r line what; do
    echo "  $line: $what"
    sed -n "${line}p" "$work/cases" | python3 -B tests/kubernetes/numa_cases.py shrink "$bin/numa_oracle" "$driver" \
      >"tests/numa/found/seed${seed}_$line.jsonl"
  done
done
exit $failed
