"""Rules of the LSP as dated rows: what is in force, what comes, and adding a version. Nothing is ever overwritten."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import Actor
from lsp.data import read_json
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Fee, Setting, SkemaVersion
from lsp.services import audit
from lsp.services.work_kinds import WORK
from lsp.vocabulary import InvoiceKind, Mode, PermohonanStatus, RequestKind

#: Values that are words: value -> how people read and type it.
_WORDS = {
    "unanimous": "semua setuju",
    "majority": "suara terbanyak",
    "another": "asesor lain",
    "any": "asesor siapa saja",
    "optional": "tidak wajib",
    "required": "wajib",
    "printed": "dicetak",
    "left_out": "tidak dicetak",
}
#: Settings that take only these values.
_ONLY = {
    "pleno_rule": ("unanimous", "majority"),
    "reassessment_asesor": ("another", "any"),
    "ketua_totp": ("optional", "required"),
    "certificate_unit_list": ("printed", "left_out"),
}
_LIMITS = "defaults/setting_limits.json"
_MOST_ENTRIES = 12
#: Rows of older versions that something else has taken the place of; they stay, and are no longer offered.
_RETIRED = {"payment_account"}
_FEE_TAKEN = "Sudah ada biaya yang berlaku mulai tanggal itu. Pilih tanggal lain, atau batalkan dulu yang itu."
_PAST = "Perubahan berlaku paling cepat hari ini: yang sudah lewat tidak diubah."


@dataclass(frozen=True, slots=True)
class SettingLine:
    """A setting in force, and the version that comes after it, if one stands already."""

    standing: Setting
    text: str
    coming: Setting | None
    coming_text: str


def all_settings() -> list[SettingLine]:
    """Every setting by its label, in one query."""
    today = clock.today_wib()
    versions: dict[str, list[Setting]] = {}
    for row in db.session.scalars(
        select(Setting).order_by(Setting.key, Setting.effective_from, Setting.id)
    ):
        versions.setdefault(row.key, []).append(row)
    lines = [_line(rows, today) for key, rows in versions.items() if key not in _RETIRED]
    return sorted(lines, key=lambda line: line.standing.label)


def one_setting(key: str) -> SettingLine | None:
    if key in _RETIRED:
        return None
    rows = db.session.scalars(
        select(Setting).where(Setting.key == key).order_by(Setting.effective_from, Setting.id)
    ).all()
    return _line(rows, clock.today_wib()) if rows else None


def _line(rows: Sequence[Setting], today: date) -> SettingLine:
    past = [row for row in rows if row.effective_from <= today]
    standing = past[-1] if past else rows[0]
    later = [row for row in rows if row.effective_from > max(today, standing.effective_from)]
    nearest = [row for row in later if row.effective_from == later[0].effective_from]
    coming = nearest[-1] if nearest else None
    return SettingLine(
        standing, as_text(standing.value), coming, as_text(coming.value) if coming else ""
    )


def as_text(value: Any) -> str:
    """A value as it is shown and typed: one line, or a line for each entry."""
    if isinstance(value, dict):
        return "\n".join(f"{_key_words(key)}: {_figures(each)}" for key, each in value.items())
    if isinstance(value, list):
        return "\n".join(str(each) for each in value)
    return _WORDS.get(str(value), str(value))


def _figures(value: int | list[int]) -> str:
    """A number, or some beside each other: 3, 10."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _key_words(key: str) -> str:
    """A key that is a status or a kind of work is shown by its label."""
    if key in WORK:
        return WORK[key][0]
    return PermohonanStatus(key).label if key in list(PermohonanStatus) else key


