"""What a step leaves are copies."""

from __future__ import annotations

from dialer.campaign.changes import Changes
from dialer.campaign.model.agent import Agent
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.visit import Visit
from dialer.campaign.recorder import Recorder
from tests.campaign.days import MONDAY, at


def test_rows_are_copies_that_the_state_cannot_change() -> None:
    """Equal to what changed, and apart from it; an attempt's evidence too."""
    out = Recorder()
    visit = Visit(1, MONDAY, "main", "C1", "139", 1, agent="001", counted=2, reason="r")
    attempt = Attempt("dx-1-1-a", 1, MONDAY, 1, 1, "C1", "139", "trunk", "001", at(8))
    agent = Agent("001", "name", "PJSIP/1", "team")
    out.visit(visit)
    out.attempt(attempt)
    out.agent(agent)
    changes = out.finish()
    assert (changes.visits, changes.attempts, changes.agents) == ([visit], [attempt], [agent])
    visit.counted, attempt.evidence.ringing, agent.team = 3, True, None
    assert changes.visits[0].counted == 2
    assert changes.attempts[0].evidence.ringing is False
    assert changes.agents[0].team == "team"


def test_changes_are_true_when_there_are_any() -> None:
    """An empty step is not committed."""
    assert not Changes()
    assert Changes(flags={"paused": ""})
    assert Changes(results=[("a", "ordered")])


def test_rows_are_copies_each_once_in_their_last_state() -> None:
    """The state may move on while they are written."""
    out, it = Recorder(), Visit(1, MONDAY, "main", "C1", "1391", 1)
    call = Attempt("a", 1, MONDAY, 1, 1, "C1", "139", "t", "001", at(8))
    old = Attempt("b", 1, MONDAY, 1, 1, "C1", "139", "t", "001", at(8))
    other = Visit(2, MONDAY, "main", "C2", "1392", 2)
    out.changes.added.append((it, Customer("C1")))
    for each in (it, other, other):
        out.visit(each)
    out.placed(call)
    out.attempt(call)
    out.attempt(old)
    out.attempt(old)
    it.counted = other.counted = 3
    changes = out.finish()
    it.counted = other.counted = 4
    call.evidence.ringing = True
    assert [v.counted for v, _ in changes.added] == [v.counted for v in changes.visits] == [3]
    assert ([a.id for a in changes.placed], [a.id for a in changes.attempts]) == (["a"], ["b"])
    assert not changes.placed[0].evidence.ringing


def test_a_line_of_history_knows_whose_it_is() -> None:
    """Of a visit, of an attempt, or of neither."""
    out = Recorder()
    call = Attempt("a", 7, MONDAY, 1, 1, "C1", "139", "t", "001", at(8))
    out.note(at(8), "x", visit=Visit(1, MONDAY, "main", "C1", "1391", 1), by="me", n=1)
    out.note(at(8), "y", attempt=call)
    out.note(at(8), "z")
    found = [(e.what, e.day, e.visit, e.attempt, dict(e.details)) for e in out.changes.history]
    assert found == [("x", MONDAY, 1, None, {"n": 1}), ("y", MONDAY, 7, "a", {}), ("z", None, None, None, {})]
