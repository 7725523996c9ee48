#!/bin/bash
# Clients that nobody here wrote, told to speak JSON, against `ebb up`: the real kube-scheduler binds pods, kwok runs nodes, and the
# real kube-controller-manager makes the pods of Deployments and Jobs.
# Skipped, with the reason, where they are not built and there is no Go to build them.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/kubernetes/skip.sh
bin=$(tests/kubernetes/build.sh kubectl kube-scheduler kube-controller-manager kwok) || { skip_or_fail "other clients" 3 $?; exit; }
work=$(mktemp -d); pids=()
finish() { local code=$?; for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  [ "$code" -eq 0 ] || tail -n 25 "$work"/*.log; rm -rf "$work"; exit "$code"; }
trap finish EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }
within() { local until=$((SECONDS + $1)) pattern=$2 out; shift 2
  until out=$("$@" 2>&1) && grep -qE -- "$pattern" <<<"$out"; do [ $SECONDS -lt $until ] || fail "$*: wanted /$pattern/ in time, got: $out"; sleep 0.3; done; }
launch() { local name=$1; shift; "$@" >"$work/$name.log" 2>&1 & pids+=($!); }
sandbox() {   # FLAGS...: a new one; everything of the one before is gone
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; done; pids=()
  rm -f "$work"/*; export KUBECONFIG=$work/kubeconfig
  "${EBB:-build/ebb}" up --kubeconfig "$KUBECONFIG" "$@" >"$work/ready" 2>"$work/up.log" & pids+=($!)
  within 10 '^ready' cat "$work/ready"
}
k() { "$bin/kubectl" "$@"; }

sandbox --nodes 3 --no-scheduler
cat >"$work/scheduler.yaml" <<YAML
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
leaderElection: {leaderElect: false}
clientConnection: {kubeconfig: $KUBECONFIG, contentType: application/json, acceptContentTypes: application/json}
YAML
launch kube-scheduler "$bin/kube-scheduler" --config="$work/scheduler.yaml" --bind-address=127.0.0.1 --secure-port=0
k create deployment web --image=example.com/app:1 --replicas=6 --dry-run=client -o json | k create -f - >/dev/null
within 60 '^6$' k get deployment web -o jsonpath='{.status.readyReplicas}'
within 10 'Successfully assigned' k get events --field-selector reason=Scheduled
echo "kube-scheduler: bound 6 pods, and they ran"

sandbox --nodes 0
k create -f - >/dev/null <<YAML
apiVersion: v1
kind: Node
metadata: {name: kwok-1, annotations: {kwok.x-k8s.io/node: fake}, labels: {kubernetes.io/hostname: kwok-1}}
status: {capacity: {cpu: "16", memory: 64Gi, pods: "110"}, allocatable: {cpu: "16", memory: 64Gi, pods: "110"}}
YAML
# Its leases are written in protobuf, whatever it is told; its heartbeats in JSON.
launch kwok "$bin/kwok" --kubeconfig="$KUBECONFIG" --config="$bin/kwok-stages-without-lease.yaml" --manage-all-nodes=true --node-lease-duration-seconds=0 --cidr 10.99.0.0/16 --server-address 127.0.0.1:0
k create deployment web --image=example.com/app:1 --replicas=4 --dry-run=client -o json >"$work/web.json"
k create -f "$work/web.json" >/dev/null
k patch deployment web --type=merge -p '{"spec":{"template":{"spec":{"schedulerName":"openfuyao-scheduler"}}}}' >/dev/null
within 60 '^4$' k get deployment web -o jsonpath='{.status.readyReplicas}'
echo "kwok: runs a node, and 4 pods on it"

sandbox --nodes 3 --no-controllers
launch kube-controller-manager "$bin/kube-controller-manager" --kubeconfig="$KUBECONFIG" --kube-api-content-type=application/json --bind-address=127.0.0.1 --secure-port=0 --leader-elect=false
for ns in openfuyao-system production offline; do k create -f - <<<"{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"$ns\"}}" >/dev/null; done
k apply -f deploy/samples >/dev/null
within 90 '^5$' k get deployment online-web-service -n production -o jsonpath='{.status.readyReplicas}'
within 60 '^[1-9]' k get job data-analytics-job -n offline -o jsonpath='{.status.active}'
k delete deployment online-web-service -n production --timeout=60s >/dev/null
within 60 'No resources found' k get replicasets,pods -n production
echo "kube-controller-manager: made the samples' pods, and its garbage collector took them away"
echo "3 passed, 0 failed"
