"""A PBX that stops, freezes or dies in the middle of the day: noticed, nothing burnt, and the day goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dialer.campaign.changes import NoticeKind
from dialer.campaign.model.evidence import Disposition
from dialer.demo.rig.rig import Rig
from tests.demo.rig.calls import fresh_number
from tests.service.department import Department, Row, department

pytestmark = pytest.mark.pbx

ENDINGS = ("00", "61", "00", "83", "85", "66", "69", "63", "00", "60")
SLOW: dict[str, object] = {"ring_timeout_s": 4.0, "agent_timeout_s": 10.0}
"""Longer than the PBX is frozen: an answer in that time, a customer's or an agent's, is not missed, only late."""


async def calls_are_up(d: Department, count: int = 2) -> None:
    """In the middle of the work."""
    await d.until(lambda: len(d.state.attempts) >= count, f"{count} calls are under way")


async def linked_again(d: Department) -> None:
    """The alarm is over and calling goes on."""
    await d.until(lambda: d.state.link_up and "link" not in d.state.alarms, "the link is back")
    placed = sum(v.attempts for v in d.state.days[d.today].visits.values())
    await d.until(lambda: sum(v.attempts for v in d.state.days[d.today].visits.values()) > placed, "calling goes on")


async def test_a_pbx_that_freezes_stops_and_dies(quiet_rig: Rig, tmp_path: Path) -> None:
    """SIGSTOP is noticed within the ping deadline; a stop in order and a kill -9 too; nothing is lost or doubled."""
    office = quiet_rig.office
    rows = [Row(f"C{n:02}", fresh_number(ENDINGS[n % len(ENDINGS)])) for n in range(20)]
    async with department(quiet_rig, tmp_path, rule={"gap_s": 1.5, "attempts": 2}, dialling=SLOW) as d:
        await d.agents(*quiet_rig.extensions[:3])
        await d.call_list(rows)

        await calls_are_up(d)
        office.freeze()
        noticed_within_s = d.settings.pbx.ping_interval_s + d.settings.pbx.ping_timeout_s + 1.0
        await d.until(lambda: "link" in d.state.alarms, "a frozen PBX is noticed", noticed_within_s)
        frozen = {a.id for a in d.state.attempts.values()}
        await asyncio.sleep(0.5)  # let the dialer try to do something
        assert {a.id for a in d.state.attempts.values()} <= frozen, "nothing is dialled"
        office.thaw()
        await linked_again(d)

        await calls_are_up(d)
        await office.stop()
        await d.until(lambda: "link" in d.state.alarms, "a stopped PBX is noticed")
        await office.start()
        await linked_again(d)

        await calls_are_up(d)
        await office.kill()
        await d.until(lambda: "link" in d.state.alarms, "a dead PBX is noticed")
        await office.start()
        await linked_again(d)

        books = await d.until_over()
        assert [n.kind for n in books.outbox].count(NoticeKind.ALARM) >= 3
        assert await d.audited() == []
        assert books.wrong(2) == []
        left = [f.name for folder in (quiet_rig.recordings.spool, quiet_rig.recordings.done) for f in folder.iterdir()]
        ours = d.service.parts.database.installation
        assert [n for n in left if n.startswith(ours) and n.split(".")[0] not in books.recordings] == []


async def test_a_pbx_that_lacks_a_module_is_noticed(quiet_rig: Rig, tmp_path: Path) -> None:
    """Without app_mixmonitor every customer who answers is hung up on, and the agent was ready at once."""
    rows = [Row(f"C{n:02}", fresh_number("00")) for n in range(12)]
    async with department(quiet_rig, tmp_path, dialling={"wrap_up_s": 0.1, "streak_pause_s": 2}) as d:
        async with module_missing(quiet_rig, "app_mixmonitor.so"):
            await d.agents(*quiet_rig.extensions[:2])
            await d.call_list(rows)
            await d.until(lambda: "streak-dropped:direct" in d.state.alarms, "it is noticed")
            await d.until(lambda: not d.state.attempts, "calls are held")
        await d.until(lambda: d.state.streaks.held() == [], "calling goes on by itself")
        assert "streak-dropped:direct" not in d.state.alarms
        books = await d.until_over()
        assert {each.kind for each in books.outbox} == {NoticeKind.ALARM, NoticeKind.ALARM_OVER}
        assert sum(a.disposition is Disposition.ABANDONED for a in books.attempts) <= 6


@asynccontextmanager
async def module_missing(rig: Rig, module: str) -> AsyncIterator[None]:
    """The office without one of Asterisk's modules."""
    async with rig.office.control() as ami:
        told = await ami.action("ModuleLoad", LoadType="unload", Module=module)
        assert told["Response"] == "Success", told
        try:
            yield
        finally:
            await ami.action("ModuleLoad", LoadType="load", Module=module)
