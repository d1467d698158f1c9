"""A demonstration that is kept: people take over agents' phones, and customers keep coming."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import pytest

from dialer.campaign.model.agent import Presence
from dialer.campaign.model.visit import Visit
from dialer.demo import open_end, people
from dialer.demo.client import Client
from dialer.demo.launcher import Launched
from dialer.demo.live import _over
from dialer.demo.open_end import customers_keep_coming, people_sit_down, whatever_happens
from dialer.demo.people import Cast, agents_at_work, open_visits
from dialer.demo.rig.rig import Rig
from dialer.demo.stage import CALLING, Stage, _end, _hours
from dialer.errors import Conflict
from tests.kit.waiting import until
from tests.virtual.fates import Fate, Turn
from tests.web.people import People, open_people
from tests.web.system import CLOCK

LONG = timedelta(days=1)
LIST = files("dialer.demo").joinpath("visits.csv").read_bytes()


def talks(_channel: str, _nth: int) -> Turn:
    """Everybody answers and talks until somebody hangs up."""
    return Turn(Fate.ANSWERS, ring_s=0.05, talk_s=600)


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[People]:
    """A dialer with agents 001 and 002, both of whom have signed in; nobody waits long."""
    for module, name in (
        (people, "TALK_S"), (people, "WRAP_UP_S"), (people, "_LOOK_S"), (open_end, "_LOOK_S"), (open_end, "EVERY_S"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, 0.05)
    async with open_people(tmp_path, gap_s=5, people=talks) as opened:
        yield opened


@asynccontextmanager
async def stage(house: People) -> AsyncIterator[Stage]:
    """A stage without PBXs: what is tested here asks the API only."""
    async with Client((house.system.url, house.system.tokens["all"])) as client:
        rig = cast(Rig, None)
        yield Stage(rig, Launched(Path()), client, CLOCK.now() + LONG, open_end=True)


@asynccontextmanager
async def at_work(*jobs: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """People who work until the test is over; it fails when one of them breaks down."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for told in await asyncio.gather(*tasks, return_exceptions=True):
            assert isinstance(told, asyncio.CancelledError), told


def visits(house: People, agent: str) -> list[Visit]:
    """The customers of an agent."""
    days = house.system.engine.state.days.values()
    return [visit for day in days for visit in day.visits.values() if visit.agent == agent]


async def test_a_phone_is_left_to_who_has_signed_in(house: People) -> None:
    """The agent in whose name somebody is signed in is not played; the other talks, enters a result, and goes on."""
    system, played = house.system, Cast()
    state = system.engine.state
    await system.import_rows(*(f"C{n},店,1390470000{n},00{n % 2 + 1},城区" for n in range(1, 5)))
    async with stage(house) as up, at_work(people_sit_down(up, played), agents_at_work(up, played)):
        await until(lambda: played.taken == {"001", "002"})
        await house.ask("other", "POST", "/sign-out")
        await until(lambda: played.taken == {"001"})
        await system.ask("PUT", "/agents/001/presence", json={"presence": "ready"})
        await until(lambda: all(v.result for v in visits(house, "002")))
        await until(lambda: state.agents["002"].presence is Presence.READY)
        await until(lambda: state.agents["001"].presence is Presence.ON_CALL)
        assert not any(v.result for v in visits(house, "001"))
        assert not await _over(await up.client.get("progress"), up, Cast())
        assert await _over(await up.client.get("progress"), up, played), "nobody waits for people"
        assert await _over(await up.client.get("progress"), replace(up, over=CLOCK.now()), Cast()), "nor for ever"
        assert len(await open_visits(up.client, ["001"])) == 2


async def test_customers_keep_coming(house: People) -> None:
    """For those who are played, and always some for whoever has taken over a phone."""
    played = Cast(taken={"001"})
    async with stage(house) as up, at_work(customers_keep_coming(up, played, LIST)):
        await until(lambda: len(visits(house, "002")) >= 6)
        mine = visits(house, "001")
        assert len(mine) == open_end.AT_LEAST
        codes = [v.customer for v in (*mine, *visits(house, "002"))]
        assert len(set(codes)) == len(codes)


async def test_it_goes_on_whatever_people_do() -> None:
    """What is refused is told once, and tried again."""
    tries: list[int] = []
    told: list[str] = []

    async def refused() -> None:
        tries.append(1)
        raise Conflict("no such list any more")

    async with at_work(whatever_happens(refused, told.append)):
        await until(lambda: len(tries) >= 2)
    assert told == ["no such list any more"]


def test_a_day_ends_at_a_full_minute_or_with_the_date() -> None:
    """There is enough time for calling; a demonstration that begins just before midnight ends with the day."""
    over = _end(datetime(2026, 11, 22, 3, 0, 1, tzinfo=UTC))
    assert over == datetime(2026, 11, 22, 3, 2, tzinfo=UTC)
    assert over - datetime(2026, 11, 22, 3, 0, 1, tzinfo=UTC) > CALLING
    assert _hours(over)["sunday"] == ["00:00-11:02"]
    midnight = _end(datetime(2026, 11, 22, 15, 59, tzinfo=UTC))
    assert midnight == datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
    assert _hours(midnight)["monday"] == ["00:00-24:00"]
    late = Stage(cast(Rig, None), Launched(Path()), cast(Client, None), midnight, open_end=True)
    assert late.closes == replace(late, open_end=False).closes == midnight
    assert replace(late, over=over).closes == midnight
