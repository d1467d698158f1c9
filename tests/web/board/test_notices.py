"""Notices, the board and the calendar over HTTP."""

from __future__ import annotations

from dialer.notices.board import BoardNotice
from tests.web.system import CLOCK, System


async def invalid_number(system: System) -> str:
    """Let a customer's number be one that does not exist, and another one ring; the id of the notice."""
    await system.agent()
    await system.import_rows("C0004,惠民店,13904700004,001,城区营销部", "C0005,别家店,13904700005,001,城区营销部")
    await system.until(lambda: any(attempt.ringing_at for attempt in system.attempts.values()))
    (notice,) = await system.ask("GET", "/notices")
    return str(notice["id"])


async def test_the_outbox_is_listed_and_resent(system: System) -> None:
    """A notice with its words in both languages; one that was given up can be sent again."""
    name = await invalid_number(system)
    (notice,) = await system.ask("GET", "/notices", params={"state": "pending"})
    assert notice["title"] == {"zh": "号码有误", "en": "Wrong number"}
    assert "惠民店" in notice["sentence"]["zh"]
    assert notice["body"]["type"]
    await system.outbox.mark_failed(name, CLOCK.now(), "500", None)
    (dead,) = await system.ask("GET", "/notices", params={"state": "dead"})
    assert dead["last_error"] == "500"
    await system.ask("POST", f"/notices/{name}/resend", status=204)
    assert system.resent == ["again"]
    assert (await system.ask("GET", "/notices"))[0]["state"] == "pending"
    await system.ask("POST", "/notices/none/resend", status=404)


async def test_the_board_is_read_and_acknowledged(system: System) -> None:
    """By department and account manager; who read it first stays on record."""
    body = {"type": "unreached", "data": {"customer": {"code": "C1", "shop_name": "惠民店"}, "counted": 5}}
    for name, department in (("n1", "城区"), ("n2", "牧区")):
        await system.board.post(BoardNotice(name, "unreached", CLOCK.now(), department, "张三", body))
    assert [n["id"] for n in await system.ask("GET", "/board", params={"department": "城区"})] == ["n1"]
    assert len(await system.ask("GET", "/board", params={"account_manager": "张三"})) == 2
    read = await system.ask("POST", "/board/n1/acknowledge", token="operate")
    assert read["acknowledged_by"] == "operate"
    again = await system.ask("POST", "/notices/n1/acknowledge")
    assert again["acknowledged_by"] == "operate"
    assert [n["id"] for n in await system.ask("GET", "/board", params={"open": "true"})] == ["n2"]
    await system.ask("POST", "/board/none/acknowledge", status=404)


async def test_the_calendar_is_edited(system: System) -> None:
    """A day off takes effect at once, is listed with its name, and can be taken back."""
    day = system.today.isoformat()
    await system.agent(ready=False)
    await system.import_rows("C0001,惠民店,13904700000,001,")
    off = await system.ask("PUT", f"/calendar/{day}", json={"working": False, "name": "盘点"})
    assert off == {"day": day, "working": False, "name": "盘点"}
    answer = await system.ask("GET", "/customers/C0001/why")
    assert (answer["code"], "盘点" in answer["sentence"]["zh"]) == ("day_off", True)
    assert off in await system.ask("GET", "/calendar")
    await system.ask("PUT", f"/calendar/{day}", json={"working": None})
    assert await system.ask("GET", "/calendar", params={"year": str(system.today.year)}) == []
    await system.ask("PUT", "/calendar/someday", json={"working": True}, status=422)
    await system.ask("PUT", "/calendar/1999-01-01", json={"working": True}, status=422)
