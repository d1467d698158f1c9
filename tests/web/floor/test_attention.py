"""What needs attention: counted by kind, ticked off by a leader for everybody, and open again when it comes up anew."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect

from dialer.campaign.model.visit import VisitState
from dialer.people.ticks import Matter, Tick
from tests.browser_fixtures import page_of
from tests.web.floor.test_floor import visits
from tests.web.people import People

ROWS = tuple(f"C{n},空号店{n},1390470{n:02}94,001,城区" for n in range(1, 3))


async def wrong_numbers(people: People) -> None:
    """Two customers whose numbers do not exist, as a trunk says that reaches others."""
    system = people.system
    await system.import_rows(*ROWS, "C9,惠民店,13904700000,001,城区")
    await system.agent("001", team="A")
    day = system.engine.state.days[system.today]
    await system.until(
        lambda: (
            sum(v.state is VisitState.INVALID_NUMBER for v in day.visits.values()) == 2
            or any(a.connected_at for a in system.attempts.values())
        )
    )
    await system.until(lambda: sum(v.state is VisitState.INVALID_NUMBER for v in day.visits.values()) == 2)


@pytest.mark.parametrize(
    ("language", "nothing", "ticked"),
    [("zh", "目前没有需要人工处理的事项。", "已处理"), ("en", "Nothing needs attention.", "Ticked off")],
)
async def test_ticked_off_by_keyboard_for_everybody(
    browser: Browser, people: People, language: str, nothing: str, ticked: str
) -> None:
    """One key for the first that is open; it says who did it, also to another leader, and can be taken back."""
    await wrong_numbers(people)
    page = await page_of(browser, people, "leader", "/floor", language=language)
    await page.wait_for_selector('[data-link="up"]')
    group = page.locator("#matters-number")
    await expect(group.locator("h3 .badge")).to_have_text("2")
    await page.keyboard.press("t")
    await expect(group.locator("h3 .badge")).to_have_text("1")
    await page.keyboard.press("t")
    await expect(page.locator(".floor-attention")).to_contain_text(nothing)
    other = await page_of(browser, people, "supervisor", "/floor", language=language)
    await other.locator("#ticked summary").click()
    await expect(other.locator("#ticked")).to_contain_text(ticked)
    await expect(other.locator("#ticked li").first).to_contain_text("900")
    await other.locator("#ticked button").first.press("Enter")
    await expect(other.locator("#matters-number h3 .badge")).to_have_text("1")


async def test_what_comes_up_anew_is_open_again(people: People) -> None:
    """A tick holds for what had come up by then."""
    await wrong_numbers(people)
    visit = visits(people)["C1"]
    await people.api("leader", "PUT", f"/visits/{visit}/ticks/number", status=204)
    assert f'id="ticked-number-{visit}"' in await people.get("leader", "/pages/floor/attention")
    before = people.system.services.clock.now() - timedelta(hours=1)
    await people.system.services.ticks.tick(Tick(visit, Matter.NUMBER, before, "900"))
    text = await people.get("leader", "/pages/floor/attention")
    assert f'id="number-{visit}"' in text
    assert 'id="ticked' not in text


async def test_ticks_are_checked(people: People) -> None:
    """Of one's own customers, of what there is; a matter that nobody knows, or no visit, is refused."""
    await people.system.import_rows("C4,平安商店,13904700005,002,牙克石营销部")
    visit = visits(people)["C4"]
    await people.api("team_leader", "PUT", f"/visits/{visit}/ticks/number", status=404)
    await people.api("leader", "DELETE", f"/visits/{visit}/ticks/number", status=404)
    await people.api("leader", "PUT", "/visits/99/ticks/number", status=404)
    await people.api("leader", "PUT", f"/visits/{visit}/ticks/weather", status=422)
