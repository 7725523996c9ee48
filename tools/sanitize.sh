#!/bin/bash
# The sanitizer leg: address and undefined behaviour for the pure part and every parser of outside input.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset asan >/dev/null
cmake --build build/asan -j"$(nproc)" --target sanitized_tests
ctest --test-dir build/asan --output-on-failure -L sanitized -j"$(nproc)"
