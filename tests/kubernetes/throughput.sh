#!/bin/bash
# End to end on a real API server: how many pods a second are bound, and what that costs the scheduler and the API server, with the real
# kube-scheduler and with Ebb in turn (real, ebb, real, ebb), on bare Node objects. Both read the same configuration file.
#   throughput.sh [NODES...]     500 and 5000 where nothing is said; results are appended to build/throughput.json, one run a line
# PODS (5000) and ROUNDS (2) may be set. Each run measures
#   arriving: pods are created while the scheduler runs; from the first creation to the last binding;
#   backlog:  the pods are there before the scheduler starts; from the first binding to the last.
# Skipped, with the reason, where the programs are not built and there is no Go to build them.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/kubernetes/skip.sh
bin=$(tests/kubernetes/build.sh etcd kube-apiserver kube-scheduler kubectl) || { skip_or_fail "end-to-end throughput" 1 $?; exit; }
ebb=${EBB:-$PWD/build/ebb} load=${LOAD:-$PWD/build/tests/load/ebb_bind_load} pods=${PODS:-5000} rounds=${ROUNDS:-2}
sizes=("$@"); [ $# -gt 0 ] || sizes=(500 5000)
results=$PWD/build/throughput.json
[ -x "$load" ] || { echo "throughput.sh: $load is not built" >&2; exit 1; }
work=$(mktemp -d); scheduler=; plane=; events=0
stop_scheduler() { [ -z "$scheduler" ] || { kill "$scheduler" 2>/dev/null || true; wait "$scheduler" 2>/dev/null || true; }; scheduler=; }
finish() {
  local code=$?
  [ "$code" -eq 0 ] || tail -n 5 "$work"/*/*scheduler*.log 2>/dev/null || true
  stop_scheduler
  [ -z "$plane" ] || tests/kubernetes/control_plane.sh stop "$plane" || true
  rm -rf "$work"; exit "$code"
}
trap finish EXIT
k() { "$bin/kubectl" "$@"; }
milliseconds() { date +%s%3N; }
# Processor time of a process so far, in milliseconds. The name in parentheses may hold anything, so the fields are counted after it.
cpu() { sed 's/^.*) //' "/proc/$1/stat" | awk -v tick="$(getconf CLK_TCK)" '{print int(($12 + $13) * 1000 / tick)}'; }
# Events are written behind the bindings: they belong to the cost, and how many there are is told.
settle() { sleep 2; events=$(k get events -n "$1" -o name | wc -l); }
peak() { awk '/^VmHWM/ {print $2 * 1024}' "/proc/$1/status"; }

start_scheduler() {   # SIDE
  if [ "$1" = real ]; then
    "$bin/kube-scheduler" --config="$plane/scheduler.yaml" --authentication-kubeconfig="$KUBECONFIG" \
      --authorization-kubeconfig="$KUBECONFIG" --bind-address=127.0.0.1 --secure-port=0 >>"$plane/kube-scheduler.log" 2>&1 &
  else
    "$ebb" scheduler --config "$plane/scheduler.yaml" >>"$plane/ebb-scheduler.log" 2>&1 &
  fi
  scheduler=$!
}

record() {   # SIDE WORKLOAD NODES MILLISECONDS SCHEDULER_CPU APISERVER_CPU
  printf '{"name": "e2e/%s", "scheduler": "%s", "nodes": %d, "pods": %d, "podsPerSecond": %.1f, "cpuMicrosPerPod": %.1f, "apiServerCpuMicrosPerPod": %.1f, "peakRssBytes": %d, "events": %d, "machineLoad": %s, "time": "%s"}\n' \
    "$2" "$1" "$3" "$pods" "$(awk "BEGIN {print $pods * 1000 / $4}")" "$(awk "BEGIN {print $5 * 1000 / $pods}")" \
    "$(awk "BEGIN {print $6 * 1000 / $pods}")" "$(peak "$scheduler")" "$events" "$(cut -d' ' -f1 /proc/loadavg)" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" |
    tee -a "$work/runs" >>"$results"
  tail -n 1 "$work/runs"
}

run_once() {   # SIDE NODES
  local side=$1 nodes=$2 api first last began scheduler_cpu api_cpu
  plane=$work/plane
  KUBECONFIG=$(PORT=${PORT:-26943} tests/kubernetes/control_plane.sh start "$plane" | tail -n 1); export KUBECONFIG
  api=$(<"$plane/kube-apiserver.pid")
  cat >"$plane/scheduler.yaml" <<YAML
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
leaderElection: {leaderElect: false}
clientConnection: {kubeconfig: $KUBECONFIG, qps: 5000, burst: 5000}
YAML
  k apply -f deploy/crds >/dev/null
  local space; for space in warm arriving backlog; do k create namespace "$space" >/dev/null; done
  "$load" "$KUBECONFIG" nodes "$nodes"

  start_scheduler "$side"
  "$load" "$KUBECONFIG" pods warm 10
  "$load" "$KUBECONFIG" bound warm 10 >/dev/null
  "$load" "$KUBECONFIG" bound arriving "$pods" >"$work/times" &
  local watching=$!
  sleep 1; scheduler_cpu=$(cpu "$scheduler") api_cpu=$(cpu "$api") began=$(milliseconds)
  "$load" "$KUBECONFIG" pods arriving "$pods"
  wait "$watching"
  read -r first last <"$work/times"
  settle arriving
  record "$side" arriving "$nodes" $((last - began)) $(($(cpu "$scheduler") - scheduler_cpu)) $(($(cpu "$api") - api_cpu))
  stop_scheduler

  "$load" "$KUBECONFIG" pods backlog "$pods"
  "$load" "$KUBECONFIG" bound backlog "$pods" >"$work/times" &
  watching=$!
  sleep 1; api_cpu=$(cpu "$api")
  start_scheduler "$side"
  wait "$watching"
  read -r first last <"$work/times"
  settle backlog
  record "$side" backlog "$nodes" $((last - first)) "$(cpu "$scheduler")" $(($(cpu "$api") - api_cpu))
  stop_scheduler
  tests/kubernetes/control_plane.sh stop "$plane"; plane=; rm -rf "$work/plane"
}

echo "$pods pods; the machine's load before the first run: $(cut -d' ' -f1-3 /proc/loadavg) on $(nproc) processors"
for nodes in "${sizes[@]}"; do
  for ((round = 0; round < rounds; ++round)); do
    for side in real ebb; do run_once "$side" "$nodes"; done
  done
done
python3 tests/kubernetes/throughput_table.py "$work/runs"
