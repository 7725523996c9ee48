# For sourcing by tests that need programs of a real Kubernetes: what to do where build.sh has failed.
# Only a missing Go (exit 3) is a reason to skip; a build that fails is a failure.
#   bin=$(tests/kubernetes/build.sh PROGRAM...) || { skip_or_fail NAME COUNT $?; exit; }
skip_or_fail() {
  if [ "$3" -eq 3 ]; then echo "$1: $2 skipped (no Go, and the programs were not built earlier)"; return 0; fi
  echo "$1: building what it needs failed" >&2
  return 1
}
