"""The plenos of the demo: called and held, hours and room, who came, what was kept, and the notulen."""

from __future__ import annotations

from datetime import time

from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import Pleno, PlenoCase, User
from lsp.services import pleno, pleno_evidence, pleno_meeting, pleno_notulen
from lsp.services.demo.driver import DemoCase, Stage
from lsp.services.installation import DEMO_DOMAIN
from lsp.services.pleno_meeting import Meets
from lsp.services.pleno_notulen import Note, Notulen
from lsp.vocabulary import Answer, Mode
from lsp.workflow.permohonan import PERMOHONAN

_JABATAN = {
    "komite1": ("Manajer Sertifikasi", "MET.000.000901.2024"),
    "komite2": ("Ketua Komite Skema", "MET.000.000902.2024"),
    "komite3": ("Praktisi K3 Konstruksi", ""),
}
NOTULIS = "komite2"


def name_members(stage: Stage) -> None:
    """Jabatan and MET numbers, as the admin fills them in before a pleno is called."""
    for name, (jabatan, met) in _JABATAN.items():
        person = db.session.scalars(select(User).where(User.email == name + DEMO_DOMAIN)).one()
        pleno_meeting.set_profile(stage.people["admin"], person, jabatan=jabatan, met_number=met)


def meets(stage: Stage) -> Meets:
    return Meets(
        starts=time(9), ends=time(12), mode=Mode.DARING, notulis_id=stage.people[NOTULIS].id
    )


def call(stage: Stage, cases: list[DemoCase]) -> Pleno:
    """A pleno of today, its members not yet heard."""
    members = [stage.people[f"komite{number}"].id or 0 for number in (1, 2, 3)]
    return pleno.open_pleno(
        stage.people["admin"],
        held_on=clock.today_wib(),
        member_ids=members,
        chair_id=members[0],
        cases=[case.case for case in cases],
        meets=meets(stage),
    )


def hold(stage: Stage, cases: list[DemoCase]) -> Pleno:
    """Called, voted as the asesor recommended, decided and written up."""
    made = call(stage, cases)
    db.session.refresh(made)
    chair = stage.people["komite1"]
    begin(stage, made)
    places = db.session.scalars(select(PlenoCase).where(PlenoCase.pleno_id == made.id)).all()
    for place in places:
        for number in (1, 2, 3):
            pleno.vote(stage.people[f"komite{number}"], place, agrees=True, note="", declared=True)
        permohonan = place.permohonan
        name = "decide_competent" if permohonan.recommendation is Answer.K else "decide_not_yet"
        PERMOHONAN.perform(permohonan, name, chair, version=permohonan.version)
    pleno.close_when_settled(made)
    write_up(stage, made)
    return made


def begin(stage: Stage, held: Pleno) -> None:
    """Two say that they are there; the third is there once he votes."""
    for name in ("komite1", NOTULIS):
        pleno_meeting.say_present(stage.people[name], held)


def write_up(stage: Stage, held: Pleno) -> None:
    """What is kept of the meeting, and the notulen, before the SK is signed."""
    admin, notulis = stage.people["admin"], stage.people[NOTULIS]
    pleno_evidence.add_recording(
        admin,
        held,
        url=f"https://arsip.contoh.example/pleno/{held.public_id}.mp4",
        keeper="Sekretariat LSP",
    )
    shot = stage.samples.fresh("sheet", "tangkapan-layar-pleno")
    pleno_evidence.add_screenshot(admin, held, shot)
    kept = tuple(name for name, _label, _meaning in pleno_notulen.rules())
    notes = {
        place.public_id: Note(
            kept if place.outcome == "K" else kept[:2],
            "Bukti diperiksa bersama rekaman asesmen. Anggota sependapat dengan rekomendasi asesor.",
        )
        for place in pleno_notulen.places_of(held)
    }
    text = (
        "Rapat dibuka ketua rapat. Agenda dibacakan, lalu setiap berkas dibahas menurut aturan bukti. "
        "Rapat ditutup sesudah semua permohonan diputus."
    )
    pleno_notulen.save(notulis, held, Notulen(text, notes))
