#!/usr/bin/env python3
"""The runs of throughput.sh (one JSON object a line) as a table: medians of both schedulers, and Ebb's ratio to kube-scheduler.

    throughput_table.py RUNS
"""

import json
import statistics
import sys

COLUMNS = (("pods/s", "podsPerSecond", 1), ("scheduler µs/pod", "cpuMicrosPerPod", 1),
           ("API server µs/pod", "apiServerCpuMicrosPerPod", 1), ("peak MB", "peakRssBytes", 1e6))


def main():
    with open(sys.argv[1]) as file:
        runs = [json.loads(line) for line in file if line.strip()]
    print("| workload | nodes | pods | scheduler | runs | " + " | ".join(title for title, _, _ in COLUMNS) + " |")
    print("|---|---|---|---|---|" + "---|" * len(COLUMNS))
    for nodes, workload, pods in sorted({(run["nodes"], run["name"], run["pods"]) for run in runs}):
        median = {}
        for side in ("real", "ebb"):
            of_side = [run for run in runs if (run["nodes"], run["name"], run["pods"], run["scheduler"]) == (nodes, workload, pods, side)]
            if of_side:
                median[side] = [statistics.median(run[key] for run in of_side) for _, key, _ in COLUMNS]
                print_row(workload, nodes, pods, "kube-scheduler" if side == "real" else "Ebb", len(of_side),
                          [f"{value / unit:,.0f}" for value, (_, _, unit) in zip(median[side], COLUMNS)])
        if len(median) == 2:
            print_row(workload, nodes, pods, "ratio", "", [f"{b / a:.2f}" if a else "" for a, b in zip(median["real"], median["ebb"])])


def print_row(workload, nodes, pods, who, count, cells):
    print("| " + " | ".join([workload.removeprefix("e2e/"), f"{nodes:,}", f"{pods:,}", who, str(count), *cells]) + " |")


main()
