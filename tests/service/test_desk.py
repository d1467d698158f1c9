"""What people ask for during the day, carried out on the real PBX: promises, corrections, withdrawals, closing time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest

from dialer.campaign.config import CampaignConfig
from dialer.campaign.messages import (
    CorrectNumber,
    PauseCampaign,
    Promise,
    ResumeCampaign,
    SetCalendarDay,
    SetResult,
    Withdraw,
)
from dialer.campaign.model.attempt import AttemptState
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.visit import Result, VisitState
from dialer.demo.rig.rig import Rig
from dialer.settings import Settings
from tests.demo.rig.calls import fresh_number
from tests.service.department import Row, department

pytestmark = pytest.mark.pbx

D = Disposition
S = VisitState


async def test_promises_corrections_and_withdrawals(rig: Rig, tmp_path: Path) -> None:
    """A promised time is kept, a corrected number is called, a withdrawn customer's phone stops ringing."""
    wrong, right = fresh_number("66"), fresh_number("00")
    before, after = fresh_number("61"), fresh_number("00")
    async with department(rig, tmp_path, rule={"gap_s": 1.0}, dialling={"wrap_up_s": 0.0, "ring_timeout_s": 6.0}) as d:
        agents = await d.agents(*rig.extensions[:6])
        await d.ask(PauseCampaign(by="test"))
        await d.call_list(
            [
                Row("promised", fresh_number("00"), agents[0]),
                Row("later", fresh_number("00"), agents[1]),
                Row("wrong", wrong, agents[2]),
                Row("moved", before, agents[3]),
                Row("online", fresh_number("60"), agents[4]),
                Row("never", fresh_number("00"), agents[5]),
            ]
        )
        promised = datetime.now(UTC) + timedelta(seconds=4)
        await d.ask(Promise(by="test", visit=d.visits["promised"], at=promised))
        await d.ask(CorrectNumber(by="test", day=d.today, customer="moved", number=after))
        await d.ask(Withdraw(by="test", visit=d.visits["never"], reason="ordered online"))
        await d.ask(ResumeCampaign(by="test"))

        await d.until(lambda: (a := d.live("online")) and a.state is AttemptState.RINGING, "the phone rings")
        await d.ask(Withdraw(by="test", visit=d.visits["online"], reason="ordered online"))

        await d.until(lambda: (a := d.live("later")) and a.state is AttemptState.CONNECTED, "they talk")
        again = datetime.now(UTC) + timedelta(seconds=5)
        talk = d.live("later")
        assert talk is not None
        await d.ask(SetResult(by="001", attempt=talk.id, result=Result.LATER, at=again))

        await d.until(lambda: d.visit("wrong").state is S.INVALID_NUMBER, "the number is no number")
        await d.ask(CorrectNumber(by="test", day=d.today, customer="wrong", number=right))
        books = await d.until_over()

        (kept,) = d.ended("promised")
        assert 0 <= (kept.placed_at - promised).total_seconds() < 0.5
        assert d.outcomes("later") == [D.CONNECTED, D.CONNECTED]
        assert 0 <= (d.ended("later")[1].placed_at - again).total_seconds() < 0.5
        assert [(a.number, a.disposition) for a in d.ended("wrong")] == [
            (wrong, D.INVALID_NUMBER),
            (right, D.CONNECTED),
        ]
        assert [n.kind for n in await d.notices("wrong")] == ["invalid_number"]
        assert [(a.number, a.disposition) for a in d.ended("moved")] == [(after, D.CONNECTED)]
        assert d.carrier_calls(before) == []
        assert d.outcomes("online") == [D.CANCELLED]
        assert d.visit("online").state is S.WITHDRAWN
        await rig.carrier.idle()
        (stopped,) = d.carrier_calls(d.visit("online").number)
        assert (stopped.end - stopped.start).total_seconds() < 2.0
        assert (d.ended("never"), d.carrier_calls(d.visit("never").number)) == ([], [])
        assert await d.audited() == []
        assert books.wrong() == []


async def test_closing_time(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At closing nobody is called any more; who was not reached is reported with the calls made; talk goes on."""
    plain = Settings.campaign
    import_module("dialer.app.http")  # takes a busy machine seconds, of which a start within the day has too few
    closing = datetime.now(UTC) + timedelta(seconds=15)

    def closing_soon(settings: Settings) -> CampaignConfig:
        config = plain(settings)
        local = closing.astimezone(settings.zone)
        windows = ((local.replace(hour=0, minute=0, second=0, microsecond=0).time(), local.time()),)
        return replace(config, hours=replace(config.hours, weekly=(windows,) * 7))

    monkeypatch.setattr(Settings, "campaign", closing_soon)
    async with department(rig, tmp_path, rule={"gap_s": 4.5}, dialling={"wrap_up_s": 30.0}) as d:
        agents = await d.agents(*rig.extensions[:3])
        await d.call_list(
            [
                Row("busy", fresh_number("61"), agents[0]),
                Row("talks", fresh_number("00"), agents[1]),
                Row("next", fresh_number("00"), agents[1]),  # this agent's wrap-up lasts beyond closing
                Row("rings", fresh_number("60"), agents[2]),
            ]
        )
        await d.until(lambda: d.visit("busy").state is S.OUT_OF_TIME, "the day is over")
        assert datetime.now(UTC) >= closing
        await d.until(lambda: not d.state.attempts, "nobody is called any more")
        books = await d.settled()
        assert [d.visit(code).state for code in ("busy", "talks", "next", "rings")] == [
            S.OUT_OF_TIME,
            S.REACHED,
            S.OUT_OF_TIME,
            S.OUT_OF_TIME,
        ]
        for code in ("busy", "next", "rings"):
            (notice,) = await d.notices(code)
            data = notice.body["data"]
            assert (notice.kind, notice.state) == ("out_of_time", "delivered")
            assert [a["id"] for a in data["attempts"]] == [a.id for a in d.ended(code)]
        assert len(d.ended("busy")) >= 2
        assert d.ended("next") == []
        assert all(a.placed_at < closing for a in books.attempts)
        assert await d.audited() == []
        assert books.wrong() == []


async def test_a_day_off_stops_calling_at_once(rig: Rig, tmp_path: Path) -> None:
    """Declared in the middle of the day and taken back: no call in between, then the day goes on."""
    async with department(rig, tmp_path, rule={"gap_s": 1.0}) as d:
        (agent,) = await d.agents(rig.extensions[0])
        await d.call_list([Row("A", fresh_number("61"), agent), Row("B", fresh_number("00"), agent)])
        await d.until(lambda: d.live("A"), "the first call")
        await d.ask(SetCalendarDay(by="test", day=d.today, working=False, name="停电"))
        off = datetime.now(UTC)
        attempt = await d.first_ended("A")
        assert attempt.placed_at <= off
        due = d.visit("A").due
        assert due is not None
        await d.until(lambda: datetime.now(UTC) > due + timedelta(seconds=0.3), "the redial would have been due")
        assert (len(d.ended("A")), d.ended("B"), d.state.attempts) == (1, [], {})
        await d.ask(SetCalendarDay(by="test", day=d.today, working=None))
        await d.until(lambda: d.visit("B").state is S.REACHED, "the day goes on")
        assert await d.audited() == []
