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
_TEXT = re.compile(r'textLength="[^"]*"[^>]*>([^<]*)</text>')


def save(path: Path, title: str, print_report: Callable[[Console], object]) -> None:
    """Write what ``print_report`` prints to ``path``. Raises ``OSError``."""
    console = Console(
        record=True, width=WIDTH, height=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    print_report(console)
    drawn = console.export_svg(title=title, code_format=_FRAME, font_aspect_ratio=_ASPECT)
    path.write_text(_TEXT.sub(_full_width, drawn), encoding="utf-8")


def _full_width(text: re.Match[str]) -> str:
    """Rich gives each character one column, but a Chinese one takes two; and clips lines that cannot run over."""
    return f'textLength="{cell_len(html.unescape(text[1])) * _CELL:g}">{text[1]}</text>\n'
