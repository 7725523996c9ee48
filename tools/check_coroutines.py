#!/usr/bin/env python3
"""Name it, then move it: no brace and no capturing lambda inside a co_await expression.

gcc 12 miscompiles both. Coroutines also stay in the folders that talk to the outside.
"""
import pathlib
import re
import sys

FOLDERS = {"kube", "sandbox", "telemetry"}


def expression_after(text, start):
    """The text from a co_await to the end of its full expression."""
    depth = 0
    for i in range(start, len(text)):
        c = text[i]
        if c in "([":
            depth += 1
        elif c in ")]":
            depth -= 1
            if depth < 0:
                return text[start:i]
        elif c == "{":
            if depth == 0:
                before = text[start:i].rstrip()
                if before.endswith(")") or before == "":
                    return text[start:i]   # the body of an if or for around it
            return text[start:i + 1]
        elif c == ";" and depth <= 0:
            return text[start:i]
    return text[start:]


def main():
    problems = []
    for file in sorted(pathlib.Path("src").rglob("*.cc")) + sorted(pathlib.Path("src").rglob("*.h")):
        text = re.sub(r'//[^\n]*', lambda m: " " * len(m.group()), file.read_text())
        text = re.sub(r'"(\\.|[^"\\\n])*"', lambda m: '"' + " " * (len(m.group()) - 2) + '"', text)
        for match in re.finditer(r"\bco_await\b", text):
            line = text.count("\n", 0, match.start()) + 1
            if file.parts[1] not in FOLDERS:
                problems.append(f"{file}:{line}: coroutines belong in {', '.join(sorted(FOLDERS))}")
            expression = expression_after(text, match.end())
            if "{" in expression or re.search(r"\[[^\]]*[&=\w][^\]]*\]\s*(\(|mutable|->)", expression):
                problems.append(f"{file}:{line}: a brace or a capturing lambda inside a co_await expression: name it, then move it")
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(1)
    print("coroutines: no brace or capturing lambda in a co_await expression")


if __name__ == "__main__":
    main()
