"""What goes wrong on a random day, and what people ask for meanwhile."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from dialer.campaign.messages import (
    AnnounceLateStart,
    CorrectNumber,
    EnterManualCall,
    HangUp,
    ImportList,
    PauseCampaign,
    Promise,
    PutBack,
    Reassign,
    ResumeCampaign,
    SaveAgent,
    SetAlarm,
    SetPresence,
    Withdraw,
)
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.customer import VisitList
from dialer.campaign.model.phone import PhoneState
from dialer.campaign.model.visit import Result
from tests.faults.virtual.day import FaultyDay
from tests.faults.virtual.pbx import Silence
from tests.faults.virtual.plan import Plan
from tests.virtual.day import VirtualDay

HOUR = timedelta(hours=1)
WHILE_S = 180.0
"""What only shows in calls lasts for a few of them."""
_OPERATOR = "test"
_UNABLE = tuple(state for state in PhoneState if not state.able and state is not PhoneState.NOT_ALLOWED)

Injector = Callable[[FaultyDay, datetime, float, random.Random], None]
"""(day, when, seconds, luck): let one fault happen."""


def extension(agent: str) -> str:
    """The dial string of an agent's phone."""
    return f"PJSIP/{agent}"


# -- faults --------------------------------------------------------------------------------------


def kill(where: str, words: str) -> Injector:
    """``kill -9`` of the dialer at one point of its loop, and a start on what the store has."""

    def inject(day: FaultyDay, at: datetime, seconds: float, _: random.Random) -> None:
        day.inject(f"dialer killed {words}", at, seconds, lambda: day.die(where) if day.state else None, day.revive)

    return inject


def crash(day: FaultyDay, at: datetime, seconds: float, luck: random.Random) -> None:
    """Asterisk is killed, loses part of its journal, and comes back with ids that it gave before."""

    def begin() -> None:
        day.link.down.add("crash")
        day.link.crash(day.clock.now())

    def end() -> None:
        day.link.down.discard("crash")
        day.link.started_at = day.clock.now()
        day.restore()
        if luck.random() < 0.5:
            day.link.repeat_ids(day.clock.now())

    day.inject("PBX killed, ids given again", at, seconds, begin, end, ("link",))


def cut(day: FaultyDay, at: datetime, seconds: float, _: random.Random) -> None:
    """The link is cut, and everybody knows."""

    def begin() -> None:
        day.link.down.add("cut")
        day.link.cut(day.clock.now())

    def end() -> None:
        day.link.down.discard("cut")
        day.restore()

    day.inject("link cut", at, seconds, begin, end, ("link",))


def silence(how: Silence, words: str) -> Injector:
    """The link says nothing any more."""

    def inject(day: FaultyDay, at: datetime, seconds: float, _: random.Random) -> None:
        def end() -> None:
            day.link.speak(day.clock.now())
            day.restore()

        day.inject(f"link {words}", at, seconds, lambda: day.link.silence(how, day.clock.now()), end, ("link",))

    return inject


def events(what: str, share: float, words: str) -> Injector:
    """Events are lost, doubled, or late and so out of order."""

    def inject(day: FaultyDay, at: datetime, seconds: float, _: random.Random) -> None:
        def put(value: float) -> None:
            setattr(day.link.faults, what, value)

        day.inject(f"events {words}", at, max(seconds, WHILE_S), lambda: put(share), lambda: put(0.0))

    return inject


def unwritable(words: str, error: str) -> Injector:
    """Nothing can be written for a while."""

    def inject(day: FaultyDay, at: datetime, seconds: float, _: random.Random) -> None:
        def put(trouble: str) -> None:
            day.books.trouble = trouble

        day.inject(f"database {words}", at, seconds, lambda: put(error), lambda: put(""), ("store",))

    return inject


