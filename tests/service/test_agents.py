"""Agents' phones that do not pick up, and what becomes of the customer who is on the line."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from dialer.campaign.messages import Reassign, SaveAgent
from dialer.campaign.model.agent import PHONE_NOT_ANSWERED, Presence
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.phone import PhoneState
from dialer.demo.rig.rig import Rig
from tests.demo.rig.calls import fresh_number
from tests.service.department import TEAM, Row, department

pytestmark = pytest.mark.pbx

D = Disposition
GAP_S = 1.5
AUDIBLE_DBFS = -50.0


async def test_a_phone_that_is_not_picked_up(rig: Rig, tmp_path: Path) -> None:
    """The agent is paused with an alarm; the customer hears a word, is not charged, and is called again first."""
    phones = [rig.dead_extension, rig.declining_extension, "PJSIP/8777", rig.extensions[0]]
    async with department(
        rig, tmp_path, rule={"gap_s": GAP_S}, dialling={"agent_timeout_s": 1.0, "wrap_up_s": 0.0}
    ) as d:
        dead, declining, unknown, good = await d.agents(*phones)
        bad = (dead, declining)
        absent = (*bad, unknown)
        rows = [Row(f"{agent}-A", fresh_number("79"), agent) for agent in absent]  # the agent hangs up: they wait long
        rows += [Row(f"{agent}-B", fresh_number("00"), agent) for agent in (*bad, unknown, good)]
        await d.call_list(rows)
        firsts = [f"{agent}-A" for agent in bad]
        await d.until(lambda: all(d.ended(code) for code in firsts), "two customers were left alone")
        for agent, code in zip(bad, firsts, strict=True):
            missed = d.state.agents[agent]
            assert (missed.presence, missed.reason) == (Presence.PAUSED, PHONE_NOT_ANSWERED)
            assert f"agent:{agent}" in d.state.alarms
            (attempt,) = d.ended(code)
            assert (attempt.disposition, attempt.counts) == (D.ABANDONED, False)
            visit = d.visit(code)
            assert (visit.state, visit.counted, visit.first) == ("waiting", 0, True)
            assert not d.ended(f"{agent}-B"), "nobody else is called for an agent who is not there"

        assert (d.state.agents[unknown].phone, d.ended(f"{unknown}-A")) == (PhoneState.UNKNOWN, [])
        for agent, phone in ((dead, rig.extensions[1]), (unknown, rig.extensions[2])):  # the phones are mended
            await d.ask(SaveAgent(by="test", number=agent, name="", extension=phone, team=TEAM))
            await d.ready(agent)
            assert f"agent:{agent}" not in d.state.alarms
        await d.ask(Reassign(by="test", visit=d.visits[f"{declining}-A"], agent=good))  # a colleague takes it over
        await d.ask(Reassign(by="test", visit=d.visits[f"{declining}-B"], agent=good))
        books = await d.until_over()
        assert [d.outcomes(code) for code in firsts] == [[D.ABANDONED, D.CONNECTED]] * len(firsts)
        for agent in bad:
            (left_alone, again), other = d.ended(f"{agent}-A"), d.ended(f"{agent}-B")[0]
            assert left_alone.ended_at is not None
            free_at = left_alone.ended_at + timedelta(seconds=GAP_S)
            assert again.placed_at >= free_at
            assert again.placed_at < other.placed_at or other.placed_at < free_at, "first, as soon as the gap is over"
            assert again.agent == (good if agent == declining else agent)
        assert await d.audited() == []
        assert books.wrong() == []
        for code in firsts:  # the announcement is on the agent's side of the recording
            recording = await d.recording(d.ended(code)[0].id)
            assert recording.levels[0] is not None
            assert recording.levels[0] > AUDIBLE_DBFS, code
