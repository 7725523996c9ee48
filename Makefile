# One verb, one line. `make demo` and `make test` do all the set-up themselves.
.DEFAULT_GOAL := help
help:            ; @grep -oE '^[a-z-]+:' Makefile | tr -d : | paste -sd' '
.PHONY: help setup build demo test test-kubernetes test-kubectl bench bench-check bench-e2e test-conformance test-scheduling test-clients test-numa lint format check fuzz asan tsan gcc ci clean
MAKEFLAGS += --no-print-directory
JOBS ?= $(shell nproc)
PRESET = cmake --preset $(1) >/dev/null

setup:           ; @tools/setup.sh
build: setup     ; @$(call PRESET,release) && cmake --build build -j$(JOBS) --target ebb
demo: build      ; @build/ebb demo $(ARGS)
test: setup      ; @$(call PRESET,release) && cmake --build build -j$(JOBS) --target ebb tests && ctest --test-dir build --output-on-failure -j$(JOBS)
test-kubernetes: build ; @tests/kubernetes/run.sh
test-kubectl: build    ; @tests/kubectl/run.sh
test-conformance: build ; @tests/kubernetes/conformance.sh
test-scheduling: build ; @tests/kubernetes/scheduling.sh $(ARGS)
test-clients: build    ; @tests/kubernetes/other_clients.sh
test-numa: build       ; @cmake --build build -j$(JOBS) --target ebb_numa_oracle && tests/kubernetes/numa_oracle.sh $(ARGS)
bench: setup     ; @$(call PRESET,release) && cmake --build build -j$(JOBS) --target ebb benches && tools/bench.sh
bench-e2e: build  ; @cmake --build build -j$(JOBS) --target ebb_bind_load && tests/kubernetes/throughput.sh $(ARGS)
bench-check: setup ; @$(call PRESET,release) && cmake --build build -j$(JOBS) --target ebb_speed && bench/check_instructions.py build/bench/ebb_speed $(ARGS)
lint: setup      ; @tools/lint.sh $(ARGS)
format: setup    ; @git ls-files '*.cc' '*.h' | xargs clang-format-19 -i
check: setup     ; @tools/check.sh
fuzz: setup      ; @$(call PRESET,fuzz) && cmake --build build/fuzz -j$(JOBS) --target fuzz_targets && tools/fuzz.sh $(ARGS)
asan: setup      ; @$(call PRESET,asan) && cmake --build build/asan -j$(JOBS) --target tests && ctest --test-dir build/asan --output-on-failure
tsan: setup      ; @$(call PRESET,tsan) && cmake --build build/tsan -j$(JOBS) --target tests && ctest --test-dir build/tsan --output-on-failure
gcc: setup       ; @$(call PRESET,gcc) && cmake --build build/gcc -j$(JOBS) --target tests && ctest --test-dir build/gcc --output-on-failure
ci:              ; @bash .ci/run
clean:           ; @rm -rf build
