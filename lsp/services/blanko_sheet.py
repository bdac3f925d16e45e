"""BNSP's sheet of a request for blanko: 19 columns, K and BK, and what the portal does not know of them.

BNSP's own codes stand in no public table: the admin types each once (BnspCode), and until then its cell is empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import (
    AsesorProfile,
    BnspCode,
    Booking,
    FrApl01,
    Jadwal,
    Ministry,
    Permohonan,
    Slot,
)
from lsp.services import audit, regions
from lsp.services.sheets import XlsxSheet
from lsp.vocabulary import Answer
from lsp.workflow.guards.registration import PUBLIC_BUDGET

#: As BNSP prints them (forms 10).
COLUMNS = (
    "NO", "NAMA ASESI", "NIK", "TEMPAT LAHIR", "TANGGAL LAHIR", "JENIS KELAMIN", "TEMPAT TINGGAL", "KODE KOTA",
    "KODE PROVINSI", "TELP", "EMAIL", "KODE PENDIDIKAN", "KODE PEKERJAAN", "KODE JADWAL", "TANGGAL UJI (hh/bb/yyyy)",
    "NOMOR REGISTRASI ASESOR", "KODE SUMBER ANGGARAN", "KODE KEMENTERIAN", "K/BK",
)  # fmt: skip
_WIDTHS = (5, 30, 20, 18, 14, 8, 40, 11, 11, 16, 28, 12, 12, 24, 14, 24, 12, 12, 6)
#: Kind of code -> its column, and what is translated.
KINDS = {
    "city": ("KODE KOTA", "Kota atau kabupaten"),
    "province": ("KODE PROVINSI", "Provinsi"),
    "education": ("KODE PENDIDIKAN", "Pendidikan"),
    "occupation": ("KODE PEKERJAAN", "Pekerjaan"),
    "funding": ("KODE SUMBER ANGGARAN", "Sumber anggaran"),
    "ministry": ("KODE KEMENTERIAN", "Kementerian, lembaga, atau pemerintah daerah"),
}
JADWAL_CODE = "KODE JADWAL"
MOST_CODE, MOST_JADWAL_CODE = 20, 60


@dataclass(frozen=True, slots=True)
class Line:
    """A person on the sheet. own: by kind of code, the value of ours that it translates."""

    case: Permohonan
    result: Answer
    cells: dict[str, str]
    own: dict[str, str]


@dataclass(frozen=True, slots=True)
class Code:
    """A value of ours with BNSP's code (empty while nobody has typed it), and how many people need it."""

    kind: str
    own: str
    shown: str
    code: str
    people: int

    @property
    def column(self) -> str:
        return KINDS[self.kind][0]


@dataclass(frozen=True, slots=True)
class Gaps:
    """What stays empty on a sheet. people: (case, columns) of facts that the case itself lacks."""

    codes: list[Code]
    people: list[tuple[Permohonan, list[str]]]
    lacks_jadwal_code: bool

    def __bool__(self) -> bool:
        return bool(self.codes or self.people or self.lacks_jadwal_code)


#: A case with the decision that stands on its row.
Person = tuple[Permohonan, Answer]


@dataclass(slots=True)
class _Facts:
    forms: dict[int, FrApl01] = field(default_factory=dict)
    meetings: dict[int, tuple[date, str]] = field(default_factory=dict)
    codes: dict[tuple[str, str], str] = field(default_factory=dict)


def lines_of(people: Sequence[Person], jadwal: Jadwal | None) -> list[Line]:
    """The rows of a sheet in this order; four queries, whatever their number."""
    return lines_of_each([(people, jadwal)])[0]


def lines_of_each(sheets: Sequence[tuple[Sequence[Person], Jadwal | None]]) -> list[list[Line]]:
    """The same of several sheets with as many queries as of one."""
    facts = _read([case.id for people, _jadwal in sheets for case, _result in people])
    return [
        [
            _line(number, case, result, facts, jadwal.bnsp_code if jadwal is not None else "")
            for number, (case, result) in enumerate(people, 1)
        ]
        for people, jadwal in sheets
    ]


def xlsx(lines: Sequence[Line]) -> bytes:
    """Every cell is text, so that a NIK keeps its digits and nothing is calculated."""
    sheet = XlsxSheet(COLUMNS, title="Blangko", widths=_WIDTHS)
    for line in lines:
        sheet.add([line.cells[column] for column in COLUMNS])
    return sheet.finish()


def codes_of(lines: Sequence[Line]) -> list[Code]:
    """Every value on these lines that BNSP has a code for, in the order of the columns."""
    found: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        for kind, own in line.own.items():
            found.setdefault((kind, _key(own)), []).append(line)
    order = list(KINDS)
    return [
        Code(
            kind, own, _shown(kind, those[0].own[kind]), those[0].cells[KINDS[kind][0]], len(those)
        )
        for (kind, own), those in sorted(
            found.items(), key=lambda each: (order.index(each[0][0]), each[0][1])
        )
    ]


def gaps_of(lines: Sequence[Line]) -> Gaps:
    """What to fill in before the sheet goes, in the words of its columns."""
    people = []
    for line in lines:
        coded = {KINDS[kind][0] for kind in line.own}
        if line.own.get("funding") != PUBLIC_BUDGET:
            coded.add("KODE KEMENTERIAN")
        lacks = [
            column
            for column in COLUMNS
            if not line.cells[column] and column not in coded and column != JADWAL_CODE
        ]
        if lacks:
            people.append((line.case, lacks))
    return Gaps(
        [code for code in codes_of(lines) if not code.code],
        people,
        any(not line.cells[JADWAL_CODE] for line in lines),
    )


