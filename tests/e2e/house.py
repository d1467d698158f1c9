"""The whole house: two PBXs, the service as a process of its own, accounts made by command, a browser."""

from __future__ import annotations

import asyncio
import io
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from dialer.app import offline
from dialer.campaign.messages import ImportList, SaveAgent
from dialer.campaign.model.customer import Customer, ListRow, VisitList
from dialer.demo.client import Client
from dialer.demo.rig.build import AsteriskBuild
from dialer.demo.rig.carrier import RigSpeed
from dialer.demo.rig.rig import Rig
from dialer.people.staff import Role
from tests.browser_fixtures import DEADLINE_MS, OFFICE
from tests.cli.conftest import run_command
from tests.kit.browser import open_browser, sign_in
from tests.kit.launcher import UNMEASURED, RunningDialer
from tests.kit.settings import quick_settings, zone_at

SPEED = RigSpeed(ring_s=0.2, talk_s=2.5, ring_limit_s=8.0, patience_s=60.0, phone_ring_s=0.1, phone_talk_s=60.0)
TALKS = "00"
"""The ending of a customer who answers, talks for a while and hangs up."""
WAITS = "79"
"""The ending of one who talks until the agent hangs up."""
PEOPLE = {
    "agent": ("101", Role.AGENT),
    "leader": ("9001", Role.TEAM_LEADER),
    "supervisor": ("9002", Role.SUPERVISOR),
    "administrator": ("9003", Role.ADMINISTRATOR),
}


@dataclass
class House:
    """``contexts``: for each person a browser of their own, signed in; ``missing``: what has no Chinese goes there."""

    rig: Rig
    dialer: RunningDialer
    browser: Browser
    missing: Path
    url: str
    passwords: dict[str, str] = field(default_factory=dict)
    contexts: dict[str, BrowserContext] = field(default_factory=dict)

    async def page(self, who: str, path: str) -> Page:
        """A page as somebody sees it who has signed in by the form, connected to the stream of events."""
        if who not in self.contexts:
            self.contexts[who] = await self.stranger()
            page = await self.contexts[who].new_page()
            await self.sign_in(page, PEOPLE[who][0], self.passwords[who])
            await page.close()
        page = await self.contexts[who].new_page()
        await page.goto(path)
        await connected(page)
        return page

    async def stranger(self) -> BrowserContext:
        """A browser in which nobody is signed in."""
        context = await self.browser.new_context(viewport=OFFICE, base_url=self.url, locale="zh-CN")
        context.set_default_timeout(DEADLINE_MS)
        return context

    async def sign_in(self, page: Page, number: str, password: str) -> None:
        """By the form; who has a password that somebody else chose, chooses one of their own."""
        await sign_in(page, number, password)
        await page.wait_for_selector("body[data-staff]", state="attached")
        if urlsplit(page.url).path == "/password":
            chosen = secrets.token_urlsafe(12)
            for name, text in (("#old", password), ("#new", chosen), ("#again", chosen)):
                await page.fill(name, text)
            await page.keyboard.press("Enter")
            await page.wait_for_selector("nav", state="attached")

    def api(self) -> Client:
        """The API, with the token of the command line: for what is not what a test is about."""
        return Client(self.dialer.data)


async def connected(page: Page) -> None:
    """Wait until the page hears events."""
    await page.wait_for_selector('html[data-link="up"]', state="attached")


def customers(agent: str, first: int, count: int, ending: str) -> list[ListRow]:
    """Customers of an agent.

    Whatever belongs to them is in Greek letters: so any Latin word on a Chinese page, and any Chinese one on an
    English page, is the program's own.
    """
    return [
        ListRow(
            n,
            Customer(
                f"{n:04}", f"Κατάστημα {n}", person="Γιάννης", address="Οδός Αθηνάς 7", licence="1507", category="Α",
                settlement="Μετρητά", quota="20", account_manager="Νίκος", department="Βορράς",
                last_order="12", extra=(("Σήμα", "ναι"),),
            ),
            f"1390470{n:02}{ending}", n, agent=agent,
        )
        for n in range(first, first + count)
    ]  # fmt: skip


@asynccontextmanager
async def open_house(
    folder: Path, build: AsteriskBuild, agents: Sequence[str], rows: list[ListRow]
) -> AsyncIterator[House]:
    """Everything up, with these agents (signed out, a phone each) and this list."""
    async with AsyncExitStack() as stack:
        rig = Rig(folder / "rig", build, phones=len(agents), speed=SPEED)
        port = _free_port()
        missing = folder / "no-chinese"
        missing.touch()
        settings = quick_settings(
            folder / "dialer.toml", rig, rule={"gap_s": 300}, web={"port": port},
            hours={"zone": zone_at(8)},  # eight or nine o'clock: 1030 can be promised
            dialling={"ring_timeout_s": 5, "agent_timeout_s": 5, "wrap_up_s": None, "calls_per_second": None},
        )  # fmt: skip
        dialer = RunningDialer(settings, ("-m", "tests.e2e.overheard", str(missing), "run"), hidden=UNMEASURED)
        passwords = {who: secrets.token_urlsafe(12) for who in PEOPLE}
        await asyncio.gather(
            stack.enter_async_context(rig),
            _bring(dialer, dict(zip(agents, rig.extensions, strict=True)), rows, passwords),
        )
        browser = await stack.enter_async_context(open_browser())
        stack.push_async_callback(dialer.stop)
        await dialer.start()
        yield House(rig, dialer, browser, missing, f"http://127.0.0.1:{port}", passwords)


async def _bring(
    dialer: RunningDialer, agents: Mapping[str, str], rows: list[ListRow], passwords: Mapping[str, str]
) -> None:
    """Agents and their list into the books, and an account for each role by command."""
    async with offline(dialer.settings) as parts:
        for number, extension in agents.items():
            await parts.engine.ask(SaveAgent(by="test", number=number, name=f"Μαρία {number}", extension=extension))
        await parts.engine.ask(ImportList(by="test", day=dialer.today(), visits=VisitList("main", tuple(rows))))
    await asyncio.to_thread(_staff, dialer.config, passwords)


def _staff(config: Path, passwords: Mapping[str, str]) -> None:
    """`dialer staff add`, as an administrator types it; only the administrator has to choose another password."""
    for who, (number, role) in PEOPLE.items():
        keep = () if role is Role.ADMINISTRATOR else ("--keep-password",)
        command = ("staff", "add", number, "--role", role, "--name", "Ελένη", "--password-stdin", *keep)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(sys, "stdin", io.StringIO(passwords[who] + "\n"))
            ran = run_command("--config", str(config), *command)
        assert ran.code == 0, ran.out + ran.err


def _free_port() -> int:
    """A port for the service that stays the same when it is started again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
