"""What every answer of the API is made of: the contract with other systems, apart from the rules' own classes.

The OpenAPI document is generated from these models and those that derive from them.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import fields
from typing import Any, Self, get_type_hints

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, create_model

from dialer.errors import RowProblem
from dialer.language import Language, reword


class View(BaseModel):
    """What goes out. Made of the rules' own objects by ``model_validate``."""

    model_config = ConfigDict(from_attributes=True, frozen=True, use_attribute_docstrings=True)

    @classmethod
    def of(cls, record: object, **more: object) -> Self:
        """The view of a record, with ``more`` that the record has not, or not so."""
        return cls.model_validate({name: getattr(record, name) for name in cls.model_fields if name not in more} | more)


class _Made(View):
    """A view without a source: to look for one in every module took half of the time that it takes to start."""

    model_config = ConfigDict(use_attribute_docstrings=False)


def view_of(record: type[Any], *, without: Container[str] = ()) -> Any:  # noqa: ANN401 - mypy cannot see through it
    """The base of a view that shows the fields of a record, but for those ``without`` which it goes out.

    So a field is told once, where the record is. The view itself names those that it explains or shows differently.
    """
    hints = get_type_hints(record)
    shown: dict[str, Any] = {each.name: (hints[each.name], ...) for each in fields(record) if each.name not in without}
    view = create_model(f"{record.__name__}View", __base__=_Made, **shown)
    view.model_config["use_attribute_docstrings"] = True  # of the views that derive from it
    return view


class Said(View):
    """A sentence in both languages."""

    zh: str
    en: str


class ProblemView(View):
    """One thing that is wrong with a request, or with a row of a list."""

    where: str
    """The parameter or field; of a list "row 7, column 电话"."""
    value: str
    reason: str
    row: int | None = None
    """Line of a list as a spreadsheet numbers it; the header is row 1."""
    column: str = ""

    @classmethod
    def of_row(cls, problem: RowProblem, request: web.Request) -> ProblemView:
        """A problem of a list, in the language that is asked for."""
        where = f"row {problem.row}" + (f", column {problem.column}" if problem.column else "")
        return cls(
            where=where,
            value=problem.value,
            reason=said(problem, problem.reason, request),
            row=problem.row,
            column=problem.column,
        )


def said(told: object, text: str, request: web.Request) -> str:
    """``text``, or what ``told`` (an error of a list, or a problem of a row) says in the language that is asked for.

    That is a bare ``Accept-Language: en`` or ``zh``, as our pages and our command line send it; otherwise it is the
    department's.
    """
    language = language_asked(request)
    reason = getattr(told, "why", getattr(told, "reason", None))
    if language is None:
        return text
    return reword(text, language) if isinstance(reason, str | None) else str(reason.text(language))


def language_asked(request: web.Request) -> Language | None:
    """The language of the person who asks; None for other systems."""
    match request.headers.get("Accept-Language"):
        case "en":
            return "en"
        case "zh":
            return "zh"
        case _:
            return None


class ErrorView(View):
    """Every answer of 400 and above."""

    error: str
    """Stable identifier for machines."""
    message: str
    """For people: what is wrong, where, and how to mend it."""
    problems: list[ProblemView] = Field(default_factory=list)
