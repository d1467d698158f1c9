"""What only the real PBX can show: rights, secrets, freezing, crashing, and that a call is never placed twice."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import random
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from dialer import callid
from dialer.ami.actions import LONGEST_LINE
from dialer.ami.pbx import AsteriskPbx
from dialer.ami.session import Session
from dialer.campaign.changes import Place
from dialer.campaign.messages import CallEvent, CallProgress, LinkRestored, PbxMessage
from dialer.campaign.model.evidence import Disposition
from dialer.clock import SystemClock
from dialer.demo.rig.rig import Rig
from dialer.errors import ActionRefused, LinkDown
from tests.ami.real import RealBench, real_bench, real_config
from tests.contracts.pbx_contract import Caller, Outcome

pytestmark = pytest.mark.pbx


@pytest.fixture
async def bench(quiet_rig: Rig) -> AsyncIterator[RealBench]:
    """The adapter at a rig that may be broken."""
    async with real_bench(quiet_rig) as made:
        yield made


@pytest.fixture
async def session(rig: Rig) -> AsyncIterator[Session]:
    """A bare session with the dialer's own rights."""
    made = Session(real_config(rig, rig.ami.port), lambda _: None, lambda _: None)
    await made.open()
    yield made
    await made.close()


def invites(rig: Rig, number: str) -> int:
    """How often the carrier was asked for this number."""
    with rig.carrier_cdr.open(newline="") as file:
        return sum(row["dst"] == number for row in csv.DictReader(file))


@pytest.mark.parametrize("trunk", ["direct", "local"])
async def test_a_link_cut_right_behind_an_originate_places_one_call(quiet_rig: Rig, trunk: str) -> None:
    """The carrier sees one INVITE, and the attempt ends as what really happened."""
    async with real_bench(quiet_rig, trunk) as bench:
        caller = Caller(bench)
        bench.line.cut_at(1)
        number = f"1380013{time.time_ns() // 1000 % 100:02d}69"
        channel = quiet_rig.trunk_templates[trunk].format(number=number)
        attempt = f"ct-1-1-{time.time_ns():x}"
        await bench.pbx.originate(Place(attempt, channel, bench.agent_phone, 10, 5))
        await bench.line.broken.wait()
        await bench.restore_link()
        await bench.until(lambda: caller.losses() == 1 and caller.looks())
        await bench.rest(1)
        look = await caller.survey()
        assert look.calls == ()
        assert await caller.end(attempt, 1) is Disposition.DECLINED, caller.events(attempt)
        await quiet_rig.carrier.idle()
        assert invites(quiet_rig, number) == 1


async def test_a_wrong_secret_is_a_refused_login(rig: Rig) -> None:
    """Asterisk's own words, and what to look at."""
    messages: list[PbxMessage] = []
    pbx = AsteriskPbx(real_config(rig, rig.ami.port, secret="wrong-secret"), messages.append, SystemClock())
    await pbx.start()
    try:
        async with asyncio.timeout(30):
            while not pbx.status.error:  # noqa: ASYNC110 - the other end is another process
                await asyncio.sleep(0.02)
    finally:
        await pbx.stop()
    assert len(messages) == 1
    assert "Authentication failed" in getattr(messages[0], "reason", "")


@pytest.mark.parametrize(
    "action",
    [
        {"Action": "Command", "Command": "core show version"},
        {"Action": "MixMonitor", "Channel": "PJSIP/x", "File": "x", "Command": "id"},
        {"Action": "Originate", "Channel": "Local/s@x", "Application": "System", "Data": "id", "Async": "true"},
        {"Action": "UpdateConfig", "SrcFilename": "manager.conf", "DstFilename": "manager.conf"},
        {"Action": "DBDel", "Family": "dialer", "Key": "x"},
    ],
    ids=lambda action: action["Action"],
)
async def test_the_dialers_user_may_not_do_more_than_it_needs(session: Session, action: dict[str, str]) -> None:
    """Commands on the PBX's machine, files and configuration are refused."""
    with pytest.raises(ActionRefused, match=r"Permission denied|Forbidden"):
        await session.ask(*action.items())


