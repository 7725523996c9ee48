#!/usr/bin/env python3
"""docs/scheduler-speed.svg from what ebb_speed has measured: speed_svg.py build/bench.json build/bench_growth.json > docs/scheduler-speed.svg

Left: pods per second of CPU time of each workload, beside what kube-scheduler's own benchmark asks for. Right: how it changes
with the number of nodes. Both on logarithmic scales. CPU time and not the clock: the core is one thread, and other work on the
machine changes the clock's number and hardly this one.
"""
import json
import math
import sys

INK, GREY, BLUE, ORANGE = "#24292f", "#8c959f", "#0969da", "#bc4c00"
COLOURS = [BLUE, ORANGE, "#1a7f37", "#8250df", "#cf222e"]
LEFT, BARS, TOP, ROW = 240, 360, 60, 17


def text(x, y, words, anchor="start", colour=INK, size=11):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size}">{words}</text>'


def line(x1, y1, x2, y2, colour, width=1):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'


def speed(row):
    return 1e6 / row["cpuMicrosPerPod"]


def scale(low, high, begin, end):
    return lambda value: begin + (math.log10(value) - math.log10(low)) / (math.log10(high) - math.log10(low)) * (end - begin)


def bars(rows):
    out = [text(LEFT, 30, "pods per second of CPU, core alone; the mark: what kube-scheduler's benchmark asks for, API server included", size=12, anchor="middle")]
    x = scale(10, 1_000_000, LEFT, LEFT + BARS)
    bottom = TOP + ROW * len(rows)
    for power in range(1, 7):
        out += [line(x(10**power), TOP - 6, x(10**power), bottom, "#d0d7de"), text(x(10**power), TOP - 10, f"{10**power:,}", "middle", GREY, 9)]
    for number, row in enumerate(rows):
        y = TOP + ROW * number
        out.append(text(LEFT - 8, y + 12, f"{row['name']}, {row['nodes']:,} nodes", "end"))
        out.append(f'<rect x="{LEFT}" y="{y + 3}" width="{x(speed(row)) - LEFT:.1f}" height="{ROW - 6}" fill="{BLUE}"/>')
        out.append(text(x(speed(row)) + 4, y + 12, f"{speed(row):,.0f}", size=9, colour=GREY))
        if threshold := row.get("publishedPodsPerSecond"):
            out.append(line(x(threshold), y + 1, x(threshold), y + ROW - 1, ORANGE, 3))
    return out


def growth(rows, left, width, bottom):
    out = [text(left + width / 2, 30, "pods per second of CPU by number of nodes", "middle", size=12)]
    nodes = [row["nodes"] for row in rows]
    x = scale(min(nodes), max(nodes), left, left + width)
    y = scale(100, 1_000_000, bottom, TOP)
    for power in range(2, 7):
        out += [line(left, y(10**power), left + width, y(10**power), "#d0d7de"), text(left - 6, y(10**power) + 3, f"{10**power:,}", "end", GREY, 9)]
    for count in sorted(set(nodes)):
        out += [line(x(count), TOP, x(count), bottom, "#eaeef2"), text(x(count), bottom + 14, f"{count:,}", "middle", GREY, 9)]
    for number, name in enumerate(dict.fromkeys(row["name"] for row in rows)):
        points = [(x(row["nodes"]), y(speed(row))) for row in rows if row["name"] == name]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        colour = COLOURS[number % len(COLOURS)]
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in points]
        out.append(text(left + 8, bottom - 10 - 14 * number, name, colour=colour))
    return out


def main():
    rows, grown = (json.load(open(path)) for path in sys.argv[1:3])
    bottom = TOP + ROW * len(rows)
    left = LEFT + BARS + 130
    width, height = left + 380, bottom + 40
    body = bars(rows) + (growth(grown, left, 350, bottom) if grown else [])
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">')
    print(f'<rect width="{width}" height="{height}" fill="white"/>')
    print("\n".join(body))
    print("</svg>")


if __name__ == "__main__":
    main()
