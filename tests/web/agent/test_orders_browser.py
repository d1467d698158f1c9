"""The order as the result of a call: checked, shown, corrected in place, and never lost or doubled by a slip."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from dialer.campaign.model.order import Order
from dialer.campaign.model.visit import Result
from tests.browser_fixtures import page_of
from tests.web.agent.desk import connected, hang_up, lists, until
from tests.web.people import People
from tests.web.system import CLOCK

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])


async def talking(browser: Browser, desk: People, language: str) -> Page:
    """Agent 001 talks to the first of two customers."""
    await lists(desk, 2)
    page = await page_of(browser, desk, "agent", "/agent", language=language)
    await connected(page)
    await page.keyboard.press("n")
    await until(page, talking="1", shop="第1店")
    return page


async def enter(page: Page, number: str, quantity: str, amount: str) -> None:
    """Fill in the order's form and save it, by keyboard."""
    await page.keyboard.press("1")
    for name, value in (("order", number), ("quantity", quantity), ("amount", amount)):
        await page.locator(f"#{name}").fill(value)
    await page.keyboard.press("Control+Enter")


async def orders(desk: People) -> list[Order]:
    """Of the first call."""
    return await desk.system.services.order_store.orders_of(next(iter(desk.system.attempts)))


@LANGUAGES
async def test_an_order_is_checked_shown_and_edited(browser: Browser, desk: People, language: str) -> None:
    """Full-width digits and blanks are understood, what is no figure is not; the receipt is what the books have."""
    page = await talking(browser, desk, language)
    await enter(page, "ＤＤ－１", "十六", "１２３４．５０")
    wrong = {"zh": "数量要填数字", "en": "The quantity must be a number"}[language]
    await expect(page.locator("#form-ordered .form-problem")).to_contain_text(wrong)
    await page.locator("#quantity").fill("1 ６")
    await page.keyboard.press("Control+Enter")
    receipt = {"zh": "DD-1 · 16 条 · 1234.50 元", "en": "DD-1 · 16 cartons · 1234.50 yuan"}[language]
    await expect(page.locator("#receipt")).to_have_text(receipt)
    await expect(page.locator("#form-ordered")).to_be_hidden()  # its answer may come after the news of it
    await page.keyboard.press("1")
    assert await page.locator("#order").input_value() == "DD-1"
    await page.locator("#order").fill("DD-2")
    await page.locator("#quantity").fill("20")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#receipt")).to_contain_text("DD-2 · 20")
    await expect(page.locator("#form-ordered")).to_be_hidden()
    assert [(o.number, o.quantity, o.amount) for o in await orders(desk)] == [("DD-2", "20", "1234.50")]
    await page.locator("#receipt").press("Enter")
    assert await page.locator("#order").input_value() == "DD-2"


@LANGUAGES
@pytest.mark.parametrize("key", ["8", "9"])
async def test_another_result_asks_what_becomes_of_the_order(
    browser: Browser, desk: People, language: str, key: str
) -> None:
    """It stands, or is taken back; the answer is one key, and until it is given nothing is changed."""
    page = await talking(browser, desk, language)
    await enter(page, "DD-1", "16", "")
    await until(page, result="ordered")
    await page.keyboard.press("2")
    await expect(page.locator("#form-stands")).to_be_visible()
    await page.keyboard.press("2")  # once too often: it answers nothing
    question = {"zh": "怎么处理", "en": "What becomes of it"}[language]
    await expect(page.locator("#form-stands")).to_contain_text(question)
    await expect(page.locator("#form-stands")).to_contain_text("DD-1 · 16")
    await page.keyboard.press("Escape")
    await until(page, result="ordered")
    await page.keyboard.press("2")
    await expect(page.locator("#form-stands")).to_be_visible()
    await page.keyboard.press(key)
    await until(page, result="not_needed")
    assert [o.number for o in await orders(desk)] == (["DD-1"] if key == "8" else [])


@LANGUAGES
async def test_an_order_of_another_customer_is_said_and_settled(browser: Browser, desk: People, language: str) -> None:
    """At once, in the agent's words; who insists hands the question to the supervisor, who settles it."""
    page = await talking(browser, desk, language)
    theirs = Order("DD-9", "C0002", CLOCK.now(), "order-system", by="orders")
    await desk.system.services.order_store.save_order(theirs)
    await enter(page, "DD-9", "16", "100")
    said = {"zh": "另一位客户", "en": "Another customer has this order number"}[language]
    await expect(page.locator("#form-ordered .form-problem")).to_contain_text(said)
    assert desk.system.engine.state.attempts[next(iter(desk.system.attempts))].result is None
    await page.keyboard.press("Control+Enter")
    await until(page, result=Result.ORDERED)
    await hang_up(page)
    books = await page_of(browser, desk, "supervisor", "/reports/reconciliation", language=language)
    await books.get_by_role("button", name={"zh": "是这个通话", "en": "It was this call"}[language]).press("Enter")
    await expect(books.get_by_text("DD-9")).to_have_count(0)
    assert [(o.number, o.customer, o.open_question) for o in await orders(desk)] == [("DD-9", "C0001", "")]
