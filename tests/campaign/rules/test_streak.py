"""Streaks: so many calls in a row that were alike hold the calls, until one shows that it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.campaign.changes import NoticeKind
from dialer.campaign.messages import CallProgress, ClockSet, HangUp, ResumeCampaign
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.evidence import Disposition, Evidence
from dialer.campaign.model.trunk import TrunkConfig
from dialer.campaign.model.visit import VisitState
from dialer.campaign.rules.streak import TABLE, Kind, Scope, StreakRule, Streaks
from dialer.campaign.views.now import overview
from dialer.campaign.views.why import Why
from dialer.campaign.views.wording import HELD, sentence
from tests.campaign.days import MONDAY, ZONE, at, config, row, scene
from tests.campaign.stepping import Room
from tests.virtual.fates import Fate, Turn

CUSTOMERS = 20
CONFIG = replace(config(), calls_per_second=None)


def room() -> Room:
    """One agent whose next customer always comes at once."""
    return Room(*(row(n) for n in range(1, CUSTOMERS + 1)), conf=CONFIG)


def one(r: Room) -> int:
    """The customer who is being called."""
    (customer,) = r.calls()
    return int(customer[1:])


def unheard(r: Room) -> None:
    """The PBX takes a call and says nothing of it, also when it is asked which calls it has."""
    r.wait(seconds=10)
    r.link()


def dropped(r: Room) -> None:
    """A customer answers and is hung up on before an agent's phone rings: a module is missing."""
    r.hang_up(r.progress(one(r), CallProgress.RINGING, CallProgress.ANSWERED))


def missed(r: Room) -> None:
    """The agent does not pick up."""
    r.abandon(one(r))
    r.ready()


def cut_short(r: Room) -> None:
    """Agent and customer are connected and apart again."""
    r.talk(one(r), seconds=0.4)
    r.ready()


def fine(r: Room) -> None:
    """A conversation."""
    r.talk(one(r))
    r.ready()


def rings_out(r: Room) -> None:
    """Nobody answers."""
    r.miss(one(r), sip=480, cause=19, rang=True)


CALLS = {Kind.UNHEARD: unheard, Kind.DROPPED: dropped, Kind.MISSED: missed, Kind.CUT_SHORT: cut_short}
LIMITS = {Kind.UNHEARD: 3, Kind.DROPPED: 3, Kind.MISSED: 5, Kind.CUT_SHORT: 3}
WHOSE = {Scope.AGENT: "001", Scope.TRUNK: "trunk", Scope.PBX: "main"}
KINDS = pytest.mark.parametrize("kind", Kind)


def held(kind: Kind) -> Room:
    """A room in which calls are held."""
    r = room()
    for _ in range(LIMITS[kind]):
        assert r.calls()
        CALLS[kind](r)
    return r


def alarms(r: Room) -> list[str]:
    """The keys of the open alarms about streaks."""
    return [key for key in r.state.alarms if key.startswith("streak-")]


@KINDS
def test_so_many_in_a_row_hold_the_calls_and_raise_an_alarm(kind: Kind) -> None:
    """N in a row of one kind, by agent, trunk and whole → hold, alarm; one less does nothing."""
    r = room()
    for _ in range(LIMITS[kind] - 1):
        CALLS[kind](r)
    assert (alarms(r), len(r.calls())) == ([], 1)
    CALLS[kind](r)
    (key,) = alarms(r)
    assert key == f"streak-{kind}:{WHOSE[TABLE[kind].scope]}"
    assert r.calls() == []
    assert [n for n in r.notices(NoticeKind.ALARM) if key in n]
    (now,) = overview(r.state, r.now).held
    assert (now.kind, now.until) == (kind, r.now + timedelta(seconds=30))
    answer = r.why(CUSTOMERS)
    assert (answer.why, answer.params["kind"]) == (Why.HELD, kind)
    said = sentence(answer, "en", ZONE)
    assert HELD[kind] in said
    assert "tries again at 08:" in said


def test_conversations_that_somebody_ends_are_not_cut_short() -> None:
    """An agent who ends one call after the other at once wants it so."""
    r = room()
    for _ in range(2 * LIMITS[Kind.CUT_SHORT]):
        call = r.connect(one(r))
        r.ask(HangUp(by="001", attempt=call.id))
        r.hang_up(call)
        r.ready()
    assert (alarms(r), len(r.calls())) == ([], 1)


