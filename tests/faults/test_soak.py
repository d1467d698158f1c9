"""The soak on the rig: a long run when it is asked for, and always that what it sees with can be trusted."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import aiohttp
import pytest

from dialer.audit.cdr import CdrCall, CdrDisposition
from dialer.campaign.config import CampaignConfig
from dialer.campaign.model.attempt import Attempt, AttemptState
from dialer.campaign.model.evidence import Disposition, Evidence
from dialer.campaign.model.hours import CallingHours
from dialer.demo.client import Client
from dialer.demo.rig.carrier import CDR_HEADER
from tests.faults.rig.check import Records, Wire, answered_unseen, as_told
from tests.faults.rig.clock import Hand, SteppedClock
from tests.faults.rig.faults import FAULTS
from tests.faults.rig.people import ill
from tests.faults.rig.platform import Mood, MoodyPlatform, a_platform
from tests.faults.rig.rows import Rows
from tests.faults.rig.scene import Scene, Skipped, stopped
from tests.faults.rig.soak import Planned, Soak, plan, soak
from tests.kit.line import ORIGINATE, line_to

ACTION = ORIGINATE + b"\r\nActionID: a-1-1-x\r\nChannelId: a-1-1-x\r\n\r\n"


NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)


def seconds(after: float) -> datetime:
    return NOON + timedelta(seconds=after)


@pytest.mark.parametrize(
    ("answer", "end", "known"),
    [(None, 3.2, 1.0), (3.0, 3.1, 1.0), (0.5, 3.2, 1.0), (None, 0.9, 0.9), (None, 4.2, 4.2)],
    ids=["rings on", "answers when it moves again", "talks on", "over before", "over long after"],
)
def test_what_a_carrier_that_stood_still_tells_too_late(answer: float | None, end: float, known: float) -> None:
    """From 1 s to 3 s it read nothing; the PBX had hung up in that time."""
    answered = None if answer is None else seconds(answer)
    call = CdrCall(1, "139", NOON, seconds(end), CdrDisposition.ANSWERED, answered)
    assert as_told(call, [(seconds(1).timestamp(), seconds(3).timestamp())], []).end == seconds(known)


@pytest.mark.parametrize(("answer", "known"), [(0.5, 1.0), (None, 2.0), (1.5, 2.0)], ids=["talked", "rang", "answers"])
def test_what_a_pbx_that_died_cannot_tell(answer: float | None, known: float) -> None:
    """Who was talking hangs up; a phone that rang rings on, and may not be called again before it is over."""
    answered = None if answer is None else seconds(answer)
    call = CdrCall(1, "139", NOON, seconds(2), CdrDisposition.ANSWERED, answered)
    assert as_told(call, [], [seconds(1).timestamp()]).end == seconds(known)


@pytest.mark.soak
@pytest.mark.pbx
@pytest.mark.timeout(1800)
async def test_nothing_that_breaks_breaks_an_invariant() -> None:
    """Issue 4: ten minutes of faults on the rig without a violation, and the goals with 200 calls in flight."""
    outcome = await soak(10, 20261122, print)
    assert outcome.violations == ()
    assert [goal for goal in outcome.goals if not goal.met] == []
    skipped = {name for name in FAULTS if any(f"not injected: {name}: " in each for each in outcome.checked)}
    assert {each.fault for each in outcome.injections} == set(FAULTS) - skipped


@pytest.mark.pbx
@pytest.mark.usefixtures("untraced_processes")
async def test_a_short_soak() -> None:
    """The same for some seconds: after each fault the next call, and books that agree with the carrier."""
    said: list[str] = []
    outcome = await soak(0.15, 3, said.append)
    assert outcome.violations == (), "\n".join(said)
    assert outcome.injections
    assert outcome.goals == ()
    assert all(each.recovered_after_s is not None for each in outcome.injections)


def test_a_seed_decides_everything_and_every_fault_has_its_turn() -> None:
    """The same seed plans the same faults at the same distances; another one plans others."""
    first, again, other = (list(itertools.islice(plan(seed), 3 * len(FAULTS))) for seed in (7, 7, 8))
    assert first == again != other
    for begin in range(0, len(first), len(FAULTS)):
        assert {each.fault for each in first[begin : begin + len(FAULTS)]} == set(FAULTS)


def test_times_of_a_clock_that_was_set_are_read_as_they_really_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before, during and after an hour ahead; another process sees the step at once."""
    moment = 1_000_000.0
    monkeypatch.setattr("tests.faults.rig.clock.time.time", lambda: moment)
    hand = Hand(SteppedClock(tmp_path / "clock"))
    other = SteppedClock(tmp_path / "clock")
    hand.step(3600)
    assert other.offset_s == 3600
    moment += 10
    hand.step(0)
    assert other.offset_s == 0

    def really(shown: float, not_before: float = 0.0) -> float:
        return hand.real(datetime.fromtimestamp(shown, UTC), not_before).timestamp() - 1_000_000

    assert really(999_990) == -10
    assert really(1_003_605) == 5
    assert really(1_003_590) == -10, "a call that was up when the clock was set has its times moved"
    assert really(1_000_020) == 20
    assert really(1_003_605, not_before=1_003_600) == 3605, "an hour later the clock shows that time again"


