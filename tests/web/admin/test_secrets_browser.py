"""Passwords that an administrator gives: what is shown is what holds, once, as with tokens."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Dialog, Page, expect

from tests.browser_fixtures import page_of
from tests.web.people import People, browser, sign_in


async def _agree(dialog: Dialog) -> None:
    await dialog.accept()


async def _shown_once(page: Page, people: People, whose: str) -> str:
    """The password of the dialog, which the person can sign in with; it is gone when Esc has closed the dialog."""
    dialog = page.locator("dialog[open]")
    await expect(dialog).to_contain_text(whose)
    password = await dialog.locator("[data-value]").inner_text()
    async with browser(people.system) as other:
        await sign_in(other, whose.partition(" ")[0], password)
    async with page.expect_navigation():
        await page.keyboard.press("Escape")
    assert password not in await page.content()
    return password


@pytest.mark.parametrize(("language", "told"), [("zh", "只显示这一次"), ("en", "shown only this once")])
async def test_a_given_password_is_shown_as_it_holds(
    browser: Browser, people: People, language: str, told: str
) -> None:
    """A new account's and a new one of an account that there is: by keyboard, though the form suggests others then."""
    page = await page_of(browser, people, "administrator", "/admin/staff", language=language)
    page.on("dialog", _agree)
    await page.locator("#number").focus()
    await page.keyboard.type("915")
    await page.keyboard.press("Tab")
    await page.keyboard.type("李强")
    suggested = await page.locator("#password").input_value()
    await page.keyboard.press("Enter")
    await expect(page.locator("dialog[open]")).to_contain_text(told)
    first = await _shown_once(page, people, "915 李强")
    assert first == suggested
    await page.goto("/admin/staff/915")
    await page.locator("#password").focus()
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.type("给李强的一句口令")
    await page.keyboard.press("Enter")
    await expect(page.locator("dialog[open]")).to_contain_text(told)
    assert await _shown_once(page, people, "915 李强") == "给李强的一句口令"
