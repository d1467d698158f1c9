"""Who gets which notice: routes by kind, and chat or mail through Apprise."""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from dialer.campaign.changes import NoticeKind
from dialer.errors import DeliveryFailed, SettingsError
from dialer.notices.outbox import Notice
from dialer.notices.relay import Sender
from dialer.notices.wording import Wording

_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Route:
    """A receiver and the kinds of notices that it gets; None is all."""

    sender: Sender
    kinds: frozenset[NoticeKind] | None = None

    def takes(self, kind: NoticeKind) -> bool:
        """Whether notices of this kind go here."""
        return self.kinds is None or kind in self.kinds


class Router:
    """Delivers each notice to every route that takes it; it is delivered when all have acknowledged.

    A receiver that has acknowledged is not asked again while others still fail, as long as this process lives;
    after a restart it may get the notice once more, under the same id.
    """

    def __init__(self, routes: Mapping[str, Route]) -> None:
        self._routes = dict(routes)
        self._done: OrderedDict[str, set[str]] = OrderedDict()

    async def deliver(self, notice: Notice) -> None:
        """Raises ``DeliveryFailed`` with what each receiver said that has not acknowledged yet."""
        wanted = [name for name, route in self._routes.items() if route.takes(notice.kind)]
        if not wanted:
            raise DeliveryFailed(f"nobody takes notices of kind {notice.kind}: add a receiver in the settings")
        done = self._done.setdefault(notice.id, set())
        failures: dict[str, DeliveryFailed] = {}

        async def leg(name: str) -> None:
            try:
                await self._routes[name].sender.deliver(notice)
            except DeliveryFailed as failure:
                failures[name] = failure
            else:
                done.add(name)

        async with asyncio.TaskGroup() as legs:
            for name in wanted:
                if name not in done:
                    legs.create_task(leg(name), name=f"notice-{name}")
        if not failures:
            self._done.pop(notice.id, None)
            return
        while len(self._done) > _REMEMBERED:
            self._done.popitem(last=False)
        raise DeliveryFailed(
            "; ".join(f"{name}: {failure}" for name, failure in failures.items()),
            permanent=all(failure.permanent for failure in failures.values()),
            retry_after_s=_longest(failures),
        )


def _longest(failures: Mapping[str, DeliveryFailed]) -> float | None:
    """The longest wait asked for, unless somebody who asked for none still needs the notice."""
    waits = [failure.retry_after_s for failure in failures.values() if not failure.permanent]
    return None if not waits or None in waits else max(wait for wait in waits if wait is not None)


class AppriseSender:
    """Sends a notice as one sentence to one Apprise address: WeCom, DingTalk, Feishu, mail and so on."""

    def __init__(self, address: str, wording: Wording, place: int = 1, timeout_s: float = 20.0) -> None:
        self._wording = wording
        self._timeout_s = timeout_s
        with _quietly():
            # Takes a while to import, and few sites use it.
            import apprise

            self._apprise = apprise.Apprise()
            taken = self._apprise.add(address)
        if not taken:
            raise SettingsError(f"apprise address {place}: it cannot be used; see the address forms of Apprise")
        self._shown = f"apprise address {place} ({address.partition(':')[0]})"

    async def deliver(self, notice: Notice) -> None:
        """Send it, in a thread. Raises ``DeliveryFailed`` when the service did not take it in time."""
        title = self._wording.title(notice.kind)
        sentence = self._wording.sentence(notice.kind, notice.body)
        sending = asyncio.to_thread(self._apprise.notify, body=sentence, title=title)
        try:
            taken = bool(await asyncio.wait_for(sending, self._timeout_s))
        except TimeoutError as error:
            raise DeliveryFailed(f"{self._shown} did not take the notice within {self._timeout_s:g} s") from error
        if not taken:
            raise DeliveryFailed(f"{self._shown} did not take the notice")


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep Apprise from logging an address that it cannot read, secrets and all, and its imports from warning."""
    logger = logging.getLogger("apprise")
    was, logger.disabled = logger.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        logger.disabled = was
