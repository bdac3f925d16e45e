"""The sections of FR.APL.01 between form and table: choices, stored values, what was typed, the overview."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import select

from lsp.data import read_csv
from lsp.database import db
from lsp.forms.registration import (
    CertificationForm,
    PersonalForm,
    SectionForm,
    SelectChoice,
    WorkForm,
)
from lsp.models import Document, EducationRule, FrApl01, Permohonan
from lsp.services import apl01, regions
from lsp.services.apl01 import SECTIONS
from lsp.services.apl01_rows import KINDS
from lsp.views.apl01_words import TITLES as ROW_TITLES, number_word, rows_words
from lsp.views.editions import edition_of
from lsp.views.filters import tanggal_singkat
from lsp.vocabulary import AssessmentPurpose, Labelled, Sex
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.registration import (
    APL_01_REQUIRED,
    PAYER,
    is_foreigner,
    payer_missing,
)

TITLES = {"pribadi": "Data pribadi", "pekerjaan": "Pekerjaan sekarang", "sertifikasi": "Data sertifikasi"}  # fmt: skip
_FORMS: dict[str, type[SectionForm]] = {
    "pribadi": PersonalForm,
    "pekerjaan": WorkForm,
    "sertifikasi": CertificationForm,
}
#: Sections and kinds of rows as they are asked, one after the other.
ORDER = ("pribadi", "pendidikan", "pekerjaan", "sertifikasi", "pengalaman", "pelatihan")
_NOTHING = SelectChoice("", "Pilih …")


@cache
def _labels(table: str) -> tuple[str, ...]:
    return tuple(row["label"] for row in read_csv(f"reference/{table}.csv"))


def rules(permohonan: Permohonan) -> list[EducationRule]:
    """Alternatives of the education and experience rule for this kind of request."""
    rows = db.session.scalars(
        select(EducationRule)
        .where(EducationRule.skema_version_id == permohonan.skema_version_id)
        .order_by(EducationRule.position)
    )
    return [row for row in rows if row.kind in (None, permohonan.kind)]


def form_for(permohonan: Permohonan, section: str) -> SectionForm:
    """The form as stored."""
    stored = stored_values(permohonan, section)
    values = dict(stored)
    if section == "pribadi" and stored["birth_date"]:
        values["birth_date"] = date.fromisoformat(stored["birth_date"])
    if section == "sertifikasi":
        chosen = {row.id: str(row.position) for row in rules(permohonan)}
        values["claimed_rule"] = chosen.get(stored["claimed_rule_id"], "")
    form = _FORMS[section](formdata=None, data=values)
    form.seen.data = edition_of(stored)
    _offer(permohonan, form)
    return form


def form_from_request(permohonan: Permohonan, section: str) -> SectionForm:
    """The form as typed, with the choices it may choose from."""
    form = _FORMS[section]()
    _offer(permohonan, form)
    return form


def _offer(permohonan: Permohonan, form: SectionForm) -> None:
    if isinstance(form, PersonalForm):
        provinces = [SelectChoice(row.code, row.name) for row in regions.provinces()]
        cities = regions.cities_of(form.province_code.data or "")
        form.province_code.choices = [_NOTHING, *provinces]
        form.city_code.choices = [_NOTHING, *(SelectChoice(row.code, row.name) for row in cities)]
    if isinstance(form, CertificationForm):
        form.funding.choices = [SelectChoice(label) for label in _labels("sumber_anggaran")]
        form.claimed_rule.choices = [
            SelectChoice(str(row.position), row.label) for row in rules(permohonan)
        ]


def stored_values(permohonan: Permohonan, section: str) -> dict[str, Any]:
    """What the table holds for a section, as plain values."""
    form = dossier_of(permohonan).fr_apl_01 or FrApl01()
    return plain({name: getattr(form, name) for name in SECTIONS[section]})


def plain(values: dict[str, Any]) -> dict[str, Any]:
    """Values that can be compared with stored ones: enums by their value, nothing as empty text."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Labelled) else value if value is not None else ""


def values_of(permohonan: Permohonan, section: str, form: SectionForm) -> dict[str, Any]:
    """What was typed, field by field, without the fields that are wrong."""
    values = {
        name: _stored_kind(name, form[name].data)
        for name in SECTIONS[section]
        if name in form and not form[name].errors
    }
    if section == "sertifikasi" and not form["claimed_rule"].errors:
        found = {str(row.position): row.id for row in rules(permohonan)}
        values["claimed_rule_id"] = found.get(form["claimed_rule"].data or "")
    return values


