"""What a result asks of whoever enters it: of an agent after a conversation, and for a manual call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dialer.campaign.visit import Result


class Need(StrEnum):
    """What may not be missing."""

    ORDER = "order"
    TEXT = "text"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class ResultRule:
    """``final``: it takes effect when the conversation is over, and cannot be taken back."""

    needs: Need | None = None
    final: bool = False


RULES: Mapping[Result, ResultRule] = {
    Result.ORDERED: ResultRule(Need.ORDER),
    Result.NOT_NEEDED: ResultRule(),
    Result.LATER: ResultRule(Need.TIME),
    Result.WRONG_NUMBER: ResultRule(final=True),
    Result.REFUSED: ResultRule(),
    Result.NOT_UNDERSTOOD: ResultRule(),
    Result.FEEDBACK: ResultRule(Need.TEXT),
}

MISSING: Mapping[Need, tuple[str, str]] = {
    Need.ORDER: ("order-missing", "the result 'ordered' needs the number of the order"),
    Need.TEXT: ("text-missing", "a complaint or an opinion needs its text"),
    Need.TIME: ("promise-missing", "the result 'later' needs the time that was promised"),
}
"""A stable code, and what to say when it is missing."""


def lacking(result: Result | None, *, order: str, text: str, time: datetime | None) -> Need | None:
    """What the result needs and does not have."""
    need = None if result is None else RULES[result].needs
    given = {None: True, Need.ORDER: bool(order), Need.TEXT: bool(text), Need.TIME: time is not None}
    return None if given[need] else need
