"""Figure 9: 60 agents' pages open with live updates, and five calls a second.

Every agent is signed in with an account of their own; the phones pick up by themselves, customers ring for a second,
and the talks are so long that five calls a second keep everybody busy. The PBX stamps the answer when it happens
(``timestampevents``); the page notes when the card of that call stands there as "on a call" and has been painted. Both
read the same machine's clock. The service's processor time is that of its process.

Six of the pages are open in a Chromium, and there it is measured. The others are clients that ask for what a page asks
for, when it does, and draw nothing (:mod:`tests.bench.faraway`): agents have a computer each, and 60 pages drawn on
the two processors that also carry the PBXs, their sound and the service measure how long those are queued for.

Bare counterpart: the smallest server that passes the same answers on to the same number of the browser's pages, which
show the call's id and nothing else: no sign-in, no books, no card.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dialer.demo.client import Client
from dialer.errors import DialerError
from tests.bench import books
from tests.bench.bare.client import BareClient, originate
from tests.bench.bare.process import counterpart, told
from tests.bench.faraway import faraway
from tests.bench.figure import Figure, percentile, value_at_most
from tests.bench.ground import PICKS_UP, TALKING_PHONE, Ground, agent, number
from tests.bench.running import Running, running
from tests.kit.browser import open_browser, sign_in

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

_PASSWORD = "only for this measurement"  # noqa: S105 - of accounts that last as long as it
_ANSWERED = """SELECT e.attempt, min(e.at) FROM call_events e JOIN attempts a ON a.id = e.attempt
    WHERE e.sign = 'answered' AND a.agent < ? GROUP BY e.attempt"""
"""Of the agents whose pages are drawn: their numbers are the lowest."""
_ALL = "SELECT count(*) FROM attempts WHERE answered_at >= ? AND answered_at < ?"

_NOTE_CARD = """() => {
  const seen = (window.cardsSeen = {});
  const look = () => {
    const facts = document.getElementById("call-facts")?.dataset;
    if (!facts || facts.presence !== "on_call" || facts.shown !== "1" || facts.attempt in seen) return;
    const id = (seen[facts.attempt] = 0, facts.attempt);
    requestAnimationFrame(() => setTimeout(() => { seen[id] = Date.now(); }));
  };
  document.addEventListener("live-replaced", look);
}"""
_NOTE_BARE = """() => {
  const seen = (window.cardsSeen = {});
  new EventSource("/events").onmessage = ({ data }) => {
    document.body.textContent = data;
    requestAnimationFrame(() => setTimeout(() => { seen[data] = Date.now(); }));
  };
}"""


@dataclass(frozen=True, slots=True)
class Size:
    """How many pages, how many calls a second, for how long, after how long a run-up."""

    agents: int = 60
    browsers: int = 6
    rate: float = 5.0
    seconds: float = 30.0
    warm_s: float = 8.0


@dataclass(slots=True)
class Window:
    """From when to when it counts, and the processor time in it."""

    began: float
    cpu_s: float
    seconds: float
    cards: dict[str, float] = field(default_factory=dict)


async def measure(ground: Ground, size: Size | None = None) -> list[Figure]:
    """Processor time in per cent of one core, and milliseconds from the answer to the card."""
    size = size or Size()
    async with open_browser() as browser:
        ground.say(f"screens: the counterpart, {size.browsers} pages")
        bare = await _counterpart(ground, browser, size)
        await ground.rig.office.idle(60)
        place = await ground.place(PICKS_UP, calls_per_second=size.rate, wrap_up_s=1)
        visits = max(size.agents, round(size.rate * (size.seconds + size.warm_s) * 2))
        await place.fill(visits=visits, agents=size.agents, ready=False, phone=TALKING_PHONE)
        async with running(place) as service:
            window = await _played(ground, browser, service, size)
            answered = {
                a: books.moment(at) for a, at in books.ask(place.settings.database, _ANSWERED, agent(size.browsers))
            }
            ((everybody,),) = books.ask(
                place.settings.database, _ALL, _iso(window.began), _iso(window.began + window.seconds)
            )
    await ground.rig.office.idle(60)
    took = [
        (window.cards[call] - at) * 1000
        for call, at in answered.items()
        if call in window.cards and window.began <= at < window.began + window.seconds
    ]
    due = sum(window.began <= at < window.began + window.seconds for at in answered.values())
    if len(took) < due:
        raise DialerError(f"of {due} answered calls only {len(took)} came up on a page")
    note = f"{everybody / window.seconds:.1f} answers/s, {size.agents} pages, p99 {percentile(took, 99):.0f} ms"
    share = window.cpu_s / window.seconds * 100
    against = "smallest server that passes the answer on"
    return [
        Figure("screens.cpu", share, "% of a core", goal=value_at_most(30), note=note),
        Figure(
            "screens.answer_to_card.median", percentile(took, 50), "ms", against, percentile(bare, 50),
            value_at_most(200), note,
        ),
    ]  # fmt: skip


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


async def _played(ground: Ground, browser: Browser, service: Running, size: Size) -> Window:
    who = [agent(n) for n in range(size.agents)]
    async with Client(service.data) as client:
        for each in who:
            body = {"number": each, "name": each, "role": "agent", "password": _PASSWORD, "must_change": False}
            await client.send("POST", "staff", body)
    ground.say(f"screens: {size.agents} people sign in")
    async with _pages(browser, service.url, who[: size.browsers]) as pages, AsyncExitStack() as others:
        for each in who[size.browsers :]:
            await others.enter_async_context(faraway(service.url, each, _PASSWORD))
        for page in pages:
            await page.evaluate(_NOTE_CARD)
        await _all(service, who, "ready")
        ground.say(f"screens: {size.rate:g} calls/s for {size.seconds:g} s")
        await asyncio.sleep(size.warm_s)
        window = Window(time.time(), -service.cpu_s(), 0)
        await asyncio.sleep(size.seconds)
        await _somebody_answered(service, size, window.began)
        window.cpu_s += service.cpu_s()
        window.seconds = time.time() - window.began
        service.alive()
        await _all(service, who, "paused")
        window.cards = await _all_cards(service, pages)
    return window


async def _somebody_answered(service: Running, size: Size, since: float) -> None:
    """Let the window last until there is something to measure: in a short one on a busy machine nobody may answer."""
    async with asyncio.timeout(90):
        while not any(
            books.moment(at) >= since for _, at in books.ask(service.database, _ANSWERED, agent(size.browsers))
        ):
            service.alive()
            await asyncio.sleep(0.2)


async def _all(service: Running, who: Sequence[str], presence: str) -> None:
    async with Client(service.data) as client:
        for each in who:
            await client.presence(each, presence)


async def _all_cards(service: Running, pages: Sequence[Page]) -> dict[str, float]:
    """The cards when those of the last answers have come too, or will not come any more."""
    until = time.monotonic() + 60
    while True:
        found = await _cards(pages)
        answered = {call for call, _ in books.ask(service.database, _ANSWERED, agent(len(pages)))}
        if answered <= found.keys() or time.monotonic() > until:
            return found
        await asyncio.sleep(0.2)


async def _cards(pages: Sequence[Page]) -> dict[str, float]:
    """Call -> when its card was there, epoch seconds."""
    found: dict[str, float] = {}
    for page in pages:
        noted: Mapping[str, float] = await page.evaluate("() => window.cardsSeen")
        found |= {call: at / 1000 for call, at in noted.items() if at}
    return found


@asynccontextmanager
async def _pages(browser: Browser, url: str, who: Sequence[str]) -> AsyncIterator[list[Page]]:
    """Everybody's page, signed in."""
    async with AsyncExitStack() as stack:
        opened = []
        for each in who:
            context = await browser.new_context(base_url=url, viewport={"width": 1366, "height": 768}, locale="zh-CN")
            stack.push_async_callback(context.close)
            page = await context.new_page()
            await sign_in(page, each, _PASSWORD)
            await page.wait_for_selector("html[data-link=up]", state="attached")
            await page.wait_for_selector("#call-facts", state="attached")
            opened.append(page)
        yield opened


async def _counterpart(ground: Ground, browser: Browser, size: Size) -> list[float]:
    """Milliseconds from the answer to the id on a page, of as many pages that each hear everything that is theirs."""
    ami = ground.rig.ami
    async with counterpart("screen", ami) as process, AsyncExitStack() as stack:
        url, pages = f"http://127.0.0.1:{await told(process):.0f}", []
        for _ in range(size.browsers):
            context = await browser.new_context(base_url=url)
            stack.push_async_callback(context.close)
            page = await context.new_page()
            await page.goto("/")
            await page.evaluate(_NOTE_BARE)
            pages.append(page)
        client = await BareClient.connected(ami)
        phone = TALKING_PHONE.format(number=8001)
        loop = asyncio.get_running_loop()
        start = loop.time()
        for n in range(round(size.rate * size.seconds / 2)):
            await asyncio.sleep(max(0.0, start + n / size.rate - loop.time()))
            client.send(originate(f"bare-screen-{n}", PICKS_UP.format(number=number(n)), agent=phone)[1])
        await ground.rig.office.idle(60)
        seen = await _cards(pages)
        client.close()
    # The counterpart sends "<time of the answer> <call>".
    return [(at - float(data.split()[0])) * 1000 for data, at in seen.items()]
