"""Random days with faults: every invariant holds at the end of each, in memory and on the real database."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.campaign.days import at, chance, row, scene
from tests.faults.virtual.soak import play


@pytest.mark.usefixtures("untraced")
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(min_value=0, max_value=2**32))
@example(3715488)  # the clock is set back while an attempt waits to be written down
@example(60752)  # calls end while the link is down, and the clock is set back and right again
async def test_every_invariant_holds_on_random_days_with_faults(seed: int) -> None:
    """100 random days, of 4,800 visits; `make faults` plays more. No invariant is violated, nobody is forgotten."""
    assert (await play(seed)).violations == ()


@pytest.mark.parametrize("seed", range(3))
async def test_the_database_takes_whatever_the_rules_decide(seed: int, tmp_path: Path) -> None:
    """With kills, outages and amended lists: every commit is accepted, and whatever is read is what memory knows."""
    assert (await play(seed, tmp_path / "dialer.sqlite3")).violations == ()


@pytest.mark.usefixtures("untraced")
async def test_a_day_of_2000_visits_and_30_agents() -> None:
    """A whole day of a city passes, in visit order; how fast is measured by the benchmarks."""
    rows = [row(n, agent=f"{n % 30 + 1:03}") for n in range(1, 2001)]
    s = scene(chance(1, 0.7), rows, agents=30)
    await s.day.run(at(18, 30))
    assert s.broken() == []
    assert len(s.pbx.records) > 2000
