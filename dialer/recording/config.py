"""Where recordings are and how they are judged."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from dialer.section import Section

_CLOCKS_APART_S = 60.0


class RecordingSettings(Section):
    """Where recordings come from and where they are kept.

    The PBX writes ``spool/<attempt>.<ext>`` while a call lasts and renames it to ``done/<attempt>.<ext>`` when
    the file is complete, so ``spool`` and ``done`` are on one filesystem. ``library`` is ours alone.
    """

    spool: Path = Path("/var/spool/asterisk/dialer/spool")
    done: Path = Path("/var/spool/asterisk/dialer/done")
    library: Path | None = None
    keep_days: int | None = Field(None, ge=1)  # retention; None keeps for ever
    poll_s: float = Field(1.0, gt=0)  # between two looks into the folders
    missing_after_s: float = Field(60.0, gt=0)  # a connected call without a file is booked as missing after its end
    longest_s: float = Field(43_200.0, ge=60, le=604_800)  # then the PBX ends a call; a longer recording is set aside
    still_s: float = Field(60.0, gt=0)  # a spooled file of an ended call that has not grown for so long was cut short

    @property
    def too_long_s(self) -> float:
        """What the PBX surely does not record: phones and machines measure time by clocks that run apart."""
        return self.longest_s + _CLOCKS_APART_S


class RecordingConfig(RecordingSettings):
    """The settings, with the library's folder known."""

    library: Path
