"""How lists are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field

from dialer.campaign.rules.phone import TEMPLATE, is_template
from dialer.language import Language
from dialer.section import Section


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """What a file may be at most: its size and, for XLSX, its unpacked size in bytes; rows; columns; characters.

    The same shared string of a workbook may stand in every cell, so the characters have a limit of their own.
    """

    max_bytes: int = 32 * 1024 * 1024
    max_unpacked: int = 256 * 1024 * 1024
    max_rows: int = 100_000
    max_columns: int = 256
    max_text: int = 64 * 1024 * 1024


def _template(value: str) -> str:
    if not is_template(value):
        raise ValueError("must be a dial string with {extension} in it, for example PJSIP/{extension}")
    return value


Template = Annotated[str, AfterValidator(_template)]


class ListSettings(Section):
    """Visit lists and agents' lists.

    ``visit_columns`` and ``agent_columns``: further header names by field (:mod:`dialer.lists.headers` has the fields).
    ``default_team`` takes the rows that name neither an agent nor a team; None refuses them. ``phone_template`` makes a
    dial string of a bare extension; a phone is of its form, or of that of one of ``other_phone_templates``.
    """

    area_code: str = Field("", pattern=r"^(0\d{2,3})?$")
    allow_numbers: tuple[str, ...] = ()
    default_team: str | None = None
    visit_columns: dict[str, list[str]] = Field(default_factory=dict)
    agent_columns: dict[str, list[str]] = Field(default_factory=dict)
    phone_template: Template = TEMPLATE
    other_phone_templates: tuple[Template, ...] = ()


class ListConfig(ListSettings):
    """The settings, and the ``language`` of the problems' texts."""

    language: Language = "zh"
