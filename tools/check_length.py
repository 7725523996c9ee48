#!/usr/bin/env python3
"""A file has one concept: no source file over 600 lines (tables of tests may reach 900)."""
import pathlib
import sys

problems = []
for file in sorted(pathlib.Path("src").rglob("*")):
    if file.suffix not in (".h", ".cc"):
        continue
    limit = 900 if file.name.endswith("_test.cc") else 600
    lines = sum(1 for _ in file.open(errors="replace"))
    if lines > limit:
        problems.append(f"{file}: {lines} lines, at most {limit}: find the second concept")
for problem in problems:
    print(problem)
if problems:
    sys.exit(1)
print("length: no file over its limit")
