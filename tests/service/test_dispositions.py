"""How calls end, on the real PBX: each row of the table of SIP answers, over a direct trunk and through Local."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dialer.campaign.model.evidence import Disposition
from dialer.campaign.rules.disposition import CONSEQUENCES
from dialer.demo.rig.numbers import ENDINGS
from dialer.demo.rig.rig import Rig
from dialer.settings import TrunkSettings
from tests.demo.rig.calls import fresh_number
from tests.service.department import Department, Row, at_work, configured, department

pytestmark = pytest.mark.pbx

D = Disposition
EXPECTED = {
    "00": D.CONNECTED,
    "60": D.NO_ANSWER,
    "61": D.BUSY,
    "62": D.BUSY,
    "63": D.NO_ANSWER,
    "64": D.NO_ANSWER,
    "65": D.NO_ANSWER,
    "66": D.INVALID_NUMBER,
    "67": D.INVALID_NUMBER,
    "68": D.OUR_FAULT,
    "69": D.DECLINED,
    "70": D.INVALID_NUMBER,
    "71": D.INVALID_NUMBER,
    "72": D.OUR_FAULT,
    "73": D.CONGESTION,
    "74": D.CONGESTION,
    "75": D.CONGESTION,
    "76": D.OUR_FAULT,
    "77": D.CONNECTED,
    "78": D.ABANDONED,
    "79": D.CONNECTED,
}
"""By the number's ending; what the carrier does with it is in :mod:`dialer.demo.rig.numbers`."""


def test_every_way_that_a_call_can_end_is_expected() -> None:
    """The table above has every ending of the carrier's plan that is the same at each call."""
    assert EXPECTED.keys() - {"00"} == {ending.digits for ending in ENDINGS if len(ending.calls) == 1}


async def test_each_sip_answer_gets_its_disposition(rig: Rig, tmp_path: Path) -> None:
    """Bar 3: each row of the table of SIP answers gets the right disposition, over both kinds of trunk."""
    dialling: dict[str, object] = {"breaker_failures": 50, "wrap_up_s": 0.0, "ring_timeout_s": 7.0}
    async with (
        department(rig, tmp_path / "direct", "direct", rule={"gap_s": 300.0}, dialling=dialling) as direct,
        department(rig, tmp_path / "local", "local", rule={"gap_s": 300.0}, dialling=dialling) as local,
    ):
        phones = rig.extensions[:16], rig.extensions[16:]
        await asyncio.gather(*map(everybody_is_called_once, (direct, local), phones))


async def everybody_is_called_once(d: Department, phones: list[str]) -> None:
    """One customer for each way to end: dispositions and what is counted, and books that fit the carrier's."""
    await d.agents(*phones)
    await d.call_list(Row(ending, fresh_number(ending)) for ending in EXPECTED)
    await d.until(lambda: all(d.ended(ending) for ending in EXPECTED), "everybody was called once")
    assert {ending: d.outcomes(ending) for ending in EXPECTED} == {e: [found] for e, found in EXPECTED.items()}
    for ending, found in EXPECTED.items():
        (attempt,) = d.ended(ending)
        assert attempt.counts is CONSEQUENCES[found].counts, ending
        assert d.visit(ending).counted == attempt.counts, ending
    books = await d.settled()
    assert await d.audited() == []
    assert books.wrong() == []


@pytest.mark.parametrize(
    ("template", "what"), [("PJSIP/{number}@nowhere", "no such endpoint"), ("Nothing/{number}", "no such technology")]
)
async def test_failures_of_our_side_are_not_counted(rig: Rig, tmp_path: Path, template: str, what: str) -> None:
    """Bar 3: a call that fails on our own side is tried again after the gap, and charged to nobody."""
    settings = configured(rig, tmp_path, rule={"gap_s": 0.5}, dialling={"breaker_failures": 50})
    settings = settings.model_copy(update={"trunks": (TrunkSettings(name="broken", template=template),)})
    async with at_work(rig, settings) as d:
        await d.agents(rig.extensions[0])
        await d.call_list([Row("A", fresh_number("00"))])
        await d.until(lambda: len(d.ended("A")) >= 2, f"{what}: two attempts")
        assert set(d.outcomes("A")) == {D.OUR_FAULT}
        assert (d.visit("A").counted, d.visit("A").state) == (0, "waiting")
        assert await d.notices("A") == []
        assert await d.audited() == []


async def test_a_first_trunk_that_the_pbx_does_not_know_costs_nobody_the_gap(rig: Rig, tmp_path: Path) -> None:
    """Nothing left the PBX, so the second trunk is tried at once; before, each customer waited for five minutes."""
    settings = configured(rig, tmp_path, rule={"gap_s": 300.0}, dialling={"wrap_up_s": 0.0})
    templates = {"unknown": "PJSIP/{number}@nowhere", "good": rig.trunk_templates["direct"]}
    trunks = tuple(TrunkSettings(name=name, template=template) for name, template in templates.items())
    async with at_work(rig, settings.model_copy(update={"trunks": trunks})) as d:
        await d.agents(rig.extensions[0])
        await d.call_list([Row("A", fresh_number("00"))])
        await d.until(lambda: len(d.ended("A")) == 2, "the second trunk is tried")
        assert d.outcomes("A") == [D.OUR_FAULT, D.CONNECTED]
        assert [attempt.trunk for attempt in d.ended("A")] == ["unknown", "good"]
        assert await d.audited() == []