def test_the_carriers_records_are_read_as_they_grow(tmp_path: Path) -> None:
    """Half a line is left for the next look; nothing is read twice."""
    file = tmp_path / "carrier.csv"
    line = "139,1000.5,,1003.5,NO ANSWER,3.0,0.0,u1\n"
    file.write_text(f"{CDR_HEADER}\n{line}{line[:20]}")
    records = Records(file)
    records.read()
    assert records.count == 1
    with file.open("a") as more:
        more.write(line[20:])
    records.read()
    records.read()
    assert records.count == 2
    assert [call.line for call in records.calls["139"]] == [2, 3]


def test_only_a_timeout_told_on_waking_may_hide_an_answer() -> None:
    """An answer that the books do not know is excused by a PBX that stood still over our Timeout, for a moment only."""
    base, config = datetime(2026, 11, 22, 3, 32, 9, tzinfo=UTC), CampaignConfig(CallingHours((), UTC), ())
    config = replace(config, ring_timeout=timedelta(seconds=2), settle=timedelta(seconds=1))
    a = Attempt("a-1-1-x", 1, base.date(), 1, 1, "C1", "1390001", "trunk", "001", base)
    a.disposition, a.evidence, a.ended_at = Disposition.NO_ANSWER, Evidence(reason=3), base + timedelta(seconds=4)
    began = base.timestamp()
    assert answered_unseen(a, [(began + 0.1, began + 3.99)], config)
    assert not answered_unseen(a, [], config)
    assert not answered_unseen(a, [(began - 9, began + 1.0)], config), "it was awake when the Timeout was due"
    assert not answered_unseen(a, [(began + 0.1, began + 2.5)], config), "it was awake long before it told"
    assert not answered_unseen(replace(a, disposition=Disposition.BUSY), [(began + 0.1, began + 3.99)], config)
    late = replace(a, ended_at=base + timedelta(seconds=5))
    assert not answered_unseen(late, [(began + 0.1, began + 4.99)], config), "such a Timeout is not to be believed"


