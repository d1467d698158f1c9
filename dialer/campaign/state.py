"""The day's state in memory: what the rules decide on. The store is its durable copy."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from dialer.campaign.changes import AlarmChange, NoticeDue, NoticeKind
from dialer.campaign.clock_watch import present, recent
from dialer.campaign.config import CampaignConfig
from dialer.campaign.day_list import Day
from dialer.campaign.model.agent import Agent, Presence
from dialer.campaign.model.attempt import Attempt, AttemptEvent, AttemptState
from dialer.campaign.model.link import Link
from dialer.campaign.model.phone import PhoneState, devices_in, phones_in
from dialer.campaign.model.visit import Visit
from dialer.campaign.ports import Base, DaySnapshot
from dialer.campaign.recorder import Recorder
from dialer.campaign.rules.breaker import Trunk
from dialer.campaign.rules.queue import Owner, Queue
from dialer.campaign.rules.streak import Streaks
from dialer.campaign.rules.tally import by_hand
from dialer.campaign.rules.timers import WATCH_MARGIN, Timers, Wake
from dialer.campaign.savepoint import Kept, Savepoint
from dialer.errors import NotFound

PAUSED = "paused"
"""Flag: why, and by whom, the campaign is paused."""

RESTORED = "restored"
"""Flag and alarm: when the records were restored from a backup, until a person has looked and resumes calling."""

DEFECT = "defect"
"""Kind of alarm: the rules themselves failed."""

NEXT_VISIT = "next-visit"
"""Flag: no visit gets a smaller id than this; those below may have been given by records that were replaced."""


class Dialling(NamedTuple):
    """For whom a call is being placed, and to which visit."""

    agent: str
    visit: int


Deed = int | str | tuple[Wake, str] | Dialling
"""What a step is at: a message, by its place among those given, a wake-up, or the agent for whom it dials."""


class Rest(NamedTuple):
    """Until when something is let be after a defect, and how long that is: the next time it is twice as long."""

    until: datetime
    wait: timedelta


_REMEMBERED = 2000
_INSTANT = timedelta(microseconds=1)


class State:
    """Everything the rules know. Only :mod:`dialer.campaign.step` and the rules it calls change it."""

    def __init__(self, config: CampaignConfig, base: Base, now: datetime) -> None:
        self.config = config
        self.installation = base.installation
        self._savepoint = Savepoint()
        log = self._savepoint.log
        self.next_visit = max(base.next_visit, int(base.flags.get(NEXT_VISIT, 0)))
        self.agents: dict[str, Agent] = Kept(log, {a.number: a for a in base.agents})
        self.alarms: dict[str, AlarmChange] = Kept(log, {a.key: a for a in base.alarms})
        self.flags: dict[str, str] = Kept(log, base.flags)
        self._raised: dict[str, datetime] = Kept(log)
        self.days: dict[date, Day] = {}
        self.attempts: dict[str, Attempt] = Kept(log)
        self.ended: dict[str, Attempt] = Kept(log)
        self.live_by_number: dict[str, str] = Kept(log)
        self.live_by_customer: dict[str, str] = Kept(log)
        self.last_end: dict[str, datetime] = Kept(log)
        self.trunks = {t.name: Trunk(t, config.breaker, breakers=Kept(log)) for t in config.trunks}
        self.held = False
        """Whether nobody is called yet, since the service is still starting. Not stored."""
        self.links: dict[str, Link] = Kept(log)
        """By PBX; one that nothing was heard of yet is not there."""
        self.owners: dict[str, str] = Kept(log)
        """PBXs that another dialer with a copy of these records owns: its machine. Not stored."""
        self.streaks = Streaks(config.streak, base.flags, now, Kept(log))
        self.phones: dict[tuple[str, str], PhoneState | None] = Kept(log)
        """By PBX and device, for links that are up; None: the PBX is being asked. Not stored."""
        self._on_phone: dict[str, list[Agent]] = {}
        self._not_allowed: set[str] = set()
        self.timers = Timers(Kept(log))
        self.wanting: set[str] = {a.number for a in base.agents if a.presence is Presence.READY}
        self.next_slot = now
        self.resting: dict[str | int, Rest] = Kept(log)
        """By agent or visit, for whom placing a call failed by a defect, until one is placed; "" is for all."""
        self.doing: Deed = ""
        self.out = Recorder()
        self._savepoint.know(self.agents.values())
        for agent in self.agents.values():
            self._seat(agent)
            if agent.wrap_until:
                self.timers.at(agent.wrap_until, Wake.WRAP_UP, agent.number)
        for key in (key for key in self.alarms if key.startswith(DEFECT)):
            self.timers.at(now, Wake.DEFECT, key)

    # -- days ------------------------------------------------------------------------------------

    def open_day(self, day: date, snapshot: DaySnapshot, now: datetime) -> Day:
        """Take a day from the store into memory, with calls that may still be up on the PBX."""
        hours = self.config.hours.on(day, snapshot.calendar)
        queue = Queue(self.config.rule.head_start)
        loaded = self.days[day] = Day(day, hours, queue, departments=set(snapshot.departments))
        for name, conversation in snapshot.conversations.items():
            loaded.talked(name, conversation)
        for visit in snapshot.visits:
            home = loaded if visit.day == day else self.days.get(visit.day)
            if home is not None and visit.id not in home.visits:
                home.add(visit)
        steps = recent(self.flags, now, self.config.rule.gap)
        # No end is further ahead than a call can go on unseen: a call that was up when the clock was set has times that
        # no clock has shown.
        latest = now + max(self.config.carrier_ring_limit, self.config.unanswered_invite)
        for number, ends in snapshot.ends.items():
            shown = max(min(present(ended, steps, now), latest) for ended in ends)
            self.last_end.setdefault(number, shown)  # what we saw ourselves we know better
        furthest = now - sum((min(by, timedelta(0)) for _, by in steps), timedelta(0))  # that the clock can have shown
        loaded.tally.fill(snapshot.counted)
        for visit in loaded.visits.values():
            for work in by_hand(visit):
                self.called_manually(work.number, present(min(work.at, furthest), steps, now), now)
                loaded.tally.enter(visit)
        for attempt in snapshot.attempts:
            attempt.placed_at = present(attempt.placed_at, steps, now)
            if attempt.id not in self.attempts and attempt.day in self.days:
                self.adopt(attempt)
        loaded.queue.fill(loaded.visits.values(), now)
        loaded.keep(self._savepoint.log)
        self._savepoint.know(snapshot.visits)
        self.timers.at(now, Wake.HOURS, day.isoformat())
        return loaded

    def adopt(self, attempt: Attempt) -> None:
        """A call from before a restart: unknown until the PBX has been asked."""
        self.attempts[attempt.id] = attempt
        self.live_by_number[attempt.number] = self.live_by_customer[attempt.customer] = attempt.id
        if attempt.state is not AttemptState.UNKNOWN:
            attempt.move(AttemptEvent.LOSE)
        attempt.evidence.unobserved = True
        if attempt.trunk in self.trunks:
            self.trunks[attempt.trunk].in_use += 1
        self._savepoint.know([attempt, attempt.evidence])
        self.timers.at(attempt.placed_at + self.config.ring_timeout + WATCH_MARGIN, Wake.WATCH, attempt.id)

    def today(self, now: datetime) -> Day | None:
        """The day that it is in the department's zone, when it has been loaded."""
        return self.days.get(self.config.hours.day_of(now))

    def forget_days(self, now: datetime) -> None:
        """Let go of days that are over and have no call left."""
        busy = {a.day for a in self.attempts.values()}
        today = self.config.hours.day_of(now)
        for day in [d for d in self.days if d < today and d not in busy]:
            if not any(v.open for v in self.days[day].visits.values()):
                self._savepoint.forget(self.days.pop(day).visits.values())

    def ends_since(self, now: datetime) -> datetime:
        """Since when the ends of calls must be read from the store, so that the gap is kept."""
        gap = self.config.rule.gap
        ahead = sum((max(by, timedelta(0)) for _, by in recent(self.flags, now, gap)), timedelta(0))
        return now - gap - ahead

    # -- undoing ---------------------------------------------------------------------------------

    def begin(self) -> None:
        """A step begins: what the one before changed is committed, and :meth:`undo` leads back to here."""
        self._savepoint.log.clear()
        self._savepoint.records.update(self.out.values)
        for trunk in self.trunks.values():
            self._savepoint.know(trunk.breakers.values())
        self._savepoint.know(self.streaks)
        self._others = self.next_visit, self.next_slot, self.wanting.copy(), list(self.attempts)
        self._days = [(day, day.hours, day.departments) for day in self.days.values()]
        self.out, self.doing = Recorder(), ""

    def undo(self, now: datetime) -> None:
        """Everything as it was when the step began. Costs a walk through all visits: it is for what must not happen."""
        self._savepoint.restore()
        self.next_visit, self.next_slot, self.wanting, order = self._others
        self.attempts = Kept(self._savepoint.log, {name: self.attempts[name] for name in order})
        for day, hours, departments in self._days:
            day.hours, day.departments = hours, departments
            day.tally.enter_anew(day.visits.values())
            day.queue = Queue(self.config.rule.head_start)
            day.queue.fill(day.visits.values(), now)
        for name, trunk in self.trunks.items():
            trunk.in_use = sum(attempt.trunk == name for attempt in self.attempts.values())
        self._on_phone.clear()
        for agent in self.agents.values():
            self._seat(agent)
        self.timers.repair()
        self.wanting.update(self.agents)  # the lines are as they were loaded: each agent looks again at theirs
        self.out = Recorder()

    # -- looking up ------------------------------------------------------------------------------

    def agent(self, number: str) -> Agent:
        """An agent by staff number. Raises :class:`NotFound`."""
        try:
            return self.agents[number]
        except KeyError:
            raise NotFound(f"there is no agent {number}; create them first") from None

    def agents_on(self, extension: str, pbx: str) -> list[Agent]:
        """The agents whose phones a dial string of this PBX rings, by staff number."""
        found = {each.number: each for phone in phones_in(extension) for each in self._on_phone.get(phone, ())}
        return [found[number] for number in sorted(found) if found[number].pbx == pbx]

    def phone_of(self, agent: Agent) -> PhoneState | None:
        """What is known of an agent's phone, of several devices the best; None while the PBX is being asked."""
        if agent.number in self._not_allowed:
            return PhoneState.NOT_ALLOWED
        told = [self.phones.get((agent.pbx, each), PhoneState.UNSAID) for each in devices_in(agent.extension)]
        return next((each for each in told if each is not None and each.able), told[0])

    def visit(self, visit: int) -> Visit:
        """A visit of a loaded day. Raises :class:`NotFound`."""
        for day in self.days.values():
            if visit in day.visits:
                return day.visits[visit]
        raise NotFound(f"there is no visit {visit} today or on a day to come; a day is put away at midnight")

    def linked(self, pbx: str) -> bool:
        """Whether there is a link to this PBX."""
        return pbx in self.links and self.links[pbx].up

    @property
    def link_up(self) -> bool:
        """Whether there is a link to any PBX."""
        return any(link.up for link in self.links.values())

    @property
    def link_since(self) -> datetime | None:
        """Since when there has been one, or none; None when nothing was heard of a PBX yet."""
        times = (link.since for link in self.links.values() if link.up is self.link_up)
        return min(times, default=None) if self.link_up else max(times, default=None)

    def calls_on(self, pbx: str) -> list[Attempt]:
        """The live attempts of this PBX."""
        return [attempt for attempt in self.attempts.values() if attempt.pbx == pbx]

    def spent(self, visit: Visit) -> bool:
        """Whether the rule allows no more calls to the visit's number today, whoever they were for."""
        return self.config.rule.exhausted(self.days[visit.day].tally.to(visit.number))

    def in_use(self, visit: Visit) -> Attempt | None:
        """The call that the visit's number or its customer has now, also one of a day before."""
        call = self.live_by_number.get(visit.number) or self.live_by_customer.get(visit.customer)
        return None if call is None else self.attempts[call]

    def free_at(self, number: str) -> datetime | None:
        """The earliest time for a call to ``number`` after the last one; None when there was none."""
        ended = self.last_end.get(number)
        return None if ended is None else ended + self.config.rule.gap

    def rests(self, who: str | int, now: datetime) -> datetime | None:
        """Until when this agent or visit is let be after a defect, if it is."""
        rest = self.resting.get(who)
        return None if rest is None or rest.until <= now else rest.until

    # -- changing --------------------------------------------------------------------------------

    def put_on_phone(self, agent: Agent, extension: str) -> None:
        """Give an agent, known or new, this phone."""
        for phone in phones_in(agent.extension):
            self._on_phone[phone] = [each for each in self._on_phone.get(phone, ()) if each is not agent]
        agent.extension = extension
        self._seat(agent)

    def _seat(self, agent: Agent) -> None:
        self._not_allowed.discard(agent.number)
        if self.config.phones.fault(agent.extension):
            self._not_allowed.add(agent.number)
            agent.phone = PhoneState.NOT_ALLOWED
        for phone in phones_in(agent.extension):
            self._on_phone.setdefault(phone, []).append(agent)

    def called_manually(self, number: str, at: datetime, now: datetime) -> None:
        """Somebody rang ``number`` until ``at``: nobody's phone rings twice within the gap, whoever dials."""
        ended = min(at, now)
        self.last_end[number] = max(ended, self.last_end.get(number, ended))

    def requeue(self, visit: Visit, now: datetime) -> None:
        """Put a visit where it belongs in its day's queue, and let its owner look for work."""
        owner = self.days[visit.day].queue.put(visit, now)
        if owner:
            self.wake_owner(owner)

    def changed(self, visit: Visit, now: datetime, what: str, **details: Any) -> None:  # noqa: ANN401 - as ``note``
        """Somebody changed ``visit``: put it where it belongs now, and add a line to its history."""
        self.requeue(visit, now)
        self.out.visit(visit)
        self.out.note(now, what, visit=visit, **details)

    def wake_owner(self, owner: Owner) -> None:
        """Agents who may serve this line should look again."""
        kind, name = owner
        if kind == "agent":
            self.wanting.add(name)
        else:
            self.wanting.update(a.number for a in self.agents.values() if a.team == name)

    def remember(self, attempt: Attempt) -> None:
        """Keep an ended attempt for a while, for events of it that come late."""
        self.ended[attempt.id] = attempt
        if len(self.ended) > _REMEMBERED:
            gone = self.ended.pop(next(iter(self.ended)))
            self._savepoint.forget((gone, gone.evidence))

    def raise_alarm(self, key: str, text: str, now: datetime) -> None:
        """Raise an alarm, once, and tell the info platform."""
        if key in self.alarms:
            return
        # The moment tells alarms of one key apart, also those raised, cleared and raised again in one step.
        at = self._raised[key] = max(now, self._raised.get(key, now - _INSTANT) + _INSTANT)
        alarm = self.alarms[key] = AlarmChange(key, text, at)
        self.out.changes.alarms.append(alarm)
        self.out.changes.notices.append(
            NoticeDue(f"alarm-{key}-{at:%Y%m%dT%H%M%S%f}", NoticeKind.ALARM, now, text=text, alarm=key)
        )
        self.out.note(now, "alarm.raised", key=key, text=text)

    def clear_alarm(self, key: str, now: datetime) -> None:
        """What the alarm was about is over; whoever was told of it is told, unless it was over at once."""
        alarm = self.alarms.pop(key, None)
        if alarm is not None:
            if alarm not in self.out.changes.alarms:
                told = f"alarm-over-{key}-{alarm.raised_at:%Y%m%dT%H%M%S%f}"
                notice = NoticeDue(told, NoticeKind.ALARM_OVER, now, text=alarm.text, alarm=key)
                self.out.changes.notices.append(notice)
            self.out.changes.alarms.append(AlarmChange(key, alarm.text, alarm.raised_at, max(now, alarm.raised_at)))
            self.out.note(now, "alarm.cleared", key=key)

    def set_flag(self, name: str, value: str) -> None:
        """Set a durable flag; "" removes it."""
        if value:
            self.flags[name] = value
        else:
            self.flags.pop(name, None)
        self.out.changes.flags[name] = value
