"""`dialer test-call`: ring a phone, and tell what becomes of it while it does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated

import typer

from dialer.cli.base import Cli, Exit, ServiceUnreachable, cli_of
from dialer.cli.client import Client, connect, read, segment
from dialer.cli.options import JsonOption
from dialer.errors import LinkLost
from dialer.phonetests.model import Finding, PhoneTest
from dialer.phonetests.words import cause, said, todo

_LOOK_S = 0.1
_LONGEST_S = 120.0
"""The service ends every test call much sooner."""


def ring_phone(
    context: typer.Context,
    extension: Annotated[str, typer.Argument(metavar="EXTENSION", help="Dial string, e.g. PJSIP/8001, or 8001.")],
    json: JsonOption = False,
) -> None:
    """Ring an office phone, play three tones on it and report what happens. No customer is called."""
    cli = cli_of(context)
    with connect(cli) as client:
        if not client.live:
            raise ServiceUnreachable(cli.t("The service must run to ring {extension}: dialer run", extension=extension))
        for test in _followed(client, extension):
            if not json:
                _tell(cli, test)
    if json:
        cli.json(test)
    raise typer.Exit(Exit.OK if test.finding is Finding.WORKS else Exit.NO)


def _followed(client: Client, extension: str) -> Iterator[PhoneTest]:
    """The test call, each time that it has changed; it is hung up when nobody wants to see it any more."""
    until = time.monotonic() + _LONGEST_S
    test = read(PhoneTest, client.send("POST", "test-calls", {"extension": extension}))
    try:
        yield test
        while test.finding is None:
            if time.monotonic() > until:
                raise LinkLost("the service does not tell the end of the test call")
            time.sleep(_LOOK_S)
            before, test = test, read(PhoneTest, client.get(f"test-calls/{segment(test.id)}"))
            if test.stage is not before.stage:
                yield test
    except KeyboardInterrupt:
        client.send("DELETE", f"test-calls/{segment(test.id)}")
        raise


def _tell(cli: Cli, test: PhoneTest) -> None:
    at = test.ended_at or test.answered_at or test.ringing_at or test.placed_at
    evidence = cause(test)
    line = f"{cli.time(at)}  {test.extension}: {said(test, cli.language)}"
    cli.say(f"{line} ({evidence})" if evidence else line)
    if advice := todo(test, cli.language):
        cli.say(advice)
