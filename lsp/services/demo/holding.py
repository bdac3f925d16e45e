"""What a holder of a certificate does in the demo, and the LSP about him: surveilan, renewal, suspended, revoked."""

from __future__ import annotations

from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import CertificateProposal, Surveilan, User
from lsp.services import certificate_life, following, surveilan, surveilan_desk
from lsp.services.demo.driver import DemoCase
from lsp.services.surveilan_desk import Found
from lsp.vocabulary import LifeGround, LifeStep, Mode, RequestKind
from lsp.workflow.guards.certificate_life import open_proposal

#: Another than who assessed him.
_SURVEILAN_ASESOR = "asesor2"
_REPORT = {
    "bekerja": "ya",
    "tempat": "PT Contoh Karya Fiktif, sebagai petugas K3 di proyek gudang contoh.",
    "ada_keluhan": "tidak",
    "logbook": [
        {
            "proyek": "Gudang contoh, Kota Contoh",
            "masa": "sejak setahun lalu",
            "peran": "Pengarahan K3 setiap pagi dan pemeriksaan perancah.",
        }
    ],
}
_FOUND_MET = "Logbook dan wawancara singkat menunjukkan ia masih bekerja di bidangnya."
_WHY = {
    LifeGround.SURVEILLANCE: "Isian surveilan tahun pertama tidak dikirim sampai lewat jatuh tempo, "
    "juga sesudah dua kali diingatkan.",
    LifeGround.MISUSE: "Pada proyek contoh, salinan sertifikat ini dipakai orang lain dengan foto yang diganti. "
    "Surat pemilik proyek disimpan di kantor LSP.",
}
_ANSWER = "Saya meminjamkan salinannya kepada rekan satu tim. Saya tidak tahu fotonya diganti."
_DECISION = {
    LifeStep.SUSPEND: "Pemegang tidak menjawab sampai waktunya habis. Dibekukan sampai surveilannya terpenuhi.",
    LifeStep.REVOKE: "Jawaban pemegang membenarkan bahwa sertifikatnya dipinjamkan. Surat pemilik proyek cukup jelas.",
}


# --- Surveilan ---------------------------------------------------------------------------------------------------


def task_of(case: DemoCase) -> Surveilan:
    found = select(Surveilan).where(Surveilan.certificate_id == case.certificate.id)
    return db.session.scalars(found).one()


def send_surveilan(case: DemoCase) -> None:
    task = task_of(case)
    surveilan.save(case.asesi, task, _REPORT)
    surveilan.send(
        case.asesi,
        task,
        typed_name=task.certificate.holder_name,
        agreed=True,
        version=task.version,
    )


def name_asesor(case: DemoCase) -> None:
    task = task_of(case)
    asesor = db.session.get_one(User, case.stage.people[_SURVEILAN_ASESOR].id)
    surveilan_desk.assign(case.admin, task, asesor.public_id, version=task.version)


def find_met(case: DemoCase) -> None:
    task = task_of(case)
    points = {each["key"]: (True, "") for each in surveilan.words_of(task).body["points"]}
    found = Found(points, ("logbook", "wawancara"), "", "met", _FOUND_MET)
    surveilan_desk.judge(case.stage.people[_SURVEILAN_ASESOR], task, found, version=task.version)


# --- Renewal -----------------------------------------------------------------------------------------------------


def begin_renewal(case: DemoCase) -> None:
    """A draft, filled from the permohonan before; the holder has yet to complete it."""
    following.begin(
        case.asesi,
        case.certificate,
        RequestKind.PERPANJANGAN,
        id_izin=f"I-{clock.now():%Y%m%d%H%M%S}00022",
        mode=Mode.DARING,
    )


# --- Suspended and revoked ---------------------------------------------------------------------------------------


def propose(case: DemoCase, step: LifeStep, ground: LifeGround) -> None:
    certificate = case.certificate
    certificate_life.propose(
        case.admin,
        certificate,
        step,
        ground=ground,
        reason=_WHY[ground],
        version=certificate.version,
    )


def answer(case: DemoCase) -> None:
    proposal = _open(case)
    certificate_life.answer(case.asesi, proposal, _ANSWER, version=proposal.version)


def approve(case: DemoCase) -> None:
    proposal, ketua = _open(case), case.stage.people["ketua"]
    words = _DECISION[proposal.step]
    certificate_life.approve(ketua, proposal, words=words, version=proposal.version)


def _open(case: DemoCase) -> CertificateProposal:
    found = open_proposal(case.certificate)
    if found is None:
        raise LookupError("nothing was proposed")
    return found
