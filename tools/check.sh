#!/bin/bash
# The fast checks of structure: layers, coroutines, format; purity too where a build is there.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=0
python3 tools/check_layers.py || failed=1
python3 tools/check_coroutines.py || failed=1
python3 tools/check_length.py || failed=1
if ! git ls-files '*.cc' '*.h' | xargs clang-format-19 --dry-run -Werror 2>/tmp/ebb-format.$$; then
  grep -E 'error:' /tmp/ebb-format.$$ | cut -d: -f1 | sort | uniq -c | head -20
  echo "format: run make format"; failed=1
else echo "format: clean"; fi
rm -f /tmp/ebb-format.$$
if [ -n "$(find build/src/model -name '*.a' 2>/dev/null)" ]; then tools/check_pure.sh build || failed=1; else echo "purity: skipped, nothing is built in build/"; fi
exit $failed
