"""When an attempt was a conversation. Pure."""

from __future__ import annotations

from datetime import datetime

from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.evidence import Disposition


def talked(attempt: Attempt) -> bool:
    """Whether customer and agent were connected.

    After an outage only the disposition may say so, when the moment itself was not observed.
    """
    return attempt.connected_at is not None or attempt.disposition is Disposition.CONNECTED


def began_at(attempt: Attempt) -> datetime:
    """When the conversation began, as well as it is known."""
    return attempt.connected_at or attempt.answered_at or attempt.placed_at
