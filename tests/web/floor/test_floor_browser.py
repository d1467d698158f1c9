"""A team leader's morning in a real browser: the live floor, dealing out, one customer, the import."""

from __future__ import annotations

from itertools import product

from playwright.async_api import Browser, FilePayload, Page, ViewportSize, expect

from tests.browser_fixtures import page_of
from tests.web.floor.test_floor import ROWS, agents, visits
from tests.web.people import People

HEADER = "客户代码,店铺名称,主访销电话,电访员,营销部"


async def serious(page: Page, axe: str) -> list[str]:
    """What axe-core finds serious on a page. It is run apart from the page, whose policy allows no script of others."""
    await page.evaluate(axe)
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {violation['nodes'][0]['html'][:200]}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
    ]


async def test_the_floor_is_live(browser: Browser, people: People) -> None:
    """Pausing is seen at once on another's screen; a call appears without a reload; the clocks run."""
    system = people.system
    await system.import_rows("C1,惠民烟酒店,13904700009,001,城区营销部")
    page = await page_of(browser, people, "leader", "/floor", language="en")
    other = await page_of(browser, people, "supervisor", "/floor", language="en")
    await other.wait_for_selector('[data-link="up"]')
    await page.get_by_text("Pause calling").first.click()
    await page.get_by_label("Why").fill("fire drill")
    await page.locator("form").get_by_role("button", name="Pause calling").click()
    await expect(other.locator("#strip")).to_contain_text("fire drill")
    await page.get_by_role("button", name="Resume calling").click()
    await expect(other.locator("#strip")).not_to_contain_text("fire drill")
    await system.agent("001", team="A")
    call = page.locator("#agent-001 [id^=call-]")
    await expect(call).to_contain_text("惠民烟酒店")
    await expect(page.locator("#agent-001")).to_contain_text("On a call")
    await expect(page.locator("#agent-001 time")).to_have_text("0:02")


MOVED = """new Promise((told) => {
    let sum = 0;
    const watch = (seen) => { for (const each of seen.getEntries()) sum += each.value; };
    new PerformanceObserver(watch).observe({ type: "layout-shift", buffered: true });
    requestAnimationFrame(() => requestAnimationFrame(() => told(sum)));
})"""


async def test_nothing_jumps_as_the_floor_opens(browser: Browser, people: People) -> None:
    """What comes later finds its place kept, at an office PC's width and on a wall."""
    await people.system.conversation()
    for path, width in product(("/floor", "/floor/wall"), (1366, 1920, 3840)):
        page = await page_of(
            browser, people, "leader", path, viewport=ViewportSize(width=width, height=width * 9 // 16)
        )
        await expect(page.locator(".reach figure")).to_have_count(2)
        moved = await page.evaluate(MOVED)
        assert moved < 0.001, (path, width)
        await page.close()


async def test_the_wall_has_everything_and_nothing_to_press(browser: Browser, people: People) -> None:
    """One view without scrolling, readable from afar: no button, field or menu is to be seen; it follows the day."""
    await people.system.import_rows(*ROWS)
    page = await page_of(browser, people, "supervisor", "/floor/wall")
    for width, height in ((1920, 1080), (3840, 2160)):
        await page.set_viewport_size({"width": width, "height": height})
        await page.reload()
        await page.wait_for_selector('[data-link="up"]')
        await expect(page.locator(".reach figure")).to_have_count(2)
        pressed = page.locator("button, input, select, summary").locator("visible=true")
        await expect(pressed).to_have_count(0)
        assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        size = await page.locator(".largest b").evaluate("(figure) => figure.getBoundingClientRect().height")
        assert size > height / 10
    await people.system.ask("POST", "/campaign/pause", json={"reason": "drill"}, status=204)
    await expect(page.locator("[data-calling]")).to_have_attribute("data-calling", "paused")


async def test_an_absent_agents_list_is_dealt_out_by_hand(browser: Browser, people: People) -> None:
    """From the list of what needs a person, through the ticks, to the calls of the other agent."""
    await people.system.import_rows(*ROWS)
    page = await page_of(browser, people, "leader", "/floor", language="en")
    await page.locator(".floor-attention").get_by_role("link", name="001").click()
    await expect(page.get_by_role("heading", name="3 customers are waiting")).to_be_visible()
    await page.get_by_label("Select 惠民烟酒店").check()
    await expect(page.get_by_label("Selected ones")).to_be_checked()
    await page.locator('input[name="to-002"]').check()
    await page.locator("#deal").get_by_role("button", name="Reassign").click()
    await expect(page.get_by_text("1 customer was reassigned.")).to_be_visible()
    assert agents(people) == {"C1": "002", "C2": "001", "C3": "001", "C4": "002"}
    await people.system.agent("002", team="B")
    await people.system.until(lambda: any(a.customer == "C1" for a in people.system.attempts.values()))


async def test_one_customer_by_keyboard(browser: Browser, people: People) -> None:
    """Search by pinyin, open, promise a time written 2359, correct the phone, withdraw: the story follows by itself."""
    await people.system.import_rows(*ROWS)
    page = await page_of(browser, people, "leader", "/floor", language="en")
    await page.wait_for_selector('[data-link="up"]')
    await page.keyboard.press("k")
    await page.wait_for_url("**/floor/customers")
    await page.keyboard.type("hmyjd")
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="惠民烟酒店").click()
    await page.wait_for_selector('[data-link="up"]')
    for key, text, told in (
        ("p", "2359", "The customer asked to be called at 23:59"),
        ("c", "13904700077", "Number corrected"),
        ("w", "ordered online", "Withdrawn from the list: ordered online"),
    ):
        await page.keyboard.press(key)
        await page.keyboard.type(text)
        await page.keyboard.press("Enter")
        await expect(page.locator("#story")).to_contain_text(told)
        await page.evaluate("document.activeElement.blur()")
    await page.keyboard.press("p")
    await page.keyboard.type("2359")
    await page.keyboard.press("Enter")
    await expect(page.locator(".toast.bad")).to_contain_text("was withdrawn from the list")


async def test_import_with_a_preview(browser: Browser, people: People) -> None:
    """The chosen file is shown first, then taken without choosing it again."""
    page = await page_of(browser, people, "leader", "/floor/import", language="en")
    data = "\n".join([HEADER, *ROWS[:2], "C9,坏号店,123,001,城区"]).encode("gb18030")
    await page.set_input_files("#file", FilePayload(name="list.csv", mimeType="text/csv", buffer=data))
    await page.get_by_role("button", name="Preview").click()
    await expect(page.locator("tr.wrong")).to_contain_text("123")
    assert people.system.engine.state.days[people.system.today].visits == {}
    await page.get_by_role("button", name="Import 2 valid rows").click()
    await expect(page.get_by_text("The list is active.")).to_be_visible()
    assert sorted(visits(people)) == ["C1", "C2"]


async def test_nothing_serious_for_axe_and_nothing_clipped(browser: Browser, people: People, axe: str) -> None:
    """Every page of the floor, filled: no serious finding, no word in the console, no sideways scrolling."""
    await people.system.conversation()
    await people.system.import_rows(*ROWS, list="second")
    visit = next(iter(visits(people).values()))
    page = await page_of(browser, people, "leader", "/floor", language="zh")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for path in ("", "/customers", f"/customers/{visit}", "/deal?from=001", "/import", "/by-hand", "/wall"):
        await page.goto(f"/floor{path}")
        await page.wait_for_selector('[data-link="up"]')
        for part in await page.locator("[data-live]:not(#strip)").all():
            await expect(part).not_to_be_empty()
        assert await serious(page, axe) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert said == []