def test_an_originate_must_be_in_the_books_and_leave_once(tmp_path: Path) -> None:
    """Invariant 6, seen from the wire."""
    database = tmp_path / "books"
    with sqlite3.connect(database) as books:
        books.execute("CREATE TABLE attempts (id TEXT)")
        books.execute("INSERT INTO attempts VALUES ('known')")
    books.close()
    wire = Wire(database)
    wire.originate("known")
    assert wire.broken == []
    wire.originate("known")
    wire.originate("unknown")
    wire.close()
    assert [each.what for each in wire.broken] == [
        "the Originate of known left twice",
        "the Originate of unknown left before its attempt was in the books",
    ]


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A PBX that says what it is told."""
    while data := await reader.read(4096):
        writer.write(data)
        await writer.drain()
    writer.close()


async def test_the_line_tells_of_originates_stalls_and_breaks_behind_any_byte() -> None:
    """What the soak relies on: nothing lost by a stall, exactly so many bytes before a cut, either way."""
    heard: list[str] = []
    server = await asyncio.start_server(_echo, "127.0.0.1", 0)
    async with server, line_to(server.sockets[0].getsockname()[1]) as line, asyncio.timeout(60):
        line.on_originate = heard.append
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
        line.stall()
        writer.write(ACTION[:30])
        await writer.drain()
        writer.write(ACTION[30:])
        await writer.drain()
        assert heard == []
        line.flow()
        assert await reader.readexactly(len(ACTION)) == ACTION
        assert heard == ["a-1-1-x"]
        line.cut_after(7, from_pbx=True)
        writer.write(ACTION)
        assert await reader.readexactly(7) == ACTION[:7]
        await line.broken.wait()
        writer.close()
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", line.port)
        await line.mend()
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
        writer.write(b"x")
        assert await reader.readexactly(1) == b"x"
        writer.close()


async def test_an_originate_that_comes_in_pieces_is_cut_where_it_is_to_be() -> None:
    """The mark of an Originate and its end may come with two reads: the PBX gets exactly so much of it."""
    got = bytearray()
    over = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            got.extend(data)
        over.set()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with server, line_to(server.sockets[0].getsockname()[1]) as line, asyncio.timeout(60):
        for after, arrives in ((-3, len(ACTION) - 3), (5, 5), (None, len(ACTION))):
            for pieces in ((ACTION[:4], ACTION[4:]), (ACTION[:30], ACTION[30:])):
                got.clear()
                over.clear()
                line.cut_at(1, after)
                _, writer = await asyncio.open_connection("127.0.0.1", line.port)
                for piece in pieces:
                    writer.write(piece)
                    await asyncio.sleep(0.05)  # so that they are read one by one
                await line.broken.wait()
                await over.wait()
                assert bytes(got) == ACTION[:arrives]
                writer.close()
                await line.mend()


async def test_a_cut_that_did_not_come_does_not_come_later() -> None:
    """Who cuts the line themselves has nothing armed any more; a new connection is told from the old one."""
    server = await asyncio.start_server(_echo, "127.0.0.1", 0)
    async with server, line_to(server.sockets[0].getsockname()[1]) as line, asyncio.timeout(60):
        seen = set[int]()
        for way in ("at", "after"):
            if way == "at":
                line.cut_at(1, 9)
            else:
                line.cut_after(9, from_pbx=False)
            line.cut()
            await line.mend()
            reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
            writer.write(ACTION)
            assert await reader.readexactly(len(ACTION)) == ACTION
            (number,) = line.connections
            assert number not in seen
            seen.add(number)
            line.cut()
            await line.mend()
            writer.close()


async def test_a_department_that_stops_is_told_once() -> None:
    """An error that nobody thought of ends the work of the department unseen: whoever soaks looks for it."""

    async def broken() -> None:
        raise LookupError("a bug")

    working = {asyncio.create_task(broken(), name="people-0"), asyncio.create_task(asyncio.sleep(60), name="people-1")}
    rest = set(working)
    await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
    (told,) = stopped(working)
    assert told.startswith("people-0 stopped: ")
    assert "LookupError: a bug" in told
    assert stopped(working) == []
    for task in rest - {t for t in rest if t.done()}:
        task.cancel()


async def test_a_fault_that_cannot_be_made_has_no_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told with why, and is neither an injection with a recovery time nor a violation."""

    async def forbidden(*_: object) -> None:
        raise Skipped("disk full: not here")

    monkeypatch.setitem(FAULTS, "disk full", forbidden)
    with sqlite3.connect(tmp_path / "books") as books:
        books.execute("CREATE TABLE history (id INTEGER)")
    books.close()
    scene = SimpleNamespace(
        dialer=SimpleNamespace(settings=SimpleNamespace(database=tmp_path / "books")), skipped=set(), begin=lambda: None
    )
    said: list[str] = []
    run = Soak(cast("Scene", scene), 1, said.append)
    await run._inject(Planned("disk full", 0.0, 1))
    assert (run.injections, run.violations, scene.skipped) == ([], [], {"disk full: not here"})
    assert said == ["not injected: disk full: not here"]


async def test_a_service_that_starts_has_no_parts_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its 503 is told to the operator, and does not stop whoever watches."""

    async def starts(*_: object, **__: object) -> dict[str, str]:
        return {"error": "store-unavailable"}

    monkeypatch.setattr(Client, "request", starts)
    assert await ill(Client(tmp_path)) == ("health: the service is not there yet",)


def test_a_call_of_which_nobody_knows_is_not_found_again(tmp_path: Path) -> None:
    """After an outage the goal waits for calls that the PBX has told of, not for those that merely have not ended."""
    with sqlite3.connect(tmp_path / "books") as books:
        books.execute("CREATE TABLE attempts (state TEXT, ended_at TEXT)")
        books.executemany(
            "INSERT INTO attempts VALUES (?, ?)",
            [(s, "now" if s == AttemptState.ENDED else None) for s in AttemptState],
        )
    books.close()
    rows = Rows(tmp_path / "books")
    assert (rows.found(), rows.live()) == (3, 5)


async def _posted(session: aiohttp.ClientSession, platform: MoodyPlatform) -> tuple[int, str]:
    headers = {"webhook-id": "unreached-1-1"}
    async with session.post(platform.url, data=b"{}", headers=headers, allow_redirects=False) as answer:
        return answer.status, await answer.text()


async def test_the_platform_acknowledges_only_when_it_is_well() -> None:
    """It remembers what it said yes to, also over its death, and in no other mood says yes."""
    async with a_platform() as platform, aiohttp.ClientSession() as session, asyncio.timeout(60):
        for mood, status in ((Mood.SILENT, 200), (Mood.REDIRECTS, 302), (Mood.BROKEN, 500)):
            platform.mood = mood
            assert (await _posted(session, platform))[0] == status
        platform.mood = Mood.GARBAGE
        with pytest.raises(aiohttp.ClientError):
            await _posted(session, platform)
        assert platform.acknowledged == {}
        platform.mood = Mood.WELL
        assert await _posted(session, platform) == (200, '{"ok": true}')
        await platform.die()
        with pytest.raises(aiohttp.ClientError):
            await _posted(session, platform)
        await platform.start()
        await _posted(session, platform)
        assert platform.acknowledged == {"unreached-1-1": 2}
