"""Settings: defaults < ``dialer.toml`` < environment < secret files.

Every mistake is reported at once, with the place where it is and what would be right. The file is
``config/dialer.toml`` explained line by line; each name can be set by environment as well, for
example ``DIALER_PBX__HOST``. A secret comes from a file named by ``…_file`` or from systemd's
``$CREDENTIALS_DIRECTORY``, so that it need not stand in the settings.
"""

from __future__ import annotations

import os
import re
import tomllib
from datetime import time, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from dialer.campaign.breaker import BreakerRule
from dialer.campaign.config import CampaignConfig
from dialer.campaign.hours import CallingHours, Window
from dialer.campaign.rule import Counting, RedialRule
from dialer.campaign.trunk import TrunkConfig
from dialer.errors import SettingsError

DEFAULT_PATHS = (Path("config/dialer.toml"), Path("/etc/dialer/dialer.toml"))

_WINDOW = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _checked_template(value: str) -> str:
    if value.count("{number}") != 1:
        raise ValueError("must contain {number} exactly once, for example PJSIP/{number}@trunk")
    if re.search(r"[\x00-\x20,;\"]", value):
        raise ValueError("must not contain spaces, commas, semicolons or quotes")
    if value.startswith("Local/") and not value.endswith("/n"):
        raise ValueError("a Local channel must end in /n, or Asterisk optimises it away and its id with it")
    return value


def _checked_caller_id(value: str) -> str:
    if value and not re.fullmatch(r'(?:"[^"\\<>\x00-\x1f\x7f]*" *)?<[0-9+*#]+>|[0-9+*#]+', value):
        raise ValueError("must be a number such as 62880000, or with a name: '\"Order desk\" <62880000>'")
    return value


def _checked_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"there is no time zone {value!r}; take a name such as Asia/Shanghai") from None
    return value


def _windows(values: tuple[str, ...]) -> tuple[str, ...]:
    last = time.min
    for i, (start, end) in enumerate(parse_windows(values)):
        closes_at_midnight = end == time.min
        if not (start < end or closes_at_midnight) or (i and start < last) or (i and last == time.min):
            raise ValueError("windows must be in order and not overlap, for example ['08:00-12:00', '13:00-18:00']")
        last = end
    return values


def parse_windows(values: tuple[str, ...]) -> tuple[Window, ...]:
    """``("08:00-12:00",)`` as times. Raises ``ValueError`` for anything else."""
    parsed: list[Window] = []
    for value in values:
        found = _WINDOW.fullmatch(value.strip())
        if not found:
            raise ValueError(f"{value!r} is not a window such as '08:00-12:00'")
        h1, m1, h2, m2 = map(int, found.groups())
        parsed.append((time(h1, m1), time.min if (h2, m2) == (24, 0) else time(h2, m2)))
    return tuple(parsed)


Windows = Annotated[tuple[str, ...], AfterValidator(_windows)]
_WORKDAY = ("08:00-12:00", "13:00-18:00")


class PbxSettings(_Section):
    """How to reach the PBX's manager interface (AMI)."""

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
    reconnect_max_s: float = Field(1.0, gt=0)


class TrunkSettings(_Section):
    """One way out of the PBX."""

    name: str = Field(min_length=1, pattern=r"^[\w.-]+$")
    template: Annotated[str, AfterValidator(_checked_template)]
    prefix: str = Field("", pattern=r"^[0-9*#+]*$")
    local_area: str = Field("", pattern=r"^(0\d{2,3})?$")
    caller_id: Annotated[str, AfterValidator(_checked_caller_id)] = ""
    channels: int = Field(30, ge=1)
    reports_ringing: bool = True


class RuleSettings(_Section):
    """The 5-attempt rule."""

    attempts: int = Field(5, ge=1, le=50)
    counting: Counting = Counting.ATTEMPTS
    gap_s: float = Field(300.0, gt=0)


