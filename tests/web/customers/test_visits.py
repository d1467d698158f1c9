"""Visits and customers over HTTP."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import aiohttp
import pytest

from tests.web.system import CLOCK, ZONE, System

ROW = "C0001,惠民店,13904700000,001,城区营销部"


def soon(minutes: float = 30) -> datetime:
    """A time to come on the department's clock."""
    return CLOCK.now().astimezone(ZONE) + timedelta(minutes=minutes)


async def test_a_list_goes_in_as_body_or_as_form(system: System) -> None:
    """The same list as raw bytes, in GB18030, and as a form: the first adds, the others change nothing."""
    await system.agent(ready=False)
    first = await system.import_rows(ROW, "C0002,便民店,0470-8221234,001,")
    assert first["added"] == ["C0001", "C0002"]
    text = f"客户代码,店铺名称,主访销电话,电访员,营销部\n{ROW}\nC0002,便民店,0470-8221234,001,"
    gb = await system.ask("POST", "/visits", data=text.encode("gb18030"))
    assert gb["unchanged"] == 2
    form = aiohttp.FormData()
    form.add_field("note", "anything")
    form.add_field("file", text.encode(), filename="名单.csv", content_type="text/csv")
    assert (await system.ask("POST", "/visits", data=form))["unchanged"] == 2


async def test_a_preview_changes_nothing(system: System) -> None:
    """A preview says what would be added; afterwards the day is still empty."""
    await system.agent(ready=False)
    seen = await system.import_rows(ROW, preview="true")
    assert seen["preview"] is True
    assert seen["added"] == ["C0001"]
    assert (await system.ask("GET", "/visits"))["visits"] == []


async def test_every_bad_row_is_named(system: System) -> None:
    """A list with bad rows is refused whole with all of its problems, or taken without them on request."""
    await system.agent(ready=False)
    bad = (ROW, "C0002,便民店,123,001,", "C0003,利民店,13904700003,999,")
    refused = await system.import_rows(*bad, status=422)
    assert refused["error"] == "list-refused"
    assert [(p["row"], p["column"]) for p in refused["problems"]] == [(3, "主访销电话"), (4, "电访员")]
    assert "row 3" in refused["problems"][0]["where"]
    taken = await system.import_rows(*bad, skip_bad="true")
    assert taken["added"] == ["C0001"]
    assert taken["skipped"] == 2
    assert len(taken["problems"]) == 2


async def test_a_list_that_withdraws_many_is_refused_with_the_number(system: System) -> None:
    """Until the number comes back: a wrong file must not empty the day. Who is in a bad row stays."""
    await system.agent(ready=False)
    rows = [f"C000{n},便民店,1390470000{n},001," for n in range(1, 6)]
    await system.import_rows(*rows)
    asked = await system.import_rows(*rows[:3], status=409)
    assert asked["error"] == "withdraws-many"
    assert asked["problems"][0]["where"] == "withdraw"
    assert asked["problems"][0]["value"] == "2"
    bad = "C0004,便民店,123,001,"
    taken = await system.import_rows(*rows[:3], bad, skip_bad="true")
    assert (taken["withdrawn"], taken["stayed"]) == (["C0005"], ["C0004"])
    taken = await system.import_rows(*rows[:2], withdraw="2")
    assert taken["withdrawn"] == ["C0003", "C0004"]


async def test_what_is_no_list_is_refused(system: System) -> None:
    """An empty body, a form without a file, two files, a broken form: each is a plain refusal."""
    assert (await system.ask("POST", "/visits", data=b"", status=422))["error"] == "bad-input"
    with aiohttp.MultipartWriter("form-data") as form:
        form.append("x").set_content_disposition("form-data", name="note")
    await system.ask("POST", "/visits", data=form, status=422)
    two = aiohttp.FormData()
    two.add_field("file", b"1", filename="a.csv")
    two.add_field("file", b"2", filename="b.csv")
    await system.ask("POST", "/visits", data=two, status=422)
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    await system.ask("POST", "/visits", data=b"no boundary here", headers=broken, status=400)
    await system.ask("POST", "/visits", data=b"--", headers={"Content-Type": "multipart/form-data"}, status=400)
    await system.ask("POST", "/visits?day=2020-01-01", data=ROW.encode(), status=422)


