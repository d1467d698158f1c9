"""`dialer check`: which dialer places the calls on this PBX, of those that have copies of these records."""

from __future__ import annotations

from dialer.ami.lease import Owner
from dialer.cli.pbx.checks import Check, fail, ok
from dialer.language import N_, Translate

OWNER = N_("owner of the PBX")


def owner_check(owner: Owner, sign: str, t: Translate) -> Check:
    """``sign`` is what stands on the PBX; "" when nobody has logged in since it was started."""
    if machine := owner.other(sign or owner.last):
        todo = t(
            "If this one is to place the calls, and {machine} is not: `dialer campaign take-over`, or the button on "
            "the health page. Otherwise nothing: this one only watches.",
            machine=machine,
        )
        return fail(OWNER, t("the dialer on {machine}, with these records", machine=machine), todo)
    if sign:
        return ok(OWNER, t("this dialer"))
    return ok(OWNER, t("nobody; it is this dialer's as soon as the service logs in"))
