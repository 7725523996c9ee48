#!/bin/bash
# Upstream's own sig-scheduling tests, unmodified, on a real API server with real controllers and kwok nodes: first with the real
# kube-scheduler, then with `ebb scheduler` in its place. A test that the first passes and the second does not is a failure.
#   scheduling.sh [GINKGO_FOCUS]     reports are left in build/scheduling-{real,ebb}.xml
# SIDES="ebb" runs one side only and compares with the report that the other has left; NODES is how many kwok nodes (4).
# Skipped, with the reason, where the programs are not built and there is no Go to build them.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/kubernetes/skip.sh
bin=$(tests/kubernetes/build.sh etcd kube-apiserver kube-controller-manager kube-scheduler kubectl kwok e2e.test) ||
  { skip_or_fail "upstream's scheduling tests" 1 $?; exit; }
ebb=${EBB:-$PWD/build/ebb} nodes=${NODES:-4} sides=${SIDES:-real ebb} reports=$PWD/build
focus=${1:-'\[sig-scheduling\] (SchedulerPredicates|SchedulerPreemption|SchedulerPriorities|LimitRange|Multi-AZ)'}
mkdir -p "$reports"
work=$(mktemp -d); scheduler=; plane=
finish() {
  local code=$?
  [ -z "$scheduler" ] || kill "$scheduler" 2>/dev/null || true
  [ -z "$plane" ] || tests/kubernetes/control_plane.sh stop "$plane" || true
  rm -rf "$work"; exit "$code"
}
trap finish EXIT

# kwok's own stages, and three things that a kubelet does: what a node has of a resource that was added by hand is allocatable too, a
# pod that was deleted at once is not deleted again by its name, which by then may be another pod's, and a pod with a hook before its end
# takes the time that it was given.
write_stages() {
  local leaves='.metadata.deletionGracePeriodSeconds != 0' hook='any(.spec.containers[]; .lifecycle.preStop != null)'
  awk -v key="    - key: '. | select( $leaves and ($hook | not) ) | .metadata.deletionTimestamp'" '
    /^  name: pod-delete$/ {in_delete = 1}
    in_delete && /key:/ {print key; in_delete = 0; next}
    {print}' "$bin/kwok-stages.yaml"
  cat <<YAML
---
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: {name: pod-delete-after-its-hook}
spec:
  resourceRef: {apiGroup: v1, kind: Pod}
  selector:
    matchExpressions:
    - key: '. | select( $leaves and $hook ) | .metadata.deletionTimestamp'
      operator: 'Exists'
  delay:
    durationFrom: {expressionFrom: '.metadata.deletionTimestamp'}
  next: {delete: true}
YAML
  cat <<'YAML'
---
apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: {name: node-allocatable}
spec:
  resourceRef: {apiGroup: v1, kind: Node}
  weight: 1
  selector:
    matchExpressions:
    - key: '.status | .allocatable as $offered | .capacity | keys[] | select( $offered[.] == null )'
      operator: 'Exists'
  next:
    statusTemplate: |
      allocatable:
      {{ range $name, $amount := .status.capacity }}
        {{ $name }}: {{ $amount | Quote }}
      {{ end }}
YAML
}

# A node says what a kubelet would: the tests compute how much fills it.
create_nodes() {
  local i
  for ((i = 1; i <= nodes; ++i)); do
    cat <<YAML
---
apiVersion: v1
kind: Node
metadata:
  name: kwok-$i
  annotations: {kwok.x-k8s.io/node: fake}
  labels:
    kubernetes.io/hostname: kwok-$i
    kubernetes.io/os: linux
    kubernetes.io/arch: amd64
    topology.kubernetes.io/region: here
    topology.kubernetes.io/zone: zone-$((i % 2))
status:
  addresses: [{type: InternalIP, address: 10.1.0.$i}, {type: Hostname, address: kwok-$i}]
  capacity: {cpu: "8", memory: 32Gi, ephemeral-storage: 100Gi, pods: "110"}
  allocatable: {cpu: "8", memory: 32Gi, ephemeral-storage: 100Gi, pods: "110"}
YAML
  done | "$bin/kubectl" create -f - >/dev/null
  # Some tests wait a minute in vain for what they know from other clusters' nodes.
  local daemon
  for daemon in kube-proxy fluentd-elasticsearch node-problem-detector; do
    for ((i = 1; i <= nodes; ++i)); do
      cat <<YAML
---
apiVersion: v1
kind: Pod
metadata: {name: $daemon-kwok-$i, namespace: kube-system}
spec: {nodeSelector: {kubernetes.io/hostname: kwok-$i}, priorityClassName: system-node-critical, containers: [{name: main, image: example.com/$daemon}]}
YAML
    done
  done | "$bin/kubectl" create -f - >/dev/null
  "$bin/kubectl" wait --for=condition=Ready nodes --all --timeout=120s >/dev/null
}

# The scheduler of every pod that names none, with upstream's own defaults.
start_ebb() {
  cat >"$plane/scheduler.yaml" <<YAML
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
leaderElection: {leaderElect: false}
clientConnection: {kubeconfig: $KUBECONFIG}
profiles: [{schedulerName: default-scheduler}]
YAML
  "$bin/kubectl" apply -f deploy/crds >/dev/null
  "$ebb" scheduler --config "$plane/scheduler.yaml" >"$plane/ebb.log" 2>&1 &
  scheduler=$!
}

run_side() {   # SIDE PORT
  local side=$1 programs=(kube-controller-manager kwok)
  plane=$work/$side
  rm -f "$reports/scheduling-$side.xml"
  [ "$side" = real ] && programs+=(kube-scheduler)
  mkdir -p "$plane"; write_stages >"$plane/stages.yaml"
  KUBECONFIG=$(KWOK_STAGES=$plane/stages.yaml PORT=$2 tests/kubernetes/control_plane.sh start "$plane" "${programs[@]}" | tail -n 1); export KUBECONFIG
  create_nodes
  [ "$side" = ebb ] && start_ebb
  # Its exit code says only that some test failed; which ones is compared below.
  HOME=$work "$bin/e2e.test" -kubeconfig "$KUBECONFIG" -ginkgo.no-color -ginkgo.focus="$focus" -ginkgo.timeout=60m -ginkgo.silence-skips \
    -ginkgo.v -ginkgo.seed=1 -ginkgo.junit-report="$reports/scheduling-$side.xml" >"$reports/scheduling-$side.log" 2>&1 || true
  if [ "$side" = ebb ]; then
    kill -0 "$scheduler" 2>/dev/null || { echo "ebb scheduler ended during the tests:"; tail -n 20 "$plane/ebb.log"; return 1; }
    kill "$scheduler"; wait "$scheduler" 2>/dev/null || true; scheduler=
  fi
  cp "$plane"/*.log "$reports/" 2>/dev/null || true
  tests/kubernetes/control_plane.sh stop "$plane"; plane=
  [ -f "$reports/scheduling-$side.xml" ] || { tail -n 30 "$reports/scheduling-$side.log"; return 1; }
}

port=${PORT:-26743}
for side in $sides; do run_side "$side" "$port"; done
python3 tests/kubernetes/compare_reports.py "$reports/scheduling-real.xml" "$reports/scheduling-ebb.xml"
