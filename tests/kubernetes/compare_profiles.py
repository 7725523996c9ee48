#!/usr/bin/env python3
"""Compares what Ebb and the real scheduler made of the same configurations.

compare_profiles.py FOLDER EBB_OUTPUT    FOLDER/*.yaml and *.yaml.real; EBB_OUTPUT is what `ebb check-config --resolved` printed of them

Where both accept a file, they must come to the same profiles. What the real one refuses, Ebb must refuse. What only Ebb refuses must be
something that it is documented not to have (docs/scheduler-configuration.md).
"""
import collections
import pathlib
import re
import sys

NOT_IN_EBB = {   # what Ebb says, and which line of the page it is
    "a plugin that Ebb has not": r"is not supported by Ebb|Ebb has no plugin",
    "a plugin that takes no arguments": r"takes no arguments",
    "arguments for nobody": r"name is missing: arguments belong to a plugin",
    "an entry without a name": r"name is missing: a plugin is meant by its name",
    "half a plugin": r" is on at \w+ and off at \w+: ",
    "extenders": r"extenders are not supported",
    "Go profiles": r"Ebb serves no Go profiles",
    "a field other than metadata.name": r"is not a field to match",
    "placements of pod groups": r"placements of pod groups are chosen by",
}


def read_ebb(output):
    """For each file its resolved text, and the lines that say what is wrong with it."""
    resolved, found, file = collections.defaultdict(str), collections.defaultdict(list), None
    for line in output.splitlines():
        if line.startswith("# "):
            file = line[2:] if line.endswith(".yaml") else None
        elif match := re.match(r"(.*?\.yaml):(\d+: .*)", line):
            if not line.startswith("note: "):
                found[match[1]].append(match[2])
        elif file:
            resolved[file] += line + "\n"
    return resolved, found


def main():
    folder = pathlib.Path(sys.argv[1])
    resolved, found = read_ebb(pathlib.Path(sys.argv[2]).read_text())
    counts, wrong = collections.Counter(), []
    for file in sorted(folder.glob("*.yaml")):
        real, ebb = pathlib.Path(f"{file}.real").read_text(), resolved[str(file)]
        real_refuses, ebb_refuses = real.startswith("refused\n"), bool(found[str(file)])
        if not ebb and not ebb_refuses:
            wrong.append(f"{file}: Ebb said nothing about it")
            continue
        if ebb_refuses and real_refuses:
            counts["refused by both"] += 1
        elif real_refuses:
            wrong.append(f"{file}: only the real scheduler refuses: {real[8:400].strip()}")
        elif ebb_refuses:
            reasons = found[str(file)]
            unknown = [r for r in reasons if not any(re.search(p, r) for p in NOT_IN_EBB.values())]
            if unknown:
                wrong.append(f"{file}: only Ebb refuses: {unknown[0]}")
            else:
                counts["refused by Ebb alone: " + next(n for n, p in NOT_IN_EBB.items() if re.search(p, reasons[0]))] += 1
        elif ebb == real:
            counts["the same profiles"] += 1
        else:
            pairs = zip(ebb.splitlines(), real.splitlines())
            wrong.append(f"{file}: " + next((f"ebb has '{a}', the real one '{b}'" for a, b in pairs if a != b), "one has more lines"))
    for what, count in sorted(counts.items()):
        print(f"{count:6} {what}")
    for line in wrong[:20]:
        print("DIFFERENT", line)
    print(f"scheduler configurations: {sum(counts.values())} compared alike, {len(wrong)} differ")
    if not counts["the same profiles"] or wrong:
        sys.exit(1)


if __name__ == "__main__":
    main()
