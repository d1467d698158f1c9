"""Settings: defaults < ``dialer.toml`` < environment < secret files.

Each section stands with what it is for, and is put together with the others here.

Every mistake is reported at once, with the place where it is and what would be right. The file is
``config/dialer.toml`` explained line by line; each name can be set by environment as well, for
example ``DIALER_PBX__HOST``. A secret comes from a file named by ``…_file`` or from systemd's
``$CREDENTIALS_DIRECTORY``, so that it need not stand in the settings.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails

from dialer import sources
from dialer.ami.config import AmiConfig, PbxSettings
from dialer.campaign.config import CampaignConfig
from dialer.campaign.model.hours import CallingHours, Window
from dialer.campaign.model.trunk import TrunkConfig
from dialer.campaign.rules.phone import PLACE
from dialer.campaign.rules.rule import RedialRule
from dialer.errors import SettingsError
from dialer.lists.config import ListSettings
from dialer.logs import LogSettings
from dialer.notices.config import PlatformSettings
from dialer.recording.config import RecordingSettings
from dialer.section import Section, record_of, section_of
from dialer.store.backups.files import BackupSettings
from dialer.web.kit.config import WebSettings

_WINDOW = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")


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
_EXAMPLES = ("8001", "201")
"""Examples: one of them may begin like the number for an outside line."""
_WORKDAY = ("08:00-12:00", "13:00-18:00")


class TrunkSettings(section_of(TrunkConfig)):  # type: ignore[misc]  # made of the rules' own fields
    """One way out of the PBX."""


class RuleSettings(section_of(RedialRule)):  # type: ignore[misc]  # likewise
    """The 5-attempt rule."""


class DiallingSettings(section_of(CampaignConfig)):  # type: ignore[misc]  # likewise
    """How calls are placed."""


class HoursSettings(Section):
    """Calling hours on the department's wall clock."""

    zone: Annotated[str, AfterValidator(_checked_zone)] = sources.ZONE
    monday: Windows = _WORKDAY
    tuesday: Windows = _WORKDAY
    wednesday: Windows = _WORKDAY
    thursday: Windows = _WORKDAY
    friday: Windows = _WORKDAY
    saturday: Windows = ()
    sunday: Windows = ()
    chinese_calendar: bool = True


class Settings(Section):
    """Everything that can be set."""

    data: Path = Path(sources.DATA)
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

    @model_validator(mode="after")
    def _trunks_are_told_apart(self) -> Settings:
        names = [t.name for t in self.trunks]
        if len(set(names)) != len(names):
            raise ValueError("trunks: two trunks have the same name")
        return self

    @model_validator(mode="after")
    def _phones_are_no_trunks(self) -> Settings:
        phones = self.campaign().phones
        for template in phones.templates:
            if all(phones.fault(template.replace(PLACE, example)) for example in _EXAMPLES):
                raise ValueError(f"lists: {template} is no form of phones, since it leads out over a trunk")
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

    def ami(self) -> AmiConfig:
        """The PBX link's settings. Raises :class:`SettingsError` when there is no secret."""
        secret = self.ami_secret()
        if not secret:
            raise SettingsError("pbx.secret_file: the AMI user's secret is missing; `dialer asterisk-config` makes one")
        return AmiConfig(**dict(self.pbx) | {"secret": SecretStr(secret)})

    def platform_secret(self) -> str:
        """The signing secret of the info platform; "" when there is none."""
        return _secret(self.platform.secret, self.platform.secret_file, "platform_secret", "platform.secret_file")

    def secrets(self) -> tuple[str, ...]:
        """Every secret, for the log to mask."""
        found = [self.ami_secret(), self.platform_secret()]
        found += [a.get_secret_value() for a in self.platform.alarm_addresses]
        return tuple(s for s in found if s)

    # -- for the rules ---------------------------------------------------------------------------

    def campaign(self) -> CampaignConfig:
        """The settings as the rules take them."""
        week = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        hours = CallingHours(tuple(parse_windows(getattr(self.hours, day)) for day in week), self.zone)
        trunks = tuple(record_of(TrunkConfig, trunk) for trunk in self.trunks)
        rule = record_of(RedialRule, self.rule)
        phones = (self.lists.phone_template, *self.lists.other_phone_templates)
        return record_of(CampaignConfig, self.dialling, hours=hours, trunks=trunks, rule=rule, phone_templates=phones)


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
    """Read the settings from ``path``, or from the file that :func:`dialer.sources.find` finds.

    Raises :class:`SettingsError` that names every mistake, where it is and what is expected.
    """
    found = sources.find(path)
    return from_values(sources.read(found), str(found or "the environment"))


def _said(mistake: ErrorDetails) -> str:
    """What is wrong, without the checker's own way of talking."""
    if mistake["type"] == "extra_forbidden":
        return "there is no such setting; is it misspelt, or in the wrong section?"
    return mistake["msg"].removeprefix("Value error, ")


def from_values(values: Mapping[str, object], where: str = "the settings") -> Settings:
    """Settings from plain values, as a TOML file gives them, and the environment. Raises :class:`SettingsError`."""
    try:
        return Settings.model_validate(sources.with_environment(values, Settings.model_fields))
    except ValidationError as error:
        lines = [f"  {'.'.join(str(p) for p in e['loc']) or '(file)'}: {_said(e)}" for e in error.errors()]
        raise SettingsError(f"{where} cannot be used:\n" + "\n".join(lines)) from None
