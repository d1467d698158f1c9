"""Words for test calls, in both languages: what came of one, and what to do about it."""

from __future__ import annotations

from dialer.campaign.phonetest import Finding, PhoneTest, Stage
from dialer.campaign.wording import Language, Words

STAGES: dict[Stage, Words] = {
    Stage.PLACED: Words("已发起", "placed"),
    Stage.RINGING: Words("正在振铃", "ringing"),
    Stage.ANSWERED: Words("已接听，正在播放提示音", "picked up, the tones are playing"),
    Stage.ENDED: Words("已结束", "over"),
}

FINDINGS: dict[Finding, Words] = {
    Finding.WORKS: Words("话机正常", "the phone works"),
    Finding.SILENT: Words("已接听，但没有提示音", "picked up, but no tones were played"),
    Finding.NO_ANSWER: Words("振铃后无人接听", "it rang and nobody picked up"),
    Finding.BUSY: Words("话机占线", "the phone is busy"),
    Finding.DECLINED: Words("话机拒接", "the phone declined the call"),
    Finding.UNKNOWN_EXTENSION: Words("没有这个分机", "there is no such extension"),
    Finding.UNREACHABLE: Words("话机不在线", "the phone cannot be reached"),
    Finding.REFUSED: Words("交换机拒绝发起呼叫", "the PBX refused to place the call"),
    Finding.STOPPED: Words("已取消", "stopped before anybody picked up"),
    Finding.LOST: Words("结果不明：与交换机的连接中断", "nobody can say: the link to the PBX broke"),
    Finding.FAILED: Words("呼叫失败", "the call failed"),
}

TODO: dict[Finding, Words] = {
    Finding.WORKS: Words(
        "如果没有听到三声提示音，请检查话机的音量，以及话机与交换机之间的语音端口（RTP）是否畅通。",
        "If the three tones were not heard, look at the phone's volume, and whether voice (RTP) gets through between "
        "phone and PBX.",
    ),
    Finding.SILENT: Words(
        "交换机的拨号方案里缺少测试呼叫的上下文：请重新装载 dialer asterisk-config 打印的拨号方案，"
        "再用 dialer check 核对。",
        "The PBX's dialplan lacks the context for test calls: load again what `dialer asterisk-config` prints, then "
        "run `dialer check`.",
    ),
    Finding.NO_ANSWER: Words(
        "请确认有人在话机旁；若话机没有响，请检查免打扰和来电转移的设置。",
        "See to it that somebody is at the phone; if it did not ring, look for do-not-disturb or a diversion.",
    ),
    Finding.BUSY: Words(
        "请等通话结束后再试；若无人通话，请检查话机是否挂好、是否设置了免打扰。",
        "Try again when the call is over; if nobody talks, look whether it is off the hook or set to do-not-disturb.",
    ),
    Finding.DECLINED: Words(
        "有人按了拒接键，或话机不允许这样的来电：请检查话机的免打扰和来电限制。",
        "Somebody pressed the red key, or the phone does not take such calls: look for do-not-disturb or call barring.",
    ),
    Finding.UNKNOWN_EXTENSION: Words(
        "请核对分机写法（例如 8001 或 PJSIP/8001），并确认交换机上已建立该分机。",
        "Check how it is written (such as 8001 or PJSIP/8001), and that the extension is set up on the PBX.",
    ),
    Finding.UNREACHABLE: Words(
        "交换机有这个分机，但话机没有注册或没有应答：请检查话机的电源、网线和注册账号。",
        "The PBX knows the extension, but the phone is not registered or does not answer: check its power, its network "
        "and its account.",
    ),
    Finding.REFUSED: Words(
        "请用 dialer check 检查 AMI 用户的权限（write 需要 originate）。",
        "Check the rights of the AMI user with `dialer check` (write needs originate).",
    ),
    Finding.STOPPED: Words("需要时可以再测一次。", "Test again when it suits."),
    Finding.LOST: Words(
        "连接恢复后再测一次；话机若还在响，会自己停下。",
        "Test again when the link is back; a phone that still rings stops by itself.",
    ),
    Finding.FAILED: Words(
        "请按原因代码在交换机的日志中查找；也可以从另一部话机拨打该分机。",
        "Look for the cause in the PBX's log, or call the extension from another phone.",
    ),
}


def said(test: PhoneTest, language: Language) -> str:
    """What a test call has come to so far."""
    return (STAGES[test.stage] if test.finding is None else FINDINGS[test.finding]).of(language)


def todo(test: PhoneTest, language: Language) -> str:
    """What to do about it; "" while it goes on."""
    return "" if test.finding is None else TODO[test.finding].of(language)


def cause(test: PhoneTest) -> str:
    """The PBX's own evidence: SIP code, Q.850 cause, its words; "" when there is none or all went well."""
    if test.finding in (None, Finding.WORKS):
        return ""
    parts = [f"SIP {test.sip}" if test.sip else "", f"Q.850 {test.cause}" if test.cause else ""]
    told = test.text if test.text and not (test.sip and test.text.startswith("SIP")) else ""
    return " · ".join(part for part in (*parts, told) if part)
