"""A value that the database does not take spoils its message alone: what memory knows is what is on record."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from dialer.campaign.engine import Engine
from dialer.campaign.messages import (
    Command,
    EnterManualCall,
    PauseCampaign,
    Reassign,
    SaveAgent,
    SetAlarm,
    SetCalendarDay,
    Withdraw,
)
from dialer.campaign.state import State
from dialer.errors import Defect, Refused, StoreError, StoreUnavailable
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from tests.campaign.days import MONDAY, at, config, row
from tests.campaign.surroundings import FakePbx, agent, listing, ready
from tests.virtual.day import VirtualClock

HALF = "half a character: \ud800"


@asynccontextmanager
async def running(day: SqlDayStore) -> AsyncIterator[tuple[Engine, asyncio.Task[None]]]:
    """An engine on the database, with two customers and an agent who is ready."""
    engine, pbx = Engine(config(), day, VirtualClock(at(8))), FakePbx()
    pbx.post = engine.post
    task = asyncio.create_task(engine.run({"main": pbx}))
    await engine.ready()
    await engine.ask(agent())
    await engine.ask(listing(row(1), row(2), row(3)))
    await engine.ask(ready())
    yield engine, task
    task.cancel()
    await asyncio.wait([task])


def known(state: State) -> dict[str, Any]:
    """What is in memory of all that is stored."""
    return {
        "visits": {v.id: asdict(v) for day in state.days.values() for v in day.visits.values()},
        "agents": {a.number: {**asdict(a), "phone": None} for a in state.agents.values()},
        "flags": dict(state.flags),
        "alarms": dict(state.alarms),
    }


async def on_record(day: SqlDayStore) -> dict[str, Any]:
    """The same, as an engine would find it that is started now."""
    base, snapshot = await day.base(), await day.load(MONDAY, at(7))
    return {
        "visits": {v.id: asdict(v) for v in snapshot.visits},
        "agents": {a.number: {**asdict(a), "phone": None} for a in base.agents},
        "flags": base.flags,
        "alarms": {a.key: a for a in base.alarms},
    }


POISONED: dict[str, Command] = {
    "withdraw": Withdraw(by="test", visit=2, reason=HALF),
    "pause": PauseCampaign(by="test", reason=HALF),
    "agent": SaveAgent(by="test", number="007", name=HALF, extension="PJSIP/007"),
    "alarm": SetAlarm(by="test", key="disk", text=HALF),
    "calendar": SetCalendarDay(by="test", day=MONDAY, working=True, name=HALF),
    "by hand": EnterManualCall(by=HALF, visit=2, who="me", at=at(8)),
    "a visit over 64 bits": Withdraw(by="test", visit=1 << 70, reason="ordered"),
    "a place over 64 bits": listing(row(1), row(2), row(3), row(1 << 70)),
}


@pytest.mark.parametrize("message", POISONED.values(), ids=POISONED)
async def test_a_value_that_the_database_does_not_take_spoils_its_message_alone(
    day: SqlDayStore, message: Command
) -> None:
    """Those before and after it in the batch are carried out, and memory is what is on record."""
    async with running(day) as (engine, task):
        before, after = (
            engine.submit(SaveAgent(by="test", number=n, name="", extension=f"PJSIP/{n}")) for n in ("101", "102")
        )
        asked = engine.submit(message)
        behind = engine.submit(Reassign(by="test", visit=3, agent="101"))
        await asyncio.wait([before, after, asked, behind], timeout=120)
        assert isinstance(asked.exception(), Defect | Refused)
        assert (before.exception(), after.exception(), behind.exception()) == (None, None, None)
        assert not task.done()
        await engine.ask(SaveAgent(by="test", number="103", name="", extension="PJSIP/103"))
        assert known(engine.state) == await on_record(day)
        assert engine.state.agents.keys() >= {"101", "102", "103"}


async def test_who_asked_gets_the_name_under_which_the_log_has_it(
    day: SqlDayStore, capsys: pytest.CaptureFixture[str]
) -> None:
    """And an alarm is raised, which is on record."""
    async with running(day) as (engine, _):
        with pytest.raises(Defect) as caught:
            await engine.ask(Withdraw(by="test", visit=2, reason=HALF))
        assert f"defect={caught.value.defect}" in str(caught.value)
        assert caught.value.defect in capsys.readouterr().out
        assert "defect:Withdraw" in (await on_record(day))["alarms"]


async def test_a_database_that_takes_nothing_ends_the_engine(day: SqlDayStore, database: Database) -> None:
    """That is not one message's doing: a start may mend it, and the records are the truth."""
    async with running(day) as (engine, task):
        await database.write(lambda connection: connection.execute(text("DROP TABLE history")))
        with pytest.raises(Refused, match="stopping"):
            await engine.ask(Withdraw(by="test", visit=2, reason="ordered"))
        await asyncio.wait([task], timeout=30)
        with pytest.raises(StoreError):
            task.result()


async def test_days_that_cannot_be_read_refuse_their_message_alone(day: SqlDayStore) -> None:
    """The list of a day to come, while the database is held up: who imports is told, and the calls go on."""
    async with running(day) as (engine, task):
        real = day.load

        async def held_up(which: Any, since: datetime) -> Any:
            if which != MONDAY:
                raise StoreUnavailable("locked")
            return await real(which, since)

        day.load = held_up  # type: ignore[assignment,method-assign]  # a fault
        with pytest.raises(StoreUnavailable, match="locked"):
            await engine.ask(listing(row(1), day=datetime(2026, 11, 24, tzinfo=UTC).date()))
        assert not task.done()
        assert not [key for key in engine.state.alarms if key.startswith("defect")]
        await engine.ask(PauseCampaign(by="test"))


async def test_today_that_cannot_be_read_is_waited_for(day: SqlDayStore) -> None:
    """As for a database that cannot be written."""
    async with running(day) as (engine, task):
        real, faults = day.load, [StoreUnavailable("locked")]

        async def held_up(which: Any, since: datetime) -> Any:
            if faults:
                raise faults.pop()
            return await real(which, since)

        day.load = held_up  # type: ignore[assignment,method-assign]  # a fault
        engine._clock.at = at(8, day=datetime(2026, 11, 24, tzinfo=UTC).date())  # type: ignore[attr-defined]  # a test's clock
        await engine.ask(PauseCampaign(by="test"))
        assert not task.done()
        assert not faults
        assert engine.trouble == ""
