"""What the API takes: the base of parameters and bodies, and the kinds of values in them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from dialer.campaign.model.query import Page
from dialer.clock import YEARS

MOST_ROWS = 1000
_WHOLE_NUMBERS = range(-(2**63), 2**63)
"""What the database takes."""
_MOST_DIGITS = 18


def whole(text: str) -> int | None:
    """The number that a page's address or form names in plain digits; None for anything else, and for a longer one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


class Input(BaseModel):
    """What comes in: a field that is not known is refused, so that a slip of the pen is not taken for silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    @field_validator("*")
    @classmethod
    def _is_storable(cls, value: object) -> object:
        if isinstance(value, int) and value not in _WHOLE_NUMBERS:
            raise ValueError("the number must fit into 64 bits")
        return value


def _is_iso(value: object) -> object:
    """Numbers are no dates here, though pydantic would take them for seconds since 1970."""
    if isinstance(value, int | float) or (isinstance(value, str) and value.lstrip("+-").replace(".", "").isdigit()):
        raise ValueError("write it as in ISO 8601, for example 2026-11-23 or 2026-11-23T08:00:00+08:00")
    return value


def _is_near(value: date) -> date:
    if value.year not in YEARS:
        raise ValueError(f"the year must be from {YEARS[0]} to {YEARS[-1]}")
    return value


Day = Annotated[
    date,
    BeforeValidator(_is_iso),
    AfterValidator(_is_near),
    Field(json_schema_extra={"pattern": r"^20\d\d-\d\d-\d\d$", "examples": ["2026-11-23"]}),
]
Instant = Annotated[AwareDatetime, BeforeValidator(_is_iso), AfterValidator(_is_near)]
Code = Annotated[str, Field(min_length=1, max_length=64, description="Customer code (客户代码).")]
AgentNumber = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$", description="Staff number (工号).", examples=["001"])
]
AttemptId = Annotated[str, Field(min_length=1, max_length=60, description="Attempt id; also the recording's.")]
RowId = Annotated[int, Field(ge=1, lt=2**63)]
Text = Annotated[str, Field(max_length=2000)]
Short = Annotated[str, Field(max_length=200)]
LocalTime = Annotated[
    str,
    Field(
        max_length=40,
        description="HH:MM on the department's clock (or 1030, 15点, 3 pm), or ISO 8601 (without an offset: its own).",
        examples=["10:30", "2026-11-23T10:30:00+08:00"],
    ),
]


class NoParams(Input):
    """No parameters."""


class NoBody(Input):
    """No body."""


class NumberPath(Input):
    """One agent, or one person who signs in."""

    number: AgentNumber


class AttemptPath(Input):
    """One attempt, or its recording."""

    attempt: AttemptId


class Paged(Input):
    """A slice of a listing."""

    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 100
    offset: Annotated[int, Field(ge=0, le=10**9)] = 0

    @property
    def page(self) -> Page:
        """As it is asked of the store."""
        return Page(self.limit, self.offset)
