"""One definition for each figure: whatever page it stands on, it is what the records add up to."""

from __future__ import annotations

import io
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
    """One customer reached, one with a wrong number, one withdrawn, one done by hand, one still to be called."""
    await a_day(people)
    await people.system.ask("POST", "/campaign/pause", json={"reason": "lunch"}, status=204)
    rows = (
        "C0001,惠民店,13904700000,001,城区营销部", "C0004,=cmd|'/c calc'!A1,13904700024,002,城东营销部",
        *(f"C001{n},第{n}店,1390470010{n},00{n % 2 + 1},城区营销部" for n in range(3)),
    )  # fmt: skip
    await people.system.import_rows(*rows)
    await people.system.ask("POST", "/customers/C0010/withdraw", json={"reason": "ordered online"})
    (by_hand,) = [
        v for v in people.system.engine.state.days[people.system.today].visits.values() if v.customer == "C0011"
    ]
    await people.system.ask("POST", f"/visits/{by_hand.id}/by-hand", json={"who": "001", "result": "not_needed"})


async def saved(people: People, report: str) -> list[tuple[Any, ...]]:
    """A report's rows as in the file."""
    async with people.browsers["leader"].get(f"/reports/{report}/xlsx") as answer:
        book = openpyxl.load_workbook(io.BytesIO(await answer.read()))
    return [*book.worksheets[0].iter_rows(values_only=True)][1:]  # without the title


async def test_every_report_adds_up_to_the_records(people: People) -> None:
    """The work log, and the last line by agent, hour and week; a withdrawn customer is nobody to reach."""
    await a_full_day(people)
    await people.speak("leader", "en")
    details = await people.system.services.calls.details(people.system.today, Page())
    states = [detail.visit.state for detail in details]
    calls = [attempt for detail in details for attempt in detail.attempts]
    talked = [attempt for attempt in calls if attempt.connected_at]
    orders = sum(len(detail.orders) for detail in details)
    reached, withdrawn = states.count(VisitState.REACHED), states.count(VisitState.WITHDRAWN)
    share = reached / (len(states) - withdrawn)
    assert (reached, withdrawn, len(states)) == (2, 1, 5)

    log = dict(row for row in await saved(people, "log") if row[0] in ("Customers on the list", "Calls made", "Orders"))
    assert log == {"Customers on the list": len(states), "Calls made": len(calls), "Orders": orders}
    assert f"{share:.0%}" in (await people.get("leader", "/reports")).replace("\u202f", "").replace("\xa0", "")
    for report in ("agents", "week"):
        head, *_, total = await saved(people, report)
        line = dict(zip(head, total, strict=True))
        assert total[0] == "Total"
        assert (line["Customers"], line["Customers reached"], line["Calls"]) == (len(states), reached, len(calls))
        assert (line["Conversations"], line["Orders"]) == (len(talked), orders)
        assert line["Reach rate"] == pytest.approx(share)
    head, *_, total = await saved(people, "hours")
    line = dict(zip(head, total, strict=True))
    assert (total[0], line["Calls"], line["Conversations"]) == ("Total", len(calls), len(talked))


@pytest.mark.parametrize(("language", "total"), [("zh", "合计"), ("en", "Total")])
async def test_a_report_ends_with_its_total(browser: Browser, people: People, language: str, total: str) -> None:
    """By the keys of the tabs: by agent, by hour, the week."""
    await a_full_day(people)
    page = await page_of(browser, people, "leader", "/reports", language=language)
    for key, report in (("5", "agents"), ("6", "hours"), ("7", "week")):
        await page.wait_for_selector('[data-link="up"]')
        await page.keyboard.press(key)
        await page.wait_for_url(f"**/reports/{report}**")
        assert await page.locator("tbody tr").last.locator("td").first.inner_text() == total
