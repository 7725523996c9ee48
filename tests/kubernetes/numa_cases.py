#!/usr/bin/env python3
"""What numa_oracle.sh does with cases of the kubelet oracle (tests/kubernetes/numa_oracle), one JSON object a line.

  numa_cases.py shrink ORACLE DRIVER <CASE    leaves out what the difference between kubelet and Ebb does not need
  numa_cases.py choose FILE                   some 200 small cases that reach every policy, option, scope, answer and kind of pod
"""
import copy
import json
import subprocess
import sys

CHOSEN = 200
TIMES = 6  # each trait is shown by so many cases, where there are so many


def text(case):
    return json.dumps(case, separators=(",", ":"))


def shrink(oracle, driver):
    def differs(case):
        answered = subprocess.run([oracle], input=text(case), capture_output=True, text=True)
        if answered.returncode != 0:
            return None
        compared = subprocess.run([driver, "-"], input=answered.stdout, capture_output=True, text=True)
        return json.loads(answered.stdout) if compared.returncode == 1 else None

    def without(case, path, i):
        smaller = copy.deepcopy(case)
        part = smaller
        for key in path:
            part = part[key]
        if isinstance(part, list):
            del part[i]
        else:
            part.pop(i)
        return smaller

    def parts(case):
        for i in reversed(range(len(case.get("events", [])))):
            yield ("events",), i
        for i, event in enumerate(case.get("events", [])):
            for j in range(len(event.get("containers", []))):
                if len(event["containers"]) > 1:
                    yield ("events", i, "containers"), j
        for options in ("topologyOptions", "cpuOptions"):
            for name in case["kubelet"].get(options, {}):
                yield ("kubelet", options), name

    case = differs(json.loads(sys.stdin.readline()))
    if case is None:
        sys.exit("numa_cases.py: the case does not differ")
    progress = True
    while progress:
        progress = False
        for path, i in parts(case):
            smaller = differs(without(case, path, i))
            if smaller is not None:
                case, progress = smaller, True
                break
    print(text(case))


def traits(case):
    kubelet = case["kubelet"]
    policy = kubelet["topologyPolicy"]
    found = {("policy", policy, kubelet["scope"], kubelet["cpuPolicy"], kubelet["memoryPolicy"]), ("nodes", len(case["nodes"]))}
    if case.get("error"):
        return {("error", case["error"].split(":")[0][:60])}
    options = sorted([*kubelet.get("cpuOptions", {}), *kubelet.get("topologyOptions", {})])
    found |= {("option", policy, option) for option in options} | {("options", *options)}
    for event in case.get("events", []):
        if event["op"] != "add":
            continue
        message = "".join(c for c in event.get("message", "") if not c.isdigit())
        kinds = {c.get("kind", "") for c in event["containers"]}
        wide = max((len(b["nodes"]) for c in event["containers"] for b in c.get("memory", [])), default=0)
        pages = any(c.get("pagesMi") for c in event["containers"])
        found |= {("answer", policy, kubelet["scope"], message), ("wide", policy, wide), ("pages", policy, pages, event.get("reason"))}
        found |= {("kind", kind, event.get("reason")) for kind in kinds}
        found |= {("option answer", option, event.get("reason")) for option in options}
    return found


def choose(path):
    cases = [(traits(json.loads(line)), line) for line in open(path)]
    cases.sort(key=lambda one: len(one[1]))
    seen = {}
    chosen = []
    while len(chosen) < CHOSEN:
        worth = lambda one: sum(1.0 / (1 + seen.get(trait, 0)) for trait in one[0] if seen.get(trait, 0) < TIMES) / (600 + len(one[1]))
        best = max(cases, key=worth)
        if worth(best) == 0:
            break
        cases.remove(best)
        chosen.append(best[1])
        for trait in best[0]:
            seen[trait] = seen.get(trait, 0) + 1
    sys.stdout.writelines(chosen)


if __name__ == "__main__":
    if sys.argv[1:2] == ["shrink"] and len(sys.argv) == 4:
        shrink(sys.argv[2], sys.argv[3])
    elif sys.argv[1:2] == ["choose"] and len(sys.argv) == 3:
        choose(sys.argv[2])
    else:
        sys.exit(__doc__)
