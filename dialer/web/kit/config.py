"""How the web listens, and what it puts up with."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

from pydantic import Field, model_validator

from dialer.language import Language
from dialer.section import Section


class WebSettings(Section):
    """Where it listens.

    To leave the machine give it a certificate, or put a proxy on the same machine before it (``behind_proxy``: then
    X-Forwarded-For, -Proto and -Host of that proxy are believed). ``language`` is that of people who chose none.
    """

    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    language: Language = "zh"
    tls_certificate: Path | None = None  # PEM, the whole chain
    tls_key: Path | None = None  # PEM
    behind_proxy: bool = False
    phrases: Path | None = None

    @property
    def in_the_clear(self) -> bool:
        """Whether passwords and tokens leave this machine unencrypted."""
        try:
            loopback = ip_address(self.host).is_loopback
        except ValueError:
            loopback = self.host == "localhost"
        return not loopback and self.tls_certificate is None

    @model_validator(mode="after")
    def _certificate_and_key(self) -> WebSettings:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key belong together; set both or neither")
        return self


class WebConfig(WebSettings):
    """The settings, and limits that nobody needs to set.

    ``idle_s`` closes a connection that has not sent a whole request head in this time. ``body_s`` is for all of a JSON
    body, ``upload_s`` for all of a list. ``command_s`` is how long an answer of the engine is waited for, ``import_s``
    for that to a list. ``shutdown_s`` bounds the end.
    """

    max_unsigned: int = 16 << 10  # bytes of what somebody sends who is not signed in
    max_form: int = 256 << 10  # bytes; 2,000 ticked boxes are 40 kB
    max_json: int = 64 << 10  # bytes
    max_upload: int = 32 << 20  # bytes
    idle_s: float = 75.0  # longer than a proxy before it keeps a connection (nginx: 60 s)
    body_s: float = 10.0
    upload_s: float = 120.0
    command_s: float = 15.0
    import_s: float = 120.0
    probe_s: float = 5.0  # a health probe that takes longer has failed
    write_s: float = 30.0  # a client that takes nothing for so long is let go
    shutdown_s: float = 5.0
    heartbeat_s: float = 15.0  # between two comments on a quiet event stream
    event_backlog: int = 1000  # events that a slow client may be behind, and that a returning one can catch up on
    max_streams: int = 200
