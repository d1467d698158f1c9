"""The demonstration from beginning to end."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from rich.console import Console

from dialer.demo import picture
from dialer.demo.launcher import environment
from dialer.demo.live import watch
from dialer.demo.open_end import customers_keep_coming, people_sit_down, whatever_happens
from dialer.demo.people import Cast, agents_at_work, bring_agents, everybody_ready, team_leader
from dialer.demo.report import Findings, show
from dialer.demo.rig.acquire import acquire
from dialer.demo.signins import SignIn, bring_staff, tell
from dialer.demo.stage import GAP_S, Stage, stage
from dialer.errors import DialerError
from dialer.language import Language, Translate, translator

_SETTLE_S = 30.0
_DATA = files("dialer.demo")
CACHE = Path("var/cache")
"""Where a fetched Asterisk is kept, under the current folder; the only thing that stays behind."""


def run(list_file: Path | None, keep: bool, svg: Path | None, language: Language, console: Console) -> int:
    """Play the day; 0 when everything was as it must be.

    ``list_file`` is somebody's own list instead of the made-up one; ``keep`` leaves all of it running until
    Ctrl-C; ``svg`` is where the report goes as a picture.
    """
    began = time.monotonic()
    t = translator(language)
    console.print(
        t("Setting up: a private office PBX, a private carrier, agents' phones and the dialer ..."), soft_wrap=True
    )
    visits = list_file.read_bytes() if list_file else _DATA.joinpath("visits.csv").read_bytes()
    build = acquire(CACHE.absolute(), lambda text: console.print(f"  {text}", markup=False, soft_wrap=True))

    async def play() -> int:
        with tempfile.TemporaryDirectory(prefix="dialer-demo-", ignore_cleanup_errors=True) as folder:
            async with stage(Path(folder), build, language, open_end=keep) as up:
                rehearsal = t(
                    "A rehearsal: {gap} s between calls instead of 5 minutes, 4 s of ringing at most. "
                    "No real phone rings.",
                    gap=GAP_S,
                )
                console.print(rehearsal, style="yellow", soft_wrap=True)
                staff: list[SignIn] = []
                cast = Cast()
                good = await _day(up, cast, visits, list_file, svg, language, console, staff if keep else None)
                console.print(t("It took {seconds:.0f} s", seconds=time.monotonic() - began))
                console.print(
                    t("The demonstration passed") if good else t("The demonstration failed"),
                    style="bold green" if good else "bold red",
                )
                if keep:
                    await _kept(up, cast, None if list_file else visits, staff, console, t)
                return 0 if good else 1

    return asyncio.run(_interruptible(play()))


async def _day(
    up: Stage,
    cast: Cast,
    visits: bytes,
    list_file: Path | None,
    svg: Path | None,
    language: Language,
    console: Console,
    staff: list[SignIn] | None,
) -> bool:
    """``staff``: a list to fill with accounts for the pages, which are printed; None: nobody signs in."""
    t, client = translator(language), up.client
    agents = await bring_agents(up, visits, None if list_file else _DATA.joinpath("agents.csv").read_bytes())
    report = await client.upload("visits", visits, filename=(list_file or Path("visits.csv")).name)
    customers = await client.all_of("visits")
    people = [agents_at_work(up, cast)] if not up.open_end else _steady(up, cast, console)
    if list_file is None:
        people.append(team_leader(up, cast, customers, t))
    console.print(t("{n} customers imported; {agents} agents at work", n=len(report["added"]), agents=len(agents)))
    if staff is not None:
        staff += await bring_staff(client, agents, t)
        tell(staff, up.dialer.url, console, t)
    tasks = [asyncio.create_task(each, name=f"people-{n}") for n, each in enumerate(people)]
    try:
        await asyncio.sleep(0)  # the team leader takes an agent's phone away before anybody is ready
        await everybody_ready(client, agents)
        await _unless_one_dies(watch(up, cast, console, t), tasks)
        console.print(t("Calling is over; recordings and notices are coming in ..."))
        until = await _judged_until(up) if up.open_end else None
        await _settled(up, until)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    found = Findings(
        visits=await client.all_of("visits"),
        calls=[call for call in await client.all_of("recordings") if _is_before(call, until)],
        orders=[await client.get(f"orders/{number}") for number in dict.fromkeys(cast.orders)],
        board=await client.all_of("board"),
        audit=await _audit(up, until),
        language=language,
    )
    if svg is not None:
        picture.save(svg, "dialer demo", lambda screen: show(found, screen, t, cast.did))
    return show(found, console, t, cast.did)


async def _unless_one_dies(show_it: Coroutine[Any, Any, None], tasks: list[asyncio.Task[None]]) -> None:
    """Watch the day; when one of the people breaks down, say so instead of waiting for them."""
    watching = asyncio.create_task(show_it, name="watch")
    try:
        while not watching.done():
            await asyncio.wait({watching, *(t for t in tasks if not t.done())}, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done() and not task.cancelled():
                    task.result()
        watching.result()
    finally:
        watching.cancel()


async def _judged_until(up: Stage) -> datetime:
    """Now, or when the first of the calls began that are still up: what is later is left out of the report."""
    now = datetime.now(UTC)
    up_now = [await up.client.get(f"attempts/{call['attempt']}") for call in (await up.client.get("progress"))["calls"]]
    return min([now, *(datetime.fromisoformat(each["placed_at"]) for each in up_now)])


def _is_before(call: dict[str, Any], until: datetime | None) -> bool:
    return until is None or datetime.fromisoformat(call["attempt"]["placed_at"]) < until


async def _settled(up: Stage, until: datetime | None) -> None:
    """Wait until every conversation has its recording and every notice is delivered; the report shows what is not."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_SETTLE_S):
            while True:
                talks = await up.client.all_of("recordings", disposition="connected")
                pending = await up.client.get("notices", state="pending")
                if (
                    all(call["recording"] for call in talks if _is_before(call, until))
                    and not pending
                    and (until or not (await up.client.get("progress"))["calls"])
                ):
                    return
                await asyncio.sleep(0.5)