class DiallingSettings(_Section):
    """How calls are placed."""

    ring_timeout_s: float = Field(45.0, ge=1, le=300)
    agent_timeout_s: float = Field(20.0, ge=1, le=300)
    wrap_up_s: float | None = Field(None, ge=0)
    calls_per_second: float | None = Field(5.0, gt=0)
    settle_s: float = Field(2.0, gt=0)
    survey_every_s: float = Field(60.0, gt=0)
    carrier_ring_limit_s: float = Field(120.0, gt=0)
    unanswered_invite_s: float = Field(32.0, gt=0)
    late_after_s: float = Field(600.0, gt=0)
    breaker_failures: int = Field(5, ge=1)
    breaker_pause_s: float = Field(30.0, gt=0)
    breaker_longest_s: float = Field(600.0, gt=0)


class HoursSettings(_Section):
    """Calling hours on the department's wall clock."""

    zone: Annotated[str, AfterValidator(_checked_zone)] = "Asia/Shanghai"
    monday: Windows = _WORKDAY
    tuesday: Windows = _WORKDAY
    wednesday: Windows = _WORKDAY
    thursday: Windows = _WORKDAY
    friday: Windows = _WORKDAY
    saturday: Windows = ()
    sunday: Windows = ()
    chinese_calendar: bool = True


class ListSettings(_Section):
    """Visit lists and agents' lists."""

    area_code: str = Field("", pattern=r"^(0\d{2,3})?$")
    allow_numbers: tuple[str, ...] = ()
    default_team: str | None = None
    visit_columns: dict[str, list[str]] = Field(default_factory=dict)
    agent_columns: dict[str, list[str]] = Field(default_factory=dict)
    phone_template: str = "PJSIP/{extension}"


class RecordingSettings(_Section):
    """Where recordings come from and where they are kept."""

    spool: Path = Path("/var/spool/asterisk/dialer/spool")
    done: Path = Path("/var/spool/asterisk/dialer/done")
    library: Path | None = None
    keep_days: int | None = Field(None, ge=1)
    poll_s: float = Field(1.0, gt=0)
    missing_after_s: float = Field(60.0, gt=0)
    still_s: float = Field(60.0, gt=0)


class WebSettings(_Section):
    """The HTTP face."""

    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    language: Literal["zh", "en"] = "zh"
    tls_certificate: Path | None = None
    tls_key: Path | None = None
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


class PlatformSettings(_Section):
    """The info platform; without a URL the built-in board is the platform."""

    url: str = Field("", pattern=r"^(https?://\S+)?$")
    secret: SecretStr = SecretStr("")
    secret_file: Path | None = None
    timeout_s: float = Field(10.0, gt=0)
    require_ack: bool = False
    give_up_after_days: float = Field(3.0, gt=0)
    retry_first_s: float = Field(5.0, gt=0)
    alarm_addresses: tuple[SecretStr, ...] = ()


