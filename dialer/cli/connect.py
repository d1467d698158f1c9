"""Where commands get their answers: from the running service, else from the same API in this process."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING

from dialer.cli.base import Cli
from dialer.cli.client import Client, LocalClient, find_service, person
from dialer.cli.exits import ServiceUnreachable
from dialer.errors import StoreOwned

if TYPE_CHECKING:
    from dialer.app.local import Connect

_OWNED_S = 5.0
"""How long whoever has the database is waited for: a service that starts, or another command."""
_LOOK_S = 0.1


@contextmanager
def connect(cli: Cli, *, changes: bool = False) -> Iterator[Client]:
    """The API; ``changes`` says that the command changes something. Raises ``ServiceUnreachable``, ``StoreError``."""
    with ExitStack() as stack:
        client = stack.enter_context(_client(cli, stack))
        if not client.live and changes:
            cli.note(cli.t("No service is running; written straight into the database."))
        elif not client.live:
            cli.note(cli.t("No service is running; read from the database."))
        yield client


def _client(cli: Cli, stack: ExitStack) -> Client:
    until = time.monotonic() + _OWNED_S
    while True:
        if (client := _of_service(cli)) is not None:
            return client
        try:
            return LocalClient(stack.enter_context(_local(cli)))
        except StoreOwned:
            if time.monotonic() >= until:
                raise
        time.sleep(_LOOK_S)


def _of_service(cli: Cli) -> Client | None:
    """None when there is no service, or only what one has left behind."""
    service = find_service(cli.settings.data)
    if service is None:
        return None
    client = Client(service)
    try:
        client.connect()
    except ServiceUnreachable:
        if service.alive:
            raise
        return None
    return client


def _local(cli: Cli) -> AbstractContextManager[Connect]:
    gc.disable()  # as in dialer.cli: what is imported stays
    from dialer.app.local import served  # only now: it takes as long as a whole command beside a service

    gc.enable()
    settings = cli.settings
    spoken = settings.model_copy(update={"web": settings.web.model_copy(update={"language": cli.language})})
    return served(spoken, f"{person()} (dialer)")
