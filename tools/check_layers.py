#!/usr/bin/env python3
"""Folders are layers: who may include whom, and no cycles between folders.

Reads the #include lines under src/ and compares them with ALLOWED, which is the table of
docs/architecture.md. Prints the file and line of every violation, and the shortest cycle of folders.
"""
import collections
import pathlib
import re
import sys

ALLOWED = {
    "base": [],
    "model": ["base"],
    "core": ["base", "model"],
    "ports": ["base", "model"],
    "services": ["base", "model", "core", "ports"],
    "world": ["base", "model", "core"],
    "sim": ["base", "model", "core", "ports", "services", "world"],
    "kube": ["base", "model", "ports"],
    "telemetry": ["base", "model", "ports"],
    "sandbox": ["base", "model", "core", "ports", "kube", "world", "telemetry"],
    "cli": ["base", "model", "core", "ports", "services", "world", "kube", "telemetry", "sandbox", "sim"],
}
# Libraries whose types would tie a layer to them: never in these layers' headers, and only in the named sources.
FOREIGN = re.compile(r'#include <(boost|openssl|simdjson|yaml-cpp|CLI|spdlog|sqlite3|prometheus)')
OWN_HEADERS_ONLY = {"model", "core", "ports", "services", "world", "sim"}
INCLUDE = re.compile(r'\s*#include "([^"]+)"')


def layer(path):
    return path.split("/")[0]


def folder(path):
    return path.rsplit("/", 1)[0]


def check(src):
    problems = []
    graph = collections.defaultdict(dict)  # folder -> folder -> first place
    for file in sorted(src.rglob("*")):
        if file.suffix not in (".h", ".cc"):
            continue
        name = file.relative_to(src).as_posix()
        is_test = name.endswith(("_test.cc", "_bench.cc"))
        if layer(name) not in ALLOWED:
            problems.append(f"src/{name}: folder '{layer(name)}' is in no layer of tools/check_layers.py")
            continue
        for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
            if FOREIGN.match(line) and file.suffix == ".h" and layer(name) in OWN_HEADERS_ONLY:
                problems.append(f"src/{name}:{number}: a third-party type in a header of layer '{layer(name)}': {line.strip()}")
            match = INCLUDE.match(line)
            if not match:
                continue
            target = match.group(1)
            if not (src / target).exists():
                problems.append(f"src/{name}:{number}: includes \"{target}\", which is not a path from src/")
                continue
            if layer(target) != layer(name) and layer(target) not in ALLOWED[layer(name)]:
                problems.append(f"src/{name}:{number}: layer '{layer(name)}' may not include '{layer(target)}' ({name} -> {target})")
            if folder(target) != folder(name) and not is_test:
                graph[folder(name)].setdefault(folder(target), f"src/{name}:{number}")
    cycle = shortest_cycle(graph)
    if cycle:
        problems.append("cycle of folders: " + " -> ".join(cycle) + "; " + "; ".join(
            f"{graph[a][b]} includes {b}" for a, b in zip(cycle, cycle[1:])))
    return problems


def shortest_cycle(graph):
    best = None
    for start in sorted(graph):
        came = {start: None}
        queue = collections.deque([start])
        while queue:
            here = queue.popleft()
            for there in sorted(graph.get(here, ())):
                if there == start:
                    path = [start]
                    while here is not None:
                        path.append(here)
                        here = came[here]
                    path.reverse()
                    if best is None or len(path) < len(best):
                        best = path
                    queue.clear()
                    break
                if there not in came:
                    came[there] = here
                    queue.append(there)
    return best


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "src")
    problems = check(root)
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(1)
    print(f"layers: {sum(1 for _ in root.rglob('*.h')) + sum(1 for _ in root.rglob('*.cc'))} files keep the table, no cycle of folders")


if __name__ == "__main__":
    main()
