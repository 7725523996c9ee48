#!/bin/bash
# A real control plane on loopback, from what build.sh made.
#   control_plane.sh start DIR [PROGRAM...]    PROGRAM: kube-controller-manager kube-scheduler kwok; the last line printed is the kubeconfig
#   control_plane.sh stop DIR
# KWOK_STAGES names another file of what kwok's nodes and pods do.
set -euo pipefail
verb=${1:?start or stop}; folder=${2:?a folder for state and logs}; shift 2
version=${KUBERNETES_VERSION:-v1.37.2}; port=${PORT:-26443}
bin=${EBB_KUBERNETES_CACHE:-$HOME/.cache/real-kubernetes}/$version

stop_all() {   # etcd last; gone when this returns, so that ports and files are free again
  local file pid
  for file in "$folder"/kwok.pid "$folder"/kube-*.pid "$folder"/etcd.pid; do
    [ -f "$file" ] || continue
    pid=$(<"$file"); rm -f "$file"
    kill "$pid" 2>/dev/null || continue
    for _ in {1..50}; do kill -0 "$pid" 2>/dev/null || continue 2; sleep 0.1; done
    kill -9 "$pid" 2>/dev/null || true
  done
}
if [ "$verb" = stop ]; then stop_all; exit 0; fi

mkdir -p "$folder"; folder=$(cd "$folder" && pwd); kubeconfig=$folder/kubeconfig
launch() { local name=$1; shift; nohup "$@" >"$folder/$name.log" 2>&1 </dev/null & echo $! >"$folder/$name.pid"; }

client=http://127.0.0.1:$((port - 1)); peer=http://127.0.0.1:$((port - 2))
launch etcd "$bin/etcd" --data-dir "$folder/etcd" --listen-client-urls "$client" --advertise-client-urls "$client" --listen-peer-urls "$peer" \
  --initial-advertise-peer-urls "$peer" --initial-cluster "default=$peer" --unsafe-no-fsync --quota-backend-bytes=8589934592 --log-level warn
[ -f "$folder/sa.key" ] || openssl genrsa -out "$folder/sa.key" 2048 2>/dev/null
openssl rsa -in "$folder/sa.key" -pubout -out "$folder/sa.pub" 2>/dev/null
token=$(openssl rand -hex 16); (umask 077; echo "$token,admin,admin,system:masters" >"$folder/tokens")
# Nodes that no kubelet reports keep no not-ready taint, as in upstream's scheduler benchmark.
launch kube-apiserver "$bin/kube-apiserver" --etcd-servers="$client" --bind-address=127.0.0.1 --secure-port="$port" --cert-dir="$folder/certs" \
  --token-auth-file="$folder/tokens" --service-account-key-file="$folder/sa.pub" --service-account-signing-key-file="$folder/sa.key" \
  --service-account-issuer=https://localhost --service-cluster-ip-range=10.0.0.0/16 --authorization-mode=RBAC --allow-privileged=true \
  --disable-admission-plugins=ServiceAccount,TaintNodesByCondition --max-requests-inflight=3000 --max-mutating-requests-inflight=1000
(umask 077; cat >"$kubeconfig" <<YAML
apiVersion: v1
kind: Config
clusters: [{name: real, cluster: {server: "https://127.0.0.1:$port", certificate-authority: "$folder/certs/apiserver.crt"}}]
users: [{name: admin, user: {token: "$token"}}]
contexts: [{name: real, context: {cluster: real, user: admin}}]
current-context: real
YAML
)
for i in {1..200}; do
  curl -fsk -m 2 -H "Authorization: Bearer $token" "https://127.0.0.1:$port/readyz" >/dev/null 2>&1 && break
  [ "$i" -lt 200 ] || { echo "control_plane.sh: kube-apiserver is not ready, see $folder/kube-apiserver.log" >&2; exit 1; }
  sleep 0.2
done
for program in "$@"; do
  case $program in
    kube-controller-manager) launch "$program" "$bin/$program" --kubeconfig="$kubeconfig" --service-account-private-key-file="$folder/sa.key" \
        --root-ca-file="$folder/certs/apiserver.crt" --bind-address=127.0.0.1 --secure-port=$((port - 3)) --leader-elect=false ;;
    kube-scheduler) launch "$program" "$bin/$program" --kubeconfig="$kubeconfig" --authentication-kubeconfig="$kubeconfig" \
        --authorization-kubeconfig="$kubeconfig" --bind-address=127.0.0.1 --secure-port=0 --leader-elect=false ;;
    kwok) launch "$program" "$bin/$program" --kubeconfig="$kubeconfig" --config="${KWOK_STAGES:-$bin/kwok-stages.yaml}" --manage-all-nodes=true \
        --node-lease-duration-seconds=40 --cidr 10.99.0.0/16 --server-address 127.0.0.1:0 ;;
    *) echo "control_plane.sh: cannot start '$program'" >&2; exit 2 ;;
  esac
done
echo "$kubeconfig"
