"""What every command shares: settings, language, where to print, and how errors end."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import IntEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeAlias, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from typer.core import TyperGroup

from dialer import sources
from dialer.clock import on_clock
from dialer.errors import (
    Busy,
    DialerError,
    GuardFailed,
    ListRefused,
    PbxError,
    Refused,
    RowProblem,
    SettingsError,
    StoreError,
)
from dialer.language import N_, Language, Translate, reword, translator

if TYPE_CHECKING:
    from dialer.settings import Settings

WIDE = 240
"""Columns for a reader that is no terminal: a pipe or a file gets whole lines."""
_SHOWN_PROBLEMS = 200

T = TypeVar("T")
Json: TypeAlias = Any
"""Any JSON value."""


class Exit(IntEnum):
    """What a script can tell from a command's end."""

    OK = 0  # done; all is well
    NO = 1  # the answer is no: refused, a bad list, findings, a failed check
    USAGE = 2  # the command line or the settings are wrong
    UNREACHABLE = 3  # the service, its database or the PBX cannot be reached
    FAILED = 4  # something went wrong that should not


class ServiceUnreachable(DialerError):
    """The running service cannot be reached."""

    code = "service-unreachable"


class Cli:
    """One run of the command line: its global options, and what follows from them."""

    def __init__(self, config: Path | None = None, language: Language | None = None) -> None:
        self._config = config
        self._language = language
        self.out, self.err = _console(sys.stdout), _console(sys.stderr)
        """For answers, and for everything else."""

    @cached_property
    def settings(self) -> Settings:
        """The settings, read when the first command needs them. Raises ``SettingsError``."""
        from dialer.settings import load  # a command beside a running service does without: see dialer.sources

        return load(self._config)

    @cached_property
    def data(self) -> Path:
        """The data folder. Raises ``SettingsError``."""
        return Path(str(self._values.get("data", sources.DATA)))

    @cached_property
    def zone(self) -> ZoneInfo:
        """The department's time zone. Raises ``SettingsError``."""
        try:
            return ZoneInfo(str(self._said("hours", "zone") or sources.ZONE))
        except (ZoneInfoNotFoundError, ValueError):
            return self.settings.zone  # which says what is wrong with it

    @cached_property
    def _values(self) -> Mapping[str, Any]:
        return sources.with_environment(sources.read(sources.find(self._config)), ("data", "hours", "web"))

    def _said(self, section: str, name: str) -> object:
        found = self._values.get(section)
        return found.get(name) if isinstance(found, Mapping) else None

    @cached_property
    def language(self) -> Language:
        """As asked for, else as set, else Chinese."""
        if self._language is not None:
            return self._language
        try:
            return "en" if self._said("web", "language") == "en" else "zh"
        except SettingsError:
            return "zh"

    @cached_property
    def t(self) -> Translate:
        """The words in that language."""
        return translator(self.language)

    def log_warnings(self) -> None:
        """What this process does itself, it logs to standard error, from warnings on."""
        from dialer import logs

        logs.configure(logs.LogSettings(level="warning"))

    def say(self, text: str, /, **values: object) -> None:
        """A sentence of ours for people, in their language; any other text as it stands."""
        self.out.print(self.t(text, context=None, **values), markup=False, soft_wrap=True)

    def note(self, text: str, /, **values: object) -> None:
        """The same, as a remark beside the answer."""
        self.err.print(self.t(text, context=None, **values), markup=False, soft_wrap=True)

    def json(self, value: object) -> None:
        """The answer for programs; nothing else goes to standard output."""
        sys.stdout.write(json.dumps(value, default=plain, ensure_ascii=False, indent=2) + "\n")

    def table(self, *columns: str, rows: Iterable[Iterable[object]] = (), title: str = "") -> Table:
        """A table whose column heads and title are translated here; None in a row is an empty cell."""
        table = Table(title=self.t(title) if title else None, title_justify="left", highlight=False)
        for column in columns:
            table.add_column(self.t(column), overflow="fold")
        for row in rows:
            table.add_row(*cells(*row))
        return table

    def listing(self, found: Sequence[T], row: Callable[[Cli, T], Iterable[object]], *columns: str, json: bool) -> None:
        """Records as JSON for programs, or as a table with a row for each."""
        if json:
            self.json(found)
        else:
            self.show(self.table(*columns, rows=(row(self, each) for each in found)))

    def show(self, table: Table) -> None:
        """Print a table, or say that there is nothing to show."""
        if table.row_count:
            self.out.print(table)
        else:
            self.say("Nothing found.")

    def word(self, words: Mapping[Any, str], code: str | None) -> str:
        """The word for a code; "" for none, and a code that has no word stays as it is."""
        if not code:
            return ""
        return self.t(words[code]) if code in words else str(code)

    def time(self, at: datetime | None, form: str = "%H:%M:%S") -> str:
        """A moment on the department's wall clock; "" when there is none."""
        return "" if at is None else on_clock(at, self.zone).strftime(form)

    def failed(self, error: DialerError) -> Exit:
        """Tell an error in one line, or with the table of its rows."""
        own = getattr(error, "reason", None)
        said = own.text(self.language) if own else reword(str(error), self.language)
        self.note("Error: {error}", error=said)
        if isinstance(error, ListRefused) and error.problems:
            self.err.print(self.problems(error.problems))
            if len(error.problems) > _SHOWN_PROBLEMS:
                self.note("... and {more} more", more=len(error.problems) - _SHOWN_PROBLEMS)
        return exit_of(error)

    def problems(self, problems: tuple[RowProblem, ...]) -> Table:
        """Bad rows of a list, for people."""
        rows = ((p.row, p.column, p.value, reword(p.reason, self.language)) for p in problems[:_SHOWN_PROBLEMS])
        return self.table("Row", "Column", N_("Value", context="column"), "Reason", rows=rows)


def exit_of(error: DialerError) -> Exit:
    """The exit code for an error."""
    match error:
        case SettingsError():
            return Exit.USAGE
        case GuardFailed():
            return Exit.FAILED
        case ServiceUnreachable() | StoreError() | PbxError() | Busy():
            return Exit.UNREACHABLE
        case Refused():
            return Exit.NO
        case _:
            return Exit.FAILED


class Commands(TyperGroup):
    """The root: an error of ours ends a command with a line and its exit code, never with a traceback."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - its types are typer's private matter
        """Run the command."""
        try:
            return super().invoke(ctx)
        except DialerError as error:
            cli = ctx.obj if isinstance(ctx.obj, Cli) else Cli()
            raise typer.Exit(cli.failed(error)) from error


def cli_of(context: typer.Context) -> Cli:
    """The run that a command belongs to."""
    cli = context.find_root().obj
    assert isinstance(cli, Cli)
    return cli


def cells(*values: object) -> list[str]:
    """Values as cells of a table; None is empty."""
    return [escape("" if value is None else str(value)) for value in values]


_KEYS = {"progress": "sign"}
_UNTOLD = frozenset({"pbx"})  # there is one; the API does not tell it either


def plain(value: object) -> Json:
    """For json.dumps: a record as a dict under the keys that scripts know, a time as ISO 8601, a path as text."""
    if is_dataclass(value) and not isinstance(value, type):
        told = (field.name for field in fields(value) if field.name not in _UNTOLD)
        return {_KEYS.get(name, name): getattr(value, name) for name in told}
    match value:
        case date():
            return value.isoformat()
        case set() | frozenset():
            return list(value)
        case _:
            return str(value)


def _console(stream: TextIO) -> Console:
    width = None if stream.isatty() else WIDE
    return Console(file=stream, width=width, highlight=False)
