"""An agent at their page, in front of customers who all answer."""

from __future__ import annotations

from playwright.async_api import Page

from tests.virtual.fates import Fate, Turn
from tests.web.people import People

HEAD = "客户代码,店铺名称,主访销电话,电访员,结算方式"


def talks(_channel: str, _nth: int) -> Turn:
    """Everybody answers at once and talks until somebody hangs up."""
    return Turn(Fate.ANSWERS, ring_s=0.05, talk_s=600)


async def lists(people: People, customers: int) -> None:
    """Put customers on agent 001's list."""
    rows = [HEAD, *(f"C{n:04},第{n}店,139047{n:05},001,电子结算" for n in range(1, customers + 1))]
    await people.system.ask("POST", "/visits", params={"filename": "list.csv"}, data="\n".join(rows).encode())


async def until(page: Page, **facts: str) -> None:
    """Wait until the page shows these facts of the call."""
    names = "".join(f'[data-{name.replace("_", "-")}="{value}"]' for name, value in facts.items())
    await page.wait_for_selector(f"#call-facts{names}", state="attached")


async def connected(page: Page) -> None:
    """Wait until the page hears events."""
    await page.wait_for_selector('html[data-link="up"]', state="attached")


async def hang_up(page: Page) -> None:
    """End the conversation by its key."""
    await page.keyboard.press("h")
    await until(page, presence="wrap_up")