async def test_the_longest_line_that_asterisk_takes(session: Session) -> None:
    """A line of the size that we allow arrives whole; one that is longer is not what was sent."""
    room = LONGEST_LINE - len("Variable: LEN()\r\n")
    answer = await session.ask(("Action", "Getvar"), ("Variable", f"LEN({'x' * room})"))
    assert answer[0]["Value"] == str(room)


async def test_a_frozen_pbx_is_noticed_and_comes_back(bench: RealBench) -> None:
    """SIGSTOP: the link is given up after the ping's deadline; an Originate of that time is placed at most once."""
    caller = Caller(bench)
    number = f"1380014{time.time_ns() // 1000 % 100:02d}69"
    bench.rig.office.freeze()
    attempt = f"ct-2-1-{time.time_ns():x}"
    await bench.pbx.originate(Place(attempt, f"PJSIP/{number}@carrier", bench.agent_phone, 10, 5))
    await bench.until(caller.losses)
    bench.rig.office.thaw()
    await bench.until(caller.looks)
    await bench.rest(1.5)
    await caller.survey()
    await bench.rig.carrier.idle()
    placed = invites(bench.rig, number)
    assert placed <= 1
    assert caller.over(attempt) is (placed == 1)
    assert caller.losses() == 1


async def test_a_killed_pbx_is_seen_to_have_been_restarted(bench: RealBench) -> None:
    """kill -9 in the middle of a conversation: lost at once; after the restart no call, and a later start time."""
    caller = Caller(bench)
    before = (await caller.survey()).started_at
    attempt = await caller.place(Outcome.LISTENS)
    await caller.told(attempt, CallProgress.CONNECTED)
    await asyncio.sleep(1.5)  # Asterisk writes its database about once a second
    await bench.rig.office.kill()
    await bench.until(caller.losses, 3)
    restarted = datetime.now(UTC)
    await bench.rig.office.start()
    await bench.until(lambda: len(caller.looks()) == 2)
    look = await caller.survey()
    assert look.calls == ()
    assert before is not None
    assert look.started_at is not None
    assert before < look.started_at
    assert abs(look.started_at - restarted) < timedelta(seconds=3)
    # What the PBX had noted of the call before it died.
    assert [e.progress for e in look.ends if e.attempt == attempt] == [
        CallProgress.ANSWERED,
        CallProgress.RESPONDED,
        CallProgress.CONNECTED,
    ]


async def test_the_journal_is_cleared(rig: Rig) -> None:
    """With the rights that the dialer has; what was told is gone from the PBX's database."""
    async with real_bench(rig, journal_keep_s=0.0) as bench:
        caller = Caller(bench)
        attempt = await caller.place(Outcome.BUSY)
        assert await caller.end(attempt) is Disposition.BUSY
        first = await caller.survey()
        assert attempt in {each.attempt for each in first.ends}
        second = await caller.survey()
        assert attempt not in {each.attempt for each in second.ends}


async def test_an_agents_phone_behind_a_local_channel(bench: RealBench) -> None:
    """Any dial string may be an agent's: the call is connected, found by a survey, and told once."""
    bench.agent_phone = "Local/8002@from-internal/n"
    caller = Caller(bench)
    attempt = await caller.place(Outcome.LISTENS)
    await caller.told(attempt, CallProgress.CONNECTED)
    await caller.cut()
    await caller.restore()
    (call,) = (await caller.survey()).calls
    assert (call.attempt, call.progress) == (attempt, CallProgress.CONNECTED)
    await bench.pbx.hang_up(attempt)
    assert await caller.end(attempt) is Disposition.CONNECTED


async def test_a_test_call_makes_a_phone_answer_by_itself(bench: RealBench) -> None:
    """The INVITE has the headers of a customer's call, so that a phone which is set up to answer them shows it."""
    seen = len(bench.rig.carrier.log.read_text())
    test = callid.for_test()
    await bench.tester.ring(test, bench.agent_phone, 20)
    await bench.until(lambda: any(getattr(each, "progress", "") is CallProgress.HUNG_UP for each in bench.heard))
    told = [line for line in bench.rig.carrier.log.read_text()[seen:].splitlines() if "NoOp(" in line]
    assert "Call-Info: <sip:dialer>;answer-after=0 " in told[0]
    assert "Alert-Info: <http://dialer>;info=alert-autoanswer;delay=0" in told[0]
    assert "Answer-Mode: Auto" in told[1]