def parse(key: str, text: str, like: Any) -> Any:
    """Read what was typed in the shape of the present value. Raises DomainError with what to write."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise DomainError("Isi nilainya.")
    if isinstance(like, dict):
        made = _pairs(lines, like)
        _check_limits(key, [number for each in made.values() for number in _each(each)])
        return made
    if isinstance(like, list) and not isinstance(like[0], int):
        return [line[:200] for line in lines]
    if isinstance(like, list):
        if len(lines) > _MOST_ENTRIES:
            raise DomainError(f"Paling banyak {_MOST_ENTRIES} baris.")
        numbers = [_number(line) for line in lines]
        _check_limits(key, numbers)
        return numbers
    if isinstance(like, int):
        number = _number(text.strip())
        _check_limits(key, [number])
        return number
    if key in _ONLY:
        return _one_of(key, text.strip())
    return lines[0][:300]


def _one_of(key: str, text: str) -> str:
    by_words = {_WORDS[value]: value for value in _ONLY[key]}
    if text.lower() not in by_words:
        raise DomainError("Tulis salah satu: " + ", ".join(by_words) + ".")
    return by_words[text.lower()]


def _each(value: int | list[int]) -> list[int]:
    return value if isinstance(value, list) else [value]


def _pairs(lines: list[str], like: dict[str, Any]) -> dict[str, int | list[int]]:
    if len(lines) > len(like):
        raise DomainError(f"Paling banyak {len(like)} baris.")
    keys = {_key_words(key).lower(): key for key in like}
    parts = [line.rsplit(":", 1) for line in lines if ":" in line]
    rising = any(isinstance(each, list) for each in like.values())
    made: dict[str, int | list[int]] = {
        keys.get(name.strip().lower(), name): _rising(value) if rising else _number(value.strip())
        for name, value in parts
    }
    if made.keys() != like.keys():
        wanted = ", ".join(_key_words(key) for key in like)
        raise DomainError(f"Isi satu baris untuk masing-masing: {wanted}.")
    return {key: made[key] for key in like}


def _rising(text: str) -> list[int]:
    """Two limits of which the second is not the smaller: 3, 10."""
    numbers = [_number(part.strip()) for part in text.split(",")]
    if len(numbers) != 2 or numbers[0] > numbers[1]:
        raise DomainError(
            f"Tulis dua angka dengan koma, yang kedua tidak lebih kecil, contohnya 3, 10. Yang tertulis:{text[:20]}."
        )
    return numbers


@cache
def limits() -> dict[str, tuple[int, int]]:
    """Least and most by key: beyond them a rule would break dates, or let one person decide alone."""
    return {key: (least, most) for key, (least, most) in read_json(_LIMITS).items()}


def _check_limits(key: str, numbers: Collection[int]) -> None:
    """Raise DomainError unless each number lies inside the limits of its key."""
    least, most = limits().get(key, (0, 9_999))
    wrong = [number for number in numbers if not least <= number <= most]
    if wrong:
        raise DomainError(
            f"{wrong[0]} tidak dapat dipakai di sini. Tulis angka {least} sampai {most}."
        )


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise DomainError(f"“{text[:20]}” bukan angka bulat. Tulis angka saja, tanpa titik.")
    return int(text)


def change_setting(
    actor: Actor, line: SettingLine, *, text: str, effective_from: date, doubt: str
) -> Setting:
    """Add a version of a setting; a second one from the same day corrects the first, and both stay.

    Raises DomainError for a value of another shape or outside its limits, or a date that has passed.
    """
    key = line.standing.key
    value = parse(key, text, line.standing.value)
    _check_day(effective_from)
    row = Setting(
        key=key,
        effective_from=effective_from,
        value=value,
        label=line.standing.label,
        doubt=doubt.strip(),
    )
    db.session.add(row)
    db.session.flush()
    audit.note(
        actor, "setting.change", "setting", key, value=value, since=effective_from.isoformat()
    )
    return row


def fees() -> list[Fee]:
    """Every fee in force or to come, by purpose, jenjang, kind and mode; one query."""
    today = clock.today_wib()
    newest: dict[tuple[InvoiceKind, int, RequestKind, Mode], Fee] = {}
    coming = []
    for row in db.session.scalars(select(Fee).order_by(Fee.effective_from)):
        if row.effective_from <= today:
            newest[row.purpose, row.jenjang, row.kind, row.mode] = row
        else:
            coming.append(row)
    purposes, kinds, modes = list(InvoiceKind), list(RequestKind), list(Mode)
    return sorted(
        [*newest.values(), *coming],
        key=lambda row: (
            purposes.index(row.purpose),
            row.jenjang,
            kinds.index(row.kind),
            modes.index(row.mode),
            row.effective_from,
        ),
    )


def check_fee(
    *, purpose: InvoiceKind, jenjang: int, kind: RequestKind, mode: Mode, effective_from: date
) -> None:
    """Raise DomainError for a day that has passed, or that a fee of this kind begins on already."""
    _check_day(effective_from)
    same = {"purpose": purpose, "jenjang": jenjang, "kind": kind, "mode": mode}
    same |= {"effective_from": effective_from}
    if db.session.scalar(select(Fee.id).filter_by(**same)):
        raise DomainError(_FEE_TAKEN, field="effective_from")


def add_fee(
    actor: Actor,
    *,
    purpose: InvoiceKind = InvoiceKind.SERTIFIKASI,
    jenjang: int,
    kind: RequestKind,
    mode: Mode,
    amount: int,
    effective_from: date,
) -> Fee:
    """Add a fee from a day on. Raises DomainError when one of that day stands."""
    which: dict[str, Any] = {"purpose": purpose, "jenjang": jenjang, "kind": kind, "mode": mode}
    check_fee(**which, effective_from=effective_from)
    row = Fee(**which, amount=amount, effective_from=effective_from)
    db.session.add(row)
    db.session.flush()
    audit.note(
        actor, "fee.add", "fee", f"{jenjang}/{kind.value}/{mode.value}", amount=amount,
        since=effective_from.isoformat(), purpose=purpose.value,
    )  # fmt: skip
    return row


def _check_day(effective_from: date) -> None:
    if effective_from < clock.today_wib():
        raise DomainError(_PAST, field="effective_from")


def skema_versions() -> Sequence[SkemaVersion]:
    """All versions of all skema, by title, newest version first."""
    return db.session.scalars(
        select(SkemaVersion)
        .order_by(SkemaVersion.title, SkemaVersion.version_number.desc())
        .options(joinedload(SkemaVersion.skema))
    ).all()


def skema_version(public_id: str) -> SkemaVersion | None:
    return db.session.scalar(
        select(SkemaVersion)
        .where(SkemaVersion.public_id == public_id)
        .options(joinedload(SkemaVersion.skema))
    )
