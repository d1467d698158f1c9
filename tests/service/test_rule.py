"""The 5-attempt rule on the real PBX, witnessed by the carrier's own call records."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path

import pytest

from dialer.campaign.changes import NoticeKind
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.visit import VisitState
from dialer.campaign.rules.rule import Counting
from dialer.demo.rig.rig import Rig
from tests.demo.rig.calls import fresh_number
from tests.service.department import Department, Row, department

pytestmark = pytest.mark.pbx

D = Disposition
GAP_S = 1.2
FAST: dict[str, object] = {"breaker_failures": 50, "wrap_up_s": 0.0, "ring_timeout_s": 1.0}


def the_gap_was_kept(d: Department, number: str, gap_s: float) -> None:
    """By the carrier's clock, from the end of each call to the number to the start of the next."""
    calls = d.carrier_calls(number)
    gaps = [(later.start - earlier.end).total_seconds() for earlier, later in pairwise(calls)]
    assert all(gap >= gap_s - 0.05 for gap in gaps), gaps


async def test_five_attempts_then_one_notice(rig: Rig, tmp_path: Path) -> None:
    """Bar 3: both readings of "five", each with a dialer of its own; the two leave each other's calls alone."""
    async with AsyncExitStack() as stack:
        dialers = []
        for counting in Counting:
            rule: dict[str, object] = {"gap_s": GAP_S, "counting": counting}
            # A busy machine is late to let a phone ring, and what never rang is not counted.
            day = department(rig, tmp_path / counting, rule=rule, dialling=FAST | {"ring_timeout_s": 4.0})
            dialers.append(await stack.enter_async_context(day))
        phones = rig.extensions[:7], rig.extensions[7:14]
        await asyncio.gather(*map(five_attempts_then_one_notice, dialers, phones))


async def five_attempts_then_one_notice(d: Department, phones: list[str]) -> None:
    """Five counted attempts or redials, the gap also between customers of one number, and one notice each."""
    limit = 5 if d.settings.rule.counting is Counting.ATTEMPTS else 6
    shared = fresh_number("61")
    rows = [
        Row("busy", fresh_number("61")),
        Row("rings", fresh_number("60")),
        Row("mixed", fresh_number("85")),  # congestion, then an answer
        Row("fifth", fresh_number("88")),  # busy four times, then an answer
        Row("one", shared),
        Row("other", shared),
        Row("congested", fresh_number("75")),
    ]
    await d.agents(*phones)
    await d.call_list(rows)
    unreached = ["busy", "rings", "one", "other"]
    await d.until(
        lambda: (
            all(d.visit(code).state is VisitState.UNREACHED for code in unreached)
            and all(d.visit(code).state is VisitState.REACHED for code in ("mixed", "fifth"))
        ),
        "all but the congested one are through",
        150,
    )
    books = await d.settled()
    for code in unreached:
        calls = d.ended(code)
        (notice,) = await d.notices(code)
        assert (notice.kind, notice.state) == ("unreached", "delivered")
        data = notice.body["data"]
        assert [a["seq"] for a in data["attempts"]] == list(range(1, len(calls) + 1))
        expected = "no_answer" if code == "rings" else "busy"
        assert {a["disposition"] for a in data["attempts"]} <= {expected}
        assert all(a["placed_at"] < a["ended_at"] for a in data["attempts"])
        assert data["counted"] == sum(a.counts for a in calls)
        assert (data["customer"]["department"], data["customer"]["account_manager"]) == ("一部", "王")
    for codes in (("busy",), ("rings",), ("one", "other")):  # the calls of a number, whoever they are for
        assert [a.counts for code in codes for a in d.ended(code)] == [True] * limit, codes
    assert len(d.carrier_calls(shared)) == limit
    assert all(d.visit(code).shared for code in ("one", "other"))
    assert d.outcomes("mixed") == [D.CONGESTION, D.CONNECTED]
    assert d.outcomes("fifth") == [D.BUSY] * 4 + [D.CONNECTED]
    assert (d.visit("mixed").counted, d.visit("fifth").counted) == (0, 4)
    assert (d.visit("congested").counted, set(d.outcomes("congested"))) == (0, {D.CONGESTION})
    for row in rows:
        the_gap_was_kept(d, row.number, GAP_S)
    assert await d.audited() == []
    assert books.wrong(limit) == []


async def test_the_breaker_opens_and_closes(quiet_rig: Rig, tmp_path: Path) -> None:
    """Bar 3: the carrier is gone: calling stops, an alarm, no attempt burnt; it is back: the day goes on."""
    rows = [Row(f"C{n}", fresh_number("00" if n % 2 else "61")) for n in range(10)]
    async with department(
        quiet_rig,
        tmp_path,
        rule={"gap_s": 1.0, "attempts": 1},
        dialling=FAST | {"breaker_failures": 3, "breaker_pause_s": 2.0, "breaker_longest_s": 2.0},
    ) as d:
        await quiet_rig.carrier.kill()
        agents = await d.agents(*quiet_rig.extensions[:4])
        await d.call_list(rows)
        await d.until(lambda: "trunk:direct" in d.state.alarms, "the alarm is raised")
        await d.until(lambda: not d.state.attempts, "the calls that were under way have failed")
        placed_before = len(d.state.ended)
        assert placed_before <= 3 + len(agents) - 1, "no more than were under way when the third one failed"
        await d.until(lambda: len(d.state.ended) >= placed_before + 2, "the trunk is probed")
        probes = sorted(d.state.ended.values(), key=lambda a: a.placed_at)[placed_before:]
        for earlier, later in pairwise(probes):
            apart_s = (later.placed_at - earlier.placed_at).total_seconds()
            assert apart_s >= 1.0 + 2.0, "one probe at a time, and the pause between them"
        assert {a.disposition for a in d.state.ended.values()} == {D.OUR_FAULT}
        assert not any(d.visit(row.code).counted for row in rows)
        await quiet_rig.carrier.start()
        await d.until(lambda: "trunk:direct" not in d.state.alarms, "a probe gets through")
        books = await d.until_over()
        assert [d.visit(f"C{n}").state for n in range(10)] == [VisitState.UNREACHED, VisitState.REACHED] * 5
        assert [n.kind for n in books.outbox].count(NoticeKind.ALARM) == 1
        assert await d.audited() == []
        assert books.wrong() == []
