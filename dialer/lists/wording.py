"""What can be wrong with a list, each as a stable code with one sentence in Chinese and one in English.

A code is for machines and never changes its meaning; a sentence says what is wrong and how to mend it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from dialer.campaign.customer import HEADINGS
from dialer.errors import BadInput, ListRefused, RowProblem
from dialer.language import N_, translator

Language = Literal["zh", "en"]

SENTENCES: dict[str, dict[Language, str]] = {
    # -- the file
    "file-empty": {"zh": "{file} 是空文件。请重新导出后再导入。", "en": "{file} is empty. Export it again."},
    "file-too-big": {
        "zh": "{file} 有 {size} 字节，超过上限 {limit} 字节。请分成几个文件，或调高上限。",
        "en": "{file} has {size} bytes, more than the {limit} allowed. Split it, or raise the limit.",
    },
    "file-too-many-rows": {
        "zh": "{file} 超过 {limit} 行。请分成几个文件，或调高上限。",
        "en": "{file} has more than {limit} rows. Split it, or raise the limit.",
    },
    "file-too-many-columns": {
        "zh": "{file} 第 {row} 行超过 {limit} 列。请删除多余的列。",
        "en": "{file}, row {row}: more than {limit} columns. Remove those that are not needed.",
    },
    "file-too-many-cells": {
        "zh": "{file} 超过 {limit} 个单元格（空单元格也计算在内）。请删除多余的行、列和工作表。",
        "en": "{file} has more than {limit} cells, empty ones included. Remove extra rows, columns and sheets.",
    },
    "file-too-much-text": {
        "zh": "{file} 的文字超过 {limit} 个字符。请删除多余的列，或分成几个文件。",
        "en": "{file} has more than {limit} characters of text. Remove extra columns, or split it.",
    },
    "file-unpacked-too-big": {
        "zh": "{file} 解压后有 {size} 字节，超过上限 {limit} 字节。请删除多余的工作表、图片和格式。",
        "en": "{file} unpacks to {size} bytes, more than the {limit} allowed. Remove extra sheets and pictures.",
    },
    "file-old-excel": {
        "zh": "{file} 是旧版 Excel（.xls）或加了密码的文件，无法读取。请去掉密码，另存为 .xlsx 或 CSV。",
        "en": "{file} is an old Excel file (.xls) or protected by a password. Save it without one, as .xlsx or CSV.",
    },
    "file-html": {
        "zh": "{file} 其实是网页，不是表格。请在 Excel 中打开，另存为 .xlsx 或 CSV。",
        "en": "{file} is really a web page. Open it in Excel and save it as .xlsx or CSV.",
    },
    "file-not-a-table": {
        "zh": "{file} 不是 CSV 也不是 XLSX。请从表格软件另存为 .xlsx 或 CSV。",
        "en": "{file} is neither CSV nor XLSX. Save it as .xlsx or CSV from a spreadsheet program.",
    },
    "file-damaged": {
        "zh": "{file} 已损坏，无法读取（{detail}）。请在 Excel 中打开，另存为新的 .xlsx 或 CSV。",
        "en": "{file} is damaged ({detail}). Open it in Excel and save it anew as .xlsx or CSV.",
    },
    "file-encoding": {
        "zh": "{file} 第 {row} 行的文字既不是 UTF-8 也不是 GB18030。请另存为“CSV UTF-8”或 .xlsx。",
        "en": "{file}, line {row}: the text is neither UTF-8 nor GB18030. Save it as 'CSV UTF-8' or .xlsx.",
    },
    "file-quotes": {
        "zh": '{file} 第 {row} 行的引号不成对（{detail}）。文字里的引号要写成两个 ""，或另存为 .xlsx。',
        "en": '{file}, row {row}: quotes do not match ({detail}). Double a quote inside a text (""), or save as .xlsx.',
    },
    # -- the header
    "header-missing": {
        "zh": "缺少“{field}”列。可用的列名：{names}；别的列名可在配置中添加。",
        "en": "There is no column for the {field}. Accepted names: {names}; others can be added in the configuration.",
    },
    "header-no-agent": {
        "zh": "既没有电访员列（{agents}）也没有班组列（{teams}），也没有配置默认班组。请至少给出一个。",
        "en": "There is no column for the agent ({agents}) or the team ({teams}), and no default team. Give one.",
    },
    "header-twice": {
        "zh": "列“{first}”和“{second}”都表示{field}。请保留一列，另一列改名。",
        "en": "The columns '{first}' and '{second}' both mean the {field}. Keep one and rename the other.",
    },
    "no-rows": {
        "zh": "{file}：只有表头，没有数据行。要清空名单，请逐个撤销。",
        "en": "{file}: there is a header and no row below it. To empty a list, withdraw its visits.",
    },
    # -- a row of a visit list
    "row-too-long": {
        "zh": "这一行的内容比表头多 {extra} 列。多半是文字里有分隔符：请给它加引号，或另存为 .xlsx。",
        "en": "The row has {extra} cells more than the header. Quote texts with a delimiter inside, or save as .xlsx.",
    },
    "code-missing": {"zh": "没有客户代码。", "en": "The customer code is missing."},
    "code-malformed": {
        "zh": "客户代码不能超过 {limit} 个字符，也不能有空格、斜线或控制字符。",
        "en": "A customer code has at most {limit} characters and no spaces, slashes or control characters.",
    },
    "code-twice": {
        "zh": "客户代码与第 {first} 行重复。一个客户在一个名单里只能有一行。",
        "en": "The customer code is already in row {first}. A customer has one row in a list.",
    },
    "agent-unknown": {
        "zh": "没有工号为 {agent} 的电访员。请先导入电访员，或改正工号。",
        "en": "There is no agent with number {agent}. Import the agent first, or correct the number.",
    },
    "team-unknown": {
        "zh": "没有班组“{team}”。已知班组：{teams}。",
        "en": "There is no team '{team}'. Known teams: {teams}.",
    },
    "agent-other-team": {
        "zh": "电访员 {agent} 属于班组“{own}”，不是“{team}”。请改正其一，或只写一个。",
        "en": "Agent {agent} belongs to team '{own}', not '{team}'. Correct one of them, or give one only.",
    },
    "agent-and-team-missing": {
        "zh": "既没有电访员也没有班组，也没有配置默认班组。",
        "en": "There is neither an agent nor a team, and no default team.",
    },
    "order-malformed": {
        "zh": "访销顺序必须是 0 到 {limit} 的整数。",
        "en": "The visit order must be a whole number from 0 to {limit}.",
    },
    "text-too-long": {
        "zh": "内容有 {length} 个字符，超过上限 {limit}。",
        "en": "The text has {length} characters, more than the {limit} allowed.",
    },
    # -- a phone number
    "phone-missing": {"zh": "没有电话号码。", "en": "The phone number is missing."},
    "phone-scientific": {
        "zh": "号码被表格软件写成了科学计数法，末尾几位已丢失。请把该列设为文本格式，重新填写。",
        "en": "The number is in scientific notation and lost digits. Make the column text and enter it again.",
    },
    "phone-extension": {
        "zh": "号码带分机，无法自动拨打。请改成直拨号码，分机写到备注里。",
        "en": "Extensions cannot be dialled. Give a direct number and put the extension into the remarks.",
    },
    "phone-several": {
        "zh": "这里有不止一个号码。请只留一个主访销电话。",
        "en": "There is more than one number here. Keep the main one only.",
    },
    "phone-characters": {
        "zh": "号码里有不能拨打的字符“{characters}”。请只写数字。",
        "en": "The number contains '{characters}', which cannot be dialled. Write digits only.",
    },
    "phone-foreign": {
        "zh": "这是外国号码（+{country}）。只能拨打国家代码为 +{own} 的号码。",
        "en": "This is a foreign number (+{country}). Only numbers of country code +{own} are called.",
    },
    "phone-no-area-code": {
        "zh": "{digits} 是本地号码，需要区号。请写成“区号-号码”，或在配置中设置本地区号。",
        "en": "{digits} is a local number. Write it with its area code, or set the area code in the configuration.",
    },
    "phone-mobile-length": {
        "zh": "手机号码应为 11 位，这里有 {count} 位。",
        "en": "A mobile number has 11 digits; this one has {count}.",
    },
    "phone-landline-length": {
        "zh": "固定电话应为区号加 7 或 8 位号码，{digits} 位数不对。",
        "en": "A landline number is an area code and 7 or 8 digits; {digits} has the wrong length.",
    },
    "phone-short": {
        "zh": "{digits} 是短号码或服务号码，未获允许。需要时请在配置的允许列表中添加。",
        "en": "{digits} is a short or service number. If it is meant, allow it in the configuration.",
    },
    "phone-carrier-prefix": {
        "zh": "号码带 IP 拨号前缀 {prefix}。请只写号码，外呼前缀在中继配置中设置。",
        "en": "The number starts with the carrier prefix {prefix}. Give the number only; prefixes belong to the trunk.",
    },
    "phone-impossible": {
        "zh": "{digits} 不可能是电话号码（位数或开头不对）。",
        "en": "{digits} cannot be a phone number (wrong length or beginning).",
    },
    # -- a row of an agent list
    "number-missing": {"zh": "没有工号。", "en": "The agent's number is missing."},
    "number-malformed": {
        "zh": "工号只能由最多 {limit} 个字母、数字、点、下划线和短横组成。",
        "en": "An agent's number has at most {limit} letters, digits, dots, underscores and dashes.",
    },
    "number-twice": {"zh": "工号与第 {first} 行重复。", "en": "The agent's number is already in row {first}."},
    "extension-missing": {"zh": "没有分机。", "en": "The extension is missing."},
    "extension-malformed": {
        "zh": "分机应为号码（如 8001）或拨号串（如 PJSIP/8001、Local/8001@from-internal/n）；"
        "不能有空格、逗号、&、分号、$ 和括号。",
        "en": "An extension is a number (8001) or a dial string (PJSIP/8001, Local/8001@from-internal/n), "
        "without spaces, commas, &, semicolons, $ or brackets.",
    },
    # -- sums
    "list-refused": {
        "zh": "{file}：{rows} 行有错误，名单未导入。改正后重新导入，或选择跳过错误行。",
        "en": "{file}: {rows} rows are wrong and nothing was taken. Correct them, or choose to skip bad rows.",
    },
    "header-refused": {"zh": "{file}：表头有错误，未导入。", "en": "{file}: the header is wrong; nothing was taken."},
    "list-empty": {"zh": "{file}：没有可用的行，未导入。", "en": "{file}: no usable row; nothing was taken."},
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
        shown = dict(self.params)
        if "field" in shown:
            name = translator(language)(FIELD_NAMES[str(shown["field"])])
            shown["field"] = name[:1].lower() + name[1:]
        return SENTENCES[self.code][language].format(**shown)


class Unusable(BadInput):
    """A file or a value of a list cannot be used; ``reason`` says why in either language."""

    def __init__(self, code: str, /, **params: object) -> None:
        self.reason = Reason(code, params)
        super().__init__(self.reason.text())

    def text(self, language: Language) -> str:
        """The message in the language asked for."""
        return self.reason.text(language)


class RefusedList(ListRefused):
    """A list was refused; its message is in ``language``, and :meth:`text` says it in either."""

    def __init__(self, why: Reason, language: Language, problems: tuple[RowProblem, ...] = ()) -> None:
        super().__init__(why.text(language), problems)
        self.reason = why

    def text(self, language: Language) -> str:
        """The message in the language asked for."""
        return self.reason.text(language)


@dataclass(frozen=True, slots=True)
class CodedProblem(RowProblem):
    """A :class:`RowProblem` that also carries its stable code and parameters."""

    why: Reason


def problem(row: int, column: str, value: str, why: Reason, language: Language) -> CodedProblem:
    """One problem of a row, worded in ``language``; a long value is cut for showing."""
    shown = value if len(value) <= 60 else value[:59] + "…"
    return CodedProblem(row=row, column=column, value=shown, reason=why.text(language), why=why)
