"""Pictures of every page, in both languages and at two sizes, of a rehearsal that is running.

``python -m tests.pictures.screenshots DATA FOLDER [1366x768 ...]``: DATA is the data folder of the rehearsal's
service. With the token there it makes itself one account for each role, which are disabled at the end. The pages are
those that a person of each role can reach by links, one of a kind: of ``/recordings/<call>`` there is one picture and
not a thousand. At the first size come the states that no link leads to: menus, dialogs, forms, the preview of a list,
errors. Fields for a day or a file show the browser's own words: its package of languages brings the Chinese ones.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from dialer.demo.client import Client
from dialer.errors import DialerError
from dialer.people.staff import Role
from tests.kit.browser import open_browser, sign_in
from tests.pictures.scenes import scenes

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page, ViewportSize

LANGUAGES = {"zh": "zh-CN", "en": "en"}
SIZES: Sequence[ViewportSize] = ({"width": 1366, "height": 768}, {"width": 1920, "height": 1080})
NAME = "Screenshots"
"""By its name an account of an earlier run is known, and used again."""

_NUMBERS = {Role.TEAM_LEADER: "9801", Role.SUPERVISOR: "9802", Role.ADMINISTRATOR: "9803"}
_MOST = 90
_ALIKE = 2
"""So many pages that differ by their query alone."""
_TALKS_S = 75.0
"""A customer is put through to the agent within this time, in a rehearsal that goes on."""
_TALKING = "() => document.getElementById('call-facts')?.dataset.talking === '1'"
_LIST = """客户代码,店铺名称,主访销电话,电访员
9001,新开商店,13904709001,{agent}
9002,,1390,{agent}
,无码店,13904709003,000
"""
_NO_PAGE = re.compile(r"^/$|/(xlsx|csv|audio|print)$|\.\w+$|^/(api|static|pages|status|metrics|health)(/|$)")
_SETTLED = """() => document.fonts.status === "loaded"
    && (!document.getElementById("strip") || document.documentElement.dataset.link === "up")
    && [...document.querySelectorAll("main [data-live]")].every((each) => each.hasChildNodes())"""


class CannotPicture(DialerError):
    """The pages cannot be opened."""

    code = "cannot-picture"


async def picture(
    data: Path, folder: Path, *, roles: Sequence[Role] = tuple(Role), languages: Mapping[str, str] = LANGUAGES,
    sizes: Sequence[ViewportSize] = SIZES,
) -> list[Path]:  # fmt: skip
    """Take the pictures; the files, named role, page, language, width.

    Raises CannotPicture when there is no running rehearsal, NoBrowser when there is no browser.
    """
    try:
        url = str(json.loads((data / "service.json").read_text(encoding="utf-8"))["url"])
    except OSError as error:
        raise CannotPicture(
            f"{data}: no service runs there ({error.strerror}); `make demo KEEP=1` starts one"
        ) from error
    made: list[Path] = []
    async with AsyncExitStack() as stack:
        browsers = [await stack.enter_async_context(open_browser(language)) for language in languages.values()]
        api = await stack.enter_async_context(Client(data))
        if not (await api.get("progress"))["rehearsal"]:
            raise CannotPicture(
                f"{url} is no rehearsal: accounts are made for the pictures, which real work can do without"
            )
        dressed = await _dress(api)
        agent = next((each["number"] for each in await api.get("agents")), "")
        for role in roles:
            number = await _number(api, role)
            password = await _account(api, number, role)
            try:
                for browser, (code, language) in zip(browsers, languages.items(), strict=True):
                    async with _signed_in(browser, url, (number, password), language, sizes[0]) as page:
                        shots = _Shots(page, folder, role, code)
                        await _pictures_of(shots, role, agent, dressed, sizes)
                        made += shots.made
            finally:
                await api.send("PUT", f"staff/{number}", {"disabled": True})
        for browser, (code, language) in zip(browsers, languages.items(), strict=True):
            made += await _outside(browser, url, folder, code, language, sizes)
    return made


@dataclass
class _Shots:
    """Takes the pictures of somebody in a language."""

    page: Page
    folder: Path
    who: str
    language: str
    made: list[Path] = field(default_factory=list)

    async def take(self, name: str) -> None:
        """One of the page as it stands; its name has the size at the end."""
        size = self.page.viewport_size or SIZES[0]
        slug = re.sub(r"\W+", "-", name).strip("-") or "home"
        self.made.append(self.folder / f"{self.who}-{slug}-{self.language}-{size['width']}.png")
        await self.page.screenshot(path=self.made[-1], full_page=True, animations="disabled")


async def _pictures_of(
    shots: _Shots, role: Role, agent: str, dressed: Sequence[str], sizes: Sequence[ViewportSize]
) -> None:
    """Every page at every size, and at the first size whatever can be opened on it."""
    from playwright.async_api import TimeoutError as TooLate

    page = shots.page
    paths = await _reachable(page.context, page, dressed)
    names = _names(paths)
    if role is Role.AGENT:
        with suppress(TooLate):  # nobody is left to be called: then the page shows that
            await page.goto(paths[0])
            await page.wait_for_function(_TALKING, timeout=_TALKS_S * 1000)
    for size in sizes:
        await page.set_viewport_size(size)
        for nth, path in enumerate(paths):
            await page.goto(path)
            await page.wait_for_function(_SETTLED)
            await shots.take(names[path])
            if size == sizes[0]:
                async for scene in scenes(page, everywhere=nth == 0):
                    await shots.take(f"{names[path]}+{scene}")
    await page.set_viewport_size(sizes[0])
    if "/floor/import" in names:
        await page.goto("/floor/import")
        data = _LIST.format(agent=agent).encode()
        await page.set_input_files("#file", {"name": "list.csv", "mimeType": "text/csv", "buffer": data})
        await page.click("[data-do=preview]")
        await page.wait_for_selector("#import-result h2")
        await shots.take("floor-import+preview")
    for name, path in (
        ("error-404", "/no-such-page"),
        ("error-403", "/floor" if role is Role.ADMINISTRATOR else "/admin"),
    ):
        await page.goto(path)
        await shots.take(name)


async def _outside(
    browser: Browser, url: str, folder: Path, code: str, language: str, sizes: Sequence[ViewportSize]
) -> list[Path]:
    """The pages of whoever is not signed in."""
    context = await browser.new_context(base_url=url, viewport=sizes[0], locale=language)
    shots = _Shots(await context.new_page(), folder, "nobody", code)
    try:
        for size in sizes:
            await shots.page.set_viewport_size(size)
            for path in ("/sign-in", "/status"):
                await shots.page.goto(f"{path}?lang={code}")
                await shots.take(path)
        await shots.page.set_viewport_size(sizes[0])
        await sign_in(shots.page, "9999", "wrong", at=f"/sign-in?lang={code}")
        await shots.page.wait_for_selector("[role=alert]")
        await shots.take("sign-in+refused")
    finally:
        await context.close()
    return shots.made


@asynccontextmanager
async def _signed_in(
    browser: Browser, url: str, who: tuple[str, str], language: str, size: ViewportSize
) -> AsyncIterator[Page]:
    """A page of somebody's in a language, and signed out at the end."""
    context = await browser.new_context(base_url=url, viewport=size, locale=language)
    page = await context.new_page()
    try:
        await sign_in(page, *who)
        await page.wait_for_selector("form[action='/language']", state="attached")
        if await page.get_attribute("html", "lang") != language:
            await page.click("form[action='/language'] button")
            await page.wait_for_selector(f"html[lang='{language}']", state="attached")
        yield page
    finally:
        await context.close()


