"""What a page can show besides what it shows at first: menus, folded parts, dialogs and forms, opened one at a time.

For pictures of the pages and for tests that look at every state: ``async for name in scenes(page): ...`` opens each in
turn and closes it again. Nothing is sent to the server.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Page

_FIND = """() => [...document.querySelectorAll("details:not([open]), dialog:not([open]), .result-form[hidden]")]
    .filter((each) => each.matches("dialog") || each.parentElement.checkVisibility())
    .map((each, nth) => {
        each.dataset.scene = nth;
        if (each.id) return each.id;
        if (each.closest("header")) return "account";
        return each.querySelector("label[for]")?.htmlFor ?? `part-${nth}`;
    })"""
_OPEN = """(nth) => {
    const one = document.querySelector(`[data-scene="${nth}"]`);
    if (!one) return false;
    if (one.matches("dialog")) one.showModal();
    else if (one.matches("details")) one.open = true;
    else {
        one.hidden = false;
        document.getElementById("pads").hidden = true;
        document.getElementById("desk").dataset.situation = one.dataset.result;
    }
    return true;
}"""
_CLOSE = """(nth) => {
    const one = document.querySelector(`[data-scene="${nth}"]`);
    if (!one) return;
    if (one.matches("dialog")) one.close();
    else if (one.matches("details")) one.open = false;
    else {
        one.hidden = true;
        document.getElementById("pads").hidden = false;
        document.getElementById("desk").dataset.situation = "opening";
    }
}"""


async def scenes(page: Page, *, everywhere: bool = True) -> AsyncIterator[str]:
    """Open each part of the page that is closed; its name while it is open.

    ``everywhere`` False leaves out what every page has: the menu of the account and the list of keys.
    """
    for nth, name in enumerate(await page.evaluate(_FIND)):
        if name in ("account", "keys") and not everywhere:
            continue
        if name == "keys":
            await page.keyboard.press("F1")  # the list is made up as it opens
        elif not await page.evaluate(_OPEN, nth):
            continue  # a live part of the page was replaced meanwhile
        yield str(name)
        await page.evaluate(_CLOSE, nth)
