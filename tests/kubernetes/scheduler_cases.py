#!/usr/bin/env python3
"""Cases of the scheduler oracle, one JSON object a line, from standard input to standard output.

  scheduler_cases.py slim                      without the fields that no decision reads
  scheduler_cases.py choose [EACH]             small ones that together reach everything EACH times (6)
  scheduler_cases.py shrink ORACLE DRIVER      the first one, made smaller for as long as Ebb still differs
"""
import copy
import itertools
import json
import subprocess
import sys
import tempfile

UNREAD = {"daemonEndpoints", "nodeInfo", "terminationMessagePath", "terminationMessagePolicy", "imagePullPolicy", "securityContext",
          "dnsPolicy", "terminationGracePeriodSeconds", "enableServiceLinks", "restartPolicy", "lastHeartbeatTime", "lastTransitionTime",
          "deletionGracePeriodSeconds", "loadBalancer", "containerPort"}
LISTS = ["pods", "budgets", "services", "controllers", "replicaSets", "statefulSets", "namespaces", "attachments", "capacities", "claims",
         "volumes", "storageClasses", "csiDrivers", "csiNodes", "nodes"]
KEPT = {"name", "namespace", "uid", "nodeName", "schedulerName", "case", "phase", "conditions"}


def slim(value, path=()):
    if isinstance(value, list):
        return [slim(item, path) for item in value]
    if not isinstance(value, dict):
        return value
    out = {}
    for key, item in value.items():
        if item is None or item in ({}, "") and path[-1:] != ("taints",) and key in ("status", "creationTimestamp", "strategy"):
            continue
        if key in UNREAD and not (key == "restartPolicy" and item == "Always" and "initContainers" in path):
            continue
        out[key] = slim(item, path + (key,))
    return out


def reached(case):
    """What this case is a witness of."""
    answer, marks = case["answer"], set()
    if answer.get("whole"):
        marks.add("whole " + answer["whole"]["reasons"][0])
    if answer.get("named"):
        marks.add("named")
    for refused in answer.get("refused", {}).values():
        marks |= {refused["plugin"] + reason for reason in refused["reasons"]}
    for plugin in {name for points in answer.get("scores", {}).values() for name in points}:
        if len({points.get(plugin) for points in answer["scores"].values()}) > 2:
            marks.add("points " + plugin)
    candidates = answer.get("candidates", [])
    if candidates:
        marks.add(f"candidates {min(len(candidates), 3)}")
        marks.add(f"victims {min(max(len(one['victims']) for one in candidates), 3)}")
        if any(one["violations"] for one in candidates):
            marks.add("violations")
    spec = case["pod"]["spec"]
    marks |= {"spec " + key for key in ("overhead", "resources", "initContainers", "nodeSelector", "tolerations") if spec.get(key)}
    for constraint in spec.get("topologySpreadConstraints", []):
        marks |= {"spread " + key for key in constraint} | {"spread " + constraint["whenUnsatisfiable"]}
    for name, rules in spec.get("affinity", {}).items():
        text = json.dumps(rules)
        marks |= {f"{name} {word}" for word in ("required", "preferred", "namespaceSelector", "namespaces", "LabelKeys", "NotIn", "DoesNotExist",
                                                '"Exists', '"Gt', '"Lt', "matchFields") if word in text}
    for kind in ("services", "controllers", "replicaSets", "statefulSets"):
        if case.get(kind) and any(points.get("PodTopologySpread") for points in answer.get("scores", {}).values()):
            marks.add("default spread " + kind)
    return marks


def choose(lines, each):
    times, kept = {}, []
    cases = sorted((slim(json.loads(line)) for line in lines), key=lambda case: len(json.dumps(case)))
    for case in cases:
        marks = reached(case)
        if any(times.get(mark, 0) < each for mark in marks):
            kept.append(case)
            for mark in marks:
                times[mark] = times.get(mark, 0) + 1
    return kept


def smaller(case):
    """Simpler cases, the boldest steps first."""
    for name in LISTS:
        items = case.get(name) or []
        for part in (len(items) // 2, len(items) // 4, 1):
            if part == 0:
                continue
            for start in range(0, len(items), part):
                left = items[:start] + items[start + part:]
                if name == "nodes" and not left:
                    continue
                less = copy.deepcopy(case)
                less[name] = left
                if name == "nodes":
                    there = {node["metadata"]["name"] for node in left}
                    less["pods"] = [pod for pod in less.get("pods", []) if pod["spec"]["nodeName"] in there]
                yield less
    for name in ["pod"] + LISTS:
        for path in paths(case.get(name), (name,)):
            less = copy.deepcopy(case)
            at = less
            for step in path[:-1]:
                at = at[step]
            del at[path[-1]]
            yield less


def paths(value, path):
    if isinstance(value, dict):
        for key in value:
            if key not in KEPT:
                yield path + (key,)
            yield from paths(value[key], path + (key,))
    elif isinstance(value, list):
        for index in range(len(value)):
            if len(path) > 2:
                yield path + (index,)
            yield from paths(value[index], path + (index,))


def ask(oracle, case):
    done = subprocess.run([oracle], input=json.dumps(case) + "\n", capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else None


def differs(driver, line):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write(line)
        file.flush()
        return subprocess.run([driver, file.name], capture_output=True).returncode == 1


def shrink(oracle, driver, line):
    best = slim(json.loads(line))
    found = True
    while found:
        found, tried = False, 0
        while True:
            less = next(itertools.islice(smaller(best), tried, None), None)
            if less is None:
                break
            answered = ask(oracle, less)
            if answered and differs(driver, answered):
                best, found = slim(json.loads(answered)), True
            else:
                tried += 1
    return best


def main():
    what = sys.argv[1]
    if what == "slim":
        for line in sys.stdin:
            print(json.dumps(slim(json.loads(line)), separators=(",", ":")))
    elif what == "choose":
        for case in choose(sys.stdin, int(sys.argv[2]) if len(sys.argv) > 2 else 6):
            print(json.dumps(case, separators=(",", ":")))
    elif what == "shrink":
        print(json.dumps(shrink(sys.argv[2], sys.argv[3], sys.stdin.readline()), separators=(",", ":")))
    else:
        sys.exit(f"scheduler_cases.py: unknown '{what}'")


main()