def _names(paths: Sequence[str]) -> dict[str, str]:
    """Path -> what its pictures are called; a query gives its words, when without them two would be called the same."""
    plain = Counter(path.partition("?")[0] for path in paths)
    return {
        path: path if plain[path.partition("?")[0]] > 1 and "?" in path else path.partition("?")[0] for path in paths
    }


async def _reachable(context: BrowserContext, page: Page, dressed: Sequence[str]) -> list[str]:
    """The pages to which links lead from where a person begins, one of each kind; of ``dressed`` pages these."""
    waiting = [page.url, *dressed]
    seen: dict[str, str] = {}
    alike: Counter[str] = Counter()
    while waiting and len(seen) < _MOST:
        path, _, query = re.sub(r"^https?://[^/]+", "", waiting.pop(0)).partition("#")[0].partition("?")
        plain = "/".join("#" if re.search(r"\d", part) else part for part in path.split("/"))
        kind = f"{plain}?{'&'.join(sorted(parse_qs(query)))}" if query else plain
        if kind in seen or alike[plain] >= _ALIKE or _NO_PAGE.search(path):
            continue
        path = f"{path}?{query}" if query else path
        answer = await context.request.get(path)
        if not answer.ok or not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        seen[kind] = path
        alike[plain] += 1
        await page.goto(path)
        await page.wait_for_function(_SETTLED)
        waiting += await page.evaluate(
            "[...document.querySelectorAll('a[href]:not([download])')].map((a) => a.href)"
            ".filter((each) => each.startsWith(location.origin))"
        )
    return list(seen.values())


