#!/bin/bash
# 5,000 nodes and 50,000 pods on the sandbox's API server and, where it was built, on the real one, in one run on one machine.
#   run.sh [NODES] [PODS] [WATCHERS]
set -euo pipefail
cd "$(dirname "$0")/../.."
nodes=${1:-5000} pods=${2:-50000} watchers=${3:-50}
work=$(mktemp -d); sandbox=
finish() { [ -z "$sandbox" ] || kill "$sandbox" 2>/dev/null || true; tests/kubernetes/control_plane.sh stop "$work/real" 2>/dev/null || true; rm -rf "$work"; }
trap finish EXIT
resident() { awk -v what="$1" '/^VmRSS/ {printf "memory of %s: %d MB\n", what, $2 / 1024}' "/proc/$2/status"; }
milliseconds() { date +%s%3N; }

echo "=== sandbox, $nodes nodes, $pods pods"
start=$(milliseconds)
"${EBB:-build/ebb}" up --nodes 0 --no-scheduler --no-controllers --kubeconfig "$work/kubeconfig" >"$work/ready" 2>"$work/log" &
sandbox=$!
until grep -q ^ready "$work/ready"; do kill -0 "$sandbox" || { cat "$work/log"; exit 1; }; sleep 0.01; done
echo "start to ready: $(($(milliseconds) - start)) ms"
resident "the empty sandbox" "$sandbox"
build/tests/load/ebb_load "$work/kubeconfig" "$nodes" "$pods" "$watchers"
resident "the sandbox" "$sandbox"
kill "$sandbox"; wait "$sandbox" || true; sandbox=

bin=${EBB_KUBERNETES_CACHE:-$HOME/.cache/real-kubernetes}/${KUBERNETES_VERSION:-v1.37.2}
if [ ! -x "$bin/kube-apiserver" ] || [ ! -x "$bin/etcd" ]; then echo "=== kube-apiserver: skipped, it was not built (tests/kubernetes/build.sh etcd kube-apiserver)"; exit 0; fi
echo "=== kube-apiserver and etcd, the same load"
start=$(milliseconds)
kubeconfig=$(PORT=26543 tests/kubernetes/control_plane.sh start "$work/real" | tail -n 1)
echo "start to ready: $(($(milliseconds) - start)) ms"
build/tests/load/ebb_load "$kubeconfig" "$nodes" "$pods" "$watchers"
resident kube-apiserver "$(cat "$work/real/kube-apiserver.pid")"
resident etcd "$(cat "$work/real/etcd.pid")"
