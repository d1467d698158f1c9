"""The desk when no service runs: the real engine over the real database, without a PBX."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from types import TracebackType
from typing import Any, Self, TypeVar

from dialer.app import Parts, offline
from dialer.campaign import why as reasons
from dialer.campaign import wording
from dialer.campaign.agent import Agent, Presence
from dialer.campaign.attempt import Attempt
from dialer.campaign.changes import CalendarChange
from dialer.campaign.intake import ImportReport
from dialer.campaign.messages import (
    AnnounceLateStart,
    Command,
    CorrectNumber,
    EnterManualCall,
    ImportList,
    PauseCampaign,
    Promise,
    Reassign,
    ResumeCampaign,
    SaveAgent,
    SetCalendarDay,
    SetPresence,
    Withdraw,
)
from dialer.campaign.overview import Overview, overview
from dialer.campaign.phonetest import PhoneTest
from dialer.campaign.records import Call, CallQuery, Notice, NoticeState, Order, Page, Story
from dialer.campaign.visit import ManualCall, Visit
from dialer.cli.client import person
from dialer.cli.desk import Imported, Person, SignIn, Token, Told
from dialer.cli.exits import ServiceUnreachable
from dialer.errors import NotFound
from dialer.language import Language, Translate
from dialer.settings import Settings

T = TypeVar("T")
PAGE = 1000


class OfflineDesk:
    """Owns the database while it is open. Raises ``StoreError`` when a service has it."""

    live = False

    def __init__(self, settings: Settings, language: Language, t: Translate) -> None:
        self._settings = settings
        self._language = language
        self._t = t
        self._runner = asyncio.Runner()
        spoken = settings.model_copy(update={"web": settings.web.model_copy(update={"language": language})})
        self._opened: AbstractAsyncContextManager[Parts] = offline(spoken)
        self._by = f"{person()} (dialer)"
        self._parts: Parts

    def __enter__(self) -> Self:
        try:
            self._parts = self._do(self._opened.__aenter__())
        except BaseException:
            self._runner.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._do(self._opened.__aexit__(kind, error, trace))
        finally:
            self._runner.close()

    # -- visits

    def import_visits(
        self, data: bytes, filename: str, day: date, name: str, *, skip_bad: bool, preview: bool
    ) -> Imported:
        """Read the file and bring the day's list in line with it."""
        visits = self._parts.read_visits(data, filename, name, skip_bad)
        report = self._ask(
            ImportList(by=self._by, day=day, visits=visits, preview=preview, skip_bad=skip_bad), ImportReport
        )
        return Imported(report, visits.problems)

    def stories(self, day: date) -> list[Story]:
        """The day's visits."""
        found: list[Story] = []
        while page := self._do(self._parts.call_book.stories(day, Page(PAGE, len(found)))):
            found += page
        return found

    def story(self, customer: str, day: date) -> Story | None:
        """The customer's visit with its timeline."""
        visits = self._do(self._parts.call_book.visits_of(customer, day))
        return self._do(self._parts.call_book.story(visits[-1])) if visits else None

    def why(self, customer: str, day: date) -> Told:
        """The one true line. What would wait for the PBX waits for the service."""
        parts = self._parts
        answer = reasons.why(parts.engine.state, customer, parts.clock.now(), day)
        if answer.why is reasons.Why.NOT_ON_LIST:
            story = self.story(customer, day)
            answer = (reasons.finished(story.visit) if story else None) or answer
        sentence = wording.sentence(answer, self._language, self._settings.zone)
        if answer.why is reasons.Why.NO_LINK:
            sentence = self._t("The dialer's service is not running, so nobody is called.")
        return Told(customer, answer.why, sentence, answer.params)

    def withdraw(self, customer: str, day: date, reason: str) -> Visit:
        """Take the customer off the day's list."""
        return self._ask(Withdraw(by=self._by, visit=self._visit(customer, day), reason=reason), Visit)

    def promise(self, customer: str, day: date, at: datetime) -> Visit:
        """Keep a time that the customer named."""
        return self._ask(Promise(by=self._by, visit=self._visit(customer, day), at=at), Visit)

    def enter_by_hand(self, customer: str, day: date, work: ManualCall) -> Visit:
        """What was done by hand."""
        command = EnterManualCall(
            by=self._by, visit=self._visit(customer, day), who=work.who or self._by, at=work.at, tries=work.tries,
            result=work.result, text=work.text, order=work.order, promised=work.promised,
        )  # fmt: skip
        return self._ask(command, Visit)

    def correct_number(self, customer: str, day: date, number: str) -> Visit:
        """Give the customer another number."""
        plain = self._parts.normalise(number).number
        return self._ask(CorrectNumber(by=self._by, day=day, customer=customer, number=plain), Visit)

    def reassign(self, customer: str, day: date, agent: str | None, team: str | None) -> Visit:
        """Deal the visit to another agent or team."""
        return self._ask(Reassign(by=self._by, visit=self._visit(customer, day), agent=agent, team=team), Visit)

    # -- agents and the campaign

    def agents(self) -> list[Agent]:
        """All agents by number."""
        return sorted(self._parts.engine.state.agents.values(), key=lambda agent: agent.number)

    def import_agents(self, data: bytes, filename: str) -> list[Agent]:
        """Create or change every agent in the file."""
        rows = self._parts.read_agents(data, filename)
        return [self.save_agent(row.number, row.name, row.extension, row.team) for row in rows]

    def save_agent(self, number: str, name: str, extension: str, team: str | None) -> Agent:
        """Create or change one agent."""
        return self._ask(SaveAgent(by=self._by, number=number, name=name, extension=extension, team=team), Agent)

    def set_presence(self, number: str, presence: Presence, reason: str) -> Agent:
        """Ready, paused or signed out."""
        return self._ask(SetPresence(by=self._by, agent=number, presence=presence, reason=reason), Agent)

    def pause(self, reason: str) -> None:
        """No new calls, also when the service comes."""
        self._tell(PauseCampaign(by=self._by, reason=reason))

    def resume(self) -> None:
        """Calls may go on when the service comes."""
        self._tell(ResumeCampaign(by=self._by))

    def late_start(self, text: str) -> None:
        """Tell the departments; the service delivers the notices when it comes."""
        self._tell(AnnounceLateStart(by=self._by, text=text))

    def overview(self) -> Overview:
        """The day as the books have it."""
        return overview(self._parts.engine.state, self._parts.clock.now())

    # -- the office's phones

    def test_call(self, extension: str) -> PhoneTest:
        """Only a running service has a link to the PBX."""
        raise ServiceUnreachable(self._t("The service must run to ring {extension}: dialer run", extension=extension))

    def tested(self, test: str) -> PhoneTest:
        """There are none."""
        raise NotFound(f"There is no test call {test!r}.")

    def stop_test(self, test: str) -> None:
        """There are none."""
        raise NotFound(f"There is no test call {test!r}.")

    # -- calls, recordings, orders

    def books(self, since: datetime, until: datetime) -> list[Attempt]:
        """Attempts placed in [since, until)."""
        return self._do(self._parts.call_book.attempts_between(since, until))

    def calls(self, query: CallQuery) -> list[Call]:
        """Calls that fit, newest first."""
        return self._do(self._parts.call_book.calls(query))

    def hold(self, attempt: str, reason: str) -> None:
        """Protect a recording from retention."""
        self._do(self._parts.library.hold(attempt, reason=reason, who=self._by, address="local"))

    def release(self, attempt: str) -> None:
        """Lift the hold."""
        self._do(self._parts.library.release(attempt, who=self._by, address="local"))

    def reconcile(self, day: date) -> dict[str, Any]:
        """The day's reconciliation."""
        return self._do(self._parts.reconciler.run(day)).as_json()

    def take_order(self, order: Order) -> Order:
        """Link an order to its call."""
        return self._do(self._parts.orders.take(order))

    def order(self, number: str) -> Order:
        """One order."""
        found = self._do(self._parts.order_book.order(number))
        if found is None:
            raise NotFound(f"There is no order {number!r}.")
        return found

    def open_orders(self) -> list[Order]:
        """Orders for which a person must decide."""
        found: list[Order] = []
        while page := self._do(self._parts.order_book.open_orders(Page(PAGE, len(found)))):
            found += page
        return found

    def resolve_order(self, number: str, attempt: str) -> Order:
        """A person decides."""
        return self._do(self._parts.orders.resolve(number, attempt, self._by))

    # -- notices, tokens, calendar

    def notices(self, state: NoticeState | None, limit: int) -> list[Notice]:
        """Newest first."""
        return self._do(self._parts.outbox.notices(state, Page(limit)))

    def resend(self, notice: str) -> None:
        """Make it pending again; the service sends it when it comes."""
        self._do(self._parts.outbox.resend(notice, self._parts.clock.now()))

    def tokens(self) -> list[Token]:
        """All tokens, also revoked ones."""
        return [Token(*row) for row in self._do(self._parts.tokens.tokens())]

    def create_token(self, name: str, scopes: tuple[str, ...]) -> str:
        """A new token; only its hash is kept."""
        token = "dialer_" + secrets.token_urlsafe(32)
        digest = hashlib.sha256(token.encode()).hexdigest()
        self._do(self._parts.tokens.save_token(name, digest, scopes, self._parts.clock.now()))
        return token

    def revoke_token(self, name: str) -> None:
        """From now on it opens nothing."""
        self._do(self._parts.tokens.revoke_token(name, self._parts.clock.now()))

    def staff(self) -> list[Person]:
        """Every account."""
        return [
            Person(s.number, s.name, s.role, s.team, s.recordings, s.disabled, s.must_change)
            for s in self._do(self._parts.accounts.book.everybody())
        ]

    def add_staff(self, person: Person, password: str) -> None:
        """A new account."""
        p = person
        add = self._parts.accounts.add(
            p.number, p.name, p.role, password, team=p.team, recordings=p.recordings, must_change=p.must_change
        )
        self._do(add)
        self._note("add_staff", p.number, {"role": p.role, "recordings": p.recordings})

    def change_staff(self, number: str, changes: Mapping[str, Any]) -> None:
        """Change what is given."""
        self._do(self._parts.accounts.change(number, **changes))
        self._note("change_staff", number, changes)

    def set_password(self, number: str, password: str, must_change: bool) -> None:
        """A new password; the person is signed out everywhere."""
        self._do(self._parts.accounts.set_password(number, password, must_change=must_change))
        self._note("set_password", number)

    def sessions(self, number: str) -> list[SignIn]:
        """Where a person would still be signed in."""
        found = self._do(self._parts.accounts.sessions(number))
        return [SignIn(s.created_at, s.last_seen, s.address, s.user_agent) for s in found]

    def end_sessions(self, number: str) -> int:
        """Sign a person out everywhere."""
        ended = self._do(self._parts.accounts.revoke_all(number))
        self._note("end_sessions", number)
        return ended

    def calendar(self, year: int) -> list[CalendarChange]:
        """The year's days that are in the calendar table."""
        return list(self._do(self._parts.figures.calendar(year)))

    def set_calendar_day(self, day: date, working: bool | None, name: str) -> None:
        """Make it a day off, a working day, or an ordinary day."""
        self._tell(SetCalendarDay(by=self._by, day=day, working=working, name=name))

    # -- inside

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def _ask(self, command: Command, answer: type[T]) -> T:
        found = self._do(self._parts.engine.ask(command))
        assert isinstance(found, answer), f"{type(command).__name__} was answered with {type(found).__name__}"
        return found

    def _note(self, what: str, target: str, details: Mapping[str, Any] | None = None) -> None:
        """What changes accounts is in the audit log, by whatever way it comes."""
        self._do(self._parts.accounts.note(self._by, "cli", what, target, "local", details))

    def _tell(self, command: Command) -> None:
        self._do(self._parts.engine.ask(command))

    def _visit(self, customer: str, day: date) -> int:
        visits = self._do(self._parts.call_book.visits_of(customer, day))
        if not visits:
            raise NotFound(f"customer {customer} is not on the list of {day}")
        return visits[-1]
