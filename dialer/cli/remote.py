"""The desk of a running service: its HTTP API, read back into the campaign's own records.

The API's documents have the records' field names, so one reader makes them; what differs is mended here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, TypeAlias, TypeVar

from pydantic import TypeAdapter, ValidationError

from dialer.campaign.agent import Agent, Presence
from dialer.campaign.attempt import Attempt
from dialer.campaign.changes import CalendarChange, Entry
from dialer.campaign.customer import Customer
from dialer.campaign.intake import ImportReport
from dialer.campaign.messages import CallEvent
from dialer.campaign.overview import Overview
from dialer.campaign.phonetest import PhoneTest
from dialer.campaign.records import Call, CallQuery, Notice, NoticeState, Order, Recording, Story
from dialer.campaign.visit import ManualCall, Visit
from dialer.cli.client import Client, segment
from dialer.cli.desk import Imported, Person, SignIn, Token, Told
from dialer.errors import DialerError, NotFound, RowProblem
from dialer.language import Language

T = TypeVar("T")
Kind: TypeAlias = Any
"""A type or a form of one, such as list[Visit]; mypy has no name for both."""

PAGE = 1000
_STEP = timedelta(days=1)


def read(kind: type[T], document: object) -> T:
    """A record out of a JSON document; what the record does not have is left out."""
    key: Kind = kind
    try:
        found: T = _reader(key).validate_python(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DialerError(
            f"the service's answer is not understood ({where}: {first['msg']}): is it of another version than this?"
        ) from error
    return found


@cache
def _reader(kind: Kind) -> TypeAdapter[Any]:
    """Making a reader takes longer than reading a thousand records with it."""
    return TypeAdapter(kind)


class RemoteDesk:
    """Asks the service; see :class:`dialer.cli.desk.Desk`."""

    live = True

    def __init__(self, client: Client, language: Language) -> None:
        self._client = client
        self._language = language

    # -- visits

    def import_visits(
        self, data: bytes, filename: str, day: date, name: str, *, skip_bad: bool, preview: bool
    ) -> Imported:
        """Send the file."""
        query = {"filename": filename, "day": day, "list": name, "skip_bad": skip_bad, "preview": preview}
        found = self._client.ask("POST", "visits", query=query, data=data, kind="application/octet-stream")
        return Imported(read(ImportReport, found), tuple(read(list[RowProblem], found.get("problems", []))))

    def stories(self, day: date) -> list[Story]:
        """The day's visits, page by page."""
        return [_story(line) for line in self._lines(day)]

    def story(self, customer: str, day: date) -> Story | None:
        """The customer's visit with its timeline."""
        visit = self._find(customer, day)
        return None if visit is None else _story(self._client.get(f"visits/{visit}"))

    def why(self, customer: str, day: date) -> Told:
        """The service's answer, in our language."""
        found = self._client.get(f"customers/{segment(customer)}/why", day=day)
        return Told(customer, found["code"], found["sentence"][self._language], found["params"])

    def withdraw(self, customer: str, day: date, reason: str) -> Visit:
        """Take the customer off the day's list."""
        body = {"reason": reason, "day": day.isoformat()}
        return read(Visit, self._client.send("POST", f"customers/{segment(customer)}/withdraw", body))

    def promise(self, customer: str, day: date, at: datetime) -> Visit:
        """Keep a time that the customer named."""
        path = f"visits/{self._visit(customer, day)}/promise"
        return read(Visit, self._client.send("POST", path, {"at": at.isoformat()}))

    def enter_by_hand(self, customer: str, day: date, work: ManualCall) -> Visit:
        """What was done by hand."""
        body = {"who": work.who, "at": work.at.isoformat(), "tries": work.tries, "text": work.text, "order": work.order}
        body |= {"result": work.result, "promised": work.promised.isoformat() if work.promised else ""}
        return read(Visit, self._client.send("POST", f"visits/{self._visit(customer, day)}/by-hand", body))

    def correct_number(self, customer: str, day: date, number: str) -> Visit:
        """Give the customer another number."""
        body = {"phone": number, "day": day.isoformat()}
        return read(Visit, self._client.send("PUT", f"customers/{segment(customer)}/phone", body))

    def reassign(self, customer: str, day: date, agent: str | None, team: str | None) -> Visit:
        """Deal the visit to another agent or team."""
        path = f"visits/{self._visit(customer, day)}/reassign"
        return read(Visit, self._client.send("POST", path, {"agent": agent, "team": team}))

    # -- agents and the campaign

    def agents(self) -> list[Agent]:
        """All agents by number."""
        return read(list[Agent], self._client.get("agents"))

    def import_agents(self, data: bytes, filename: str) -> list[Agent]:
        """Send the file."""
        query = {"filename": filename}
        found = self._client.ask("POST", "agents/import", query=query, data=data, kind="application/octet-stream")
        saved = set(found["saved"])
        return [agent for agent in self.agents() if agent.number in saved]

    def save_agent(self, number: str, name: str, extension: str, team: str | None) -> Agent:
        """Create or change one agent."""
        body = {"name": name, "extension": extension, "team": team}
        return read(Agent, self._client.send("PUT", f"agents/{segment(number)}", body))

    def set_presence(self, number: str, presence: Presence, reason: str) -> Agent:
        """Ready, paused or signed out."""
        body = {"presence": presence.value, "reason": reason}
        return read(Agent, self._client.send("PUT", f"agents/{segment(number)}/presence", body))

    def pause(self, reason: str) -> None:
        """No new calls."""
        self._client.send("POST", "campaign/pause", {"reason": reason})

    def resume(self) -> None:
        """Go on."""
        self._client.send("POST", "campaign/resume")

    def late_start(self, text: str) -> None:
        """Tell the departments."""
        self._client.send("POST", "campaign/late-start", {"text": text})

    def overview(self) -> Overview:
        """The day now."""
        found = self._client.get("progress")
        found["alarms"] = [(alarm["key"], alarm["text"], alarm["raised_at"]) for alarm in found["alarms"]]
        return read(Overview, found)

    # -- the office's phones

    def test_call(self, extension: str) -> PhoneTest:
        """Have the PBX ring a phone."""
        return read(PhoneTest, self._client.send("POST", "test-calls", {"extension": extension}))

    def tested(self, test: str) -> PhoneTest:
        """How a test call goes on."""
        return read(PhoneTest, self._client.get(f"test-calls/{segment(test)}"))

    def stop_test(self, test: str) -> None:
        """Hang it up."""
        self._client.send("DELETE", f"test-calls/{segment(test)}")

    # -- calls, recordings, orders

    def books(self, since: datetime, until: datetime) -> list[Attempt]:
        """Attempts placed in [since, until), asked for day by day."""
        found: list[Attempt] = []
        start, end = since.astimezone(UTC), until.astimezone(UTC)
        while start < end:
            stop = min(start + _STEP, end)
            found += read(list[Attempt], self._client.get("books", since=start.isoformat(), until=stop.isoformat()))
            start = stop
        return found

    def calls(self, query: CallQuery) -> list[Call]:
        """Calls that fit, newest first."""
        values = {name: getattr(query, name) for name in ("customer", "number", "agent", "order", "day", "recorded")}
        values |= {name: at.isoformat() for name in ("since", "until") if (at := getattr(query, name)) is not None}
        found = self._client.get(
            "recordings", **values, disposition=query.disposition, limit=query.page.limit, offset=query.page.offset
        )
        return read(list[Call], found)

    def hold(self, attempt: str, reason: str) -> None:
        """Protect a recording from retention."""
        self._client.send("PUT", f"recordings/{segment(attempt)}/hold", {"hold": True, "reason": reason})

    def release(self, attempt: str) -> None:
        """Lift the hold."""
        self._client.send("PUT", f"recordings/{segment(attempt)}/hold", {"hold": False})

    def reconcile(self, day: date) -> dict[str, Any]:
        """The day's reconciliation."""
        return read(dict[str, Any], self._client.get("reconciliation", day=day))

    def take_order(self, order: Order) -> Order:
        """Link an order to its call."""
        body = {
            "number": order.number,
            "customer": order.customer,
            "attempt": order.attempt,
            "at": order.at.isoformat(),
            "quantity": order.quantity,
            "amount": order.amount,
        }
        return read(Order, self._client.send("POST", "orders", body))

    def order(self, number: str) -> Order:
        """One order."""
        return read(Order, self._client.get(f"orders/{segment(number)}"))

    def open_orders(self) -> list[Order]:
        """Orders for which a person must decide."""
        found: list[Order] = []
        while page := read(list[Order], self._client.get("orders", open=True, limit=PAGE, offset=len(found))):
            found += page
            if len(page) < PAGE:
                break
        return found

    def resolve_order(self, number: str, attempt: str) -> Order:
        """A person decides."""
        return read(Order, self._client.send("POST", f"orders/{segment(number)}/resolve", {"attempt": attempt}))

    # -- notices, tokens, calendar

    def notices(self, state: NoticeState | None, limit: int) -> list[Notice]:
        """Newest first."""
        return read(list[Notice], self._client.get("notices", state=state, limit=limit))

    def resend(self, notice: str) -> None:
        """Send it again."""
        self._client.send("POST", f"notices/{segment(notice)}/resend")

    def tokens(self) -> list[Token]:
        """All tokens, also revoked ones."""
        return read(list[Token], self._client.get("tokens"))

    def create_token(self, name: str, scopes: tuple[str, ...]) -> str:
        """A new token."""
        return str(self._client.send("POST", "tokens", {"name": name, "scopes": list(scopes)})["token"])

    def revoke_token(self, name: str) -> None:
        """From now on it opens nothing."""
        self._client.send("DELETE", f"tokens/{segment(name)}")

    def staff(self) -> list[Person]:
        """Every account."""
        return read(list[Person], self._client.get("staff"))

    def add_staff(self, person: Person, password: str) -> None:
        """A new account."""
        self._client.send(
            "POST",
            "staff",
            {
                "number": person.number,
                "name": person.name,
                "role": person.role,
                "team": person.team,
                "recordings": person.recordings,
                "must_change": person.must_change,
                "password": password,
            },
        )

    def change_staff(self, number: str, changes: Mapping[str, Any]) -> None:
        """Change what is given."""
        self._client.send("PUT", f"staff/{segment(number)}", changes)

    def set_password(self, number: str, password: str, must_change: bool) -> None:
        """A new password; the person is signed out everywhere."""
        body = {"password": password, "must_change": must_change}
        self._client.send("PUT", f"staff/{segment(number)}/password", body)

    def sessions(self, number: str) -> list[SignIn]:
        """Where a person is signed in."""
        return read(list[SignIn], self._client.get(f"staff/{segment(number)}/sessions"))

    def end_sessions(self, number: str) -> int:
        """Sign a person out everywhere."""
        return int(self._client.send("DELETE", f"staff/{segment(number)}/sessions")["sessions"])

    def calendar(self, year: int) -> list[CalendarChange]:
        """The year's days that are in the calendar table."""
        return read(list[CalendarChange], self._client.get("calendar", year=year))

    def set_calendar_day(self, day: date, working: bool | None, name: str) -> None:
        """Make it a day off, a working day, or an ordinary day."""
        self._client.send("PUT", f"calendar/{day.isoformat()}", {"working": working, "name": name})

    # -- inside

    def _lines(self, day: date) -> Iterator[Mapping[str, Any]]:
        offset: int | None = 0
        while offset is not None:
            page = self._client.get("visits", day=day, limit=PAGE, offset=offset)
            yield from page["visits"]
            offset = page["next_offset"]

    def _find(self, customer: str, day: date) -> int | None:
        return next(
            (int(line["visit"]["id"]) for line in self._lines(day) if line["visit"]["customer"] == customer), None
        )

    def _visit(self, customer: str, day: date) -> int:
        visit = self._find(customer, day)
        if visit is None:
            raise NotFound(f"customer {customer} is not on the list of {day}")
        return visit


def _story(document: Mapping[str, Any]) -> Story:
    """A visit of the API with its story; its timeline is calls and history in one."""
    timeline = document.get("timeline", [])
    return Story(
        visit=read(Visit, document["visit"]),
        customer=read(Customer, document["customer"]),
        attempts=tuple(read(list[Attempt], document["attempts"])),
        calls=tuple(_call_event(line) for line in timeline if line["kind"] == "call"),
        history=tuple(_entry(line) for line in timeline if line["kind"] == "history"),
        orders=tuple(read(list[Order], document.get("orders", []))),
        recordings=tuple(read(list[Recording], document.get("recordings", []))),
    )


def _call_event(line: Mapping[str, Any]) -> CallEvent:
    return read(CallEvent, {"attempt": line["attempt"], "progress": line["what"], "at": line["at"], **line["details"]})


def _entry(line: Mapping[str, Any]) -> Entry:
    return read(Entry, {name: line[name] for name in ("at", "what", "attempt", "by", "details")})
