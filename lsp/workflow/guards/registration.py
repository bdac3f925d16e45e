"""Guards of stage 1: ID Izin, FR.APL.01, FR.APL.02, documents, consents, verification."""

from __future__ import annotations

import re

from sqlalchemy import select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.models import EducationRule, FrApl01, Permohonan
from lsp.models.inforce import setting
from lsp.vocabulary import PHOTO_CODE, AssessmentPurpose, ConsentKind, Form, Role, Verdict
from lsp.workflow.at_siki import unseen_at_siki
from lsp.workflow.dossier import dossier_of
from lsp.workflow.repairs import repairs_of

# The known pattern is I- and 19 digits; other clients accept any 5 to 50 of letters, digits, - and _ (process 4.3).
ID_IZIN = re.compile(r"[A-Za-z0-9_-]{5,50}")
ID_IZIN_EXAMPLE = "I-2026111809150100042"
#: What is said of another shape, wherever the number comes from.
ID_IZIN_WRONG = (
    f"ID Izin belum benar. Salin lagi dari Portal Perizinan, contohnya {ID_IZIN_EXAMPLE}."
)

#: FR.APL.01 fields that must be filled, with the words of the form (forms 2).
APL_01_REQUIRED = {
    "full_name": "nama lengkap",
    "nik": "NIK",
    "birth_place": "tempat lahir",
    "birth_date": "tanggal lahir",
    "sex": "jenis kelamin",
    "nationality": "kebangsaan",
    "address": "alamat rumah",
    "province_code": "provinsi",
    "city_code": "kabupaten/kota",
    "phone_mobile": "nomor HP",
    "email": "e-mail",
    "education": "kualifikasi pendidikan",
    "purpose": "tujuan asesmen",
}
#: The budget of whose payer the name is asked, and what is asked (reference/sumber_anggaran.csv).
PUBLIC_BUDGET, PAYER = "APBN/APBD", "kementerian atau pemerintah daerah yang membiayai"
_INDONESIAN = ("indonesia", "indonesian", "wni", "warga negara indonesia")
CONSENTS_REQUIRED = (ConsentKind.DATA_PROCESSING, ConsentKind.PERJANJIAN, ConsentKind.PERNYATAAN)


def id_izin_well_formed(case: Permohonan, actor: Actor, note: str) -> str | None:
    if not ID_IZIN.fullmatch(case.id_izin):
        return ID_IZIN_WRONG
    return None


def id_izin_held_by_no_other(case: Permohonan, actor: Actor, note: str) -> str | None:
    other = db.session.scalar(
        select(Permohonan.id).where(
            Permohonan.id_izin == case.id_izin,
            Permohonan.id != case.id,
            Permohonan.submitted_at.is_not(None),
        )
    )
    if other is not None:
        return "ID Izin ini sudah dipakai pada permohonan lain. Periksa nomornya, atau tanyakan kepada admin LSP."
    return None


def skema_open(case: Permohonan, actor: Actor, note: str) -> str | None:
    if case.skema_version.opened_at is None:
        return "Skema ini belum dibuka untuk pendaftaran."
    return None


def fr_apl_01_complete(case: Permohonan, actor: Actor, note: str) -> str | None:
    missing = missing_in_apl_01(case)
    if missing:
        return "FR.APL.01 belum lengkap: " + ", ".join(missing) + "."
    form = dossier_of(case).fr_apl_01
    fault = number_fault(form.nationality, form.nik or "") if form is not None else None
    return f"{fault} Betulkan di FR.APL.01, bagian data pribadi." if fault else None


def old_enough(case: Permohonan, actor: Actor, note: str) -> str | None:
    form = dossier_of(case).fr_apl_01
    born, least = form.born_on if form is not None else None, int(setting("min_age"))
    if born is None:
        return None
    today = clock.today_wib()
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if age < least:
        return f"Asesi harus berumur sedikitnya {least} tahun. Periksa tanggal lahir di FR.APL.01."
    return None


def is_citizen(nationality: str) -> bool:
    """Whether the stated nationality is Indonesian; others give a passport number instead of a NIK."""
    return nationality.strip().casefold() in _INDONESIAN


