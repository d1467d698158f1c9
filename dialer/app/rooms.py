"""Settings as the rooms take them."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import timedelta

from dialer.ami.config import AmiConfig
from dialer.campaign.changes import NoticeKind
from dialer.campaign.ports import Clock
from dialer.errors import SettingsError
from dialer.notices.board import BoardSender
from dialer.notices.policy import RelayPolicy
from dialer.notices.relay import Sender
from dialer.notices.senders import AppriseSender, Route, Router
from dialer.notices.wording import Wording
from dialer.recording.config import RecordingConfig
from dialer.settings import Settings
from dialer.store.backups.folder import BackupConfig
from dialer.store.records.board import SqlBoard


def ami_config(settings: Settings) -> AmiConfig:
    """The PBX link's settings. Raises :class:`SettingsError` when there is no secret."""
    secret = settings.ami_secret()
    if not secret:
        raise SettingsError("pbx.secret_file: the AMI user's secret is missing; `dialer asterisk-config` makes one")
    p = settings.pbx
    return AmiConfig(
        username=p.username,
        secret=secret,
        host=p.host,
        port=p.port,
        prefix=p.prefix,
        ping_interval_s=p.ping_interval_s,
        ping_timeout_s=p.ping_timeout_s,
        reconnect_first_s=p.reconnect_first_s,
        reconnect_max_s=p.reconnect_max_s,
    )


def recording_config(settings: Settings) -> RecordingConfig:
    """The recording room's settings."""
    r = settings.recordings
    return RecordingConfig(
        spool=r.spool,
        done=r.done,
        library=settings.library,
        poll_s=r.poll_s,
        missing_after_s=r.missing_after_s,
        still_s=r.still_s,
        keep_days=r.keep_days,
    )


def backup_config(settings: Settings) -> BackupConfig:
    """Where backups go, and how long they are kept."""
    return BackupConfig(settings.backups, settings.zone, settings.backup.keep_days)


def relay_policy(settings: Settings) -> RelayPolicy:
    """Growing waits, from the first one set."""
    first = settings.platform.retry_first_s
    return RelayPolicy(
        waits_s=tuple(first * factor for factor in (1, 4, 15, 60, 240, 720)),
        give_up_after=timedelta(days=settings.platform.give_up_after_days),
    )


def platform(settings: Settings, board: SqlBoard, wording: Wording, clock: Clock, stack: AsyncExitStack) -> Sender:
    """Who gets the notices: the platform, or the built-in board; alarms by Apprise as well."""
    routes: dict[str, Route] = {}
    if settings.platform.url:
        from dialer.notices.webhook import WebhookConfig, WebhookSender

        webhook = WebhookSender(
            WebhookConfig(
                settings.platform.url,
                (settings.platform_secret(),),
                require_ack={"ok": True} if settings.platform.require_ack else None,
                timeout_s=settings.platform.timeout_s,
            ),
            clock,
        )
        stack.push_async_callback(webhook.close)
        routes["platform"] = Route(webhook)
    else:
        routes["board"] = Route(BoardSender(board, clock))
    for place, address in enumerate(settings.platform.alarm_addresses, 1):
        sender = AppriseSender(address.get_secret_value(), wording, place)
        routes[f"alarms-{place}"] = Route(sender, frozenset({NoticeKind.ALARM, NoticeKind.LATE_START}))
    return Router(routes)
