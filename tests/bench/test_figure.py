"""Figures, goals, and the bound of the day."""

from __future__ import annotations

import io
import json

from rich.console import Console

from tests.bench.figure import Figure, as_markdown, percentile, ratio_at_least, show, value_at_most
from tests.bench.figures.day import Size, bound
from tests.virtual.fates import Fate, Turn


def test_goals_are_judged_by_value_or_ratio() -> None:
    """A goal is met, missed, or not there; on the bound it is met."""
    assert Figure("a", 900, "1/s", "bare", 1500, ratio_at_least(0.6)).met is True
    assert Figure("a", 899, "1/s", "bare", 1500, ratio_at_least(0.6)).met is False
    assert Figure("b", 5.0, "ms", goal=value_at_most(5)).met is True
    assert Figure("b", 5.1, "ms", goal=value_at_most(5)).met is False
    assert Figure("c", 1.0, "ms").met is None
    assert Figure("d", 1.0, "ms", goal=ratio_at_least(0.6)).met is False  # nothing was measured beside it


def test_a_missed_goal_is_shown_as_missed() -> None:
    """In the table, in the line and in the document, with its figure."""
    figure = Figure("start", 3.28, "s", "tuples", 0.9, value_at_most(3), "cold")
    out = io.StringIO()
    show([figure], Console(file=out, width=120))
    assert "MISSED" in out.getvalue()
    assert "3.28 s" in out.getvalue()
    line = json.loads(figure.as_json())
    assert (line["met"], line["value"], line["ratio"]) == (False, 3.28, 3.644)
    row = as_markdown([figure]).splitlines()[-1]
    assert row == "| `start`<br>cold | 3.28 s | 0.9 s<br>tuples | 3.64 | ≤ 3 | **missed** |"


def test_percentiles() -> None:
    """Of 1 … 101."""
    assert percentile(range(1, 102), 50) == 51
    assert percentile(range(1, 102), 99) == 100


def _turn(fate: Fate, ring_s: float, talk_s: float = 0.0) -> Turn:
    return Turn(fate, ring_s=ring_s, talk_s=talk_s)


def test_the_bound_is_all_work_when_work_is_the_most() -> None:
    """Two visits at once reached: ringing, connecting, talk and wrap-up of both."""
    plan = {(n, nth): _turn(Fate.ANSWERS, 10, 100) for n in range(2) for nth in range(5)}
    found = bound(Size(agents=1, visits=2), 0, plan, gap_s=300, wrap_up_s=20)
    assert (round(found.ends, 3), found.talk) == (260.6, 200)


def test_the_bound_is_the_last_visit_s_chain_when_that_is_longest() -> None:
    """The second visit is reached on its fifth call: four gaps after the first visit's call."""
    plan = {(0, nth): _turn(Fate.ANSWERS, 10, 100) for nth in range(5)}
    plan |= {(1, nth): _turn(Fate.RINGS_OUT, 45) for nth in range(4)}
    plan[1, 4] = _turn(Fate.ANSWERS, 10, 50)
    found = bound(Size(agents=1, visits=2), 0, plan, gap_s=300, wrap_up_s=20)
    assert round(found.ends, 3) == round(130.3 + 4 * 45 + 4 * 300 + 80.3, 3)
