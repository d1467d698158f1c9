"""What `dialer check` says of agents' phones that fall silent."""

from __future__ import annotations

from dialer.campaign.model.agent import Agent
from dialer.campaign.rules.phone import PhoneRule
from dialer.cli.pbx.phonechecks import endpoints_of, form_checks, silence_checks
from dialer.language import translator

AGENTS = [Agent("001", extension="PJSIP/8001"), Agent("002", extension="PJSIP/8002&PJSIP/8001"), Agent("003")]


def test_phones_whose_silence_ends_no_call_are_named() -> None:
    """Only those of which the PBX says so."""
    assert endpoints_of(AGENTS) == ("8001", "8002")
    (check,) = silence_checks({"8001": "0", "8002": "30", "8003": ""}, translator("en"))
    assert (check.verdict, check.text.rpartition(": ")[2]) == ("warn", "8001")
    assert list(silence_checks({"8002": "30"}, translator("en"))) == []


def test_phones_that_are_none_are_named() -> None:
    """Of records from before phones had forms: their agents are not called, and it is said whose they are."""
    (check,) = form_checks([*AGENTS[:1], Agent("009", extension="Local/s@evil")], PhoneRule(), translator("en"))
    assert (check.verdict, check.text.rpartition(": ")[2]) == ("fail", "009 (Local/s@evil)")
    assert list(form_checks(AGENTS[:1], PhoneRule(), translator("en"))) == []
