"""Two whole services at one PBX, the second on a copy of the database: a restore drill, a staging machine."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dialer.app.database import back_up
from dialer.campaign.messages import TakeOver, Withdraw
from dialer.campaign.model.evidence import Side
from dialer.campaign.model.link import MAIN_PBX
from dialer.clock import SystemClock
from dialer.demo.rig.rig import Rig
from dialer.settings import Settings
from tests.demo.rig.calls import fresh_number
from tests.service.department import Department, Row, at_work, configured

pytestmark = pytest.mark.pbx


async def copied(rig: Rig, d: Department, folder: Path) -> Settings:
    """The settings of another machine, with a backup of the department's database."""
    folder.mkdir()
    settings = configured(rig, folder)
    settings.data.mkdir(parents=True, exist_ok=True)
    backup, _ = back_up(d.settings, folder / "copy.sqlite3", SystemClock())
    shutil.copyfile(backup.path, settings.database)
    return settings


@asynccontextmanager
async def original(rig: Rig, folder: Path) -> AsyncIterator[Department]:
    """Production, with an agent who is ready."""
    folder.mkdir()
    async with at_work(rig, configured(rig, folder)) as d:
        await d.agents(rig.extensions[0])
        yield d


def owners(d: Department) -> str | None:
    """Whose the PBX is as the department sees it; None: its own."""
    return d.state.owners.get(MAIN_PBX)


async def test_a_copy_ends_nothing_and_calls_nobody_until_it_takes_over(quiet_rig: Rig, tmp_path: Path) -> None:
    """Issue 10, D7: calls that its records lack go on, and its customers are the original's; over, and back again."""
    talks, before, over, back = (fresh_number(ending) for ending in ("79", "00", "00", "00"))
    async with original(quiet_rig, tmp_path / "production") as first:
        rows = [Row("C0", before)]
        await first.call_list(rows)
        await first.first_ended("C0")
        settings = await copied(quiet_rig, first, tmp_path / "drill")
        async with at_work(quiet_rig, settings) as second:
            assert (owners(first) is None, owners(second) is None) == (True, False)
            rows.append(Row("C1", talks))
            await second.call_list(rows)
            await second.ready("001")
            await first.call_list(rows)
            assert (await first.first_ended("C1")).hung_up_by is Side.AGENT
            assert second.state.attempts == {}

            await second.ask(Withdraw(by="supervisor", visit=second.visits["C1"], reason="called by the original"))
            await second.ask(TakeOver(by="supervisor"))
            await second.until(lambda: owners(second) is None, "the copy owns the PBX")
            await first.until(lambda: owners(first) is not None, "the original only watches")
            rows.append(Row("C2", over))
            for d in (first, second):
                await d.call_list(rows)
            await second.first_ended("C2")
            await first.ask(Withdraw(by="supervisor", visit=first.visits["C2"], reason="called by the copy"))

            await first.ask(TakeOver(by="supervisor"))
            await first.until(lambda: owners(first) is None, "the original owns it again")
            await second.until(lambda: owners(second) is not None, "the copy watches again")
            rows.append(Row("C3", back))
            for d in (first, second):
                await d.call_list(rows)
            await first.first_ended("C3")
            assert {a.number for a in (await second.books()).attempts} == {before, over}
    await quiet_rig.carrier.idle()
    for number in (talks, over, back):
        assert [call.dst for call in first.carrier_calls(number)] == [number]


async def test_a_copy_that_starts_first_after_a_restart_of_the_pbx_only_watches(quiet_rig: Rig, tmp_path: Path) -> None:
    """Its records say whose the PBX was; the original, which comes after it, owns it and calls."""
    number = fresh_number("00")
    async with original(quiet_rig, tmp_path / "production") as first:
        assert owners(first) is None
        settings = await copied(quiet_rig, first, tmp_path / "drill")
    await quiet_rig.office.kill()
    await quiet_rig.office.start()
    async with at_work(quiet_rig, settings) as second:
        assert owners(second) is not None
        async with at_work(quiet_rig, first.settings) as again:
            assert owners(again) is None
            await again.call_list([Row("C1", number)])
            await again.ready("001")
            await again.first_ended("C1")
        assert (await second.books()).attempts == []
