#!/bin/bash
# Ebb's placement against kube-scheduler's own plugins, which answer for every node of random clusters.
#   scheduler_oracle.sh [SEED [CASES]]   so many random cases (1, 2000)
#   scheduler_oracle.sh record           chooses tests/oracle/recorded.jsonl anew
#   scheduler_oracle.sh again            asks about every kept case again and writes the answers of now
# A case that differs is shrunk and left in tests/oracle/cases/, where `make test` runs it from then on.
# Skipped, with the reason, where the oracle is not built and there is no Go to build it. ORACLE is the driver of tests/oracle.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/kubernetes/skip.sh
bin=$(tests/kubernetes/build.sh scheduler_oracle) || { skip_or_fail scheduler_oracle 1 $?; exit; }
driver=${ORACLE:-build/tests/oracle/ebb_scheduler_oracle}
cases=(python3 -B tests/kubernetes/scheduler_cases.py)
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
case ${1:-} in
  record)
    for seed in 101 102 103; do "$bin/scheduler_oracle" "$seed" 1500; done >"$work/cases"
    "${cases[@]}" choose 6 <"$work/cases" >"$work/chosen"
    "$bin/scheduler_oracle" <"$work/chosen" | "${cases[@]}" slim >"$work/again"
    cp "$work/again" tests/oracle/recorded.jsonl
    "$driver" tests/oracle/recorded.jsonl; exit ;;
  again)
    for file in tests/oracle/recorded.jsonl tests/oracle/cases/*.json; do
      "$bin/scheduler_oracle" <"$file" | "${cases[@]}" slim >"$work/again"; cp "$work/again" "$file"
    done
    "$driver" tests/oracle/recorded.jsonl tests/oracle/cases; exit ;;
esac
seed=${1:-1}; count=${2:-2000}
"$bin/scheduler_oracle" "$seed" "$count" >"$work/cases"
"$driver" "$work/cases" >"$work/out" && code=0 || code=$?
grep -v "^$work" "$work/out" || true
[ "$code" -eq 0 ] && exit
sed -n 's/^.*cases:\([0-9]*\): \(.*\)$/\1 \2/p' "$work/out" | head -n 5 | while read -r line what; do
  echo "  case $line: $what"
  sed -n "${line}p" "$work/cases" | "${cases[@]}" shrink "$bin/scheduler_oracle" "$driver" >"tests/oracle/cases/seed${seed}_$line.json"
done
exit "$code"
