"""Days among strangers: capped customers, trunks that lie, phones that go away. Who can be reached is reached."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.faults.virtual.strangers import CUSTOMERS, WORKING_DAYS, day_of, make, reached, soak


@pytest.mark.usefixtures("untraced")
async def test_whoever_can_be_reached_is_reached() -> None:
    """Three days of the month that `make faults` plays: the invariants hold, and the share is printed."""
    said: list[str] = []
    outcome = await soak(3, 4, said.append)
    assert outcome.violations == ()
    assert outcome.whole, (outcome.goals, said)
    assert "trunk says unallocated to all" in {each.fault for each in outcome.injections}
    assert outcome.checked[1].endswith("%)")


@pytest.mark.soak
async def test_a_month_among_strangers() -> None:
    """All working days of a month."""
    outcome = await soak(WORKING_DAYS, 1, lambda _: None)
    assert outcome.violations == ()
    assert outcome.whole, outcome.goals


async def test_who_is_not_called_is_missed() -> None:
    """Before the first call everybody who would answer is missed; the capped, and wrong numbers, are not among them."""
    plan = make(1)
    day = day_of(plan)
    await day.run(plan.start + timedelta(minutes=5))
    found = reached(day, plan)
    assert 0.6 * CUSTOMERS < found.reachable < 0.9 * CUSTOMERS
    assert len(found.missed) == found.reachable
