"""Whether the info platform can be reached, takes our signature, and answers as a notice needs it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator

from pydantic import SecretStr

from dialer.campaign.changes import NoticeKind
from dialer.cli.pbx.checks import Check, fail, ok
from dialer.clock import SystemClock
from dialer.errors import DeliveryFailed, SettingsError
from dialer.language import Translate
from dialer.settings import Settings

TYPE = "check"
"""Type of the notice that `dialer check` sends: it asks for nothing but an answer."""


def platform_checks(settings: Settings, t: Translate) -> Iterator[Check]:
    """Send one signed notice that means nothing, as docs/api.md announces it."""
    url = settings.platform.url
    if not url:
        yield ok("platform", t("none is set; notices go to the built-in board"))
        return
    secret_todo = t("Put the signing secret (whsec_...) into the file that platform.secret_file names.")
    try:
        secret = settings.platform_secret()
        if not secret:
            yield fail("platform", t("{url} has no signing secret", url=url), secret_todo)
            return
        asyncio.run(_deliver(settings, secret))
    except SettingsError as error:
        yield fail("platform", str(error), secret_todo)
    except DeliveryFailed as error:
        yield fail("platform", str(error), _todo(error, t))
    else:
        yield ok("platform", t("{url} acknowledges a signed notice", url=url))


async def _deliver(settings: Settings, secret: str) -> None:
    from dialer.notices.outbox import Notice
    from dialer.notices.webhook import WebhookSender

    clock = SystemClock()
    sender = WebhookSender(settings.platform.model_copy(update={"secret": SecretStr(secret)}), clock)
    now = clock.now()
    body = {"type": TYPE, "timestamp": now.isoformat(), "data": {}}
    try:
        await sender.deliver(Notice(f"{TYPE}-{secrets.token_hex(6)}", NoticeKind.ALARM, now, body))
    finally:
        await sender.close()


def _todo(error: DeliveryFailed, t: Translate) -> str:
    match error.status:
        case None:
            return t("Is the address right, and does a firewall between the two machines let it through?")
        case 401 | 403:
            return t("The secret must be the same on both sides; ask who looks after the platform.")
        case status if 300 <= status < 500:
            return t("Correct platform.url; ask who looks after the platform for the address of notices.")
        case _:
            return t("The platform must acknowledge every notice as docs/api.md says; look into its own log.")
