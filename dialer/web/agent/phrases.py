"""What agents can say, by situation: read from a file, with the customer's and their own particulars filled in."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from aiohttp import web
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from dialer.errors import SettingsError
from dialer.language import Language

UNKNOWN: dict[Language, str] = {"zh": "……", "en": "…"}
"""Stands where a particular is not known."""

PLACES = ("shop", "person", "number", "agent", "company", "manager", "order", "time")


class When(StrEnum):
    """The situations; those named after a result belong to it."""

    OPENING = "opening"
    ORDERED = "ordered"
    DEPOSIT = "deposit"
    NOT_NEEDED = "not_needed"
    LATER = "later"
    WRONG_NUMBER = "wrong_number"
    NOT_UNDERSTOOD = "not_understood"
    FEEDBACK = "feedback"
    REFUSED = "refused"
    CLOSING = "closing"


def _known_places(text: str) -> str:
    named = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    if wrong := [name for name in named if name not in PLACES]:
        raise ValueError(f"{{{wrong[0]}}} is not known; there are " + " ".join(f"{{{place}}}" for place in PLACES))
    return text


Sentence = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_known_places)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Company(_Entry):
    """How the department calls itself."""

    zh: str = ""
    en: str = ""


class Phrase(_Entry):
    """One phrase. ``settlement``: only for customers whose settlement method contains one of these words."""

    when: When
    zh: Sentence
    en: Sentence
    settlement: tuple[str, ...] = ()

    def fits(self, settlement: str) -> bool:
        """Whether it is one for a customer with this settlement method."""
        return not self.settlement or any(word.casefold() in settlement.casefold() for word in self.settlement)


@dataclass(frozen=True, slots=True)
class Said:
    """A phrase as it is said to one customer."""

    when: When
    text: str


class Phrases(_Entry):
    """A file of phrases."""

    company: Company = Company()
    phrases: tuple[Phrase, ...] = ()

    def for_customer(self, language: Language, settlement: str, particulars: Mapping[str, str]) -> list[Said]:
        """Those that fit, in the file's order, with ``particulars`` (of :data:`PLACES`) filled in."""
        known = {place: particulars.get(place, "") or UNKNOWN[language] for place in PLACES}
        known["company"] = self.company.zh if language == "zh" else self.company.en
        fitting = [phrase for phrase in self.phrases if phrase.fits(settlement)]
        return [Said(p.when, (p.zh if language == "zh" else p.en).format_map(known)) for p in fitting]


PHRASES = web.AppKey("phrases", Phrases)
_STANDARD = files("dialer.web.agent").joinpath("phrases.toml")


def load(path: Path | None) -> Phrases:
    """The department's phrases, or those that come with the dialer. Raises SettingsError that says what is wrong."""
    file, where = (path, path) if path else (_STANDARD, "phrases.toml of the dialer")
    try:
        return Phrases.model_validate(tomllib.loads(file.read_bytes().decode("utf-8-sig")))
    except OSError as error:
        raise SettingsError(f"web.phrases: {where} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{where} is not TOML in UTF-8: {error}") from error
    except ValidationError as error:
        lines = [f"  {'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors()]
        raise SettingsError(f"{where} cannot be used:\n" + "\n".join(lines)) from None
