"""The command tree, and its help in the language of the person."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from dialer import logs
from dialer.cli.admin import calendar, staff, tokens
from dialer.cli.admin.backup import backup, restore
from dialer.cli.base import Cli, Commands
from dialer.cli.day import agents, campaign, visits
from dialer.cli.day.status import status
from dialer.cli.day.why import why
from dialer.cli.pbx.asterisk import asterisk_config
from dialer.cli.pbx.check import check
from dialer.cli.pbx.phones import ring_phone
from dialer.cli.records import notices, orders, recordings
from dialer.cli.records.audit import audit_command
from dialer.cli.service import demo, run, version
from dialer.language import N_, Language, Translate

GROUPS = {
    "visits": visits.app,
    "agents": agents.app,
    "campaign": campaign.app,
    "recordings": recordings.app,
    "orders": orders.app,
    "notices": notices.app,
    "staff": staff.app,
    "tokens": tokens.app,
    "calendar": calendar.app,
}
COMMANDS: dict[str, Callable[..., None]] = {
    "run": run,
    "check": check,
    "status": status,
    "why": why,
    "asterisk-config": asterisk_config,
    "test-call": ring_phone,
    "audit": audit_command,
    "backup": backup,
    "restore": restore,
    "demo": demo,
    "version": version,
}
EPILOG = N_(
    "Exit codes: 0 done; 1 the answer is no (refused, bad rows, findings, a failed check); "
    "2 command line or settings are wrong; 3 service, database or PBX cannot be reached; 4 something else failed."
)


def root(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            help="Settings (default: $DIALER_CONFIG, config/dialer.toml, /etc/dialer/dialer.toml).", metavar="FILE"
        ),
    ] = None,
    lang: Annotated[str | None, typer.Option(help="zh or en (default: as set, else zh).", metavar="zh|en")] = None,
) -> None:
    """Calls a day's list of customers through Asterisk under the five-attempt rule, and keeps the recordings."""
    if lang not in (None, "zh", "en"):
        raise typer.BadParameter("zh | en", param_hint="--lang")
    context.obj = Cli(config, _language(lang))
    logs.configure(logs.LogSettings(level="warning"))


def build(only: str | None = None) -> typer.Typer:
    """The whole tree of commands, or the one that is asked for: to make all of them takes a tenth of a second."""
    app = typer.Typer(
        cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, epilog=EPILOG
    )
    app.callback()(root)
    for name, command in COMMANDS.items():
        if only in (name, None):
            app.command(name)(command)
    for name, group in GROUPS.items():
        if only in (name, None):
            app.add_typer(group, name=name)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """The `dialer` command. Ends the process with one of :class:`dialer.cli.base.Exit`."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    asked = given[0] if given and given[0] in {**COMMANDS, **GROUPS} else None
    command = typer.main.get_command(build(asked))
    translate(command, before(given).t)
    command.main(args=given, prog_name="dialer")


def before(arguments: Sequence[str]) -> Cli:
    """The global options as far as help needs them, before anything is parsed."""
    parser = ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--config", nargs="?", type=Path)
    parser.add_argument("--lang", nargs="?")
    found, _ = parser.parse_known_args(arguments)
    return Cli(found.config, _language(found.lang))


def translate(command: Any, t: Translate) -> None:  # noqa: ANN401 - its types are typer's private matter
    """Put every help text of a command and those below it into the language of ``t``."""
    for name in ("help", "short_help", "epilog"):
        if text := getattr(command, name, None):
            setattr(command, name, t(one_paragraph(text)))
    for parameter in command.params:
        if text := getattr(parameter, "help", None):
            parameter.help = t(text)
    for below in getattr(command, "commands", {}).values():
        translate(below, t)


def one_paragraph(text: str) -> str:
    """Lines of a docstring's paragraphs joined, so that a paragraph is one key of the catalogue."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _language(name: str | None) -> Language | None:
    return "zh" if name == "zh" else "en" if name == "en" else None
