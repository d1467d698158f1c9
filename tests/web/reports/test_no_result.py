"""Conversations without a result: counted, listed, and completed by the leader, from wherever they are counted."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from dialer.campaign.model.visit import Result
from tests.browser_fixtures import page_of
from tests.web.people import People


async def unsaid(people: People) -> str:
    """A conversation of agent 001 that ended without a result."""
    system = people.system
    attempt = await system.conversation()
    await system.finish(attempt)
    return attempt


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_from_the_work_log_to_the_result(browser: Browser, people: People, language: str) -> None:
    """By keyboard: the count leads to the list, the list to the customer, where the result is entered."""
    await unsaid(people)
    name = {"zh": "未登记结果的通话", "en": "Conversations without a result"}[language]
    page = await page_of(browser, people, "leader", "/reports", language=language)
    await page.get_by_role("link", name=name).press("Enter")
    await page.get_by_role("link", name="惠民店").press("Enter")
    await page.locator("#results").wait_for()
    await page.keyboard.press("r")
    await page.locator("#result-1").select_option("ordered")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.type("DD-9")
    await expect(page.locator("#text-1")).to_be_hidden()
    await page.keyboard.press("Enter")
    await expect(page.locator("#story")).to_contain_text("DD-9")
    visit = next(iter(next(iter(people.system.engine.state.days.values())).visits.values()))
    assert visit.result is Result.ORDERED
    assert await people.system.services.order_store.order("DD-9")
    await page.goto("/reports/no-result")
    await expect(page.locator(".report tbody")).to_have_count(0)


async def test_every_count_leads_to_the_calls(people: People) -> None:
    """On the floor and in the reconciliation; each sees their own."""
    attempt = await unsaid(people)
    visit = people.system.attempts[attempt].visit
    link = f"/floor/customers/{visit}"
    assert "/reports/no-result" in await people.get("leader", "/pages/floor/day")
    assert link in await people.get("supervisor", "/reports/reconciliation")
    assert link in await people.get("leader", "/reports/no-result")
    await people.system.ask("PUT", "/agents/001", json={"name": "王芳", "extension": "001", "team": "B"})
    assert link not in await people.get("team_leader", "/reports/no-result")
    log = await people.get("leader", "/reports")
    assert re.search(r'"/reports/no-result\?day=[^"]+">1</a>', log)
