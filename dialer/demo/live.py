"""The running day in the terminal."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.columns import Columns
from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from dialer.campaign.model.agent import Presence
from dialer.campaign.model.visit import VisitState
from dialer.campaign.views.wording import PRESENCES, VISIT_STATES
from dialer.demo.people import Cast, open_visits
from dialer.demo.stage import ZONE, Stage
from dialer.language import Translate

_SHOWN_EVENTS = 6
_EVERY_S = 0.5
_LINE_EVERY = 10
_STYLES = {
    VisitState.REACHED: "green",
    VisitState.CALLING: "cyan",
    VisitState.WAITING: "white",
    VisitState.UNREACHED: "red",
    VisitState.INVALID_NUMBER: "magenta",
    VisitState.WITHDRAWN: "dim",
    VisitState.OUT_OF_TIME: "yellow",
}


async def watch(stage: Stage, cast: Cast, console: Console, t: Translate) -> None:
    """Show the day until it is over: a picture that moves, or a line now and then where there is no terminal."""
    if not console.is_terminal:
        turn = 0
        while not await _over(progress := await stage.client.get("progress"), stage, cast):
            if turn % _LINE_EVERY == 0:
                console.print(_line(progress, t), soft_wrap=True)
            turn += 1
            await asyncio.sleep(_EVERY_S)
        console.print(_line(progress, t), soft_wrap=True)
        return
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        while not await _over(progress := await stage.client.get("progress"), stage, cast):
            live.update(_picture(progress, stage, cast, t))
            await asyncio.sleep(_EVERY_S)


async def _over(progress: dict[str, Any], stage: Stage, cast: Cast) -> bool:
    """Nothing is left to be called; or its time is over, and every call has ended.

    Without end, calls may be up then: there are always some. And nobody waits for people who have sat down at an
    agent's phone: they take their time.
    """
    late = datetime.now(UTC) >= stage.over
    if stage.open_end:
        left = progress["visits"].get("waiting", 0) + progress["visits"].get("calling", 0)
        return late or bool(left <= len(await open_visits(stage.client, cast.taken)))
    return bool(progress["finished"]) or (late and not progress["visits"].get("waiting") and not progress["calls"])


def _line(progress: dict[str, Any], t: Translate) -> str:
    clock = f"{datetime.now(ZoneInfo(ZONE)):%H:%M:%S}"
    counts = "  ".join(
        f"{t(VISIT_STATES[state])} {progress['visits'][state]}" for state in VisitState if progress["visits"].get(state)
    )
    return f"{clock}  {counts}"


def _picture(progress: dict[str, Any], stage: Stage, cast: Cast, t: Translate) -> Group:
    closes = stage.closes.astimezone(ZoneInfo(ZONE))
    head = Text(
        f"{datetime.now(ZoneInfo(ZONE)):%H:%M:%S}   " + t("Calling closes at {time}", time=f"{closes:%H:%M:%S}")
    )
    bar = Text()
    for state, style in _STYLES.items():
        bar.append("█" * int(progress["visits"].get(state, 0)), style=style)
    legend = Columns(
        [Text(f"■ {t(VISIT_STATES[s])} {progress['visits'].get(s, 0)}", style=style) for s, style in _STYLES.items()]
    )
    agents = Table(box=None, pad_edge=False)
    for name in (t("agent"), t("doing"), t("customer")):
        agents.add_column(name)
    for agent in progress["agents"]:
        agents.add_row(
            f"{agent['number']} {agent['name']}",
            t(PRESENCES[Presence(agent["presence"])]),
            agent["customer"] or "",
        )
    events = Text("\n".join(cast.did[-_SHOWN_EVENTS:]))
    return Group(
        head,
        Panel(Group(bar, legend), title=t("Customers"), title_align="left"),
        Panel(agents, title=t("Agents"), title_align="left"),
        Panel(events, title=t("What happened"), title_align="left"),
    )
