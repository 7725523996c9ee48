#!/bin/bash
# The sandbox's contract and the sample workloads, against a real Kubernetes built from Go modules.
# Without Go, and without programs built earlier, everything here is skipped and says so.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/kubernetes/skip.sh
ebb=${EBB:-$PWD/build/ebb} samples=$PWD/deploy/samples
bin=$(tests/kubernetes/build.sh etcd kube-apiserver kube-controller-manager kubectl kwok) || { skip_or_fail "real Kubernetes" 2 $?; exit; }
work=$(mktemp -d); scheduler=
finish() { local code=$?; [ -z "$scheduler" ] || kill "$scheduler" 2>/dev/null || true; tests/kubernetes/control_plane.sh stop "$work"
  [ "$code" -eq 0 ] || tail -n 20 "$work"/*.log; rm -rf "$work"; exit "$code"; }
trap finish EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }
within() { local until=$((SECONDS + $1)) pattern=$2 out; shift 2
  until out=$("$@" 2>&1) && grep -qE -- "$pattern" <<<"$out"; do [ $SECONDS -lt $until ] || fail "$*: wanted /$pattern/ in time, got: $out"; sleep 0.3; done; }

KUBECONFIG=$(tests/kubernetes/control_plane.sh start "$work" kube-controller-manager kwok | tail -n 1); export KUBECONFIG
k() { "$bin/kubectl" "$@"; }
echo "=== the sandbox's contract, against kube-apiserver $(k version -o json | sed -n 's/.*"gitVersion": "\([^"]*\)".*/\1/p' | tail -n 1)"
python3 tests/contract/contract_test.py "$KUBECONFIG"

echo "=== the sample workloads, with the real controllers and kwok nodes"
for i in 1 2 3; do
  k create -f - >/dev/null <<YAML
apiVersion: v1
kind: Node
metadata:
  name: kwok-$i
  annotations: {kwok.x-k8s.io/node: fake}
  labels: {kubernetes.io/hostname: kwok-$i, node-role.kubernetes.io/worker: "true", workload.type: mixed}
status:
  capacity: {cpu: "16", memory: 64Gi, pods: "110"}
  allocatable: {cpu: "16", memory: 64Gi, pods: "110"}
YAML
done
k apply -f deploy/crds >/dev/null
for ns in openfuyao-system production offline; do k create -f - <<<"{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"$ns\"}}" >/dev/null; done
k wait --for=condition=Established crd/nodereports.scheduling.openfuyao.io --timeout=30s >/dev/null
# kwok measures nothing, and what nobody measures is not oversold: the nodes say themselves that they are nearly idle.
for i in 1 2 3; do
  k create -f - >/dev/null <<YAML
apiVersion: scheduling.openfuyao.io/v1alpha1
kind: NodeReport
metadata: {name: kwok-$i}
spec: {time: "$(date -u +%Y-%m-%dT%H:%M:%SZ)", use: {hls: {cpu: 1, memory: 1Gi}, ls: {cpu: 0, memory: 0}, be: {cpu: 0, memory: 0}, system: {cpu: 200m, memory: 1Gi}}}
YAML
done
"$ebb" scheduler --kubeconfig "$KUBECONFIG" >"$work/scheduler.log" 2>&1 &
scheduler=$!
k apply -f "$samples" >/dev/null
within 60 '^5$' k get deployment online-web-service -n production -o jsonpath='{.status.readyReplicas}'
within 120 '^50$' k get job data-analytics-job -n offline -o jsonpath='{.status.succeeded}'
within 10 ColocationScheduled k get events --field-selector reason=ColocationScheduled
kill -9 "$scheduler"; wait "$scheduler" 2>/dev/null || true
"$ebb" scheduler --kubeconfig "$KUBECONFIG" >"$work/scheduler2.log" 2>&1 &
scheduler=$!
k scale deployment online-web-service -n production --replicas=7 >/dev/null
within 60 '^7$' k get deployment online-web-service -n production -o jsonpath='{.status.readyReplicas}'
echo "the samples ran: 5 online pods, 50 offline completions, and 2 more after the scheduler was killed and started again"
echo "2 passed, 0 failed"
