"""What is refused says what is wrong, in the person's language, and at the field that it is about."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect

from tests.browser_fixtures import page_of
from tests.web.floor.test_floor import ROWS, visits
from tests.web.people import People

BOTH = pytest.mark.parametrize("language", ["zh", "en"])


@BOTH
async def test_a_field_says_its_rule(browser: Browser, people: People, language: str) -> None:
    """A token's name before anything is sent, and the permissions that were forgotten by their heading."""
    rule, missing = {
        "zh": ("字母、数字", "权限范围：至少选 1 项"),
        "en": ("letters, digits", "Permissions of the token: choose at least 1"),
    }[language]
    page = await page_of(browser, people, "administrator", "/admin/tokens", language=language)
    name = page.locator("#name")
    described = await name.get_attribute("aria-describedby")
    await expect(page.locator(f"#{described}")).to_contain_text(rule)
    await name.focus()
    await page.keyboard.type("order system")
    await page.keyboard.press("Enter")
    assert await name.evaluate("field => field.validity.patternMismatch")
    await name.fill("order-system")
    await page.keyboard.press("Enter")
    await expect(page.locator(".toast.bad")).to_contain_text(missing)


@BOTH
async def test_a_conflict_says_with_what(browser: Browser, people: People, language: str) -> None:
    """An account that there is already: that, and not only that the situation has changed."""
    said = {"zh": "已有账号“900”", "en": "there is an account '900' already"}[language]
    page = await page_of(browser, people, "administrator", "/admin/staff", language=language)
    await page.locator("#number").focus()
    await page.keyboard.type("900")
    await page.keyboard.press("Tab")
    await page.keyboard.type("李强")
    await page.keyboard.press("Enter")
    await expect(page.locator(".toast.bad")).to_contain_text(said)


@BOTH
async def test_the_same_number_again_is_not_called_a_correction(
    browser: Browser, people: People, language: str
) -> None:
    """However it is written."""
    said = {"zh": "号码没有变化", "en": "That is the number already"}[language]
    await people.system.import_rows(*ROWS)
    path = f"/floor/customers/{visits(people)['C1']}"
    page = await page_of(browser, people, "leader", path, language=language)
    await page.wait_for_selector('[data-link="up"]')
    await page.keyboard.press("c")
    await page.keyboard.type("139 0470 0001")
    await page.keyboard.press("Enter")
    await expect(page.locator(".toast.warn")).to_contain_text(said)


@BOTH
async def test_who_is_signed_out_learns_why(browser: Browser, people: People, language: str) -> None:
    """Ended by somebody, disabled, left alone for too long: each has its sentence; who signs out needs none."""
    ended, disabled, idle = {
        "zh": ("会话已被结束", "账号已停用", "没有操作"),
        "en": ("This session was ended", "Your account has been disabled", "without activity"),
    }[language]
    accounts = people.system.services.accounts
    page = await page_of(browser, people, "supervisor", "/reports", language=language)
    await accounts.revoke_all("910")
    await page.reload()
    await expect(page.locator(".message")).to_contain_text(ended)
    page = await page_of(browser, people, "other", "/agent", language=language)
    await page.wait_for_selector('[data-link="up"]')
    await accounts.change("002", disabled=True)
    await expect(page.locator(".message")).to_contain_text(disabled)
    page = await page_of(browser, people, "leader", "/reports", language=language)
    accounts.rules = type(accounts.rules)(idle=timedelta(0))
    await page.reload()
    await expect(page.locator(".message")).to_contain_text(idle)
    accounts.rules = type(accounts.rules)()
    page = await page_of(browser, people, "agent", "/agent", language=language)
    await page.locator("details.menu summary").press("Enter")
    await page.locator('form[action="/sign-out"] button').press("Enter")
    await page.wait_for_selector("#password")
    assert await page.locator(".message").count() == 0


@BOTH
async def test_an_account_of_nobody_is_doubted(browser: Browser, people: People, language: str) -> None:
    """An agent's account without the agent, and a team that no agent is in, are seen in the list and on the account."""
    agent, team = {
        "zh": ("还没有工号为 0010 的电访员", "还没有电访员属于班组“C”"),
        "en": ("There is no agent with the staff number 0010", "No agent is in the team “C”"),
    }[language]
    page = await page_of(browser, people, "administrator", "/admin/staff", language=language)
    await page.locator("#number").focus()
    await page.keyboard.type("0010")
    await page.locator("form[data-send] #name").focus()
    await page.keyboard.type("李强")
    await page.locator("form[data-send] #team").focus()
    await page.keyboard.type("C")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("dialog[open]")
    async with page.expect_navigation():
        await page.keyboard.press("Escape")
    row = page.locator("tbody tr", has_text="0010")
    await expect(row).to_contain_text(agent)
    await expect(row).to_contain_text(team)
    await row.locator("a").press("Enter")
    await expect(page.locator(".message.warn").first).to_contain_text(agent)


@BOTH
async def test_a_length_that_cannot_be_read_finds_nothing(browser: Browser, people: People, language: str) -> None:
    """It says how to write it, and keeps what was typed; it does not find everything instead."""
    said = {"zh": "时长写成 1:30", "en": "Write a duration as 1:30"}[language]
    await people.system.conversation()
    page = await page_of(browser, people, "supervisor", "/recordings?kind=all", language=language)
    assert await page.locator("tbody tr").count() == 1
    await page.locator("[name=min]").focus()
    await page.keyboard.type("abc")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**min=abc**")
    await expect(page.locator(".message.bad")).to_contain_text(said)
    await expect(page.locator("[name=min]")).to_have_value("abc")
    assert await page.locator("tbody tr").count() == 0


@BOTH
async def test_a_day_without_records_is_empty_whichever_it_is(browser: Browser, people: People, language: str) -> None:
    """Long ago and still to come alike; what is no day is refused by its name."""
    no_day = {"zh": "“soon”不是日期", "en": "'soon' is no day"}[language]
    page = await page_of(browser, people, "leader", "/reports/log?day=1999-01-01", language=language)
    long_ago = await page.locator("section table").all_inner_texts()
    await page.goto("/reports/log?day=2027-01-01")
    assert await page.locator("section table").all_inner_texts() == long_ago
    await page.goto("/reports/log?day=soon")
    await expect(page.locator("main")).to_contain_text(no_day)
