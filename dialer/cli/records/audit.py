"""`dialer audit`: our records against those that somebody else wrote."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from dialer.audit.cdr import CdrCall, read_cdr
from dialer.audit.compare import AuditRule, By, audit, cannot_be_matched
from dialer.audit.report import AuditReport, Finding, FindingKind
from dialer.campaign.model.attempt import Attempt
from dialer.cli.base import Cli, Exit, cli_of, plain
from dialer.cli.client import Client, connect, read
from dialer.cli.options import JsonOption, a_day, moment, whole_day
from dialer.errors import BadInput
from dialer.language import N_, reword
from dialer.settings import Settings

Window = tuple[datetime, datetime]
_MARGIN = timedelta(hours=1)
_STEP = timedelta(days=1)

FINDINGS: dict[FindingKind, str] = {
    FindingKind.EXTRA: N_("extra"),
    FindingKind.MISSING: N_("missing", context="finding"),
    FindingKind.TOO_EARLY: N_("too early"),
    FindingKind.OVERLAP: N_("overlap"),
    FindingKind.LIMIT: N_("limit"),
    FindingKind.CONTRADICTION: N_("contradiction"),
    FindingKind.DOUBLE: N_("double"),
    FindingKind.END_DIFFERS: N_("end differs"),
    FindingKind.UNDECIDED: N_("undecided"),
    FindingKind.OTHERS: N_("others"),
}


def audit_command(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(metavar="CDR_FILE", exists=True, dir_okay=False, help="Master.csv, or a CSV with a header."),
    ],
    since: Annotated[str | None, typer.Option(help="Check only calls from this time on.")] = None,
    until: Annotated[str | None, typer.Option(help="Check only calls before this time.")] = None,
    day: Annotated[
        date | None,
        typer.Option("--date", parser=a_day, metavar="YYYY-MM-DD", help="Check only calls of this day."),
    ] = None,
    zone: Annotated[str, typer.Option(help="Time zone of the file's times, e.g. Asia/Shanghai.")] = "UTC",
    by: Annotated[
        By, typer.Option(help="How records are matched to calls: by id (our own PBX), or by number and time.")
    ] = By.AUTO,
    rewrite: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATTERN=NEW", help="Rewrite the file's numbers into the form of our records; can be repeated."
        ),
    ] = None,
    answered_only: Annotated[
        bool, typer.Option("--answered-only", help="The file has no records of unanswered calls.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Compare our records with a file of call records: extra, missing and early calls, gaps, limits.

    Exit code 1 when there are findings. Without --date, --since or --until every day in the file is checked in full.
    """
    cli = cli_of(context)
    records = read_cdr(file, _zone(cli, zone))
    window = _window(cli, records, since, until, day)
    if window is None:
        raise BadInput(cli.t("{file} has no record, and no time is given: nothing to compare.", file=file))
    rule = AuditRule(
        gap=cli.settings.campaign().rule.gap,
        limit=cli.settings.campaign().rule.limit,
        rewrite=_pairs(cli, rewrite) if rewrite else default_rewrite(cli.settings),
        by=by,
        unanswered_logged=not answered_only,
    )
    with connect(cli) as client:
        attempts = attempts_between(client, window[0] - _MARGIN, window[1] + _MARGIN)
    near = [call for call in records if window[0] - _MARGIN <= call.start < window[1] + _MARGIN]
    if cannot_be_matched(attempts, near, rule):
        raise BadInput(
            cli.t(
                "{file} can be matched by nothing: its records have neither unique ids nor the customers' numbers. If "
                "it is the Master.csv of your PBX: in cdr.conf, section [csv], set loguniqueid = yes.",
                file=file,
            )
        )
    report = audit(attempts, near, rule, window)
    if json:
        cli.json({"clean": report.clean, **plain(report)})
    else:
        _tell(cli, report)
    if not report.clean:
        raise typer.Exit(Exit.NO)


def attempts_between(client: Client, since: datetime, until: datetime) -> list[Attempt]:
    """Attempts placed in [since, until), asked for day by day."""
    found: list[Attempt] = []
    start, end = since.astimezone(UTC), until.astimezone(UTC)
    while start < end:
        stop = min(start + _STEP, end)
        found += read(list[Attempt], client.get("books", since=start.isoformat(), until=stop.isoformat()))
        start = stop
    return found


def default_rewrite(settings: Settings) -> tuple[tuple[str, str], ...]:
    """What the trunks' settings do to a number, undone: prefixes off, the local area code on."""
    prefixes = {trunk.prefix for trunk in settings.trunks if trunk.prefix}
    areas = {trunk.local_area for trunk in settings.trunks if trunk.local_area}
    local = tuple((r"^([2-8]\d{6,7})$", rf"{area}\1") for area in areas) if len(areas) == 1 else ()
    return tuple((f"^{re.escape(prefix)}", "") for prefix in sorted(prefixes, key=len, reverse=True)) + local


def _zone(cli: Cli, name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise typer.BadParameter(cli.t("There is no time zone {name}.", name=name)) from None


def _pairs(cli: Cli, texts: list[str]) -> tuple[tuple[str, str], ...]:
    pairs = []
    for text in texts:
        pattern, equals, new = text.partition("=")
        try:
            re.compile(pattern)
        except re.error as error:
            raise typer.BadParameter(f"{pattern}: {error}") from error
        if not equals:
            raise typer.BadParameter(cli.t("--rewrite needs PATTERN=NEW, for example ^9="))
        pairs.append((pattern, new))
    return tuple(pairs)


def _window(cli: Cli, records: list[CdrCall], since: str | None, until: str | None, day: date | None) -> Window | None:
    """What is judged. A day that has one record is judged whole, so that a missing call at its end is found."""
    if day is not None:
        start, end = whole_day(cli, day)
    elif records:
        days = [call.start.astimezone(cli.zone).date() for call in records]
        start, end = whole_day(cli, min(days))[0], whole_day(cli, max(days))[1]
    elif since and until:
        start = end = datetime.now(UTC)
    else:
        return None
    start = moment(cli, since) if since else start
    end = moment(cli, until) if until else end
    if start >= end:
        raise BadInput(cli.t("--since must be before --until."))
    return start, end


def _tell(cli: Cli, report: AuditReport) -> None:
    cli.say(
        "{attempts} calls in the database, {calls} in the file, {matched} matched.",
        attempts=report.attempts,
        calls=report.calls,
        matched=report.matched,
    )
    if report.clean:
        cli.say("No difference; the rule was kept.")
    else:
        cli.say("{count} findings:", count=len(report.findings))
        _table(cli, report.findings)
    if report.remarks:
        cli.say("Remarks, nothing to worry about:")
        _table(cli, report.remarks)


def _table(cli: Cli, findings: tuple[Finding, ...]) -> None:
    rows = []
    for each in findings:
        kind, when = cli.word(FINDINGS, each.kind), cli.time(each.at, "%Y-%m-%d %H:%M:%S")
        text = reword(each.text, cli.language)
        rows.append((kind, each.number, when, each.customer, each.attempt, each.line, text))
    what = N_("What", context="column")
    cli.show(cli.table(what, "Number", "Time", "Customer", "Call", "Line", "Details", rows=rows))
