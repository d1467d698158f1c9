"""The floor's pages as a team leader gets them: live fragments, search, dealing out, import, dialling by hand."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from openpyxl import Workbook, load_workbook

from dialer.campaign.messages import CallEvent, CallProgress
from dialer.campaign.model.visit import Visit, VisitState
from dialer.campaign.views.timeline import signals
from dialer.campaign.views.timeline_words import signs
from dialer.language import translator
from dialer.people.audit_log import AuditQuery
from tests.web.people import Answer, People

ROWS = (
    "C1,惠民烟酒店,13904700001,001,城区营销部",
    "C2,兴隆超市,13904700002,001,城区营销部",
    "C3,重庆小吃,13904700003,001,城区营销部",
    "C4,平安商店,13904700005,002,牙克石营销部",
)
FRAGMENTS = ("day", "agents", "attention", "reach", "unreached", "wall")


def visits(people: People) -> dict[str, int]:
    """Customer code -> visit of today."""
    return {v.customer: v.id for v in people.system.engine.state.days[people.system.today].visits.values()}


def today(people: People) -> list[Visit]:
    """The visits of today."""
    return list(people.system.engine.state.days[people.system.today].visits.values())


def agents(people: People) -> dict[str, str | None]:
    """Customer code -> agent, as the rules have it."""
    return {v.customer: v.agent for v in people.system.engine.state.days[people.system.today].visits.values()}


async def upload(people: People, who: str, data: bytes, **query: str) -> Answer:
    """Send a file to the import."""
    terms = "&".join(f"{name}={quote(value)}" for name, value in query.items())
    headers = {"Content-Type": "application/octet-stream"}
    return await people.ask(who, "POST", f"/pages/floor/import?{terms}", data=data, headers=headers)


async def test_every_part_of_the_floor_in_both_languages(people: People) -> None:
    """The floor and each of its live parts can be had before there is a list, and during a call."""
    for path in ("/floor", *(f"/pages/floor/{name}" for name in FRAGMENTS)):
        await people.get("leader", path)
    await people.system.conversation()
    await people.speak("leader", "en")
    assert "Too few calls so far" in await people.get("leader", "/pages/floor/day")
    agents = await people.get("leader", "/pages/floor/agents")
    for said in ("惠民店", "#1 13904700000", "On a call"):
        assert said in agents
    assert "Needs attention" in await people.get("leader", "/floor")


async def test_a_team_leader_sees_their_own_team(people: People) -> None:
    """Figures, agents, customers and the list for dialling by hand leave other teams out."""
    await people.system.import_rows(*ROWS)
    assert "平安商店" in await people.get("leader", "/floor/customers")
    for path in ("/floor/customers", "/floor/by-hand", "/floor/deal?from=002", "/pages/floor/agents"):
        text = await people.get("team_leader", path)
        assert "平安商店" not in text
        assert ">002<" not in text
    await people.get("team_leader", f"/floor/customers/{visits(people)['C4']}", status=404)
    await people.get("team_leader", f"/floor/customers/{visits(people)['C1']}")


async def test_search_by_name_code_phone_and_pinyin(people: People) -> None:
    """Each way of asking finds its customer and nobody else."""
    await people.system.import_rows(*ROWS)
    for asked in ("惠民", "C1", "470 0001", "13904700001", "hmyjd", "huimin"):
        text = await people.get("leader", f"/floor/customers?q={quote(asked)}")
        assert "惠民烟酒店" in text, asked
        assert "平安商店" not in text, asked
    for asked in ("cqxc", "zqxc"):  # 重 has two readings
        assert "重庆小吃" in await people.get("leader", f"/floor/customers?q={asked}")
    assert "没有符合的客户" in await people.get("leader", "/floor/customers?q=xyz")
    one = await people.get("leader", "/floor/customers?agent=002&state=waiting")
    assert ("平安商店" in one, "惠民烟酒店" in one) == (True, False)


async def test_why_not_called_with_the_timeline(people: People) -> None:
    """A customer's page says why in one line, and shows each call with its evidence and each change."""
    system = people.system
    await system.import_rows("C1,惠民烟酒店,13904700001,001,城区营销部")
    await system.agent("001", team="A")
    await system.until(lambda: any(a.ended_at for a in system.attempts.values()))
    visit = visits(people)["C1"]
    await people.api("leader", "POST", f"/visits/{visit}/promise", {"at": "23:59"})
    await people.speak("leader", "en")
    text = await people.get("leader", f"/floor/customers/{visit}")
    assert "The customer asked to be called at 23:59" in text
    for said in ("busy (counted)", "SIP 486", "Time promised", "#1 call to 13904700001", "城区营销部"):
        assert said in text, said
    await people.get("leader", "/floor/customers/99999", status=404)
    await people.get("leader", "/floor/customers/x", status=404)


