"""What the day's work needs of the world, as protocols. Adapters implement them; ``dialer.app`` wires them.

All methods raise only errors of :mod:`dialer.errors`. All times are aware UTC datetimes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from dialer.campaign.changes import AlarmChange, Changes, Place
from dialer.campaign.messages import PbxMessage
from dialer.campaign.model.agent import Agent
from dialer.campaign.model.attempt import Attempt, Conversation
from dialer.campaign.model.visit import Visit


class Pbx(Protocol):
    """A PBX that places calls and tells what becomes of them.

    Messages are handed to the sink given at construction, in the order in which the PBX sent them.
    """

    async def start(self) -> None:
        """Begin connecting; return at once. A login reports ``LinkRestored`` with ``final=False``."""

    async def stop(self) -> None:
        """Close the link for good. Calls on the PBX go on."""

    async def originate(self, order: Place) -> None:
        """Put one Originate on the wire, once. Returns when it is written, not when it is answered.

        Raises :class:`~dialer.errors.LinkDown` when it surely did not leave. Once it may have left
        it is never sent again; the outcome arrives as messages.
        """

    async def hang_up(self, attempt: str) -> None:
        """End the call of ``attempt``; nothing happens when there is none. Raises ``LinkDown``."""

    async def survey(self) -> None:
        """Ask which calls of ours exist; the answer arrives as ``LinkRestored`` with ``final=True``.

        Raises ``LinkDown`` or ``LinkLost``.
        """

    async def follow_phones(self, devices: Sequence[str]) -> None:
        """Tell the state of each of these phones, and every change from now on; returns at once.

        Each gets a ``PhoneTold``, if only to say that nothing is known. Raises ``LinkDown``; a link that is lost is
        asked again.
        """

    def take_over(self) -> None:
        """Own the PBX from now on, by a person's word; returns at once.

        ``OwnerTold`` says when it does. Raises ``LinkDown``.
        """


PbxSink = Callable[[PbxMessage], None]


@dataclass(slots=True)
class DaySnapshot:
    """What the store knows of one day, for the engine to start from.

    ``attempts`` are those that have not ended (of any day); ``ends`` from when, in order, the gaps after all calls to
    each number run, from the time given to ``load`` on (which of them was the last, their times alone do not say when
    the clock was set in between); ``departments`` those on the day's list; ``conversations`` are by attempt;
    ``counted`` says how many of the day's counted attempts went to a number for a visit, as number -> visit -> count.
    """

    visits: list[Visit] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    ends: dict[str, tuple[datetime, ...]] = field(default_factory=dict)
    departments: list[str] = field(default_factory=list)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    counted: dict[str, dict[int, int]] = field(default_factory=dict)
    calendar: tuple[bool, str] | None = None  # (working, name) when the day is in the calendar table


@dataclass(slots=True)
class Base:
    """What the store knows apart from days.

    ``installation`` is a short id made with the database; ``open_days`` are the days that have a
    visit which is still waiting or being called.
    """

    installation: str
    next_visit: int
    agents: list[Agent] = field(default_factory=list)
    alarms: list[AlarmChange] = field(default_factory=list)
    flags: dict[str, str] = field(default_factory=dict)
    open_days: list[date] = field(default_factory=list)


class DayStore(Protocol):
    """The engine's durable copy of its state."""

    async def base(self) -> Base:
        """Agents, open alarms, flags and counters."""

    async def load(self, day: date, ends_since: datetime) -> DaySnapshot:
        """Everything of ``day``; ends of calls to any number since ``ends_since``."""

    async def commit(self, changes: Changes) -> None:
        """Write ``changes`` in one transaction, durably.

        Raises :class:`~dialer.errors.StoreUnavailable` when nothing was written and trying again may
        help, :class:`~dialer.errors.GuardFailed` when the database refuses the change.
        """

    async def shops(self, visit_ids: Sequence[int]) -> dict[int, str]:
        """The customers' shops by visit id. Raises :class:`~dialer.errors.StoreError`."""

    async def customer_data(self, visit_ids: Sequence[int]) -> dict[int, str]:
        """A digest of the stored customer data by visit id, to see what an amended list changes."""
