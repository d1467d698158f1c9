"""The records of two real PBXs about the same calls: the carrier's, and the office's own."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dialer.audit.cdr import CdrCall, read_cdr
from dialer.audit.compare import AuditRule, audit
from dialer.campaign.model.attempt import Attempt, AttemptState
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.rules.disposition import CONSEQUENCES
from dialer.demo.rig.rig import Rig
from tests.audit.said import report_text
from tests.demo.rig.calls import carrier_rows, dialer_session, fresh_number, place, seconds, user_event

DAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Case:
    ending: str
    how: Disposition
    trunk: str = "direct"
    agent: str | None = None


CASES = (
    Case("02", Disposition.CONNECTED),
    Case("04", Disposition.CONNECTED, trunk="local"),
    Case("60", Disposition.NO_ANSWER),
    Case("61", Disposition.BUSY),
    Case("61", Disposition.BUSY, trunk="local"),
    Case("69", Disposition.DECLINED),
    Case("66", Disposition.INVALID_NUMBER),
    Case("78", Disposition.ABANDONED, agent="PJSIP/8099"),
)


async def called(rig: Rig, visit: int, case: Case) -> Attempt:
    """Place the call as the dialer does, and book it as the dialer would."""
    number = fresh_number(case.ending)
    async with dialer_session(rig) as ami:
        placed_at = datetime.now(UTC)
        name = await place(
            ami,
            rig,
            number,
            trunk=case.trunk,
            agent=case.agent,
            timeout_ms=1500,
            agent_timeout_s=1 if case.agent else 20,
        )
        ended = await user_event(ami, "DialerEnded", name)
    await carrier_rows(rig.carrier_cdr, number)
    answered = ended.get("Answered")
    return Attempt(
        id=name,
        visit=visit,
        day=DAY,
        seq=1,
        round=1,
        customer=f"C{visit}",
        number=number,
        trunk=case.trunk,
        agent="101",
        placed_at=placed_at,
        state=AttemptState.ENDED,
        answered_at=datetime.fromtimestamp(seconds(answered), UTC) if answered else None,
        ended_at=datetime.fromtimestamp(float(ended["Timestamp"]), UTC),
        disposition=case.how,
        counts=CONSEQUENCES[case.how].counts,
    )


async def own_records(path: Path, placed: list[Attempt]) -> list[CdrCall]:
    """The office's records of these calls, once each has one: other tests call on the same PBX."""
    names = {made.id for made in placed}
    async with asyncio.timeout(30):
        while True:
            records = [r for r in (read_cdr(path) if path.exists() else []) if names & {r.uniqueid, r.linkedid}]
            if names <= {record.uniqueid for record in records}:
                return records
            await asyncio.sleep(0.05)


@pytest.mark.pbx
async def test_both_witnesses_agree_with_the_books(rig: Rig) -> None:
    """Each way to end a call, over both kinds of trunk; then one call less, one more, and one that was not booked."""
    placed = list(await asyncio.gather(*(called(rig, visit, case) for visit, case in enumerate(CASES, start=1))))
    numbers = {made.number for made in placed}
    carrier = [record for record in read_cdr(rig.carrier_cdr) if record.dst in numbers]
    office = await own_records(rig.office_cdr, placed)
    rule = AuditRule()
    for records in (carrier, office):
        report = audit(placed, records, rule)
        assert report.clean, report_text(report)
        assert report.matched == len(CASES)
    for made in placed:
        (finding,) = audit([b for b in placed if b is not made], carrier, rule).findings
        assert (finding.kind, finding.number) == ("extra", made.number)
        (finding,) = audit(placed, [r for r in carrier if r.dst != made.number], rule).findings
        assert (finding.kind, finding.attempt) == ("missing", made.id)
    unbooked = replace(placed[0], disposition=Disposition.NO_ANSWER, counts=True, answered_at=None)
    for records in (carrier, office):
        (finding,) = audit([unbooked, *placed[1:]], records, rule).findings
        assert (finding.kind, finding.attempt) == ("contradiction", unbooked.id)
