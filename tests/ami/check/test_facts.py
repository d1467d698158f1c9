"""What a real PBX says to our least-rights user."""

from __future__ import annotations

import pytest

from dialer.ami import pbxconfig
from dialer.ami.check.facts import CONTEXTS, look, steps_of
from dialer.ami.config import AmiConfig
from dialer.demo.rig.rig import AGENT_TIMEOUT_S, ANNOUNCEMENT, Rig
from dialer.errors import LinkDown, LoginRefused


def config(rig: Rig, *, secret: str = "", port: int = 0) -> AmiConfig:
    return AmiConfig(
        username=rig.ami.username,
        secret=secret or rig.ami.secret,
        host=rig.ami.host,
        port=port or rig.ami.port,
        boot_wait_s=1.0,
    )


@pytest.mark.pbx
async def test_a_real_pbx_tells_all(rig: Rig) -> None:
    """Rights, events, clock, dialplan, trunks: everything that `dialer check` judges is answered to least rights."""
    facts = await look(
        config(rig),
        devices=("PJSIP/carrier", "PJSIP/nowhere"),
        extensions=(("from-internal", "13900000000"), ("from-nowhere", "13900000000")),
    )
    assert facts.version[0].isdigit()
    assert facts.missing_actions() == []
    assert facts.needless_rights(pbxconfig.WRITE_RIGHTS) == {}
    assert {"Command", "MixMonitor", "UpdateConfig"}.isdisjoint(facts.actions)
    assert facts.booted
    assert (facts.read, facts.event_times) == (frozenset(pbxconfig.READ_RIGHTS), True)
    assert facts.modules == facts.events == ()
    assert (facts.settings["writetimeout"], facts.settings["loguniqueid"]) == ("5000", "yes")
    assert facts.clock_ahead_s is not None
    assert abs(facts.clock_ahead_s) < 0.5
    assert facts.utc_offset[0] in "+-"
    assert facts.journal_ahead_s is not None
    assert abs(facts.journal_ahead_s - facts.clock_ahead_s) < 0.5
    assert facts.states == {"PJSIP/carrier": "NOT_INUSE", "PJSIP/nowhere": "INVALID"}
    assert facts.extensions == {("from-internal", "13900000000"): True, ("from-nowhere", "13900000000"): False}


@pytest.mark.pbx
async def test_the_loaded_dialplan_is_the_one_that_we_wrote(rig: Rig) -> None:
    """The steps read from the PBX equal those of the text, so a changed or old dialplan can be seen."""
    facts = await look(config(rig))
    text = pbxconfig.dialplan(str(rig.recordings.spool), str(rig.recordings.done), AGENT_TIMEOUT_S, ANNOUNCEMENT)
    assert facts.dialplan == steps_of(text)
    assert [context.partition("-")[2] for context in facts.dialplan] == list(CONTEXTS)


@pytest.mark.pbx
async def test_too_many_rights_show(rig: Rig) -> None:
    """The rig's own user has all rights: those that the dialer should not have are named with an action each."""
    control = rig.office.control()
    facts = await look(AmiConfig(username=control.username, secret=control.secret, port=control.port, boot_wait_s=1.0))
    needless = facts.needless_rights(pbxconfig.WRITE_RIGHTS)
    assert "Command" in needless["command"]
    assert {"system", "config"} <= set(needless)


@pytest.mark.pbx
async def test_a_wrong_secret_is_told_apart_from_no_pbx(rig: Rig) -> None:
    """A refused login and a closed port are different errors."""
    with pytest.raises(LoginRefused):
        await look(config(rig, secret="not-the-secret"))
    with pytest.raises(LinkDown):
        await look(config(rig, port=1))
