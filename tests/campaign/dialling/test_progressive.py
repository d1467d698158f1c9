"""Who is called next, and when nobody is."""

from __future__ import annotations

from datetime import date, time, timedelta
from itertools import pairwise

from dialer.callid import for_attempt
from dialer.campaign.config import CampaignConfig
from dialer.campaign.messages import (
    CorrectNumber,
    LinkRestored,
    PauseCampaign,
    Promise,
    Reassign,
    ResumeCampaign,
    SaveAgent,
)
from dialer.campaign.model.hours import CallingHours
from dialer.campaign.model.trunk import TrunkConfig
from dialer.campaign.model.visit import VisitState
from tests.campaign.days import MONDAY, TRUNK, ZONE, at, config, row
from tests.campaign.stepping import Room

TUESDAY = MONDAY + timedelta(days=1)


def unhurried(**more: object) -> CampaignConfig:
    """Without a limit on calls per second."""
    plain = config(**more)  # type: ignore[arg-type]  # fields by name, or a stand-in
    return CampaignConfig(hours=plain.hours, trunks=plain.trunks, rule=plain.rule, calls_per_second=None)


# -- the order -------------------------------------------------------------------------------------


def test_customers_are_first_called_in_visit_order() -> None:
    """Invariant 10: "Customers of one agent are first called in visit order"."""
    room = Room(row(3), row(1), row(2))
    for n in (1, 2, 3):
        assert room.calls() == [f"C000{n}"]
        room.miss(n)
        room.wait(1)


def test_whom_nobody_answered_is_called_first_once_only() -> None:
    """Who then does not pick up has lost their place before promised times."""
    room = Room(row(1), row(2))
    room.abandon(1)
    assert room.visit(1).first
    room.ready()
    room.wait(1)
    room.miss(2)
    room.ask(Promise(by="test", visit=room.visit(2).id, at=room.now + timedelta(minutes=12)))
    room.wait(minutes=6)
    room.miss(1)
    assert not room.visit(1).first
    room.pause()
    room.wait(minutes=10)
    room.ready()
    room.wait(1)
    assert room.calls() == ["C0002"]


def test_promised_times_go_before_redials_and_redials_before_the_list() -> None:
    """DESIGN.md: "promised times that are due, then redials that are due, then the list" (which is long here)."""
    room = Room(*[row(n) for n in range(1, 31)])
    room.abandon(1)
    room.ready()
    room.wait(1)
    for n in (2, 3):
        room.miss(n)
        room.wait(1)
    for n in (5, 6):
        room.ask(Promise(by="test", visit=room.visit(n).id, at=at(8, 3)))
    room.wait(minutes=10)
    order = []
    room.miss(4)
    for _ in range(6):
        room.wait(1)
        (customer,) = room.calls()
        order.append(customer)
        room.miss(int(customer[1:]))
    assert order == ["C0001", "C0005", "C0006", "C0002", "C0003", "C0007"]


def test_one_call_for_each_free_agent() -> None:
    """Progressive: "one ringing customer per free agent" (invariant 5)."""
    rows = [row(n, agent=f"{n % 2 + 1:03}") for n in range(1, 9)]
    room = Room(*rows, agents=2, conf=unhurried())
    assert sorted(room.calls()) == ["C0001", "C0002"]
    room.wait(minutes=1)
    assert len(room.calls()) == 2


def test_the_agent_who_has_waited_longest_gets_the_teams_next_customer() -> None:
    """Teams share a list."""
    room = Room(agents=2, teams={"001": "A", "002": "A"}, conf=unhurried(), ready=False)
    room.ready("002")
    room.wait(1)
    room.ready("001")
    room.import_rows(row(1, team="A"), row(2, team="A"))
    assert (room.live(1).agent, room.live(2).agent) == ("002", "001")


