"""What every answer of the API is made of: the contract with other systems, apart from the rules' own classes.

The OpenAPI document is generated from these models and those that derive from them.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from dialer.errors import RowProblem


class View(BaseModel):
    """What goes out. Made of the rules' own objects by ``model_validate``."""

    model_config = ConfigDict(from_attributes=True, frozen=True, use_attribute_docstrings=True)


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
    def of_row(cls, problem: RowProblem) -> ProblemView:
        """A problem of a list."""
        where = f"row {problem.row}" + (f", column {problem.column}" if problem.column else "")
        return cls(where=where, value=problem.value, reason=problem.reason, row=problem.row, column=problem.column)


class ErrorView(View):
    """Every answer of 400 and above."""

    error: str
    """Stable identifier for machines."""
    message: str
    """For people: what is wrong, where, and how to mend it."""
    problems: list[ProblemView] = Field(default_factory=list)
