"""The life of the link: connect, log in, keep watch, notice the loss, wait, begin again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

import structlog

from dialer.ami.config import AmiConfig
from dialer.ami.protocol import Fields
from dialer.ami.session import Session
from dialer.errors import LinkDown, LoginRefused, PbxError

log = structlog.get_logger(__name__)


class LinkState(StrEnum):
    """How the link is."""

    CONNECTING = "connecting"
    UP = "up"
    WAITING = "waiting"  # for the next attempt to connect
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """How the link is, and what is wrong while it is not up ("" when nothing is known to be wrong).

    ``lag_s`` is how long the PBX took to answer the last ping of this session.
    """

    state: LinkState
    error: str = ""
    error_code: str = ""
    lag_s: float | None = None


class Link:
    """Keeps one session at a time. Nothing is ever carried over from one to the next.

    ``on_up`` is awaited after each login, before :attr:`session` can be used by others; it may raise a
    :class:`PbxError`, which ends that session. ``on_down`` is told once per outage: when a session that was up is
    lost, and when at the very start none comes about.
    """

    def __init__(
        self,
        config: AmiConfig,
        *,
        on_message: Callable[[Fields], None],
        on_up: Callable[[Session], Awaitable[None]],
        on_down: Callable[[str], None],
    ) -> None:
        self._config = config
        self._on_message = on_message
        self._on_up = on_up
        self._on_down = on_down
        self._told_down = False
        self._said = ("", 0.0)
        self._session: Session | None = None
        self._task: asyncio.Task[None] | None = None
        self.status = LinkStatus(LinkState.STOPPED)

    def start(self) -> None:
        """Begin; return at once."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="ami-link")

    async def stop(self) -> None:
        """End for good, within about a second, whatever is under way."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait((task,))
        self.status = LinkStatus(LinkState.STOPPED)

    @property
    def session(self) -> Session:
        """The session in use. Raises :class:`LinkDown`."""
        if self._session is None or not self._session.usable:
            raise LinkDown(self.status.error or None)
        return self._session

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        failures, refused = 0, False
        while True:
            self.status = LinkStatus(LinkState.CONNECTING, self.status.error, self.status.error_code)
            began = loop.time()
            error: PbxError
            try:
                error = await self._one_session()
            except PbxError as told:
                error = told
            except Exception as bug:
                log.exception("the link failed in an unexpected way", action="ami.failed")
                error = LinkDown(f"unexpected: {bug!r}")
            # Refusals and other failures are counted apart: the first refusal after an outage, by a PBX that has not
            # read its users yet, is not the tenth in a row.
            alike = isinstance(error, LoginRefused) is refused and loop.time() - began <= self._config.refused_max_s
            failures, refused = failures + 1 if alike else 1, isinstance(error, LoginRefused)
            wait = self._wait(error, failures)
            self._report(error, wait)
            await asyncio.sleep(wait)

    def _wait(self, error: PbxError, failures: int) -> float:
        c = self._config
        first, most = c.reconnect_first_s, c.reconnect_max_s
        if isinstance(error, LoginRefused):
            first, most = c.refused_first_s, c.refused_max_s
        return min(first * 2.0 ** min(failures - 1, 16), max(most, first))

    def _report(self, error: PbxError, wait: float) -> None:
        self.status = LinkStatus(LinkState.WAITING, str(error), error.code)
        self._down(str(error))
        now, refused = asyncio.get_running_loop().time(), isinstance(error, LoginRefused)
        said, when = self._said
        if not refused and said == str(error) and now - when < self._config.repeat_report_s:
            return
        self._said = (str(error), now)
        (log.error if refused else log.warning)(
            "the PBX refuses our login" if refused else "no link to the PBX",
            action="ami.login_refused" if refused else "ami.link_down",
            host=self._config.host,
            port=self._config.port,
            error=str(error),
            next_try_s=wait,
        )

    async def _one_session(self) -> PbxError:
        """One session from its beginning to its loss, which is returned."""
        session = Session(self._config, self._on_message, self._lost)
        try:
            await session.open()
            await self._on_up(session)
            self._session = session
            self._told_down = False
            self._said = ("", 0.0)
            self.status = LinkStatus(LinkState.UP)
            log.info("the link to the PBX is up", action="ami.link_up", host=self._config.host, port=self._config.port)
            return await self._watch(session)
        finally:
            self._session = None
            await session.close()

    async def _watch(self, session: Session) -> PbxError:
        """Ping until the session is lost."""
        while (reason := await session.lost(self._config.ping_interval_s)) is None:
            asked = asyncio.get_running_loop().time()
            await session.ping()
            if self._session is session:
                self.status = LinkStatus(LinkState.UP, lag_s=asyncio.get_running_loop().time() - asked)
        return LinkDown(reason)

    def _lost(self, reason: str) -> None:
        """The connection is gone. At once, so that nobody takes it for usable until the task above gets its turn."""
        if self._session is not None:
            self._session = None
            self.status = LinkStatus(LinkState.CONNECTING, reason, LinkDown.code)
            self._down(reason)

    def _down(self, reason: str) -> None:
        if not self._told_down:
            self._told_down = True
            try:
                self._on_down(reason)
            except Exception:
                log.exception("nobody could be told that the link is down", action="ami.listener_failed")
