#!/usr/bin/env python3
"""How many instructions a pod costs the scheduler's core, workload by workload, against what is committed.

Counts with valgrind's callgrind, which needs no right to the machine's counters and counts the same on every run: small
workloads (ebb_speed --counted), only what runs inside ebb_bench_counted. Fails where a workload has become more than
TOLERANCE dearer. A workload that has become as much cheaper is told, so that the committed number follows (--write).
"""
import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TOLERANCE = 0.05
HERE = pathlib.Path(__file__).resolve().parent
BASELINE = HERE / "instructions.json"


def count(program, only):
    with tempfile.TemporaryDirectory() as folder:
        command = ["valgrind", "--tool=callgrind", "--collect-atstart=no", "--toggle-collect=ebb_bench_counted",
                   "--dump-after=ebb_bench_ended", f"--callgrind-out-file={folder}/out", program, "--workloads", str(HERE / "workloads"),
                   "--counted"]
        for name in only:
            command += ["--only", name]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"check_instructions: {' '.join(command)}\n{done.stdout}{done.stderr}")
        rows = []
        for number, line in enumerate(done.stdout.splitlines(), 1):
            name, nodes, pods, _ = line.split()
            totals = re.findall(r"^(?:totals|summary): (\d+)", pathlib.Path(f"{folder}/out.{number}").read_text(), re.M)
            rows.append({"name": name, "nodes": int(nodes), "pods": int(pods), "instructionsPerPod": round(int(totals[-1]) / int(pods))})
        return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="ebb_speed of a release build")
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--write", action="store_true", help="make what is counted now the committed numbers")
    flags = parser.parse_args()
    if shutil.which("valgrind") is None:
        print("check_instructions: skipped, valgrind is not installed")
        return
    rows = count(flags.program, flags.only)
    if flags.write:
        BASELINE.write_text("[\n" + ",\n".join(f"  {json.dumps(row)}" for row in rows) + "\n]\n")
        print(f"check_instructions: {len(rows)} workloads written to {BASELINE}")
        return
    committed = {row["name"]: row for row in json.loads(BASELINE.read_text())}
    dearer = []
    for row in rows:
        before = committed.get(row["name"])
        if before is None:
            dearer.append(f"{row['name']}: has no committed number; write it with --write")
            continue
        ratio = row["instructionsPerPod"] / before["instructionsPerPod"]
        told = f"{row['name']}: {row['instructionsPerPod']} instructions per pod, committed {before['instructionsPerPod']} ({ratio - 1:+.1%})"
        if ratio > 1 + TOLERANCE or row["pods"] != before["pods"]:
            dearer.append(told)
        elif ratio < 1 - TOLERANCE:
            print(f"{told}: cheaper; write it with --write")
    for line in dearer:
        print(line)
    if dearer:
        sys.exit(1)
    print(f"check_instructions: {len(rows)} workloads cost what is committed, within {TOLERANCE:.0%}")


if __name__ == "__main__":
    main()
