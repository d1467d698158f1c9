"""The library: opening recordings for playback, protecting single ones from retention."""

from __future__ import annotations

import asyncio
from pathlib import Path

from dialer.campaign.model.recording import Recording, RecordingState
from dialer.clock import Clock
from dialer.errors import BadInput, Conflict, NotFound, RecordingError
from dialer.recording import convert
from dialer.recording.config import RecordingConfig
from dialer.recording.convert import Form, Made
from dialer.recording.peaks import Peaks, peaks_of
from dialer.recording.ports import RecordingStore


class Library:
    """Reading side of the recordings. Only the ingester and retention change files."""

    def __init__(self, store: RecordingStore, config: RecordingConfig, clock: Clock) -> None:
        self._store = store
        self._root = config.library
        self._clock = clock
        self._converting = asyncio.Lock()

    async def open_as(self, attempt: str, form: str | None = None) -> Made:
        """The file of a recording in a format that browsers play, or in the one (of :class:`Form`) asked for.

        Made when it is asked for the first time, one at a time: calls matter more. No access is noted (see
        :meth:`note`). Raises NotFound when there is none or no longer one, RecordingError when the file is not what the
        records say, BadInput for a format that does not exist, and NotConvertible when this recording cannot be had in
        it.
        """
        try:
            wanted = None if form is None else Form(form)
        except ValueError:
            raise BadInput(f"There is no format {form!r}; there are {', '.join(Form)}.") from None
        row = await self._to_be_had(attempt)
        known, fits = await asyncio.to_thread(self._find, row, wanted)
        if known is not None:
            return known
        async with self._converting:
            try:
                return await asyncio.to_thread(self._make, row, fits)
            except OSError as error:
                raise RecordingError(
                    f"The recording {row.path} cannot be converted: {error.strerror} ({error.filename}). "
                    "As it is it can be had with format=original."
                ) from error

    async def note(self, attempt: str, *, who: str, what: str, address: str) -> None:
        """Put on record that ``who`` gets a recording. Raises BadInput without a name, StoreError."""
        if not who:
            raise BadInput("Nobody listens to a recording unnamed: say who asks.")
        await self._store.log_access(attempt, who, what, self._clock.now(), address)

    async def peaks(self, attempt: str) -> Peaks:
        """How loud each side was, for a waveform; no access is noted. Raises NotFound, RecordingError."""
        row = await self._to_be_had(attempt)
        try:
            return await asyncio.to_thread(lambda: peaks_of(self._root, row.path, self._check(row).tag))
        except OSError as error:
            raise RecordingError(f"The recording of call {attempt} cannot be read: {error}") from error

    async def hold(self, attempt: str, *, reason: str, who: str, address: str = "") -> None:
        """Protect a recording from retention. Raises NotFound, BadInput without a reason, Conflict when it is gone."""
        if not reason.strip():
            raise BadInput("A hold needs a reason, so that somebody can lift it one day.")
        if (await self._row(attempt)).state is RecordingState.DELETED:
            raise Conflict(f"The recording of call {attempt} is deleted already; nothing is left to hold.")
        await self._store.log_access(attempt, who, "hold", self._clock.now(), address)
        await self._store.hold(attempt, True, reason.strip())

    async def release(self, attempt: str, *, who: str, address: str = "") -> None:
        """Lift a hold. Raises NotFound."""
        await self._row(attempt)
        await self._store.log_access(attempt, who, "release", self._clock.now(), address)
        await self._store.hold(attempt, False, "")

    async def _row(self, attempt: str) -> Recording:
        row = await self._store.recording(attempt)
        if row is None:
            raise NotFound(f"There is no recording of a call {attempt!r}.")
        return row

    async def _to_be_had(self, attempt: str) -> Recording:
        row = await self._row(attempt)
        if row.state is RecordingState.DELETED:
            when = f" on {row.deleted_at:%Y-%m-%d}" if row.deleted_at else ""
            raise NotFound(f"The recording of call {attempt} was deleted{when} when its time was over.")
        if row.state is RecordingState.MISSING or not row.path:
            raise NotFound(f"Call {attempt} has no recording ({'; '.join(row.faults) or 'no reason is known'}).")
        return row

    def _check(self, row: Recording) -> Made:
        path = resolve(self._root, row.path)
        try:
            size = path.stat().st_size
        except OSError as error:
            raise RecordingError(f"The recording {row.path} cannot be read: {error.strerror}") from error
        if size != row.size:
            raise RecordingError(
                f"The recording {row.path} has {size} bytes and had {row.size} when it was taken in: "
                "somebody changed it. Restore it from the backup."
            )
        return Made(path, convert.mime_of(path), size, row.sha256)

    def _find(self, row: Recording, wanted: Form | None) -> tuple[Made | None, Form]:
        """What is to be sent, None when it is still to be made; and its format."""
        original = self._check(row)
        fits = convert.fitting(original.path, wanted)
        known = original if fits is Form.ORIGINAL else convert.kept(self._root, row.path, row.sha256, fits)
        return known, fits

    def _make(self, row: Recording, form: Form) -> Made:
        """Once more looked for: somebody else may have asked for it a moment earlier."""
        known = convert.kept(self._root, row.path, row.sha256, form)
        return known or convert.make(self._root, row.path, row.sha256, form)


def resolve(root: Path, relative: str) -> Path:
    """The real path of a plain file in the library.

    Raises RecordingError when it is not there, or when the path or a symbolic link leads out of the library.
    """
    try:
        base = root.resolve(strict=True)
        path = (base / relative).resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise RecordingError(f"The recording {relative} is not in the library {root}: {error}") from error
    if not path.is_relative_to(base) or not path.is_file():
        raise RecordingError(f"The recording {relative} leads out of the library {root}; it is not opened.")
    return path
