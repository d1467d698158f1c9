"""What can be wrong with a list, each as a stable code with one sentence.

A code is for machines and never changes its meaning; a sentence says what is wrong and how to mend it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dialer.campaign.model.customer import HEADINGS
from dialer.errors import BadInput, ListRefused, RowProblem
from dialer.language import N_, Language, reword, translator

SENTENCES: dict[str, str] = {
    # -- the file
    "file-empty": N_("{file} is empty. Export it again."),
    "file-too-big": N_("{file} has {size} bytes, more than the {limit} allowed. Split it, or raise the limit."),
    "file-too-many-rows": N_("{file} has more than {limit} rows. Split it, or raise the limit."),
    "file-too-many-columns": N_("{file}, row {row}: more than {limit} columns. Remove those that are not needed."),
    "file-too-many-cells": N_(
        "{file} has more than {limit} cells, empty ones included. Remove extra rows, columns and sheets."
    ),
    "file-too-much-text": N_("{file} has more than {limit} characters of text. Remove extra columns, or split it."),
    "file-unpacked-too-big": N_(
        "{file} unpacks to {size} bytes, more than the {limit} allowed. Remove extra sheets and pictures."
    ),
    "file-old-excel": N_(
        "{file} is an old Excel file (.xls) or protected by a password. Save it without one, as .xlsx or CSV."
    ),
    "file-html": N_("{file} is really a web page. Open it in Excel and save it as .xlsx or CSV."),
    "file-xml": N_("{file} is an XML table of Excel 2003. Open it in Excel and save it as .xlsx or CSV."),
    "file-big5": N_("{file} is text in Big5 (traditional characters). Save it as 'CSV UTF-8' or .xlsx."),
    "file-several-sheets": N_("{file} has several filled sheets: {sheets}. Choose one, or delete the others."),
    "file-no-sheet": N_("{file} has no visible sheet '{sheet}'. It has: {sheets}."),
    "file-not-a-table": N_("{file} is neither CSV nor XLSX. Save it as .xlsx or CSV from a spreadsheet program."),
    "file-damaged": N_("{file} is damaged ({detail}). Open it in Excel and save it anew as .xlsx or CSV."),
    "file-encoding": N_("{file}, line {row}: the text is neither UTF-8 nor GB18030. Save it as 'CSV UTF-8' or .xlsx."),
    "file-quotes": N_(
        '{file}, row {row}: quotes do not match ({detail}). Double a quote inside a text (""), or save as .xlsx.'
    ),
    # -- the header
    "header-missing": N_(
        "There is no column for the {field}. Accepted names: {names}; others can be added in the configuration."
    ),
    "header-no-agent": N_(
        "There is no column for the agent ({agents}) or the team ({teams}), and no default team. Give one."
    ),
    "header-twice": N_("The columns '{first}' and '{second}' both mean the {field}. Keep one and rename the other."),
    "no-rows": N_("{file}: there is a header and no row below it. To empty a list, withdraw its visits."),
    # -- a row of a visit list
    "row-too-long": N_(
        "The row has {extra} cells more than the header. Quote texts with a delimiter inside, or save as .xlsx."
    ),
    "row-hidden": N_(
        "The row is hidden or filtered out in the file, and not taken. Show all rows and save, or delete the row."
    ),
    "code-missing": N_("The customer code is missing."),
    "code-malformed": N_(
        "A customer code has at most {limit} characters and no spaces, slashes or control characters."
    ),
    "code-rounded": N_(
        "The code was kept as a number, and a spreadsheet keeps but 15 digits. Make the column text and enter it again."
    ),
    "code-twice": N_("The customer code is already in row {first}. A customer has one row in a list."),
    "agent-unknown": N_("There is no agent with number {agent}. Import the agent first, or correct the number."),
    "team-unknown": N_("There is no team '{team}'. Known teams: {teams}."),
    "agent-other-team": N_(
        "Agent {agent} belongs to team '{own}', not '{team}'. Correct one of them, or give one only."
    ),
    "agent-and-team-missing": N_("There is neither an agent nor a team, and no default team."),
    "order-malformed": N_("The visit order must be a whole number from 0 to {limit}."),
    "text-too-long": N_("The text has {length} characters, more than the {limit} allowed."),
    # -- a phone number
    "phone-missing": N_("The phone number is missing."),
    "phone-scientific": N_(
        "The number is in scientific notation and lost digits. Make the column text and enter it again."
    ),
    "phone-calculated": N_(
        "{value} is the result of a calculation: a spreadsheet took a number that begins with + for a formula. "
        "Make the column text and enter it again."
    ),
    "phone-extension": N_(
        "'{rest}' after {number} looks like an extension, which cannot be dialled. Give a direct number and put the "
        "extension into the remarks. If it belongs to the number, write that with its area code and the leading 0."
    ),
    "phone-area-unclear": N_("It is not clear where the area code of {digits} ends. Write it with its leading 0."),
    "phone-several": N_("There is more than one number here. Keep the main one only."),
    "phone-characters": N_("The number contains '{characters}', which cannot be dialled. Write digits only."),
    "phone-foreign": N_("This is a foreign number (+{country}). Only numbers of country code +{own} are called."),
    "phone-no-area-code": N_(
        "{digits} is a local number. Write it with its area code, or set the area code in the configuration."
    ),
    "phone-mobile-length": N_("A mobile number has 11 digits; this one has {count}."),
    "phone-landline-length": N_("A landline number is an area code and 7 or 8 digits; {digits} has the wrong length."),
    "phone-short": N_("{digits} is a short or service number. If it is meant, allow it in the configuration."),
    "phone-carrier-prefix": N_(
        "The number starts with the carrier prefix {prefix}. Give the number only; prefixes belong to the trunk."
    ),
    "phone-impossible": N_("{digits} cannot be a phone number (wrong length or beginning)."),
    # -- a row of an agent list
    "number-missing": N_("The agent's number is missing."),
    "number-malformed": N_("An agent's number has at most {limit} letters, digits, dots, underscores and dashes."),
    "number-twice": N_("The agent's number is already in row {first}."),
    "extension-twice": N_("The agent in row {first} has this phone already; two agents need two phones."),
    "extension-missing": N_("The extension is missing."),
    "extension-malformed": N_(
        "A phone is an extension (8001), or a dial string of the form {forms}. The settings can allow other forms: "
        "lists.other_phone_templates."
    ),
    "extension-outside": N_("{value} is a phone number or a trunk, not a phone of the office."),
    # -- sums
    "list-refused": N_(
        "{file}: {rows} rows are wrong and nothing was taken. Correct them, or choose to skip bad rows."
    ),
    "header-refused": N_("{file}: the header is wrong; nothing was taken."),
    "list-empty": N_("{file}: no usable row; nothing was taken."),
}

FIELD_NAMES: Mapping[str, str] = {
    **HEADINGS,
    "agent": N_("Agent"),
    "team": N_("Team"),
    "order": N_("Visit order"),
    "number": N_("Agent number"),
    "name": N_("Agent name"),
    "extension": N_("Extension"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was refused: a code of :data:`SENTENCES` and what its sentence speaks of.

    A parameter named ``field`` is a key of :data:`FIELD_NAMES` and is shown in the language asked for.
    """

    code: str
    params: Mapping[str, object] = field(default_factory=dict)

    def text(self, language: Language = "zh") -> str:
        """The sentence for people."""
        t = translator(language)
        shown: dict[str, Any] = {
            name: ", ".join(value) or "-" if isinstance(value, tuple) else value for name, value in self.params.items()
        }
        if "field" in shown:
            name = t(FIELD_NAMES[str(shown["field"])])
            shown["field"] = name[:1].lower() + name[1:]
        if "detail" in shown:
            shown["detail"] = reword(str(shown["detail"]), language)
        return t(SENTENCES[self.code], **shown)


class Unusable(BadInput):
    """A file or a value of a list cannot be used; ``reason`` says why in either language."""

    def __init__(self, code: str, /, **params: object) -> None:
        self.reason = Reason(code, params)
        super().__init__(self.reason.text())


class RefusedList(ListRefused):
    """A list was refused; its message is in ``language``, and ``reason`` says it in either."""

    def __init__(self, why: Reason, language: Language, problems: tuple[RowProblem, ...] = ()) -> None:
        super().__init__(why.text(language), problems)
        self.reason = why


@dataclass(frozen=True, slots=True)
class CodedProblem(RowProblem):
    """A :class:`RowProblem` that also carries its stable code and parameters."""

    why: Reason


def problem(row: int, column: str, value: str, why: Reason, language: Language) -> CodedProblem:
    """One problem of a row, worded in ``language``; a long value is cut for showing."""
    shown = value if len(value) <= 60 else value[:59] + "…"
    return CodedProblem(row=row, column=column, value=shown, reason=why.text(language), why=why)
