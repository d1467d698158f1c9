"""What the PBX says of its calls, and what is made of its journal."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from dialer.ami.survey import events_of, live_calls, read_mark
from dialer.campaign.calls.events import gather
from dialer.campaign.messages import CallProgress, LiveCall
from dialer.campaign.model.evidence import Disposition, Evidence, Side
from dialer.campaign.rules.disposition import classify
from tests.ami import events
from tests.ami.events import A
from tests.ami.server import ATTEMPT, T0, Connection, FixedClock, Headers, bench, order

D = Disposition


def at(after: float) -> str:
    """A time as the dialplan writes it."""
    return f"{datetime.fromtimestamp(T0 + after, UTC).isoformat(timespec='milliseconds')[:-6]}Z"


ANSWERED = f"answered={at(0)}"
TALKED = f"{ANSWERED}|connected={at(5)}|end={at(200)}|cause=16|state=Up|agent=ANSWER|by=customer|tech=SIP 200 OK"


def unanswered(cause: int, state: str, tech: str, agent: str = "") -> str:
    return f"answered=|connected=|end={at(9)}|cause={cause}|state={state}|agent={agent}|by=|tech={tech}"


@pytest.mark.parametrize(
    ("value", "disposition"),
    [
        (TALKED, D.CONNECTED),
        (f"{ANSWERED}|connected=|end={at(9)}|cause=16|state=Up|agent=NOANSWER|by=|tech=SIP 200 OK", D.ABANDONED),
        (unanswered(17, "Ringing", "SIP 486 Busy Here"), D.BUSY),
        (unanswered(21, "Ringing", "SIP 603 Decline"), D.DECLINED),
        (unanswered(21, "Down", "SIP 403 Forbidden"), D.OUR_FAULT),
        (unanswered(19, "Ringing", "SIP 180 Ringing"), D.NO_ANSWER),
        (unanswered(19, "Down", "SIP 183 Session Progress"), D.NO_ANSWER),
        (unanswered(19, "Down", "SIP 100 Trying"), D.OUR_FAULT),
        (unanswered(19, "Down", "SIP 480 Temporarily Unavailable"), D.UNREACHABLE),
        (unanswered(17, "Ringing", ""), D.BUSY),
        (unanswered(34, "Down", ""), D.CONGESTION),
        (unanswered(1, "Down", "SIP 404 Not|Found=x"), D.INVALID_NUMBER),
        (unanswered(0, "Ringing", "SIP 603 Decline"), D.DECLINED),
        (unanswered(16, "Up", "SIP 404 Not Found"), D.INVALID_NUMBER),
        (unanswered(16, "Up", ""), D.OUR_FAULT),
    ],
)
def test_the_journal_brings_an_attempt_to_its_end(value: str, disposition: Disposition) -> None:
    """Its events complete the evidence, and the table says what was."""
    mark = read_mark(f"/dialer/{A}", value)
    assert mark is not None
    evidence = Evidence()
    for each in events_of(mark):
        assert each.attempt == A
        gather(evidence, each)
    assert evidence.hung_up
    assert evidence.responded
    assert classify(evidence).disposition is disposition


@pytest.mark.parametrize(
    ("agent", "by", "side"),
    [
        ("ANSWER", "customer", Side.CUSTOMER),
        ("ANSWER", "agent", Side.AGENT),
        ("ANSWER", "pbx", Side.PBX),
        ("ANSWER", "", Side.CUSTOMER),  # through a Local channel
        ("NOANSWER", "", None),
        ("", "somebody", None),
    ],
)
def test_the_journal_says_who_hung_up(agent: str, by: str, side: Side | None) -> None:
    """As the event does."""
    mark = read_mark(f"/dialer/{A}", f"{ANSWERED}|connected=|end={at(9)}|cause=16|state=Up|agent={agent}|by={by}|tech=")
    assert mark is not None
    *_, end = events_of(mark)
    assert end.hung_up_by is side


def test_an_entry_without_an_end_says_how_far_the_call_came() -> None:
    """The call goes on, or Asterisk was killed in it: no hang-up is made up."""
    mark = read_mark(f"/dialer/{A}", f"{ANSWERED}|connected={at(5)}")
    assert mark is not None
    assert [each.progress for each in events_of(mark)] == [
        CallProgress.ANSWERED,
        CallProgress.RESPONDED,
        CallProgress.CONNECTED,
    ]


@pytest.mark.parametrize(("key", "value"), [("/dialer/office-1.2", TALKED), ("", TALKED), ("/dialer/", "")])
def test_entries_of_others_are_passed_over(key: str, value: str) -> None:
    """Only attempts."""
    assert read_mark(key, value) is None


@pytest.mark.parametrize("value", ["", "nonsense", "end=soon|cause=x", "|||", "tech=|tech="])
def test_a_damaged_entry_says_nothing(value: str) -> None:
    """Never an error, never an end."""
    mark = read_mark(f"/dialer/{A}", value)
    assert mark is not None
    assert list(events_of(mark)) == []


def channel(uid: str, state: int, linked: str = A, bridge: str = "") -> Headers:
    return {"Uniqueid": uid, "Linkedid": linked, "ChannelState": str(state), "BridgeId": bridge}


@pytest.mark.parametrize(
    ("rows", "sign"),
    [
        ([channel(A, 0)], CallProgress.DIALLED),
        ([channel(A, 5)], CallProgress.RINGING),
        ([channel(A, 6)], CallProgress.ANSWERED),
        ([channel(A, 6), channel("office-1.5", 5)], CallProgress.ANSWERED),
        ([channel(A, 6, bridge="b1"), channel("office-1.5", 6, bridge="b1")], CallProgress.CONNECTED),
        # Through Local the trunk leg is in a bridge too, but not in the customer's.
        (
            [channel(A, 6), channel(f"{A};2", 6, bridge="b2"), channel("office-1.4", 6, bridge="b2")],
            CallProgress.ANSWERED,
        ),
        ([channel(A, 5), channel(f"{A};2", 4), channel("office-1.4", 5)], CallProgress.RINGING),
    ],
)
def test_how_far_a_live_call_is(rows: list[Headers], sign: CallProgress) -> None:
    """From channel states and bridges; other people's channels do not matter."""
    rows = [channel("office-1.9", 6, "office-1.9", "b9"), *rows, {"Event": "CoreShowChannelsComplete"}]
    assert live_calls(rows, {}) == {A: LiveCall(A, sign)}


