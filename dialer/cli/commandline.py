"""The command tree, and its help in the language of the person."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from dialer.cli.base import Cli, Commands
from dialer.language import N_, Language, Translate

GROUPS = {
    "visits": "day.visits",
    "agents": "day.agents",
    "campaign": "day.campaign",
    "recordings": "records.recordings",
    "orders": "records.orders",
    "notices": "records.notices",
    "staff": "admin.staff",
    "tokens": "admin.tokens",
    "calendar": "admin.calendar",
}
"""The modules of this package with an ``app`` of several commands."""
COMMANDS = {
    "run": "service:run",
    "check": "pbx.check:check",
    "status": "day.status:status",
    "why": "day.why:why",
    "asterisk-config": "pbx.asterisk:asterisk_config",
    "test-call": "pbx.phones:ring_phone",
    "audit": "records.audit:audit_command",
    "backup": "admin.backup:backup",
    "restore": "admin.backup:restore",
    "demo": "service:demo",
    "version": "service:version",
}
"""Module and function of each command by itself. It is imported when it is asked for: all of them take a second."""
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


def build(only: str | None = None) -> typer.Typer:
    """The whole tree of commands, or the one that is asked for."""
    app = typer.Typer(
        cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, epilog=EPILOG
    )
    app.callback()(root)
    for name, command in COMMANDS.items():
        if only in (name, None):
            app.command(name)(_found(command))
    for name, group in GROUPS.items():
        if only in (name, None):
            app.add_typer(_found(f"{group}:app"), name=name)
    return app


def _found(where: str) -> Any:  # noqa: ANN401 - a command or a group of them
    module, _, name = where.partition(":")
    return getattr(import_module(f"dialer.cli.{module}"), name)


def the_command(arguments: Sequence[str] | None = None) -> tuple[Any, list[str]]:
    """The command that is asked for, with all that it imports and its help in the person's language; its arguments."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    cli, rest = before(given)
    asked = rest[0] if rest and rest[0] in {**COMMANDS, **GROUPS} else None
    command = typer.main.get_command(build(asked))
    translate(command, cli.t)
    return command, given


def run(command: Any, arguments: Sequence[str]) -> None:  # noqa: ANN401 - its types are typer's private matter
    """Run it. Ends the process with one of :class:`dialer.cli.base.Exit`."""
    command.main(args=list(arguments), prog_name="dialer")


def before(arguments: Sequence[str]) -> tuple[Cli, list[str]]:
    """The global options as far as help needs them, before anything is parsed, and what comes after them."""
    parser = ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--config", nargs="?", type=Path)
    parser.add_argument("--lang", nargs="?")
    found, rest = parser.parse_known_args(arguments)
    return Cli(found.config, _language(found.lang)), rest


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
