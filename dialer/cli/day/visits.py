"""`dialer visits`: the day's lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated

import typer

from dialer.campaign.commands.import_report import ImportReport, WithdrawsMany
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.visit import Result, Visit, VisitState
from dialer.campaign.views.wording import DISPOSITIONS, RESULTS, VISIT_STATES
from dialer.cli.base import Cli, Json, cli_of, plain
from dialer.cli.client import Client, change, connect, read, segment
from dialer.cli.options import (
    CustomerCode,
    DayOption,
    JsonOption,
    ListFile,
    SheetOption,
    SkipBad,
    day_or_today,
    list_in,
    moment,
)
from dialer.errors import NotFound, Refused, RowProblem
from dialer.language import N_

app = typer.Typer(help="The day's visit lists.", no_args_is_help=True)

ListName = Annotated[str, typer.Option("--list", help="Name of the list; a day can have several.")]
_NAMED = 20


@dataclass(frozen=True, slots=True)
class Line:
    """A visit as it is listed."""

    visit: Visit
    customer: Customer


@app.command("import")
def import_(
    context: typer.Context,
    file: ListFile,
    day: DayOption = None,
    name: ListName = "main",
    sheet: SheetOption = "",
    skip_bad: SkipBad = False,
    preview: Annotated[bool, typer.Option("--preview", help="Show what would change; change nothing.")] = False,
    withdraw: Annotated[
        int, typer.Option("--withdraw", min=0, metavar="COUNT", help="Confirm that so many customers are withdrawn.")
    ] = 0,
    json: JsonOption = False,
) -> None:
    """Bring the day's list in line with a file: add, update, withdraw. What has been called is never touched."""
    cli = cli_of(context)
    data = list_in(file)
    with connect(cli, changes=not preview) as client:
        query = {
            "day": day_or_today(cli, day), "list": name, "sheet": sheet, "skip_bad": skip_bad, "preview": preview,
            "withdraw": withdraw,
        }  # fmt: skip
        try:
            done = client.upload("visits", data, filename=file.name, **query)
        except Refused as error:
            if error.code == WithdrawsMany.code:
                cli.note("If that is meant, say so with --withdraw and the number.")
            raise
    report, problems = read(ImportReport, done), read(tuple[RowProblem, ...], done["problems"])
    if json:
        cli.json({**plain(report), "problems": problems})
    else:
        _tell_import(cli, report, problems)


def _tell_import(cli: Cli, report: ImportReport, problems: tuple[RowProblem, ...]) -> None:
    if report.preview:
        cli.say("Preview: nothing was changed.")
    cli.say(
        "{added} added, {updated} updated, {withdrawn} withdrawn, {restored} restored, {unchanged} unchanged.",
        added=len(report.added),
        updated=len(report.updated),
        withdrawn=len(report.withdrawn),
        restored=len(report.restored),
        unchanged=report.unchanged,
    )
    if report.kept:
        cli.say("Left as they are, because they were called or withdrawn already: {codes}", codes=_some(report.kept))
    if report.stayed:
        cli.say("Not withdrawn, because their rows were left out: {codes}", codes=_some(report.stayed))
    if report.shared:
        cli.say("Sharing a number with another customer: {codes}", codes=_some(report.shared))
    if report.doubtful:
        cli.say("The numbering plan has not assigned the number of: {codes}", codes=_some(report.doubtful))
    if report.skipped:
        cli.say("{count} bad rows were left out:", count=report.skipped)
        cli.out.print(cli.problems(problems))


def _some(codes: list[str]) -> str:
    return ", ".join(codes[:_NAMED]) + (f" ... ({len(codes)})" if len(codes) > _NAMED else "")


@app.command("list")
def list_(
    context: typer.Context,
    day: DayOption = None,
    state: Annotated[VisitState | None, typer.Option(help="Only visits in this state.")] = None,
    agent: Annotated[str | None, typer.Option(help="Only this agent's.")] = None,
    json: JsonOption = False,
) -> None:
    """Show the day's visits in list order."""
    cli = cli_of(context)
    with connect(cli) as client:
        found = [
            line
            for line in read(list[Line], client.all_of("visits", day=day_or_today(cli, day)))
            if state in (None, line.visit.state) and agent in (None, line.visit.agent)
        ]
    cli.listing(
        found, _row,
        "Place", "Customer", N_("Shop", context="column"), "Number", N_("Assigned to", context="column"), "State",
        N_("Calls", context="column"), "Last", "Due", "Result",
        json=json,
    )  # fmt: skip


def _row(cli: Cli, line: Line) -> tuple[object, ...]:
    visit = line.visit
    marks = ("*" if visit.shared else "") + ("?" if visit.doubtful else "")
    return (
        visit.order,
        visit.customer,
        line.customer.shop_name,
        visit.number + marks,
        visit.agent or visit.team,
        cli.word(VISIT_STATES, visit.state),
        visit.attempts,
        cli.word(DISPOSITIONS, visit.last),
        cli.time(visit.promised or visit.due) if visit.open else "",
        cli.word(RESULTS, visit.result),
    )


