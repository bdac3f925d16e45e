"""In the demo: a permohonan that waits for its asesi, and an ID Izin that two people ask for."""

from __future__ import annotations

from lsp import clock
from lsp.database import db
from lsp.models import User
from lsp.services import disputes, intake
from lsp.services.demo.driver import DemoCase, Stage
from lsp.services.prefill import Known
from lsp.vocabulary import Mode, RequestKind

_NIK = "9901014101900990"


def load_claiming(stage: Stage, held: DemoCase, asker: str) -> None:
    """The admin opens one for somebody new; `asker` types the ID Izin of `held`."""
    intake.take_in(
        stage.people["admin"],
        email="calon@demo.example",
        name="Calon Asesi Contoh",
        id_izin=f"I-{clock.now().astimezone(clock.WIB):%Y%m%d%H%M%S}00990",
        version=stage.version,
        kind=RequestKind.BARU,
        mode=Mode.LURING,
        known=Known(values={"nik": _NIK}),
    )
    case = held.case
    disputes.ask(
        db.session.get_one(User, stage.people[asker].id),
        holder=case,
        version=case.skema_version,
        kind=case.kind,
        mode=case.mode,
    )
