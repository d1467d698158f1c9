"""What the settings lead to: the link's secret, and who gets the notices."""

from __future__ import annotations

from contextlib import AsyncExitStack

from pydantic import SecretStr

from dialer.ami.config import AmiConfig
from dialer.campaign.changes import NoticeKind
from dialer.clock import Clock
from dialer.errors import SettingsError
from dialer.notices.board import BoardSender
from dialer.notices.config import WebhookConfig
from dialer.notices.relay import Sender
from dialer.notices.senders import AppriseSender, Route, Router
from dialer.notices.wording import Wording
from dialer.settings import Settings
from dialer.store.records.board import SqlBoard


def ami_config(settings: Settings) -> AmiConfig:
    """The PBX link's settings. Raises :class:`SettingsError` when there is no secret."""
    secret = settings.ami_secret()
    if not secret:
        raise SettingsError("pbx.secret_file: the AMI user's secret is missing; `dialer asterisk-config` makes one")
    return AmiConfig(**dict(settings.pbx) | {"secret": SecretStr(secret)})


def platform(settings: Settings, board: SqlBoard, clock: Clock, stack: AsyncExitStack) -> Sender:
    """Who gets the notices: the platform, or the built-in board; alarms by Apprise as well."""
    routes: dict[str, Route] = {}
    if settings.platform.url:
        from dialer.notices.webhook import WebhookSender

        secret = SecretStr(settings.platform_secret())
        webhook = WebhookSender(WebhookConfig(**dict(settings.platform) | {"secret": secret}), clock)
        stack.push_async_callback(webhook.close)
        routes["platform"] = Route(webhook)
    else:
        routes["board"] = Route(BoardSender(board, clock))
    wording = Wording(settings.web.language, settings.zone)
    for place, address in enumerate(settings.platform.alarm_addresses, 1):
        sender = AppriseSender(address.get_secret_value(), wording, place)
        routes[f"alarms-{place}"] = Route(sender, frozenset({NoticeKind.ALARM, NoticeKind.LATE_START}))
    return Router(routes)