@pytest.mark.parametrize("command", ["channel request hangup all", "core stop now"])
@pytest.mark.parametrize("trunk", ["direct", "local"])
async def test_what_our_own_pbx_ends_is_not_put_down_to_the_customer(quiet_rig: Rig, trunk: str, command: str) -> None:
    """Issue 10, D5: who rang when a person, or the PBX by stopping, hung up on everybody is not charged for it."""
    async with real_bench(quiet_rig, trunk) as bench:
        caller = Caller(bench)
        attempt = await caller.place(Outcome.RINGS_OUT, timeout_s=20)
        await caller.told(attempt, CallProgress.RINGING)
        async with quiet_rig.office.control() as ami:
            with contextlib.suppress(ConnectionError, TimeoutError):
                await ami.action("Command", Command=command)
        assert await caller.end(attempt, 30) is Disposition.CANCELLED
        if command == "core stop now":  # a restart ends calls in the same way (measured)
            await bench.until(lambda: not quiet_rig.office.running)
            await quiet_rig.office.start()


async def test_a_flood_of_calls_is_told_whole(bench: RealBench) -> None:
    """Sixty calls at once: every one comes to its end, with its own cause."""
    caller = Caller(bench)
    outcomes = [Outcome.BUSY, Outcome.UNALLOCATED, Outcome.CONGESTED] * 20
    attempts = [await caller.place(outcome, timeout_s=20) for outcome in outcomes]
    ends = [await caller.end(attempt, 30) for attempt in attempts]
    assert ends == [Disposition.BUSY, Disposition.INVALID_NUMBER, Disposition.CONGESTION] * 20
    assert (await caller.survey()).calls == ()


@pytest.mark.parametrize("trunk", ["direct", "local"])
async def test_calls_under_a_link_that_breaks_again_and_again(quiet_rig: Rig, trunk: str) -> None:
    """Cut at random moments, also right behind an Originate: no call twice, every call with its true end."""
    chance = random.Random(7)
    expected = {
        "61": Disposition.BUSY,
        "66": Disposition.INVALID_NUMBER,
        "69": Disposition.DECLINED,
        "75": Disposition.CONGESTION,
        "00": Disposition.CONNECTED,
    }
    stamp = time.time_ns() // 1000 % 1000
    placed: dict[str, str] = {}
    async with real_bench(quiet_rig, trunk, reconnect_first_s=0.02, reconnect_max_s=0.02) as bench:
        caller = Caller(bench)
        for n in range(1000):  # how many it takes to place so many depends on how long a login takes
            if len(placed) == 25:
                break
            number = f"1{stamp:03d}{n:05d}{list(expected)[n % 5]}"
            attempt = f"ct-{n}-2-{stamp:x}"
            order = Place(attempt, quiet_rig.trunk_templates[trunk].format(number=number), bench.agent_phone, 10, 5)
            if n % 8 == 3:
                bench.line.cut_at(1)
            elif n % 8 == 7:
                await bench.cut_link()
            with contextlib.suppress(LinkDown):
                await bench.pbx.originate(order)
                placed[attempt] = number
            await asyncio.sleep(chance.uniform(0.0, 0.12))
            await bench.restore_link()
        await bench.until(lambda: isinstance(bench.messages[-1], CallEvent | LinkRestored))
        await asyncio.sleep(3.5)
        assert (await caller.survey()).calls == ()
        await quiet_rig.carrier.idle()
        assert len(placed) == 25
        for attempt, number in placed.items():
            # What was cut off on its way to the PBX was never a call.
            called = invites(quiet_rig, number)
            assert called <= 1, caller.events(attempt)
            assert caller.over(attempt) is (called == 1), caller.events(attempt)
            assert not called or await caller.end(attempt, 1) is expected[number[-2:]], caller.events(attempt)
        assert caller.losses() >= 5
