#!/bin/bash
# The core is pure: the object files of core, model and world call nothing that could differ between
# two runs. Looks at their undefined symbols, so a macro or a library cannot hide a call.
#   check_pure.sh BUILD_DIR
set -euo pipefail
build=${1:?the build directory}
forbidden='chrono::.*clock::now|\b(clock_gettime|gettimeofday|time|clock|localtime(_r)?|gmtime(_r)?|nanosleep|usleep|sleep|rand|srand|random|rand_r|drand48|arc4random|getrandom|getentropy|getenv|secure_getenv|setlocale|open|open64|openat|fopen|fopen64|popen|read|write|socket|connect|getpid|gethostname|pthread_create|sched_yield)$|random_device|basic_filebuf|basic_[io]?fstream|std::thread|this_thread|std::filesystem|std::cout|std::cerr|absl.*[Hh]ash'
archives=$(find "$build/src/model" "$build/src/core" "$build/src/world" -name '*.a' | sort)
[ -n "$archives" ] || { echo "check_pure: no libraries of model, core or world under $build" >&2; exit 2; }
found=0
for archive in $archives; do
  symbols=$(llvm-nm-19 -C -u -A "$archive" 2>/dev/null | sed -E 's/@.*$//; s/^([^ ]+): +U /\1 /' | grep -E "^[^ ]+ .*($forbidden)" || true)
  [ -z "$symbols" ] || { echo "$symbols" | sort | uniq; found=1; }
done
[ $found -eq 0 ] || { echo "check_pure: the symbols above read a clock, a file, the environment, randomness or a thread" >&2; exit 1; }
echo "purity: $(wc -w <<<"$archives") libraries call nothing that could differ between two runs"
