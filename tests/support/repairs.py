"""Sending a case back and again, as an admin and its asesi do."""

from __future__ import annotations

from lsp.database import db
from lsp.services import apl01, signing, verification
from lsp.vocabulary import (
    Form,
    Role,
    Verdict,
)
from lsp.workflow.dossier import dossier_of
from lsp.workflow.permohonan import PERMOHONAN
from tests.workflow.cases import actor_of

NOTE = "NIK tidak sama dengan KTP."


def perform(case, name, actor):
    PERMOHONAN.perform(case, name, actor, version=case.version)
    db.session.commit()


def mark(cast, case, *sections, verdict=Verdict.FAILS):
    for section in sections:
        verification.judge(cast.of(Role.ADMIN, case), case, section, verdict=verdict, note=NOTE)
    db.session.commit()


def send_back(cast, case, *sections):
    mark(cast, case, *sections)
    perform(case, "return_for_repair", cast.of(Role.ADMIN, case))


def send_again(case):
    asesi = actor_of(case.asesi)
    for form in (Form.FR_APL_01, Form.FR_APL_02):
        if dossier_of(case).signature(form, Role.ASESI) is None:
            signing.sign(asesi, case, form, Role.ASESI, typed_name=case.asesi_name)
    perform(case, "submit", asesi)


def change_address(case, address="Jl. Baru 5"):
    apl01.save_section(case, "pribadi", {"address": address})
    db.session.commit()