async def test_a_day_is_listed_by_page_and_state(system: System) -> None:
    """Pages follow the list; a state picks out those in it, across pages."""
    await system.agent(ready=False)
    await system.import_rows(*(f"C{n:04},店{n},1390470{n:04},001," for n in range(1, 8)))
    seen: list[str] = []
    offset: int | None = 0
    while offset is not None:
        page = await system.ask("GET", "/visits", params={"limit": "3", "offset": str(offset)})
        seen += [line["visit"]["customer"] for line in page["visits"]]
        offset = page["next_offset"]
    assert seen == [f"C{n:04}" for n in range(1, 8)]
    for code in ("C0002", "C0005", "C0006"):
        await system.ask("POST", f"/customers/{code}/withdraw", json={"reason": "ordered online"})
    first = await system.ask("GET", "/visits", params={"state": "withdrawn", "limit": "2"})
    rest = await system.ask("GET", "/visits", params={"state": "withdrawn", "limit": "2", "offset": "2"})
    assert [line["visit"]["customer"] for line in first["visits"]] == ["C0002", "C0005"]
    assert first["next_offset"] == 2
    assert [line["visit"]["customer"] for line in rest["visits"]] == ["C0006"]
    assert rest["next_offset"] is None


async def test_a_day_is_searched(system: System) -> None:
    """By agent, by customer, and by what a person remembers of a name, a code or a number; terms add up."""
    await system.agent("001", ready=False)
    await system.agent("002", ready=False)
    await system.import_rows(
        "C1,惠民烟酒店,13904700001,001,城区", "C2,重庆小吃,13904700002,002,城区", "C3,惠民超市,13904700003,002,城区"
    )

    async def found(**terms: str) -> list[str]:
        return [line["visit"]["customer"] for line in (await system.ask("GET", "/visits", params=terms))["visits"]]

    assert await found(agent="002") == ["C2", "C3"]
    assert await found(customer="C2") == ["C2"]
    assert await found(q="惠民") == ["C1", "C3"]
    assert await found(q="hmcs") == await found(q="huimin chaoshi") == ["C3"]
    assert await found(q="cqxc") == await found(q="zqxc") == ["C2"]  # two readings
    assert await found(q="0002") == ["C2"]
    assert await found(q="惠民", agent="002") == ["C3"]
    assert await found(q="惠民 xyz") == []
    assert await found(q=" ") == ["C1", "C2", "C3"]
    page = await system.ask("GET", "/visits", params={"q": "惠民", "limit": "1"})
    assert page["next_offset"] == 1
    assert await found(q="惠民", limit="1", offset="1") == ["C3"]


async def test_one_visit_tells_its_story(system: System) -> None:
    """A called customer's visit shows every sign of the PBX in order, and why nothing happens now."""
    await system.agent()
    await system.import_rows("C0001,惠民店,13904700001,001,城区营销部")  # busy
    await system.until(lambda: any(attempt.ended_at for attempt in system.attempts.values()))
    line = (await system.ask("GET", "/visits"))["visits"][0]
    detail = await system.ask("GET", f"/visits/{line['visit']['id']}")
    assert detail["customer"]["shop_name"] == "惠民店"
    assert detail["attempts"][0]["disposition"] == "busy"
    assert detail["why"]["code"] == "gap"
    assert "占线" in detail["why"]["sentence"]["zh"]
    assert "busy" in detail["why"]["sentence"]["en"]
    kinds = [(entry["kind"], entry["what"]) for entry in detail["timeline"]]
    assert ("call", "hung_up") in kinds
    assert {kind for kind, _ in kinds} == {"call", "history"}
    assert [entry["at"] for entry in detail["timeline"]] == sorted(entry["at"] for entry in detail["timeline"])
    hung_up = next(entry for entry in detail["timeline"] if entry["what"] == "hung_up")
    assert hung_up["details"]["sip"] == 486
    await system.ask("GET", "/visits/99", status=404)