@app.command()
def withdraw(
    context: typer.Context,
    customer: CustomerCode,
    reason: Annotated[str, typer.Option(help="Why, for example 'ordered online'.")],
    day: DayOption = None,
) -> None:
    """Take a customer off the list."""
    cli = cli_of(context)
    body = {"reason": reason, "day": day_or_today(cli, day).isoformat()}
    _tell(cli, change(cli, "POST", f"customers/{segment(customer)}/withdraw", body))


@app.command("put-back")
def put_back(
    context: typer.Context,
    customer: CustomerCode,
    reason: Annotated[str, typer.Option(help="Why, for example 'withdrawn by mistake'.")],
    day: DayOption = None,
) -> None:
    """Put a customer who was withdrawn back on the list."""
    cli = cli_of(context)
    with connect(cli, changes=True) as client:
        visit = visit_of(client, customer, day_or_today(cli, day))
        _tell(cli, client.send("POST", f"visits/{visit}/put-back", {"reason": reason}))


@app.command()
def promise(
    context: typer.Context,
    customer: CustomerCode,
    time: Annotated[str, typer.Argument(metavar="TIME", help="10:30, or a date and time.")],
    day: DayOption = None,
) -> None:
    """Call a customer at a time that they named."""
    cli = cli_of(context)
    with connect(cli, changes=True) as client:
        at, visit = moment(cli, time, day), visit_of(client, customer, day_or_today(cli, day))
        _tell(cli, client.send("POST", f"visits/{visit}/promise", {"at": at.isoformat()}))


@app.command("by-hand")
def by_hand(
    context: typer.Context,
    customer: CustomerCode,
    result: Annotated[Result | None, typer.Option(help="The result; leave it out when nobody was reached.")] = None,
    who: Annotated[str, typer.Option(help="Who dialled (default: you).")] = "",
    time: Annotated[
        str, typer.Option("--at", metavar="TIME", help="When the call was made; if there were several, the last.")
    ] = "",
    tries: Annotated[int, typer.Option(min=1, max=20, help="How many calls were made.")] = 1,
    text: Annotated[str, typer.Option(help="Remarks.")] = "",
    order: Annotated[str, typer.Option(help="Number of the order, for the result ordered.")] = "",
    promised: Annotated[str, typer.Option(metavar="TIME", help="The promised time, for the result later.")] = "",
    day: DayOption = None,
) -> None:
    """Enter a manual call; the dialer does not call the customer again."""
    cli = cli_of(context)
    body = {
        "who": who,
        "at": (moment(cli, time, day) if time else datetime.now(UTC)).isoformat(),
        "tries": tries,
        "result": result,
        "text": text,
        "order": order,
        "promised": moment(cli, promised, day).isoformat() if promised else "",
    }
    with connect(cli, changes=True) as client:
        visit = visit_of(client, customer, day_or_today(cli, day))
        _tell(cli, client.send("POST", f"visits/{visit}/by-hand", body))


@app.command()
def phone(
    context: typer.Context,
    customer: CustomerCode,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The right phone number.")],
    day: DayOption = None,
) -> None:
    """Correct a customer's number; a customer with a wrong number is queued again."""
    cli = cli_of(context)
    body = {"phone": number, "day": day_or_today(cli, day).isoformat()}
    _tell(cli, change(cli, "PUT", f"customers/{segment(customer)}/phone", body))


@app.command()
def deal(
    context: typer.Context,
    customer: CustomerCode,
    agent: Annotated[str | None, typer.Option(help="Staff number of the agent.")] = None,
    team: Annotated[str | None, typer.Option(help="Name of the team.")] = None,
    day: DayOption = None,
) -> None:
    """Assign a visit to another agent or team."""
    cli = cli_of(context)
    if (agent is None) == (team is None):
        raise typer.BadParameter(cli.t("Name either --agent or --team."))
    with connect(cli, changes=True) as client:
        visit = visit_of(client, customer, day_or_today(cli, day))
        _tell(cli, client.send("POST", f"visits/{visit}/reassign", {"agent": agent, "team": team}))


def visit_of(client: Client, customer: str, day: date) -> int:
    """The id of the customer's visit of the day. Raises ``NotFound``."""
    found = client.get("visits", customer=customer, day=day)["visits"]
    if not found:
        raise NotFound(f"customer {customer} is not on the list of {day}")
    return int(found[-1]["visit"]["id"])


def _tell(cli: Cli, answer: Json) -> None:
    visit = read(Visit, answer)
    due = visit.promised or visit.due
    cli.say(
        "Customer {customer}, {number}: {state}, {whose}{due}",
        customer=visit.customer,
        number=visit.number,
        state=cli.word(VISIT_STATES, visit.state),
        whose=visit.agent or visit.team or "-",
        due=" · " + cli.time(due) if due and visit.open else "",
    )