@KINDS
def test_one_call_tries_and_calling_goes_on_by_itself(kind: Kind) -> None:
    """And on by itself when the probe succeeds; until then one call alone is placed."""
    r = held(kind)
    assert not r.wait(seconds=29)
    r.wait(seconds=1)
    assert len(r.calls()) == 1
    assert "One call is trying" in sentence(r.why(CUSTOMERS), "en", ZONE)
    fine(r)
    assert (alarms(r), overview(r.state, r.now).held) == ([], ())
    assert len(r.calls()) == 1
    CALLS[kind](r)  # and counting begins anew
    assert len(r.calls()) == 1


@KINDS
def test_each_probe_that_is_the_same_doubles_the_pause(kind: Kind) -> None:
    """Up to ten minutes; the alarm is raised once."""
    r = held(kind)
    pauses = []
    for _ in range(6):
        before = r.now
        r.wait_until(r.state.streaks.held()[0].until or r.now)
        pauses.append((r.now - before).total_seconds())
        CALLS[kind](r)
    assert pauses[:5] == [30, 60, 120, 240, 480]
    assert pauses[5] == 600
    assert len(alarms(r)) == 1
    assert len([n for n in r.notices(NoticeKind.ALARM) if "streak" in n]) == 1


@KINDS
def test_a_probe_that_says_nothing_of_it_is_taken_again(kind: Kind) -> None:
    """A customer who does not answer shows nothing of what happens to those who do; a PBX that says so is heard."""
    r = held(kind)
    r.wait(seconds=30)
    rings_out(r)
    assert bool(alarms(r)) is (kind is not Kind.UNHEARD)
    assert len(r.calls()) == 1


@KINDS
def test_what_says_nothing_of_it_does_not_break_the_row(kind: Kind) -> None:
    """Customers who do not answer come between those who do; only a call that shows the contrary begins it anew."""
    r = room()
    for between in (rings_out, fine):
        for n in range(LIMITS[kind]):
            CALLS[kind](r)
            if n < LIMITS[kind] - 1:
                between(r)
        if between is rings_out and kind is not Kind.UNHEARD:
            assert len(alarms(r)) == 1
            r.ask(ResumeCampaign(by="leader"))
        assert alarms(r) == []


@KINDS
def test_a_restart_does_not_forget_that_calls_are_held(kind: Kind) -> None:
    """The pause goes on where it was, and the next is twice as long."""
    r = held(kind)
    until = r.state.streaks.held()[0].until
    r.restart()
    r.link()
    (kept,) = r.state.streaks.held()
    assert (kept.kind, kept.until, r.calls()) == (kind, until, [])
    r.wait_until(until or r.now)
    CALLS[kind](r)
    (kept,) = r.state.streaks.held()
    assert kept.until == r.now + timedelta(seconds=60)
    assert len(alarms(r)) == 1


def test_no_clock_that_was_set_holds_calls_longer() -> None:
    """The pauses move with the clock, also in the records; none that an older run left is longer than the longest."""
    r = held(Kind.DROPPED)
    r.now += timedelta(hours=-2)
    r.do(ClockSet(timedelta(hours=-2)))
    r.restart()
    assert [s.until for s in r.state.streaks.held()] == [r.now + timedelta(seconds=30)]
    kept = {"streak-dropped:trunk": f"{at(17).isoformat()} 3", "paused": "boss"}
    (streak,) = Streaks(StreakRule(), kept, at(8)).held()
    assert (streak.until, streak.pauses) == (at(8, 10), 3)


@KINDS
def test_a_person_may_go_on_at_once(kind: Kind) -> None:
    """Whoever has mended it resumes calling."""
    r = held(kind)
    r.ask(ResumeCampaign(by="leader"))
    assert (alarms(r), len(r.calls()), r.told("calls.released")) == ([], 1, 1)
    assert not [flag for flag in r.state.flags if flag.startswith("streak-")]


def test_ringing_of_an_agents_phone_is_a_success_at_once() -> None:
    """The others need not wait until the probe's conversation is over."""
    r = held(Kind.DROPPED)
    r.wait(seconds=30)
    r.progress(one(r), CallProgress.ANSWERED, CallProgress.AGENT_RINGING)
    assert alarms(r) == []


