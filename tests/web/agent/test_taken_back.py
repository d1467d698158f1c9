"""A slip that others would hear of: it waits, one key takes it back, and after it has left a second notice follows."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from dialer.campaign.changes import NoticeKind
from dialer.campaign.model import query
from dialer.campaign.model.visit import Result
from dialer.language import Language
from tests.browser_fixtures import page_of
from tests.kit.waiting import until as wait_until
from tests.web.agent.desk import connected, hang_up, lists, until
from tests.web.people import People
from tests.web.system import CLOCK

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])


async def talking(browser: Browser, desk: People, language: str = "") -> Page:
    """Agent 001 talks to their only customer."""
    await lists(desk, 1)
    page = await page_of(browser, desk, "agent", "/agent", language=language)
    await connected(page)
    await page.keyboard.press("n")
    await until(page, talking="1")
    return page


async def told(desk: People) -> list[NoticeKind]:
    """What is in the outbox, newest first."""
    return [notice.kind for notice in await desk.system.outbox.notices(None, query.Page())]


@LANGUAGES
async def test_a_wrong_number_takes_two_presses_and_one_takes_it_back(
    browser: Browser, desk: People, language: str
) -> None:
    """Also during the call; nothing has left by then, and the customer is as before."""
    page = await talking(browser, desk, language)
    await page.keyboard.press("4")
    await expect(page.locator("#form-wrong_number")).to_contain_text({"zh": "一分钟", "en": "a minute"}[language])
    await until(page, result="")
    await page.keyboard.press("4")
    await until(page, result="wrong_number")
    await hang_up(page)
    await wait_until(lambda: told(desk))
    assert await told(desk) == [NoticeKind.INVALID_NUMBER]
    assert await desk.system.outbox.due(CLOCK.now(), 9) == []
    await expect(page.locator("#undo")).to_contain_text({"zh": "撤回结果", "en": "Take the result back"}[language])
    await page.keyboard.press("z")
    await until(page, result="")
    assert await told(desk) == []
    visit = next(iter(next(iter(desk.system.engine.state.days.values())).visits.values()))
    assert (visit.state, visit.result) == ("reached", None)
    await page.keyboard.press("2")
    await until(page, result=Result.NOT_NEEDED)


@LANGUAGES
async def test_a_complaint_that_has_left_is_followed_by_a_second_notice(
    browser: Browser, desk: People, language: Language
) -> None:
    """Another result in its place takes it back; the board says so in the reader's language."""
    page = await talking(browser, desk, language)
    await page.keyboard.press("7")
    await page.keyboard.type("太贵")
    await page.keyboard.press("Enter")
    await until(page, result="feedback")
    (notice,) = await desk.system.outbox.notices(None, query.Page())
    await desk.system.outbox.mark_delivered(notice.id, CLOCK.now())
    await page.keyboard.press("2")
    await until(page, result="not_needed")
    assert await told(desk) == [NoticeKind.TAKEN_BACK, NoticeKind.FEEDBACK]
    second = (await desk.system.outbox.notices(None, query.Page()))[0]
    sentence = desk.system.services.word_notice(second.kind, second.body, language)[1]
    assert {"zh": "现予撤回", "en": "was a mistake and is taken back"}[language] in sentence
    assert {"zh": "客户意见", "en": "Customer feedback"}[language] in sentence
