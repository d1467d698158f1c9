"""Light and dark: the system's, until a person chooses; by tokens, so that no colour is left behind."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page, expect

from dialer.web.kit.page.static import of_parts
from tests.browser_fixtures import page_of
from tests.web.people import People

LITERAL = re.compile(r"#[0-9a-f]{3,8}\b|rgb\(|hsl\(", re.IGNORECASE)
TOKEN = re.compile(r"^\s*(--[\w-]+):(?! var)", re.MULTILINE)
DARK, LIGHT = "rgb(17, 24, 30)", "rgb(243, 245, 247)"


def sheets() -> dict[str, str]:
    """Every style sheet by its name."""
    return {each.name: each.read_text(encoding="utf-8") for each in of_parts("static") if each.name.endswith(".css")}


def test_colours_are_tokens() -> None:
    """The sheets of the parts name no colour of their own, and the dark one words none that the light one lacks."""
    found = sheets()
    light, dark = (set(TOKEN.findall(found.pop(name))) for name in ("app.css", "dark.css"))
    assert dark <= light
    assert set(re.findall(r"var\((--[\w-]+)", "".join(sheets().values()))) <= light
    assert {name: LITERAL.findall(text) for name, text in found.items() if LITERAL.search(text)} == {}


@pytest.mark.parametrize(("language", "dark", "system"), [("zh", "深色", "跟随系统"), ("en", "Dark", "As the system")])
async def test_a_person_chooses_the_colours(
    people: People, browser: Browser, language: str, dark: str, system: str
) -> None:
    """By keyboard from the menu; kept over pages, and given back to the system."""
    page = await page_of(browser, people, "leader", "/floor/import", language=language)
    await expect(page.locator("body")).to_have_css("background-color", LIGHT)
    await page.emulate_media(color_scheme="dark")
    await expect(page.locator("body")).to_have_css("background-color", DARK)
    await page.emulate_media(color_scheme="light")
    await choose(page, dark)
    await expect(page.locator("body")).to_have_css("background-color", DARK)
    await page.goto("/board")
    await expect(page.locator("body")).to_have_css("background-color", DARK)
    await choose(page, system)
    await expect(page.locator("body")).to_have_css("background-color", LIGHT)


async def choose(page: Page, name: str) -> None:
    """Open the person's menu, and press what is called ``name`` there."""
    await page.locator(".who summary").press("Enter")
    await page.get_by_role("button", name=name, exact=True).press("Enter")
    await expect(page.locator(".who details")).not_to_have_attribute("open", "")


async def test_no_other_scheme_is_taken(people: People) -> None:
    """There are two, and what is neither is refused."""
    assert (await people.ask("leader", "POST", "/scheme", data={"scheme": "pink"})).status == 422
