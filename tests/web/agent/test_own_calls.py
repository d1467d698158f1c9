"""An agent's own calls of today: results that are missing are entered, and those that are there corrected."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from dialer.campaign.model.visit import Result
from tests.browser_fixtures import page_of
from tests.web.agent.desk import connected, hang_up, lists, until
from tests.web.people import People


async def two_calls(browser: Browser, desk: People, language: str) -> Page:
    """Agent 001 is paused after two conversations; the first has no result, the second was refused."""
    await lists(desk, 3)
    page = await page_of(browser, desk, "agent", "/agent", language=language)
    await connected(page)
    for shop, key in (("第1店", ""), ("第2店", "5")):
        await page.keyboard.press("n")
        await until(page, talking="1", shop=shop)
        if key:
            await page.keyboard.press(key)
            await until(page, result="refused")
        await hang_up(page)
        if not key:
            await page.keyboard.press("n")  # the first press says that the result is missing
    await page.keyboard.press("p")
    await page.keyboard.press("2")
    await until(page, presence="paused")
    return page


@pytest.mark.parametrize(
    ("language", "missing", "about"), [("zh", "未登记结果", "更早的通话"), ("en", "No result yet", "earlier call")]
)
async def test_results_are_completed_and_corrected(
    browser: Browser, desk: People, language: str, missing: str, about: str
) -> None:
    """What is missing stands first; by keyboard alone, with all that a result has."""
    page = await two_calls(browser, desk, language)
    rows = page.locator("#calls [data-call]")
    await expect(rows).to_have_count(2)
    await expect(rows.first).to_contain_text("第1店")
    await expect(rows.first).to_contain_text(missing)
    await page.keyboard.press("t")
    await expect(rows.first).to_be_focused()
    await page.keyboard.press("Enter")
    await until(page, shop="第1店", shown="1")
    await expect(page.locator("#result-for")).to_contain_text(about)
    await page.keyboard.press("1")
    await page.keyboard.type("DD-7")
    await page.keyboard.press("Control+Enter")
    await until(page, shown="0")
    await expect(rows.last).to_contain_text("DD-7")
    await page.keyboard.press("t")
    await page.keyboard.press("ArrowDown")
    await expect(rows.last).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await until(page, shop="第2店", result="refused")
    await page.keyboard.press("Escape")  # another one, after all
    await until(page, shown="0")
    await page.keyboard.press("t")
    await page.keyboard.press("Enter")
    await until(page, shop="第2店")
    await page.keyboard.press("2")
    await until(page, shown="0")
    visits = {v.customer: v for v in next(iter(desk.system.engine.state.days.values())).visits.values()}
    await desk.system.until(lambda: visits["C0002"].result is Result.NOT_NEEDED)
    assert visits["C0001"].result is Result.ORDERED


async def test_the_next_customer_goes_before_an_earlier_call(browser: Browser, desk: People) -> None:
    """Whose card was chosen gives way as soon as the next call is there, unless something is being written."""
    page = await two_calls(browser, desk, "zh")
    await page.keyboard.press("t")
    await page.keyboard.press("Enter")
    await until(page, shop="第1店")
    await page.keyboard.press("n")
    await until(page, shop="第3店", talking="1")
    await page.keyboard.press("t")  # in place of the phrases
    await expect(page.locator("#calls [data-call]").first).to_be_focused()
    await expect(page.locator("#phrases")).to_be_hidden()
