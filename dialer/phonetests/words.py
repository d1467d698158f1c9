"""Words for test calls: how one ended, and what to do about it."""

from __future__ import annotations

from dialer.language import N_, Language, translator
from dialer.phonetests.model import Finding, PhoneTest, Stage

STAGES: dict[Stage, str] = {
    Stage.PLACED: N_("placed"),
    Stage.RINGING: N_("ringing"),
    Stage.ANSWERED: N_("picked up, the tones are playing"),
    Stage.ENDED: N_("over"),
}

FINDINGS: dict[Finding, str] = {
    Finding.WORKS: N_("the phone works"),
    Finding.SILENT: N_("picked up, but no tones were played"),
    Finding.INTERCEPTED: N_("not the phone answered, but something else: a voicemail or an announcement"),
    Finding.NO_ANSWER: N_("it rang and nobody picked up"),
    Finding.BUSY: N_("the phone is busy"),
    Finding.DECLINED: N_("the phone declined the call"),
    Finding.UNKNOWN_EXTENSION: N_("there is no such extension"),
    Finding.UNREACHABLE: N_("the phone cannot be reached"),
    Finding.INCOMPATIBLE: N_("the phone does not speak G.711 (A-law or μ-law), which calls need"),
    Finding.REFUSED: N_("the PBX refused to place the call"),
    Finding.STOPPED: N_("stopped before anybody picked up"),
    Finding.LOST: N_("nobody can say: the link to the PBX broke"),
    Finding.FAILED: N_("the call failed"),
}

TODO: dict[Finding, str] = {
    Finding.WORKS: N_(
        "If the three tones were not heard, look at the phone's volume, and whether voice (RTP) gets through between "
        "phone and PBX."
    ),
    Finding.SILENT: N_(
        "The PBX's dialplan lacks the context for test calls: load again what `dialer asterisk-config` prints, then "
        "run `dialer check`."
    ),
    Finding.INTERCEPTED: N_(
        "Dial the phone past its voicemail, as PJSIP/8001 or, on FreePBX, Local/8001@originate-skipvm/n; then look why "
        "the phone did not answer."
    ),
    Finding.NO_ANSWER: N_(
        "See to it that somebody is at the phone; if it did not ring, look for do-not-disturb or a diversion."
    ),
    Finding.BUSY: N_(
        "Try again when the call is over; if nobody talks, look whether it is off the hook or set to do-not-disturb."
    ),
    Finding.DECLINED: N_(
        "Somebody pressed the red key, or the phone does not take such calls: look for do-not-disturb or call barring."
    ),
    Finding.UNKNOWN_EXTENSION: N_(
        "Check how it is written (such as 8001 or PJSIP/8001), and that the extension is set up on the PBX."
    ),
    Finding.UNREACHABLE: N_(
        "The PBX knows the extension, but the phone is not registered or does not answer: check its power, its network "
        "and its account."
    ),
    Finding.INCOMPATIBLE: N_("In the phone's settings, allow the codec PCMA (G.711 A-law) or PCMU (μ-law)."),
    Finding.REFUSED: N_("Check the rights of the AMI user with `dialer check` (write needs originate)."),
    Finding.STOPPED: N_("Test again when it suits."),
    Finding.LOST: N_("Test again when the link is back; a phone that still rings stops by itself."),
    Finding.FAILED: N_("Look for the cause in the PBX's log, or call the extension from another phone."),
}


def said(test: PhoneTest, language: Language) -> str:
    """What a test call has come to so far."""
    return translator(language)(STAGES[test.stage] if test.finding is None else FINDINGS[test.finding])


def todo(test: PhoneTest, language: Language) -> str:
    """What to do about it; "" while it goes on."""
    return "" if test.finding is None else translator(language)(TODO[test.finding])


def cause(test: PhoneTest) -> str:
    """The PBX's own evidence: SIP code, Q.850 cause, its words; "" when there is none or all went well."""
    if test.finding in (None, Finding.WORKS):
        return ""
    parts = [f"SIP {test.sip}" if test.sip else "", f"Q.850 {test.cause}" if test.cause else ""]
    told = test.text if test.text and not (test.sip and test.text.startswith("SIP")) else ""
    return " · ".join(part for part in (*parts, told) if part)
