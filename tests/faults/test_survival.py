"""What outlives the dialer: conversations, recordings, notices, and a disk that is full for a while."""

from __future__ import annotations

import resource
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import unquote

import pytest
from aiohttp import web

from dialer.campaign.model.attempt import Attempt, AttemptState
from dialer.campaign.model.recording import Recording, RecordingState
from dialer.campaign.views.lookup import CallQuery
from dialer.demo.client import Client
from dialer.demo.rig.build import AsteriskBuild
from dialer.demo.rig.carrier import RigSpeed
from dialer.demo.rig.rig import Rig
from dialer.store.records.calls import SqlCallStore
from tests.demo.rig.calls import fresh_number
from tests.faults.rig.people import ill
from tests.kit.books import EVERYTHING, carrier_calls, opened
from tests.kit.launcher import RunningDialer
from tests.kit.settings import quick_settings
from tests.kit.waiting import until
from tests.notices.platform import SECRET, Platform, answer

pytestmark = [pytest.mark.pbx, pytest.mark.usefixtures("untraced_processes")]

AUDIBLE_DBFS = -50.0
TALK_S = 25.0
SHORT_TALK_S = 6.0  # all three calls are up together for so long, however slowly they come about


async def attempts(dialer: RunningDialer) -> dict[str, Attempt]:
    """The calls in the books, by customer's number; each customer of these tests is called once."""
    return {a.number: a for a in (await dialer.books()).attempts}


async def recordings(dialer: RunningDialer) -> dict[str, Recording]:
    """The recordings' rows, by customer's number."""
    async with opened(dialer.settings.database) as database:
        calls = await SqlCallStore(database).calls(CallQuery(page=EVERYTHING))
        return {call.attempt.number: call.recording for call in calls if call.recording}


@asynccontextmanager
async def prepared(config: Path, numbers: list[str], agents: list[str]) -> AsyncIterator[RunningDialer]:
    """A dialer with its list and agents; whatever a test does, none stays behind."""
    dialer = RunningDialer(config)
    await dialer.prepare(numbers, agents)
    await dialer.start()
    try:
        yield dialer
    finally:
        await dialer.kill()


async def test_a_conversation_outlives_the_dialer(asterisk_build: AsteriskBuild, tmp_path: Path) -> None:
    """Bar 4, "Crash and restart": kill -9 during talk cuts no call, loses no recording, and the result can be told."""
    speed = RigSpeed(ring_s=0.2, talk_s=SHORT_TALK_S, patience_s=2 * TALK_S, phone_ring_s=0.1, phone_talk_s=TALK_S)
    long, short, mute = numbers = [fresh_number(ending) for ending in ("79", "00", "77")]
    dialling = {"ring_timeout_s": 5, "agent_timeout_s": None, "wrap_up_s": None}  # wrap-up is ended by the agent
    async with (
        Rig(tmp_path / "rig", asterisk_build, phones=3, speed=speed) as rig,
        prepared(quick_settings(tmp_path / "dialer.toml", rig, dialling=dialling), numbers, rig.extensions) as dialer,
    ):

        async def talking() -> set[str]:
            return {n for n, a in (await attempts(dialer)).items() if a.state is AttemptState.CONNECTED}

        async def two_have_ended() -> bool:
            return bool(carrier_calls(rig, short) and carrier_calls(rig, mute))

        async def found_again() -> bool:
            call = (await attempts(dialer))[long]
            assert call.live, "it is still up"
            return call.state is AttemptState.CONNECTED

        async def all_talk() -> bool:
            return await talking() == set(numbers)

        await until(all_talk)
        await dialer.kill()
        await until(two_have_ended)
        await dialer.start()
        await until(found_again)
        call = (await attempts(dialer))[long]
        async with Client(dialer.data) as client:
            await client.send("PUT", f"attempts/{call.id}/disposition", {"result": "ordered", "order": "A1"})
            books = await dialer.until_done(TALK_S + 120)
            assert [agent["presence"] for agent in await client.get("agents")] == ["wrap_up"] * 3
        assert await dialer.stop() == 0

        assert [len(carrier_calls(rig, number)) for number in numbers] == [1, 1, 1]
        (talk,) = carrier_calls(rig, long)
        assert talk.answer is not None
        assert (talk.end - talk.answer).total_seconds() >= TALK_S
        rows = await recordings(dialer)
        assert [rows[n].state for n in numbers] == [RecordingState.KEPT, RecordingState.KEPT, RecordingState.FAULTY]
        assert rows[long].duration_s >= 0.9 * TALK_S  # a busy machine begins to write late
        assert "customer_silent" in rows[mute].faults
        for number in (long, short):
            assert all(level is not None and level > AUDIBLE_DBFS for level in rows[number].levels), number
        (detail,) = [s for s in books.details if s.visit.number == long]
        assert detail.visit.result == "ordered"
        assert dialer.audit(rig, books.attempts) == []
        assert books.wrong() == []


