"""FR.APL.01: saving it section by section, how long somebody worked, and gentle checks of the NIK.

Its rows (education, experience, training) are the business of apl01_rows.py.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import update

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import FieldSource, FrApl01, Permohonan, WorkExperience
from lsp.services import regions
from lsp.vocabulary import FieldOrigin, FormSection, Sex
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.registration import (
    PUBLIC_BUDGET,
    is_citizen,
    is_nik,
    rule_fits,
)
from lsp.workflow.sections import fields_of

#: Fields by section of the form, in the order of the official form (forms 2).
SECTIONS: dict[str, tuple[str, ...]] = {
    section.value: fields_of(section)
    for section in (FormSection.PRIBADI, FormSection.PEKERJAAN, FormSection.SERTIFIKASI)
}


@dataclass(frozen=True, slots=True)
class NikDoubt:
    """What about a NIK looks odd. Only its length stands against sending: real people have odd numbers."""

    fact: str
    advice: str

    @property
    def sentence(self) -> str:
        """As the asesi reads it; the admin reads the fact alone."""
        return f"{self.fact} {self.advice}"


def save_section(permohonan: Permohonan, section: str, values: dict[str, Any]) -> FrApl01:
    """Store one section. Empty text stays allowed: what is required is asked when the permohonan is sent.

    Raises DomainError for an education rule of another skema or kind of request.
    """
    form = form_of(permohonan)
    changed = [
        name for name in SECTIONS[section] if name in values and values[name] != getattr(form, name)
    ]
    for name in changed:
        setattr(form, name, values[name])
    note_own(permohonan, changed)
    if section == "sertifikasi":
        _check_rule(permohonan, form.claimed_rule_id)
        if form.funding != PUBLIC_BUDGET:
            form.ministry = ""  # it stands behind the other answer, and was not asked
    if section == "pribadi":
        follow(permohonan, form)
    form.updated_at = clock.now()
    db.session.flush()
    return form


def note_own(permohonan: Permohonan, names: list[str]) -> None:
    """From now on these fields are the asesi's own: filling from elsewhere leaves them alone."""
    if names:
        db.session.execute(
            update(FieldSource)
            .where(FieldSource.permohonan_id == permohonan.id, FieldSource.field.in_(names))
            .values(origin=FieldOrigin.ASESI, at=clock.now())
        )


def follow(permohonan: Permohonan, form: FrApl01) -> None:
    """What repeats the form elsewhere: the name in lists, and the person's time zone while he chose none himself."""
    if form.full_name:
        permohonan.asesi_name = form.full_name
    if form.province_code and not permohonan.asesi.zone_chosen:
        permohonan.asesi.zone = regions.zone_of(form.province_code)


def form_of(permohonan: Permohonan) -> FrApl01:
    form = dossier_of(permohonan).fr_apl_01
    if form is None:
        form = FrApl01(permohonan_id=permohonan.id)
        db.session.add(form)
    return form


def months_of_experience(rows: list[WorkExperience]) -> int:
    """Whole months of work, last days included; work that goes on counts until today.

    Overlapping periods count once; 31 days left over make a month.
    """
    months = days = 0
    for start, end in _periods(rows):
        whole = _whole_months(start, end)
        months += whole
        days += (end - _later(start, whole)).days
    return months + days // 31


def _periods(rows: list[WorkExperience]) -> list[tuple[date, date]]:
    """(first day, day after the last) of each stretch of work without a gap."""
    found: list[tuple[date, date]] = []
    for row in sorted(rows, key=lambda row: row.started_on):
        last = row.ended_on or max(clock.today_wib(), row.started_on)
        start, end = row.started_on, last + timedelta(days=1)
        if found and start <= found[-1][1]:
            start, end = found[-1][0], max(end, found.pop()[1])
        found.append((start, end))
    return found


def _whole_months(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def _later(day: date, months: int) -> date:
    """The same day some months later, or the last of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def doubts(permohonan: Permohonan) -> list[NikDoubt]:
    """Questions about the stored NIK of an Indonesian citizen."""
    form = dossier_of(permohonan).fr_apl_01
    if form is None or not form.nik or not is_citizen(form.nationality):
        return []
    return doubts_about_nik(form.nik, birth_date=form.born_on, sex=form.sex)


def doubts_about_nik(nik: str, *, birth_date: date | None, sex: Sex | None) -> list[NikDoubt]:
    """Compare a NIK (16 digits: place 6, day+40 for women, month, year, serial 4) with what was stated."""
    if not is_nik(nik):
        return [
            NikDoubt(
                f"NIK terdiri dari 16 angka, yang tertulis {len(nik)}.", "Periksa lagi di KTP Anda."
            )
        ]
    doubts = []
    day, month, year = int(nik[6:8]), int(nik[8:10]), int(nik[10:12])
    if sex is not None and (day > 40) is not (sex is Sex.FEMALE):
        doubts.append(NikDoubt("Jenis kelamin tidak cocok dengan NIK.", "Periksa lagi keduanya."))
    if birth_date is not None and (day % 40, month, year) != (
        birth_date.day,
        birth_date.month,
        birth_date.year % 100,
    ):
        doubts.append(NikDoubt("Tanggal lahir tidak cocok dengan NIK.", "Periksa lagi keduanya."))
    return doubts


def _check_rule(permohonan: Permohonan, rule_id: int | None) -> None:
    if rule_id is None:
        return
    if not rule_fits(permohonan, rule_id):
        raise DomainError("Pilih salah satu syarat pendidikan dan pengalaman dari daftar.")
