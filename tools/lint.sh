#!/bin/bash
# clang-tidy on what changed since BASE (default: the previous commit, and whatever is uncommitted).
#   lint.sh [--all | BASE]     LINT_MAX files at most; those left out are counted
set -euo pipefail
cd "$(dirname "$0")/.."
# A folder of its own, without precompiled headers: they would have to be built first.
cmake --preset release -B build/lint -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null
if [ "${1:-}" = --all ]; then mapfile -t files < <(git ls-files 'src/*.cc')
else
  base=${1:-$(git rev-parse --verify -q HEAD~1 || git hash-object -t tree /dev/null)}
  mapfile -t files < <(git diff --name-only --diff-filter=d "$base" -- 'src/*.cc')
fi
most=${LINT_MAX:-1000}
left=$((${#files[@]} > most ? ${#files[@]} - most : 0))
files=("${files[@]:0:$most}")
[ ${#files[@]} -gt 0 ] || { echo "lint: nothing changed"; exit 0; }
printf '%s\n' "${files[@]}" | xargs -P "$(nproc)" -n 4 clang-tidy-19 -p build/lint --quiet 2>/dev/null
echo "lint: ${#files[@]} files clean, $left left out"
