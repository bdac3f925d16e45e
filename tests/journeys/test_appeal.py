"""An asesi contests “belum kompeten”, the ketua records what the panel decided, and the asesi reads why."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from lsp.database import db
from lsp.models import OutboxMessage, Permohonan
from lsp.vocabulary import PermohonanStatus, Role
from tests.journeys.hands import PlainHands
from tests.workflow.cases import make_cast, make_permohonan, person

S = PermohonanStatus
REASON = "Unit kedua dinilai tanpa bukti foto yang sudah saya unggah."
ANSWER = "Panel melihat rekaman dan menilai bukti fotonya memang belum dibahas."


@pytest.fixture(params=[False, True], ids=["scripts off", "htmx"])
def hands(request, sign_in):
    def of(who) -> PlainHands:
        return PlainHands(sign_in(who), htmx=request.param)

    return of


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def case(cast):
    return make_permohonan(
        S.NOT_YET_COMPETENT, cast=cast, result_opened_at=None, result_mailed_at=None
    )


def status_of(case) -> PermohonanStatus:
    db.session.rollback()
    return db.session.get_one(Permohonan, case.id, populate_existing=True).status


def mails(case) -> list[str]:
    rows = db.session.scalars(
        select(OutboxMessage.kind).where(OutboxMessage.permohonan_id == case.id)
    )
    return list(rows)


@pytest.mark.parametrize(
    ("outcome", "state", "mail", "line"),
    [
        ("Banding ditolak", S.NOT_YET_COMPETENT, "appeal_upheld", "Banding ditolak"),
        ("Banding diterima, asesmen", S.READY, "appeal_reassessment", "asesmen ulang"),
        ("Banding diterima, penetapan", S.RECOMMENDED, "appeal_redecision", "penetapan ulang"),
    ],
)
def test_from_the_result_to_the_answer(hands, case, cast, outcome, state, mail, line):
    for _ in range(3):
        person(Role.TIM_TEKNIS)
    db.session.commit()
    asesi = hands(case.asesi)
    asesi.go("/asesi")
    asesi.follow("Lihat hasil")
    asesi.press("Buka hasil")
    asesi.follow("Ajukan banding…")
    asesi.fill("Mengapa Anda tidak setuju?", REASON)
    asesi.press("Kirim banding")
    assert "Banding Anda sedang diperiksa" in asesi.text()
    assert status_of(case) is S.APPEALED
    assert "appeal_filed" in mails(case)

    ketua = hands(Role.KETUA)
    ketua.go("/ketua")
    ketua.follow(f"Catat hasil… {case.asesi_name}")
    assert REASON in ketua.text()
    ketua.tick(next(label for label in labels(ketua) if label.startswith(outcome)))
    ketua.fill("Nomor surat keputusan banding", "007/BANDING/2026")
    ketua.fill("Alasan panel", ANSWER)
    if state is S.READY:
        ketua.pick("Asesor untuk asesmen ulang", cast.second_asesor.name)
    ketua.press("Catat hasil banding")
    assert status_of(case) is state
    sent = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == mail)).one()
    assert ANSWER in sent.payload["context"]["reason"]

    asesi.go(f"/asesi/permohonan/{case.public_id}/riwayat")
    assert line in asesi.text()
    assert ANSWER in asesi.text()


def labels(hands: PlainHands) -> list[str]:
    return [" ".join(node.get_text().split()) for node in hands.page.select("label")]


def test_every_ketua_hears_of_it_but_not_the_reason(hands, case, sign_in):
    ketua = sign_in(Role.KETUA).user
    asesi = hands(case.asesi)
    asesi.go(f"/asesi/permohonan/{case.public_id}/hasil")
    asesi.press("Buka hasil")
    asesi.follow("Ajukan banding…")
    asesi.fill("Mengapa Anda tidak setuju?", REASON)
    asesi.press("Kirim banding")
    db.session.rollback()
    told = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.kind == "appeal_filed_ketua")
    ).all()
    assert ketua.email in {row.payload["to"] for row in told}
    assert all(REASON not in str(row.payload) for row in told)


def test_taking_the_result_as_it_is_closes_the_case(hands, case):
    asesi = hands(case.asesi)
    asesi.go(f"/asesi/permohonan/{case.public_id}/hasil")
    asesi.press("Buka hasil")
    asesi.follow("Terima hasil, tutup permohonan…")
    assert "tidak dapat diminta lagi" in asesi.text()
    asesi.press("Ya, saya terima dan tutup")
    assert status_of(case) is S.CLOSED_NOT_YET
    assert "Permohonan ini ditutup" in asesi.text()
