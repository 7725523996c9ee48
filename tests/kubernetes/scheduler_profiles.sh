#!/bin/bash
# What the real scheduler makes of random configuration files (its own loader, defaults, validation and framework), and what Ebb does.
#   scheduler_profiles.sh [COUNT] [SEED...]   COUNT files of every seed (1500 of seeds 1 2 3 4)
#   scheduler_profiles.sh again               asks about every kept file in tests/profiles again and writes the real answers of now
# Skipped, with the reason, where the oracle is not built and there is no Go to build it. EBB is the program.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/kubernetes/skip.sh
bin=$(tests/kubernetes/build.sh profile_oracle) || { skip_or_fail "scheduler configurations" 1 $?; exit; }
if [ "${1:-}" = again ]; then
  "$bin/profile_oracle" tests/profiles/*.yaml
  for file in tests/profiles/refused-*.yaml; do   # its words are not kept
    grep -qx refused "$file.real" || { echo "$file: the real scheduler takes it now" >&2; exit 1; }
    rm "$file.real"
  done
  exit
fi
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
count=${1:-1500}; shift || true; [ $# -gt 0 ] || set -- 1 2 3 4
for seed in "$@"; do python3 -B tests/kubernetes/random_profiles.py "$work" "$seed" "$count"; done
"$bin/profile_oracle" "$work"/*.yaml
"${EBB:-build/ebb}" check-config --resolved "$work"/*.yaml >"$work/ebb" || [ $? -eq 1 ]
python3 -B tests/kubernetes/compare_profiles.py "$work" "$work/ebb" || {
  cp -r "$work" /tmp/scheduler-profiles-failed; echo "the files are in /tmp/scheduler-profiles-failed" >&2; exit 1; }
