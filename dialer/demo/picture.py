"""The report as a picture, for the documentation: an SVG that needs nothing from anywhere else."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console

WIDTH = 150
"""Columns."""

_ASPECT = 0.61
_CELL = 20 * _ASPECT
_FRAME = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">
<style>
.{unique_id}-matrix {{
  font-family: "DejaVu Sans Mono", Menlo, Consolas, "Noto Sans Mono CJK SC", monospace; font-size: {char_height}px;
}}
.{unique_id}-title {{ font-family: sans-serif; font-size: 18px; font-weight: bold; }}
{styles}
</style>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})">
{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g>
</g>
</svg>
"""
_TEXT = re.compile(r'<text class="([^"]*)" x="([^"]*)" y="([^"]*)" textLength="[^"]*"[^>]*>([^<]*)</text>')
_RUN = re.compile(r"[\u2e80-\uffef]+|[^\u2e80-\uffef]+")
"""Characters that take two columns, or one."""


def save(path: Path, title: str, print_report: Callable[[Console], object]) -> None:
    """Write what ``print_report`` prints to ``path``. Raises ``OSError``."""
    console = Console(
        record=True, width=WIDTH, height=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    print_report(console)
    drawn = console.export_svg(title=title, code_format=_FRAME, font_aspect_ratio=_ASPECT)
    path.write_text(_TEXT.sub(_full_width, drawn), encoding="utf-8")


def _full_width(text: re.Match[str]) -> str:
    """One element for each run of wide and of narrow characters, each as wide as its columns.

    Rich gives every character one column, which would squeeze Chinese text; and it clips lines that cannot run over.
    """
    style, x, y, content = text.groups()
    found, at = [], float(x)
    for run in _RUN.findall(html.unescape(content).rstrip("\n")):
        width = cell_len(run) * _CELL
        shown = html.escape(run).replace("\u00a0", "&#160;")
        found.append(f'<text class="{style}" x="{at:g}" y="{y}" textLength="{width:g}">{shown}</text>\n')
        at += width
    return "".join(found)
