"""A link that breaks between an Originate and its answer: the carrier sees one call, the books what became of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from dialer.campaign.model.attempt import AttemptState
from dialer.campaign.model.evidence import Disposition
from dialer.demo.rig.rig import Rig
from tests.demo.rig.calls import fresh_number
from tests.kit.line import Line, line_to
from tests.service.department import Department, Row, at_work, configured

pytestmark = [pytest.mark.pbx, pytest.mark.usefixtures("untraced_processes")]

D = Disposition
Outcomes = dict[str, list[Disposition | None]]
Trouble = Callable[[Department, Line], Awaitable[None]]
OUTCOMES = {
    "00": D.CONNECTED,
    "60": D.NO_ANSWER,
    "61": D.BUSY,
    "63": D.NO_ANSWER,
    "66": D.INVALID_NUMBER,
    "69": D.DECLINED,
    "78": D.ABANDONED,
    "79": D.CONNECTED,
}
"""How calls to numbers with these endings end, whoever listens."""


def quick_phone(found: Mapping[str, list[Disposition | None]]) -> dict[str, list[Disposition | None]]:
    """Who hangs up at once is connected for a moment when the agent's phone happens to be quicker."""
    return {"78": [D.CONNECTED]} if found.get("78") == [D.CONNECTED] else {}


def slow_carrier(d: Department) -> dict[str, list[Disposition | None]]:
    """A phone that did not ring in time proves less: the carrier of a busy machine is late to let it ring.

    The office's log says so, in which its dialplan shows how far the line of each call came, whoever listens.
    """
    unheard = {"60": D.OUR_FAULT, "63": D.UNREACHABLE}
    log = d.rig.office.log.read_text(encoding="utf-8", errors="replace")
    return {
        code: [less]
        for code, less in unheard.items()
        if d.outcomes(code) == [less]
        and re.search(rf"DialerEnded,Attempt: {d.ended(code)[0].id},Cause: \d*,State: Down,", log)
    }


@asynccontextmanager
async def behind_a_line(rig: Rig, folder: Path, trunk: str = "direct") -> AsyncIterator[tuple[Department, Line]]:
    """The service, whose way to the PBX can be broken; all agents' calls leave at once, before silence is noticed."""
    async with line_to(rig.ami.port) as line:
        pbx: dict[str, object] = {"port": line.port, "ping_interval_s": 5.0, "ping_timeout_s": 5.0}
        settings = configured(rig, folder, trunk, pbx=pbx, rule={"gap_s": 60.0}, dialling={"calls_per_second": 1000})
        async with at_work(rig, settings) as d:
            yield d, line


async def everybody_at_once(d: Department, group: int = 0) -> None:
    """An agent and a customer for each way to end; dialers that share the PBX have phones of their own: ``group``."""
    first = group * len(OUTCOMES)
    await d.agents(*d.rig.extensions[first : first + len(OUTCOMES)])
    await d.call_list(Row(ending, fresh_number(ending)) for ending in OUTCOMES)


async def until_the_carrier_has_seen_all_end(d: Department, timeout_s: float = 90.0) -> None:
    """The carrier has a record of every call; it writes one when the call ends."""
    await d.until(
        lambda: all(d.carrier_calls(d.visit(code).number) for code in OUTCOMES), "the carrier saw the ends", timeout_s
    )


async def ended_meanwhile(d: Department, line: Line) -> None:
    """Everything ends while the link is down."""
    await until_the_carrier_has_seen_all_end(d)
    await line.mend()


async def still_up(d: Department, line: Line) -> None:
    """The link is back while people talk and phones ring: both are found again, unless a busy machine was late."""
    await d.until(lambda: not d.state.link_up, "the dialer notices")
    await line.mend()

    def adopted() -> bool:
        if d.ended("79") and d.ended("60"):
            return True
        talking, ringing = d.live("79"), d.live("60")
        return (
            talking is not None
            and talking.state is AttemptState.CONNECTED
            and ringing is not None
            and ringing.state is AttemptState.RINGING
        )

    await d.until(adopted, "the calls that are up are found again")


async def again_and_again(d: Department, line: Line) -> None:
    """The link breaks three times more, each time right after it has come back."""
    for _ in range(3):
        await d.until(lambda: not d.state.link_up, "the dialer notices")
        await line.mend()
        await d.until_linked()
        line.cut()
    await line.mend()


async def test_a_cut_behind_the_originates_changes_nothing_but_what_we_hear(rig: Rig, tmp_path: Path) -> None:
    """Bar 5: cut between Originate and answer: one INVITE each, and each attempt ends as what really happened."""
    cases = [("direct", ended_meanwhile), ("local", ended_meanwhile), ("local", still_up), ("direct", again_and_again)]
    async with AsyncExitStack() as stack:
        running = []
        for n, (trunk, trouble) in enumerate(cases):
            d, line = await stack.enter_async_context(behind_a_line(rig, tmp_path / str(n), trunk))
            running.append(cut_behind_the_originates(d, line, trouble, n))
        await asyncio.gather(*running)


