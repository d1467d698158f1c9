"""Accounts for looking at the pages: one for each role, for this demonstration only."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from dialer.demo.client import Client

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is mistaken for another


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who can sign in; the password was made up a moment ago and is kept nowhere."""

    number: str
    password: str
    role: str


async def bring_staff(client: Client, agents: Sequence[str], t: dict[str, str]) -> tuple[SignIn, ...]:
    """Make the accounts; the agent's is that of the last agent: the first one has trouble with the phone."""
    people = {"team_leader": "9001", "supervisor": "9002", "administrator": "9003"}
    if agents:
        people = {"agent": agents[-1], **people}
    made = tuple(SignIn(number, _password(), role) for role, number in people.items())
    names = {agent["number"]: agent["name"] for agent in await client.get("agents")}
    for person in made:
        await client.send(
            "POST",
            "staff",
            {
                "number": person.number,
                "name": names.get(person.number) or t[person.role],
                "role": person.role,
                "password": person.password,
                "must_change": False,
            },
        )
    return made


def tell(made: Sequence[SignIn], url: str, console: Console, t: dict[str, str]) -> None:
    """Print the address and the accounts."""
    console.print(t["sign_in"].format(url=url), markup=False, soft_wrap=True)
    table = Table(highlight=False)
    for column in ("role", "staff_number", "password"):
        table.add_column(t[column])
    for person in made:
        table.add_row(t[person.role], person.number, person.password)
    console.print(table)
    console.print(t["take_over"], markup=False, soft_wrap=True)


def _password() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
