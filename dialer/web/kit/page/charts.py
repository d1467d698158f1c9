"""Reach as bars and a line, measured for an SVG that the template draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

WIDTH, HEIGHT = 440.0, 170.0
_SIDES, _BOTTOM, _TOP = 36.0, 22.0, 22.0
_WIDEST = 40.0
_MOST_TOLD = 16
"""Columns with words; of more, some go without."""
_BROADER = 1.35
"""The bar behind, beside the one in front."""
_HALVES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100)
"""Half of a scale; from ten on these, times powers of ten: at least two thirds of the height are used."""

Counts = tuple[Mapping[int, int], Mapping[int, int]]
"""Of each name (an attempt's number, an hour): how many were tried, and how many of them were reached."""


@dataclass(frozen=True, slots=True)
class Bar:
    """``tried`` calls high, of which the lower part ``reached`` the customer; the others in units of the drawing."""

    tried: int
    reached: int
    y: float
    height: float
    reached_y: float
    reached_height: float
    share_y: float
    """Where the line of the reach rate passes."""

    @property
    def share(self) -> float:
        return self.reached / self.tried if self.tried else 0.0


@dataclass(frozen=True, slots=True)
class Column:
    """What stands above one name: the bar, and behind it that of an earlier time. ``told``: there is room for words."""

    name: str
    told: bool
    x: float
    width: float
    now: Bar
    before: Bar | None

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)

    @property
    def broad(self) -> tuple[float, float]:
        """x and width of the bar behind."""
        width = self.width * _BROADER
        return round(self.middle - width / 2, 1), round(width, 1)


@dataclass(frozen=True, slots=True)
class Chart:
    """The columns, and the lines behind them: (y, calls, share)."""

    columns: Sequence[Column]
    grid: Sequence[tuple[float, int, float]]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = _SIDES
    right: float = WIDTH - _SIDES
    base: float = HEIGHT - _BOTTOM

    @property
    def line(self) -> str:
        """The reach rate as points, where anything was tried."""
        return " ".join(f"{c.middle},{c.now.share_y}" for c in self.columns if c.now.tried)

    @property
    def line_before(self) -> str:
        """That of the earlier day."""
        return " ".join(f"{c.middle},{c.before.share_y}" for c in self.columns if c.before and c.before.tried)


def chart(now: Counts, before: Counts | None = None, label: Callable[[int], str] = str) -> Chart:
    """A column for everything from the first to the last that was tried, at either time; the rate is of 100 %."""
    tried = [*now[0], *(before[0] if before else ())]
    names = range(min(tried), max(tried) + 1) if tried else ()
    most = _round_up(max([*now[0].values(), *(before[0].values() if before else ())], default=0))
    base, room = HEIGHT - _BOTTOM, HEIGHT - _BOTTOM - _TOP

    def bar(counts: Counts, name: int) -> Bar:
        calls, got = (each.get(name, 0) for each in counts)
        height, lower = room * calls / most, room * got / most
        share = got / calls if calls else 0.0
        drawn = (base - height, height, base - lower, lower, base - room * share)
        return Bar(calls, got, *(round(value, 1) for value in drawn))

    step = (WIDTH - 2 * _SIDES) / max(len(names), 1)
    width, every = min(step * 0.6, _WIDEST), ceil(len(names) / _MOST_TOLD)
    columns = [
        Column(
            label(name), nth % every == 0, round(_SIDES + nth * step + (step - width) / 2, 1), round(width, 1),
            bar(now, name), bar(before, name) if before else None,
        )
        for nth, name in enumerate(names)
    ]  # fmt: skip
    grid = [(round(base - room * share, 1), round(most * share), share) for share in (0.0, 0.5, 1.0)]
    return Chart(columns, grid)


def _round_up(most: int) -> int:
    """The end of the scale: the least that is not below ``most`` and whose half is a round number."""
    unit = 1
    while True:
        for half in _HALVES:
            if 2 * half * unit >= most:
                return 2 * half * unit
        unit *= 10
