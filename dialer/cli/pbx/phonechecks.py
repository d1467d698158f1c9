"""What `dialer check` says of agents' phones beyond their states: whether silence ends a call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from dialer.campaign.model.agent import Agent
from dialer.campaign.model.phone import devices_in
from dialer.campaign.rules.phone import PhoneRule
from dialer.campaign.views.wording import some
from dialer.cli.pbx.checks import Check, fail, warn
from dialer.language import N_, Translate

_ENDPOINT = re.compile(r"PJSIP/(?P<endpoint>[A-Za-z0-9._-]+)")


def endpoints_of(agents: Sequence[Agent]) -> tuple[str, ...]:
    """The PJSIP endpoints of these agents' phones, each once."""
    found = (_ENDPOINT.fullmatch(device) for agent in agents for device in devices_in(agent.extension))
    return tuple(dict.fromkeys(match["endpoint"] for match in found if match))


def form_checks(agents: Sequence[Agent], phones: PhoneRule, t: Translate) -> Iterator[Check]:
    """Agents who are never called, since what the records have for their phones is none."""
    barred = [f"{agent.number} ({agent.extension})" for agent in agents if phones.fault(agent.extension)]
    if barred:
        text = t("phones that the settings do not allow, and that are not called: {phones}", phones=some(barred))
        todo = t(
            "Correct the extensions: dialer agents save. Or allow their form: lists.other_phone_templates. A phone "
            "number or a trunk is never a phone."
        )
        yield fail(N_("phones"), text, todo)


def silence_checks(rtp_timeouts: Mapping[str, str], t: Translate) -> Iterator[Check]:
    """``rtp_timeouts`` by endpoint, as the PBX tells them; "" where it does not."""
    endless = [endpoint for endpoint, timeout in rtp_timeouts.items() if timeout == "0"]
    if endless:
        silent = N_("a phone that loses its power in a conversation leaves the customer in silence: {phones}")
        todo = t("Set rtp_timeout = 30 for the phones' endpoints in pjsip.conf (FreePBX: Extensions, Advanced).")
        yield warn(N_("rtp timeout"), t(silent, phones=some(endless)), todo)
