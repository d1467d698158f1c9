"""Of which days a report is, how its lines are sorted, and what it is compared with."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.async_api import Browser, expect

from dialer.campaign.model.visit import VisitState
from dialer.errors import BadInput
from dialer.language import translator
from dialer.reports.sums import Sums
from dialer.web.kit.page.format import Format
from dialer.web.kit.page.sheet import Column, Table
from dialer.web.reports.period import Period, month_of, period_of, week_of
from dialer.web.reports.tables import Asked, Reader, arranged, figures
from tests.browser_fixtures import page_of
from tests.web.people import People
from tests.web.reports.test_reports import a_day
from tests.web.system import ZONE

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "2026-11-25"),
        ({"day": "2026-11-23"}, "2026-11-23"),
        ({"since": "2026-11-01", "until": "2026-11-30"}, "2026-11-01 – 2026-11-30"),
        ({"since": "2026-11-30", "until": "2026-11-01"}, "2026-11-01 – 2026-11-30"),
        ({"since": "2026-11-03"}, "2026-11-03"),
        ({"until": "2026-11-03", "day": "2026-11-09"}, "2026-11-03"),
    ],
)
def test_what_is_asked_for(asked: dict[str, str], said: str) -> None:
    """One day, or from one to another in either order."""
    assert str(period_of(asked, TODAY)) == said


def test_usual_periods() -> None:
    """A week is Monday to Sunday, a month from its first day to its last; a report by day begins with the week."""
    assert str(week_of(TODAY)) == "2026-11-23 – 2026-11-29" == str(period_of({}, TODAY, week=True))
    assert str(month_of(date(2024, 2, 9))) == "2024-02-01 – 2024-02-29"
    with pytest.raises(BadInput, match="at most 366"):
        period_of({"since": "2025-01-01", "until": "2026-11-30"}, TODAY)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(0, 365))
def test_weekdays_are_compared_with_their_like(first: date, longer: int) -> None:
    """The days before are as many, of the same weekdays, and none of them is in both."""
    period = Period(first, min(first + timedelta(days=longer), date(2099, 12, 31)))
    before = period.before
    assert before.days == period.days
    if before.first > date(2000, 1, 1):
        assert before.first.weekday() == first.weekday()
        assert before.last < first


def some(reached: int, missed: int) -> Sums:
    """So many customers."""
    return Sums(reached + missed, Counter({VisitState.REACHED: reached, VisitState.UNREACHED: missed}))


def test_the_change_is_in_points() -> None:
    """From 50 % to 75 % it is 25; of whom there was nothing before, nobody can say."""
    of = Asked(Period(TODAY, TODAY), {})
    words = Reader(translator("en"), Format("en", ZONE), {})
    table = figures("department", {"A": some(3, 1), "B": some(1, 0)}, {"A": some(2, 2)}, of, words)
    names = [column.name for column in table.columns]
    change = names.index("Change in points")
    assert [row[change] for row in table.rows] == [25.0, None, 30.0]
    by_day = figures("day", {"2026-11-25": some(1, 1)}, {"2026-11-18": some(1, 3)}, of, words)
    assert by_day.rows[0][change] == 25.0


@pytest.mark.parametrize(
    ("by", "order"),
    [("0", "abc"), ("-0", "cba"), ("1", "cab"), ("-1", "acb"), ("", "bac"), ("9", "bac"), ("-", "bac"), ("x", "bac")],
)
def test_sorted_by_a_column(by: str, order: str) -> None:
    """What is not known comes last, then the sum; links go with their rows."""
    rows = [("b", None), ("a", 9), ("c", 3), ("Total", 12)]
    table = Table((Column("name"), Column("n", "number")), rows, {(1, 0): "/a"}, frozenset({3}))
    found = arranged(table, by)
    assert "".join(str(row[0]) for row in found.rows) == f"{order}Total"
    assert found.links == {(order.index("a"), 0): "/a"}


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_month_by_keyboard(browser: Browser, people: People, language: str) -> None:
    """From the tab to another period, sorted, through a figure to its customers and to one of them."""
    await a_day(people)
    page = await page_of(browser, people, "leader", "/reports", language=language)
    await page.wait_for_selector('[data-link="up"]')
    await page.keyboard.press("8")
    await page.wait_for_url("**/reports/departments**")
    await page.locator("nav.usual a").nth(2).press("Enter")
    await page.wait_for_url("**since=**")
    await page.locator("thead a").nth(1).press("Enter")
    await page.wait_for_url("**sort=-1**")
    await expect(page.locator("th[aria-sort=descending]")).to_have_count(1)
    await expect(page.locator("tr.total td").nth(1)).to_have_text("2")
    await page.locator("tr.total a").first.press("Enter")
    await page.wait_for_url("**/reports/customers**since=**")
    await expect(page.locator("tbody tr")).to_have_count(3)
    await page.locator("tbody a").first.press("Enter")
    await page.wait_for_url("**/floor/customers/*")


async def test_on_paper(browser: Browser, people: People) -> None:
    """Nothing to press, links as text, who made it, the heading of the table on each page, landscape."""
    await a_day(people)
    page = await page_of(browser, people, "leader", "/reports/departments?view=print", language="en")
    await page.emulate_media(media="print")
    await expect(page.locator("button, .top, .tabs, .day").locator("visible=true")).to_have_count(0)
    assert await page.locator("thead").evaluate("(head) => getComputedStyle(head).display") == "table-header-group"
    line = await page.locator(".report a").first.evaluate("(link) => getComputedStyle(link).textDecorationLine")
    assert line == "none"
    await expect(page.locator(".signed")).to_contain_text("Made by 900")
    paper = await page.pdf(prefer_css_page_size=True)
    assert b"/MediaBox [0 0 84" in paper  # 297 mm wide
