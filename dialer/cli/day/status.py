"""`dialer status`: the day at a glance, once or live."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from dialer.campaign.model.visit import VisitState
from dialer.campaign.rules.breaker import BreakerState
from dialer.campaign.views.overview import Overview
from dialer.campaign.views.wording import ATTEMPT_STATES, PRESENCES, RESULTS, VISIT_STATES, alarm, hindrance
from dialer.cli.base import Cli, ServiceUnreachable, cli_of, plain
from dialer.cli.client import Client, connect, read
from dialer.cli.options import JsonOption
from dialer.language import N_

_REFRESH_S = 1.0
BREAKERS: dict[BreakerState, str] = {
    BreakerState.CLOSED: N_("in use", context="trunk"),
    BreakerState.OPEN: N_("paused", context="trunk"),
    BreakerState.PROBING: N_("being tried with one call", context="trunk"),
}


def status(
    context: typer.Context,
    json: JsonOption = False,
    watch: Annotated[bool, typer.Option("--watch", help="Keep running, and refresh every second.")] = False,
) -> None:
    """Show the day's progress: customers, agents, calls, trunks, alarms."""
    cli = cli_of(context)
    with connect(cli) as client:
        if watch and not client.live:
            raise ServiceUnreachable(cli.t("No service is running, so there is nothing to watch."))
        if json and watch:
            raise typer.BadParameter(cli.t("Take either --json or --watch."))
        if json:
            overview = _overview(client)
            cli.json({**plain(overview), "finished": overview.finished, "live": client.live})
        elif watch:
            with contextlib.suppress(KeyboardInterrupt):  # the way to end it
                _watch(cli, client)
        else:
            cli.out.print(rendered(cli, _overview(client), live=client.live))


def _watch(cli: Cli, client: Client) -> None:
    """Show it every second: in place on a terminal, one below the other in a file."""
    if not cli.out.is_terminal:
        while True:
            cli.out.print(rendered(cli, _overview(client)))
            time.sleep(_REFRESH_S)
    from rich.live import Live  # for this one alone

    with Live(rendered(cli, _overview(client)), console=cli.out, auto_refresh=False, screen=True) as view:
        while True:
            time.sleep(_REFRESH_S)
            view.update(rendered(cli, _overview(client)), refresh=True)


def _overview(client: Client) -> Overview:
    found = client.get("progress")
    found["alarms"] = [(alarm["key"], alarm["text"], alarm["raised_at"]) for alarm in found["alarms"]]
    return read(Overview, found)


def rendered(cli: Cli, now: Overview, *, live: bool = True) -> RenderableType:
    """The overview for people."""
    parts: list[RenderableType] = [_head(cli, now, live=live), _counts(cli, now)]
    if now.rehearsal:
        parts.append(Text(cli.t("REHEARSAL: the gap between calls is shorter than five minutes."), style="bold yellow"))
    parts += [
        Text(f"! {cli.time(raised)} {alarm(key, text, cli.language)}", style="bold red")
        for key, text, raised in now.alarms
    ]
    parts += [table for table in (_agents(cli, now), _calls(cli, now)) if table.row_count]
    return Group(*parts, *_trunks(cli, now))


def _head(cli: Cli, now: Overview, *, live: bool) -> Text:
    t = cli.t
    if not live:
        state = t("the service is not running")
    elif now.finished:
        state = t("finished")
    elif now.paused:
        state = t("paused by {who}", who=now.paused)
    elif not now.link_up:
        state = t("no link to the PBX")
    elif not now.hours_open:
        state = t("outside the calling hours") + (f" ({now.hours_note})" if now.hours_note else "")
    else:
        state = t("not calling") if not now.dialling else t("calls are held") if now.held else t("calling")
    text = f"{now.day} {cli.time(now.now)}  {state}"
    at = now.next_change
    if at is not None and (now.hours_open or at.astimezone(cli.zone).date() == now.day):
        text += "  " + t("(hours change at {at})", at=cli.time(at, "%H:%M"))
    return Text(text, style="bold")


def _counts(cli: Cli, now: Overview) -> Text:
    parts = [cli.t("{total} customers", total=now.total)]
    parts += [f"{cli.word(VISIT_STATES, state)} {count}" for state in VisitState if (count := now.visits.get(state))]
    parts.append(cli.t("not called yet {count}", count=now.never_called))
    text = " · ".join(parts)
    if now.results:
        text += "\n" + " · ".join(f"{cli.word(RESULTS, code)} {count}" for code, count in now.results.items())
    return Text(text)


def _agents(cli: Cli, now: Overview) -> Table:
    rows = []
    for agent in now.agents:
        presence = cli.word(PRESENCES, agent.presence)
        reason = hindrance(agent, cli.language)
        rows.append((agent.number, agent.name, agent.team, presence, cli.time(agent.since), agent.customer, reason))
    since = N_("Since", context="column")
    return cli.table("Staff number", "Name", "Team", "Presence", since, "Customer", "Reason", rows=rows, title="Agents")


def _calls(cli: Cli, now: Overview) -> Table:
    rows = []
    for call in now.calls:
        state = cli.word(ATTEMPT_STATES, call.state)
        rows.append((call.customer, call.number, call.agent, call.trunk, state, cli.time(call.since)))
    since, title = N_("Since", context="column"), N_("Calls", context="column")
    return cli.table("Customer", "Number", "Agent", "Trunk", "State", since, rows=rows, title=title)


def _trunks(cli: Cli, now: Overview) -> Iterator[str]:
    for trunk in now.trunks:
        state = cli.word(BREAKERS, trunk.state)
        line = escape(f"{cli.t('Trunk')} {trunk.name}: {trunk.in_use}/{trunk.channels}, {state}")
        yield line + (f" → {cli.time(trunk.until)}" if trunk.until else "")
