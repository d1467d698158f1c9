"""`dialer staff`: the people who sign in on the pages."""

from __future__ import annotations

import getpass
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer

from dialer.cli.base import Cli, cli_of
from dialer.cli.client import change, look_up, segment
from dialer.cli.options import AgentNumber, JsonOption
from dialer.errors import BadInput
from dialer.language import N_
from dialer.people.staff import Role

app = typer.Typer(help="Accounts of the people who sign in on the pages.", no_args_is_help=True)

RoleOption = Annotated[Role, typer.Option(help="The person's role; an agent's account has the agent's staff number.")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input instead of asking for it.")
]
Keep = Annotated[
    bool, typer.Option("--keep-password", help="The person need not choose another password at the next sign-in.")
]
Recordings = Annotated[
    bool | None, typer.Option("--recordings/--no-recordings", help="Let an administrator listen to recordings.")
]
TeamOption = Annotated[
    str | None, typer.Option(metavar="TEAM", help="For a team leader: the one team that they see (default: all).")
]


@dataclass(frozen=True, slots=True)
class Person:
    """An account as it is listed. ``recordings``: an administrator who may hear recordings."""

    number: str
    name: str
    role: Role
    team: str | None = None
    recordings: bool = False
    disabled: bool = False
    must_change: bool = True


@dataclass(frozen=True, slots=True)
class SignIn:
    """Where a person is signed in."""

    created_at: datetime
    last_seen: datetime
    address: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class Throttled:
    """Who must wait ``until`` then: an account, an address, or a person's own browser."""

    kind: str
    name: str
    tries: int
    until: datetime


@app.command()
def add(
    context: typer.Context,
    number: AgentNumber,
    role: RoleOption,
    name: Annotated[str, typer.Option(help="The person's name.")] = "",
    team: TeamOption = None,
    recordings: Recordings = None,
    keep: Keep = False,
    stdin: PasswordStdin = False,
) -> None:
    """Create an account; the password is asked for, and is never an argument."""
    cli = cli_of(context)
    about = {"number": number, "name": name, "role": role, "password": _password(cli, number, stdin)}
    change(cli, "POST", "staff", {**about, "team": team, "recordings": bool(recordings), "must_change": not keep})
    cli.say("{number} can sign in now.", number=number)


@app.command("list")
def list_(context: typer.Context, json: JsonOption = False) -> None:
    """Show all accounts by staff number."""
    cli = cli_of(context)
    people = look_up(cli, list[Person], "staff")
    cli.listing(people, _row, "Staff number", "Person", "Role", "Team", "State", json=json)


def _row(cli: Cli, person: Person) -> tuple[object, ...]:
    t = cli.t
    state = t("disabled") if person.disabled else t("must choose a password") if person.must_change else t("valid")
    return person.number, person.name, _role(cli, person), person.team, state


Force = Annotated[bool, typer.Option("--force", help="Also when nobody is left to administer.")]


@app.command()
def role(
    context: typer.Context,
    number: AgentNumber,
    role: Annotated[Role, typer.Argument(metavar="ROLE", help="agent, team_leader, supervisor or administrator.")],
    team: TeamOption = None,
    recordings: Recordings = None,
    force: Force = False,
) -> None:
    """Change a person's role; takes effect at once."""
    cli = cli_of(context)
    _change(cli, number, {"role": role, "team": team or "", "recordings": bool(recordings), "force": force})


@app.command()
def password(context: typer.Context, number: AgentNumber, keep: Keep = False, stdin: PasswordStdin = False) -> None:
    """Give a person a new password; they are signed out everywhere."""
    cli = cli_of(context)
    new = _password(cli, number, stdin)
    change(cli, "PUT", f"staff/{segment(number)}/password", {"password": new, "must_change": not keep})
    cli.say("{number} can sign in now.", number=number)


@app.command()
def disable(context: typer.Context, number: AgentNumber, force: Force = False) -> None:
    """Disable an account; whoever is signed in with it is signed out."""
    _change(cli_of(context), number, {"disabled": True, "force": force})


@app.command()
def enable(context: typer.Context, number: AgentNumber) -> None:
    """Enable a disabled account again."""
    _change(cli_of(context), number, {"disabled": False})


@app.command()
def sessions(context: typer.Context, number: AgentNumber, json: JsonOption = False) -> None:
    """Show where a person is signed in."""
    cli = cli_of(context)
    found = look_up(cli, list[SignIn], f"staff/{segment(number)}/sessions")
    columns = N_("Since", context="column"), N_("Last seen"), N_("Address", context="column"), N_("Browser")
    cli.listing(found, _session, *columns, json=json)


def _session(cli: Cli, session: SignIn) -> tuple[object, ...]:
    since, seen = (cli.time(moment, "%Y-%m-%d %H:%M") for moment in (session.created_at, session.last_seen))
    return since, seen, session.address, session.user_agent


@app.command()
def revoke(context: typer.Context, number: AgentNumber) -> None:
    """Sign a person out everywhere, at once."""
    cli = cli_of(context)
    ended = change(cli, "DELETE", f"staff/{segment(number)}/sessions")["sessions"]
    cli.say("Sessions ended: {ended}", ended=ended)


@app.command()
def throttled(context: typer.Context, json: JsonOption = False) -> None:
    """Show who must wait after too many wrong passwords."""
    cli = cli_of(context)
    found = look_up(cli, list[Throttled], "sign-in-tries")
    cli.listing(found, _wait, N_("Who"), N_("Wrong passwords"), N_("Waits until"), json=json)


def _wait(cli: Cli, each: Throttled) -> tuple[object, ...]:
    return _name(cli, each), each.tries, cli.time(each.until, "%H:%M")


def _name(cli: Cli, each: Throttled) -> str:
    if each.kind == "address":
        return cli.t("Address {address}", address=each.name)
    if each.kind == "account":
        return cli.t("Account {number}", number=each.name)
    return cli.t("Account {number}, own browser", number=each.name)


@app.command()
def unlock(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[NUMBER|ADDRESS]", help="Default: everybody.")] = None,
) -> None:
    """Forget the wrong passwords of an account, of an address, or of everybody: whoever waits may try again."""
    cli = cli_of(context)
    query = "" if name is None else f"?name={segment(name)}"
    cli.say("Wrong passwords forgotten: {tries}", tries=change(cli, "DELETE", f"sign-in-tries{query}")["tries"])


def _change(cli: Cli, number: str, what: dict[str, object]) -> None:
    change(cli, "PUT", f"staff/{segment(number)}", what)
    cli.say("Done.")


def _role(cli: Cli, person: Person) -> str:
    words = {
        Role.AGENT: cli.t("agent"),
        Role.TEAM_LEADER: cli.t("team leader"),
        Role.SUPERVISOR: cli.t("supervisor"),
        Role.ADMINISTRATOR: cli.t("administrator"),
    }
    return words[person.role] + (cli.t(", may listen to recordings") if person.recordings else "")


def _password(cli: Cli, number: str, stdin: bool) -> str:
    """From the terminal, asked for twice, or the first line of standard input. Raises ``BadInput``."""
    if stdin:
        found = sys.stdin.readline().rstrip("\r\n")
    elif not sys.stdin.isatty():
        raise BadInput(cli.t("There is no terminal to prompt on; give the password with --password-stdin."))
    else:
        found = getpass.getpass(cli.t("Password for {number}: ", number=number))
        if found != getpass.getpass(cli.t("Once more: ")):
            raise BadInput(cli.t("The two passwords differ."))
    if not found:
        raise BadInput(cli.t("The password is empty."))
    return found
