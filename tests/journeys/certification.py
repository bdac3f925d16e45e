"""The whole certification as its people do it: from an ID Izin to a certificate that the public checks.

Written once, in what labels and buttons say; who walks it (plain client, HTMX, Chromium) is the caller's choice.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from PIL import Image, ImageDraw
from sqlalchemy import select

from lsp import clock
from lsp.data import read_csv
from lsp.database import db, write_transaction
from lsp.models import Permohonan
from lsp.services.demo import assessing
from lsp.services.demo_accounts import DEMO_PASSWORD
from tests.journeys.hands import Hands
from tests.journeys.pre_assessment import PreAssessment

SKEMA = "Petugas K3 (skema contoh)"
BLANKO, LPJK = "CONTOH-9900001", "F 0000 000001 2026 0000001 MP 01"
LPJK_QR = "https://lpjk.example/contoh/9900001"


def photo(text: str) -> bytes:
    """A small JPEG that differs from others by its text: the same file twice in one case is refused."""
    image = Image.new("RGB", (480, 640), "#d9d6cc")
    ImageDraw.Draw(image).text((40, 300), text, fill="#1b2327", font_size=30)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


@dataclass
class Certification:
    """One walk. `browser()` opens a new browser; `row` is the fictional person."""

    browser: Callable[[], Hands]
    account: str
    row: dict[str, str]
    id_izin: str = "I-2026112209150100042"
    at: dict[str, Hands] = field(default_factory=dict)
    case: str = ""
    recorded: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, browser: Callable[[], Hands], number: int) -> Certification:
        return cls(browser, f"asesi{number}", read_csv("asesi_fictional.csv")[number - 1])

    def who(self, account: str) -> Hands:
        """That person's browser, signed in by the form."""
        if account not in self.at:
            hands = self.at[account] = self.browser()
            hands.go("/masuk")
            hands.fill("E-mail", f"{account}@demo.example", within="main")
            hands.fill("Kata sandi", DEMO_PASSWORD, within="main")
            hands.press("Masuk", within="main")
            assert "Keluar" in hands.text(), hands.text()[:500]
        return self.at[account]

    @property
    def asesi(self) -> Hands:
        return self.who(self.account)

    def asesi_page(self, panel: str = "") -> str:
        return f"/asesi/permohonan/{self.case}" + (f"/{panel}" if panel else "")

    def asesor_page(self, panel: str = "") -> str:
        return f"/asesor/permohonan/{self.case}" + (f"/{panel}" if panel else "")

    # --- before anybody registers ----------------------------------------------------------------------------

    def make_jadwal(self) -> None:
        """The admin makes and confirms a jadwal; the asesor opens one meeting of each kind that starts now."""
        admin, today = self.who("admin"), clock.now().astimezone(clock.WIB)
        admin.go("/admin/jadwal/baru")
        admin.fill("Nama jadwal", "Gelombang uji")
        admin.pick("Skema", SKEMA)
        admin.pick("TUK", "TUK Sewaktu Jarak Jauh")
        admin.tick("Jarak jauh (daring)")
        admin.fill("Mulai tanggal", (today - timedelta(days=1)).date().isoformat())
        admin.fill("Sampai tanggal", (today + timedelta(days=10)).date().isoformat())
        admin.pick("Asesor 1", "Ir. Ni Luh Contoh Wahyuni")
        admin.press("Simpan sebagai draf")
        admin.press("Konfirmasi jadwal")
        assert "Dikonfirmasi" in admin.text()
        start = today.replace(second=0, microsecond=0) + timedelta(minutes=1)
        self.open_slot("Pra-asesmen", start)
        self.open_slot("Asesmen", start + timedelta(minutes=61))

    def open_slot(self, kind: str, start: datetime) -> None:
        asesor = self.who("asesor1")
        asesor.go("/asesor/slot")
        asesor.pick("Jadwal", "Gelombang uji")
        asesor.tick(kind, within="main form")
        asesor.fill("Tanggal", start.date().isoformat())
        asesor.fill("Jam mulai", f"{start:%H:%M}")
        asesor.fill("Lama rapat (menit)", "60")
        asesor.press("Buka slot")
        assert "Pilih waktu lain" not in asesor.text()

    # --- 1 Pendaftaran ---------------------------------------------------------------------------------------

    def register(self) -> None:
        hands = self.asesi
        hands.go("/asesi/mulai")
        hands.fill("ID Izin", self.id_izin)
        hands.tick(SKEMA)
        hands.tick("Baru")
        hands.tick("Jarak jauh (daring)")
        hands.press("Mulai")
        self.case = hands.path().split("/permohonan/")[1].split("/")[0]

    def fill_apl_01(self) -> None:
        hands, row = self.asesi, self.row
        hands.go(self.asesi_page("fr-apl-01/pribadi"))
        born = datetime.strptime(row["tanggal_lahir"], "%d/%m/%Y").date()  # noqa: DTZ007 - a date of birth
        hands.fill("Nomor KTP/NIK", row["nik"])
        hands.fill("Tempat lahir", row["tempat_lahir"])
        hands.fill("Tanggal lahir", born.isoformat())
        hands.tick("Laki-laki" if row["jenis_kelamin"] == "L" else "Perempuan")
        hands.fill("Alamat rumah", row["alamat"])
        hands.pick("Provinsi", row["provinsi"].title())
        if not hands.scripts:  # with scripts they load by themselves
            hands.press("Tampilkan kabupaten/kota")
        hands.pick("Kabupaten/kota", row["kota"].title())
        hands.fill("Nomor HP", row["telp"])
        hands.press("Simpan dan lanjut")
        hands.pick("Jenjang", row["pendidikan"])
        hands.fill("Nama sekolah atau perguruan tinggi", "SMK Contoh Rekaan")
        hands.press("Tambahkan")
        hands.follow("Lanjut ke Pekerjaan sekarang")
        hands.fill("Nama institusi/perusahaan", row["instansi"] or "CV Contoh Rekaan")
        hands.press("Simpan dan lanjut")
        hands.tick("Sertifikasi", within="main form")
        hands.tick("Mandiri")
        hands.tick("SMA dan pengalaman 6 tahun")
        hands.press("Simpan dan lanjut")
        hands.fill("Jabatan Anda", "Petugas K3")
        hands.fill("Nama proyek", "Rumah susun contoh")
        hands.fill("Perusahaan atau pemberi kerja", "PT Contoh Karya Fiktif")
        hands.fill("Mulai bekerja", "2017-02-01")
        hands.fill("Selesai bekerja", "2025-11-30")
        hands.press("Tambahkan")
        assert "Rumah susun contoh" in hands.text()

    def upload_documents(self) -> None:
        hands = self.asesi
        for label in ("KTP", "Surat pernyataan kebenaran data", "NPWP", "Pas foto 3×4", "Ijazah yang dilegalisasi",
                      "Surat referensi pengalaman kerja", "Daftar riwayat hidup (CV)"):  # fmt: skip
            hands.go(self.asesi_page("dokumen"))
            name = f"Foto atau berkas {label}"
            hands.attach((f"{label}.jpg", photo(label)), label=name)
            hands.press("Unggah", within=f'form:has(input[aria-label="{name}"])')

    def answer_apl_02(self) -> None:
        """Each unit by its form: K everywhere, with a sentence of evidence."""
        hands = self.asesi
        hands.go(self.asesi_page("fr-apl-02"))
        for number in range(1, 10):
            hands.go(self.asesi_page(f"fr-apl-02/{number}"))
            hands.tick_all('main input[type=radio][value="K"]')
            self.write_evidence()
            hands.press("Simpan, lanjut nanti")
        hands.go(self.asesi_page("fr-apl-02"))
        assert "27 dari 27" in hands.text(), hands.text()[:800]

    def write_evidence(self) -> None:
        self.asesi.fill_all("main textarea", "Pernah saya kerjakan di proyek rumah susun contoh.")

    def sign_and_send(self) -> None:
        hands, name = self.asesi, self.row["nama"]
        hands.go(self.asesi_page("persetujuan"))
        for text in (
            "Pemrosesan data pribadi",
            "Perjanjian sertifikasi",
            "Pernyataan pemegang sertifikat",
        ):
            hands.press(f"Saya setuju {text}")
        for form in ("FR.APL.01", "FR.APL.02"):
            hands.go(self.asesi_page("tanda-tangan"))
            key = form.lower().replace(".", "-")
            hands.fill("Ketik nama lengkap Anda", name, within=f'form[action$="/{key}"]')
            hands.press(f"Tanda tangani {form}")
        hands.go(self.asesi_page("kirim"))
        hands.press("Kirim permohonan")
        hands.go(self.asesi_page())
        assert "Menunggu verifikasi" in hands.text(), hands.text()[:800]

    def verify(self) -> None:
        hands = self.who("admin")
        hands.go(f"/admin/permohonan/{self.case}")
        for _ in range(9):
            if hands.count('main button[value="meets"]') == 0:
                break
            hands.press("Memenuhi", within='form[action$="/penilaian"]')
        hands.go(f"/admin/permohonan/{self.case}")
        hands.tick("SMA dan pengalaman 6 tahun", within='form[action$="/syarat"]')
        hands.press("Catat terpenuhi")
        hands.fill("Ketik nama lengkap Anda", "Ratna Contoh Dewi", within='form[action$="/terima"]')
        hands.press("Tanda tangani “Diterima”")
        hands.go(f"/admin/permohonan/{self.case}")
        hands.follow("Nyatakan lengkap…")
        hands.press("Nyatakan lengkap")
        hands.go(f"/admin/permohonan/{self.case}")
        hands.follow("Kirim tagihan…")
        assert "Tagihan Rp800.000" in hands.text()
        hands.press("Kirim tagihan")

    def pay(self) -> None:
        hands = self.asesi
        hands.go(self.asesi_page("pembayaran"))
        assert "Rp800.000" in hands.text()
        hands.attach(("bukti.jpg", photo("Bukti transfer")))
        hands.press("Unggah")
        admin = self.who("admin")
        admin.go(f"/admin/permohonan/{self.case}")
        admin.fill("Uang yang diterima (rupiah)", "800000")
        admin.press("Konfirmasi lunas")
        hands.go(self.asesi_page())
        assert "Pilih jadwal" in hands.text()

    # --- 2 Pra-asesmen and 3 Asesmen -------------------------------------------------------------------------

    def book(self) -> None:
        self.asesi.go(self.asesi_page("jadwal"))
        self.asesi.go(self.asesi.actions("#schedule-panel .list a")[0])
        self.asesi.press("Pesan jadwal ini")

    def meeting(self) -> PreAssessment[Hands]:
        """Its opening is that of an assessment too."""
        asesor_name = "Ir. Ni Luh Contoh Wahyuni"
        return PreAssessment(
            self.who("asesor1"), self.asesi, self.case, asesor_name, self.row["nama"]
        )

    def pre_assess(self) -> None:
        self.book()
        meeting = self.meeting()
        meeting.open()
        meeting.papers()
        meeting.sign()
        meeting.go_on()
        self.keep_recording()

    def keep_recording(self) -> None:
        """Where the recording lies and a screenshot, for each meeting that lacks them."""
        asesor, page = self.who("asesor1"), self.asesor_page("rekaman")
        asesor.go(page)
        screenshots = asesor.actions('#recording-panel form[action$="/tangkapan-layar"]')
        for screenshot in screenshots:
            link = screenshot.removesuffix("/tangkapan-layar")
            if link in self.recorded:
                continue
            self.recorded.append(link)
            asesor.go(page)
            form = f'form[action="{link}"]'
            asesor.fill("Tautan rekaman", f"https://arsip.lsp.example/{link[-16:]}", within=form)
            asesor.press("Simpan tautan", within=form)
            form = f'form[action="{screenshot}"]'
            asesor.attach(("layar.jpg", photo(link[-16:])), within=form)
            asesor.press("Unggah", within=form)

    def assess(self) -> None:
        self.book()
        self.meeting().open()
        asesor = self.who("asesor1")
        asesor.go(self.asesor_page())
        asesor.press_or_follow("Mulai asesmen")
        # The meeting is set for an hour later: it may start early, after one more question.
        asesor.press("Mulai sekarang")
        with write_transaction():
            assessing.fill_instruments(
                db.session.scalars(
                    select(Permohonan).where(Permohonan.public_id == self.case)
                ).one()
            )
        asesor.go(self.asesor_page("fr-ak-02"))
        assert "dari FR.IA.09" in asesor.text()
        asesor.tick("Kompeten")
        asesor.fill(
            "Umpan balik untuk asesi", "Penjelasan Anda runtut dan buktinya rapi. Pertahankan."
        )
        asesor.press("Simpan dan kembali ke urutan rapat")
        self.meeting().sign("FR.AK.02", names="FR.IA.08, FR.IA.09 dan FR.AK.02")
        asesor.go(self.asesor_page("tanda-tangan"))
        asesor.fill_all('main input[name="typed_name"]', "Ir. Ni Luh Contoh Wahyuni")
        asesor.press("Tanda tangani FR.IA.08, FR.IA.09 dan FR.AK.02")
        asesor.go(self.asesor_page())
        asesor.press("Catat: Rapat selesai")
        asesor.go(self.asesor_page("kirim-rekomendasi"))
        asesor.press("Kirim rekomendasi")
        self.keep_recording()

    # --- 4 Pasca-asesmen -------------------------------------------------------------------------------------

    def decide(self) -> None:
        admin, name = self.who("admin"), self.row["nama"]
        admin.go("/admin/pleno/baru")
        admin.tick(name)
        for member in ("Dr. Contoh Prabowo", "Siti Contoh Rahmawati", "Markus Contoh Tambunan"):
            admin.tick(member, within='fieldset:has(input[name="members"])')
        admin.tick("Dr. Contoh Prabowo", within='fieldset:has(input[name="chair"])')
        admin.press("Buka rapat pleno")
        for account in ("komite1", "komite2", "komite3"):
            voter = self.who(account)
            voter.go("/tim-teknis")
            voter.follow(name)
            voter.tick("Setuju dengan rekomendasi")
            voter.tick("Saya menyatakan tidak melatih asesi ini")
            voter.press("Kirim suara")
        chair = self.who("komite1")
        chair.go("/tim-teknis")
        chair.follow(name)
        chair.press_or_follow("Tetapkan kompeten")
        chair.press("Tetapkan kompeten")
        assert "Kompeten" in chair.text()
        ketua = self.who("ketua")
        ketua.go("/ketua")
        ketua.tick_all('form[action="/ketua/sk"] input[type=checkbox]')
        ketua.press("Baca dan tanda tangani…")
        ketua.press("Tanda tangani")

    def record_numbers(self) -> None:
        admin = self.who("admin")
        admin.go("/admin/pleno")
        pleno = re.search(r"Ajukan blangko… \S+", admin.text())
        assert pleno is not None
        admin.follow(pleno[0])
        assert self.row["nama"] in admin.text()
        admin.follow("Ajukan 1 blangko…")
        admin.press("Ajukan blangko")
        admin.go(f"/admin/blangko/{self.case}")
        admin.fill("Nomor blangko BNSP", BLANKO)
        admin.press("Terima nomor blangko")
        admin.go(f"/admin/blangko/{self.case}")
        admin.fill("Nomor registrasi LPJK", LPJK)
        admin.fill("Isi kode QR LPJK", LPJK_QR)
        admin.press("Catat nomor LPJK")

    def issue(self) -> None:
        ketua = self.who("ketua")
        ketua.go("/ketua")
        ketua.tick_all('form[action="/ketua/sertifikat"] input[type=checkbox]')
        ketua.press("Periksa dan terbitkan…")
        ketua.press("Terbitkan")
        self.asesi.go(self.asesi_page())
        assert "Sertifikat terbit" in self.asesi.text() or "sertifikat" in self.asesi.text().lower()

    def register_to_paid(self) -> None:
        self.register()
        self.fill_apl_01()
        self.upload_documents()
        self.answer_apl_02()
        self.sign_and_send()
        self.verify()
        self.pay()

    def walk(self) -> None:
        """All of it."""
        self.make_jadwal()
        self.register_to_paid()
        self.pre_assess()
        self.assess()
        self.decide()
        self.record_numbers()
        self.issue()
