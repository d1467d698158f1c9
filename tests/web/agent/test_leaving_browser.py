"""Before the first call and after the last one: the status bar is there, and who signs out gets no more calls."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Dialog, expect

from dialer.campaign.model.agent import Presence
from tests.browser_fixtures import page_of
from tests.kit.waiting import until as wait_until
from tests.web.agent.desk import connected, lists, until
from tests.web.people import People

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])


@LANGUAGES
async def test_a_signed_off_agent_has_a_status_bar(browser: Browser, desk: People, language: str) -> None:
    """Above everything else, over its whole width but for the buttons, as in every other presence."""
    await lists(desk, 1)
    page = await page_of(browser, desk, "agent", "/agent", language=language)
    await connected(page)
    await until(page, presence="signed_out")
    await expect(page.locator("#call-state")).to_contain_text({"zh": "未签到", "en": "Signed out"}[language])
    bar, idle = await page.locator("#call-bar").bounding_box(), await page.locator("#idle").bounding_box()
    await page.keyboard.press("n")
    await until(page, talking="1")
    talking = await page.locator("#call-bar").bounding_box()
    assert bar is not None
    assert idle is not None
    assert talking is not None
    assert bar["y"] + bar["height"] <= idle["y"]
    assert (bar["x"], bar["y"], bar["width"]) == (talking["x"], talking["y"], talking["width"])


@LANGUAGES
async def test_signing_out_in_a_call_asks_and_finishes_work(browser: Browser, desk: People, language: str) -> None:
    """Whoever says no stays; whoever says yes gets no call after this one."""
    await lists(desk, 2)
    page = await page_of(browser, desk, "agent", "/agent", language=language)
    await connected(page)
    await page.keyboard.press("n")
    await until(page, talking="1")
    asked: list[str] = []
    answers = iter((False, True))

    async def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        await (dialog.accept() if next(answers) else dialog.dismiss())

    page.on("dialog", answer)
    button = page.locator('form[action="/sign-out"] button')
    await page.locator(".who summary").press("Enter")
    await button.press("Enter")
    await wait_until(lambda: len(asked) == 1)
    assert {"zh": "正在通话", "en": "You are on a call"}[language] in asked[0]
    await page.keyboard.press("2")  # still here, and heard
    await until(page, result="not_needed")
    await page.locator(".who summary").press("Enter")
    await button.press("Enter")
    await page.wait_for_url("**/sign-in*")
    agent = desk.system.engine.state.agents["001"]
    assert (agent.presence, agent.after_call) == (Presence.ON_CALL, Presence.SIGNED_OUT)
    await desk.system.finish(next(iter(desk.system.attempts)))
    assert agent.presence is Presence.SIGNED_OUT


async def test_signing_out_anywhere_finishes_work(desk: People) -> None:
    """Also from a page that knows nothing of calls; somebody who is no agent signs out as ever."""
    await desk.api("agent", "PUT", "/agents/001/presence", {"presence": "ready"})
    for who in ("agent", "leader"):
        answer = await desk.ask(who, "POST", "/sign-out", data={"csrf": desk.csrf[who]})
        assert answer.url == "/sign-in"
    assert desk.system.engine.state.agents["001"].presence is Presence.SIGNED_OUT
