"""The agent's page in a real browser: by keyboard alone, with reloads, second windows and a lost server."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect

from dialer.campaign.model.visit import Result
from tests.browser_fixtures import page_of
from tests.web.agent.desk import connected, hang_up, lists, until
from tests.web.people import People
from tests.web.system import CLOCK, ZONE

# A PC whose clock is wrong by so many ms: both clocks that the browser has.
WRONG_CLOCK = """
  const wrong = %d, Right = Date, origin = performance.timeOrigin;
  globalThis.Date = class extends Right {
    constructor(...given) { given.length ? super(...given) : super(Right.now() + wrong); }
    static now() { return Right.now() + wrong; }
  };
  Object.defineProperty(Performance.prototype, "timeOrigin", { get: () => origin + wrong });
"""


async def test_ten_customers_by_keyboard_alone(browser: Browser, desk: People) -> None:
    """Every result by its key, remarks on the way, never the mouse, and nothing to scroll while talking."""
    system = desk.system
    await lists(desk, 10)
    page = await page_of(browser, desk, "agent", "/agent")
    await connected(page)
    keys = page.keyboard
    # From "called later" on nobody else is called before the promised time, so it comes last.
    wanted = [Result.ORDERED, Result.NOT_NEEDED, Result.REFUSED, Result.NOT_UNDERSTOOD, Result.FEEDBACK]
    wanted = [*wanted, Result.WRONG_NUMBER, Result.ORDERED, Result.NOT_NEEDED, Result.REFUSED, Result.LATER]
    for n, result in enumerate(wanted, 1):
        await keys.press("n")
        await until(page, talking="1", shop=f"第{n}店")
        await expect(page.locator("#greeting")).to_contain_text(f"第{n}店")
        assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        await keys.press("r")
        await keys.type(f"备注{n}")
        await keys.press("Escape")
        match result:
            case Result.ORDERED:
                await keys.press("1")
                await keys.type(f"N{n}")
                await keys.press("Enter")
                await keys.type("12")
                await keys.press("Enter")
                await keys.type("1860.50")
                await keys.press("Enter")
            case Result.LATER:
                await keys.press("3")
                await keys.type("2359")
                await keys.press("Enter")
            case Result.FEEDBACK:
                await keys.press("7")
                assert await page.locator("#feedback-text").input_value() == f"备注{n}"
                await keys.type("，送货太慢")
                await keys.press("Enter")
            case Result.WRONG_NUMBER:
                await keys.press("4")
                await expect(page.locator("#form-wrong_number")).to_be_visible()
                await keys.press("4")
            case _:
                await keys.press({Result.NOT_NEEDED: "2", Result.REFUSED: "5"}.get(result, "6"))
        await until(page, result=result)
        await hang_up(page)
    visits = {v.customer: v for v in next(iter(system.engine.state.days.values())).visits.values()}
    assert [visits[f"C{n:04}"].result for n in range(1, 11)] == wanted
    order = await system.services.order_store.order("N1")
    assert order is not None
    assert (order.quantity, order.amount) == ("12", "1860.50")
    remarks = await system.services.remarks.remarks([a.id for a in system.attempts.values()])
    assert sorted(r.text for r in remarks.values()) == sorted(f"备注{n}" for n in range(1, 11))


async def test_without_a_result_n_asks_once(browser: Browser, desk: People) -> None:
    """Going on without a result takes a second press; the result can still be entered for the last call."""
    await lists(desk, 1)
    page = await page_of(browser, desk, "agent", "/agent")
    await connected(page)
    await page.keyboard.press("n")
    await until(page, talking="1")
    await hang_up(page)
    await page.keyboard.press("n")
    await expect(page.locator(".toast")).to_contain_text("还没有登记结果")
    await until(page, presence="wrap_up")
    await page.keyboard.press("n")
    await until(page, presence="ready")
    await page.keyboard.press("2")
    await until(page, presence="ready", result="not_needed")


async def test_pause_with_a_reason(browser: Browser, desk: People) -> None:
    """During a call it takes effect after it; P and a digit are enough, in English too."""
    await lists(desk, 2)
    page = await page_of(browser, desk, "agent", "/agent", language="en")
    await connected(page)
    await page.keyboard.press("n")
    await until(page, talking="1")
    await page.keyboard.press("p")
    await page.keyboard.press("2")
    await until(page, after_call="paused")
    await page.keyboard.press("5")
    await until(page, result="refused")
    await page.keyboard.press("h")
    await until(page, presence="paused")
    await expect(page.locator("#idle")).to_contain_text("Meal")
    await page.keyboard.press("n")
    await until(page, talking="1")


async def test_a_reload_and_a_second_window_show_the_same(browser: Browser, desk: People) -> None:
    """Remarks that are being typed are in the other window and after a reload; a result is seen in both."""
    await lists(desk, 1)
    page = await page_of(browser, desk, "agent", "/agent")
    await connected(page)
    await page.keyboard.press("n")
    await until(page, talking="1")
    second = await page.context.new_page()
    await second.goto("/agent")
    await connected(second)
    await until(second, talking="1")
    await page.bring_to_front()
    await page.keyboard.press("r")
    await page.keyboard.type("要软包")
    await expect(second.locator("#remarks")).to_have_value("要软包")
    await page.keyboard.type("，下午送")
    await page.reload()  # at once, before anything could be sent
    await expect(page.locator("#remarks")).to_have_value("要软包，下午送")
    await connected(page)
    await page.keyboard.press("2")
    await until(second, result="not_needed")
    attempt = next(iter(desk.system.attempts))
    await expect(page.locator("#remarks-state")).to_have_text("已保存")
    assert (await desk.system.services.remarks.remarks([attempt]))[attempt].text == "要软包，下午送"


async def test_a_lost_server_says_so_and_comes_back(browser: Browser, desk: People) -> None:
    """What is typed meanwhile is kept here, a result is refused visibly, and all goes on by itself."""
    await lists(desk, 1)
    page = await page_of(browser, desk, "agent", "/agent")
    await connected(page)
    await page.keyboard.press("n")
    await until(page, talking="1")
    # The server is out of reach: a stream that is cut, and requests that fail.
    await page.context.set_offline(True)
    await page.evaluate("performance.now()")
    await page.keyboard.press("r")
    await page.keyboard.type("断网时写的")
    await expect(page.locator("#remarks-state")).to_have_text("已存在本机，服务器恢复后自动上传")
    await page.keyboard.press("Escape")
    await page.keyboard.press("1")
    await page.keyboard.type("N9")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#form-ordered .form-problem")).not_to_be_empty()
    assert await page.locator("#order").input_value() == "N9"
    await page.context.set_offline(False)
    await expect(page.locator("#remarks-state")).to_have_text("已保存")
    await page.locator("#order").focus()
    await page.keyboard.press("Control+Enter")
    await until(page, result="ordered")


async def test_a_time_can_be_typed_in_many_ways(browser: Browser, desk: People) -> None:
    """What is no time, over or of another day is refused in words; full-width digits and the like are times."""
    await lists(desk, 1)
    page = await page_of(browser, desk, "agent", "/agent")
    await connected(page)
    await page.keyboard.press("n")
    await until(page, talking="1")
    await page.keyboard.press("3")
    problem = page.locator("#form-later .form-problem")
    for typed, says in (("99", "1030"), ("0000", "过去")):
        await page.locator("#later-time").fill(typed)
        await page.keyboard.press("Enter")
        await expect(problem).to_contain_text(says)
    await page.locator("#later-time").fill("2359")
    day = page.locator("#later-day")
    assert await day.get_attribute("max") == await day.get_attribute("min"), "no other day can be picked"
    await day.fill("2030-01-01")
    await page.locator("#later-time").press("Enter")
    await expect(problem).to_contain_text("只能约定今天")
    await day.fill(str(await day.get_attribute("min")))
    await page.locator("#later-time").fill("")
    await page.locator("#later-time").focus()
    await page.keyboard.type("晚上１１点５９")
    await page.keyboard.press("Enter")
    await until(page, result="later")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_stray_digits_while_paused_change_nothing(browser: Browser, desk: People, language: str) -> None:
    """The last call keeps its result until the agent goes on, or chooses that call."""
    await lists(desk, 1)
    page = await page_of(browser, desk, "agent", "/agent", language=language)
    await connected(page)
    await page.keyboard.press("n")
    await until(page, talking="1")
    await page.keyboard.press("2")
    await until(page, result="not_needed")
    await hang_up(page)
    await page.keyboard.press("p")
    await page.keyboard.press("1")
    await until(page, presence="paused")
    for digit in "567":
        await page.keyboard.press(digit)
    await page.keyboard.press("n")
    await until(page, presence="ready", result="not_needed")


async def test_wrong_number_after_the_call_asks_first(browser: Browser, desk: People) -> None:
    """It takes effect at once then and cannot be taken back, so the key is pressed twice."""
    system = desk.system
    system.engine.state.config = replace(system.engine.state.config, wrap_up=timedelta(minutes=5))
    await lists(desk, 1)
    page = await page_of(browser, desk, "agent", "/agent")
    await connected(page)
    await page.keyboard.press("n")
    await until(page, talking="1")
    await hang_up(page)
    await expect(page.locator("#call-clock")).to_have_text(re.compile(r"还剩 4:5\d"))
    await page.keyboard.press("4")
    await expect(page.locator("#form-wrong_number")).to_be_visible()
    await page.keyboard.press("4")
    await until(page, result="wrong_number")


@pytest.mark.parametrize(("wrong_by_h", "typed_in_min", "good"), [(1, 30, True), (-1, -30, False)])
async def test_a_wrong_clock_of_the_pc_changes_no_promise(
    browser: Browser, desk: People, wrong_by_h: int, typed_in_min: int, good: bool
) -> None:
    """Whether a time is over is told by the department's clock, though the PC's is an hour ahead or behind."""
    await lists(desk, 1)
    page = await page_of(browser, desk, "agent", "/agent")
    await page.add_init_script(WRONG_CLOCK % (wrong_by_h * 3600 * 1000))
    await page.reload()
    await connected(page)
    now = CLOCK.now().astimezone(ZONE)
    assert abs(await page.evaluate("Date.now()") / 1000 - now.timestamp() - wrong_by_h * 3600) < 60
    asked = now + timedelta(minutes=typed_in_min)
    await page.keyboard.press("n")
    await until(page, talking="1")
    await page.keyboard.press("3")
    await page.locator("#later-time").fill(f"{asked:%H%M}")
    await page.keyboard.press("Enter")
    if good:
        await until(page, result=Result.LATER)
    else:
        await expect(page.locator("#form-later .form-problem")).to_contain_text("这个时间已经过去了")
