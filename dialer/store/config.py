"""What the database's backups need to know."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from dialer.section import Section


def _wall_clock(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("is a time on the department's clock, without an offset, for example '02:00'")
    return value


class BackupSettings(Section):
    """The nightly backup of the database."""

    folder: Path | None = None
    keep_days: int = Field(14, ge=1)
    at: Annotated[time, AfterValidator(_wall_clock)] = time(2)
