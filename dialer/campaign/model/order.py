"""An order of the order system, and the call in which it was taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Order:
    """An order of the order system. ``attempt`` is the call in which it was taken, when that is known.

    ``open_question`` is "" or says why a person must decide; ``candidates`` are the attempts among
    which. ``source`` is "order-system" or "agent".
    """

    number: str
    customer: str
    at: datetime
    source: str
    attempt: str | None = None
    open_question: str = ""
    candidates: tuple[str, ...] = ()
    quantity: str = ""
    amount: str = ""
    by: str = ""