def test_an_agent_serves_their_own_line_and_their_teams_in_visit_order() -> None:
    """A row names its agent or its team."""
    room = Room(row(2), row(1, team="A"), row(3, team="B"), teams={"001": "A"})
    assert room.calls() == ["C0001"]
    room.miss(1)
    room.wait(1)
    assert room.calls() == ["C0002"]
    room.miss(2)
    room.wait(1)
    assert room.calls() == []


def test_an_agent_who_changes_team_serves_the_new_one() -> None:
    """SaveAgent: "change name, phone or team"; also while on a call, which goes on."""
    room = Room(row(1), row(2, team="B"))
    call = room.connect()
    room.ask(SaveAgent(by="test", number="001", name="张三", extension="PJSIP/9", team="B"))
    room.hang_up(call)
    room.ready()
    room.wait(1)
    assert room.calls() == ["C0002"]
    assert room.placed()[-1].agent == "PJSIP/9"


def test_a_visit_dealt_to_another_agent_is_called_for_them() -> None:
    """DOMAIN.md: the team leader "moves work when someone is absent"."""
    room = Room(row(1), row(2), agents=2)
    room.ask(Reassign(by="test", visit=room.visit(2).id, agent="002"))
    room.wait(1)
    assert room.live(2).agent == "002"


def test_an_originate_says_everything() -> None:
    """Dial string with prefix and local area, caller id, both timeouts."""
    trunk = TrunkConfig("t", "PJSIP/{number}@t", prefix="9", local_area="0470", caller_id="62880000")
    room = Room(row(1, number="04708231234"), conf=config(trunks=[trunk]))
    (place,) = room.placed()
    assert trunk.dial_string("04708231234") == "PJSIP/98231234@t"
    assert trunk.dial_string("13900000001") == "PJSIP/913900000001@t"
    assert trunk.dial_string("0470") == "PJSIP/9@t"
    assert (place.channel, place.agent, place.caller_id) == ("PJSIP/98231234@t", "PJSIP/001", "62880000")
    assert (place.timeout_s, place.agent_timeout_s) == (45.0, 20.0)


def test_an_attempts_id_names_installation_visit_sequence_and_time() -> None:
    """It is ChannelId, ActionID and recording name: only a-z, 0-9 and -, new for each attempt."""
    room = Room(row(1))
    first = room.miss()
    room.wait(minutes=5)
    second = room.live()
    assert first.id == for_attempt("dx", 1, 1, at(8))
    assert second.id.startswith("dx-1-2-")


def test_calls_are_spaced() -> None:
    """A limit on calls per second."""
    rows = [row(n, agent=f"{n:03}") for n in range(1, 31)]
    room = Room(*rows, agents=30, now=at(7, 59))
    room.wait(60)
    room.wait(1)
    assert len(room.calls()) == 11
    room.wait(2)
    assert len(room.calls()) == 30
    times = sorted(a.placed_at for a in room.state.attempts.values())
    assert min(b - a for a, b in pairwise(times)) >= timedelta(seconds=0.099)


# -- numbers ---------------------------------------------------------------------------------------


def test_two_customers_sharing_a_number_are_never_called_at_once_nor_within_the_gap() -> None:
    """Invariants 2 and 3 hold for the number, "whoever it belongs to"."""
    rows = [row(1, number="13900000001"), row(2, agent="002", number="13900000001"), row(3, agent="002")]
    room = Room(*rows, agents=2)
    assert room.visit(1).shared
    assert room.visit(2).shared
    room.wait(1)
    assert room.calls() == ["C0001", "C0003"]
    room.wait(60)
    room.miss(3)
    ended = room.now
    room.miss(1)
    room.wait(minutes=4, seconds=59)
    assert room.calls() == []
    room.wait(1)
    assert len(room.calls()) == 1
    room.wait(minutes=20)
    placed = {c.customer: c.placed_at for c in room.state.attempts.values()}
    assert min(placed.values()) == ended + timedelta(minutes=5)