def test_the_journal_knows_better_than_the_channel() -> None:
    """Between the agent's answer and the bridge the journal already says so."""
    for value, sign in ((ANSWERED, CallProgress.ANSWERED), (f"{ANSWERED}|connected={at(0)}", CallProgress.CONNECTED)):
        mark = read_mark(f"/dialer/{A}", value)
        assert mark is not None
        assert live_calls([channel(A, 6)], {A: mark})[A].progress is sign


async def test_a_survey_tells_calls_and_ends() -> None:
    """Final, at our clock's time; twice the same without asking the PBX for more."""
    async with bench() as b:
        b.server.channels = [channel("t1-8-1-abc", 5, "t1-8-1-abc")]
        b.server.journal = {A: TALKED}
        await b.pbx.survey()
        look = b.looks()[-1]
        assert look.final
        assert look.at == FixedClock.at
        assert look.calls == (LiveCall("t1-8-1-abc", CallProgress.RINGING),)
        assert [each.progress for each in look.ends] == [
            CallProgress.ANSWERED,
            CallProgress.RESPONDED,
            CallProgress.CONNECTED,
            CallProgress.HUNG_UP,
        ]


async def test_an_accepted_originate_counts_as_alive_until_something_is_heard() -> None:
    """The PBX answers "queued" before there is a channel to list."""
    async with bench() as b:
        await b.pbx.originate(order())
        await b.pbx.survey()
        assert b.looks()[-1].calls == (LiveCall(ATTEMPT, CallProgress.DIALLED),)
        b.server.last.send(events.response(0))
        await b.until(b.events)
        await b.pbx.survey()
        assert b.looks()[-1].calls == ()


