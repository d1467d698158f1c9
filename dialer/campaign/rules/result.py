"""What a result asks of whoever enters it: of an agent after a conversation, and for a manual call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dialer.campaign.model.visit import Result
from dialer.errors import BadInput


class Need(StrEnum):
    """What may not be missing."""

    ORDER = "order"
    TEXT = "text"
    PROMISE = "promise"  # the time that was promised


@dataclass(frozen=True, slots=True)
class ResultRule:
    """``told``: others are told of it, after a while in which it can be taken back."""

    needs: Need | None = None
    told: bool = False


RULES: Mapping[Result, ResultRule] = {
    Result.ORDERED: ResultRule(Need.ORDER),
    Result.NOT_NEEDED: ResultRule(),
    Result.LATER: ResultRule(Need.PROMISE),
    Result.WRONG_NUMBER: ResultRule(told=True),
    Result.REFUSED: ResultRule(),
    Result.NOT_UNDERSTOOD: ResultRule(),
    Result.FEEDBACK: ResultRule(Need.TEXT, told=True),
}


class Incomplete(BadInput):
    """A result lacks what it needs."""

    def __init__(self, need: Need, message: str) -> None:
        super().__init__(message)
        self.need = need


def check_complete(result: Result | None, *, order: str, text: str, promised: datetime | None) -> None:
    """Raises :class:`Incomplete` when the result needs something that is not there."""
    need = None if result is None else RULES[result].needs
    if need is Need.ORDER and not order:
        raise Incomplete(need, "the result 'ordered' needs the number of the order")
    if need is Need.TEXT and not text:
        raise Incomplete(need, "a complaint or an opinion needs its text")
    if need is Need.PROMISE and promised is None:
        raise Incomplete(need, "the result 'later' needs the time that was promised")
