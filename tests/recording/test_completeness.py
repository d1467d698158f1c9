"""What a recording lacks is found by the second, and what it does not lack is not complained of."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from dialer.campaign.model.attempt import Attempt
from dialer.campaign.views.recording_words import wrong
from dialer.language import translator
from dialer.recording import audio, faults
from tests.recording.sounds import RATE, call, raw, tone

Sound = NDArray[np.int16]


def judged(folder: Path, customer: Sound, agent: Sound, attempt: Attempt | None = None) -> tuple[str, ...]:
    """What is said about a recording of these two."""
    path = folder / "a.raw"
    path.write_bytes(raw(customer, agent))
    facts = audio.write_wav(audio.examine(path), io.BytesIO(), swap=True)
    return faults.sound_faults(facts, attempt or call(seconds=facts.duration_s))


def speech(seconds: float) -> Sound:
    """Words and pauses over the noise of a room."""
    noise = np.random.default_rng(1).normal(0, 60, round(seconds * RATE))
    words = tone(seconds, 310, 0.2) * (np.sin(np.arange(len(noise)) / RATE * 2 * np.pi * 0.3) > -0.5)
    return np.round(noise + words).astype(np.int16)


def without(sound: Sound, *spans: tuple[float, float], level: int = 0) -> Sound:
    """The same with nothing in those seconds, or with a constant."""
    changed = sound.copy()
    for since, until in spans:
        changed[round(since * RATE) : round(until * RATE)] = level
    return changed


def test_a_conversation_with_pauses_is_whole(tmp_path: Path) -> None:
    """Nobody speaks all the time."""
    assert judged(tmp_path, speech(40), speech(40)) == ()


@pytest.mark.parametrize(
    ("spans", "said"),
    [
        ([(12, 95)], "lost: 12–95 s"),  # to the end
        ([(95 - 4, 95)], "lost: 91–95 s"),
        ([(20.5, 31.5)], "lost: 20–32 s"),
        ([(12, 15), (40, 60)], "lost: 12–15 s, 40–60 s"),
        ([(12, 15.1)], "gaps: 12–15 s"),
        ([(12, 14), (20, 22)], "gaps: 12–14 s, 20–22 s"),
        ([(12, 12.9)], ""),  # too short to matter
        ([(n, n + 1.6) for n in range(2, 26, 2)], f"gaps: {', '.join(f'{n}–{n + 2} s' for n in range(2, 22, 2))}, …"),
    ],
)
@pytest.mark.parametrize("side", ["customer", "agent"])
def test_where_nothing_came_is_named(tmp_path: Path, side: str, spans: list[tuple[float, float]], said: str) -> None:
    """From which second to which, and of whom: for long it is a fault, for moments a note."""
    whole, broken = speech(95), without(speech(95), *spans)
    pair = (broken, whole) if side == "customer" else (whole, broken)
    found = judged(tmp_path, *pair)
    assert found == ((f"{side}_{said}",) if said else ())


@pytest.mark.parametrize(
    ("level", "seconds", "named"), [(8, 25, True), (8, 15, False), (40, 70, True), (40, 50, False)]
)
def test_a_side_that_is_mute_while_the_other_speaks(tmp_path: Path, level: int, seconds: int, named: bool) -> None:
    """A-law's quietest code for 20 s, no word and no noise for a minute: named; while both are quiet nothing is."""
    one = without(speech(90), (5, 5 + seconds), level=level)
    assert judged(tmp_path, one, speech(90)) == ((f"customer_lost: 5–{5 + seconds} s",) if named else ())
    assert judged(tmp_path, one, one) == ()


def test_an_agent_is_not_missed_before_the_phone_is_picked_up(tmp_path: Path) -> None:
    """While it rings there is nothing to be heard; when nobody knows how long that was, nothing is said."""
    agent = without(speech(30), (0, 12))
    attempt = call(seconds=30)
    assert attempt.answered_at is not None
    attempt.connected_at = attempt.answered_at + timedelta(seconds=12)
    assert judged(tmp_path, speech(30), agent, attempt) == ()
    attempt.connected_at = attempt.answered_at + timedelta(seconds=5)
    assert judged(tmp_path, speech(30), agent, attempt) == ("agent_gaps: 6–12 s",)
    attempt.connected_at = None
    assert judged(tmp_path, speech(30), agent, attempt) == ()


def test_half_a_sound_is_named(tmp_path: Path) -> None:
    """Every other 10 ms, at half the pitch, as MixMonitor writes a wideband leg."""
    wide = np.round(8000 * np.sin(np.arange(RATE * 20) / RATE * np.pi * 433)).astype(np.int16)
    halved = wide[: len(wide) // 320 * 320].reshape(-1, 320)[:, :160].reshape(-1)
    assert judged(tmp_path, halved, halved) == ("half_sound",)
    assert judged(tmp_path, wide[: len(halved)], wide[: len(halved)]) == ()
    # Packets that never came are no sign of it.
    holes = wide[: len(halved)].reshape(-1, 160).copy()
    holes[::7] = 0
    assert judged(tmp_path, holes.reshape(-1), holes.reshape(-1)) == ()


def test_people_read_the_seconds() -> None:
    """The row has a code, the pages have words."""
    assert (
        wrong(["customer_lost: 12–95 s, 120–131 s"], translator("en")) == "nothing of the customer (12–95 s, 120–131 s)"
    )
    assert wrong(["agent_gaps: 3–5 s, …"], translator("en")) == "gaps in the agent's sound (3–5 s, …)"
