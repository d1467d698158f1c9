"""`dialer check`: everything that must be right before the first call, each with what to do about it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import replace

import typer

from dialer.ami.check.facts import look
from dialer.ami.lease import Owner
from dialer.campaign.model.agent import Agent
from dialer.cli.base import Cli, Exit, cells, cli_of
from dialer.cli.options import JsonOption
from dialer.cli.pbx.checks import (
    Check,
    Verdict,
    backup_checks,
    disk_checks,
    fail,
    folder_checks,
    ok,
    service_checks,
    settings_checks,
    warn,
)
from dialer.cli.pbx.ownercheck import owner_check
from dialer.cli.pbx.pbxchecks import TRUNK, devices_of, extensions_of, pbx_checks
from dialer.cli.pbx.phonechecks import endpoints_of, form_checks, silence_checks
from dialer.cli.pbx.platformcheck import platform_checks
from dialer.errors import DialerError, LoginRefused, PbxError, SettingsError, StoreOutdated
from dialer.language import N_, reword

_STYLES = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.FAIL: "bold red"}
_VERDICTS = {Verdict.OK: N_("ok"), Verdict.WARN: N_("warn"), Verdict.FAIL: N_("FAIL")}


def check(context: typer.Context, json: JsonOption = False) -> None:
    """Check settings, folders, database, PBX, clock, port and disks. Changes nothing, and calls nobody.

    Exit code 1 when a check fails.
    """
    cli = cli_of(context)
    cli.log_warnings()
    found = [replace(each, text=reword(each.text, cli.language)) for each in _all(cli)]
    worst = Verdict.FAIL if any(each.verdict is Verdict.FAIL for each in found) else Verdict.OK
    if json:
        cli.json({"ok": worst is Verdict.OK, "checks": found})
    else:
        _tell(cli, found)
    if worst is Verdict.FAIL:
        raise typer.Exit(Exit.NO)


def _all(cli: Cli) -> Iterator[Check]:
    t = cli.t
    try:
        settings = cli.settings
    except SettingsError as error:
        yield fail("settings", str(error), t("Correct the settings; config/dialer.toml explains each."))
        return
    yield ok("settings", t("understood"))
    yield from settings_checks(settings, t)
    yield from folder_checks(settings, t)
    yield from _database(cli)
    agents, owner = _known(cli)
    yield from form_checks(agents, settings.campaign().phones, t)
    yield from _pbx(cli, agents, owner)
    yield from platform_checks(settings, t)
    yield from backup_checks(settings, t)
    yield from service_checks(settings, cli.language, t)
    yield from disk_checks(settings, t)


def _database(cli: Cli) -> Iterator[Check]:
    from dialer.app.database import try_database

    settings, t = cli.settings, cli.t
    if not settings.database.exists():
        yield ok("database", t("{path} is created at the first start", path=settings.database))
        return
    try:
        asyncio.run(try_database(settings))
    except StoreOutdated:
        todo = t("Nothing: it is backed up and upgraded at the next start.")
        yield warn("database", t("{path} is of an older version", path=settings.database), todo)
    except DialerError as error:
        todo = t("Check the file and the disk; the newest good copy is next to it or among the backups.")
        yield fail("database", str(error), todo)
    else:
        yield ok("database", str(settings.database))


def _known(cli: Cli) -> tuple[list[Agent], Owner | None]:
    """Whose phones are looked at, and who we are to the PBX; nobody while the database cannot be read (see there)."""
    from dialer.app.database import known_of

    with contextlib.suppress(DialerError):
        if cli.settings.database.exists():
            return asyncio.run(known_of(cli.settings))
    return [], None


def _pbx(cli: Cli, agents: list[Agent], owner: Owner | None) -> Iterator[Check]:
    settings, t = cli.settings, cli.t
    try:
        config = settings.ami()
    except SettingsError:
        return  # told already, with what to do
    try:
        asked = look(
            config,
            devices=devices_of(settings, agents),
            extensions=extensions_of(settings),
            endpoints=endpoints_of(agents),
            owner=owner.variable(config.prefix) if owner else "",
        )
        facts = asyncio.run(asked)
    except LoginRefused as error:
        yield fail(
            "pbx",
            str(error),
            t("Load what `dialer asterisk-config --part manager` prints, then: asterisk -rx 'manager reload'"),
        )
    except PbxError as error:
        todo = t("Is Asterisk running, and does manager.conf say enabled = yes, with this port and address?")
        yield fail("pbx", str(error), todo)
    else:
        yield from pbx_checks(settings, facts, t, agents)
        yield from silence_checks(facts.rtp_timeouts, t)
        if owner is not None:
            yield owner_check(owner, facts.owner, t)


def _name(cli: Cli, each: Check) -> str:
    if each.name.startswith(TRUNK):
        return cli.t("trunk {name}", name=each.name.removeprefix(TRUNK))
    return cli.t(each.name)


def _tell(cli: Cli, found: list[Check]) -> None:
    table = cli.table("Check", "", "Found", "What to do")
    for each in found:
        style = _STYLES[each.verdict]
        name, verdict, text, todo = cells(_name(cli, each), cli.word(_VERDICTS, each.verdict), each.text, each.todo)
        table.add_row(name, f"[{style}]{verdict}[/]", text, todo)
    cli.show(table)
    fails = sum(each.verdict is Verdict.FAIL for each in found)
    warns = sum(each.verdict is Verdict.WARN for each in found)
    cli.say("{total} checks: {fails} failed, {warns} warnings.", fails=fails, warns=warns, total=len(found))
