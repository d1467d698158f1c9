"""The number plan, as a table and on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from dialer.demo.rig import carrier
from dialer.demo.rig.control import Message
from dialer.demo.rig.numbers import (
    AFTER_EARLY_MEDIA,
    AFTER_RINGING,
    ANSWERED,
    AT_ONCE,
    BY_CAUSE,
    CAPPED,
    DEFAULT,
    ENDINGS,
    MANNERS,
    NO_FINAL_ANSWER,
    REDIRECTING,
    Ending,
    Manner,
    always,
    ending_of,
)
from dialer.demo.rig.rig import Rig
from tests.demo.rig.calls import carrier_rows, dialer_session, fresh_number, place, user_event
from tests.docs.diagrams import numbers

EVERY = (*ENDINGS, Ending("07", DEFAULT.calls, DEFAULT.chinese))
GIVE_UP_MS = 1500


@dataclass(frozen=True)
class Seen:
    ended: Message
    rows: list[dict[str, str]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def seen(rig: Rig) -> AsyncIterator[dict[str, Seen]]:
    """The first call to a fresh number of each ending, all at once; digits -> what the office and the carrier saw."""
    async with dialer_session(rig) as ami:
        called = {ending.digits: fresh_number(ending.digits) for ending in EVERY}
        attempts: dict[str, str] = {}
        for digits, number in called.items():
            patient = ending_of(number).nth(1).sip != NO_FINAL_ANSWER
            attempts[digits] = await place(ami, rig, number, timeout_ms=20_000 if patient else GIVE_UP_MS)
        ended = {digits: await user_event(ami, "DialerEnded", attempt, 30) for digits, attempt in attempts.items()}
        await asyncio.gather(rig.office.idle(), rig.carrier.idle())
        yield {
            digits: Seen(ended[digits], await carrier_rows(rig.carrier_cdr, number))
            for digits, number in called.items()
        }


@pytest.mark.pbx
@pytest.mark.parametrize("digits", [ending.digits for ending in EVERY])
async def test_each_ending_gives_its_sip_answer(seen: dict[str, Seen], digits: str) -> None:
    """The office sees the final SIP answer that the plan promises; where there is none, what came before it."""
    behaviour = ending_of(digits).nth(1)
    code = int(seen[digits].ended["Tech"].split()[1])
    if behaviour.sip != NO_FINAL_ANSWER:
        assert code == behaviour.sip
    else:
        assert code == (100 if behaviour.name == "silence" else 180)


@pytest.mark.pbx
@pytest.mark.parametrize("digits", [ending.digits for ending in EVERY])
async def test_each_call_is_one_carrier_record(seen: dict[str, Seen], digits: str) -> None:
    """One INVITE is one row under the dialled number, with times that make sense."""
    (row,) = seen[digits].rows
    start, end, duration = float(row["start"]), float(row["end"]), float(row["duration"])
    assert end - start == pytest.approx(duration, abs=0.001)
    if ending_of(digits).nth(1).sip == ANSWERED:
        assert row["disposition"] == "ANSWERED"
        assert start < float(row["answer"]) <= end
        assert float(row["billsec"]) == pytest.approx(end - float(row["answer"]), abs=0.001)
    else:
        assert row["disposition"] != "ANSWERED"
        assert row["answer"] == ""
        assert float(row["billsec"]) == 0


@pytest.mark.pbx
async def test_a_number_that_changes_its_mind(rig: Rig) -> None:
    """Busy, then no answer, then switched off, then an answer: the plan counts the calls to each number."""
    number = fresh_number("87")
    codes: list[str] = []
    async with dialer_session(rig) as ami:
        for _ in range(5):
            attempt = await place(ami, rig, number, timeout_ms=9000 if len(codes) != 1 else 600)
            codes.append((await user_event(ami, "DialerEnded", attempt))["Tech"].split()[1])
    assert codes == ["486", "180", "480", "200", "200"]
    assert len(await carrier_rows(rig.carrier_cdr, number, 5)) == 5


@pytest.mark.pbx
async def test_a_call_through_local_reaches_the_same_number(rig: Rig) -> None:
    """The carrier sees the customer's number, whichever trunk template is used."""
    number = fresh_number("61")
    async with dialer_session(rig) as ami:
        attempt = await place(ami, rig, number, trunk="local")
        assert (await user_event(ami, "DialerEnded", attempt))["Cause"] == "17"
    (row,) = await carrier_rows(rig.carrier_cdr, number)
    assert row["disposition"] == "BUSY"


