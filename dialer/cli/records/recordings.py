"""`dialer recordings`: finding, protecting, reconciling."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.recording import Recording, RecordingState
from dialer.campaign.views.lookup import Call
from dialer.campaign.views.recording_words import wrong
from dialer.campaign.views.wording import DISPOSITIONS
from dialer.cli.base import Cli, Exit, cli_of
from dialer.cli.client import change, connect, look_up, segment
from dialer.cli.options import DayOption, JsonOption, day_or_today, moment
from dialer.language import N_

STATES: dict[RecordingState, str] = {
    RecordingState.KEPT: N_("kept", context="recording"),
    RecordingState.FAULTY: N_("with a fault"),
    RecordingState.MISSING: N_("missing"),
    RecordingState.DELETED: N_("removed by age"),
}

app = typer.Typer(help="Recordings: search, protect, reconcile.", no_args_is_help=True)

Attempt = Annotated[str, typer.Argument(metavar="CALL", help="Id of the call.")]


@app.command()
def search(
    context: typer.Context,
    customer: Annotated[str | None, typer.Option(help="Customer code.")] = None,
    number: Annotated[str | None, typer.Option(help="Phone number as it is stored.")] = None,
    agent: Annotated[str | None, typer.Option(help="Staff number.")] = None,
    order: Annotated[str | None, typer.Option(help="Order number.")] = None,
    day: DayOption = None,
    since: Annotated[str | None, typer.Option(help="From this time on.")] = None,
    until: Annotated[str | None, typer.Option(help="Before this time.")] = None,
    disposition: Annotated[Disposition | None, typer.Option(help="How the call ended.")] = None,
    recorded: Annotated[
        bool | None, typer.Option("--recorded/--unrecorded", help="With or without a recording.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most this many.")] = 100,
    json: JsonOption = False,
) -> None:
    """Find calls and their recordings, newest first; all given conditions must hold."""
    cli = cli_of(context)
    span = {name: moment(cli, at).isoformat() for name, at in (("since", since), ("until", until)) if at}
    found = look_up(
        cli, list[Call], "recordings", customer=customer, number=number, agent=agent, order=order, day=day,
        disposition=disposition, recorded=recorded, limit=limit, **span,
    )  # fmt: skip
    cli.listing(
        found, _row,
        "Call", "Time", "Customer", N_("Shop", context="column"), "Agent",
        "Outcome", "Recording", "Seconds", "Hold", "Orders",
        json=json,
    )  # fmt: skip


def _row(cli: Cli, call: Call) -> tuple[object, ...]:
    attempt, recording = call.attempt, call.recording
    return (
        attempt.id,
        cli.time(attempt.placed_at, "%Y-%m-%d %H:%M:%S"),
        attempt.customer,
        call.customer.shop_name,
        attempt.agent,
        cli.word(DISPOSITIONS, attempt.disposition),
        "" if recording is None else cli.word(STATES, recording.state),
        f"{recording.duration_s:.1f}" if recording and recording.duration_s else "",
        recording.hold_reason if recording and recording.hold else "",
        ", ".join(call.orders),
    )


def recorded(cli: Cli, attempt: str, recording: Recording | None) -> str:
    """A call's recording in a line."""
    return cli.t(
        "Recording {attempt}: {state}, {seconds:.1f} s {faults}",
        attempt=attempt,
        state=cli.word(STATES, recording.state) if recording else "-",
        seconds=recording.duration_s if recording else 0.0,
        faults=wrong(recording.faults, cli.t) if recording else "",
    )


@app.command()
def hold(
    context: typer.Context,
    call: Attempt,
    reason: Annotated[str, typer.Option(help="Why, so that somebody can lift it later.")],
) -> None:
    """Protect a recording from being deleted when its time is over."""
    cli = cli_of(context)
    change(cli, "PUT", f"recordings/{segment(call)}/hold", {"hold": True, "reason": reason})
    cli.say("{call} is protected.", call=call)


@app.command()
def release(context: typer.Context, call: Attempt) -> None:
    """Lift the protection."""
    cli = cli_of(context)
    change(cli, "PUT", f"recordings/{segment(call)}/hold", {"hold": False})
    cli.say("{call} is no longer protected.", call=call)


@app.command()
def reconcile(context: typer.Context, day: DayOption = None, json: JsonOption = False) -> None:
    """List calls without recordings, recordings without calls, orders without either.

    Exit code 1 when there are any.
    """
    cli = cli_of(context)
    with connect(cli, changes=True) as client:
        found = client.get("reconciliation", day=day_or_today(cli, day))
    if json:
        cli.json(found)
    else:
        _tell(cli, found)
    if not found["clean"]:
        raise typer.Exit(Exit.NO)


_LISTS = {
    "calls_without_recording": N_("Calls without a recording"),
    "faulty_recordings": N_("Recordings with faults"),
    "strays": N_("Recordings without a call"),
    "orders_without_call": N_("Orders without a call"),
    "orders_without_recording": N_("Orders without a recording"),
}
"""Each list of a reconciliation with its title."""


def _tell(cli: Cli, found: dict[str, Any]) -> None:
    what, shop = N_("What", context="column"), N_("Shop", context="column")
    for name, title in _LISTS.items():
        if found[name]:
            rows = (_amiss(cli, line) for line in found[name])
            cli.show(cli.table(what, "Customer", shop, "Agent", "Reason", rows=rows, title=title))
    if found["clean"]:
        cli.say("Everything matches.")


def _amiss(cli: Cli, line: dict[str, Any]) -> tuple[object, ...]:
    what = " ".join(filter(None, (line.get("number"), line.get("attempt") or line.get("path"))))
    reason = wrong([line.get("reason") or ""], cli.t)
    return what, line.get("customer"), line.get("shop_name"), line.get("agent"), reason