async def test_a_trunk_that_answers_by_itself_leaves_the_others_in_use() -> None:
    """200 and gone, of everybody: the calls go over the next trunk, and one now and then tries this one."""

    def turn(channel: str, _nth: int) -> Turn:
        return Turn(Fate.DROPS, ring_s=0.2) if channel.endswith("@a") else Turn(Fate.ANSWERS, talk_s=30)

    trunks = [TrunkConfig("a", "PJSIP/{number}@a"), TrunkConfig("b", "PJSIP/{number}@b")]
    s = scene(turn, [row(n) for n in range(1, 31)], conf=config(trunks=trunks))
    await s.day.run(at(18, 30))
    assert s.broken(in_order=False) == []
    assert {visit.state for visit in s.store.visits.values()} == {VisitState.REACHED}
    assert [e.details["key"] for e in s.store.history if e.what == "alarm.raised"] == ["streak-dropped:a"]
    assert sum(a.disposition is Disposition.ABANDONED for a in s.store.attempts.values()) < 3 + 10


def test_only_the_agent_whose_phone_does_it_is_held() -> None:
    """Conversations of others go on."""
    rows = [row(n, agent="001") for n in range(1, 7)] + [row(n, agent="002") for n in range(7, 13)]
    r = Room(*rows, agents=2, conf=CONFIG)
    for n in (1, 2, 3):
        r.talk(n, seconds=0.4)
        r.ready("001")
    assert r.calls() == ["C0007"]
    assert (r.why(4).why, r.why(8).why) == (Why.HELD, Why.NEXT)
    r.talk(7, seconds=10)
    r.ready("002")
    assert r.calls() == ["C0008"]
    assert [s.probe for s in r.state.streaks.held()] == [None]


def test_what_nobody_saw_shows_nothing() -> None:
    """Calls that ended while the link was down are unknown for a reason that everybody knows."""
    r = Room(*(row(n, agent=f"{n:03}") for n in range(1, 7)), agents=6, conf=CONFIG)
    assert len(r.calls()) == 6
    r.wait(seconds=5)
    r.cut()
    r.link()
    assert (r.calls(), alarms(r)) == ([], [])
    r = room()
    for _ in range(4):
        call = r.connect(one(r))
        r.cut()
        r.link((call, CallProgress.CONNECTED))
        r.hang_up(call)
        r.ready()
    assert alarms(r) == []


def test_every_kind_has_its_row_and_its_words() -> None:
    """What is counted can be set, and can be said."""
    assert TABLE.keys() == HELD.keys() == set(Kind)
    assert {row.limit(StreakRule()) for row in TABLE.values()} == {3, 5}


def attempt(
    disposition: Disposition | None = None,
    heard: Evidence | None = None,
    *,
    talked_s: float | None = None,
    name: str = "a",
) -> Attempt:
    """One that was heard of in this way."""
    made = Attempt(name, 1, MONDAY, 1, 1, "C1", "139", "trunk", "001", at(8), disposition=disposition)
    made.evidence = heard or Evidence()
    if talked_s is not None:
        made.connected_at, made.ended_at = at(8), at(8) + timedelta(seconds=talked_s)
    return made


D = Disposition


@pytest.mark.parametrize(
    ("call", "shows", "refutes"),
    [
        (attempt(D.UNKNOWN), {"unheard"}, set()),
        (attempt(D.UNKNOWN, Evidence(refused=True)), set(), set()),
        (attempt(D.UNKNOWN, Evidence(unobserved=True)), set(), set()),
        (attempt(D.NO_ANSWER), set(), set()),
        *(
            (attempt(D.UNKNOWN, heard), set(), {"unheard"})
            for heard in (
                Evidence(responded=True),
                Evidence(hung_up=True),
                Evidence(ringing=True),
                Evidence(progress=True),
                Evidence(answered=True),
                Evidence(dial_status="BUSY"),
            )
        ),
        (attempt(D.ABANDONED, Evidence(answered=True)), {"dropped"}, {"unheard"}),
        (attempt(D.ABANDONED, Evidence(answered=True, agent_rang=True)), set(), {"unheard", "dropped"}),
        (attempt(D.ABANDONED, Evidence(answered=True, agent_missed=True)), {"missed"}, {"unheard"}),
        (attempt(D.ABANDONED, Evidence(answered=True, unobserved=True)), set(), {"unheard"}),
        (attempt(D.CONNECTED, Evidence(connected=True)), set(), {"dropped", "missed"}),
        (attempt(talked_s=0.999), {"cut_short"}, set()),
        (attempt(talked_s=1), set(), {"cut_short"}),
        (attempt(heard=Evidence(unobserved=True), talked_s=0.5), set(), set()),
        (attempt(heard=Evidence(hung_up_here=True), talked_s=0.5), set(), set()),
        (attempt(heard=Evidence(unobserved=True), talked_s=5), set(), set()),
    ],
)
def test_what_a_call_shows(call: Attempt, shows: set[str], refutes: set[str]) -> None:
    """And of which rows it shows that it is not so; while a conversation lasts nothing."""
    assert {kind.value for kind, row in TABLE.items() if row.shows(call)} == shows
    assert {kind.value for kind, row in TABLE.items() if row.refutes(call)} == refutes
    call.ended_at = None
    assert not TABLE[Kind.CUT_SHORT].shows(call) | TABLE[Kind.CUT_SHORT].refutes(call)


