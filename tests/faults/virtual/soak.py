"""Random days with random faults on the virtual clock, the same for the same seed; each is judged when it is over."""

from __future__ import annotations

import hashlib
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from dialer.campaign.messages import ImportList, SaveAgent, SetPresence
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.customer import VisitList
from dialer.errors import DialerError
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from dialer.store.sqlite.backend import SqliteBackend
from tests.faults.report import Goal, Injection, Outcome, Violation
from tests.faults.virtual import checks
from tests.faults.virtual.books import Books
from tests.faults.virtual.day import FaultyDay
from tests.faults.virtual.inject import ask, extension, injectors, moment, phone_goes
from tests.faults.virtual.pbx import FaultyPbx
from tests.faults.virtual.plan import Plan, make
from tests.faults.virtual.trunks import Trunks
from tests.virtual.day import VirtualClock
from tests.virtual.memory_store import MemoryStore
from tests.virtual.simulated import Faults

ON_DISK_EVERY = 50
"""Every so many days the books are a real database too."""

_INSTALLATION = "faults"
_LONGEST_S = 900.0
_PHONES_GO = (0, 3, 0, 1)
_RECOVERY_GOAL_S = 10.0
_SAY_EVERY = 100


@dataclass(frozen=True, slots=True)
class DayReport:
    """What one day came to. ``digest`` is over every row of the books and every record of the carrier."""

    seed: int
    injections: tuple[Injection, ...]
    violations: tuple[Violation, ...]
    visits: int
    calls: int
    steps: int
    digest: str


async def soak(days: int, seed: int, say: Callable[[str], None]) -> Outcome:
    """Play ``days`` days from ``seed`` on, each of which can be played alone by its own seed."""
    reports: list[DayReport] = []
    with tempfile.TemporaryDirectory(prefix="dialer-faults-") as folder:
        for number in range(days):
            path = Path(folder) / f"{number}.sqlite3" if (seed + number) % ON_DISK_EVERY == 0 else None
            reports.append(await play(seed + number, path))
            if (number + 1) % _SAY_EVERY == 0:
                broken = sum(bool(report.violations) for report in reports)
                say(f"{number + 1} of {days} days, {broken} with a violation")
    injections = tuple(each for report in reports for each in report.injections)
    times = [each.recovered_after_s for each in injections if each.recovered_after_s is not None]
    on_disk = sum((seed + number) % ON_DISK_EVERY == 0 for number in range(days))
    return Outcome(
        "virtual",
        seed,
        command(seed, days),
        injections,
        tuple(each for report in reports for each in report.violations),
        (Goal("longest wait for the next call after a fault", max(times, default=0.0), "s", _RECOVERY_GOAL_S),),
        (
            f"{days:,} days ({on_disk} of them on a database)",
            f"{sum(report.visits for report in reports):,} visits",
            f"{sum(report.calls for report in reports):,} calls in the carrier's records",
            f"{sum(report.steps for report in reports):,} steps",
        ),
    )


def command(seed: int, days: int = 1) -> str:
    """What replays these days exactly."""
    return f"python -m tests.faults virtual --days {days} --seed {seed}"


async def play(seed: int, path: Path | None = None) -> DayReport:
    """One day; ``path`` is where its database goes, if it has one. Whatever breaks is a violation, never an error."""
    plan = make(seed)
    if path is None:
        return await _played(plan, None, None)
    await _make_database(path)
    database = await Database.open(SqliteBackend(path, busy_timeout_s=0.01))
    try:
        return await _played(plan, SqlDayStore(database), path)
    finally:
        await database.close()


async def _played(plan: Plan, disk: SqlDayStore | None, path: Path | None) -> DayReport:
    day = build(plan, disk, path)
    found = await judged(day, plan)
    memory = day.books.memory
    if path is not None and not found:
        await day.books.base()
        found += checks.recordings_awaited(path, list(memory.attempts.values()))
    faults = tuple(dict.fromkeys(fault.name for fault in day.faults))
    return DayReport(
        plan.seed,
        tuple(day.injections()),
        tuple(replace(each, replay=command(plan.seed), faults=faults) for each in found),
        len(memory.visits),
        len(day.link.records),
        day.steps,
        digest(day),
    )