async def cut_behind_the_originates(d: Department, line: Line, trouble: Trouble, group: int) -> None:
    """One of those cases, with a dialer and a line of its own."""
    line.deafen()
    await everybody_at_once(d, group)
    await d.until(lambda: line.queued == len(OUTCOMES), "the PBX has taken every Originate")
    line.cut()
    await trouble(d, line)
    await what_really_happened(d)


async def what_really_happened(d: Department) -> None:
    """One call each on the carrier's records; dispositions, recordings and books as if nothing had been."""
    await d.until(lambda: all(d.ended(code) for code in OUTCOMES), "every attempt is over")
    await until_the_carrier_has_seen_all_end(d)
    found = {code: d.outcomes(code) for code in OUTCOMES}
    expected: Outcomes = {code: [outcome] for code, outcome in OUTCOMES.items()}
    assert found == expected | quick_phone(found) | slow_carrier(d)
    assert {code: len(d.carrier_calls(d.visit(code).number)) for code in OUTCOMES} == dict.fromkeys(OUTCOMES, 1)
    books = await d.settled()
    assert set(books.recordings) >= {d.ended(code)[0].id for code in ("00", "79")}
    assert await d.audited() == []
    assert books.wrong() == []
    await d.until(lambda: "link" not in d.state.alarms, "the alarm is over when the line has come back for good")


async def test_a_line_that_goes_silent_is_given_up(rig: Rig, tmp_path: Path) -> None:
    """Bar 5: nothing comes back any more, and no end is told: noticed in time, asked anew, nobody called twice."""
    async with behind_a_line(rig, tmp_path) as (d, line):
        line.deafen()
        await everybody_at_once(d)
        deadline_s = d.settings.pbx.ping_interval_s + d.settings.pbx.ping_timeout_s + 10.0
        await d.until(lambda: "link" in d.state.alarms, "the dialer notices", deadline_s)
        assert line.queued == len(OUTCOMES)
        await what_really_happened(d)


async def test_a_line_that_is_closed_on_one_side_is_given_up(rig: Rig, tmp_path: Path) -> None:
    """Bar 5: the PBX's side is closed while ours would still take what we say: nobody is called twice."""
    async with behind_a_line(rig, tmp_path) as (d, line):
        line.deafen()
        await everybody_at_once(d)
        await d.until(lambda: line.queued == len(OUTCOMES), "the PBX has taken every Originate")
        line.half_close()
        await d.until(lambda: "link" in d.state.alarms, "the dialer notices")
        await what_really_happened(d)


async def test_a_cut_right_behind_a_burst(rig: Rig, tmp_path: Path) -> None:
    """Bar 5: the PBX may have read some of many Originates or none: each is one call and its end, or no call."""
    async with behind_a_line(rig, tmp_path) as (d, line):
        line.cut_at(len(OUTCOMES))
        await everybody_at_once(d)
        async with asyncio.timeout(30):
            await line.broken.wait()
        await line.mend()
        await d.until(lambda: all(d.ended(code) for code in OUTCOMES), "every attempt is over")
        assert await d.audited() == []
        for code, outcome in OUTCOMES.items():
            (attempt,), calls = d.ended(code), d.carrier_calls(d.visit(code).number)
            others = quick_phone({code: d.outcomes(code)}) | slow_carrier(d)
            ends = {outcome, *others.get(code, [])}
            assert (attempt.disposition, len(calls)) in {*((end, 1) for end in ends), (D.UNKNOWN, 0)}, code
            assert not (attempt.counts and not calls), code


async def test_a_cut_in_the_middle_of_an_originate(rig: Rig, tmp_path: Path) -> None:
    """Bar 5: half an Originate is no call and is not counted; a whole one whose last byte got through is one call."""
    cuts = (1, 40, -1, None)
    async with behind_a_line(rig, tmp_path) as (d, line):
        (agent,) = await d.agents(rig.extensions[0])
        numbers = [fresh_number("61") for _ in cuts]
        await d.call_list([])
        for n, (after, number) in enumerate(zip(cuts, numbers, strict=True)):
            await d.until(lambda: d.state.link_up and not d.state.attempts, "all is quiet")
            line.cut_at(1, after)
            await d.call_list(Row(f"C{k}", each, agent) for k, each in enumerate(numbers[: n + 1]))
            async with asyncio.timeout(30):
                await line.broken.wait()
            await line.mend()
            attempt = await d.first_ended(f"C{n}")
            assert (len(d.carrier_calls(number)), attempt.disposition, attempt.counts) in (
                (0, D.UNKNOWN, False),
                (0, D.OUR_FAULT, False),
                (1, D.BUSY, True),
            ), after
        assert d.outcomes(f"C{len(cuts) - 1}") == [D.BUSY], "the whole of it got through"
        assert d.carrier_calls(numbers[1]) == [], "a part of it is no call"
        assert await d.audited() == []
