"""What an agent types into a result's form: a key is one wish, the card stays with an open form, nothing is lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.browser_fixtures import page_of
from tests.kit import browser as kit
from tests.kit.waiting import until as wait_until
from tests.web.agent.desk import connected, hang_up, lists, until
from tests.web.people import PASSWORD, PEOPLE, People

LANGUAGES = pytest.mark.parametrize(("language", "calling"), [("zh", "下一位"), ("en", "Next customer")])


async def talking(browser: Browser, desk: People, *, customers: int = 2, language: str = "") -> Page:
    """Agent 001 in front of their first customer; no wrap-up, so that the next call comes by itself."""
    state = desk.system.engine.state
    state.config = replace(state.config, wrap_up=timedelta(0))
    await lists(desk, customers)
    page = await page_of(browser, desk, "agent", "/agent", language=language)
    await connected(page)
    await page.keyboard.press("n")
    await until(page, talking="1", shop="第1店")
    return page


async def type_order(page: Page) -> None:
    """An order's number and quantity; the cursor then is in the amount."""
    await page.keyboard.press("1")
    await page.keyboard.type("DD-1")
    await page.keyboard.press("Enter")
    await page.keyboard.type("16")
    await page.keyboard.press("Enter")


async def typed(page: Page) -> list[str]:
    """What stands in the form of an order, which is open."""
    await expect(page.locator("#form-ordered")).to_be_visible()
    return [await page.locator(f"#{name}").input_value() for name in ("order", "quantity", "amount")]


@pytest.mark.parametrize("key", ["n", "h", "5"])
async def test_a_key_is_one_wish(browser: Browser, desk: People, key: str) -> None:
    """Pressed again while its request is under way, it asks for nothing more."""
    await lists(desk, 2)
    page = await page_of(browser, desk, "agent", "/agent")
    await connected(page)
    if key != "n":
        await page.keyboard.press("n")
        await until(page, talking="1")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    for path in ("presence", "hang-up", "disposition"):
        await page.route(f"**/{path}", hold)
    await page.keyboard.press(key)
    await wait_until(lambda: held)
    for _ in range(3):
        await page.keyboard.press(key)
    await page.evaluate(
        "fetch('/pages/agent/now').then(() => 0)"
    )  # what was asked for before it has left the page, too
    assert len(held) == 1
    await held[0].continue_()
    await until(page, **{"n": {"talking": "1"}, "h": {"presence": "wrap_up"}, "5": {"result": "refused"}}[key])


@LANGUAGES
async def test_the_card_stays_with_an_open_form(browser: Browser, desk: People, language: str, calling: str) -> None:
    """The customer hangs up and the next one is on the line: the order is still there, and saved for the first."""
    page = await talking(browser, desk, language=language)
    await type_order(page)
    first = await page.locator("#call-facts").get_attribute("data-attempt")
    assert first is not None
    await desk.system.finish(first)
    await expect(page.locator("#beside")).to_contain_text(f"{calling}")
    await expect(page.locator("#beside")).to_contain_text("第2店")
    await expect(page.locator("#shop")).to_have_text("第1店")
    await page.locator("#form-ordered button.primary").focus()
    for key in ("n", "p", "q"):  # none of them leaves the form
        await page.keyboard.press(key)
    assert await typed(page) == ["DD-1", "16", ""]
    await page.keyboard.press("Enter")
    await until(page, shop="第2店", talking="1")
    await expect(page.locator("#beside")).to_be_hidden()
    order = await desk.system.services.order_store.order("DD-1")
    assert order is not None
    assert (order.attempt, order.customer, order.quantity) == (first, "C0001", "16")


async def test_escape_shows_the_next_customer_and_keeps_what_was_typed(browser: Browser, desk: People) -> None:
    """One key leaves the form; opened again for the same call it has what was typed."""
    page = await talking(browser, desk, customers=1)
    await type_order(page)
    await page.keyboard.press("Escape")
    await expect(page.locator('.pad[data-result="ordered"]')).to_have_attribute("data-begun", "")
    await page.keyboard.press("1")
    assert await typed(page) == ["DD-1", "16", ""]
    await page.keyboard.press("Escape")
    await page.keyboard.press("2")
    await until(page, result="not_needed")
    await expect(page.locator("[data-begun]")).to_have_count(0)  # the call has its result: what was begun goes


async def test_a_form_outlives_reload_and_sign_out(browser: Browser, desk: People) -> None:
    """It is open again with what was typed, in front of the customer that it is about."""
    page = await talking(browser, desk)
    await type_order(page)
    await desk.system.finish(str(await page.locator("#call-facts").get_attribute("data-attempt")))
    await page.reload()
    await expect(page.locator("#shop")).to_have_text("第1店")
    assert await typed(page) == ["DD-1", "16", ""]
    page.once("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))  # it asks, since work is not over
    await page.locator(".who summary").click()
    await page.locator('form[action="/sign-out"] button').click()
    await kit.sign_in(page, PEOPLE["agent"][0], PASSWORD)
    await expect(page.locator("#shop")).to_have_text("第1店")
    assert await typed(page) == ["DD-1", "16", ""]
    await page.locator("#order").press("Control+Enter")
    await until(page, shop="第2店")
    assert await desk.system.services.order_store.order("DD-1")


async def test_a_second_window_shows_the_same_form(browser: Browser, desk: People) -> None:
    """Letter by letter; saved in one window it is closed in the other."""
    page = await talking(browser, desk)
    second = await page.context.new_page()
    await second.goto("/agent")
    await connected(second)
    await page.bring_to_front()
    await type_order(page)
    await expect(second.locator("#quantity")).to_have_value("16")
    assert await typed(second) == ["DD-1", "16", ""]
    await page.keyboard.press("Enter")
    await expect(second.locator("#form-ordered")).to_be_hidden()
    await until(second, result="ordered")


async def test_a_remark_that_is_being_written_stays_with_its_customer(browser: Browser, desk: People) -> None:
    """The next customer is on the line in the middle of a word: the word is about the one before."""
    page = await talking(browser, desk)
    first = str(await page.locator("#call-facts").get_attribute("data-attempt"))
    await page.keyboard.press("r")
    await page.keyboard.type("下午")
    await desk.system.finish(first)
    await expect(page.locator("#beside")).to_contain_text("第2店")
    await page.keyboard.type("送货")
    await page.keyboard.press("Escape")
    await until(page, shop="第2店")
    await expect(page.locator("#remarks")).to_have_value("")

    async def kept() -> bool:
        return (await desk.system.services.remarks.remarks([first]))[first].text == "下午送货"

    await wait_until(kept)


async def test_another_agents_call_is_not_shown(desk: People) -> None:
    """A card can be asked for by its call, but only one's own."""
    attempt = await desk.system.conversation()
    assert "惠民店" in await desk.get("agent", f"/pages/agent/now?call={attempt}")
    assert "惠民店" not in await desk.get("other", f"/pages/agent/now?call={attempt}")
    assert "惠民店" in await desk.get("agent", "/pages/agent/now?call=nothing-1-1-abc")


async def test_the_form_stays_open_after_hanging_up(browser: Browser, desk: People) -> None:
    """With a wrap-up as with none."""
    state = desk.system.engine.state
    state.config = replace(state.config, wrap_up=timedelta(minutes=5))
    await lists(desk, 1)
    page = await page_of(browser, desk, "agent", "/agent")
    await connected(page)
    await page.keyboard.press("n")
    await until(page, talking="1")
    await type_order(page)
    await page.locator("#form-ordered button.primary").focus()
    await hang_up(page)
    assert await typed(page) == ["DD-1", "16", ""]
