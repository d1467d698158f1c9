"""Reports of the day and the week: right numbers, only one's own customers, safe files."""

from __future__ import annotations

import io
import threading
from collections import Counter
from datetime import date, timedelta

import openpyxl
import pytest

from dialer.campaign.model.visit import VisitState
from dialer.campaign.views.overview import Overview
from dialer.campaign.views.recording_words import wrong
from dialer.language import translator
from dialer.reports.sums import Sums
from dialer.web.kit.context import Context
from dialer.web.kit.page.format import Format
from dialer.web.kit.page.sheet import Column, Table, xlsx
from dialer.web.reports import tables
from dialer.web.reports.period import Period
from tests.web.people import People
from tests.web.recordings.test_pages import recorded
from tests.web.system import ZONE

REPORTS = (
    "log", "no-order", "unreached", "agents", "hours", "days", "departments", "managers", "customers", "reached",
    "ordered",
)  # fmt: skip


async def a_day(people: People) -> str:
    """One conversation with an order; agent 002's customer has a number that does not exist.

    The conversation comes second: what a trunk says of a number is believed when it says something else of another.
    """
    system = people.system
    await system.agent(ready=False)
    await system.import_rows(
        "C0001,惠民店,13904700000,001,城区营销部", "C0004,=cmd|'/c calc'!A1,13904700024,002,城东营销部"
    )
    for agent, done in (
        ("002", lambda: any(a.customer == "C0004" and a.ended_at for a in system.attempts.values())),
        ("001", lambda: any(a.connected_at for a in system.attempts.values())),
    ):
        await system.ask("PUT", f"/agents/{agent}/presence", json={"presence": "ready"})
        await system.until(done)
    return await recorded(people, next(a.id for a in system.attempts.values() if a.connected_at))


@pytest.mark.parametrize("report", REPORTS)
async def test_every_report_in_both_languages_and_forms(people: People, report: str) -> None:
    """On the screen, for paper, and as a file that opens."""
    await a_day(people)
    for language in ("zh", "en"):
        await people.speak("leader", language)
        assert "<td" in await people.get("leader", f"/reports/{report}")
        assert "data-print" in await people.get("leader", f"/reports/{report}?view=print")
    answer = await people.ask("leader", "GET", f"/reports/{report}/xlsx")
    assert answer.status == 200
    assert answer.headers["Content-Type"].endswith("spreadsheetml.sheet")


