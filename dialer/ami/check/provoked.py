"""Whether events reach us at all: a call into our own test context, which rings nobody, and what is told of it.

What an eventfilter lets through cannot be asked with our rights, and some that exclude match only some calls.
"""

from __future__ import annotations

import asyncio
import contextlib

from dialer.ami.actions import hang_up, ring
from dialer.ami.pbxconfig import tones_context
from dialer.ami.protocol import Fields
from dialer.ami.session import Session
from dialer.callid import for_test

PROVOKED = ("DialEnd", "DialState", "Hangup", "OriginateResponse", "UserEvent")
"""What each such call brings; FullyBooted comes with every login, and Shutdown only with a shutdown."""

_WAIT_S = 3.0


class Heard:
    """The events of a session, by name."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self._more = asyncio.Event()

    def __call__(self, message: Fields) -> None:
        """Take a message of the session."""
        self.names.add(message.get("Event", ""))
        self._more.set()

    async def all_of(self, names: tuple[str, ...], within_s: float) -> None:
        """Wait until each has been heard, at most so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not self.names.issuperset(names):
                    self._more.clear()
                    await self._more.wait()


async def provoke(session: Session, heard: Heard, prefix: str) -> tuple[str, ...]:
    """Have a call into the test context made, where nobody answers; the events of it that did not come."""
    test, context = for_test(), tones_context(prefix)
    session.write(ring(test, f"Local/s@{context}/n", _WAIT_S, context=context))
    await heard.all_of(PROVOKED, _WAIT_S)
    session.write(hang_up(test, f"check/{test}"))
    return tuple(name for name in PROVOKED if name not in heard.names)