async def judged(day: FaultyDay, plan: Plan) -> list[Violation]:
    """Play the day; what was violated."""
    try:
        await day.run(plan.end)
    except (DialerError, LookupError, ValueError, TypeError, AssertionError) as error:
        return [Violation(checks.AGREE, f"the dialer broke at {day.clock.now()}: {type(error).__name__}: {error}")]
    return checks.violations(day, plan)


def build(plan: Plan, disk: SqlDayStore | None = None, path: Path | None = None) -> FaultyDay:
    """The day of a plan, with everything that is going to happen on it."""
    luck = random.Random(f"faults-{plan.seed}")
    clock = VirtualClock(plan.start)
    link = FaultyPbx(plan.customers, plan.start, seed=plan.seed, faults=Faults())
    memory = MemoryStore(_INSTALLATION)
    trunks = Trunks(plan.config.breaker, plan.config.trunks)
    books = Books(memory, lambda: (day.clock.now(), day.seen()), plan.config.rule.gap, trunks, disk, link.phones.unable)
    day = FaultyDay(plan.config, books, link, clock, plan.habits, plan.seed, books=books, link=link)
    _open(day, plan)
    every = injectors(plan, path)
    for _ in range(luck.choice([0, 1, 2, 3, 4, 6, 8])):
        inject = luck.choice(every)
        seconds = min(
            luck.choice([luck.uniform(0.1, 5), luck.uniform(1, 60), luck.uniform(60, _LONGEST_S)]), _LONGEST_S
        )
        inject(day, moment(plan, luck), seconds, random.Random(luck.getrandbits(30)))
    phones = random.Random(f"phones-{plan.seed}")
    for _ in range(phones.choice(_PHONES_GO)):
        phone_goes(plan)(day, moment(plan, phones), phones.uniform(1, _LONGEST_S), phones)
    for name, when in plan.shape.happens:
        day.inject(name, when, 0.0, lambda: None, lambda: None)
    for _ in range(luck.randint(1, 10) if plan.busy else 0):
        ask(day, plan, moment(plan, luck), luck)
    return day


def _open(day: FaultyDay, plan: Plan) -> None:
    """Agents sign in, lists come."""
    start, opens = plan.start, plan.start + timedelta(minutes=10)
    for n in range(1, plan.agents + 1):
        number = f"{n:03}"
        team = plan.teams.get(number)
        day.tell(start, SaveAgent(by="test", number=number, name="", extension=extension(number), team=team))
        day.tell(opens, SetPresence(by=number, agent=number, presence=Presence.READY))
    for which, rows in plan.lists:
        day.tell(start + timedelta(seconds=1), ImportList(by="test", day=which, visits=VisitList("main", rows)))


def digest(day: FaultyDay) -> str:
    """SHA-256 over the books and the carrier's records as they are."""
    memory = day.books.memory
    rows: list[object] = [
        *memory.history,
        *(memory.visits[number] for number in sorted(memory.visits)),
        *(memory.attempts[name] for name in sorted(memory.attempts)),
        *(memory.notices[key] for key in sorted(memory.notices)),
        *(memory.agents[number] for number in sorted(memory.agents)),
        *(memory.orders[number] for number in sorted(memory.orders)),
        *memory.calls,
        *day.link.records,
    ]
    return hashlib.sha256("\n".join(map(repr, rows)).encode()).hexdigest()


async def _make_database(path: Path) -> None:
    """An empty database with a name that is always the same: the ids of calls begin with it."""
    template = path.with_name("template.sqlite3")
    if not template.exists():
        await (await Database.open(template)).close()
        with closing(sqlite3.connect(template)) as fresh, fresh:
            fresh.execute("UPDATE facts SET value = ? WHERE name = 'installation'", (_INSTALLATION,))
    shutil.copyfile(template, path)
