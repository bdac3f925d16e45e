"""From the sign-up page to a paid invoice by links and buttons alone: nobody types an address, no script runs.

What the LSP's admin does in between goes through the services; the admin's own pages are walked elsewhere.
"""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from lsp.actor import Actor
from lsp.data import read_csv
from lsp.database import db, write_transaction
from lsp.models import OutboxMessage, Permohonan, User
from lsp.services import payment, regions, signing, verification
from lsp.vocabulary import Form, PermohonanStatus, Role, Verdict
from lsp.workflow.dossier import dossier_of
from lsp.workflow.permohonan import PERMOHONAN
from tests.journeys.certification import photo
from tests.journeys.hands import PlainHands

PERSON = read_csv("asesi_fictional.csv")[10]
EMAIL, PASSWORD = "baru@asesi.example", "tiga kata lepas sekali"


class Registration:
    """One asesi who only follows what the pages offer."""

    def __init__(self, app, *, htmx: bool) -> None:
        self.hands = PlainHands(app.test_client(), htmx=htmx)

    def sign_up(self) -> None:
        hands = self.hands
        hands.go("/")
        hands.follow("Masuk")
        hands.follow("Daftar sebagai asesi")
        hands.fill("Nama lengkap sesuai KTP", PERSON["nama"])
        hands.fill("E-mail", EMAIL)
        hands.fill("Kata sandi baru", PASSWORD)
        hands.press("Daftar")
        mail = db.session.scalars(
            select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(1)
        ).one()
        hands.go(f"/tautan/{mail.payload['context']['token']}")  # the one address, out of his mail
        hands.fill("Kata sandi", PASSWORD)
        hands.press("Konfirmasi alamat ini")

    def begin(self) -> None:
        hands = self.hands
        hands.go("/asesi")
        hands.follow("Mulai permohonan")
        hands.fill("ID Izin", "I-2026112209150100077")
        hands.press("Mulai")
        assert "Langkah Anda sekarang" in hands.text()

    def fill_fr_apl_01(self) -> None:
        hands = self.hands
        hands.follow("Isi FR.APL.01")
        hands.follow("Lanjut isi data pribadi")
        day, month, year = PERSON["tanggal_lahir"].split("/")
        hands.fill("Nomor KTP/NIK", PERSON["nik"])
        hands.fill("Tempat lahir", PERSON["tempat_lahir"])
        hands.fill("Tanggal lahir", f"{year}-{month}-{day}")
        hands.tick("Laki-laki" if PERSON["jenis_kelamin"] == "L" else "Perempuan")
        hands.fill("Alamat rumah", PERSON["alamat"])
        hands.pick("Provinsi", PERSON["provinsi"].title())
        if not hands.scripts:  # with scripts they load by themselves
            hands.press("Tampilkan kabupaten/kota")
        hands.pick("Kabupaten/kota", PERSON["kota"].title())
        hands.fill("Nomor HP", PERSON["telp"])
        hands.press("Simpan dan lanjut")
        hands.pick("Jenjang", PERSON["pendidikan"])
        hands.fill("Nama sekolah atau perguruan tinggi", "SMK Contoh Rekaan")
        hands.press("Tambahkan")
        hands.follow("Lanjut ke Pekerjaan sekarang")
        hands.fill("Nama institusi/perusahaan", PERSON["instansi"] or "Perorangan")
        hands.press("Simpan dan lanjut")
        hands.tick("Sertifikasi", within="main form")
        hands.tick("SMA dan pengalaman 6 tahun")
        hands.press("Simpan dan lanjut")
        hands.follow("Lanjut ke Pelatihan")
        hands.follow("Lanjut ke Dokumen")

    def upload_documents(self) -> None:
        hands = self.hands
        here = hands.path()
        wanted = hands.page.select("main li:has(.badge.wait) input[type=file]")
        labels = [str(control["aria-label"]) for control in wanted]
        assert labels
        for label in labels:
            hands.attach((f"{label}.jpg", photo(label)), label=label)
            hands.press("Unggah", within=f'form:has([aria-label="{label}"])')
            hands.go(here)
        assert "Semua dokumen wajib sudah ada" in hands.text()
        hands.follow("Lanjut ke FR.APL.02")

    def answer_fr_apl_02(self) -> None:
        """From unit to unit by the button below each; evidence is a file sent before."""
        hands = self.hands
        hands.follow("Mulai isi unit 1")
        while "/fr-apl-02/" in hands.path():
            hands.tick_all('main input[type=radio][value="K"]')
            hands.tick_all("main fieldset label:first-of-type input[type=checkbox]")
            hands.press_first("Simpan, l")
        assert "27 dari 27 elemen dijawab" in hands.text()
        hands.follow("Lanjut ke Persetujuan")

    def agree_sign_and_send(self) -> None:
        hands = self.hands
        while any(
            "Saya setuju" in button.get_text() for button in hands.page.select("main button")
        ):
            hands.press_first("Saya setuju", within="main")
        hands.follow("Lanjut ke Tanda tangan")
        for key in ("fr-apl-01", "fr-apl-02"):
            hands.fill("Ketik nama lengkap Anda", PERSON["nama"], within=f'form[action$="{key}"]')
            hands.press_first("Tanda tangani", within=f'form[action$="{key}"]')
        hands.follow("Lanjut ke Kirim permohonan")
        hands.press("Kirim permohonan")
        assert "Menunggu verifikasi" in hands.text()

    def pay(self) -> None:
        hands = self.hands
        hands.go("/asesi")
        hands.follow("Lihat tagihan")
        hands.attach(("bukti.jpg", photo("Bukti transfer")))
        hands.press("Unggah")
        assert "Menunggu diperiksa" in hands.text()