def _stored_kind(name: str, value: Any) -> Any:
    if name == "sex":
        return Sex(value) if value else None
    if name == "purpose":
        return AssessmentPurpose(value) if value else None
    if name == "birth_date":
        return value.isoformat() if value else None
    return value or ""


@dataclass(frozen=True, slots=True)
class SectionSummary:
    """A section in the overview: its facts as (term, value), and what still lacks, in the form's words."""

    key: str
    title: str
    rows: list[tuple[str, str]]
    missing: list[str]
    optional: bool = False
    in_rows: bool = False


def overview(permohonan: Permohonan) -> list[SectionSummary]:
    """The sections and kinds of rows in the order in which they are asked."""
    dossier = dossier_of(permohonan)
    form = dossier.fr_apl_01 or FrApl01()
    found = {section: _summary(permohonan, form, section) for section in SECTIONS}
    found |= {kind: _rows_summary(form, kind, dossier.documents) for kind in KINDS}
    return [found[key] for key in ORDER]


def _rows_summary(form: FrApl01, kind: str, documents: list[Document]) -> SectionSummary:
    rows = [(row.title, row.text) for row in rows_words(form, kind, documents)]
    months = apl01.months_of_experience(form.experiences) if kind == "pengalaman" else 0
    if months:
        rows.append(("Lama pengalaman", f"{months // 12} tahun {months % 12} bulan"))
    required = kind == "pendidikan"
    missing = [APL_01_REQUIRED["education"]] if required and not form.education else []
    return SectionSummary(
        kind, ROW_TITLES[kind], rows, missing, optional=not required, in_rows=True
    )


def _summary(permohonan: Permohonan, form: FrApl01, section: str) -> SectionSummary:
    missing = [
        words
        for name, words in APL_01_REQUIRED.items()
        if name in SECTIONS[section] and not getattr(form, name)
    ]
    if section == "pribadi" and "NIK" in missing and is_foreigner(form.nationality):
        missing[missing.index("NIK")] = "nomor paspor"
    if section == "sertifikasi":
        if form.purpose is AssessmentPurpose.LAINNYA and not form.purpose_other:
            missing.append("tujuan lainnya")
        if payer_missing(form):
            missing.append(PAYER)
        if form.claimed_rule_id is None:
            missing.append("syarat pendidikan dan pengalaman")
    facts = {"pribadi": _personal, "pekerjaan": _work}.get(section)
    rows = facts(form) if facts else _certification(permohonan, form)
    return SectionSummary(
        section,
        TITLES[section],
        [(term, value) for term, value in rows if value],
        missing,
        optional=section == "pekerjaan",
    )


def _joined(*parts: object) -> str:
    return ", ".join(str(part) for part in parts if part)


def _personal(form: FrApl01) -> list[tuple[str, str]]:
    born = tanggal_singkat(date.fromisoformat(form.birth_date)) if form.birth_date else ""
    city = regions.city_name(form.city_code or "")
    return [
        ("Nama lengkap", form.full_name),
        (number_word(form), form.nik or ""),
        ("Tempat, tanggal lahir", _joined(form.birth_place, born)),
        ("Jenis kelamin", form.sex.label if form.sex else ""),
        ("Kebangsaan", form.nationality),
        ("Alamat", _joined(form.address, form.postcode)),
        ("Kabupaten/kota", _joined(city, regions.province_name(form.province_code or ""))),
        ("Nomor HP", form.phone_mobile or ""),
        ("Telepon rumah", form.phone_home or ""),
        ("Telepon kantor", form.phone_office or ""),
        ("E-mail", form.email),
    ]


def _work(form: FrApl01) -> list[tuple[str, str]]:
    return [
        ("Institusi/perusahaan", form.institution),
        ("Jabatan", form.position),
        ("Alamat kantor", _joined(form.office_address, form.office_postcode)),
        ("Telepon kantor", form.office_phone),
        ("Fax kantor", form.office_fax),
        ("E-mail pekerjaan", form.office_email),
    ]


def _certification(permohonan: Permohonan, form: FrApl01) -> list[tuple[str, str]]:
    claimed = next((row.label for row in rules(permohonan) if row.id == form.claimed_rule_id), "")
    purpose = form.purpose.label if form.purpose else ""
    if form.purpose is AssessmentPurpose.LAINNYA:
        purpose = form.purpose_other
    return [
        ("Skema", permohonan.skema_version.title),
        ("Tujuan asesmen", purpose),
        ("Sumber anggaran", form.funding),
        ("Yang membiayai", form.ministry),
        ("Syarat yang Anda penuhi", claimed),
    ]