async def _dress(api: Client) -> list[str]:
    """What a day of a few minutes does not bring by itself: marks, a hold, a backup, a test call, work by hand.

    The pages that show it, where there are others of their kind.
    """
    dressed: list[str] = []
    calls = await api.get("recordings?disposition=connected&limit=20")
    for call in [each for each in calls if each["recording"]][:1]:
        path = f"recordings/{call['attempt']['id']}"
        dressed.append(f"/{path}")
        await api.send("POST", f"{path}/marks", {"text": "语速稍快，其余很好。"})
        await api.send("POST", f"{path}/marks", {"position_s": 2.5, "text": "此处没有复述数量。"})
        await api.send("PUT", f"{path}/hold", {"hold": True, "reason": "客户投诉，待复核"})
    for notice in (await api.get("board?open=true"))[-1:]:
        await api.send("POST", f"board/{notice['id']}/acknowledge")
    for visit in (await api.get("visits?state=waiting&limit=1"))["visits"]:
        done = {"result": "not_needed", "tries": 2, "who": "赵敏"}
        await api.send("POST", f"visits/{visit['visit']['id']}/by-hand", done)
        dressed.append(f"/floor/customers/{visit['visit']['id']}")
    phones = re.findall(r"\d+", " ".join(each["extension"] for each in await api.get("agents")))
    if phones:  # the one after the last is nobody's, so that no customer can come onto it
        await api.send("POST", "test-calls", {"extension": f"{int(max(phones)) + 1:03}"})
    await api.send("POST", "backups")
    year = datetime.now(UTC).year
    await api.send("PUT", f"calendar/{year}-10-01", {"working": False, "name": "国庆节"})
    await api.send("PUT", f"calendar/{year}-10-10", {"working": True, "name": ""})
    return dressed


async def _number(api: Client, role: Role) -> str:
    """Of an agent one who has no account yet, best in a conversation: then the page has something to show."""
    if role is not Role.AGENT:
        return _NUMBERS[role]
    taken = {each["number"] for each in await api.get("staff") if each["name"] != NAME}
    free = [each for each in await api.get("agents") if each["number"] not in taken]
    if not free:
        raise CannotPicture("every agent has an account already, and those are left alone; add an agent")
    return str(min(free, key=lambda each: (each["presence"] != "on_call", each["number"]))["number"])


async def _account(api: Client, number: str, role: Role) -> str:
    """An account of ours, made or taken up again; its password."""
    password = secrets.token_urlsafe(12)
    known = {each["number"]: each for each in await api.get("staff")}
    if number not in known:
        body = {"number": number, "name": NAME, "role": role, "password": password, "must_change": False}
        await api.send("POST", "staff", body)
    elif known[number]["name"] != NAME:
        raise CannotPicture(f"the staff number {number} belongs to somebody; it is left alone")
    else:
        await api.send("PUT", f"staff/{number}", {"disabled": False})
        await api.send("PUT", f"staff/{number}/password", {"password": password, "must_change": False})
    return password


def main(arguments: Sequence[str]) -> int:
    """Take the pictures and say where they are."""
    found = [re.fullmatch(r"(\d+)x(\d+)", each) for each in arguments[2:]]
    if len(arguments) < 2 or not all(found):
        sys.stderr.write("usage: python -m tests.pictures.screenshots DATA FOLDER [WIDTHxHEIGHT ...]\n")
        return 2
    sizes: list[ViewportSize] = [{"width": int(each[1]), "height": int(each[2])} for each in found if each]
    try:
        made = asyncio.run(picture(Path(arguments[0]), Path(arguments[1]), sizes=sizes or SIZES))
    except DialerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{len(made)} pictures in {arguments[1]}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
