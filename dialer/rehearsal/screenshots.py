"""Pictures of every page, in both languages and at two sizes, of a rehearsal that is running.

``python -m dialer.rehearsal.screenshots DATA FOLDER``: DATA is the data folder of the rehearsal's service. With the
token there it makes itself one account for each role, which are disabled at the end. The pages are those that a person
of each role can reach by links, one of a kind: of ``/recordings/<call>`` there is one picture and not a thousand.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialer.campaign.staff import Role
from dialer.errors import DialerError
from dialer.rehearsal.browser import open_browser

if TYPE_CHECKING:
    from playwright.async_api import APIRequestContext, Browser, BrowserContext, Page, ViewportSize

LANGUAGES = {"zh": "zh-CN", "en": "en"}
SIZES: Sequence[ViewportSize] = ({"width": 1366, "height": 768}, {"width": 1920, "height": 1080})
NAME = "Screenshots"
"""By its name an account of an earlier run is known, and used again."""

_NUMBERS = {Role.TEAM_LEADER: "9801", Role.SUPERVISOR: "9802", Role.ADMINISTRATOR: "9803"}
_MOST = 60
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
        token = (data / "cli.token").read_text(encoding="utf-8").strip()
    except OSError as error:
        raise CannotPicture(
            f"{data}: no service runs there ({error.strerror}); `make demo KEEP=1` starts one"
        ) from error
    made: list[Path] = []
    async with open_browser() as browser, _api(browser, url, token) as api:
        if not (await _ask(api, "GET", "/progress"))["rehearsal"]:
            raise CannotPicture(
                f"{url} is no rehearsal: accounts are made for the pictures, which real work can do without"
            )
        for role in roles:
            number = await _number(api, role)
            password = await _account(api, number, role)
            try:
                made += await _pictures_of(browser, url, (number, password), role, folder, languages, sizes)
            finally:
                await _ask(api, "PUT", f"/staff/{number}", {"disabled": True})
    return made


async def _pictures_of(
    browser: Browser, url: str, who: tuple[str, str], role: Role, folder: Path, languages: Mapping[str, str],
    sizes: Sequence[ViewportSize],
) -> list[Path]:  # fmt: skip
    made: list[Path] = []
    context = await browser.new_context(base_url=url, viewport=sizes[0], locale="zh-CN")
    page = await context.new_page()
    try:
        await page.goto("/sign-in")
        await page.fill("#number", who[0])
        await page.fill("#password", who[1])
        await page.click("form[action='/sign-in'] button")
        await page.wait_for_selector("form[action='/language']", state="attached")
        paths = await _reachable(context, page)
        for code, language in languages.items():
            if await page.get_attribute("html", "lang") != language:
                await page.click("form[action='/language'] button")
                await page.wait_for_selector(f"html[lang='{language}']", state="attached")
            for path in paths:
                for size in sizes:
                    await page.set_viewport_size(size)
                    await page.goto(path)
                    await page.wait_for_function(_SETTLED)
                    slug = re.sub(r"\W+", "-", path.partition("?")[0]).strip("-") or "home"
                    made.append(folder / f"{role}-{slug}-{code}-{size['width']}.png")
                    await page.screenshot(path=made[-1], full_page=True)
    finally:
        await context.close()
    return made


async def _reachable(context: BrowserContext, page: Page) -> list[str]:
    """The pages to which links lead from where a person begins, one of each kind."""
    waiting = [page.url]
    seen: dict[str, str] = {}
    while waiting and len(seen) < _MOST:
        path = re.sub(r"^https?://[^/]+", "", waiting.pop(0)).partition("#")[0].partition("?")[0]
        kind = "/".join("#" if re.search(r"\d", part) else part for part in path.split("/"))
        if kind in seen or _NO_PAGE.search(path):
            continue
        answer = await context.request.get(path)
        if not answer.ok or not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        seen[kind] = path
        await page.goto(path)
        await page.wait_for_function(_SETTLED)
        waiting += await page.evaluate(
            "[...document.querySelectorAll('a[href]:not([download])')].map((a) => a.href)"
            ".filter((each) => each.startsWith(location.origin))"
        )
    return list(seen.values())


async def _number(api: APIRequestContext, role: Role) -> str:
    """Of an agent one who has no account yet, best in a conversation: then the page has something to show."""
    if role is not Role.AGENT:
        return _NUMBERS[role]
    taken = {each["number"] for each in await _ask(api, "GET", "/staff") if each["name"] != NAME}
    free = [each for each in await _ask(api, "GET", "/agents") if each["number"] not in taken]
    if not free:
        raise CannotPicture("every agent has an account already, and those are left alone; add an agent")
    return str(min(free, key=lambda each: (each["presence"] != "on_call", each["number"]))["number"])


async def _account(api: APIRequestContext, number: str, role: Role) -> str:
    """An account of ours, made or taken up again; its password."""
    password = secrets.token_urlsafe(12)
    known = {each["number"]: each for each in await _ask(api, "GET", "/staff")}
    if number not in known:
        body = {"number": number, "name": NAME, "role": role, "password": password, "must_change": False}
        await _ask(api, "POST", "/staff", body)
    elif known[number]["name"] != NAME:
        raise CannotPicture(f"the staff number {number} belongs to somebody; it is left alone")
    else:
        await _ask(api, "PUT", f"/staff/{number}", {"disabled": False})
        await _ask(api, "PUT", f"/staff/{number}/password", {"password": password, "must_change": False})
    return password


@asynccontextmanager
async def _api(browser: Browser, url: str, token: str) -> AsyncIterator[APIRequestContext]:
    context = await browser.new_context(base_url=url, extra_http_headers={"Authorization": f"Bearer {token}"})
    try:
        yield context.request
    finally:
        await context.close()


async def _ask(api: APIRequestContext, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401 - JSON
    answer = await api.fetch(f"/api/v1{path}", method=method, data=None if body is None else dict(body))
    if not answer.ok:
        raise CannotPicture(f"{method} {path}: {answer.status} {(await answer.text())[:300]}")
    return await answer.json()


def main(arguments: Sequence[str]) -> int:
    """Take the pictures and say where they are."""
    try:
        data, folder = map(Path, arguments)
    except ValueError:
        sys.stderr.write("usage: python -m dialer.rehearsal.screenshots DATA FOLDER\n")
        return 2
    try:
        made = asyncio.run(picture(data, folder))
    except DialerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{len(made)} pictures in {folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
