#!/bin/bash
# Upstream's own conformance tests, unmodified, against `ebb up`: what the docs' table says passes.
#   conformance.sh [GINKGO_FOCUS]     the report is left in build/conformance.xml
# Skipped, with the reason, where the suite is not built and there is no Go to build it.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/kubernetes/skip.sh
bin=$(tests/kubernetes/build.sh e2e.test) || { skip_or_fail conformance 1 $?; exit; }
api='\[sig-api-machinery\] (Watchers|Servers with support for API chunking|Servers with support for Table transformation|Discovery|server version|Namespaces|CustomResourceDefinition resources|CustomResourceDefinition Watch) .*\[Conformance\]'
collector='\[sig-api-machinery\] Garbage collector .*(Deployment|RS created by deployment|dependency circle).*\[Conformance\]'
focus=${1:-($api|$collector)}
work=$(mktemp -d); sandbox=
finish() { local code=$?; [ -z "$sandbox" ] || kill "$sandbox" 2>/dev/null || true; rm -rf "$work"; exit "$code"; }
trap finish EXIT
export KUBECONFIG=$work/kubeconfig HOME=$work
"${EBB:-build/ebb}" up --nodes 3 --kubeconfig "$KUBECONFIG" >"$work/ready" 2>"$work/log" &
sandbox=$!
for _ in {1..100}; do grep -q ^ready "$work/ready" && break; sleep 0.1; done
mkdir -p build
"$bin/e2e.test" -kubeconfig "$KUBECONFIG" --kube-api-content-type=application/json -ginkgo.no-color -ginkgo.focus="$focus" \
  -ginkgo.skip="${SKIP:-\[Slow\]}" -ginkgo.timeout=30m -ginkgo.junit-report="$PWD/build/conformance.xml" -ginkgo.silence-skips >"$work/out" 2>&1 ||
  { grep -E '^\s*(\[FAIL\]|Ran )|FAIL!' "$work/out" | sort -u; cp "$work/out" build/conformance.log; echo "the whole output is in build/conformance.log"; exit 1; }
grep -E '^Ran ' "$work/out"