async def test_the_day_is_looked_at_where_it_changes(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long page is rendered in a thread, which must not read the state that the engine changes meanwhile."""
    await a_day(people)
    looked, overview = list[threading.Thread](), Context.overview

    def seen(context: Context) -> Overview:
        looked.append(threading.current_thread())
        return overview(context)

    monkeypatch.setattr(Context, "overview", seen)
    assert "<td" in await people.get("leader", "/reports/no-order?view=print")
    assert set(looked) == {threading.current_thread()}


async def test_the_work_log_adds_up(people: People) -> None:
    """Two customers, one reached with an order, one with a wrong number, two calls."""
    await a_day(people)
    await people.speak("leader", "en")
    page = " ".join((await people.get("leader", "/reports")).split())
    for name, value in (
        ("Customers on the list", "2"), ("Reached", "1"), ("Wrong number", "1"), ("Reach rate", "50%"),
        ("Calls made", "2"), ("Conversations", "1"), ("Orders", "1"),
    ):  # fmt: skip
        assert f'<td>{name}</td><td class="n">{value}</td>' in page, name


async def test_the_hours_are_drawn(people: People) -> None:
    """As bars that are told in words too, in both languages."""
    await a_day(people)
    assert "各时段呼叫与通话" in await people.get("leader", "/reports/hours")
    await people.speak("leader", "en")
    page = await people.get("leader", "/reports/hours")
    assert 'aria-label="Calls and conversations by hour: Hour ' in page
    assert 'class="bar-good" x=' in page.partition("<table")[0]


async def test_lists_of_customers(people: People) -> None:
    """Without an order is who has none; unreached is told with each call."""
    await a_day(people)
    page = await people.get("leader", "/reports/no-order")
    assert "C0004" in page
    assert "C0001" not in page
    page = await people.get("leader", "/reports/unreached")
    assert "C0004" in page
    assert "空号或错号" in page
    assert "C0001" not in page


def test_not_reached_is_told_with_wrong_numbers() -> None:
    """Sums of agents and days add what the work log counts apart, and are labelled so; calls are joined as in zh."""
    sums = Sums(3, Counter({VisitState.UNREACHED: 2, VisitState.INVALID_NUMBER: 1}))
    day = date(2026, 11, 23)
    of = tables.Asked(Period(day, day), {})
    table = tables.figures("agent", {"001": sums}, {}, of, tables.Reader(translator("zh"), Format("zh", ZONE), {}))
    names = [column.name for column in table.columns]
    assert table.rows[0][names.index("未接通及号码有误")] == 3
    assert wrong(["empty", "silent"], translator("zh")) == "文件是空的；没有声音"


async def test_a_team_leader_sees_the_own_team(people: People) -> None:
    """Team A's leader has nothing of agent 002's customers, in no form."""
    await a_day(people)
    await people.system.agent("001", ready=False, team="A")
    for report in ("no-order", "unreached", "agents"):
        page = await people.get("team_leader", f"/reports/{report}?view=print")
        assert "C0004" not in page
        assert "002" not in page.partition("<main")[2], report
    assert "001 王芳" in await people.get("team_leader", "/reports/agents")


async def test_a_file_has_no_formula(people: People) -> None:
    """A shop's name that begins like one is text, and stays text when it is edited."""
    await a_day(people)
    async with people.browsers["leader"].get("/reports/no-order/xlsx") as response:
        sheet = openpyxl.load_workbook(io.BytesIO(await response.read())).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row if str(cell.value or "").startswith("=")]
    assert [cell.value for cell in cells] == ["=cmd|'/c calc'!A1"]
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in cells)


def test_what_a_file_can_hold() -> None:
    """Lengths, shares and days as values that can be reckoned with; signs that XML cannot hold are left out."""
    columns = (Column("文"), Column("长", "duration"), Column("率", "percent"), Column("日", "day"), Column("空"))
    row = ("a\x00b", timedelta(hours=30), 0.5, date(2026, 11, 23), None)
    book = openpyxl.load_workbook(io.BytesIO(xlsx("[日/志]", "2026", Table(columns, [row]), ZONE)))
    assert book.sheetnames == ["日志"]
    values = [cell.value for cell in book.worksheets[0][3]]
    assert values[0] == "ab"
    assert values[2] == 0.5
    assert book.worksheets[0]["B3"].number_format == "[h]:mm:ss"
    assert values[4] is None


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/reports/none", 404),
        ("/reports?day=tomorrow", 422),
        ("/reports/log/xlsx?day=x", 422),
    ],
)
async def test_what_is_not_there(people: People, path: str, status: int) -> None:
    """An unknown report, a day that is none."""
    await people.get("leader", path, status)


async def test_a_day_without_anything(people: People) -> None:
    """It says so; in the work log a value that there cannot be is a dash."""
    page = " ".join((await people.get("leader", "/reports?day=2020-01-01")).split())
    for name in ("接通率", "首拨接通率", "平均通话时长", "首次拨打", "最后一次呼叫结束"):
        assert f'<td>{name}</td><td class="n">–</td>' in page, name
    assert "没有可报的内容" in await people.get("leader", "/reports/days?day=2020-01-01")
    assert "没有可报的内容" in await people.get("leader", "/reports/unreached?day=2020-01-01")


async def test_reconciliation_is_for_supervisors(people: People) -> None:
    """An order that no call is known for is in its list; a team leader gets nothing of it."""
    attempt = await people.system.conversation()
    await people.system.finish(attempt)
    await people.system.ask("POST", "/orders", json={"number": "DD-9", "customer": "C0009"})
    page = await people.get("supervisor", "/reports/reconciliation")
    assert "DD-9" in page
    assert "没有通话的订单" in page
    assert "没有已知的通话" in page
    for who in ("leader", "team_leader", "agent", "administrator"):
        await people.get(who, "/reports/reconciliation", 403)
