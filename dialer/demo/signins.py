"""Accounts for looking at the pages: one for each role, for this demonstration only."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from dialer.demo.client import Client
from dialer.language import N_, Translate

_ROLES = {
    "agent": N_("agent"),
    "team_leader": N_("team leader"),
    "supervisor": N_("supervisor"),
    "administrator": N_("administrator"),
}
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is mistaken for another


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who can sign in; the password was made up a moment ago and is kept nowhere."""

    number: str
    password: str
    role: str


async def bring_staff(client: Client, agents: Sequence[str], t: Translate) -> tuple[SignIn, ...]:
    """Make the accounts; the agent's is that of the last agent: the first one has trouble with the phone."""
    people = {"team_leader": "9001", "supervisor": "9002", "administrator": "9003"}
    if agents:
        people = {"agent": agents[-1], **people}
    made = tuple(SignIn(number, _password(), role) for role, number in people.items())
    names = {agent["number"]: agent["name"] for agent in await client.get("agents")}
    for person in made:
        name = names.get(person.number) or t(_ROLES[person.role])
        await client.send("POST", "staff", {**asdict(person), "name": name, "must_change": False})
    return made


def tell(made: Sequence[SignIn], url: str, console: Console, t: Translate) -> None:
    """Print the address and the accounts."""
    console.print(t("Pages: {url}  (accounts for this demonstration only)", url=url), markup=False, soft_wrap=True)
    table = Table(highlight=False)
    for column in (t("role"), t("staff number"), t("password")):
        table.add_column(column)
    for person in made:
        table.add_row(t(_ROLES[person.role]), person.number, person.password)
    console.print(table)
    console.print(
        t(
            "Sign in as the agent and the phone is yours: customers come while you are ready; "
            "the other agents are played."
        ),
        markup=False,
        soft_wrap=True,
    )


def _password() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