async def test_a_call_that_ends_during_the_survey_is_not_told_as_alive() -> None:
    """It was in the list, its hang-up came before the answer was complete."""
    async with bench() as b:
        b.server.channels = [channel(A, 6)]

        def ending(to: Connection, action: Headers) -> None:
            to.send(events.hangup(16))
            to.list(action, "DBGetTreeResponse", [{"Key": f"/dialer/{A}", "Val": TALKED}])

        b.server.answers["DBGetTree"] = ending
        await b.pbx.survey()
        assert b.progress() == [CallProgress.HUNG_UP]
        assert b.looks()[-1].calls == ()
        assert b.looks()[-1].ends[-1].progress is CallProgress.HUNG_UP


async def test_the_journal_is_cleared_once_its_ends_have_been_told_for_long_enough() -> None:
    """Never before they were told, never of a call that is up."""
    async with bench(journal_keep_s=60) as b:
        clock = FixedClock()
        b.pbx._clock = clock
        b.server.journal = {A: TALKED, "t1-8-1-abc": ANSWERED}
        b.server.channels = [channel("t1-8-1-abc", 6, "t1-8-1-abc")]
        await b.pbx.survey()
        clock.at += timedelta(seconds=59)
        await b.pbx.survey()
        assert b.server.named("Setvar") == []
        clock.at += timedelta(seconds=1)
        await b.pbx.survey()
        await b.until(lambda: b.server.named("Setvar"))
        assert [each["Variable"] for each in b.server.named("Setvar")] == [f"DB_DELETE(dialer/{A})"]
        assert A in {each.attempt for each in b.looks()[-1].ends}


EAST = 8 * 3600
_ANSWERED, _CONNECTED, _ENDED = (f"{T0 + after - EAST:.3f}" for after in (0, 5, 200))
SECONDS = f"answered={_ANSWERED}|connected={_CONNECTED}|end={_ENDED}|cause=16|state=Up|agent=ANSWER|by=|tech="
"""The entry that an earlier dialplan wrote on a machine in China: eight hours early."""


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (lambda at: str(at - EAST), [0, 0, 5, 200]),  # turned back with the zone of the PBX's machine
        (str, [-EAST, -EAST, 5 - EAST, 200 - EAST]),  # it is right there
        (lambda at: str(at - 24 * 3600), [-EAST, -EAST, 5 - EAST, 200 - EAST]),  # mended it would be to come
        (lambda _at: "", [3600] * 4),  # it does not say: by now it was over
    ],
    ids=["mended", "right", "zone-changed", "unknown"],
)
async def test_seconds_of_an_older_dialplan_are_mended_or_not_trusted(
    said: Callable[[int], str], expected: list[float]
) -> None:
    """The PBX says by how much its seconds are off; the newer form beside them is taken as it is."""
    async with bench() as b:

        def function(to: Connection, action: Headers) -> None:
            asked = re.fullmatch(r"STRFTIME\((\d+),UTC,%s\)", action["Variable"])
            to.answer(action, Variable=action["Variable"], Value=said(int(asked[1])) if asked else "+0800")

        b.server.answers["Getvar"] = function
        b.server.journal = {A: SECONDS, "t1-8-1-abc": TALKED}
        await b.pbx.survey()
        ends = b.looks()[-1].ends
        assert [each.at.timestamp() - T0 for each in ends if each.attempt == A] == pytest.approx(expected, abs=0.01)
        assert [each.at.timestamp() - T0 for each in ends if each.attempt != A] == pytest.approx(
            [0, 0, 5, 200], abs=0.01
        )


async def test_a_change_of_summer_time_since_the_start_is_taken_into_account() -> None:
    """The offset that counts is the one at the start."""
    async with bench() as b:

        def zone(to: Connection, action: Headers) -> None:
            now = action["Variable"] == "STRFTIME(,,%z)"
            to.answer(action, Variable=action["Variable"], Value="+0100" if now else "+0200")

        b.server.answers["Getvar"] = zone
        await b.pbx.survey()
        started = b.looks()[-1].started_at
        assert started is not None
        assert started.isoformat() == "2026-11-21T18:51:00+00:00"


@pytest.mark.parametrize("value", ["", "STRFTIME", "25:99"])
async def test_a_pbx_that_does_not_tell_its_zone_has_no_start_time(value: str) -> None:
    """Unknown, not guessed; the survey is complete without it."""
    async with bench() as b:
        b.server.answers["Getvar"] = lambda to, action: to.answer(action, Value=value)
        await b.pbx.survey()
        assert b.looks()[-1].started_at is None