async def _audit(up: Stage, until: datetime | None) -> dict[str, Any]:
    """`dialer audit`, as anybody would run it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "dialer", "audit", str(up.rig.carrier_cdr), "--json",
        *(("--until", until.isoformat()) if until else ()),
        env=environment(up.dialer.config), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    if process.returncode not in (0, 1):
        raise DialerError(f"dialer audit failed: {err.decode(errors='replace')}")
    report: dict[str, Any] = json.loads(out)
    return report


async def _kept(
    up: Stage, cast: Cast, visits: bytes | None, staff: list[SignIn], console: Console, t: Translate
) -> None:
    """The day goes on until Ctrl-C; ``visits``: customers like these keep coming."""
    tell(staff, up.dialer.url, console, t)
    kept = t(
        "Still running. Status page: {url}/status    token: {token}\n"
        "settings: {config}    log: {log}\n"
        "Try: DIALER_CONFIG={config} .venv/bin/dialer status\n"
        "Ctrl-C ends it and cleans up.",
        url=up.dialer.url,
        token=up.dialer.data / "cli.token",
        config=up.dialer.config,
        log=up.dialer.log,
    )
    console.print(kept, soft_wrap=True, markup=False)
    going_on = _steady(up, cast, console)
    if visits is not None:
        going_on.append(whatever_happens(partial(customers_keep_coming, up, cast, visits), _say(console)))
    async with asyncio.TaskGroup() as group:
        for each in going_on:
            group.create_task(each)


def _steady(up: Stage, cast: Cast, console: Console) -> list[Coroutine[Any, Any, None]]:
    """Who is at work as long as the demonstration is kept, whatever people do on the pages."""
    return [whatever_happens(partial(each, up, cast), _say(console)) for each in (agents_at_work, people_sit_down)]


def _say(console: Console) -> Callable[[str], None]:
    return lambda text: console.print(text, markup=False, soft_wrap=True)


async def _interruptible(work: Coroutine[Any, Any, int]) -> int:
    """Ctrl-C and SIGTERM end the demonstration in order, with everything cleaned up; the exit code is 130."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        return 130
