"""One definition for each figure: whatever page it stands on, it is what the records add up to."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from html import unescape
from typing import Any

import openpyxl
import pytest
from playwright.async_api import Browser

from dialer.campaign.model.query import Page
from dialer.campaign.model.visit import VisitState
from tests.browser_fixtures import page_of
from tests.web.people import People
from tests.web.reports.test_reports import a_day


async def a_full_day(people: People) -> None:
    """Something of everything.

    One customer reached, one with a wrong number, one withdrawn, two done by hand of whom one was reached and ordered,
    one with a promised time, one still to be called.
    """
    await a_day(people)
    await people.system.ask("POST", "/campaign/pause", json={"reason": "lunch"}, status=204)
    rows = (
        "C0001,惠民店,13904700000,001,城区营销部", "C0004,=cmd|'/c calc'!A1,13904700024,002,城东营销部",
        *(f"C001{n},第{n}店,1390470010{n},00{n % 2 + 1},城区营销部" for n in range(5)),
    )  # fmt: skip
    await people.system.import_rows(*rows)
    await people.system.ask("POST", "/customers/C0010/withdraw", json={"reason": "ordered online"})
    ids = {v.customer: v.id for v in people.system.engine.state.days[people.system.today].visits.values()}
    order = {"who": "001", "result": "ordered", "order": "H-1"}
    await people.system.ask("POST", f"/visits/{ids['C0011']}/by-hand", json=order)
    told = {"number": "H-1", "customer": "C0011", "quantity": "16", "amount": "1,234.50"}
    await people.system.ask("POST", "/orders", json=told)
    await people.system.ask("POST", f"/visits/{ids['C0012']}/by-hand", json={"who": "002", "result": None})
    await people.system.ask("POST", f"/visits/{ids['C0013']}/promise", json={"at": "23:59"})


async def saved(people: People, report: str) -> list[tuple[Any, ...]]:
    """A report's rows as in the file."""
    async with people.browsers["leader"].get(f"/reports/{report}/xlsx") as answer:
        book = openpyxl.load_workbook(io.BytesIO(await answer.read()))
    return [*book.worksheets[0].iter_rows(values_only=True)][1:]  # without the title


async def test_every_report_adds_up_to_the_records(people: People) -> None:
    """The work log, and the last line of each report; a withdrawn customer is nobody to reach."""
    await a_full_day(people)
    await people.speak("leader", "en")
    details = await people.system.services.calls.details(people.system.today, Page())
    states = [detail.visit.state for detail in details]
    calls = [attempt for detail in details for attempt in detail.attempts]
    talked = [attempt for attempt in calls if attempt.connected_at]
    unsaid = [attempt for attempt in calls if attempt.talked and attempt.ended_at and attempt.result is None]
    orders = [order for detail in details for order in detail.orders]
    reached, withdrawn = states.count(VisitState.REACHED), states.count(VisitState.WITHDRAWN)
    share = reached / (len(states) - withdrawn)
    assert (reached, withdrawn, len(states)) == (2, 1, 7)
    assert (states.count(VisitState.UNREACHED), states.count(VisitState.WAITING)) == (1, 2)
    assert sum(1 for detail in details if detail.visit.promised) == 1

    log = {row[0]: row[1] for row in await saved(people, "log")}
    assert log["Customers on the list"] == len(states) == sum(log[state] for state in STATES)
    assert (log["Calls made"], log["Orders"], log["Conversations without a result"]) == (
        len(calls), len(orders) + 1, len(unsaid),
    )  # fmt: skip
    assert log["Customers with a result"] == sum(1 for detail in details if detail.visit.result)
    assert f"{share:.0%}" in (await people.get("leader", "/reports")).replace("\u202f", "").replace("\xa0", "")
    for report in ("agents", "days", "departments", "managers"):
        head, *_, total = await saved(people, report)
        line = dict(zip(head, total, strict=True))
        assert total[0] == "Total"
        assert (line["Customers"], line["Customers reached"], line["Calls"]) == (len(states), reached, len(calls))
        assert (line["Conversations"], line["Orders"]) == (len(talked), len(orders) + 1)
        known = [Decimal(order.quantity) for order in orders if order.quantity]
        assert line["Quantity"] == 16 + sum(known)
        assert Decimal(str(line["Amount"])) >= Decimal("1234.50")
        assert line["Reach rate"] == pytest.approx(share)
    head, *_, total = await saved(people, "hours")
    line = dict(zip(head, total, strict=True))
    assert (total[0], line["Calls"], line["Conversations"]) == ("Total", len(calls), len(talked))


STATES = (
    "Waiting",
    "Being called",
    "Reached",
    "Not reached",
    "Wrong number",
    "Withdrawn",
    "Not reached before closing",
)


async def test_behind_each_figure_are_its_rows(people: People) -> None:
    """Of each department, of each manager, of each agent, and of the sum: as many customers as the figure says."""
    await a_full_day(people)
    for report in ("departments", "managers", "agents", "days"):
        page = await people.get("leader", f"/reports/{report}")
        figures = set(re.findall(r'<td class="n"><a href="(/reports/[^"]+)">(\d+)</a>', page))
        assert len(figures) >= 4
        for address, figure in figures:
            rows = await people.get("leader", unescape(address))
            assert len(set(re.findall(r"/floor/customers/(\d+)", rows))) == int(figure), (report, address)


async def test_conversations_without_a_result_are_counted_once(people: People) -> None:
    """The floor, the work log and the list mean the same: conversations, also of a customer who was reached before."""
    attempt = await people.system.conversation()
    await people.system.finish(attempt)
    await people.speak("leader", "en")
    floor = " ".join((await people.get("leader", "/pages/floor/day")).split())
    assert 'Conversations without a result</a></dt><dd><a href="/reports/no-result">1<' in floor
    log = {row[0]: row[1] for row in await saved(people, "log")}
    assert log["Conversations without a result"] == 1
    assert len(await saved(people, "no-result")) == 2


@pytest.mark.parametrize(("language", "total"), [("zh", "合计"), ("en", "Total")])
async def test_a_report_ends_with_its_total(browser: Browser, people: People, language: str, total: str) -> None:
    """By the keys of the tabs: by agent, hour, day, department and manager."""
    await a_full_day(people)
    page = await page_of(browser, people, "leader", "/reports", language=language)
    for key, report in (("5", "agents"), ("6", "hours"), ("7", "days"), ("8", "departments"), ("9", "managers")):
        await page.wait_for_selector('[data-link="up"]')
        await page.keyboard.press(key)
        await page.wait_for_url(f"**/reports/{report}**")
        assert await page.locator("tbody tr").last.locator("td").first.inner_text() == total
