"""What single steps make of rows that stood before them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from alembic.script import ScriptDirectory
from sqlalchemy import func, select, text, update

from lsp.database import db
from lsp.models import (
    AssessmentPlan,
    Banding,
    Mapa,
    OutboxMessage,
    Permohonan,
    Slot,
)
from lsp.models.queue import add_mail
from lsp.models.triggers import (
    drop_triggers,
    install_triggers,
)
from lsp.services import installation
from lsp.vocabulary import BandingStatus, PermohonanStatus, Role
from lsp.workflow.mapa import instruments_of
from tests import factories
from tests.factories import make_skema
from tests.support.meetings import make_slot
from tests.support.migrations import FOLDER, down, up
from tests.workflow.cases import make_cast, make_permohonan


def test_two_drafts_of_one_id_izin_leave_the_younger_without(empty):
    """Since 0011 an ID Izin is in one draft; which of two it belongs to is for people to find out."""
    up()
    installation.prepare_database()
    cast = make_cast()
    first, second = (make_permohonan(PermohonanStatus.DRAFT, cast=cast).id for _ in range(2))
    before = ScriptDirectory(FOLDER).get_revision("0011").down_revision
    down(before)
    both = text("UPDATE permohonan SET id_izin = 'I-SAMA' WHERE id IN (:first, :second)")
    with db.engine.begin() as connection:
        drop_triggers(connection)
        connection.execute(both, {"first": first, "second": second})
        install_triggers(connection)
    up()
    rows = select(Permohonan.id_izin).order_by(Permohonan.id)
    assert list(db.session.scalars(rows)) == ["I-SAMA", ""]


def test_open_skema_get_a_mapa_of_their_methods_and_plans_stay(empty):
    """Since 0020 a plan names a MAPA; a pre-assessment on the day of the step still finds one to choose."""
    up()
    installation.prepare_database()
    cast = make_cast()
    case = make_permohonan(PermohonanStatus.READY, cast=cast).id
    closed = make_skema(opened_at=None).id
    opened = cast.skema.id
    cast.skema.methods = ["portofolio", "tertulis"]
    db.session.commit()
    down("0015")
    up()
    made = db.session.scalars(select(Mapa)).all()
    assert [mapa.skema_version_id for mapa in made] == [opened]
    assert (made[0].approach, made[0].made_by_portal) == ("portofolio", True)
    assert all(row["codes"] == ["CVP", "DPT", "PW"] for row in made[0].matrix.values())
    assert closed != opened
    plan = db.session.scalars(select(AssessmentPlan)).one()
    assert (plan.permohonan_id, plan.mapa_id, plan.mapa_changes) == (case, None, {})
    assert plan.methods == ["portofolio", "wawancara"]
    assert instruments_of(plan) == {"FR.IA.08", "FR.IA.09"}
    plan.mapa = made[0]
    assert instruments_of(plan) == {"FR.IA.05", "FR.IA.08", "FR.IA.09"}


def test_a_case_under_appeal_gets_its_banding(empty):
    """Before 0035 its reason stood in the history alone, and mails of the outcome told what it said."""
    up()
    installation.prepare_database()
    case = make_permohonan(PermohonanStatus.APPEALED)
    case_id, asesi_id, filed = case.id, case.asesi_id, case.status_at
    before = ScriptDirectory(FOLDER).get_revision("0035").down_revision
    down(before)
    with db.engine.begin() as connection:
        drop_triggers(connection)
        for table in ("banding_event", "banding"):
            connection.execute(text(f"DELETE FROM {table}"))
        reason = text(
            "UPDATE permohonan_event SET note = 'Bukti saya.' WHERE transition = 'appeal'"
        )
        connection.execute(reason)
        install_triggers(connection)
    add_mail(case.asesi, "reassessment_opened", dedupe="lama", permohonan_id=case_id)
    db.session.execute(
        text("UPDATE outbox_message SET kind = 'appeal_upheld' WHERE kind = 'reassessment_opened'")
    )
    db.session.commit()
    up()
    made = db.session.scalars(select(Banding)).one()
    assert (made.permohonan_id, made.status, made.reason) == (
        case_id,
        BandingStatus.FILED,
        "Bukti saya.",
    )
    assert (made.filed_at, made.fr_ak_04, made.version) == (filed, {}, 1)
    assert [event.actor_id for event in made.events] == [asesi_id]
    kinds = set(db.session.scalars(select(OutboxMessage.kind)))
    assert "banding_answered" in kinds
    assert "appeal_upheld" not in kinds
    up()
    assert db.session.scalar(select(func.count(Banding.id))) == 1


def test_going_back_parts_a_closed_slot_from_its_twin(empty):
    """Before 0023 a closed slot kept its minute; what stands since keeps its time, the closed one gives way."""
    up()
    installation.prepare_database()
    asesor = factories.make_user(Role.ASESOR)
    begins = datetime(2026, 11, 30, 3, tzinfo=UTC)
    closed = make_slot(asesor, starts_at=begins, cancelled_at=begins - timedelta(days=6))
    standing = make_slot(asesor, starts_at=begins, jadwal=closed.jadwal)
    closed_id, standing_id = closed.id, standing.id
    db.session.commit()
    down("0022")
    rows = db.session.execute(select(Slot.id, Slot.starts_at)).all()
    assert {*rows} == {(standing_id, begins), (closed_id, begins - timedelta(microseconds=1))}
    up()


def test_plans_of_the_time_before_instruments_are_known(empty):
    """Since 0031 instruments are filled here; what was planned before may have them on paper."""
    up()
    installation.prepare_database()
    cast = make_cast()
    planned = make_permohonan(PermohonanStatus.READY, cast=cast).id
    begun = make_permohonan(PermohonanStatus.READY, cast=cast).id
    db.session.execute(
        update(AssessmentPlan)
        .where(AssessmentPlan.permohonan_id == begun)
        .values(mapa_chosen_at=None)
    )
    db.session.commit()
    down("0028")
    up()
    rows = select(AssessmentPlan.permohonan_id, AssessmentPlan.papers_outside)
    assert dict(db.session.execute(rows).all()) == {planned: True, begun: False}
