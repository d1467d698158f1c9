"""Calls that the database refuses for ever: they are tried ever more seldom, and everybody else is called."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from dialer.campaign.changes import Changes
from dialer.campaign.day.defects import LONGEST_REST, POSTPONED
from dialer.campaign.messages import ClockSet
from dialer.campaign.rules.timers import Timers, Wake
from dialer.campaign.state import Rest
from dialer.errors import GuardFailed
from tests.campaign.days import at, row
from tests.campaign.stepping import Room
from tests.campaign.surroundings import House, agent, house, listing, ready


@asynccontextmanager
async def refusing(*visits: int, agents: str = "") -> AsyncIterator[tuple[House, list[int]]]:
    """A house whose database takes no call to these visits, or for these agents; and those that it refused."""
    async with house() as h:
        real, refused = h.store.commit, []

        async def commit(changes: Changes) -> None:
            for each in changes.placed:
                if each.visit in visits or each.agent in agents.split():
                    refused.append(each.visit)
                    raise GuardFailed("there is a live call")
            await real(changes)

        h.store.commit = commit  # type: ignore[method-assign]  # a fault
        yield h, refused


async def looked(h: House) -> None:
    """It has looked at the time that it is: what is asked now is carried out after that."""
    await h.ask(agent("009"))
    await h.ask(agent("009"))


def called(h: House) -> list[int]:
    """The visits called, in order."""
    return [h.store.attempts[order.attempt].visit for order in h.pbx.placed]


async def test_the_other_agents_are_called_for_in_the_same_turn() -> None:
    """And whose call it was gets the next visit a moment later."""
    rows = [row(1), row(2), row(3, agent="002"), row(4, agent="003")]
    async with refusing(1) as (h, refused):
        await h.ask(*(agent(each) for each in ("001", "002", "003")), listing(*rows))
        await h.ask(*(ready(each) for each in ("001", "002", "003")))
        assert sorted(called(h)) == [3, 4]
        assert "defect:dialling" in h.engine.state.alarms
        tried = len(refused)
        await looked(h)
        assert len(refused) == tried
        h.jump(h.clock.at + POSTPONED)
        await looked(h)
        assert called(h)[2:] == [2]
        assert "001" not in h.engine.state.resting


@pytest.mark.parametrize("whose", ["visit", "agent"])
async def test_it_is_tried_ever_more_seldom(whose: str) -> None:
    """An engine that undoes and does again for ever would do nothing else."""
    async with refusing(*[1] * (whose == "visit"), agents="001" * (whose == "agent")) as (h, refused):
        await h.ask(agent(), listing(row(1)))
        await h.ask(ready())
        steps, most = int(timedelta(hours=4) / POSTPONED), 0
        for _ in range(steps):
            before = len(refused)
            h.jump(h.clock.at + POSTPONED)
            await looked(h)
            most = max(most, len(refused) - before)
        assert most <= 2  # in its batch, and alone
        assert 8 <= len(refused) / 2 <= 15
        assert h.engine.state.resting[1].wait == LONGEST_REST
        assert not h.task.done()
        assert "defect:dialling" in h.engine.state.alarms


async def test_many_who_are_refused_at_once_are_each_left_out() -> None:
    """As many refusals as there are, and no end of the engine."""
    numbers = [f"{n:03}" for n in range(1, 7)]
    async with refusing(1, 2, 3, 4, 5) as (h, _):
        await h.ask(*map(agent, numbers), listing(*(row(n, agent=f"{n:03}") for n in range(1, 7))))
        await h.ask(*map(ready, numbers))
        assert called(h) == [6]
        assert not h.task.done()


async def test_calling_begins_again_when_the_cause_is_gone() -> None:
    """At the latest when the rest is over; then nothing is remembered."""
    async with refusing(1) as (h, refused):
        await h.ask(agent(), listing(row(1)))
        await h.ask(ready())
        del h.store.commit
        h.jump(h.clock.at + 2 * POSTPONED)
        await h.until(lambda: called(h) == [1])
        assert refused
        assert not h.engine.state.resting


def test_a_rest_lasts_as_long_when_the_clock_is_set() -> None:
    """It is measured, as a gap is."""
    room = Room(row(1))
    room.state.resting["001"] = Rest(at(9), POSTPONED)
    room.do(ClockSet(timedelta(hours=-1), "mark"))
    assert room.state.resting == {"001": Rest(at(8), POSTPONED)}


def test_wake_ups_that_are_due_are_counted() -> None:
    """Those of a moment, however often they are set."""
    timers = Timers()
    for minute in (0, 0, 1, 5):
        timers.at(at(8, minute), Wake.WATCH, str(minute))
    assert timers.count(at(8, 1)) == 2