def _wall_clock(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("is a time on the department's clock, without an offset, for example '02:00'")
    return value


class BackupSettings(_Section):
    """The nightly backup of the database."""

    folder: Path | None = None
    keep_days: int = Field(14, ge=1)
    at: Annotated[time, AfterValidator(_wall_clock)] = time(2)


class LogSettings(_Section):
    """Logging."""

    format: Literal["console", "json"] = "console"
    level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_prefix="DIALER_", env_nested_delimiter="__")

    data: Path = Path("/var/lib/dialer")
    pbx: PbxSettings = PbxSettings()
    trunks: tuple[TrunkSettings, ...] = ()
    rule: RuleSettings = RuleSettings()
    dialling: DiallingSettings = DiallingSettings()
    hours: HoursSettings = HoursSettings()
    lists: ListSettings = ListSettings()
    recordings: RecordingSettings = RecordingSettings()
    web: WebSettings = WebSettings()
    platform: PlatformSettings = PlatformSettings()
    backup: BackupSettings = BackupSettings()
    log: LogSettings = LogSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - likewise
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - likewise
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The file's values arrive as ``init``; the environment goes before them."""
        return env_settings, init_settings

    @model_validator(mode="after")
    def _trunks_are_told_apart(self) -> Settings:
        names = [t.name for t in self.trunks]
        if len(set(names)) != len(names):
            raise ValueError("trunks: two trunks have the same name")
        return self

    # -- places ----------------------------------------------------------------------------------

    @property
    def database(self) -> Path:
        """The database file."""
        return self.data / "dialer.sqlite3"

    @property
    def library(self) -> Path:
        """The folder of the recordings that were taken in."""
        return self.recordings.library or self.data / "recordings"

    @property
    def backups(self) -> Path:
        """The folder of the database's backups."""
        return self.backup.folder or self.data / "backups"

    @property
    def zone(self) -> ZoneInfo:
        """The department's time zone."""
        return ZoneInfo(self.hours.zone)

    # -- secrets ---------------------------------------------------------------------------------

    def ami_secret(self) -> str:
        """The secret of the AMI user. Raises :class:`SettingsError` when its file cannot be read."""
        return _secret(self.pbx.secret, self.pbx.secret_file, "ami_secret", "pbx.secret_file")

    def platform_secret(self) -> str:
        """The signing secret of the info platform; "" when there is none."""
        return _secret(self.platform.secret, self.platform.secret_file, "platform_secret", "platform.secret_file")

    def secrets(self) -> tuple[str, ...]:
        """Every secret, for the log to mask."""
        found = [self.ami_secret(), self.platform_secret()]
        found += [a.get_secret_value() for a in self.platform.alarm_addresses]
        return tuple(s for s in found if s)

    # -- for the rooms ---------------------------------------------------------------------------

    def campaign(self) -> CampaignConfig:
        """The settings as the rules take them."""
        week = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        d = self.dialling
        return CampaignConfig(
            hours=CallingHours(tuple(parse_windows(getattr(self.hours, day)) for day in week), self.zone),
            trunks=tuple(TrunkConfig(**t.model_dump()) for t in self.trunks),
            rule=RedialRule(self.rule.attempts, self.rule.counting, timedelta(seconds=self.rule.gap_s)),
            breaker=BreakerRule(
                d.breaker_failures, timedelta(seconds=d.breaker_pause_s), timedelta(seconds=d.breaker_longest_s)
            ),
            ring_timeout=timedelta(seconds=d.ring_timeout_s),
            agent_timeout=timedelta(seconds=d.agent_timeout_s),
            wrap_up=None if d.wrap_up_s is None else timedelta(seconds=d.wrap_up_s),
            calls_per_second=d.calls_per_second,
            settle=timedelta(seconds=d.settle_s),
            survey_every=timedelta(seconds=d.survey_every_s),
            carrier_ring_limit=timedelta(seconds=d.carrier_ring_limit_s),
            unanswered_invite=timedelta(seconds=d.unanswered_invite_s),
            late_after=timedelta(seconds=d.late_after_s),
        )


def _secret(plain: SecretStr, file: Path | None, credential: str, where: str) -> str:
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    if file is None and not plain.get_secret_value() and credentials and (Path(credentials) / credential).exists():
        file = Path(credentials) / credential
    if file is None:
        return plain.get_secret_value()
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{where}: the secret cannot be read from {file}: {error}") from error


def load(path: Path | None = None) -> Settings:
    """Read the settings from ``path``, or from the first of :data:`DEFAULT_PATHS` that exists.

    Raises :class:`SettingsError` that names every mistake, where it is and what is expected.
    """
    if path is None and "DIALER_CONFIG" in os.environ:
        path = Path(os.environ["DIALER_CONFIG"])
    if path is None:
        path = next((p for p in DEFAULT_PATHS if p.exists()), None)
    values: dict[str, object] = {}
    if path is not None:
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise SettingsError(f"{path} cannot be read: {error.strerror}; name the file with --config") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path} is not TOML: {error}") from error
    return from_values(values, str(path or "the environment"))


def _said(mistake: ErrorDetails) -> str:
    """What is wrong, without the checker's own way of talking."""
    if mistake["type"] == "extra_forbidden":
        return "there is no such setting; is it misspelt, or in the wrong section?"
    return mistake["msg"].removeprefix("Value error, ")


def from_values(values: dict[str, object], where: str = "the settings") -> Settings:
    """Settings from plain values, as a TOML file gives them. Raises :class:`SettingsError`."""
    try:
        return Settings(**values)  # type: ignore[arg-type]  # pydantic checks them, and says what is wrong
    except ValidationError as error:
        lines = [f"  {'.'.join(str(p) for p in e['loc']) or '(file)'}: {_said(e)}" for e in error.errors()]
        raise SettingsError(f"{where} cannot be used:\n" + "\n".join(lines)) from None
