"""A Chromium of the system's packages, driven by Playwright: for tests of the pages and for their screenshots."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from dialer.errors import DialerError

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",  # containers and root have none; only our own pages are opened
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)


class NoBrowser(DialerError):
    """There is no browser to open the pages in."""

    code = "no-browser"


def find_browser() -> str:
    """Where Chromium is. Raises NoBrowser with the command that brings it."""
    for name in NAMES:
        found = shutil.which(name)
        if found is not None:
            return found
    raise NoBrowser(
        f"no browser was found (looked for {', '.join(NAMES)}). On Debian and Ubuntu this brings one, with Chinese "
        "letters:  sudo apt-get install -y --no-install-recommends chromium fonts-noto-cjk"
    )


@asynccontextmanager
async def open_browser(language: str = "") -> AsyncIterator[Browser]:
    """A headless browser of its own, which speaks ``language`` (zh-CN) if it can; starts in about 0.7 s.

    Raises NoBrowser.
    """
    try:
        from playwright.async_api import async_playwright
    except ImportError as error:
        raise NoBrowser("Playwright is not installed; `make setup` brings it") from error
    path = find_browser()
    async with async_playwright() as playwright:
        flags = [*FLAGS, f"--lang={language}"] if language else [*FLAGS]
        env: dict[str, str | float | bool] | None
        env = {**os.environ, "LANGUAGE": language.replace("-", "_")} if language else None
        browser = await playwright.chromium.launch(executable_path=path, args=flags, env=env)
        try:
            yield browser
        finally:
            await browser.close()


async def sign_in(page: Page, number: str, password: str, *, at: str = "/sign-in") -> None:
    """Fill in the form, and send it as people do."""
    await page.goto(at)
    await page.fill("#number", number)
    await page.fill("#password", password)
    await page.keyboard.press("Enter")