def save_codes(actor: Actor, codes: Mapping[tuple[str, str], str]) -> int:
    """Write BNSP's codes by (kind, value of ours); an empty one leaves what stands. Returns how many changed."""
    standing = {
        (row.kind, row.own): row
        for row in db.session.scalars(select(BnspCode).where(BnspCode.kind.in_(KINDS)))
    }
    changed = 0
    for (kind, own), typed in codes.items():
        code = " ".join(typed.split())
        if len(code) > MOST_CODE:
            raise DomainError(f"Kode paling panjang {MOST_CODE} huruf.")
        row = standing.get((kind, own))
        if not code or kind not in KINDS or (row is not None and row.code == code):
            continue
        if row is None:
            row = BnspCode(kind=kind, own=own, code=code, set_by_id=actor.id or 0)
            db.session.add(row)
        row.code, row.set_by_id, row.set_at = code, actor.id or 0, clock.now()
        changed += 1
    if changed:
        db.session.flush()
        audit.note(actor, "bnsp_code.set", "bnsp_code", "daftar", count=changed)
    return changed


def save_jadwal_code(actor: Actor, jadwal: Jadwal, code: str) -> bool:
    """Note the code BNSP gave to a jadwal."""
    code = " ".join(code.split())
    if len(code) > MOST_JADWAL_CODE:
        raise DomainError(f"Kode jadwal paling panjang {MOST_JADWAL_CODE} huruf.")
    if not code or jadwal.bnsp_code == code:
        return False
    was, jadwal.bnsp_code = jadwal.bnsp_code, code
    db.session.flush()
    audit.note(actor, "jadwal.bnsp_code", "jadwal", jadwal.public_id, was=was, now=code)
    return True


# --- Reading -----------------------------------------------------------------------------------------------------


def _read(case_ids: Sequence[int]) -> _Facts:
    facts = _Facts()
    forms = db.session.scalars(select(FrApl01).where(FrApl01.permohonan_id.in_(case_ids)))
    facts.forms = {form.permohonan_id: form for form in forms}
    seats = db.session.scalars(
        select(Booking)
        .where(Booking.permohonan_id.in_(case_ids), Booking.cancelled_at.is_(None))
        .order_by(Booking.id)
        .options(joinedload(Booking.slot).load_only(Slot.starts_at, Slot.asesor_id))
    ).all()
    asesor = {seat.slot.asesor_id for seat in seats}
    met = {
        profile.user_id: profile.met_number
        for profile in db.session.scalars(
            select(AsesorProfile).where(AsesorProfile.user_id.in_(asesor))
        )
    }
    for seat in seats:
        day = seat.slot.starts_at.astimezone(clock.WIB).date()
        facts.meetings[seat.permohonan_id] = (day, met.get(seat.slot.asesor_id, ""))
    payers = {form.ministry for form in facts.forms.values() if form.ministry}
    rows = db.session.execute(select(Ministry.name, Ministry.code).where(Ministry.name.in_(payers)))
    facts.codes = {("ministry", _key(row.name)): row.code for row in rows}
    for row in db.session.scalars(select(BnspCode)):
        facts.codes[row.kind, row.own] = row.code
    return facts


def _line(number: int, case: Permohonan, result: Answer, facts: _Facts, jadwal_code: str) -> Line:
    form, meeting = facts.forms.get(case.id), facts.meetings.get(case.id)
    own = _own(form) if form is not None else {}
    cells = dict.fromkeys(COLUMNS, "")
    cells |= {"NO": str(number), "NAMA ASESI": case.asesi_name.upper(), "K/BK": result.value}
    cells[JADWAL_CODE] = jadwal_code
    if form is not None:
        cells |= {
            "NAMA ASESI": (form.full_name or case.asesi_name).upper(),
            "NIK": form.nik or "",
            "TEMPAT LAHIR": form.birth_place or "",
            "TANGGAL LAHIR": _day(form.birth_date or ""),
            "JENIS KELAMIN": form.sex.value if form.sex else "",
            "TEMPAT TINGGAL": form.address,
            "TELP": form.phone_mobile or form.phone_home or "",
            "EMAIL": form.email,
        }
    if meeting is not None:
        cells |= {
            "TANGGAL UJI (hh/bb/yyyy)": _day(meeting[0].isoformat()),
            "NOMOR REGISTRASI ASESOR": meeting[1],
        }
    for kind, value in own.items():
        cells[KINDS[kind][0]] = facts.codes.get((kind, _key(value)), "")
    return Line(case, result, cells, own)


def _own(form: FrApl01) -> dict[str, str]:
    values = {
        "city": form.city_code,
        "province": form.province_code,
        "education": form.education,
        "occupation": form.position,
        "funding": form.funding,
        "ministry": form.ministry if form.funding == PUBLIC_BUDGET else "",
    }
    return {kind: value for kind, value in values.items() if value.strip()}


def _key(own: str) -> str:
    """Two spellings of one occupation have one code."""
    return " ".join(own.split()).casefold()


def _shown(kind: str, own: str) -> str:
    if kind == "city":
        return f"{regions.city_name(own) or own} (Kemendagri {own})"
    if kind == "province":
        return f"{regions.province_name(own) or own} (Kemendagri {own})"
    return own


def _day(text: str) -> str:
    """A stored day as BNSP writes it; one that is none stays as it is."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return "/".join(reversed(day.isoformat().split("-")))
