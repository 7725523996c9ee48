#!/bin/bash
# kubectl against `ebb up`: what a person types, with every kubectl at hand. Each step says what it expects; the first that does
# not hold ends the run with the sandbox's log.
#   run.sh [KUBECTL...]     default: $KUBECTLS, what tests/kubernetes/build.sh has built, or kubectl on the PATH
# Debian has no kubectl: where there is none and no Go to build one, the run is skipped and says so.
set -euo pipefail
cd "$(dirname "$0")/../.."
source tests/kubernetes/skip.sh
ebb=${EBB:-$PWD/build/ebb} samples=$PWD/deploy/samples
cache=${EBB_KUBERNETES_CACHE:-$HOME/.cache/real-kubernetes}

kubectls=("$@")
[ ${#kubectls[@]} -gt 0 ] || read -ra kubectls <<<"${KUBECTLS:-}"
[ ${#kubectls[@]} -gt 0 ] || mapfile -t kubectls < <(ls -d "$cache"/*/kubectl 2>/dev/null; command -v kubectl || true)
if [ ${#kubectls[@]} -eq 0 ]; then
  folder=$(tests/kubernetes/build.sh kubectl) || { skip_or_fail kubectl 1 $?; exit; }
  kubectls=("$folder/kubectl")
fi

work=$(mktemp -d); sandbox=
finish() { local code=$?; [ -z "$sandbox" ] || kill "$sandbox" 2>/dev/null || true; wait 2>/dev/null || true
  [ "$code" -eq 0 ] || { echo "--- the sandbox's log"; tail -n 40 "$work/up.log" 2>/dev/null || true; }; rm -rf "$work"; exit "$code"; }
trap finish EXIT

fail() { echo "FAILED: $*" >&2; exit 1; }
# expect PATTERN COMMAND...: the command succeeds and prints something that matches.
expect() { local pattern=$1 out; shift; out=$("$@" 2>&1) || fail "$* -> exit $?: $out"; grep -qE -- "$pattern" <<<"$out" || fail "$*: wanted /$pattern/, got: $out"; }
# within SECONDS PATTERN COMMAND...: the same, soon.
within() { local until=$((SECONDS + $1)) pattern=$2 out; shift 2
  until out=$("$@" 2>&1) && grep -qE -- "$pattern" <<<"$out"; do [ $SECONDS -lt $until ] || fail "$*: wanted /$pattern/ in time, got: $out"; sleep 0.2; done; }

try_version() {
  local kubectl=$1 apply=("${@:2}")
  export KUBECONFIG=$work/kubeconfig HOME=$work/home; mkdir -p "$HOME"
  "$ebb" up --nodes 3 --kubeconfig "$KUBECONFIG" >"$work/ready" 2>"$work/up.log" &
  sandbox=$!
  within 10 '^ready kubeconfig=' cat "$work/ready"
  k() { "$kubectl" "$@"; }

  expect 'is running at' k cluster-info
  expect 'yes' k auth can-i create pods
  expect '3' k get nodes --no-headers -o custom-columns=N:.metadata.name
  for ns in openfuyao-system production offline; do expect created k create -f - <<<"{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"$ns\"}}"; done
  expect 'configmap/openfuyao-colocation-config (created|serverside-applied)' k "${apply[@]}" -f "$samples/openfuyao-colocation-config.yaml"
  expect 'configmap/node-colocation-config (created|serverside-applied)' k "${apply[@]}" -f "$samples/node-colocation-config.yaml"
  expect '(created|serverside-applied)' k "${apply[@]}" -f "$samples/online-web-deployment.yaml"
  expect '(created|serverside-applied)' k "${apply[@]}" -f "$samples/offline-analytics-job.yaml"
  expect '(unchanged|serverside-applied)' k "${apply[@]}" -f "$samples/online-web-deployment.yaml"
  expect '(unchanged|serverside-applied)' k "${apply[@]}" -f "$samples/offline-analytics-job.yaml"
  expect 'successfully rolled out' k rollout status deployment/online-web-service -n production --timeout=60s
  expect 'condition met' k wait --for=condition=Available deployment/online-web-service -n production --timeout=60s
  expect '5/5 ' k get deployment online-web-service -n production
  expect 'online-web-service.*Running.*node-' k get pods -n production -o wide
  expect 'app=online-web' k get pods -n production --show-labels
  (timeout 3 "$kubectl" get pods -n offline -w || true) >"$work/watch.txt" 2>&1
  grep -q data-analytics-job "$work/watch.txt" || fail "get pods -w showed nothing: $(cat "$work/watch.txt")"
  for kind in deploy job node cm; do expect 'kind: List' k get $kind -A -o yaml; done
  within 10 'kubernetes.io/batch-cpu' k describe nodes
  expect 'Allocated resources' k describe nodes
  expect 'ColocationScheduled' k describe pod -n production -l app=online-web --show-events   # of several objects, newer ones show events only so
  expect 'ColocationScheduled' k get events --field-selector reason=ColocationScheduled
  within 30 'node-[0-9a-z-]+ +[0-9]+m' k top nodes
  within 30 'online-web-service' k top pods -n production
  expect 'scaled' k scale deployment/online-web-service -n production --replicas=3
  expect 'successfully rolled out' k rollout status deployment/online-web-service -n production --timeout=60s
  within 20 '3/3 ' k get deployment online-web-service -n production
  expect 'simulated' bash -c "\"$kubectl\" logs -n production deploy/online-web-service 2>&1 || true"
  expect 'kind: Deployment|KIND:' k explain deployment
  expect 'labeled|not labeled' k label node --all zone=a --overwrite
  expect 'deleted' k delete deployment online-web-service -n production --wait=true --timeout=60s
  within 30 'No resources found' k get pods -n production -l app=online-web
  expect 'deleted' k delete job data-analytics-job -n offline --timeout=60s
  expect 'deleted' k delete namespace production offline --timeout=60s

  kill -TERM "$sandbox"; wait "$sandbox" || fail "ebb up ended with $?"
  sandbox=
}

passed=0
for kubectl in "${kubectls[@]}"; do
  version=$("$kubectl" version --client -o json | sed -n 's/.*"gitVersion": "\([^"]*\)".*/\1/p' | head -n 1)
  for mode in apply "apply --server-side"; do
    read -ra words <<<"$mode"
    try_version "$kubectl" "${words[@]}"
    echo "kubectl $version, $mode: ok"; passed=$((passed + 1))
  done
done
echo "$passed passed, 0 failed"
