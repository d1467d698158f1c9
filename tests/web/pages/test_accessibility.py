"""Every page of the policy table in a real browser: axe-core finds nothing serious, and the policy CSP is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import product

import pytest
from playwright.async_api import Browser
from playwright.async_api import Page as Tab

from dialer.campaign.staff import Role
from dialer.web.pages.routes import PAGES
from dialer.web.pages.screen import Page
from tests.browser_fixtures import page_of
from tests.web.pages.people import People

WHO = {
    Role.TEAM_LEADER: "leader",
    Role.SUPERVISOR: "supervisor",
    Role.AGENT: "agent",
    Role.ADMINISTRATOR: "administrator",
}
"""Who looks at a page, in this order, of those who may."""

SERIOUS = ("serious", "critical")
LISTEN = """
window.reports = [];
addEventListener("securitypolicyviolation", (event) => reports.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


VALUES: Mapping[str, Sequence[str]] = {
    "visit": ("1",),
    "number": ("001",),
    "code": ("C0001",),
    "report": ("log", "no-order", "unreached", "agents", "hours", "week"),
}
"""What stands for the parts of an address that have names; a new name needs a line here."""


def addresses(path: str, values: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """The pattern of an address with every value that its parts have."""
    names = re.findall(r"{(\w+)}", path)
    assert set(names) <= values.keys(), f"{path}: say in VALUES what may stand there"
    pattern = re.sub(r"{\w+}", "{}", path)
    return [pattern.format(*chosen) for chosen in product(*(values[name] for name in names))]


def whole(page: Page) -> bool:
    """Whether it is a page and no fragment of one."""
    return page.method == "GET" and not page.path.startswith("/pages/") and page.path != "/"


def group(page: Page) -> str:
    """The module that it is in: a test for each keeps failures apart."""
    return page.handler.__module__.rpartition(".")[2].partition("_")[0]


GROUPS = sorted({group(page) for page in PAGES if whole(page)})


@pytest.fixture
async def conversation(people: People) -> str:
    """A recorded call that goes on; begun before the browser starts, which takes all of a small machine's time."""
    attempt = await people.face.conversation()
    await people.face.record(attempt)
    return attempt


@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", GROUPS)
async def test_every_page_can_be_used_by_everybody(
    people: People, conversation: str, browser: Browser, axe: str, name: str
) -> None:
    """No serious finding of axe-core, no report of the content security policy, nothing wider than the screen."""
    values: Mapping[str, Sequence[str]] = {
        **VALUES,
        "attempt": (conversation,),
        "day": (people.face.today.isoformat(),),
    }
    found: list[str] = []
    shown = [
        (each, path) for each in PAGES if whole(each) and group(each) == name for path in addresses(each.path, values)
    ]
    for page, path in shown:
        who = next((WHO[role] for role in WHO if page.policy is not None and role in page.policy.roles), "leader")
        answer = await people.ask(who, "GET", path)
        if page.policy is not None and not answer.headers["Content-Type"].startswith("text/html"):
            continue  # a file to be saved
        assert answer.status == 200, (path, answer.status, answer.text[:300])
        tab = await page_of(browser, people, who, "about:blank")
        if page.policy is None:
            await tab.context.clear_cookies()
        await tab.add_init_script(LISTEN)
        await tab.goto(path)
        if page.policy is not None:
            await tab.wait_for_selector('[data-link="up"]')
        found += [f"{path}: {each}" for each in await findings(tab, axe)]
        await tab.context.close()
    assert found == [], "\n".join(found)


async def findings(tab: Tab, axe: str) -> Sequence[str]:
    """What is wrong with the page as it stands."""
    await tab.evaluate(axe)
    result = await tab.evaluate("axe.run(document, {resultTypes: ['violations']})")
    told = [
        f"{each['impact']} {each['id']}: {each['help']}: {'; '.join(node['html'][:200] for node in each['nodes'][:4])}"
        for each in result["violations"]
        if each["impact"] in SERIOUS
    ]
    told += [f"policy: {each}" for each in await tab.evaluate("reports")]
    wider = await tab.evaluate("document.documentElement.scrollWidth - innerWidth")
    return told + ([f"{wider} px wider than the screen"] if wider > 0 else [])
