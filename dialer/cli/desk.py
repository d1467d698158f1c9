"""Where commands get their answers: the running service when there is one, else the database itself.

Commands know :class:`Desk` only. ``remote`` asks the service over HTTP; ``offline`` opens the database, which a running
service would not allow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from dialer.campaign.agent import Agent, Presence
from dialer.campaign.attempt import Attempt
from dialer.campaign.changes import CalendarChange
from dialer.campaign.intake import ImportReport
from dialer.campaign.overview import Overview
from dialer.campaign.phonetest import PhoneTest
from dialer.campaign.records import Call, CallQuery, Notice, NoticeState, Order, Story
from dialer.campaign.staff import Role
from dialer.campaign.visit import ManualCall, Visit
from dialer.cli.base import Cli
from dialer.cli.client import Client, find_service
from dialer.cli.exits import ServiceUnreachable
from dialer.errors import RowProblem


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, and what was wrong with the rows that it left out."""

    report: ImportReport
    problems: tuple[RowProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """A why-answer: its code, its parameters, and the sentence."""

    customer: str
    code: str
    sentence: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Token:
    """An API token as it is listed; the token itself is shown once, when it is made."""

    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    revoked: bool


@dataclass(frozen=True, slots=True)
class Person:
    """An account as it is listed. ``recordings``: an administrator who may hear recordings."""

    number: str
    name: str
    role: Role
    team: str | None = None
    recordings: bool = False
    disabled: bool = False
    must_change: bool = True


@dataclass(frozen=True, slots=True)
class SignIn:
    """Where a person is signed in."""

    created_at: datetime
    last_seen: datetime
    address: str
    user_agent: str


class Desk(Protocol):
    """Everything that commands ask for. Each method raises the errors of :mod:`dialer.errors`."""

    live: bool
    """Whether a service runs."""

    # -- visits
    def import_visits(
        self, data: bytes, filename: str, day: date, name: str, *, skip_bad: bool, preview: bool
    ) -> Imported: ...
    def stories(self, day: date) -> list[Story]:
        """The day's visits in list order, with attempts."""
        ...

    def story(self, customer: str, day: date) -> Story | None:
        """The customer's visit of the day with its timeline."""
        ...

    def why(self, customer: str, day: date) -> Told: ...
    def withdraw(self, customer: str, day: date, reason: str) -> Visit: ...
    def promise(self, customer: str, day: date, at: datetime) -> Visit: ...
    def enter_by_hand(self, customer: str, day: date, work: ManualCall) -> Visit: ...
    def correct_number(self, customer: str, day: date, number: str) -> Visit: ...
    def reassign(self, customer: str, day: date, agent: str | None, team: str | None) -> Visit: ...

    # -- agents and the campaign
    def agents(self) -> list[Agent]: ...
    def import_agents(self, data: bytes, filename: str) -> list[Agent]: ...
    def save_agent(self, number: str, name: str, extension: str, team: str | None) -> Agent: ...
    def set_presence(self, number: str, presence: Presence, reason: str) -> Agent: ...
    def pause(self, reason: str) -> None: ...
    def resume(self) -> None: ...
    def late_start(self, text: str) -> None: ...
    def overview(self) -> Overview: ...

    # -- the office's phones
    def test_call(self, extension: str) -> PhoneTest:
        """Have the PBX ring a phone. Raises ``ServiceUnreachable`` while no service runs."""
        ...

    def tested(self, test: str) -> PhoneTest:
        """How a test call goes on."""
        ...

    def stop_test(self, test: str) -> None: ...

    # -- calls, recordings, orders
    def books(self, since: datetime, until: datetime) -> list[Attempt]:
        """Attempts placed in [since, until)."""
        ...

    def calls(self, query: CallQuery) -> list[Call]: ...
    def hold(self, attempt: str, reason: str) -> None: ...
    def release(self, attempt: str) -> None: ...
    def reconcile(self, day: date) -> dict[str, Any]:
        """The day's reconciliation as JSON values: ``day``, ``clean``, and lists of lines."""
        ...

    def take_order(self, order: Order) -> Order: ...
    def order(self, number: str) -> Order: ...
    def open_orders(self) -> list[Order]: ...
    def resolve_order(self, number: str, attempt: str) -> Order: ...

    # -- notices, tokens, calendar
    def notices(self, state: NoticeState | None, limit: int) -> list[Notice]: ...
    def resend(self, notice: str) -> None: ...
    def tokens(self) -> list[Token]: ...
    def create_token(self, name: str, scopes: tuple[str, ...]) -> str:
        """The new token; it is shown this once."""
        ...

    def revoke_token(self, name: str) -> None: ...
    def staff(self) -> list[Person]:
        """Every account."""
        ...

    def add_staff(self, person: Person, password: str) -> None: ...
    def change_staff(self, number: str, changes: Mapping[str, Any]) -> None:
        """Change name, role, team ("" for none), recordings or disabled: what is given."""
        ...

    def set_password(self, number: str, password: str, must_change: bool) -> None: ...
    def sessions(self, number: str) -> list[SignIn]:
        """Where a person is signed in."""
        ...

    def end_sessions(self, number: str) -> int:
        """Sign a person out everywhere; how many sessions there were."""
        ...

    def calendar(self, year: int) -> list[CalendarChange]: ...
    def set_calendar_day(self, day: date, working: bool | None, name: str) -> None: ...


@contextmanager
def desk(cli: Cli, *, changes: bool = False) -> Iterator[Desk]:
    """The desk to ask; ``changes`` says that the command changes something. Raises ``ServiceUnreachable``."""
    place = find_service(cli.settings.data)
    if place is not None:
        from dialer.cli.remote import RemoteDesk

        try:
            client = Client(place)
            client.connect()
        except ServiceUnreachable:
            if place.alive:
                raise
        else:
            with client:
                yield RemoteDesk(client, cli.language)
            return
    from dialer.cli.offline import OfflineDesk

    with OfflineDesk(cli.settings, cli.language, cli.t) as local:
        if changes:
            cli.note(cli.t("No service is running; written straight into the database."))
        else:
            cli.note(cli.t("No service is running; read from the database."))
        yield local
