"""What the access table visits of a certificate's years: its surveilan, its PKB, its picture."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select, update

from lsp import clock, ids
from lsp.database import db
from lsp.gateways import storage
from lsp.models import (
    Certificate,
    CertificatePicture,
    Document,
    PkbActivity,
    Setting,
    Surveilan,
    SurveilanFile,
    SurveilanLetter,
    User,
)
from lsp.services import surveilan
from lsp.services.surveilan import Superior
from lsp.vocabulary import PermohonanStatus, Role
from tests import factories
from tests.support import surveilan as made
from tests.workflow import cases

#: Made by one maker of an address for the next (arguments come in the order of their names).
_MADE: dict[int, int] = {}


def _task(asesi: User | None) -> Surveilan:
    """Without the year: the clock is asked by its own tests."""
    certificate = _certificate(asesi)
    row = Surveilan(
        certificate_id=certificate.id,
        permohonan_id=certificate.permohonan_id,
        number=1,
        due_on=clock.today_wib(),
        until=clock.today_wib(),
    )
    db.session.add(row)
    db.session.commit()
    return row


def _certificate(asesi: User | None) -> Certificate:
    case = cases.make_permohonan(PermohonanStatus.ISSUED, asesi=asesi)
    return db.session.scalars(select(Certificate).where(Certificate.permohonan_id == case.id)).one()


def _ask_pkb() -> None:
    """PKB of the jenjang that test certificates have."""
    if not db.session.scalar(select(Setting.id).where(Setting.doubt == "test")):
        asked = {"4": 100, "7": 100, "8": 150, "9": 200}
        db.session.add(
            Setting(
                key="pkb_credits", effective_from=clock.today_wib(), value=asked, label="PKB", doubt="test"
            )
        )  # fmt: skip
        db.session.commit()


def case_with_task(person: User, own: bool) -> str:
    """A case of the person (own) or of another, whose surveilan waits; the next maker names what belongs to it."""
    task = _task(person if own else None)
    _MADE[person.id] = task.id
    return task.permohonan.public_id


def task_remembered(person: User, _own: bool) -> str:
    return db.session.get_one(Surveilan, _MADE[person.id]).public_id


def task_file(person: User, own: bool) -> str:
    """A file of the surveilan that `case_of_file` names then."""
    task = _task(person if own else None)
    _MADE[person.id] = task.id
    document = _document(task.permohonan_id, person, "surveilan")
    db.session.add(SurveilanFile(surveilan_id=task.id, attempt=1, document_id=document.id))
    db.session.commit()
    return document.public_id


def _document(permohonan_id: int, person: User, purpose: str) -> Document:
    row = Document(
        permohonan_id=permohonan_id, purpose=purpose, label="Bukti", original_name="bukti.jpg",
        content_type="image/jpeg", size=9, sha256="0" * 64,
        storage_key=ids.digest(ids.secret_token())[:32], uploaded_by_id=person.id,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row


def case_of_task(person: User, _own: bool) -> str:
    return db.session.get_one(Surveilan, _MADE[person.id]).permohonan.public_id


def superior(person: User, _own: bool) -> str:
    """Named by the holder of the surveilan that `case_with_task` made."""
    task = db.session.get_one(Surveilan, _MADE[person.id])
    row = surveilan.name_superior(
        made.holder_of(task), task, Superior("Atasan Rekaan", "Mandor", "0812 9999 0003")
    )
    db.session.commit()
    return row.public_id


def superior_token(_person: User, own: bool) -> str:
    token = ids.secret_token()
    if own:
        task = _task(None)
        row = surveilan.name_superior(
            made.holder_of(task), task, Superior("Atasan Rekaan", "Mandor", "0812 9999 0003")
        )
        db.session.execute(
            update(SurveilanLetter)
            .where(SurveilanLetter.id == row.id)
            .values(token_digest=ids.digest(token))
        )
        db.session.commit()
    return token


def surveilan_of_others(person: User, own: bool) -> str:
    """Another's, which staff read (own); or the person's own, which he never reads as staff."""
    return _task(None if own else person).public_id


def surveilan_of_asesor(person: User, own: bool) -> str:
    """One that names this asesor, or another."""
    task = made.send(_task(None))
    made.assign(task, person if own and _is_asesor(person) else factories.make_user(Role.ASESOR))
    return task.public_id


def _is_asesor(person: User) -> bool:
    return any(held.role is Role.ASESOR for held in person.roles)


def case_with_picture(person: User, own: bool) -> str:
    certificate = _certificate(person if own else None)
    stored = storage.store().put(b"\xff\xd8\xff")
    db.session.add(
        CertificatePicture(certificate_id=certificate.id, storage_key=stored.key, size=stored.size)
    )
    db.session.commit()
    return certificate.permohonan.public_id


def case_with_pkb(person: User, own: bool) -> str:
    _ask_pkb()
    return _certificate(person if own else None).permohonan.public_id


def certificate_of_others(person: User, own: bool) -> str:
    _ask_pkb()
    return _certificate(None if own else person).public_id


def pkb_of_holder(person: User, own: bool) -> str:
    return _activity(person if own else None, person)


def pkb_of_others(person: User, own: bool) -> str:
    return _activity(None if own else person, person)


def _activity(holder: User | None, person: User) -> str:
    """The next maker names its certificate or case."""
    _ask_pkb()
    certificate = _certificate(holder)
    _MADE[person.id] = certificate.id
    document = _document(certificate.permohonan_id, person, "pkb")
    row = PkbActivity(
        certificate_id=certificate.id, name="Pelatihan Contoh", held_on=clock.today_wib(), credits=20,
        document_id=document.id,
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    return row.public_id


def certificate_remembered(person: User, _own: bool) -> str:
    return db.session.get_one(Certificate, _MADE[person.id]).public_id


def case_of_certificate(person: User, _own: bool) -> str:
    return db.session.get_one(Certificate, _MADE[person.id]).permohonan.public_id


CERTIFICATE_OBJECTS = {
    "surveilan_id": task_remembered,
    "superior_id": superior,
    "superior_token": superior_token,
    "certificate_id": certificate_of_others,
    "activity_id": pkb_of_holder,
}
CERTIFICATE_SPECIALS: dict[str, dict[str, Callable[[User, bool], str]]] = {
    "asesi.certificate_picture": {"permohonan_id": case_with_picture},
    **{
        f"asesi.{name}": {"permohonan_id": case_with_task}
        for name in (
            *("surveilan", "save_surveilan", "ask_send_surveilan", "send_surveilan"),
            *("upload_surveilan", "name_superior", "withdraw_superior"),
        )
    },
    "asesi.remove_surveilan_file": {"document_id": task_file, "permohonan_id": case_of_task},
    **{f"asesi.{name}": {"permohonan_id": case_with_pkb} for name in ("pkb", "note_pkb")},
    "asesi.withdraw_pkb": {"permohonan_id": case_of_certificate},
    **{
        f"admin.{name}": {"surveilan_id": surveilan_of_others}
        for name in ("surveilan", "assign_surveilan")
    },
    "admin.judge_pkb": {"activity_id": pkb_of_others, "certificate_id": certificate_remembered},
    **{
        f"asesor.{name}": {"surveilan_id": surveilan_of_asesor}
        for name in ("surveilan", "judge_surveilan")
    },
}
