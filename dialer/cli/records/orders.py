"""`dialer orders`: orders and the calls in which they were taken."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from dialer.campaign.model.order import Order
from dialer.campaign.views.lookup import Call
from dialer.campaign.views.recording_words import wrong
from dialer.cli.base import Cli, cli_of
from dialer.cli.client import change, connect, read, segment
from dialer.cli.options import JsonOption, moment
from dialer.cli.records.recordings import recorded
from dialer.language import N_

app = typer.Typer(help="Orders and their calls.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(metavar="ORDER", help="Order number.")]


@app.command()
def add(
    context: typer.Context,
    order: Number,
    customer: Annotated[str, typer.Option(help="Customer code.")] = "",
    at: Annotated[str | None, typer.Option(help="When it was saved (default: now).")] = None,
    call: Annotated[str | None, typer.Option(help="Id of the call, when it is known.")] = None,
    quantity: Annotated[str, typer.Option(help="Quantity.")] = "",
    amount: Annotated[str, typer.Option(help="Amount.")] = "",
) -> None:
    """Link an order to the call in which it was taken: by its id, else by customer and time."""
    cli = cli_of(context)
    saved = moment(cli, at) if at else datetime.now(UTC)
    body = {"number": order, "customer": customer, "attempt": call, "at": saved.isoformat()}
    body |= {"quantity": quantity, "amount": amount}
    _tell(cli, read(Order, change(cli, "POST", "orders", body)))


@app.command("open")
def open_(context: typer.Context, json: JsonOption = False) -> None:
    """List orders whose call a person must choose."""
    cli = cli_of(context)
    with connect(cli) as client:
        orders = read(list[Order], client.all_of("orders", open=True))
    columns = N_("Order", context="column"), N_("Customer"), N_("Time"), N_("Question"), N_("Calls", context="column")
    cli.listing(orders, _row, *columns, json=json)


def _row(cli: Cli, order: Order) -> tuple[object, ...]:
    when = cli.time(order.at, "%Y-%m-%d %H:%M:%S")
    return order.number, order.customer, when, wrong([order.open_question], cli.t), ", ".join(order.candidates)


@app.command()
def resolve(
    context: typer.Context, order: Number, call: Annotated[str, typer.Argument(metavar="CALL", help="Id of the call.")]
) -> None:
    """Choose the call in which an order was taken."""
    cli = cli_of(context)
    _tell(cli, read(Order, change(cli, "POST", f"orders/{segment(order)}/resolve", {"attempt": call})))


@app.command()
def show(context: typer.Context, order: Number, json: JsonOption = False) -> None:
    """Show an order, its call and its recording."""
    cli = cli_of(context)
    with connect(cli) as client:
        answer = client.get(f"orders/{segment(order)}")
    found, calls = read(Order, answer), read(list[Call], answer["calls"])
    if json:
        cli.json({"order": found, "calls": calls})
        return
    _tell(cli, found)
    for call in calls:
        cli.say(recorded(cli, call.attempt.id, call.recording))


def _tell(cli: Cli, order: Order) -> None:
    question = (wrong([order.open_question], cli.t), ", ".join(order.candidates))
    cli.say(
        "Order {number} of customer {customer}, {at}: call {call} {question}",
        number=order.number,
        customer=order.customer,
        at=cli.time(order.at, "%Y-%m-%d %H:%M:%S"),
        call=order.attempt or "-",
        question=": ".join(part for part in question if part),
    )
