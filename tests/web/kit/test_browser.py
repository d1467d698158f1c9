"""The pages in a real browser: that they load all their own parts, and nothing else."""

from __future__ import annotations

from playwright.async_api import Browser

from tests.browser_fixtures import page_of
from tests.web.people import People


async def test_a_page_comes_alive(browser: Browser, people: People) -> None:
    """A page opened with a person's session connects to the stream of events, without a word in the console."""
    page = await page_of(browser, people, "administrator", "/admin")
    await page.wait_for_selector('[data-link="up"]')
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    await page.reload()
    await page.wait_for_selector('[data-link="up"]')
    assert said == []
