"""What `dialer check` says of agents' phones that fall silent."""

from __future__ import annotations

from dialer.campaign.model.agent import Agent
from dialer.cli.pbx.phonechecks import endpoints_of, silence_checks
from dialer.language import translator

AGENTS = [Agent("001", extension="PJSIP/8001"), Agent("002", extension="PJSIP/8002&PJSIP/8001"), Agent("003")]


def test_phones_whose_silence_ends_no_call_are_named() -> None:
    """Only those of which the PBX says so."""
    assert endpoints_of(AGENTS) == ("8001", "8002")
    (check,) = silence_checks({"8001": "0", "8002": "30", "8003": ""}, translator("en"))
    assert (check.verdict, check.text.rpartition(": ")[2]) == ("warn", "8001")
    assert list(silence_checks({"8002": "30"}, translator("en"))) == []
