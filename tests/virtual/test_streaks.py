"""Days on which the PBX fails in silence: it is noticed, few customers suffer, and calling goes on by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.visit import VisitState
from dialer.campaign.rules.streak import Kind
from tests.campaign.days import Script, at, row, scene

SILENCES = [("swallows", Kind.UNHEARD, Disposition.UNKNOWN), ("lacks_module", Kind.DROPPED, Disposition.ABANDONED)]
AGENTS = 4


@pytest.mark.parametrize(("silence", "kind", "ends"), SILENCES)
async def test_a_pbx_that_fails_in_silence_is_noticed(silence: str, kind: Kind, ends: Disposition) -> None:
    """Originates swallowed, a missing module: no alarm, agents "ringing" for minutes or ready at once."""
    s = scene(Script(), [row(n, agent=f"{n % AGENTS + 1:03}") for n in range(1, 201)], agents=AGENTS)
    begins, ends_at = at(8, 10), at(8, 40)
    s.day.plan(begins, lambda _: setattr(s.pbx, silence, True))
    s.day.plan(ends_at, lambda _: setattr(s.pbx, silence, False))
    await s.day.run(at(18, 30))
    assert s.broken() == []
    assert all(visit.state is VisitState.REACHED for visit in s.store.visits.values())
    raised = [entry for entry in s.store.history if entry.what == "alarm.raised"]
    assert [entry.details["key"] for entry in raised] == [
        f"streak-{kind}:{'trunk' if kind is Kind.DROPPED else 'main'}"
    ]
    assert raised[0].at - begins < timedelta(minutes=5)  # conversations that had begun have to end first
    lost = [a for a in s.store.attempts.values() if a.disposition is ends]
    assert 3 <= len(lost) <= 3 + AGENTS + 8  # those that show it, those under way, and the ones that tried
    (cleared,) = [entry for entry in s.store.history if entry.what == "alarm.cleared"]
    assert timedelta(0) <= cleared.at - ends_at < timedelta(minutes=11)
