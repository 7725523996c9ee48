#!/bin/bash
# Builds real Kubernetes programs from ordinary Go modules, so that the sandbox can be compared with what it stands in for.
#   build.sh [-v VERSION] PROGRAM...     prints the folder they are in; what is there already is not built again
# PROGRAM: etcd kube-apiserver kube-controller-manager kube-scheduler kubectl kwok e2e.test numa_oracle profile_oracle scheduler_oracle
# Exit 3 and one line on standard error where Go is missing: callers skip then.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=${KUBERNETES_VERSION:-v1.37.2}
if [ "${1:-}" = -v ]; then version=$2; shift 2; fi
folder=${EBB_KUBERNETES_CACHE:-$HOME/.cache/real-kubernetes}/$version
missing=()
there() {
  [ -x "$folder/$1" ] || return 1
  case $1 in
    kwok) [ -f "$folder/kwok-stages-without-lease.yaml" ] ;;
    *_oracle) [ -z "$(find "$here/$1" -name "*.go" -newer "$folder/$1")" ] ;;   # ours, and it changes
  esac
}
for program in "$@"; do there "$program" || missing+=("$program"); done
[ ${#missing[@]} -eq 0 ] && { echo "$folder"; exit 0; }
command -v go >/dev/null || { echo "build.sh: no Go on this machine, so ${missing[*]} $version cannot be built" >&2; exit 3; }

kwok_version=v0.8.0
etcd_version=v3.7.0; [[ $version < v1.37 ]] && etcd_version=v3.6.5
export GOTOOLCHAIN=local GOFLAGS=-mod=mod CGO_ENABLED=0
mkdir -p "$folder/module"; cd "$folder/module"

# k8s.io/kubernetes points its staging modules at relative paths, which a consumer does not inherit: name their published versions.
if [ ! -f go.mod ]; then
  upstream=$(go mod download -json "k8s.io/kubernetes@$version" | sed -n 's/^.*"GoMod": "\([^"]*\)".*$/\1/p')
  {
    echo "module ebb.test/kubernetes"; echo; echo "go $(go env GOVERSION | sed 's/^go//')"; echo
    echo "require k8s.io/kubernetes $version"; echo; echo "replace ("
    awk -v staged="v0.${version#v1.}" '/=> \.\/staging\// {print "\t" $1, "=>", $1, staged}' "$upstream"
    echo ")"
  } >go.mod.partial
  mv go.mod.partial go.mod
fi

minor=${version#v1.}; minor=${minor%%.*}
stamp="-s -w"
for field in gitVersion=$version gitMajor=1 gitMinor=$minor; do stamp+=" -X k8s.io/component-base/version.$field"; done

component() {   # NAME CONSTRUCTOR: a main of our own over the component's command package
  mkdir -p "cmd/$1"
  cat >"cmd/$1/main.go" <<GO
package main

import (
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/$1/app"
)

func main() { os.Exit(cli.Run(app.$2())) }
GO
  go build -ldflags "$stamp" -o "$folder/$1" "./cmd/$1"
}

for program in "${missing[@]}"; do
  echo "building $program $version" >&2
  case $program in
    kube-apiserver) component "$program" NewAPIServerCommand ;;
    kube-controller-manager) component "$program" NewControllerManagerCommand ;;
    kube-scheduler) component "$program" NewSchedulerCommand ;;
    kubectl) go build -ldflags "$stamp" -o "$folder/kubectl" k8s.io/kubernetes/cmd/kubectl ;;
    etcd)
      mkdir -p cmd/etcd
      printf 'package main\n\nimport (\n\t"os"\n\n\t"go.etcd.io/etcd/server/v3/etcdmain"\n)\n\nfunc main() { etcdmain.Main(os.Args) }\n' >cmd/etcd/main.go
      go get "go.etcd.io/etcd/server/v3@$etcd_version" >&2
      go build -ldflags "-s -w" -o "$folder/etcd" ./cmd/etcd ;;
    kwok)
      GOBIN=$folder go install -ldflags "-s -w" "sigs.k8s.io/kwok/cmd/kwok@$kwok_version"
      stages=$(go env GOMODCACHE)/sigs.k8s.io/kwok@$kwok_version/kustomize/stage   # what its nodes and pods do comes with the module
      write_stages() { local stage; for stage in node/fast/node-initialize.yaml "$1" pod/fast/pod-*.yaml; do cat "$stage"; printf '\n---\n'; done; }
      (cd "$stages" && write_stages node/heartbeat-with-lease/node-heartbeat-with-lease.yaml) >"$folder/kwok-stages.yaml"
      (cd "$stages" && write_stages node/heartbeat/node-heartbeat.yaml) >"$folder/kwok-stages-without-lease.yaml" ;;
    e2e.test)
      go get "k8s.io/kubernetes/test/e2e@$version" >&2
      go test -c -ldflags "-s -w" -o "$folder/e2e.test" k8s.io/kubernetes/test/e2e ;;
    *_oracle)
      mkdir -p "cmd/$program"; cp "$here/$program"/*.go "cmd/$program/"
      go build -ldflags "-s -w" -o "$folder/$program" "./cmd/$program" ;;
    *) echo "build.sh: unknown program '$program'" >&2; exit 2 ;;
  esac
done
echo "$folder"
