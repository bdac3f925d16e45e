"""Surveilan for tests: a certificate that is a year old, its task, and what its holder and its asesor write."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import time_machine
from sqlalchemy import select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.models import Certificate, Surveilan, User
from lsp.services import clocks, surveilan, surveilan_desk
from lsp.services.surveilan_desk import Found
from lsp.vocabulary import PermohonanStatus, Role
from tests import factories
from tests.workflow.cases import actor_of, make_permohonan

BODY = {
    "bekerja": "ya",
    "tempat": "PT Contoh Bangun, petugas K3",
    "ada_keluhan": "tidak",
    "logbook": [{"proyek": "Rusun Contoh", "masa": "2026", "peran": "Petugas K3"}],
}
REASON = "Logbook dan fotonya sesuai dengan bidang sertifikat."


def make_certificate(asesi: User | None = None, *, days_ago: int = 370, **columns: Any) -> Certificate:  # fmt: skip
    """One that was issued so many days ago."""
    with time_machine.travel(clock.now() - timedelta(days=days_ago), tick=False):
        case = make_permohonan(PermohonanStatus.ISSUED, asesi=asesi, **columns)
    return db.session.scalars(select(Certificate).where(Certificate.permohonan_id == case.id)).one()


def make_task(asesi: User | None = None, *, days_ago: int = 370) -> Surveilan:
    """The task that the clock opens for it."""
    certificate = make_certificate(asesi, days_ago=days_ago)
    clocks.follow_certificates()
    return task_of(certificate)


def task_of(certificate: Certificate) -> Surveilan:
    return db.session.scalars(
        select(Surveilan)
        .where(Surveilan.certificate_id == certificate.id)
        .order_by(Surveilan.id.desc())
        .limit(1)
    ).one()


def holder_of(task: Surveilan) -> Actor:
    return actor_of(task.permohonan.asesi)


def send(task: Surveilan) -> Surveilan:
    """Filled, signed and sent."""
    holder = holder_of(task)
    surveilan.save(holder, task, dict(BODY))
    surveilan.send(
        holder,
        task,
        typed_name=task.certificate.holder_name,
        agreed=True,
        version=task.version,
    )
    db.session.commit()
    return task


def assign(task: Surveilan, asesor: User | None = None) -> User:
    """Named by an admin; the asesor."""
    asesor = asesor or factories.make_user(Role.ASESOR)
    admin = actor_of(factories.make_user(Role.ADMIN))
    surveilan_desk.assign(admin, task, asesor.public_id, version=task.version)
    db.session.commit()
    return asesor


def found(outcome: str = "met", **changes: Any) -> Found:
    met = outcome == "met"
    points = dict.fromkeys(("bidang", "logbook", "keluhan", "penggunaan"), (True, ""))
    if not met:
        points["logbook"] = (False, "Logbook tidak menyebut pekerjaan.")
    until = clock.today_wib() + timedelta(days=14) if outcome == "chance" else None
    values: dict[str, Any] = {
        "points": points, "methods": ["logbook"], "other_method": "", "outcome": outcome, "reason": REASON,
        "second_until": until,
    }  # fmt: skip
    return Found(**(values | changes))