@pytest.mark.pbx
@pytest.mark.parametrize(
    ("manner", "digits", "tech", "heard"),
    [
        (AT_ONCE, 608, "SIP 608", []),
        (AFTER_RINGING, 404, "SIP 404", ["RINGING"]),
        (AFTER_EARLY_MEDIA, 487, "SIP 487", ["PROGRESS"]),
        (BY_CAUSE, 21, "SIP 403", ["RINGING"]),
        (REDIRECTING, 0, "SIP 302", []),
    ],
    ids=["at_once", "after_ringing", "after_early_media", "by_cause", "redirecting"],
)
async def test_a_carrier_that_treats_everybody_alike(
    rig: Rig, manner: Manner, digits: int, tech: str, heard: list[str]
) -> None:
    """Whatever the number; the carrier's records have it without what was dialled before it.

    A PBX that is redirected sometimes writes down the end before it takes the 302 in: of that the DialEnd is sure.
    """
    number = fresh_number("00")
    async with dialer_session(rig) as ami:
        attempt = await place(ami, rig, always(manner, digits) + number)
        ended = await user_event(ami, "DialerEnded", attempt)
        assert ended["Tech"].startswith(tech) or manner is REDIRECTING
        states = [m["DialStatus"] for m in ami.events if m.get("Event") == "DialState" and m["DestUniqueid"] == attempt]
        ends = [m for m in ami.events if m.get("Event") == "DialEnd" and m["DestUniqueid"] == attempt]
    assert states == heard
    assert [bool(end.get("Forward")) for end in ends] == [manner is REDIRECTING]
    (row,) = await carrier_rows(rig.carrier_cdr, number)
    assert row["disposition"] != "ANSWERED"


@pytest.mark.pbx
async def test_a_carrier_that_caps_calls_to_a_number(rig: Rig) -> None:
    """The first call to each number goes its way; then the number is refused, and others are not."""
    first, second = fresh_number("61"), fresh_number("69")
    codes = []
    async with dialer_session(rig) as ami:
        for number in (first, first, second, first):
            attempt = await place(ami, rig, always(CAPPED, 403) + number)
            codes.append((await user_event(ami, "DialerEnded", attempt))["Tech"].split()[1])
    assert codes == ["486", "403", "603", "403"]


def test_endings_are_unambiguous() -> None:
    """Every ending is two digits and there once, so the longest number and the shortest find the same row."""
    digits = [ending.digits for ending in ENDINGS]
    assert len(set(digits)) == len(digits)
    assert all(len(each) == 2 and each.isdigit() for each in digits)
    assert ending_of("13800138061") is ending_of("61")
    assert ending_of("13800138001") is DEFAULT
    assert len({manner.digit for manner in MANNERS}) == len(MANNERS)


def test_nth_call() -> None:
    """The last behaviour of an ending stands for all later calls."""
    ending = ending_of("84")
    assert [ending.nth(call).sip for call in (1, 2, 3, 4, 99)] == [486, 486, 200, 200, 200]


def test_documentation_shows_every_row() -> None:
    """The table for people is complete and has three columns."""
    lines = numbers().splitlines()
    assert len(lines) == len(ENDINGS) + 3
    assert all(line.count(" | ") == 2 for line in lines)
    assert "busy (486), then answers, talks, hangs up" in numbers()


def test_dialplan_holds_every_behaviour_once() -> None:
    """Each behaviour that the table names is one extension of the carrier."""
    text = carrier.extensions_conf(carrier.RigSpeed(), 5060)
    names = {call.name for ending in (*ENDINGS, DEFAULT) for call in ending.calls}
    assert all(text.count(f"exten => {name},1,") == 1 for name in names)
