"""What a step leaves are copies."""

from __future__ import annotations

from dialer.campaign.model.agent import Agent
from dialer.campaign.model.attempt import Attempt
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