def test_a_customer_whose_number_is_in_use_steps_aside_and_comes_back() -> None:
    """The line does not wait for one number."""
    rows = [row(1, number="13900000001"), row(2, agent="002", number="13900000001"), row(3, agent="002")]
    room = Room(*rows, agents=2)
    room.wait(1)
    room.miss(3)
    room.wait(1)
    assert room.calls() == ["C0001"]
    room.talk(1)
    room.wait(minutes=5)
    assert room.calls() == ["C0003"]
    room.miss(3)
    room.wait(1)
    assert room.calls() == ["C0002"]


def test_a_customer_who_steps_aside_for_a_call_of_yesterday_comes_back() -> None:
    """A conversation may outlive its day, and today's list have the number too."""
    round_the_clock = CallingHours((((time.min, time.min),),) * 7, ZONE)
    conf = CampaignConfig(hours=round_the_clock, trunks=(TRUNK,))
    room = Room(row(1), conf=conf, now=at(23, 58), agents=2)
    call = room.connect()
    room.open_day(TUESDAY)
    room.import_rows(row(2, agent="002", number=call.number), day=TUESDAY)
    room.wait(minutes=3)
    assert room.calls() == ["C0001"]
    assert room.visit(1).state is VisitState.CALLING
    room.hang_up(call)
    room.wait(minutes=5)
    assert room.calls() == ["C0002"]


def test_a_corrected_number_does_not_wait_for_the_gap_of_the_old_one() -> None:
    """The gap belongs to the number."""
    room = Room(row(1))
    room.miss()
    room.ask(CorrectNumber(by="test", day=MONDAY, customer="C0001", number="13800000001"))
    room.wait(1)
    assert room.live().number == "13800000001"


# -- when nobody is called ---------------------------------------------------------------------------


def test_nobody_is_called_outside_calling_hours() -> None:
    """Invariant 4: hours per weekday with breaks."""
    room = Room(*[row(n) for n in range(1, 4)], now=at(7, 59))
    assert room.calls() == []
    room.wait(60)
    assert room.calls() == ["C0001"]
    room.wait_until(at(12))
    room.miss(1)
    room.wait_until(at(12, 59, 59))
    assert room.calls() == []
    room.wait(1)
    assert len(room.calls()) == 1


def test_agents_who_were_ready_overnight_are_called_upon_in_the_morning() -> None:
    """The list of a day to come is dealt out when that day opens."""
    room = Room(row(1), now=at(17), agents=2)
    room.open_day(TUESDAY)
    room.import_rows(row(2, agent="002"), day=TUESDAY)
    room.wait_until(at(8, day=TUESDAY))
    assert "C0002" in room.calls()


def test_nobody_is_called_while_the_campaign_is_paused() -> None:
    """Pause and resume; calls that are up go on. Who paused it and why is known, also after a restart."""
    room = Room(row(1), row(2))
    call = room.connect()
    room.ask(PauseCampaign(by="leader", reason="order system down"))
    room.hang_up(call)
    room.ready()
    room.wait(minutes=5)
    assert room.calls() == []
    room.restart()
    room.link()
    assert room.state.flags["paused"] == "leader: order system down"
    room.ask(ResumeCampaign(by="leader"))
    assert room.calls() == ["C0002"]
    told = room.told("campaign.resumed")
    room.ask(ResumeCampaign(by="leader"))
    assert room.told("campaign.resumed") == told
    room.ask(PauseCampaign(by="leader"))
    assert room.state.flags["paused"] == "leader"


def test_nobody_is_called_without_a_link() -> None:
    """Calling stops rather than burning attempts."""
    room = Room(row(1), linked=False)
    room.wait(minutes=5)
    assert room.calls() == []
    room.do(LinkRestored(room.now, ()))
    assert room.calls() == ["C0001"]


def test_a_day_that_is_not_loaded_has_no_calls() -> None:
    """The engine loads it first."""
    room = Room(row(1), now=at(7))
    room.now = at(8, day=date(2026, 11, 25))
    room.do()
    assert room.calls() == []
