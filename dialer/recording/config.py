"""Where recordings are and how they are judged."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from dialer.section import Section


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
    still_s: float = Field(60.0, gt=0)  # a spooled file of an ended call that has not grown for so long was cut short


class RecordingConfig(RecordingSettings):
    """The settings, and what nobody needs to set.

    ``raw_rate`` and ``raw_channels`` describe headerless files (16-bit little-endian, interleaved).
    ``customer_left``: which side of a stereo file the PBX puts the customer on. MixMonitor's option D puts what it
    receives from the recorded channel, the customer's, on the left (measured on Asterisk 22). In the library the
    agent is always on the left.
    """

    library: Path
    raw_rate: int = 8000  # frames a second
    raw_channels: int = 2
    customer_left: bool = True
    end_wait_s: float = 120.0  # a complete file waits this long for its call to end in the records
    spool_keep_s: float = 3600.0  # the source of a salvaged file stays in the spool this long, in case it is not over
    retry_s: float = 30.0  # after a file could not be taken in
    orphan_retry_s: float = 600.0  # a file without a call is looked up again after
    tolerance_s: float = 3.0  # by which the audio may differ from the call's length ...
    tolerance_share: float = 0.02  # ... plus this share of it
    silence_dbfs: float = -50.0  # a side is silent when no fifth of a second is louder
