"""A phone of another make works with the dialer: it registers, answers by itself, transfers and hangs up."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialer.campaign.model.evidence import Disposition, Side
from dialer.campaign.model.phone import PhoneState
from dialer.demo.rig.office import PRIVATE
from dialer.demo.rig.rig import Rig
from tests.demo.rig.calls import fresh_number
from tests.kit.baresip import PROGRAM, Baresip
from tests.service.department import Row, department

pytestmark = [
    pytest.mark.pbx,
    pytest.mark.skipif(not PROGRAM, reason="baresip is not installed: requirements/phone.sh"),
]


async def test_a_baresip_phone_takes_calls_and_transfers_one(rig: Rig, tmp_path: Path) -> None:
    """It prefers G.722 and is offered G.711. The agent is free for the next call as soon as the first is handed on."""
    extension, rows = rig.desk_extensions[1], [Row(code, fresh_number("79"), "001") for code in "AB"]
    async with (
        Baresip(rig, extension, tmp_path / "phone") as phone,
        department(rig, tmp_path, dialling={"wrap_up_s": 0.0}) as d,
    ):
        await d.agents(extension)
        await d.until(lambda: d.state.agents["001"].phone is PhoneState.FREE, "the phone is free")
        await d.call_list(rows)
        await phone.said("CALL_ESTABLISHED")
        await d.until(lambda: (call := d.live("A")) and call.connected_at, "they talk")
        phone.tell("transfer", f"sip:{PRIVATE}@{rig.office_sip[0]}:{rig.office_sip[1]}")
        await d.until(lambda: (call := d.live("A")) and call.transferred_to == PRIVATE, "the first is handed on")
        await phone.said("CALL_ESTABLISHED", 2)
        await d.until(lambda: (call := d.live("B")) and call.connected_at, "the next one talks")
        phone.tell("hangup")
        second, first = await d.first_ended("B"), await d.first_ended("A")
        assert (second.disposition, second.hung_up_by) == (Disposition.CONNECTED, Side.AGENT)
        assert (first.disposition, first.transferred_to) == (Disposition.CONNECTED, PRIVATE)
