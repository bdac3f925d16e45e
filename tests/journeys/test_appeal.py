"""An asesi contests “belum kompeten”, a panel that took no part answers, and the asesi reads why."""

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


def file_it(asesi, case):
    """From the result to the sent FR.AK.04."""
    asesi.go("/asesi")
    asesi.follow("Lihat hasil")
    asesi.press("Buka hasil")
    asesi.follow("Ajukan banding…")
    for question, answer in (("dijelaskan", 0), ("didiskusikan", 1), ("orang_lain", 1)):
        asesi.tick_all(f"#{question}-{answer}")
    asesi.fill("Banding ini diajukan atas alasan sebagai berikut :", REASON)
    asesi.press("Periksa sebelum dikirim")
    assert REASON in asesi.text()
    assert status_of(case) is S.NOT_YET_COMPETENT, "nothing is sent before it was signed"
    asesi.fill("Ketik nama lengkap Anda", case.asesi_name)
    asesi.press("Tanda tangani dan kirim banding")
    assert status_of(case) is S.APPEALED


@pytest.mark.parametrize(
    ("outcome", "state", "line"),
    [
        ("Banding ditolak", S.NOT_YET_COMPETENT, "keputusan tetap"),
        ("Banding diterima, asesmen", S.READY, "asesmen ulang"),
        ("Banding diterima, penetapan", S.RECOMMENDED, "penetapan ulang"),
    ],
)
def test_from_the_result_to_the_answer(hands, case, cast, outcome, state, line):
    judges = [person(Role.ANGGOTA_LUAR), person(Role.TIM_TEKNIS)]
    for _ in range(3):
        person(Role.TIM_TEKNIS)
    db.session.commit()
    asesi = hands(case.asesi)
    file_it(asesi, case)
    assert {"appeal_filed", "appeal_filed_admin", "appeal_filed_ketua"} <= set(mails(case))

    admin = hands(Role.ADMIN)
    admin.go("/admin/banding")
    admin.follow(case.asesi_name)
    assert REASON in admin.text()
    admin.press("Terima banding")
    assert "0001/BANDING/" in admin.text()

    ketua = hands(Role.KETUA)
    ketua.go("/ketua")
    ketua.follow(f"Tunjuk panel… banding {case.asesi_name}")
    assert f"{cast.asesor.name} Asesor: menilainya sebagai asesor" in ketua.text()
    for judge in judges:
        ketua.tick(next(label for label in labels(ketua) if label.startswith(judge.name)))
    ketua.press("Tunjuk panel")
    asesi.go(f"/asesi/permohonan/{case.public_id}/banding")
    assert all(judge.name in asesi.text() for judge in judges)

    panel = [hands(judge) for judge in judges]
    for number, one in enumerate(panel):
        read_and_find(one, case, f"Temuan {number}: bukti foto belum dibahas.")
    assert "Temuan 0:" in panel[1].text(), "he gave his own, so he reads the other's"
    propose(panel[0], outcome, cast)
    for judge, one in zip(judges, panel, strict=True):
        assert status_of(case) is S.APPEALED
        one.go(one.path())
        one.fill("Ketik nama lengkap Anda", judge.name)
        one.press("Tanda tangani jawaban")
    assert status_of(case) is state

    sent = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.kind == "banding_answered")
    ).one()
    assert ANSWER not in str(sent.payload)
    asesi.go(f"/asesi/permohonan/{case.public_id}/banding")
    assert ANSWER in asesi.text()
    asesi.follow("Buka surat jawaban")
    assert ANSWER in asesi.text()
    assert "/SJ-BANDING/" in asesi.text()
    asesi.go(f"/asesi/permohonan/{case.public_id}/riwayat")
    assert line in asesi.text()
    panel[0].go(panel[0].path())
    assert "Temuan 0:" in panel[0].text()
    assert "Temuan 1:" not in panel[0].text(), "the file is closed again"
    assert REASON not in panel[0].text()


def read_and_find(one, case, finding):
    one.go("/banding")
    one.follow(case.asesi_name)
    assert REASON not in one.text(), "nothing is read before the declaration"
    one.tick("Saya menyatakan tidak melatih asesi ini dalam 2 tahun terakhir")
    one.press("Nyatakan dan buka berkas")
    assert REASON in one.text()
    assert "FR.AK.02 · Rekomendasi asesor" in one.text()
    one.fill("Apa yang Anda temukan dalam berkas dan rekaman", finding)
    one.press("Kirim temuan")


def propose(one, outcome, cast):
    one.go(one.path())
    one.tick(next(label for label in labels(one) if label.startswith(outcome)))
    one.fill("Alasan panel", ANSWER)
    if "asesmen" in outcome:
        one.pick("Asesor untuk asesmen ulang", cast.second_asesor.name)
    one.press("Simpan usulan")


def labels(hands: PlainHands) -> list[str]:
    return [" ".join(node.get_text().split()) for node in hands.page.select("label")]


def test_what_lacks_is_asked_once_and_a_change_of_mind_is_possible(hands, case):
    asesi, admin = hands(case.asesi), hands(Role.ADMIN)
    file_it(asesi, case)
    admin.go(f"/admin/permohonan/{case.public_id}/banding")
    admin.fill("Yang harus dilengkapi", "Sebutkan tanggal dan tempat foto itu diambil.")
    admin.press("Minta dilengkapi")
    asesi.go("/asesi")
    asesi.follow("Lengkapi banding")
    assert "tanggal dan tempat foto" in asesi.text()
    asesi.fill("Kelengkapan", "Foto diambil 3 November 2026 di proyek contoh.")
    asesi.press("Kirim kelengkapan")
    admin.go(f"/admin/permohonan/{case.public_id}/banding")
    assert "3 November 2026" in admin.text()
    assert "Minta asesi melengkapi" not in admin.text()
    asesi.follow("Cabut banding…")
    assert "tidak dapat dibanding lagi" in asesi.text()
    asesi.press("Ya, cabut banding")
    assert status_of(case) is S.NOT_YET_COMPETENT


def test_every_ketua_hears_of_it_but_not_the_reason(hands, case, sign_in):
    ketua = sign_in(Role.KETUA).user
    file_it(hands(case.asesi), case)
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