@pytest.mark.parametrize(
    ("text", "said"), [("SIP 180 Ringing", "cause 19 · SIP 180 Ringing"), ("", "SIP 180 · cause 19")]
)
def test_a_code_is_said_once(text: str, said: str) -> None:
    """What the carrier wrote beside its code often begins with it."""
    sign = CallEvent("a", CallProgress.RINGING, datetime(2026, 11, 23, 1, tzinfo=UTC), sip=180, cause=19, text=text)
    assert signs(translator("en"), signals(sign)) == said


async def test_an_absent_agents_list_is_dealt_out_evenly(people: People) -> None:
    """All that wait for one agent go to those who are ticked, level with what they have already."""
    system = people.system
    await system.agent("003", ready=False, team="A")
    await system.import_rows(*ROWS)
    page = await people.get("leader", "/floor/deal")
    assert "3 个客户待拨打" in page  # the first who is away
    form = {"from": "001", "which": "all", "to-002": "1", "to-003": "1"}
    answer = await people.ask("leader", "POST", "/floor/deal", data=form)
    assert answer.url == "/floor/deal?from=001&dealt=3"
    assert agents(people) == {"C1": "003", "C2": "002", "C3": "003", "C4": "002"}
    nobody = await people.ask("leader", "POST", "/floor/deal", data={"from": "001", "which": "all", "to-002": "1"})
    assert nobody.status == 422


async def test_ticked_customers_are_dealt_out(people: People) -> None:
    """Only those that are ticked, and only within the leader's own team."""
    await people.system.agent("003", ready=False, team="A")
    await people.system.import_rows(*ROWS)
    ids = visits(people)
    form = {f"visit-{ids['C2']}": "1", f"visit-{ids['C4']}": "1", "to": "003", "back": "/floor/customers"}
    answer = await people.ask("team_leader", "POST", "/floor/deal", data=form)
    assert answer.url == "/floor/customers?dealt=1"
    assert agents(people) == {"C1": "001", "C2": "003", "C3": "001", "C4": "002"}
    foreign = await people.ask("team_leader", "POST", "/floor/deal", data={f"visit-{ids['C1']}": "1", "to": "002"})
    assert foreign.status == 403
    nobody = await people.ask("leader", "POST", "/floor/deal", data={f"visit-{ids['C1']}": "1"})
    assert nobody.status == 422


async def test_import_shows_what_changes_and_every_bad_row(people: People) -> None:
    """The preview changes nothing; bad rows stand between their neighbours; then the good rows can be taken."""
    header = "客户代码,店铺名称,主访销电话,电访员,营销部"
    bad = "\n".join([header, *ROWS[:2], "C8,坏号店,123,001,城区", "C9,没人店,13904700009,777,城区", ROWS[2]]).encode()
    await people.speak("leader", "en")
    shown = await upload(people, "leader", bad, filename="list.csv", do="preview")
    assert shown.status == 200
    assert people.system.engine.state.days[people.system.today].visits == {}
    for said in (
        "Invalid rows and the rows around them",
        "Valid rows",
        "<b>4</b>",
        "<b>5</b>",
        "<mark>123</mark>",
        "<mark>777</mark>",
        "兴隆超市",
    ):
        assert said in shown.text, said
    refused = await upload(people, "leader", bad, filename="list.csv", do="import")
    assert "Import 3 valid rows" in refused.text
    assert people.system.engine.state.days[people.system.today].visits == {}
    taken = await upload(people, "leader", bad, filename="list.csv", do="import", skip="yes")
    assert "The list is active." in taken.text
    assert sorted(visits(people)) == ["C1", "C2", "C3"]
    again = await upload(people, "leader", "\n".join([header, *ROWS]).encode(), filename="list.csv", do="import")
    assert "The list is active." in again.text
    assert sorted(visits(people)) == ["C1", "C2", "C3", "C4"]
    await upload(people, "leader", "甲,乙\n1,2".encode(), filename="none.csv", do="import")
    log = await people.system.services.accounts.audit.search(AuditQuery(what="take_import"))
    assert [entry.target for entry in log] == ["list.csv"] * 2, "what was refused or only looked at is no entry"


async def test_a_list_that_removes_many_is_confirmed_with_the_number(people: People) -> None:
    """Nothing changes until the number that was shown is sent back."""
    await people.system.import_rows(*ROWS)
    data = "\n".join(["客户代码,店铺名称,主访销电话,电访员,营销部", *ROWS[:2]]).encode()
    await people.speak("leader", "en")
    asked = await upload(people, "leader", data, filename="list.csv", do="import")
    assert "would withdraw 2 of 4 customers" in asked.text
    assert 'data-withdraw="2">Remove 2 customers and import<' in asked.text
    assert {visit.state for visit in today(people)} == {VisitState.WAITING}
    done = await upload(people, "leader", data, filename="list.csv", do="import", withdraw="2")
    assert "The list is active." in done.text
    assert [visit.customer for visit in today(people) if visit.state is VisitState.WITHDRAWN] == ["C3", "C4"]
    log = await people.system.services.accounts.audit.search(AuditQuery(what="take_import"))
    assert len(log) == 1, "a question is no entry"


