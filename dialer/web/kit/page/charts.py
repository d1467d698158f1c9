"""Reach as bars, measured for an SVG that the template draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 560.0, 180.0
_LEFT, _BOTTOM, _TOP = 40.0, 24.0, 26.0
_WIDEST = 48.0


@dataclass(frozen=True, slots=True)
class Column:
    """One bar: ``tried`` calls high, of which the lower part ``reached`` the customer.

    ``name`` is the attempt's number or the hour; the others are in units of the drawing.
    """

    name: int
    tried: int
    reached: int
    x: float
    width: float
    y: float
    height: float
    reached_y: float
    reached_height: float

    @property
    def share(self) -> float:
        return self.reached / self.tried if self.tried else 0.0

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars and the lines behind them: (y, calls)."""

    columns: Sequence[Column]
    grid: Sequence[tuple[float, int]]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = _LEFT
    base: float = HEIGHT - _BOTTOM


def chart(tried: Mapping[int, int], reached: Mapping[int, int]) -> Chart:
    """A bar for everything from the first to the last that was tried; the scale ends at a round number."""
    names = range(min(tried), max(tried) + 1) if tried else ()
    most = _round_up(max(tried.values(), default=0))
    base, room = HEIGHT - _BOTTOM, HEIGHT - _BOTTOM - _TOP
    step = (WIDTH - _LEFT) / max(len(names), 1)
    width = min(step * 0.7, _WIDEST)
    columns = []
    for nth, name in enumerate(names):
        calls, got = tried.get(name, 0), reached.get(name, 0)
        height, lower = room * calls / most, room * got / most
        x = _LEFT + nth * step + (step - width) / 2
        drawn = (x, width, base - height, height, base - lower, lower)
        columns.append(Column(name, calls, got, *(round(value, 1) for value in drawn)))
    grid = [(round(base - room * share, 1), round(most * share)) for share in (0.0, 0.5, 1.0)]
    return Chart(columns, grid)


def _round_up(most: int) -> int:
    """The next of 2, 4, 10, 20, 40, 100, ...: halves of it are whole."""
    unit = 1
    while True:
        for step in (2, 4, 10):
            if step * unit >= most:
                return step * unit
        unit *= 10