def cut_off() -> Attempt:
    return attempt(talked_s=0)


def test_a_streak_that_holds_lets_one_call_try_when_its_pause_is_over() -> None:
    """And holds on when that ends in another way, or shows the same; each time for twice as long."""
    streaks = Streaks(StreakRule(), {}, at(8))
    assert [list(streaks.ended(cut_off(), at(8))) for _ in range(2)] == [[], []]
    (streak,) = streaks
    assert (streak.calls, streaks.held(), list(streaks.next_times(at(8)))) == (2, [], [])
    assert list(streaks.ended(cut_off(), at(8))) == [streak]
    assert (streak.calls, streak.scope, streak.key) == (3, Scope.AGENT, "streak-cut_short:001")
    assert streaks.holding(Scope.AGENT, "001", at(8, 0, 29)) is streak
    assert streaks.holding(Scope.AGENT, "001", at(8, 0, 30)) is None
    assert streaks.holding(Scope.TRUNK, "001", at(8)) is streaks.holding(Scope.AGENT, "002", at(8)) is None
    assert list(streaks.next_times(at(8, 0, 29))) == [at(8, 0, 30)]
    assert list(streaks.next_times(at(8, 0, 30))) == []
    streaks.placed(replace(cut_off(), agent="002"))
    assert (streak.probe, streak.pauses) == (None, 1)
    streaks.placed(attempt(name="probe"))
    assert streaks.holding(Scope.AGENT, "001", at(9)) is streak
    assert list(streaks.ended(attempt(D.NO_ANSWER, name="other"), at(9))) == []
    assert [each.probe for each in streaks] == ["probe"]
    assert list(streaks.ended(attempt(D.NO_ANSWER, name="probe"), at(9))) == []
    assert (streak.probe, streak.until) == (None, at(9))
    streaks.placed(attempt(name="next"))
    assert list(streaks.ended(cut_off(), at(9))) == []
    assert list(streaks.ended(attempt(talked_s=0, name="next"), at(9))) == [streak]
    assert (streak.until, streak.pauses, streak.probe) == (at(9, 1), 2, None)
    streaks.shift(timedelta(hours=-1))
    assert streak.until == at(8, 1)


def test_a_streak_is_over_with_the_first_call_that_shows_so() -> None:
    """Of the same agent, trunk or PBX; whoever held calls is told of it."""
    streaks = Streaks(StreakRule(), {}, at(8))
    list(streaks.ended(cut_off(), at(8)))
    assert list(streaks.progress(attempt(talked_s=9))) == list(streaks) == []
    for _ in range(3):
        list(streaks.ended(cut_off(), at(8)))
    (streak,) = streaks
    assert list(streaks.progress(replace(attempt(talked_s=9), agent="002"))) == []
    assert list(streaks.progress(attempt(D.NO_ANSWER))) == []
    assert list(streaks.progress(attempt(talked_s=9))) == [streak]
    assert list(streaks) == []


def test_a_person_lifts_all() -> None:
    """Those that only count, too; told are those that held calls."""
    streaks = Streaks(StreakRule(cut_short=1), {}, at(8))
    list(streaks.ended(cut_off(), at(8)))
    list(streaks.ended(attempt(D.UNKNOWN), at(8)))
    assert [each.kind for each in streaks] == [Kind.CUT_SHORT, Kind.UNHEARD]
    assert [each.kind for each in streaks.lift()] == [Kind.CUT_SHORT]
    assert list(streaks) == []


def test_what_an_earlier_run_left_is_held_no_longer_than_a_pause_lasts() -> None:
    """The longest, or the first where that is longer."""
    kept = {"streak-cut_short:001": f"{at(8, 5).isoformat()} 2", "streak-missed:main": f"{at(20).isoformat()} 7"}
    held = {each.kind: (each.name, each.until, each.pauses) for each in Streaks(StreakRule(), kept, at(8)).held()}
    assert held == {Kind.CUT_SHORT: ("001", at(8, 5), 2), Kind.MISSED: ("main", at(8, 10), 7)}
    long = StreakRule(pause=timedelta(hours=1))
    assert {each.until for each in Streaks(long, kept, at(8)).held()} == {at(8, 5), at(9)}