async def test_import_from_one_of_several_sheets(people: People) -> None:
    """Which sheet is asked for, by name; the one that was chosen is the one that is imported."""
    book = Workbook()
    for name, customer in (("周一", ROWS[0]), ("周二", ROWS[1])):
        sheet = book.create_sheet(name)
        sheet.append(["客户代码", "店铺名称", "主访销电话", "电访员", "营销部"])
        sheet.append(customer.split(","))
    out = io.BytesIO()
    book.save(out)
    asked = await upload(people, "leader", out.getvalue(), do="import")
    assert "<option>周一</option><option>周二</option>" in asked.text
    assert visits(people) == {}
    shown = await upload(people, "leader", out.getvalue(), do="preview", sheet="周二")
    assert 'value="周二" data-sheet' in shown.text
    await upload(people, "leader", out.getvalue(), do="import", sheet="周二")
    assert list(visits(people)) == ["C2"]


async def test_import_of_what_is_no_list(people: People) -> None:
    """Nothing, no columns, no day, another list's customer: each is told."""
    assert (await upload(people, "leader", b"", do="preview")).status == 422
    assert (await upload(people, "leader", "甲,乙\n1,2".encode(), do="preview")).text.count("名单无法导入") == 1
    data = "客户代码,店铺名称,主访销电话,电访员\nC1,惠民烟酒店,13904700001,001".encode()
    assert (await upload(people, "leader", data, day="tomorrow")).status == 422
    assert (await upload(people, "team_leader", data)).status == 403
    assert "全部门" in await people.get("team_leader", "/floor/import")
    await upload(people, "leader", data, do="import")
    other = await upload(people, "leader", data, list="second", do="preview")
    assert "该客户已在" in other.text


async def test_what_remains_as_spreadsheet_has_no_formulas(people: People) -> None:
    """Every text of a customer stays text, whatever it begins with; who is done is not in it."""
    await people.system.import_rows("C1,=1+1,13904700001,001,城区", "C2,@SUM(A1),13904700002,001,城区", ROWS[3])
    await people.api("leader", "POST", f"/visits/{visits(people)['C2']}/withdraw", {"reason": "x"})
    async with people.browsers["leader"].get("/floor/by-hand.xlsx") as response:
        assert response.status == 200
        assert "attachment" in response.headers["Content-Disposition"]
        sheet = load_workbook(io.BytesIO(await response.read())).worksheets[0]
    rows = list(sheet.iter_rows(min_row=2))
    assert [row[2].value for row in rows] == ["C1", "C4"]
    assert (rows[0][3].value, rows[0][3].data_type) == ("=1+1", "s")
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}
    page = await people.get("leader", "/floor/by-hand?agent=002")
    assert ("平安商店" in page, "=1+1" in page) == (True, False)


async def test_held_calls_are_shown_and_can_be_resumed(people: People) -> None:
    """Floor, banner, health and progress say that calls are held and why; whoever leads can go on."""
    system = people.system
    await system.import_rows(*(f"C{n},店{n},1390470{n:03}0,001,城区营销部" for n in range(1, 9)))
    system.pbx.simulated.lacks_module = True
    await system.ask("PUT", "/agents/001/presence", json={"presence": "ready"})
    await system.until(system.engine.state.streaks.held)
    system.pbx.simulated.lacks_module = False
    await people.speak("leader", "en")
    floor = await people.get("leader", "/pages/floor/attention")
    assert "Calls held" in floor
    assert "cut off before" in floor
    assert "POST /campaign/resume" in floor
    assert "Calls held" in await people.get("leader", "/pages/floor/day")
    assert "cut off before" in await people.get("leader", "/pages/strip")
    assert [each["scope"] for each in (await system.ask("GET", "/progress"))["held"]] == ["trunk"]
    parts = (await system.ask("GET", "/health/ready", token=None))["parts"]
    assert [(part["part"], part["level"]) for part in parts if part["level"] != "ok"] == [("calls", "degraded")]
    await people.api("leader", "POST", "/campaign/resume", {}, status=204)
    assert "Calls held" not in await people.get("leader", "/pages/floor/attention")
    assert (await system.ask("GET", "/progress"))["held"] == []


async def test_exceptions_name_what_needs_a_person(people: People) -> None:
    """A wrong number, as a trunk says that reaches others, and customers whose agent is away, each with where to go."""
    system = people.system
    await system.import_rows(
        "C1,空号店,13904700004,001,城区", "C2,兴隆超市,13904700002,002,城区", "C3,惠民店,13904700000,001,城区"
    )
    await system.agent("001", team="A")
    day = system.engine.state.days[system.today]
    await system.until(lambda: any(v.state is VisitState.INVALID_NUMBER for v in day.visits.values()))
    text = await people.get("leader", "/pages/floor/attention")
    assert f'href="/floor/customers/{visits(people)["C1"]}">空号店' in text
    assert "/floor/deal?from=002" in text
    assert "/floor/deal?from=001" not in text
