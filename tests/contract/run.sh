#!/bin/bash
# The contract tests against a sandbox of their own.
#   run.sh EBB
set -euo pipefail
ebb=${1:?the program}
cd "$(dirname "$0")"
work=$(mktemp -d); sandbox=
finish() { local code=$?; [ -z "$sandbox" ] || kill "$sandbox" 2>/dev/null || true; [ "$code" -eq 0 ] || cat "$work/log"; rm -rf "$work"; exit "$code"; }
trap finish EXIT
"$ebb" up --nodes 0 --no-scheduler --kubeconfig "$work/kubeconfig" >"$work/ready" 2>"$work/log" &
sandbox=$!
for _ in {1..200}; do grep -q ^ready "$work/ready" && break; kill -0 "$sandbox"; sleep 0.05; done
python3 -B contract_test.py "$work/kubeconfig"
kill -TERM "$sandbox"
wait "$sandbox" || { echo "ebb up ended with $?"; exit 1; }
sandbox=