def locked(path: Path) -> Injector:
    """Another program really holds the database's write lock."""

    def inject(day: FaultyDay, at: datetime, seconds: float, _: random.Random) -> None:
        held: list[sqlite3.Connection] = []

        def begin() -> None:
            other = sqlite3.connect(path, isolation_level=None, timeout=0.0)
            with suppress(sqlite3.OperationalError):  # still locked by the last one
                other.execute("BEGIN IMMEDIATE")
            held.append(other)

        def end() -> None:
            held.pop().close()

        day.inject("database locked by another program", at, seconds, begin, end, ("store",))

    return inject


def set_clock(by: timedelta, words: str) -> Injector:
    """Somebody sets the clock of the machine, and (when ``seconds`` are over) sets it right again."""

    def inject(day: FaultyDay, at: datetime, seconds: float, _: random.Random) -> None:
        def put() -> None:
            if not day.skew:
                day.set_clock(by)

        def right() -> None:
            if day.skew:
                day.set_clock(-day.skew)

        later = at + timedelta(seconds=seconds)
        day.inject(f"clock {words}", at, 0.0, put, _nothing, ("clock",))
        day.inject("clock set right again", later, 0.0, right, _nothing, ("clock",))

    return inject


def _nothing() -> None:
    """Such a fault is over as soon as it has happened."""


def reject(plan: Plan) -> Injector:
    """A trunk fails every call."""

    def inject(day: FaultyDay, at: datetime, seconds: float, luck: random.Random) -> None:
        name = luck.choice(plan.config.trunks).template.rpartition("@")[2]
        rejecting = plan.customers.rejecting
        day.inject(
            "trunk rejects everything",
            at,
            max(seconds, WHILE_S),
            lambda: rejecting.add(name),
            lambda: rejecting.discard(name),
            ("trunk",),
        )

    return inject


def dead_phone(plan: Plan) -> Injector:
    """An agent's phone never answers."""

    def inject(day: FaultyDay, at: datetime, seconds: float, luck: random.Random) -> None:
        phone = extension(f"{luck.randint(1, plan.agents):03}")
        dead = luck.choice([day.link.dead_phones, day.link.declining_phones])
        day.inject(
            "agent's phone never answers",
            at,
            max(seconds, WHILE_S),
            lambda: dead.add(phone),
            lambda: dead.discard(phone),
            ("agent",),
        )

    return inject


def phone_goes(plan: Plan) -> Injector:
    """An agent's phone is unplugged, on a private call, or shut; the PBX says so, and says when that is over."""

    def inject(day: FaultyDay, at: datetime, seconds: float, luck: random.Random) -> None:
        phone, state = extension(f"{luck.randint(1, plan.agents):03}"), luck.choice(_UNABLE)

        def put(now: PhoneState) -> None:
            day.link.phones.put(phone, now, day.clock.now())

        day.inject(f"agent's phone {state}", at, seconds, lambda: put(state), lambda: put(PhoneState.FREE), ("agent",))

    return inject


def injectors(plan: Plan, path: Path | None) -> list[Injector]:
    """Every fault that can happen on this day; ``path`` is the database's, on days that have one."""
    lock = unwritable("locked by another program", "database is locked: another program is writing to it")
    return [
        kill("before-commit", "before the commit"),
        kill("after-commit", "between commit and Originate"),
        kill("among-intents", "among its Originates"),
        crash,
        cut,
        silence(Silence.STALLED, "stalled"),
        silence(Silence.HALF_OPEN, "half open"),
        events("lose", 0.1, "lost"),
        events("double", 0.3, "doubled"),
        events("delay", 0.3, "up to 30 s late and out of order"),
        unwritable("on a full disk", "the disk is full: make room"),
        unwritable("read-only", "it cannot be written: check the owner and the rights of the file and its folder"),
        locked(path) if path else lock,
        set_clock(HOUR, "set 1 h ahead"),
        set_clock(-HOUR, "set 1 h back"),
        reject(plan),
        dead_phone(plan),
    ]


