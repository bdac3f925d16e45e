"""Whether the alternative that the asesi claims fits what he states. A question, never a refusal: the admin decides."""

from __future__ import annotations

from lsp.models import EducationRule, FrApl01, Permohonan
from lsp.services import apl01, eligibility
from lsp.services.eligibility import Education
from lsp.workflow.dossier import dossier_of

#: More months than any rule asks for: what is left to stand against an alternative is the education.
_LONG = 12 * 100


def doubt(permohonan: Permohonan, *, finished: bool = True) -> str:
    """What speaks against the claimed alternative; empty where nothing does, or too little is stated.

    finished: also count work of which no row stands; on the way there the rows of experience are asked last.
    """
    form = dossier_of(permohonan).fr_apl_01
    educations = eligibility.stated_educations(form)
    if form is None or form.claimed_rule_id is None or not educations:
        return ""
    rules = [
        rule
        for rule in permohonan.skema_version.education_rules
        if rule.kind in (None, permohonan.kind)
    ]
    claimed = next((rule for rule in rules if rule.id == form.claimed_rule_id), None)
    months = _months(form, finished=finished)
    against = _against(claimed, educations, months) if claimed is not None else ""
    if claimed is None or not against:
        return ""
    weighed = eligibility.weigh(rules, educations, months)
    fits = next((rule.label for rule, each in zip(rules, weighed, strict=True) if each.met), "")
    fitting = "Yang sesuai dengan isian" if months < _LONG else "Yang sesuai dengan pendidikan Anda"
    advice = (
        f"{fitting}: “{fits}”."
        if fits
        else "Periksa pendidikan dan pengalaman Anda. Bila sudah benar, admin yang menilainya."
    )
    return f"Syarat “{claimed.label}” belum sesuai dengan isian Anda: {against}. {advice}"


def _months(form: FrApl01, *, finished: bool) -> int:
    if form.experiences or finished:
        return apl01.months_of_experience(form.experiences)
    return _LONG


def _against(rule: EducationRule, educations: list[Education], months: int) -> str:
    (however_long,) = eligibility.weigh([rule], educations, _LONG)
    if however_long.met is False:
        stated = " dan ".join(each.level for each in educations)
        return f"pendidikan yang tercatat {stated}"
    if months < rule.years * 12:
        return f"pengalaman yang tercatat {months} dari {rule.years * 12} bulan"
    return ""