def is_foreigner(nationality: str | None) -> bool:
    """Whether another nationality is stated; none at all says nothing."""
    return bool(nationality and nationality.strip()) and not is_citizen(nationality or "")


def is_passport(text: str) -> bool:
    """Whether a number can stand in a passport: at most nine letters and digits (ICAO Doc 9303, part 4)."""
    return re.fullmatch(r"[A-Za-z0-9]{5,9}", text) is not None and any(map(str.isdigit, text))


def number_fault(nationality: str | None, number: str) -> str | None:
    """What is wrong with the shape of NIK or passport number; no nationality stated decides nothing yet."""
    if is_citizen(nationality or "") and not is_nik(number):
        return f"NIK terdiri dari 16 angka, yang tertulis {len(number)}."
    if is_foreigner(nationality) and not is_passport(number):
        return (
            "Nomor paspor terdiri dari 5 sampai 9 huruf dan angka. "
            "Bila Anda WNI, tulis Indonesia di kebangsaan."
        )
    return None


def payer_missing(form: FrApl01) -> bool:
    """Whether a public budget pays and nobody said whose."""
    return form.funding == PUBLIC_BUDGET and not form.ministry


def is_nik(text: str) -> bool:
    return len(text) == 16 and text.isascii() and text.isdigit()


def missing_in_apl_01(case: Permohonan) -> list[str]:
    """The required fields of FR.APL.01 that are still empty, in the form's words."""
    form = dossier_of(case).fr_apl_01
    if form is None:
        return list(APL_01_REQUIRED.values())
    missing = [words for name, words in APL_01_REQUIRED.items() if not getattr(form, name)]
    if form.purpose is AssessmentPurpose.LAINNYA and not form.purpose_other:
        missing.append("tujuan lainnya")
    if payer_missing(form):
        missing.append(PAYER)
    return missing


def rule_fits(case: Permohonan, rule_id: int | None) -> bool:
    """Whether this alternative belongs to the skema version of the case and to its kind of request."""
    rule = db.session.get(EducationRule, rule_id) if rule_id is not None else None
    return (
        rule is not None
        and rule.skema_version_id == case.skema_version_id
        and rule.kind in (None, case.kind)
    )


def education_rule_claimed(case: Permohonan, actor: Actor, note: str) -> str | None:
    form = dossier_of(case).fr_apl_01
    if form is None or not rule_fits(case, form.claimed_rule_id):
        return "Pilih syarat pendidikan dan pengalaman yang Anda penuhi, di FR.APL.01."
    return None


def fr_apl_01_signed(case: Permohonan, actor: Actor, note: str) -> str | None:
    return _signing_lacks(case, Form.FR_APL_01, "FR.APL.01")


def fr_apl_02_answered(case: Permohonan, actor: Actor, note: str) -> str | None:
    progress = dossier_of(case).apl_02
    open_count = progress.total - progress.answered
    if open_count:
        return f"FR.APL.02 belum selesai: {open_count} elemen belum dijawab."
    if progress.without_evidence:
        return f"FR.APL.02: {progress.without_evidence} elemen dijawab K tetapi belum ada buktinya."
    return None


def fr_apl_02_signed(case: Permohonan, actor: Actor, note: str) -> str | None:
    return _signing_lacks(case, Form.FR_APL_02, "FR.APL.02")


def _signing_lacks(case: Permohonan, form: Form, name: str) -> str | None:
    """Whether it was never signed, or what was signed reads otherwise now."""
    dossier = dossier_of(case)
    if dossier.signature(form, Role.ASESI) is not None:
        return None
    if dossier.was_signed(form, Role.ASESI):
        return f"Isi {name} berubah sesudah Anda tanda tangani. Tanda tangani sekali lagi."
    return f"{name} belum ditandatangani."


def required_documents_present(case: Permohonan, actor: Actor, note: str) -> str | None:
    dossier = dossier_of(case)
    present = {document.requirement_id for document in dossier.documents}
    missing = [row.label for row in dossier.requirements if row.required and row.id not in present]
    if missing:
        return "Dokumen wajib belum diunggah: " + ", ".join(missing) + "."
    return None


