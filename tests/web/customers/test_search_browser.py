"""Whatever a person remembers of a customer finds them: on the floor, among recordings, among staff."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser_fixtures import page_of
from tests.web.people import People

LIST = """客户代码,店铺名称,主访销电话,电访员,许可证号,经营地址
C0001,惠民店,13904700000,001,150702100123,胜利大街12号
C0002,兴隆超市,13904700003,002,150702100456,河西路7号
"""


async def found(page: Page, typed: str) -> list[str]:
    """What is found by what is typed, the shops in order."""
    await page.keyboard.press("/")
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.type(typed)
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await page.wait_for_selector('[data-link="up"]')
    rows = await page.locator("tbody tr").all_inner_texts()
    return [shop for row in rows for shop in ("惠民店", "兴隆超市") if shop in row]


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_customer_is_found_by_anything(browser: Browser, people: People, language: str) -> None:
    """Full-width digits, licence, address, pinyin; the same among recordings as on the floor."""
    system = people.system
    await system.ask("POST", "/visits", params={"filename": "list.csv"}, data=LIST.encode())
    for agent in ("001", "002"):
        await system.agent(agent)
    await system.until(lambda: sum(a.connected_at is not None for a in system.attempts.values()) == 2)
    for attempt in [*system.attempts]:
        await system.record(attempt)
    for who, path in (("leader", "/floor/customers"), ("supervisor", "/recordings")):
        page = await page_of(browser, people, who, path, language=language)
        await page.wait_for_selector('[data-link="up"]')
        for typed in (
            "１３９０４７０００００",
            "150702100123",
            "１５０７０２１００１２３",
            "胜利大街",
            "hmd",
            "Ｈｕｉ",
        ):
            assert await found(page, typed) == ["惠民店"], (path, typed)
        assert await found(page, "河西路") == ["兴隆超市"], path
        assert await found(page, "nobody") == [], path


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_staff_are_found_in_the_same_way(browser: Browser, people: People, language: str) -> None:
    """By full-width digits of the number, and by pinyin of the name."""
    await people.system.services.accounts.change("002", name="李强")
    page = await page_of(browser, people, "administrator", "/admin/staff", language=language)
    await page.wait_for_selector('[data-link="up"]')
    for typed in ("００２", "liqiang", "lq"):
        await page.keyboard.press("/")
        await page.keyboard.press("ControlOrMeta+a")
        await page.keyboard.type(typed)
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        await page.wait_for_selector('[data-link="up"]')
        await expect(page.locator("tbody tr")).to_have_count(1)
        await expect(page.locator("tbody tr")).to_contain_text("李强")
