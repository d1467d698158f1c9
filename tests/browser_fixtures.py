"""A real browser for tests of the pages: Debian's Chromium, driven by Playwright.

A test asks for ``browser`` and opens pages as somebody: ``page = await page_of(browser, people, "leader", "/floor")``.
The browser lives as long as the test, since each test has an event loop of its own; it starts in 0.7 s.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.kit.browser import NoBrowser, open_browser

if TYPE_CHECKING:
    from tests.web.people import People

AXE = Path(__file__).parent.parent / ".venv/browser/node_modules/axe-core/axe.min.js"
DEADLINE_MS = 60_000.0
"""Of whatever is waited for in a browser; it costs nothing where all is well."""

expect.set_options(timeout=DEADLINE_MS)

OFFICE: ViewportSize = {"width": 1366, "height": 768}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A headless Chromium; the test fails with the command that brings one when there is none."""
    try:
        opened = open_browser()
        chromium = await opened.__aenter__()
    except NoBrowser as error:
        pytest.fail(str(error), pytrace=False)
    try:
        yield chromium
    finally:
        await opened.__aexit__(None, None, None)


@pytest.fixture
def axe() -> str:
    """The source of axe-core."""
    if not AXE.is_file():
        pytest.fail("axe-core is not installed; this brings it:  requirements/browser.sh", pytrace=False)
    return AXE.read_text(encoding="utf-8")


async def page_of(
    browser: Browser, people: People, who: str, path: str, *, language: str = "", viewport: ViewportSize = OFFICE
) -> Page:
    """A page as somebody of :mod:`tests.web.people` sees it, in a context of its own with their session."""
    if language:
        await people.speak(who, language)
    context = await browser.new_context(viewport=viewport, base_url=people.system.url, locale="zh-CN")
    context.set_default_timeout(DEADLINE_MS)
    await context.add_cookies(
        [
            {"name": cookie.key, "value": cookie.value, "url": people.system.url}
            for cookie in people.browsers[who].cookie_jar
        ]
    )
    page = await context.new_page()
    await page.goto(path)
    return page
