"""What the engine was asked for: a batch of it on its way through a step, and the replies."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from dialer.campaign.messages import Message
from dialer.campaign.state import Deed
from dialer.campaign.step import Failure, Outcome
from dialer.errors import Busy, Defect, DialerError, GuardFailed, Refused, new_defect

log = structlog.get_logger(__name__)

Asked = tuple[Message, asyncio.Future[object] | None]


@dataclass(slots=True)
class Work:
    """What a step is given, and whether it ``changed`` anything; ``spoilt`` fails, ``refusal`` is the database's."""

    batch: list[Asked]
    digests: Mapping[int, str]
    now: datetime
    spoilt: Mapping[Deed, Exception] = field(default_factory=dict)
    refusal: GuardFailed | None = None
    changed: bool = False


def answer(batch: list[Asked], outcome: Outcome) -> None:
    """Give each message its reply; what failed is logged under a name, which is in the reply too."""
    names = {deed: _logged(deed, error, batch) for deed, error in outcome.failures.items()}
    for place, ((message, future), reply) in enumerate(zip(batch, outcome.replies, strict=True)):
        if future is None or future.done():
            if isinstance(reply, Refused):
                log.error(
                    "refused what the PBX says", action="engine.odd_event", error=str(reply), message=repr(message)
                )
        elif isinstance(reply, Failure):
            expected = isinstance(reply.error, DialerError) and not isinstance(reply.error, GuardFailed)
            future.set_exception(reply.error if expected else Defect(names[place]))
        elif isinstance(reply, Refused):
            future.set_exception(reply)
        else:
            future.set_result(reply)


def refuse(asked: Iterable[Asked]) -> None:
    """Nobody waits for ever: what was asked and is not answered is not carried out."""
    for _, reply in asked:
        if reply is not None and not reply.done():
            reply.set_exception(Busy("the dialer is stopping"))


def _logged(deed: Deed, error: Exception, batch: list[Asked]) -> str:
    what = type(batch[deed][0]).__name__ if isinstance(deed, int) else str(deed or "dialling")
    name = new_defect()
    log.error("left out, for it failed", action="engine.defect", defect=name, what=what, exc_info=error)
    return name
