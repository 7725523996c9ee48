#!/usr/bin/env python3
"""Two JUnit reports of upstream's scheduling tests side by side: kube-scheduler's and Ebb's.

    compare_reports.py REAL EBB

Exit 1 where Ebb fails what kube-scheduler passes, where a test ran on one side only, or where nothing ran at all.
"""

import os
import re
import sys
import xml.etree.ElementTree as ET

# What kube-scheduler itself does not pass on kwok nodes, and why: they say nothing about a scheduler. A reason is printed beside the
# result; a test that is not here and fails on both sides is reported as such, and is a failure of this setup.
NEEDS_MORE_THAN_KWOK = {}


def outcomes(report):
    """Test name -> (passed | failed | skipped, seconds), of those that ran."""
    found = {}
    for case in ET.parse(report).iter("testcase"):
        name = case.get("name", "")
        status = case.get("status", "")
        if "[sig-scheduling]" not in name or (status == "skipped" and not skip_reason(case)):
            continue
        name = re.sub(r"^\[It\] \[sig-scheduling\] ", "", name)
        name = re.sub(r" \[sig-scheduling,.*$", "", name)
        found[name] = ("passed" if status == "passed" else "skipped" if status == "skipped" else "failed", float(case.get("time", 0)))
    return found


def skip_reason(case):
    """A test that skipped itself says why; one that was not in focus does not."""
    skipped = case.find("skipped")
    message = "" if skipped is None else skipped.get("message", "")
    return message if message and message != "skipped" else ""


def main():
    for report in sys.argv[1:3]:
        if not os.path.exists(report):
            sys.exit(f"{report}: there is no such report: that side has not run yet, leave SIDES out to run both")
    real, ebb = outcomes(sys.argv[1]), outcomes(sys.argv[2])
    worse, unexplained = [], []
    print(f"{'kube-scheduler':>16} {'ebb':>16}  test")
    for name in sorted(real.keys() | ebb.keys()):
        (of_real, real_seconds), (of_ebb, ebb_seconds) = real.get(name, ("not run", 0)), ebb.get(name, ("not run", 0))
        reason = next((why for part, why in NEEDS_MORE_THAN_KWOK.items() if part in name), "")
        print(f"{of_real:>8} {real_seconds:6.1f}s {of_ebb:>8} {ebb_seconds:6.1f}s  {name}{' -- ' + reason if reason else ''}")
        if of_real == "passed" and of_ebb != "passed" or "not run" in (of_real, of_ebb):
            worse.append(name)
        elif of_real == "failed" and not reason:
            unexplained.append(name)
    both = sum(1 for name in real if real[name][0] == "passed" and ebb.get(name, ("",))[0] == "passed")
    print(f"kube-scheduler passes {sum(o == 'passed' for o, _ in real.values())}, ebb {sum(o == 'passed' for o, _ in ebb.values())}, both {both}")
    for name in worse:
        print(f"FAILED with ebb only: {name}")
    for name in unexplained:
        print(f"FAILED with kube-scheduler, for no known reason: {name}")
    if worse or unexplained or not both:
        sys.exit(1)


main()
