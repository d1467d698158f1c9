"""What the link to the PBX needs to know. All durations are in seconds."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr

from dialer.section import Section


class PbxSettings(Section):
    """How to reach the PBX's manager interface (AMI), who we are there, and how patient we are.

    ``prefix`` is the one that the dialplan was made with (:mod:`dialer.ami.pbxconfig`). Two dialers on one PBX need
    two prefixes: each clears its own journal.
    """

    host: str = "127.0.0.1"
    port: int = Field(5038, ge=1, le=65535)
    username: str = "dialer"
    secret: SecretStr = SecretStr("")
    secret_file: Path | None = None
    prefix: str = Field("dialer", pattern=r"^[a-z][a-z0-9]{0,30}$")
    announcement: str = "vm-nobodyavail"
    ping_interval_s: float = Field(10.0, gt=0)
    ping_timeout_s: float = Field(5.0, gt=0)

    reconnect_first_s: float = Field(0.5, gt=0)
    """The first wait between two attempts to connect; it doubles up to ``reconnect_max_s``."""

    reconnect_max_s: float = Field(1.0, gt=0)
    """Short: agents sit idle until the PBX is found again, and a connection that is refused costs next to nothing."""


class AmiConfig(PbxSettings):
    """The settings, and what nobody needs to set. ``secret`` is the one of its file, where there is one."""

    connect_timeout_s: float = 5.0
    login_timeout_s: float = 5.0
    boot_wait_s: float = 10.0
    """How long to wait for FullyBooted after the login. A PBX that is up sends it at once, one that is still starting
    when it is ready, and a user without ``read=system`` never gets it and loses this time with each login."""

    answer_timeout_s: float = 10.0
    """How long an action may stay unanswered before the link counts as broken."""

    refused_first_s: float = 5.0
    refused_max_s: float = 30.0
    """The same after a refused login, so that an intrusion guard on the PBX does not shut us out."""

    repeat_report_s: float = 30.0
    """How often the log says again what it has said: that there is no link, for the same reason as before."""

    trunk_leg_wait_s: float = 0.5
    """How long the hang-up of a ``Local/`` call waits for the trunk leg's, which alone has the SIP code; and a response
    that says only "failed", for any other sign that there was a channel."""

    customer_wait_s: float = 1.0
    """How long the end of the agent's phone waits for that of the customer's call, before it is taken for a transfer of
    which the PBX has not told."""

    journal_keep_s: float = 300.0
    """How long an end stays in the PBX's journal after it was first told: time to get it into the records."""

    unheard_s: float = 10.0
    """How long after its Timeout an Originate that the PBX accepted and says nothing of is still taken for a call.

    One that it has not even accepted within ``answer_timeout_s`` is none."""
