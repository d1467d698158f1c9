"""The reasons why a customer has not been called, as codes with parameters; `explain` finds the one that holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Why(StrEnum):
    """The reasons, each with the parameters named behind it."""

    NOT_ON_LIST = "not_on_list"  # customer, day
    BY_HAND = "by_hand"  # who, at, tries, outcome
    REACHED = "reached"  # at, result
    UNREACHED = "unreached"  # counted, at
    NUMBER_SPENT = "number_spent"  # customer: for whom it was called as well, counted
    INVALID_NUMBER = "invalid_number"  # number
    WITHDRAWN = "withdrawn"  # reason
    OUT_OF_TIME = "out_of_time"  # attempts
    CALLING = "calling"  # agent, since, state
    TRANSFERRED = "transferred"  # agent, to, since
    OTHER_DAY = "other_day"  # day
    DAY_OFF = "day_off"  # note
    NOT_OPEN = "not_open"  # at
    NO_LINK = "no_link"  # since
    NOT_OWNER = "not_owner"  # machine
    PAUSED = "paused"  # by
    PROMISED = "promised"  # at
    GAP = "gap"  # until, last
    NUMBER_IN_USE = "number_in_use"  # customer
    NUMBER_GAP = "number_gap"  # until
    NO_AGENT = "no_agent"  # agent or team
    AGENT_AWAY = "agent_away"  # agent, presence, reason, since
    HELD = "held"  # kind, name, until
    PHONE = "phone"  # agent or team, phone, extension
    TRUNKS_DOWN = "trunks_down"  # until
    TRUNKS_FULL = "trunks_full"
    IN_LINE = "in_line"  # ahead, agent or team
    NEXT = "next"  # agent or team


@dataclass(frozen=True, slots=True)
class Answer:
    """The reason with its parameters; datetimes are UTC."""

    why: Why
    params: dict[str, object] = field(default_factory=dict)
