"""`dialer agents`: who they are and what they are doing."""

from __future__ import annotations

from typing import Annotated

import typer

from dialer.campaign.model.agent import Agent, Presence
from dialer.campaign.views.wording import PRESENCES, hindrance
from dialer.cli.base import Cli, Json, cli_of
from dialer.cli.client import change, connect, look_up, read, segment
from dialer.cli.options import AgentNumber, JsonOption, ListFile, SheetOption, SkipBad, list_in
from dialer.errors import RowProblem
from dialer.language import N_

app = typer.Typer(help="Agents: who they are, and whether they are ready.", no_args_is_help=True)


@app.command("import")
def import_(context: typer.Context, file: ListFile, sheet: SheetOption = "", skip_bad: SkipBad = False) -> None:
    """Create or change every agent in a file; nobody is removed."""
    cli = cli_of(context)
    data = list_in(file)
    with connect(cli, changes=True) as client:
        done = client.upload("agents/import", data, filename=file.name, sheet=sheet, skip_bad=skip_bad)
    cli.say("{count} agents saved.", count=len(done["saved"]))
    if problems := read(tuple[RowProblem, ...], done["problems"]):
        cli.say("{count} bad rows were left out:", count=len({each.row for each in problems}))
        cli.out.print(cli.problems(problems))


@app.command("list")
def list_(context: typer.Context, json: JsonOption = False) -> None:
    """Show all agents."""
    cli = cli_of(context)
    agents = look_up(cli, list[Agent], "agents")
    since = N_("Since", context="column")
    cli.listing(agents, _row, "Staff number", "Name", "Extension", "Team", "Presence", since, "Reason", json=json)


def _row(cli: Cli, agent: Agent) -> tuple[object, ...]:
    presence = cli.word(PRESENCES, agent.presence)
    reason = hindrance(agent, cli.language)
    return agent.number, agent.name, agent.extension, agent.team, presence, cli.time(agent.since), reason


@app.command()
def save(
    context: typer.Context,
    number: AgentNumber,
    extension: Annotated[str, typer.Option(help="Dial string of the phone, e.g. PJSIP/8001.")],
    name: Annotated[str, typer.Option(help="Name.")] = "",
    team: Annotated[str | None, typer.Option(help="Team.")] = None,
) -> None:
    """Create an agent, or change name, phone and team."""
    cli = cli_of(context)
    body = {"name": name or number, "extension": extension, "team": team}
    _tell(cli, change(cli, "PUT", f"agents/{segment(number)}", body))


@app.command()
def ready(context: typer.Context, number: AgentNumber) -> None:
    """Make an agent ready for calls."""
    _set(context, number, Presence.READY, "")


@app.command()
def pause(
    context: typer.Context,
    number: AgentNumber,
    reason: Annotated[str, typer.Option(help="Why.")] = "",
) -> None:
    """Pause an agent."""
    _set(context, number, Presence.PAUSED, reason)


@app.command("sign-out")
def sign_out(context: typer.Context, number: AgentNumber) -> None:
    """Sign an agent out."""
    _set(context, number, Presence.SIGNED_OUT, "")


def _set(context: typer.Context, number: str, presence: Presence, reason: str) -> None:
    cli = cli_of(context)
    body = {"presence": presence, "reason": reason}
    _tell(cli, change(cli, "PUT", f"agents/{segment(number)}/presence", body))


def _tell(cli: Cli, answer: Json) -> None:
    agent = read(Agent, answer)
    presence = cli.word(PRESENCES, agent.presence)
    after = f" → {cli.word(PRESENCES, agent.after_call)}" if agent.after_call else ""
    cli.say(
        "Agent {number} {name}, {extension}: {presence}",
        number=agent.number,
        name=agent.name,
        extension=agent.extension,
        presence=presence + after,
    )
