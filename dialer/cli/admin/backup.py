"""`dialer backup` and `dialer restore`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dialer.cli.base import Cli, cli_of
from dialer.cli.client import person
from dialer.cli.options import JsonOption
from dialer.clock import SystemClock
from dialer.language import N_, reword

if TYPE_CHECKING:
    from dialer.app.restore import Restored
    from dialer.store.backups.files import Contents

_SHOWN = 20
_MIB = 1 << 20
_FORM = "%Y-%m-%d %H:%M:%S"


def backup(
    context: typer.Context,
    target: Annotated[
        Path | None,
        typer.Argument(
            metavar="[TARGET]", help="File or folder (default: the configured folder, with a name of its own)."
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Copy the database, also while the service runs, and verify the copy.

    The recordings are files of their own and are not in it.
    """
    from dialer.app.database import back_up

    cli = cli_of(context)
    cli.log_warnings()
    made, contents = back_up(cli.settings, target, SystemClock())
    if json:
        cli.json({"backup": made, "contents": contents})
        return
    cli.say("{path}: {size:.1f} MiB, verified.", path=made.path, size=made.size / _MIB)
    cli.say(f"SHA-256 {made.sha256}")
    _tell(cli, contents)


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    json: JsonOption = False,
) -> None:
    """Replace the database with a backup; the old database is kept under another name. The service must not run.

    Calling is paused afterwards, because the backup does not know who was called after it: a person checks, and
    resumes.
    """
    from dialer.app.restore import restore as put_back

    cli = cli_of(context)
    cli.log_warnings()
    done = asyncio.run(put_back(cli.settings, file, SystemClock(), f"{person()} (dialer)"))
    if json:
        cli.json(done)
        return
    cli.say("{file} is now the database: {database}.", file=done.file, database=done.database)
    if not done.checked:
        cli.note("There was no checksum next to it; all other checks passed.")
    if done.aside is not None:
        cli.say("The previous database: {path}", path=done.aside)
    _tell(cli, done.contents)
    _tell_unknown(cli, done)
    cli.say(
        "Calling is paused, and no day is closed, until a team leader has checked and resumes it (page or "
        "`dialer campaign resume`); not before {gap:g} s have passed. Everybody must sign in again.",
        gap=cli.settings.rule.gap_s,
    )


def _tell(cli: Cli, contents: Contents) -> None:
    cli.say(
        "Contents: {visits} visits (the latest list is for {day}), {attempts} calls; last change {at}.",
        visits=contents.rows.get("visits", 0),
        day=contents.day or "–",
        attempts=contents.rows.get("attempts", 0),
        at=cli.time(contents.last_change, _FORM) or "–",
    )


def _tell_unknown(cli: Cli, done: Restored) -> None:
    """Who was called after the backup, as far as anybody can tell."""
    if done.unreadable:
        why = reword(done.unreadable, cli.language)
        cli.note("The previous database does not tell who was called since: {why}", why=why)
    if not done.unknown:
        return
    rows = ((c.customer, c.number, cli.time(c.placed_at, _FORM), c.attempt) for c in done.unknown[:_SHOWN])
    title = N_("Calls made after the backup, which it does not contain")
    cli.show(cli.table("Customer", "Number", "Called at", "Call", rows=rows, title=title))
    cli.say("All {count}: {path}", count=len(done.unknown), path=done.list_file)
