"""The campaign's words for people, in Chinese (the default) and English: states, outcomes, alarms and why-answers.

Codes are for machines and stay what they are; what a person reads is looked up here, and only here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Literal, NamedTuple

from dialer.campaign.agent import Presence
from dialer.campaign.attempt import AttemptState
from dialer.campaign.disposition import Disposition
from dialer.campaign.outcome import PHONE_NOT_ANSWERED
from dialer.campaign.visit import Result, VisitState
from dialer.campaign.why import Answer, Why

Language = Literal["zh", "en"]


class Words(NamedTuple):
    """The same in both languages."""

    zh: str
    en: str

    def of(self, language: Language) -> str:
        """The one in ``language``."""
        return self.zh if language == "zh" else self.en


VISIT_STATES: dict[VisitState, Words] = {
    VisitState.WAITING: Words("待拨打", "waiting"),
    VisitState.CALLING: Words("正在呼叫", "being called"),
    VisitState.REACHED: Words("已接通", "reached"),
    VisitState.UNREACHED: Words("未接通", "not reached"),
    VisitState.INVALID_NUMBER: Words("号码有误", "wrong number"),
    VisitState.WITHDRAWN: Words("已撤销", "withdrawn"),
    VisitState.OUT_OF_TIME: Words("收班前未接通", "not reached before closing"),
}

RESULTS: dict[Result, Words] = {
    Result.ORDERED: Words("已订货", "ordered"),
    Result.NOT_NEEDED: Words("不需要", "needs nothing today"),
    Result.LATER: Words("推迟订货", "wants to be called later"),
    Result.WRONG_NUMBER: Words("店名不符", "wrong shop"),
    Result.REFUSED: Words("拒绝订货", "refused"),
    Result.NOT_UNDERSTOOD: Words("无法沟通", "could not be understood"),
    Result.FEEDBACK: Words("意见或投诉", "complaint or opinion"),
}

DISPOSITIONS: dict[Disposition, Words] = {
    Disposition.CONNECTED: Words("已接通", "connected"),
    Disposition.ABANDONED: Words("客户接听但电访员未接", "answered, no agent came on the line"),
    Disposition.NO_ANSWER: Words("无人接听", "no answer"),
    Disposition.BUSY: Words("占线", "busy"),
    Disposition.DECLINED: Words("拒接", "declined"),
    Disposition.UNREACHABLE: Words("关机或无法接通", "switched off or out of reach"),
    Disposition.INVALID_NUMBER: Words("空号或错号", "no such number"),
    Disposition.CONGESTION: Words("线路拥塞", "lines congested"),
    Disposition.OUR_FAULT: Words("我方线路故障", "our line failed"),
    Disposition.CANCELLED: Words("我方取消", "cancelled by us"),
    Disposition.UNKNOWN: Words("结果不明", "outcome unknown"),
}

ATTEMPT_STATES: dict[AttemptState, Words] = {
    AttemptState.PLACED: Words("已拨出", "dialled"),
    AttemptState.RINGING: Words("正在振铃", "ringing"),
    AttemptState.ANSWERED: Words("客户已接听", "answered by the customer"),
    AttemptState.CONNECTED: Words("通话中", "talking"),
    AttemptState.UNKNOWN: Words("状态不明，正在向交换机核实", "state unknown, the PBX is being asked"),
    AttemptState.ENDED: Words("已结束", "ended"),
}

PRESENCES: dict[Presence, Words] = {
    Presence.SIGNED_OUT: Words("未签到", "signed out"),
    Presence.READY: Words("空闲", "ready"),
    Presence.RINGING: Words("呼叫中", "calling"),
    Presence.ON_CALL: Words("通话中", "on a call"),
    Presence.WRAP_UP: Words("话后处理", "wrap-up"),
    Presence.PAUSED: Words("暂停", "paused"),
}

PAUSE_REASONS: dict[str, Words] = {
    "break": Words("短暂休息", "Short break"),
    "meal": Words("用餐", "Meal"),
    "meeting": Words("会议或培训", "Meeting or training"),
    "records": Words("整理资料", "Sorting records"),
    "equipment": Words("设备故障", "Equipment trouble"),
}
"""The usual reasons for a pause, by the codes that are stored; who reads them reads their own language."""

_REASONS: dict[str, Words] = {
    PHONE_NOT_ANSWERED: Words("话机无人接听", "the phone was not answered"),
    **PAUSE_REASONS,
}

_ALARMS: dict[str, Words] = {
    "link": Words("与交换机的连接中断", "The link to the PBX is lost"),
    "trunk": Words("中继 {name} 故障，已暂停使用", "Trunk {name} fails and is paused"),
    "agent": Words("电访员 {name} 的话机无人接听", "Agent {name} did not pick up"),
    "notices-failing": Words("信息平台没有确认任何通知", "The info platform acknowledges nothing"),
    "notices-dead": Words("有通知未能送达", "A notice could not be delivered"),
    "recording-folder": Words("无法读取交换机的录音文件夹", "The PBX's recording folder cannot be read"),
    "recording-library": Words("无法写入录音库", "The library of recordings cannot be written"),
    "recording-store": Words("录音无法登记入库", "Recordings cannot be entered in the books"),
    "recording-file": Words("有录音文件无法收取", "A recording cannot be taken in"),
    "restored": Words(
        "数据已从备份恢复，备份之后的通话不在账上：请核对后再恢复拨打",
        "The books are those of a backup; calls made after it are not in them: look, then resume calling",
    ),
    "backup": Words("数据备份失败", "The database could not be backed up"),
    "clock": Words(
        "本机时钟被改动 {name} 秒；呼叫间隔照常保持",
        "The clock of this machine was set by {name} s; gaps between calls are kept",
    ),
    "recording-missing": Words("有通话没有录音", "A conversation has no recording"),
}

_WHY: dict[Why, Words] = {
    Why.NOT_ON_LIST: Words("客户 {customer} 不在 {day} 的名单上。", "Customer {customer} is not on the list of {day}."),
    Why.BY_HAND: Words(
        "已由 {who} 手工拨打 {tries} 次（最后一次 {at}）：{outcome}；系统今天不再拨打。",
        "Dialled by hand by {who}, calls made: {tries}, the last at {at}: {outcome}. "
        "The dialer does not call again today.",
    ),
    Why.REACHED: Words(
        "已接通（通话于 {at} 结束），结果：{result}。", "Reached; the call ended at {at}. Result: {result}."
    ),
    Why.UNREACHED: Words(
        "已拨打 {counted} 次均未接通，最后一次结束于 {at}；通知已发给营销部和客户经理。",
        "Not reached in {counted} counted attempts, the last of which ended at {at}; "
        "a notice goes to the marketing department and the account manager.",
    ),
    Why.INVALID_NUMBER: Words(
        "号码 {number} 是空号或错号，须先更正号码。", "The number {number} is wrong; it must be corrected first."
    ),
    Why.WITHDRAWN: Words("已从名单撤销：{reason}。", "Withdrawn from the list: {reason}."),
    Why.OUT_OF_TIME: Words(
        "收班前拨打 {attempts} 次，未接通；今天不再拨打。",
        "Not reached before closing; calls made: {attempts}. Not called any more today.",
    ),
    Why.CALLING: Words(
        "正在呼叫（{state}），电访员 {agent}，始于 {since}。",
        "Being called now ({state}), agent {agent}, since {since}.",
    ),
    Why.OTHER_DAY: Words("在 {day} 的名单上，当天才拨打。", "On the list of {day} and called on that day."),
    Why.DAY_OFF: Words("今天不拨打：{note}。", "No calls today: {note}."),
    Why.NOT_OPEN: Words(
        "现在不在拨打时段，下一时段从 {at} 开始。", "Outside the calling hours, which start again at {at}."
    ),
    Why.NO_LINK: Words("与交换机没有连接（自 {since} 起）。", "There is no link to the PBX (since {since})."),
    Why.PAUSED: Words("拨打已暂停：{by}。", "Calling is paused: {by}."),
    Why.PROMISED: Words("客户约定在 {at} 拨打。", "The customer asked to be called at {at}."),
    Why.GAP: Words(
        "上次{last}，须等到 {until} 再拨。", "The last call ended as '{last}'; the next may start at {until}."
    ),
    Why.NUMBER_IN_USE: Words(
        "同一号码正在呼叫客户 {customer}，等其结束。", "The same number is being called for customer {customer}."
    ),
    Why.NUMBER_GAP: Words(
        "同一号码刚为另一客户拨打过，须等到 {until}。",
        "The same number was just called for another customer; the next call may start at {until}.",
    ),
    Why.NO_AGENT: Words("名单指定的{whose}没有可用的电访员。", "There is no agent for {whose}."),
    Why.AGENT_AWAY: Words(
        "{whose}当前{presence}（{reason}），自 {since} 起。", "{whose}: {presence} ({reason}) since {since}."
    ),
    Why.TRUNKS_DOWN: Words("所有中继都有故障，{until} 再试。", "Every trunk fails; the next try is at {until}."),
    Why.TRUNKS_FULL: Words("所有中继的通道都在用。", "Every channel of every trunk is in use."),
    Why.IN_LINE: Words("正在排队（{whose}），前面还有 {ahead} 个客户。", "In line for {whose} behind {ahead} others."),
    Why.NEXT: Words("下一个就拨打（{whose}）。", "Next to be called, for {whose}."),
}

_WITHOUT: dict[tuple[Why, str], Words] = {
    (Why.REACHED, "result"): Words(
        "已接通（通话于 {at} 结束），结果尚未登记。", "Reached; the call ended at {at}. No result has been entered yet."
    ),
    (Why.WITHDRAWN, "reason"): Words("已从名单撤销。", "Withdrawn from the list."),
    (Why.CALLING, "since"): Words(
        "正在呼叫，正在向交换机核实。", "Being called; the PBX is being asked about the call."
    ),
    (Why.DAY_OFF, "note"): Words("今天不是拨打日。", "There are no calling hours today."),
    (Why.NOT_OPEN, "at"): Words("今天的拨打时段已经结束。", "Today's calling hours are over."),
    (Why.NO_LINK, "since"): Words("与交换机还没有连接。", "There is no link to the PBX yet."),
    (Why.GAP, "last"): Words("须等到 {until} 再拨。", "The next call may start at {until}."),
    (Why.AGENT_AWAY, "reason"): Words("{whose}当前{presence}，自 {since} 起。", "{whose}: {presence} since {since}."),
    (Why.TRUNKS_DOWN, "until"): Words("所有中继都有故障，正在试拨。", "Every trunk fails; one is being tried."),
}
"""What is said when that parameter is missing."""


_PARAMETERS: dict[str, dict[str, Words]] = {
    "result": {str(code): words for code, words in RESULTS.items()},
    "outcome": {str(code): words for code, words in (*RESULTS.items(), *VISIT_STATES.items())},
    "last": {str(code): words for code, words in DISPOSITIONS.items()},
    "presence": {str(code): words for code, words in PRESENCES.items()},
    "state": {str(code): words for code, words in ATTEMPT_STATES.items()},
    "reason": _REASONS,
}
"""Parameters of why-answers that are codes."""


def sentence(answer: Answer, language: Language, zone: tzinfo) -> str:
    """A why-answer as one true line; times on the wall clock of ``zone``."""
    words = _WHY[answer.why]
    for (why, name), otherwise in _WITHOUT.items():
        if why is answer.why and not answer.params.get(name):
            words = otherwise
    shown = {name: _shown(name, value, language, zone) for name, value in answer.params.items()}
    return words.of(language).format(**shown, whose=_whose(answer.params, language))


def alarm(key: str, text: str, language: Language) -> str:
    """What an alarm is about; its own ``text`` when the key is none of ours."""
    kind, _, name = key.partition(":")
    return _ALARMS[kind].of(language).format(name=name) if kind in _ALARMS else text


def reason(code: str, language: Language) -> str:
    """Why an agent is paused; what a person entered stays as it is."""
    return _REASONS[code].of(language) if code in _REASONS else code


def _shown(name: str, value: object, language: Language, zone: tzinfo) -> str:
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%H:%M:%S")
    words = _PARAMETERS.get(name, {}).get(str(value))
    return words.of(language) if words else str(value)


def _whose(params: Mapping[str, object], language: Language) -> str:
    """The agent or the team that a visit is dealt to."""
    if params.get("agent"):
        return Words(f"电访员 {params['agent']}", f"agent {params['agent']}").of(language)
    return Words(f"班组 {params.get('team')}", f"team {params.get('team')}").of(language)
