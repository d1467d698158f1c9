"""One figure with its goal and its bare counterpart, as a row of a table and as a line of JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure has to reach. ``of`` is "value" or "ratio"."""

    of: str
    at_least: float | None = None
    at_most: float | None = None

    def met(self, figure: Figure) -> bool:
        """Whether ``figure`` reaches it."""
        found = figure.value if self.of == "value" else figure.ratio
        if found is None:
            return False
        return (self.at_least is None or found >= self.at_least) and (self.at_most is None or found <= self.at_most)

    def __str__(self) -> str:
        sign, bound = ("≥", self.at_least) if self.at_least is not None else ("≤", self.at_most)
        return f"{'ratio ' if self.of == 'ratio' else ''}{sign} {bound:g}"


def value_at_most(bound: float) -> Goal:
    """The value may not be more."""
    return Goal("value", at_most=bound)


def ratio_at_least(bound: float) -> Goal:
    """The ratio may not be less."""
    return Goal("ratio", at_least=bound)


@dataclass(frozen=True, slots=True)
class Figure:
    """``value`` in ``unit``; ``bare`` is the counterpart in the same unit and ``against`` says what that is.

    A figure without a ``goal`` is there to explain another one.
    """

    name: str
    value: float
    unit: str
    against: str = ""
    bare: float | None = None
    goal: Goal | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Value by counterpart."""
        return self.value / self.bare if self.bare else None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None when there is none."""
        return None if self.goal is None else self.goal.met(self)

    def as_json(self) -> str:
        """One line: name, value, unit, ratio, against, and goal and whether it is met."""
        ratio = None if self.ratio is None else _rounded(self.ratio)
        fields: dict[str, object] = {"name": self.name, "value": _rounded(self.value), "unit": self.unit}
        fields |= {"ratio": ratio, "against": self.against, "bare": None if self.bare is None else _rounded(self.bare)}
        fields |= {"goal": None if self.goal is None else str(self.goal), "met": self.met, "note": self.note}
        return json.dumps(fields, ensure_ascii=False)


def _rounded(number: float) -> float:
    return float(f"{number:.4g}")


def percentile(values: Sequence[float], percent: int) -> float:
    """The value below which ``percent`` of 100 of the values lie. Raises ``ValueError`` for fewer than two values."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def show(figures: Sequence[Figure], console: Console) -> None:
    """The figures as a table for people."""
    table = Table("figure", "value", "bare", "ratio", "goal", "", title="dialer, measured", title_justify="left")
    for each in figures:
        ratio = "" if each.ratio is None else f"{each.ratio:.3g}"
        bare = "" if each.bare is None else f"{_number(each.bare)} {each.unit} ({each.against})"
        verdict = {True: "[green]met[/]", False: "[bold red]MISSED[/]", None: ""}[each.met]
        name = each.name + (f"\n[dim]{each.note}[/]" if each.note else "")
        table.add_row(name, f"{_number(each.value)} {each.unit}", bare, ratio, str(each.goal or ""), verdict)
    console.print(table)


def as_markdown(figures: Sequence[Figure]) -> str:
    """The figures as a table for a document."""
    lines = ["| figure | value | bare counterpart | ratio | goal | |", "| --- | ---: | ---: | ---: | --- | --- |"]
    for each in figures:
        bare = "" if each.bare is None else f"{_number(each.bare)} {each.unit}<br>{each.against}"
        ratio = "" if each.ratio is None else f"{each.ratio:.3g}"
        verdict = {True: "met", False: "**missed**", None: ""}[each.met]
        name = f"`{each.name}`" + (f"<br>{each.note}" if each.note else "")
        value = f"{_number(each.value)} {each.unit}"
        lines.append(f"| {name} | {value} | {bare} | {ratio} | {each.goal or ''} | {verdict} |")
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
