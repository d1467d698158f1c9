"""Every page of the policy table in a real browser: everybody can use it, and nothing is reported."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Literal

import pytest
from playwright.async_api import Browser, ViewportSize
from playwright.async_api import Page as Tab

from dialer.people.staff import Role
from dialer.web.kit.page.screen import PageRoute
from dialer.web.parts import PAGES
from tests.browser_fixtures import OFFICE, page_of
from tests.pictures.scenes import scenes
from tests.web.people import People

WHO = {
    Role.TEAM_LEADER: "leader",
    Role.SUPERVISOR: "supervisor",
    Role.AGENT: "agent",
    Role.ADMINISTRATOR: "administrator",
}
"""Who looks at a page, in this order, of those who may."""

DOUBLE: ViewportSize = {"width": 683, "height": 384}
"""The office's screen at 200 %."""
SCHEMES: Sequence[tuple[Literal["light", "dark"], str]] = (("dark", "runOnly: ['color-contrast']"), ("light", ""))
SERIOUS = ("serious", "critical")
LISTEN = """
window.reports = [];
addEventListener("securitypolicyviolation", (event) => reports.push(`${event.violatedDirective} ${event.blockedURI}`));
addEventListener("error", (event) => reports.push(event.message ?? `not loaded: ${event.target?.src}`), true);
addEventListener("unhandledrejection", (event) => reports.push(`${event.reason}`));
for (const kind of ["error", "warn"]) console[kind] = (...said) => reports.push(`${kind}: ${said.join(" ")}`);
"""
STICKS_OUT = """
[...document.querySelectorAll(".card")]
  .filter((card) => card.checkVisibility() && getComputedStyle(card).overflowX === "visible")
  .filter((card) => card.scrollWidth > card.clientWidth + 1)
  .map((card) => card.innerText.slice(0, 60))
"""

VALUES: Mapping[str, Sequence[str]] = {
    "visit": ("1",),
    "number": ("001",),
    "code": ("C0001",),
    "report": ("log", "no-order", "unreached", "agents", "hours", "days", "departments", "managers", "ordered"),
}
"""What stands for the parts of an address that have names; a new name needs a line here."""


def addresses(path: str, values: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """The pattern of an address with every value that its parts have."""
    names = re.findall(r"{(\w+)}", path)
    assert set(names) <= values.keys(), f"{path}: say in VALUES what may stand there"
    pattern = re.sub(r"{\w+}", "{}", path)
    return [pattern.format(*chosen) for chosen in product(*(values[name] for name in names))]


def whole(page: PageRoute) -> bool:
    """Whether it is a page and no fragment of one."""
    return page.method == "GET" and not page.path.startswith("/pages/") and page.path != "/"


def group(page: PageRoute) -> str:
    """The module that it is in: a test for each keeps failures apart."""
    return page.handler.__module__.rpartition(".")[2].partition("_")[0]


GROUPS = sorted({group(page) for page in PAGES if whole(page)})


@pytest.fixture
async def conversation(people: People) -> str:
    """A recorded call that goes on, with an order; begun before the browser starts, which takes a whole processor."""
    attempt = await people.system.conversation()
    await people.system.record(attempt)
    order = {"number": "DD20261122-15080063", "customer": "C0001", "quantity": "20", "amount": "2620"}
    await people.system.ask("POST", "/orders", json={**order, "attempt": attempt})
    return attempt


@pytest.mark.usefixtures("untraced")
@pytest.mark.parametrize("name", GROUPS)
async def test_every_page_can_be_used_by_everybody(
    people: People, conversation: str, browser: Browser, axe: str, name: str
) -> None:
    """In both languages and both schemes, as it opens and with each menu, dialog and form open, at 100 % and at 200 %.

    No serious finding of axe-core, in the dark none about contrast; no report of the content security policy, no
    error in the console, nothing wider than the screen.
    """
    values: Mapping[str, Sequence[str]] = {
        **VALUES,
        "attempt": (conversation,),
        "day": (people.system.today.isoformat(),),
    }
    shown = [
        (each, path) for each in PAGES if whole(each) and group(each) == name for path in addresses(each.path, values)
    ]
    found: list[str] = []
    tabs: dict[str, Tab] = {}
    for language, (page, path) in product(("zh", "en"), shown):
        who = next((WHO[role] for role in WHO if page.policy is not None and role in page.policy.roles), "")
        answer = await people.ask(who or "leader", "GET", path)
        if page.policy is not None and not answer.headers["Content-Type"].startswith("text/html"):
            continue  # a file to be saved
        assert answer.status == 200, (path, answer.status, answer.text[:300])
        if who not in tabs:
            tabs[who] = await opened(browser, people, who)
        tab = tabs[who]
        if who:
            await people.speak(who, language)
        await tab.goto(path if who else f"{path}?lang={language}")
        if who:
            await tab.wait_for_selector('[data-link="up"]')
        found += [f"{language} {path}: {each}" for each in await findings(tab, axe, everywhere=path == shown[0][1])]
    assert found == [], "\n".join(found)


async def opened(browser: Browser, people: People, who: str) -> Tab:
    """An empty page of somebody's that listens to what goes wrong; "": of somebody who is not signed in."""
    tab = await page_of(browser, people, who or "leader", "about:blank")
    await tab.emulate_media(reduced_motion="reduce")  # colours on their way to others are not judged
    if not who:
        await tab.context.clear_cookies()
    await tab.add_init_script(LISTEN)
    return tab


async def findings(tab: Tab, axe: str, *, everywhere: bool) -> Sequence[str]:
    """What is wrong with the page, as it stands and with each of its parts open."""
    await tab.evaluate(axe)
    told = await looked_at(tab, "")
    async for scene in scenes(tab, everywhere=everywhere):
        told += await looked_at(tab, f" ({scene})")
    await tab.set_viewport_size(DOUBLE)
    told += await too_wide(tab, " (200 %)")
    await tab.set_viewport_size(OFFICE)
    return told + [f"reported: {each}" for each in await tab.evaluate("reports")]


async def looked_at(tab: Tab, state: str) -> list[str]:
    """The serious findings of axe-core, and what does not fit."""
    told = []
    for scheme, rules in SCHEMES:
        await tab.emulate_media(color_scheme=scheme)
        result = await tab.evaluate(f"axe.run(document, {{resultTypes: ['violations'], {rules}}})")
        told += [
            f"{state} {scheme} {each['impact']} {each['id']}: {each['help']}: {node['html'][:200]}"
            for each in result["violations"]
            if each["impact"] in SERIOUS
            for node in each["nodes"][:4]
        ]
    return told + await too_wide(tab, state)


async def too_wide(tab: Tab, state: str) -> list[str]:
    """Whether one has to scroll sideways, or a card is too narrow for what it holds."""
    wider = await tab.evaluate("document.documentElement.scrollWidth - innerWidth")
    told = [f"{state} {wider} px wider than the screen"] if wider > 0 else []
    return told + [f"{state} sticks out of its card: {each}" for each in await tab.evaluate(STICKS_OUT)]