def failed_documents_replaced(case: Permohonan, actor: Actor, note: str) -> str | None:
    """After a return, each document row that failed has a file newer than the verdict."""
    mended = (each.reason for each in repairs_of(case) if each.section is None)
    return next((reason for reason in mended if reason is not None), None)


def failed_sections_changed(case: Permohonan, actor: Actor, note: str) -> str | None:
    """After a return, each section that failed reads otherwise than what was judged, or the asesi answered why not."""
    mended = (each.reason for each in repairs_of(case) if each.section is not None)
    return next((reason for reason in mended if reason is not None), None)


def consents_given(case: Permohonan, actor: Actor, note: str) -> str | None:
    missing = [kind.label for kind in CONSENTS_REQUIRED if kind not in dossier_of(case).consents]
    if missing:
        return "Belum disetujui: " + ", ".join(missing) + "."
    return None


def every_required_item_judged(case: Permohonan, actor: Actor, note: str) -> str | None:
    """Required documents, and each section that was judged before or changed since."""
    dossier = dossier_of(case)
    open_count = sum(
        1
        for row in dossier.requirements
        if row.required
        and ((item := dossier.checklist.get(row.id)) is None or item.verdict is None)
    )
    changed = [item for item in dossier.sections.values() if item.verdict is None]
    if open_count + len(changed):
        return f"Masih ada {open_count + len(changed)} butir wajib yang belum dinilai."
    return None


def failing_items_named(case: Permohonan, actor: Actor, note: str) -> str | None:
    failing = dossier_of(case).failing
    if not failing:
        return "Tidak ada butir yang gagal, jadi tidak ada yang perlu diperbaiki."
    silent = [name for name, item in failing if not item.note.strip()]
    if silent:
        return "Tulis catatan untuk: " + ", ".join(silent) + "."
    return None


def all_required_items_meet(case: Permohonan, actor: Actor, note: str) -> str | None:
    dossier = dossier_of(case)
    bad = []
    for row in dossier.requirements:
        item = dossier.checklist.get(row.id)
        failed = item is not None and item.verdict is Verdict.FAILS
        if failed or (row.required and (item is None or item.verdict is not Verdict.MEETS)):
            bad.append(row.label)
    bad += [name for name, item in dossier.failing if item.section is not None]
    if bad:
        return "Belum memenuhi syarat: " + ", ".join(bad) + "."
    return None


def repairs_seen_at_siki(case: Permohonan, actor: Actor, note: str) -> str | None:
    """What was repaired at SIKI an admin saw there: the portal does not read it by itself."""
    dossier = dossier_of(case)
    unseen = [each.label for each, item in dossier.sections.items() if unseen_at_siki(case, item)]
    if unseen:
        return (
            "Lihat dulu perbaikannya di SIKI, lalu centang pada butirnya: "
            + ", ".join(unseen)
            + "."
        )
    return None


def photo_is_a_picture(case: Permohonan, actor: Actor, note: str) -> str | None:
    """The certificate prints it; a PDF would leave the place empty without a word."""
    dossier = dossier_of(case)
    rows = {row.id for row in dossier.requirements if row.code == PHOTO_CODE}
    sent = [file for file in dossier.documents if file.requirement_id in rows]
    if any(file.content_type != "image/jpeg" for file in sent):
        return "Pas foto masih berupa PDF. Minta asesi mengunggahnya sebagai foto."
    return None


def met_alternative_recorded(case: Permohonan, actor: Actor, note: str) -> str | None:
    if not rule_fits(case, case.met_rule_id):
        return "Catat syarat pendidikan dan pengalaman yang terpenuhi."
    return None


def apl_01_accepted_by_admin(case: Permohonan, actor: Actor, note: str) -> str | None:
    if dossier_of(case).signature(Form.FR_APL_01, Role.ADMIN) is None:
        return "Tanda tangani rekomendasi FR.APL.01 “Diterima”."
    return None