async def test_a_visit_can_be_dealt_out_promised_and_withdrawn(system: System) -> None:
    """Each change is answered with the visit as it now is; what does not fit is refused and changes nothing."""
    await system.agent(ready=False)
    await system.agent("002", ready=False)
    await system.import_rows(ROW)
    visit = (await system.ask("GET", "/visits"))["visits"][0]["visit"]["id"]
    dealt = await system.ask("POST", f"/visits/{visit}/reassign", json={"agent": "002"})
    assert dealt["agent"] == "002"
    await system.ask("POST", f"/visits/{visit}/reassign", json={}, status=422)
    await system.ask("POST", f"/visits/{visit}/reassign", json={"agent": "777"}, status=404)
    at = soon(1)
    if at.date() == system.today:  # a promise is for the same day; the last minute of it has none
        kept = await system.ask("POST", f"/visits/{visit}/promise", json={"at": at.isoformat()})
        assert datetime.fromisoformat(kept["promised"]) == at
    past = await system.ask("POST", f"/visits/{visit}/promise", json={"at": "2026-01-01T10:30:00Z"}, status=422)
    assert "over" in past["message"]
    odd = await system.ask("POST", f"/visits/{visit}/promise", json={"at": "noon"}, status=422)
    assert "HH:MM" in odd["message"]
    gone = await system.ask("POST", f"/visits/{visit}/withdraw", json={"reason": "closed down"})
    assert (gone["state"], gone["reason"]) == ("withdrawn", "closed down")
    await system.ask("POST", f"/visits/{visit}/reassign", json={"agent": "001"}, status=409)


async def test_why_answers_for_a_customer(system: System) -> None:
    """One line in both languages, with its code; for another day, and for somebody who is not on any list."""
    await system.agent(ready=False)
    await system.import_rows(ROW)
    answer = await system.ask("GET", "/customers/C0001/why")
    assert answer["code"] == "agent_away"
    assert answer["sentence"]["zh"].startswith("电访员 001当前未签到")
    day = system.today.isoformat()
    assert (await system.ask("GET", "/customers/C0001/why", params={"day": day}))["code"] == "agent_away"
    nobody = await system.ask("GET", "/customers/C9999/why", params={"day": day})
    assert nobody["code"] == "not_on_list"
    await system.ask("POST", "/customers/C0001/withdraw", json={})
    del system.engine.state.days[system.today]
    past = await system.ask("GET", "/customers/C0001/why", params={"day": day})
    assert past["code"] == "withdrawn"


async def test_a_phone_is_corrected_once(system: System) -> None:
    """The number is normalised, flagged when it is shared, and the same number again changes nothing."""
    await system.agent(ready=False)
    await system.import_rows(ROW, "C0002,便民店,13904700007,001,")
    changed = await system.ask("PUT", "/customers/C0001/phone", json={"phone": "１３９ 0470 0007"}, token="orders")
    assert (changed["number"], changed["shared"]) == ("13904700007", True)
    again = await system.ask("PUT", "/customers/C0001/phone", json={"phone": "+86 13904700007"})
    assert again["round"] == changed["round"]
    await system.ask("PUT", "/customers/C0001/phone", json={"phone": "12"}, status=422)
    await system.ask("PUT", "/customers/C0009/phone", json={"phone": "13904700009"}, status=404)
    await system.ask("POST", "/customers/C0009/withdraw", json={}, status=404)


@pytest.mark.usefixtures("untraced")
async def test_twenty_thousand_rows(system: System) -> None:
    """A list of a whole province's size goes in well within the twenty seconds of the acceptance."""
    await system.agent(ready=False)
    rows = [f"C{n:05},店{n},139{n:08},001,城区营销部" for n in range(20_000)]
    async with asyncio.timeout(60):
        report = await system.import_rows(*rows)
    assert len(report["added"]) == 20_000
