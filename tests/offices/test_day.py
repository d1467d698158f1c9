"""A department beside a FreePBX and beside an Issabel on an Asterisk without TechCause: the whole service at work."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialer.campaign.model.agent import PHONE_NOT_ANSWERED, Presence
from dialer.campaign.model.evidence import Disposition
from dialer.demo.rig.rig import Rig
from tests.demo.rig.calls import fresh_number
from tests.kit.line import line_to
from tests.kit.offices import FREEPBX, ISSABEL, SKIP_VOICEMAIL, WITH_VOICEMAIL, Office
from tests.service.department import Row, department

pytestmark = pytest.mark.pbx

D = Disposition
EXPECTED = {
    "00": D.CONNECTED,
    "60": D.NO_ANSWER,
    "61": D.BUSY,
    "66": D.INVALID_NUMBER,
    "68": D.OUR_FAULT,
    "69": D.DECLINED,
    "75": D.CONGESTION,
}
"""By the number's ending, as straight over a SIP trunk."""
_PHONES: dict[str, object] = {"other_phone_templates": [SKIP_VOICEMAIL, WITH_VOICEMAIL]}
_DIALLING: dict[str, object] = {"breaker_failures": 50, "wrap_up_s": 0.0, "ring_timeout_s": 5.0}


def extension(way: str, phone: str) -> str:
    """The phone's dial string by way of its extension."""
    return way.replace("{extension}", phone.removeprefix("PJSIP/"))


@pytest.mark.parametrize("office", [FREEPBX, ISSABEL], ids=lambda office: office.name)
async def test_a_day_beside_an_office_of_another_make(rig: Rig, tmp_path: Path, office: Office) -> None:
    """Each customer is booked as what the carrier said of them, and the books fit the carrier's."""
    async with (
        line_to(rig.ami.port, without="" if office.tech_cause else "TechCause") as line,
        department(
            rig,
            tmp_path,
            office.name,
            rule={"gap_s": 300.0},
            dialling=_DIALLING,
            lists=_PHONES,
            pbx={"port": line.port},
        ) as d,
    ):
        await d.agents(*(extension(SKIP_VOICEMAIL, phone) for phone in rig.extensions[:4]))
        await d.call_list(Row(ending, fresh_number(ending)) for ending in EXPECTED)
        await d.until(lambda: all(d.ended(ending) for ending in EXPECTED), "everybody was called once")
        assert {ending: d.outcomes(ending) for ending in EXPECTED} == {e: [found] for e, found in EXPECTED.items()}
        books = await d.settled()
        assert await d.audited() == []
        assert books.wrong() == []


async def test_a_route_that_asks_for_a_pin_reaches_nobody(rig: Rig, tmp_path: Path) -> None:
    """It answers everybody: nothing is counted, the customer waits, and an alarm names the route."""
    async with department(rig, tmp_path, "pin", rule={"gap_s": 300.0}, dialling=_DIALLING) as d:
        await d.agents(rig.extensions[0])
        await d.call_list([Row("A", fresh_number("00"))])
        attempt = await d.first_ended("A")
        assert (attempt.disposition, attempt.counts, attempt.answered_at) == (D.OUR_FAULT, False, None)
        assert "route:pin" in d.state.alarms
        assert d.visit("A").state == "waiting"
        assert await d.audited() == []


async def test_an_agents_voicemail_is_a_missed_call(rig: Rig, tmp_path: Path) -> None:
    """The customer is abandoned and called again first; the agent is paused."""
    async with department(rig, tmp_path, "direct", rule={"gap_s": 300.0}, dialling=_DIALLING, lists=_PHONES) as d:
        (agent,) = await d.agents(extension(WITH_VOICEMAIL, rig.dead_extension))
        await d.call_list([Row("A", fresh_number("79"))])
        attempt = await d.first_ended("A")
        assert attempt.disposition is D.ABANDONED
        assert attempt.connected_at is None
        found = d.state.agents[agent]
        assert (found.presence, found.reason) == (Presence.PAUSED, PHONE_NOT_ANSWERED)
