"""Many type one ID Izin at the same moment: one holds it, the others ask; on both databases."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select, text

from lsp.actor import Actor
from lsp.database import begin_write, db
from lsp.errors import DomainError
from lsp.models import Claim, IdIzinDispute, Permohonan, SkemaVersion, User
from lsp.services import claims, disputes, intake
from lsp.vocabulary import Mode, RequestKind, Role
from tests import factories
from tests.faults.test_last_seat import at_once

pytestmark = [pytest.mark.both, pytest.mark.timeout(200)]
ID_IZIN, NIK = "I-2026111809150100042", "9901014101900001"
WANTED: dict[str, Any] = {"kind": RequestKind.BARU, "mode": Mode.LURING}


def actor_of(user_id: int) -> Actor:
    return Actor(id=user_id, name="Asesi Contoh", roles=frozenset({Role.ASESI}))


def starts(user_id: int, version_id: int):
    """What the view does: start, or ask the admin."""

    def work() -> None:
        begin_write()
        asesi = db.session.get_one(User, user_id)
        version = db.session.get_one(SkemaVersion, version_id)
        try:
            intake.start(actor_of(user_id), asesi=asesi, id_izin=ID_IZIN, version=version, **WANTED)
        except intake.IdIzinHeld as held:
            disputes.ask(asesi, holder=held.permohonan, version=version, **WANTED)
            db.session.commit()
            raise DomainError from held
        db.session.commit()

    return work


def test_one_of_eight_holds_it_and_seven_ask(app):
    version_id = factories.make_skema().id
    people = [factories.make_user().id for _ in range(8)]
    answers = at_once(app, [starts(person, version_id) for person in people])
    assert Counter(answers) == {"ok": 1, "DomainError": 7}
    holder = db.session.scalars(select(Permohonan)).one()
    asked = db.session.scalars(select(IdIzinDispute)).all()
    assert {each.permohonan_id for each in asked} == {holder.id}
    assert {each.asker_id for each in asked} == set(people) - {holder.asesi_id}


@pytest.mark.parametrize("guarded", [True, False])
def test_the_index_is_what_guards_it(app, guarded):
    """The canary: who looked before the other wrote meets the index, and asks."""
    version = factories.make_skema()
    asker, version_id = factories.make_user(), version.id
    if not guarded:
        db.session.execute(text("DROP INDEX uq_permohonan_id_izin_draft"))
    factories.make_permohonan(id_izin=ID_IZIN, skema_version_id=version_id)
    asker_id = asker.id
    db.session.commit()
    begin_write()
    late = Permohonan(
        id_izin=ID_IZIN, asesi_id=asker_id, skema_version_id=version_id, asesi_name="Asesi Contoh",
        status_at=db.session.get_one(User, asker_id).created_at, **WANTED,
    )  # fmt: skip
    if guarded:
        with pytest.raises(intake.IdIzinHeld):
            intake._hold(late)
    else:
        intake._hold(late)
    db.session.rollback()


def test_the_form_of_a_claim_sent_eight_times_claims_once(app):
    permohonan, token = factories.make_claim()
    owner = permohonan.asesi_id

    def take() -> None:
        begin_write()
        claims.take(actor_of(owner), token, NIK)
        db.session.commit()

    answers = Counter(at_once(app, [take] * 8))
    assert answers == {"ok": 1, "LinkSpent": 7}
    assert db.session.get_one(Claim, permohonan.id).claimed_at is not None
    matched = select(func.count(Claim.permohonan_id)).where(Claim.nik_matched.is_(False))
    assert db.session.scalar(matched) == 1
