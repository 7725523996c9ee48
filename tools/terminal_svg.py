#!/usr/bin/env python3
"""Turns a terminal's text with ANSI colours into a picture: SVG, monospace on a dark ground.

    tmux capture-pane -e -p > frame.txt
    tools/terminal_svg.py --title "ebb demo" frame.txt report.txt > docs/demo.svg

Each file becomes a panel of its own, one above the other. Standard library only.
"""
import argparse
import html
import re
import sys

CELL_WIDTH, LINE_HEIGHT, FONT_SIZE = 8.4, 18, 14
MARGIN, BAR_HEIGHT, GAP = 16, 30, 14
GROUND, PANEL, FRAME, TEXT = "#0d1117", "#161b22", "#30363d", "#d7dde4"
BASE = ["#484f58", "#da3633", "#2ea043", "#d29922", "#1f6feb", "#a371f7", "#2aa5a0", "#b1bac4"]
BRIGHT = ["#6e7681", "#ff7b72", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#76e3ea", "#f0f6fc"]
SEQUENCE = re.compile(r"\x1b(?:\[([0-9;:?]*)([A-Za-z])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Za-z0-9]|[=>])")


class Style:
    """What the select-graphic-rendition sequences have set so far."""

    def __init__(self):
        self.foreground = self.background = None
        self.bold = self.inverse = False

    def key(self):
        front, back = self.foreground, self.background
        if self.inverse:
            front, back = back or PANEL, front or TEXT
        return front or TEXT, back, self.bold

    def apply(self, parameters):
        codes = [int(p) if p.isdigit() else 0 for p in re.split("[;:]", parameters)] if parameters else [0]
        while codes:
            code = codes.pop(0)
            if code == 0:
                self.__init__()
            elif code == 1:
                self.bold = True
            elif code == 22:
                self.bold = False
            elif code in (7, 27):
                self.inverse = code == 7
            elif 30 <= code <= 37:
                self.foreground = BASE[code - 30] if code != 30 else GROUND
            elif 40 <= code <= 47:
                self.background = BASE[code - 40]
            elif 90 <= code <= 97:
                self.foreground = BRIGHT[code - 90]
            elif 100 <= code <= 107:
                self.background = BRIGHT[code - 100]
            elif code in (38, 48):
                colour = extended(codes)
                if code == 38:
                    self.foreground = colour
                else:
                    self.background = colour
            elif code == 39:
                self.foreground = None
            elif code == 49:
                self.background = None


def extended(codes):
    """The colour after 38 or 48, taken off `codes`: 5;N of the palette of 256, or 2;R;G;B."""
    kind = codes.pop(0) if codes else 0
    if kind == 2 and len(codes) >= 3:
        red, green, blue = codes.pop(0), codes.pop(0), codes.pop(0)
        return f"#{red & 255:02x}{green & 255:02x}{blue & 255:02x}"
    if kind != 5 or not codes:
        return None
    n = codes.pop(0) & 255
    if n < 16:
        return (BASE + BRIGHT)[n]
    if n >= 232:
        return "#" + f"{8 + 10 * (n - 232):02x}" * 3
    steps = [0, 95, 135, 175, 215, 255]
    n -= 16
    return f"#{steps[n // 36]:02x}{steps[n // 6 % 6]:02x}{steps[n % 6]:02x}"


def runs_of(line, style):
    """[(column, text, key)]: neighbours of one look together."""
    runs, column, at = [], 0, 0
    while at < len(line):
        match = SEQUENCE.match(line, at)
        if match:
            if match.group(2) == "m":
                style.apply(match.group(1))
            at = match.end()
            continue
        if line[at] >= " ":
            if runs and runs[-1][2] == style.key():
                runs[-1][1].append(line[at])
            else:
                runs.append((column, [line[at]], style.key()))
            column += 1
        at += 1
    return [(start, "".join(text), key) for start, text, key in runs]


def read_panel(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = file.read().split("\n")
    style = Style()
    panel = [runs_of(line, style) for line in lines]
    blank = [not "".join(text for _, text, _ in runs).strip() for runs in panel]
    while panel and blank[-1]:
        panel.pop(), blank.pop()
    while panel and blank[0]:
        panel.pop(0), blank.pop(0)
    return panel


def draw_line(runs, x, y):
    out = []
    for column, text, (front, back, bold) in runs:
        left = x + column * CELL_WIDTH
        width = len(text) * CELL_WIDTH
        if back:
            out.append(f'<rect x="{left:.1f}" y="{y:.1f}" width="{width:.1f}" height="{LINE_HEIGHT}" fill="{back}"/>')
        if not text.strip():
            continue
        weight = ' font-weight="bold"' if bold else ""
        out.append(f'<text x="{left:.1f}" y="{y + LINE_HEIGHT * 0.74:.1f}" textLength="{width:.1f}" lengthAdjust="spacingAndGlyphs" '
                   f'fill="{front}"{weight}>{html.escape(text)}</text>')
    return out


def draw(panels, title):
    columns = max((column + len(text) for panel in panels for runs in panel for column, text, _ in runs), default=1)
    inner = columns * CELL_WIDTH + 2 * MARGIN
    width = inner + 2 * MARGIN
    body, y = [], float(MARGIN)
    for number, panel in enumerate(panels):
        head = BAR_HEIGHT if number == 0 else MARGIN
        height = head + len(panel) * LINE_HEIGHT + MARGIN
        body.append(f'<rect x="{MARGIN}" y="{y:.1f}" width="{inner:.1f}" height="{height:.1f}" rx="8" fill="{PANEL}" stroke="{FRAME}"/>')
        if number == 0:
            for i, colour in enumerate(("#ff5f57", "#febc2e", "#28c840")):
                body.append(f'<circle cx="{MARGIN + 16 + 18 * i}" cy="{y + 15:.1f}" r="5" fill="{colour}"/>')
            body.append(f'<text x="{width / 2:.1f}" y="{y + 20:.1f}" text-anchor="middle" fill="{BRIGHT[0]}">{html.escape(title)}</text>')
        for i, runs in enumerate(panel):
            body += draw_line(runs, 2 * MARGIN, y + head + i * LINE_HEIGHT)
        y += height + GAP
    height = y - GAP + MARGIN
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="{FONT_SIZE}" '
        'xml:space="preserve">',
        f"<title>{html.escape(title)}</title>",
        f'<rect width="100%" height="100%" rx="10" fill="{GROUND}"/>', *body, "</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--title", default="", help="what stands in the bar of the first panel")
    parser.add_argument("file", nargs="+", help="text as tmux capture-pane -e -p gives it")
    arguments = parser.parse_args()
    sys.stdout.write(draw([read_panel(path) for path in arguments.file], arguments.title))


if __name__ == "__main__":
    main()