def _admin() -> Actor:
    user = db.session.scalars(select(User).where(User.email == "admin@demo.example")).one()
    return Actor(id=user.id, name=user.name, roles=frozenset(held.role for held in user.roles))


def _case() -> Permohonan:
    return db.session.scalars(select(Permohonan)).one()


def verify_and_invoice() -> None:
    with write_transaction():
        case, admin = _case(), _admin()
        for requirement in list(dossier_of(case).requirements):
            has_file = any(
                row.requirement_id == requirement.id for row in dossier_of(case).documents
            )
            if has_file:
                verification.judge(admin, case, requirement, verdict=Verdict.MEETS, note="")
        verification.record_met_rule(admin, case, case.skema_version.education_rules[0].id)
        signing.sign(admin, case, Form.FR_APL_01, Role.ADMIN, typed_name=admin.name)
        for step in ("verify", "invoice"):
            PERMOHONAN.perform(case, step, admin, version=case.version)


def confirm_payment() -> None:
    with write_transaction():
        case, admin = _case(), _admin()
        payment.note_receipt(admin, case, amount=payment.open_invoice(case).amount, reason="")
        PERMOHONAN.perform(case, "confirm_payment", admin, version=case.version)


@pytest.mark.parametrize("htmx", [False, True], ids=["scripts off", "htmx"])
def test_an_asesi_registers_and_pays(app, demo_people, htmx):
    asesi = Registration(app, htmx=htmx)
    asesi.sign_up()
    asesi.begin()
    asesi.fill_fr_apl_01()
    asesi.upload_documents()
    asesi.answer_fr_apl_02()
    asesi.agree_sign_and_send()
    db.session.rollback()
    assert _case().status is PermohonanStatus.SUBMITTED
    verify_and_invoice()
    assert _case().status is PermohonanStatus.INVOICED
    asesi.pay()
    confirm_payment()
    assert _case().status is PermohonanStatus.PAID
    asesi.hands.go("/asesi")
    assert re.search(r"Pilih jadwal pra-asesmen", asesi.hands.text())
    person = db.session.scalars(select(User).where(User.email == EMAIL)).one()
    assert person.zone == regions.zone_of(PERSON["kode_provinsi"])
