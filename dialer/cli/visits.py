"""`dialer visits`: the day's lists."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from dialer.campaign.records import Story
from dialer.campaign.visit import ManualCall, Result, Visit, VisitState
from dialer.campaign.wording import DISPOSITIONS, RESULTS, VISIT_STATES
from dialer.cli.base import Cli, cells, cli_of, plain
from dialer.cli.desk import Imported, desk
from dialer.cli.options import Customer, DayOption, JsonOption, ListFile, day_or_today, list_in, moment
from dialer.cli.words import word
from dialer.language import N_

app = typer.Typer(help="The day's visit lists.", no_args_is_help=True)

ListName = Annotated[str, typer.Option("--list", help="Name of the list; a day can have several.")]
_NAMED = 20


@app.command("import")
def import_(
    context: typer.Context,
    file: ListFile,
    day: DayOption = None,
    name: ListName = "main",
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave bad rows out and take the others.")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Show what would change; change nothing.")] = False,
    json: JsonOption = False,
) -> None:
    """Bring the day's list in line with a file: add, update, withdraw. What has been called is never touched."""
    cli = cli_of(context)
    data = list_in(file)
    with desk(cli, changes=not preview) as at:
        done = at.import_visits(data, file.name, day_or_today(cli, day), name, skip_bad=skip_bad, preview=preview)
    if json:
        cli.json({**plain(done.report), "problems": done.problems})
    else:
        _tell_import(cli, done)


def _tell_import(cli: Cli, done: Imported) -> None:
    report, t = done.report, cli.t
    if report.preview:
        cli.say(t("Preview: nothing was changed."))
    cli.say(
        t(
            "{added} added, {updated} updated, {withdrawn} withdrawn, {restored} restored, {unchanged} unchanged.",
            added=len(report.added),
            updated=len(report.updated),
            withdrawn=len(report.withdrawn),
            restored=len(report.restored),
            unchanged=report.unchanged,
        )
    )
    if report.kept:
        cli.say(t("Left as they are, because they were called or withdrawn already: {codes}", codes=_some(report.kept)))
    if report.shared:
        cli.say(t("Sharing a number with another customer: {codes}", codes=_some(report.shared)))
    if report.doubtful:
        cli.say(t("The numbering plan has not assigned the number of: {codes}", codes=_some(report.doubtful)))
    if report.skipped:
        cli.say(t("{count} bad rows were left out:", count=report.skipped))
        cli.out.print(cli.problems(done.problems))


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
    with desk(cli) as at:
        stories = [
            story
            for story in at.stories(day_or_today(cli, day))
            if state in (None, story.visit.state) and agent in (None, story.visit.agent)
        ]
    if json:
        cli.json([{"visit": story.visit, "customer": story.customer} for story in stories])
        return
    table = cli.table(
        "Place",
        "Customer",
        N_("Shop", context="column"),
        "Number",
        N_("Assigned to", context="column"),
        "State",
        N_("Calls", context="column"),
        "Last",
        "Due",
        "Result",
    )
    for story in stories:
        table.add_row(*_row(cli, story))
    cli.show(table)


def _row(cli: Cli, story: Story) -> list[str]:
    visit = story.visit
    marks = ("*" if visit.shared else "") + ("?" if visit.doubtful else "")
    return cells(
        visit.order,
        visit.customer,
        story.customer.shop_name,
        visit.number + marks,
        visit.agent or visit.team,
        word(VISIT_STATES, visit.state, cli.t),
        visit.attempts,
        word(DISPOSITIONS, visit.last, cli.t),
        cli.time(visit.promised or visit.due) if visit.open else "",
        word(RESULTS, visit.result, cli.t),
    )


@app.command()
def withdraw(
    context: typer.Context,
    customer: Customer,
    reason: Annotated[str, typer.Option(help="Why, for example 'ordered online'.")],
    day: DayOption = None,
) -> None:
    """Take a customer off the list."""
    cli = cli_of(context)
    with desk(cli, changes=True) as at:
        _tell(cli, at.withdraw(customer, day_or_today(cli, day), reason))


@app.command()
def promise(
    context: typer.Context,
    customer: Customer,
    time: Annotated[str, typer.Argument(metavar="TIME", help="10:30, or a date and time.")],
    day: DayOption = None,
) -> None:
    """Call a customer at a time that they named."""
    cli = cli_of(context)
    with desk(cli, changes=True) as at:
        _tell(cli, at.promise(customer, day_or_today(cli, day), moment(cli, time, day)))


@app.command("by-hand")
def by_hand(
    context: typer.Context,
    customer: Customer,
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
    work = ManualCall(
        who=who,
        at=moment(cli, time, day) if time else datetime.now(UTC),
        tries=tries,
        result=result,
        text=text,
        order=order,
        promised=moment(cli, promised, day) if promised else None,
    )
    with desk(cli, changes=True) as at:
        _tell(cli, at.enter_by_hand(customer, day_or_today(cli, day), work))


@app.command()
def phone(
    context: typer.Context,
    customer: Customer,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The right phone number.")],
    day: DayOption = None,
) -> None:
    """Correct a customer's number; a customer with a wrong number is queued again."""
    cli = cli_of(context)
    with desk(cli, changes=True) as at:
        _tell(cli, at.correct_number(customer, day_or_today(cli, day), number))


@app.command()
def deal(
    context: typer.Context,
    customer: Customer,
    agent: Annotated[str | None, typer.Option(help="Staff number of the agent.")] = None,
    team: Annotated[str | None, typer.Option(help="Name of the team.")] = None,
    day: DayOption = None,
) -> None:
    """Assign a visit to another agent or team."""
    cli = cli_of(context)
    if (agent is None) == (team is None):
        raise typer.BadParameter(cli.t("Name either --agent or --team."))
    with desk(cli, changes=True) as at:
        _tell(cli, at.reassign(customer, day_or_today(cli, day), agent, team))


def _tell(cli: Cli, visit: Visit) -> None:
    due = visit.promised or visit.due
    cli.say(
        cli.t(
            "Customer {customer}, {number}: {state}, {whose}{due}",
            customer=visit.customer,
            number=visit.number,
            state=word(VISIT_STATES, visit.state, cli.t),
            whose=visit.agent or visit.team or "-",
            due=" · " + cli.time(due) if due and visit.open else "",
        )
    )
