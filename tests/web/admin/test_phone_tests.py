"""Test calls over HTTP: who may, what is told, and that the day's books know nothing of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dialer.people.audit_log import AuditQuery
from tests.web.people import open_people
from tests.web.system import Json, System, open_system


async def ended(system: System, test: str) -> Json:
    """The test call when it is over, as its events tell: each is a reason to look again."""
    async with system.http.get("/api/v1/events", headers={"Authorization": f"Bearer {system.tokens['all']}"}) as stream:
        while (found := await system.ask("GET", f"/test-calls/{test}"))["stage"] != "ended":
            async for line in stream.content:
                if line.startswith(b"data: ") and json.loads(line[6:]).get("id") == test:
                    break
        return found


async def test_a_phone_is_rung_and_nothing_is_booked(folder: Path) -> None:
    """Ringing, picked up, over; no visit and no attempt knows of it, and the audit log has who did it."""
    async with open_system(folder) as system:
        system.pbx.simulated.phones.tones_s = 0.2
        await system.agent("001", ready=False)
        begun = await system.ask("POST", "/test-calls", json={"extension": "001"}, status=201)
        assert (begun["extension"], begun["agent"], begun["stage"], begun["phone"]) == (
            *("PJSIP/001", "001", "placed", "free"),
        )
        over = await ended(system, begun["id"])
        assert (over["finding"], over["said"]["zh"], over["evidence"]) == ("works", "话机正常", "")
        assert over["ringing_at"] < over["answered_at"] < over["ended_at"]
        assert await system.ask("GET", "/test-calls") == [over]
        assert await system.ask("DELETE", f"/test-calls/{begun['id']}") == over
        assert not system.attempts
        assert not system.engine.state.attempts
        (noted,) = await system.services.accounts.audit.search(AuditQuery(what="place_test_call"))
        assert noted.target == "001"


@pytest.mark.parametrize(
    ("phone", "finding"),
    [
        ("PJSIP/8999", "unknown_extension"),
        ("PJSIP/8098", "busy"),
        ("PJSIP/8003", "silent"),
    ],
)
async def test_what_is_wrong_is_told(folder: Path, phone: str, finding: str) -> None:
    """With the cause and what to do about it, in both languages."""
    async with open_system(folder) as system:
        phones = system.pbx.simulated.phones
        phones.unknown.add("PJSIP/8999")
        phones.tones = False
        system.pbx.simulated.declining_phones.add("PJSIP/8098")
        begun = await system.ask("POST", "/test-calls", json={"extension": phone}, status=201)
        over = await ended(system, begun["id"])
        assert over["finding"] == finding
        assert over["todo"]["en"]
        assert ("SIP 486" in over["evidence"]) is (finding == "busy")


async def test_a_phone_at_work_is_refused(folder: Path) -> None:
    """Its agent is ready or talks; a customer's number and what is no phone's form are refused like any bad input."""
    async with open_system(folder) as system:
        await system.agent("001")
        for extension, status, code in (
            ("PJSIP/001", 409, "phone-in-use"),
            ("PJSIP/13904700001@trunk", 422, "bad-input"),
            ("13904700001", 422, "bad-input"),
            ("no phone", 422, "bad-input"),
        ):
            body = await system.ask("POST", "/test-calls", json={"extension": extension}, status=status)
            assert body["error"] == code
        system.pbx.simulated.dead_phones.add("PJSIP/7001")
        await system.ask("POST", "/test-calls", json={"extension": "7001"}, status=201)
        body = await system.ask("POST", "/test-calls", json={"extension": "PJSIP/7001"}, status=409)
        assert body["error"] == "phone-tested"
        system.pbx.cut()
        await system.until(lambda: not system.engine.state.link_up)
        assert (await system.ask("GET", "/test-calls"))[0]["finding"] == "lost"
        await system.ask("POST", "/test-calls", json={"extension": "PJSIP/7001"}, status=503)
        await system.ask("GET", "/test-calls/test-000000000000", status=404)


async def test_its_page_tells_it_live_and_in_words(folder: Path) -> None:
    """The administrator sees what came of it and what to do; a phone at work is named beforehand."""
    async with open_people(folder) as people:
        people.system.pbx.simulated.phones.unknown.add("PJSIP/8999")
        empty = await people.get("administrator", "/admin/test-calls?extension=PJSIP/8999")
        assert "系统启动以来还没有测试过话机" in empty
        assert 'value="PJSIP/8999"' in empty
        await people.api("administrator", "PUT", "/agents/001", {"extension": "001", "team": "A"})
        await people.api("leader", "PUT", "/agents/001/presence", {"presence": "ready"})
        assert "正在工作，其话机不能测试：001" in await people.get("administrator", "/admin/test-calls")
        answer = await people.api("administrator", "POST", "/test-calls", {"extension": "8999"}, status=201)
        await ended(people.system, json.loads(answer)["id"])
        fragment = await people.get("administrator", "/pages/admin/test-calls")
        for words in ("PJSIP/8999", "没有这个分机", "请核对分机写法", "发起"):
            assert words in fragment, words
        await people.speak("administrator", "en")
        assert "there is no such extension" in await people.get("administrator", "/pages/admin/test-calls")
        await people.get("leader", "/admin/test-calls", status=403)
        _, _, log = (await people.get("supervisor", "/audit?what=place_test_call")).partition("<tbody>")
        assert "测试呼叫了话机" in log  # above is a list of every action
