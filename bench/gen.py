"""Fill a prepared demo installation with N more fictional permohonan: `python -m bench.gen 10000`.

The same rows for the same N; status mix skewed as in a real LSP (six in ten have their certificate).
Uses LSP_DATA and DATABASE_URL like the portal itself. For measuring only.
"""

from __future__ import annotations

import random
import sys
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select, text

from lsp import create_app, ids
from lsp.database import db, write_transaction
from lsp.models import Banding, FrApl01, Permohonan, SkemaVersion, User, nik_index
from lsp.vocabulary import Answer, Mode, PermohonanStatus, RequestKind

_DECIDED = {
    PermohonanStatus.COMPETENT,
    PermohonanStatus.NOT_YET_COMPETENT,
    PermohonanStatus.APPEALED,
    PermohonanStatus.BLANKO_REQUESTED,
    PermohonanStatus.BLANKO_RECEIVED,
    PermohonanStatus.RECORDED,
    PermohonanStatus.ISSUED,
    PermohonanStatus.CLOSED_NOT_YET,
}
_GIVEN = ("Siti", "Budi", "Made", "Yohanes", "Nur", "Agus", "Dewi", "Rizal", "Maria", "Slamet")
_FAMILY = ("Contoh", "Rekaan", "Fiktif", "Umpama", "Misal", "Andaian", "Teladan", "Percobaan")
_CHUNK = 2_000


def fill(count: int, *, seed: int = 2026) -> None:
    """Insert `count` permohonan with their FR.APL.01 headers; people are shared, three cases each."""
    chance = random.Random(seed)
    base = datetime(2026, 11, 1, tzinfo=UTC)
    others = [status for status in PermohonanStatus if status is not PermohonanStatus.ISSUED]
    with write_transaction():
        version = db.session.scalars(
            select(SkemaVersion).where(SkemaVersion.opened_at.is_not(None))
        ).first()
        admin = db.session.scalars(select(User).where(User.email == "admin@demo.example")).one()
        if version is None:
            raise SystemExit("prepare a demo installation first")
        is_postgresql = db.engine.dialect.name == "postgresql"
        if is_postgresql:
            # A counter row that one transaction updates a hundred thousand times is read through all its versions.
            db.session.execute(text("SET LOCAL session_replication_role = replica"))
        people = _people(count // 3 + 1, chance, base)
        for start in range(0, count, _CHUNK):
            rows = []
            for number in range(start, min(start + _CHUNK, count)):
                status = PermohonanStatus.ISSUED if chance.random() < 0.6 else chance.choice(others)
                person = people[number % len(people)]
                moment = base - timedelta(minutes=chance.randrange(1_500_000))
                rows.append(_row(number, status, person, moment, version.id, admin.id))
            made = (
                db.session.execute(insert(Permohonan).returning(Permohonan.id), rows)
                .scalars()
                .all()
            )
            db.session.execute(
                insert(FrApl01), [_header(key, row) for key, row in zip(made, rows, strict=True)]
            )
            appealed = [
                _banding(key, row)
                for key, row in zip(made, rows, strict=True)
                if row["status"] is PermohonanStatus.APPEALED
            ]
            if appealed:
                db.session.execute(insert(Banding), appealed)
        if is_postgresql:
            _count_anew()


def _count_anew() -> None:
    """What the triggers would have counted."""
    db.session.execute(text("DELETE FROM status_count"))
    db.session.execute(
        text(
            "INSERT INTO status_count (status, count) SELECT status, count(*) FROM permohonan GROUP BY status"
        )
    )


def _people(count: int, chance: random.Random, moment: datetime) -> list[tuple[int, str]]:
    rows = [
        {
            "public_id": ids.public_id(),
            "email": f"beban{number}@beban.example",
            "name": f"{chance.choice(_GIVEN)} {chance.choice(_FAMILY)} {number}",
            "zone": "Asia/Jakarta",
            "password_hash": "",
            "verified_at": moment,
            "created_at": moment,
        }
        for number in range(count)
    ]
    made: list[tuple[int, str]] = []
    for start in range(0, count, _CHUNK):
        part = rows[start : start + _CHUNK]
        keys = db.session.execute(insert(User).returning(User.id), part).scalars().all()
        made += [(key, str(row["name"])) for key, row in zip(keys, part, strict=True)]
    return made


def _row(
    number: int,
    status: PermohonanStatus,
    person: tuple[int, str],
    moment: datetime,
    version_id: int,
    admin_id: int,
) -> dict[str, object]:
    drafted = status is PermohonanStatus.DRAFT
    decided = status in _DECIDED
    return {
        "public_id": ids.public_id(),
        "version": 1,
        "id_izin": f"I-99{number:017d}",
        "asesi_id": person[0],
        "skema_version_id": version_id,
        "asesi_name": person[1],
        "kind": RequestKind.BARU,
        "mode": Mode.DARING,
        "status": status,
        "status_at": moment,
        "created_at": moment,
        "attempt": 1,
        "submitted_at": None if drafted else moment,
        "verifier_id": None if drafted else admin_id,
        "verified_at": None if drafted else moment,
        "evidence_rounds": 0,
        "asesi_moves": 0,
        "asesi_absences": 0,
        "idle_reminders": 0,
        "decision": Answer.K if decided else None,
        "decided_at": moment if decided else None,
    }


def _banding(permohonan_id: int, row: dict[str, object]) -> dict[str, object]:
    """Filed and waiting for the admin, as an appealed permohonan always has one."""
    return {
        "public_id": ids.public_id(),
        "permohonan_id": permohonan_id,
        "attempt": 1,
        "status_at": row["status_at"],
        "filed_at": row["status_at"],
        "created_at": row["status_at"],
        "reason": "Bukti pengalaman kerja belum dilihat.",
    }


def _header(permohonan_id: int, row: dict[str, object]) -> dict[str, object]:
    nik = f"99{permohonan_id:014d}"
    return {
        "permohonan_id": permohonan_id,
        "full_name": row["asesi_name"],
        "nik": nik,
        "nik_index": nik_index(nik),
        "nik_last4": nik[-4:],
        "email": "beban@beban.example",
    }


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    app = create_app()
    with app.app_context():
        fill(count)
    print(f"{count} permohonan")


if __name__ == "__main__":
    main()
