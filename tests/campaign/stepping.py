"""The rules without a loop: a state, its store and a clock that moves only when it is told to."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from dialer.campaign.calls.trunks import got_through
from dialer.campaign.changes import Changes, FollowPhones, Intent, NoticeKind, Place
from dialer.campaign.commands.import_report import ImportReport
from dialer.campaign.config import CampaignConfig
from dialer.campaign.messages import (
    CallEvent,
    CallProgress,
    Command,
    ImportList,
    LinkLost,
    LinkRestored,
    LiveCall,
    Message,
    PhoneTold,
    SaveAgent,
    SetPresence,
    SetResult,
)
from dialer.campaign.model.agent import Agent, Presence
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.customer import ListRow, VisitList
from dialer.campaign.model.evidence import Disposition, Evidence
from dialer.campaign.model.link import MAIN_PBX
from dialer.campaign.model.phone import PhoneState
from dialer.campaign.model.visit import Result, Visit
from dialer.campaign.recorder import Recorder
from dialer.campaign.state import State
from dialer.campaign.step import Failure, Outcome, next_due, step
from dialer.campaign.views.explain import why
from dialer.campaign.views.why import Answer
from dialer.errors import Refused
from tests.campaign.days import MONDAY, at, config, row
from tests.virtual.memory_store import MemoryStore


def at_once(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that never waits."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waited for something")


class Room:
    """Agents 001, 002 ..., a list, a link that is up; every step is committed to a store with guards."""

    def __init__(
        self,
        *rows: ListRow,
        agents: int = 1,
        teams: dict[str, str] | None = None,
        conf: CampaignConfig | None = None,
        now: datetime | None = None,
        ready: bool = True,
        linked: bool = True,
    ) -> None:
        self.config = conf or config()
        self.store = MemoryStore("dx")
        self.now = now or at(8)
        self.intents: list[Intent] = []
        self.phones: dict[str, PhoneState] = {}
        self.changes = Changes()
        self.state = self._load()
        for n in range(1, agents + 1):
            number = f"{n:03}"
            team = (teams or {}).get(number)
            self.ask(SaveAgent(by="test", number=number, name="", extension=f"PJSIP/{number}", team=team))
            if ready:
                self.ready(number)
        if rows:
            self.import_rows(*rows)
        if linked:
            self.do(LinkRestored(self.now, ()))

    # -- time ------------------------------------------------------------------------------------

    def do(self, *messages: Message) -> Outcome:
        """One step at the present time."""
        digests: dict[int, str] = {}
        for message in messages:
            if isinstance(message, ImportList) and message.day in self.state.days:
                digests = at_once(self.store.customer_data(list(self.state.days[message.day].visits)))
        outcome = step(self.state, self.now, messages, digests)
        at_once(self.store.commit(outcome.changes))
        asked = [i for i in outcome.intents if isinstance(i, FollowPhones)]
        outcome.intents = [i for i in outcome.intents if not isinstance(i, FollowPhones)]
        if asked:  # the PBX answers at once
            devices = [(device, ask.pbx) for ask in asked for device in ask.devices]
            told = [PhoneTold(self.now, each, self.phones.get(each, PhoneState.UNSAID), pbx) for each, pbx in devices]
            answered = step(self.state, self.now, told, {})
            at_once(self.store.commit(answered.changes))
            outcome.intents += answered.intents
        self.intents, self.changes = outcome.intents, outcome.changes
        return outcome

    def phone(self, state: PhoneState, device: str = "PJSIP/001") -> Outcome:
        """A phone comes, goes, or is used."""
        self.phones[device] = state
        return self.do(PhoneTold(self.now, device, state))

    def ask(self, command: Command) -> Any:
        """The reply to a command. Raises what the rules refuse it with."""
        reply = self.do(command).replies[0]
        if isinstance(reply, Refused):
            raise reply
        if isinstance(reply, Failure):
            raise reply.error
        return reply

    def wait(self, seconds: float = 0, minutes: float = 0) -> list[Intent]:
        """Let time pass, with a step whenever one is due; all intents on the way."""
        until = self.now + timedelta(seconds=seconds, minutes=minutes)
        found: list[Intent] = []
        while (due := next_due(self.state, self.now)) is not None and due <= until:
            self.now = max(self.now, due)
            self.do()
            found += self.intents
        self.now = until
        self.do()
        self.intents = found + self.intents
        return self.intents

    def wait_until(self, when: datetime) -> list[Intent]:
        """Let time pass until ``when``."""
        return self.wait((when - self.now).total_seconds())

    def restart(self) -> None:
        """Kill the dialer and start it on what the store has; there is no link yet."""
        self.state = self._load()

    def _load(self) -> State:
        base = at_once(self.store.base())
        state = State(self.config, base, self.now)
        for day in sorted({*base.open_days, self.config.hours.day_of(self.now)}):
            state.open_day(day, at_once(self.store.load(day, state.ends_since(self.now))), self.now)
        return state

    def open_day(self, day: date) -> None:
        """Load a day to come, as the engine does for an import."""
        self.state.open_day(day, at_once(self.store.load(day, self.now)), self.now)

    # -- looking ---------------------------------------------------------------------------------

    def visit(self, n: int = 1, day: date = MONDAY) -> Visit:
        """The visit of customer ``C000n``."""
        found = self.state.days[day]
        return found.visits[found.by_customer[f"C{n:04}"]]

    def live(self, n: int = 1) -> Attempt:
        """The call that customer ``n`` has now."""
        return self.state.attempts[self.visit(n).attempt or ""]

    def calls(self) -> list[str]:
        """The customers who are being called, by time."""
        return [a.customer for a in sorted(self.state.attempts.values(), key=lambda a: a.placed_at)]

    def placed(self) -> list[Place]:
        """The Originates of the last step or wait."""
        return [i for i in self.intents if isinstance(i, Place)]

    def agent(self, number: str = "001") -> Agent:
        """An agent."""
        return self.state.agents[number]

    def notices(self, kind: NoticeKind) -> list[str]:
        """Keys of all notices of a kind."""
        return [n.key for n in self.store.notices.values() if n.kind is kind]

    def told(self, what: str) -> int:
        """How often the history has this line."""
        return sum(entry.what == what for entry in self.store.history)

    def why(self, n: int = 1) -> Answer:
        """Why customer ``n`` has not been called."""
        return why(self.state, f"C{n:04}", self.now)

    # -- people ----------------------------------------------------------------------------------

    def ready(self, number: str = "001") -> None:
        """An agent gets ready."""
        self.ask(SetPresence(by=number, agent=number, presence=Presence.READY))

    def pause(self, number: str = "001", reason: str = "") -> None:
        """An agent pauses."""
        self.ask(SetPresence(by=number, agent=number, presence=Presence.PAUSED, reason=reason))

    def sign_out(self, number: str = "001") -> None:
        """An agent leaves."""
        self.ask(SetPresence(by=number, agent=number, presence=Presence.SIGNED_OUT))

    def import_rows(self, *rows: ListRow, day: date = MONDAY, name: str = "main", **more: Any) -> ImportReport:
        """A list."""
        report = self.ask(ImportList(by="test", day=day, visits=VisitList(name, rows), **{"withdraw": 1000, **more}))
        assert isinstance(report, ImportReport)
        return report

    def result(self, attempt: Attempt | str, result: Result | None, **more: Any) -> Visit:
        """An agent enters a result."""
        name = attempt if isinstance(attempt, str) else attempt.id
        visit = self.ask(SetResult(by="001", attempt=name, result=result, **more))
        assert isinstance(visit, Visit)
        return visit

    # -- the PBX ---------------------------------------------------------------------------------

    def progress(self, attempt: Attempt | int, *signs: CallProgress, **more: Any) -> Attempt:
        """The PBX says something of a call, each sign in a step of its own."""
        call = self.live(attempt) if isinstance(attempt, int) else attempt
        for sign in signs:
            self.do(CallEvent(call.id, sign, self.now, **more))
        return call

    def hang_up(self, attempt: Attempt | int, cause: int = 16, sip: int | None = 200, status: str = "") -> Attempt:
        """The customer's channel is gone."""
        return self.progress(attempt, CallProgress.HUNG_UP, cause=cause, sip=sip, status=status)

    def miss(self, n: int = 1, sip: int = 486, cause: int = 17, *, rang: bool = False) -> Attempt:
        """The customer is not reached: busy, or what ``sip`` says."""
        if rang:
            self.progress(n, CallProgress.RINGING)
        call = self.progress(n, CallProgress.RESPONDED, reason=0)
        return self.hang_up(call, cause=cause, sip=sip)

    def refute(self, n: int = 1) -> Attempt:
        """The customer's number does not exist, by a trunk that says something else of another one."""
        call = self.miss(n, sip=404, cause=1)
        other = replace(call, id="other", number=f"{call.number}0", visit=0, evidence=Evidence(ringing=True))
        self.state.out = Recorder()
        got_through(self.state, other, self.now)
        at_once(self.store.commit(self.state.out.finish()))
        return call

    def fail(self, n: int = 1) -> Attempt:
        """A failure of our own side: 503."""
        return self.miss(n, sip=503, cause=34)

    def connect(self, n: int = 1) -> Attempt:
        """The customer answers and the agent picks up."""
        return self.progress(
            n, CallProgress.RINGING, CallProgress.ANSWERED, CallProgress.AGENT_RINGING, CallProgress.CONNECTED
        )

    def talk(self, n: int = 1, seconds: float = 60) -> Attempt:
        """A whole conversation."""
        call = self.connect(n)
        self.wait(seconds)
        return self.hang_up(call)

    def abandon(self, n: int = 1) -> Attempt:
        """The customer answers, the agent's phone does not."""
        call = self.progress(n, CallProgress.RINGING, CallProgress.ANSWERED, CallProgress.AGENT_RINGING)
        self.progress(call, CallProgress.AGENT_MISSED, text="NOANSWER")
        return self.hang_up(call)

    def cut(self, pbx: str = MAIN_PBX) -> None:
        """The link to a PBX is lost."""
        self.do(LinkLost(self.now, "cut", pbx))

    def link(self, *calls: tuple[Attempt, CallProgress], final: bool = True, **more: Any) -> None:
        """A PBX says which calls there are."""
        up = tuple(LiveCall(attempt.id, sign) for attempt, sign in calls)
        self.do(LinkRestored(self.now, up, final=final, **more))

    def ended(self, attempt: Attempt) -> Disposition | None:
        """How a call ended, by the store."""
        return self.store.attempts[attempt.id].disposition


def unreached() -> Room:
    """Customer 1 was called five times, and never answered."""
    room = Room(row(1))
    for _ in range(5):
        room.miss()
        room.wait(minutes=5)
    return room


def invalid() -> Room:
    """Customer 1 has a number that does not exist."""
    room = Room(row(1))
    room.refute()
    return room
