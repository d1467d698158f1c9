"""`dialer tokens`: who may use the HTTP interface."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from dialer.cli.base import Cli, cli_of
from dialer.cli.client import change, look_up, segment
from dialer.cli.options import JsonOption
from dialer.language import N_

app = typer.Typer(help="API tokens of neighbouring systems.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Who uses the token, for example order-system.")]


class Scope(StrEnum):
    """What a token may do. None includes another."""

    READ = "read"
    OPERATE = "operate"
    ORDERS = "orders"
    RECORDINGS = "recordings"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Token:
    """An API token as it is listed; the token itself is shown once, when it is made."""

    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    revoked: bool


@app.command()
def create(
    context: typer.Context,
    name: Name,
    scope: Annotated[list[Scope], typer.Option(help="What it may do; can be repeated.")],
) -> None:
    """Create a token. It is shown only once; only its hash is kept."""
    cli = cli_of(context)
    token = change(cli, "POST", "tokens", {"name": name, "scopes": list(dict.fromkeys(scope))})["token"]
    cli.note("This is shown only once:")
    cli.say(token)


@app.command("list")
def list_(context: typer.Context, json: JsonOption = False) -> None:
    """Show all tokens by name."""
    cli = cli_of(context)
    tokens = look_up(cli, list[Token], "tokens")
    columns = N_("Name", context="column"), N_("Scopes"), N_("Since", context="column"), N_("State")
    cli.listing(tokens, _row, *columns, json=json)


def _row(cli: Cli, token: Token) -> tuple[object, ...]:
    state = cli.t("revoked", context="token") if token.revoked else cli.t("valid")
    return token.name, ", ".join(token.scopes), cli.time(token.created_at, "%Y-%m-%d %H:%M"), state


@app.command()
def revoke(context: typer.Context, name: Name) -> None:
    """Revoke a token at once."""
    cli = cli_of(context)
    change(cli, "DELETE", f"tokens/{segment(name)}")
    cli.say("The token {name} is revoked.", name=name)
