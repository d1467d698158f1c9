"""Parts of the service that are started again when they die, while the rest goes on.

These are the relay, the ingester and the linking of orders: what they do is in the database and in folders, and they
begin with it. What is not started again ends the service, for the system to start it anew: the engine, since what it
knew of the day can no longer be trusted and calls may be under way, and what stands before everything: the database,
the settings, the address that the pages listen on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog

from dialer.campaign.messages import AlarmSink

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a part that died is let be: ``first_s``, then twice as long, up to ``longest_s``.

    One that has worked for ``healthy_s`` since is well again.
    """

    first_s: float = 1.0
    longest_s: float = 300.0
    healthy_s: float = 60.0


class Supervisor:
    """Keeps parts alive. ``alarm`` tells of one that died, and when it is well again."""

    def __init__(self, alarm: AlarmSink, patience: Patience | None = None) -> None:
        self._alarm = alarm
        self._patience = patience or Patience()
        self._died: dict[str, str] = {}

    def died(self) -> dict[str, str]:
        """The parts that died and are not well again yet: why, by name."""
        return dict(self._died)

    async def keep(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run ``work`` until cancelled, again and again."""
        patience, loop = self._patience, asyncio.get_running_loop()
        wait = patience.first_s
        while True:
            well = loop.call_later(patience.healthy_s, self._is_well, name)
            try:
                await work()
                why = "it ended by itself"
            except Exception as error:
                why = f"{type(error).__name__}: {error}"
                log.exception("a part died; it is started again", action="app.part_died", part=name)
            finally:
                well.cancel()
            if name not in self._died:
                wait = patience.first_s
                self._alarm(f"part:{name}", f"the part '{name}' died and is started again: {why}")
            self._died[name] = why
            await asyncio.sleep(wait)
            wait = min(2 * wait, patience.longest_s)

    def _is_well(self, name: str) -> None:
        if self._died.pop(name, None) is not None:
            self._alarm(f"part:{name}", "")
            log.info("a part that had died works again", action="app.part_well", part=name)