async def test_notices_outlive_a_platform_that_fails_and_a_dialer_that_dies(rig: Rig, tmp_path: Path) -> None:
    """Bar 4: 500 for a while, and a kill at the very moment of an acknowledgement: each notice comes through once."""
    acknowledged: list[str] = []
    platform = Platform()
    platform.otherwise = answer(500)
    await platform.start()
    settings = quick_settings(
        tmp_path / "dialer.toml",
        rig,
        rule={"gap_s": 1, "attempts": 1},
        platform={"url": platform.url, "secret": SECRET, "retry_first_s": 0.3},
    )
    numbers = [fresh_number(ending) for ending in ("66", "61", "67", "63", "70", "69")]
    try:
        async with prepared(settings, numbers, rig.extensions[:6]) as dialer:

            async def all_were_tried() -> bool:
                books = await dialer.books()
                return all(n.tries for n in books.outbox) and not any(s.visit.open for s in books.details)

            async def takes(request: web.Request) -> web.StreamResponse:
                acknowledged.append(unquote(request.headers["webhook-id"]))
                return web.Response(text='{"ok": true}')

            async def takes_and_the_dialer_dies(request: web.Request) -> web.StreamResponse:
                await dialer.kill()
                return web.Response(text='{"ok": true}')

            await until(all_were_tried)
            await dialer.kill()
            assert acknowledged == []
            await dialer.start()
            platform.answers.append(takes_and_the_dialer_dies)
            await dialer.ended(20)
            sent_before = {unquote(name) for name in platform.ids}
            platform.otherwise = takes
            await dialer.start()
            books = await dialer.until_done(TALK_S + 120)
            assert await dialer.stop() == 0
        assert Counter(acknowledged) == Counter(n.id for n in books.outbox)
        assert sent_before == set(acknowledged), "sent again under the same ids"
        for request in platform.received:
            request.verify()
        kinds = Counter(str(n.kind) for n in books.outbox)
        assert (kinds["invalid_number"], kinds["unreached"]) == (3, 3)
        assert dialer.audit(rig, books.attempts) == []
    finally:
        await platform.stop()


async def test_a_full_disk_stops_calling_and_loses_nothing(rig: Rig, tmp_path: Path) -> None:
    """Invariant 9: no byte can be written for a while: nothing is dialled, nothing lost, it goes on by itself."""
    settings = quick_settings(tmp_path / "dialer.toml", rig, rule={"gap_s": 1, "attempts": 2})
    numbers = [fresh_number(("79", "61", "00", "66")[n % 4]) for n in range(10)]
    async with prepared(settings, numbers, rig.extensions[:4]) as dialer:

        async def some_are_called() -> bool:
            return len(await attempts(dialer)) >= 4

        async def trouble_is_shown() -> bool:
            async with Client(dialer.data) as client:
                return bool(await ill(client))

        await until(some_are_called)
        pid, (_, most) = dialer.pid, resource.prlimit(dialer.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, most))  # a write behind that fails, as on a full disk
        await until(trouble_is_shown)
        known = len((await dialer.books()).attempts)
        await rig.carrier.idle()
        assert sum(len(carrier_calls(rig, number)) for number in numbers) == known
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))
        books = await dialer.until_done(480)
        assert await dialer.stop() == 0
        assert dialer.audit(rig, books.attempts) == []
        assert books.wrong() == []
