"""What every route shares: asking the engine with patience that ends, and the day's overview."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import TypeVar

from dialer.campaign.changes import Changes
from dialer.campaign.messages import Command
from dialer.campaign.state import State
from dialer.campaign.views.now import overview
from dialer.campaign.views.overview import Overview
from dialer.errors import Busy
from dialer.web.kit.access.sessions import NotSignedIn, RightsChanged
from dialer.web.kit.access.tokens import Caller
from dialer.web.kit.access.turns import Turns
from dialer.web.kit.config import WebConfig
from dialer.web.kit.http.leaving import aside
from dialer.web.kit.http.refusals import NotAuthenticated, NotYet
from dialer.web.kit.live import Hub
from dialer.web.kit.services import Services

T = TypeVar("T")

_FRESH = timedelta(seconds=1)


class Context:
    """Made once for a server."""

    def __init__(self, services: Services, config: WebConfig) -> None:
        self.services = services
        self.config = config
        self.turns = Turns()
        # One at a time: their threads share one interpreter with the calls, which wait for each of them at each turn.
        self._pages, self._files = asyncio.Semaphore(1), asyncio.Semaphore(1)
        self.hub = Hub(config.event_backlog, config.max_streams, services.defect_found)
        self._overview: Overview | None = None
        services.engine.on_committed(self._committed)
        services.accounts.on_change(self.hub.look_again)
        services.phone_tests.on_change(lambda test: self.hub.tested(test.id))

    async def confirm(self, caller: Caller) -> None:
        """Ask again whether ``caller`` has the rights with which they were let in; for whatever took its time.

        Raises NotSignedIn, RightsChanged and NotAuthenticated.
        """
        if caller.staff is None:
            if caller.kind == "token" and await self.services.tokens.token(caller.digest) is None:
                raise NotAuthenticated("this API token was revoked")
            return
        now = self.services.accounts.holder(caller.digest)
        if now is None:
            raise NotSignedIn
        if now.rights != caller.staff.rights:
            raise RightsChanged

    async def aside(self, work: Callable[[Callable[[], bool]], T], *, file: bool = False) -> T:
        """Run long, blocking ``work`` in a thread, in its turn; its argument says whether nobody waits any more.

        Making a whole ``file`` may take many seconds: no page waits for it.
        """
        async with self._files if file else self._pages:
            return await aside(work)

    async def reading(self, file: Awaitable[T]) -> T:
        """What stands in a ``file`` that somebody sent, read in its turn."""
        async with self._files:
            return await file

    async def ask(self, command: Command, wait_s: float | None = None) -> object:
        """Have the engine carry out ``command``; its reply, once it is committed.

        Raises Refused kinds, Busy while nothing can be written, and NotYet when no answer came in ``wait_s``: the
        command is then still in line.
        """
        engine = self.services.engine
        if engine.trouble:
            raise Busy(f"nothing can be written just now ({engine.trouble}); nothing was changed")
        try:
            async with asyncio.timeout(self.config.command_s if wait_s is None else wait_s):
                return await engine.ask(command)
        except TimeoutError:
            raise NotYet from None

    @property
    def state_if_loaded(self) -> State | None:
        """The day's state, to be read only; None until it has been loaded."""
        try:
            return self.services.engine.state
        except Busy:
            return None

    def overview(self) -> Overview:
        """The day now, looked at no more often than it changes or once a second. Raises Busy before it is loaded."""
        now = self.services.clock.now()
        if self._overview is None or not now - _FRESH < self._overview.now <= now:
            self._overview = overview(self.services.engine.state, now)
        return self._overview

    def overview_if_loaded(self) -> Overview | None:
        """As :meth:`overview`; None until the day has been loaded."""
        return None if self.state_if_loaded is None else self.overview()

    def _committed(self, changes: Changes, _: datetime) -> None:
        self._overview = None
        self.hub.publish(changes)


@dataclass(frozen=True, slots=True)
class InHand:
    """What every request has in hand, for the API and for a page."""

    context: Context

    @property
    def services(self) -> Services:
        """What stands behind the routes and pages."""
        return self.context.services

    @property
    def state(self) -> State:
        """The day's state, to be read only. Raises Busy until it has been loaded."""
        return self.services.engine.state

    @property
    def now(self) -> datetime:
        """The time, UTC."""
        return self.services.clock.now()

    @property
    def zone(self) -> tzinfo:
        """The department's time zone."""
        return self.services.zone

    @property
    def today(self) -> date:
        """The day in the department's zone."""
        return self.now.astimezone(self.zone).date()

    @property
    def asker(self) -> Caller | None:
        """Who asks; None: somebody who is not signed in, for what is open to everybody."""
        raise NotImplementedError

    async def confirm(self) -> None:
        """Ask again whether they still may. Raises as :meth:`Context.confirm`."""
        if self.asker is not None:
            await self.context.confirm(self.asker)

    async def aside(self, work: Callable[[Callable[[], bool]], T], *, file: bool = False) -> T:
        """Run long, blocking work in a thread, as :meth:`Context.aside`."""
        return await self.context.aside(work, file=file)

    async def ask(self, command: Command, wait_s: float | None = None) -> object:
        """Have a command carried out, if they still may. Raises as :meth:`Context.ask` and :meth:`Context.confirm`."""
        await self.confirm()
        return await self.context.ask(command, wait_s)