def moment(plan: Plan, luck: random.Random) -> datetime:
    """Some time of the days with lists; the edges of calling hours and midnight more often than others."""
    hours = plan.shape.hours.on(plan.shape.first + timedelta(days=luck.randrange(plan.shape.days)))
    edges = [edge for window in hours.windows for edge in window]
    if luck.random() < 0.2:
        return max(luck.choice(edges) + timedelta(seconds=luck.uniform(-60, 60)), plan.start)
    start, end = luck.choice(hours.windows)
    if luck.random() < 0.85:  # most calls are made early, for lists are short
        start, end = hours.windows[0][0], hours.windows[0][0] + HOUR / 2
    return start + (end - start) * luck.random()


# -- people --------------------------------------------------------------------------------------

ASKS = (
    "withdraw", "correct", "promise", "deal", "team", "move", "pause", "away", "hang_up", "by_hand", "amend", "alarm",
    "late",
)  # fmt: skip


def ask(day: FaultyDay, plan: Plan, at: datetime, luck: random.Random) -> None:
    """Somebody asks for something that may or may not fit at that moment."""
    what, n = luck.choice(ASKS), luck.randint(1, 30)
    agent, team, tell = f"{n % plan.agents + 1:03}", "A" if n % 2 else "B", day.tell
    minutes = timedelta(minutes=n)
    match what:
        case "withdraw":
            tell(at, Withdraw(by=_OPERATOR, visit=n, reason="ordered online"))
            if n % 2:
                tell(at + minutes, PutBack(by=_OPERATOR, visit=n, reason="the order was cancelled"))
        case "correct":
            which = plan.shape.hours.day_of(at)
            tell(at, CorrectNumber(by=_OPERATOR, day=which, customer=f"C{n:04}", number=f"138{n % 7:08}"))
        case "promise":
            tell(at, Promise(by=_OPERATOR, visit=n, at=at + minutes))
        case "deal":
            tell(at, Reassign(by=_OPERATOR, visit=n, agent=agent))
        case "team":
            tell(at, Reassign(by=_OPERATOR, visit=n, team=team))
        case "move":
            tell(at, SaveAgent(by=_OPERATOR, number=agent, name="", extension=extension(agent), team=team))
        case "pause":
            tell(at, PauseCampaign(by=_OPERATOR, reason="开会"))
            tell(at + minutes, ResumeCampaign(by=_OPERATOR))
        case "away":
            away = luck.choice([Presence.SIGNED_OUT, Presence.PAUSED])
            tell(at, SetPresence(by=agent, agent=agent, presence=away))
            tell(at + minutes, SetPresence(by=agent, agent=agent, presence=Presence.READY))
        case "hang_up":
            day.plan(at, _hang_up_first)
        case "by_hand":
            result = luck.choice([None, Result.NOT_NEEDED, Result.WRONG_NUMBER])
            for later in range(luck.randint(1, 2)):  # some entries are made again, and differ
                when = at + timedelta(minutes=later)
                tell(when, EnterManualCall(by=_OPERATOR, visit=n, who="001", at=when, tries=1 + later, result=result))
        case "alarm":
            tell(at, SetAlarm(by=_OPERATOR, key="recording-folder", text="gone"))
            tell(at + minutes, SetAlarm(by=_OPERATOR, key="recording-folder"))
        case "late":
            tell(at, AnnounceLateStart(by=_OPERATOR, text="停电"))
        case _:
            _amend(day, plan, at, luck)


def _amend(day: FaultyDay, plan: Plan, at: datetime, luck: random.Random) -> None:
    """The list comes again: some rows are gone, some changed, some new."""
    which, rows = luck.choice(plan.lists)
    kept = [plan.some_row(r.order) if luck.random() < 0.2 else r for r in rows if luck.random() < 0.8]
    new = [plan.some_row(n) for n in range(len(rows) + 1, len(rows) + luck.randint(1, 5))]
    preview = luck.random() < 0.1
    visits = VisitList("main", (*kept, *new))
    day.tell(at, ImportList(by=_OPERATOR, day=which, visits=visits, preview=preview, withdraw=len(rows)))


def _hang_up_first(day: VirtualDay) -> None:
    if day.state is not None and day.state.attempts:
        day.tell(day.clock.now(), HangUp(by=_OPERATOR, attempt=next(iter(day.state.attempts))))
