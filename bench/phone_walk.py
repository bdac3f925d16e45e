"""A new asesi on a cheap phone and a slow line, from sign-up to a sent permohonan: `python -m bench.phone_walk`.

Chromium at 360 px over a link of 400 kbit/s and 400 ms; eight documents from photos of about 4 MB; the signal is lost
three times: while FR.APL.01 is saved, while a photo is sent, and while an answer of FR.APL.02 is saved.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from bench.serve import free_port, portal, prepare
from lsp.data import read_csv
from tests.journeys.hands import ChromiumHands
from tests.support.link import Link

PERSON = read_csv("asesi_fictional.csv")[10]
EMAIL, PASSWORD = "pekerja@asesi.example", "tiga kata lepas sekali"
ID_IZIN = "I-2026112209150100077"
DOCUMENTS = (
    "KTP", "Surat pernyataan kebenaran data", "NPWP", "Pas foto 3×4", "Ijazah yang dilegalisasi",
    "Surat referensi pengalaman kerja", "Sertifikat pelatihan", "Daftar riwayat hidup (CV)",
)  # fmt: skip
UNITS = 9
SIGNAL_LOST = 8.0
_PATIENCE = 120_000


def photo(text: str) -> bytes:
    """A picture of 12 megapixels as a phone takes it: a card on a table, grain, about 4 MB."""
    grain = Image.effect_noise((4000, 3000), 22)
    picture = Image.merge(
        "RGB", (grain, grain.point(lambda v: v * 0.97), grain.point(lambda v: v * 0.9))
    )
    draw = ImageDraw.Draw(picture)
    draw.rectangle((500, 500, 3500, 2400), fill="#dfe4ea", outline="#44566a", width=12)
    draw.text((700, 700), text, fill="#14202c", font_size=170)
    draw.text((700, 1100), "NIK 9901 0141 0190 0001", fill="#14202c", font_size=150)
    whole = Image.blend(picture, Image.merge("RGB", (grain, grain, grain)), 0.12)
    buffer = io.BytesIO()
    whole.save(buffer, "JPEG", quality=91)
    return buffer.getvalue()


@dataclass
class Walk:
    """One person's way; `seconds` by step, `lost` what did not survive."""

    hands: ChromiumHands
    link: Link
    mailed: Callable[[], str]
    seconds: dict[str, float] = field(default_factory=dict)
    photo_bytes: list[int] = field(default_factory=list)
    case: str = ""

    def step(self, name: str, act: Callable[[], None]) -> None:
        began = time.monotonic()
        act()
        self.seconds[name] = time.monotonic() - began

    def whole(self) -> None:
        for name, act in (
            ("sign up", self.sign_up),
            ("begin", self.begin),
            ("FR.APL.01", self.fr_apl_01),
            ("documents", self.documents),
            ("FR.APL.02", self.fr_apl_02),
            ("consents and signatures", self.sign),
            ("send", self.send),
        ):
            self.step(name, act)

    def page(self, panel: str = "") -> str:
        return f"/asesi/permohonan/{self.case}" + (f"/{panel}" if panel else "")

    def press_through_a_cut(self, press: Callable[[], None], sent: Callable[[], bool]) -> None:
        """The signal goes as the button is pressed; the person presses again until the page says it was taken."""
        self.link.cut(SIGNAL_LOST)
        for _ in range(6):
            press()
            if sent():
                return
            time.sleep(3)
        raise AssertionError(f"never sent: {self.hands.text()[:600]}")

    def sign_up(self) -> None:
        hands = self.hands
        hands.go("/daftar")
        hands.fill("Nama lengkap sesuai KTP", PERSON["nama"])
        hands.fill("E-mail", EMAIL)
        hands.fill("Kata sandi baru", PASSWORD)
        hands.press("Daftar")
        hands.go(f"/tautan/{self.mailed()}")
        hands.fill("Kata sandi", PASSWORD)
        hands.press("Konfirmasi alamat ini")

    def begin(self) -> None:
        hands = self.hands
        hands.go("/asesi/mulai")
        hands.fill("ID Izin", ID_IZIN)
        hands.tick("Petugas K3 (skema contoh)")
        hands.tick("Baru")
        hands.tick("Jarak jauh (daring)")
        hands.press("Mulai")
        self.case = hands.path().split("/permohonan/")[1].split("/")[0].split("?")[0]

    def fr_apl_01(self) -> None:
        hands = self.hands
        hands.go(self.page("fr-apl-01/pribadi"))
        day, month, year = PERSON["tanggal_lahir"].split("/")
        hands.fill("Nomor KTP/NIK", PERSON["nik"])
        hands.fill("Tempat lahir", PERSON["tempat_lahir"])
        hands.fill("Tanggal lahir", f"{year}-{month}-{day}")
        hands.tick("Laki-laki" if PERSON["jenis_kelamin"] == "L" else "Perempuan")
        hands.fill("Alamat rumah", PERSON["alamat"])
        hands.pick("Provinsi", PERSON["provinsi"].title())
        hands.pick("Kabupaten/kota", PERSON["kota"].title())
        hands.fill("Nomor HP", PERSON["telp"])
        self.press_through_a_cut(
            lambda: hands.press("Simpan dan lanjut"), lambda: "/pribadi" not in hands.path()
        )
        hands.pick("Jenjang", PERSON["pendidikan"])
        hands.fill("Nama sekolah atau perguruan tinggi", "SMK Contoh Rekaan")
        hands.press("Tambahkan")
        hands.follow("Lanjut ke Pekerjaan sekarang")
        hands.fill("Nama institusi/perusahaan", PERSON["instansi"] or "Perorangan")
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

    def documents(self) -> None:
        self.hands.go(self.page("dokumen"))
        for number, label in enumerate(DOCUMENTS):
            content = photo(label)
            self.photo_bytes.append(len(content))
            self.send_document(label, content, cut=number == 2)

    def send_document(self, label: str, content: bytes, *, cut: bool) -> None:
        """Choose and press once; after a cut the page sends it again by itself."""
        hands = self.hands
        name = f"Foto atau berkas {label}"
        row = hands.page.locator("main ul.list > li").filter(
            has=hands.page.locator(f'input[aria-label="{name}"]')
        )
        place = f"#{row.first.get_attribute('id')}"
        hands.attach((f"{label}.jpg", content), label=name)
        before = self.link.sent
        hands.page.locator(place).get_by_role("button", name="Unggah", exact=True).click()
        if cut:
            while self.link.sent - before < 60_000:
                hands.page.wait_for_timeout(100)
            self.link.cut(SIGNAL_LOST)
        hands.page.locator(f"{place} .badge").get_by_text("Ada", exact=True).wait_for()

    def fr_apl_02(self) -> None:
        hands = self.hands
        for number in range(1, UNITS + 1):
            hands.go(self.page(f"fr-apl-02/{number}"))
            hands.tick_all('main input[type=radio][value="K"]')
            if number == 5:
                self.link.cut(SIGNAL_LOST)
            hands.fill_all("main textarea", "Pernah saya kerjakan di proyek rumah susun contoh.")
            self.press_on(number)
        hands.go(self.page("fr-apl-02"))
        assert "27 dari 27" in hands.text(), hands.text()[:800]

    def press_on(self, number: int) -> None:
        for _ in range(6):
            self.hands.press("Simpan, lanjut nanti")
            if not self.hands.path().endswith(f"fr-apl-02/{number}"):
                return
            time.sleep(3)
        raise AssertionError(f"unit {number} was not saved: {self.hands.text()[:600]}")

    def sign(self) -> None:
        hands = self.hands
        hands.go(self.page("persetujuan"))
        for text in (
            "Pemrosesan data pribadi",
            "Perjanjian sertifikasi",
            "Pernyataan pemegang sertifikat",
        ):
            hands.press(f"Saya setuju {text}")
        hands.go(self.page("tanda-tangan"))
        for form in ("FR.APL.01", "FR.APL.02"):
            key = form.lower().replace(".", "-")
            hands.fill("Ketik nama lengkap Anda", PERSON["nama"], within=f'form[action$="/{key}"]')
            hands.press(f"Tanda tangani {form}")

    def send(self) -> None:
        self.hands.go(self.page("kirim"))
        self.hands.press("Kirim permohonan")
        self.hands.go(self.page())
        assert "Menunggu verifikasi" in self.hands.text(), self.hands.text()[:800]


def mailed_token(data: Path) -> str:
    """The token of a link as mailed to the new person; made anew here, as nobody's mailbox is."""
    from lsp import config, create_app
    from lsp.database import db, write_transaction
    from lsp.services import accounts
    from lsp.vocabulary import LinkPurpose

    with create_app(config.from_environment({"LSP_DATA": str(data)})).app_context():
        with write_transaction():
            person = accounts.find_by_email(EMAIL)
            assert person is not None, "nobody signed up"
            token = accounts.mail_link(person, LinkPurpose.VERIFY_EMAIL)
        db.engine.dispose()
    return token


def walk(data: Path, browser: Any) -> Walk:
    """The whole way on an installation of its own in `data`."""
    prepare(data)
    port = free_port()
    with (
        Link("127.0.0.1", port, 400_000, 0.4) as link,
        portal(data, port=port, base_url=link.address),
    ):
        context = browser.new_context(viewport={"width": 360, "height": 740}, locale="id-ID")
        context.set_default_timeout(_PATIENCE)
        context.set_default_navigation_timeout(_PATIENCE)
        person = Walk(
            ChromiumHands(context.new_page(), link.address, scripts=True),
            link,
            lambda: mailed_token(data),
        )
        person.whole()
        context.close()
        return person


def main() -> None:
    from playwright.sync_api import sync_playwright

    data = Path(tempfile.mkdtemp())
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
                args=["--no-sandbox"],
            )
            done = walk(data, browser)
            browser.close()
    finally:
        shutil.rmtree(data, ignore_errors=True)
    for name, seconds in done.seconds.items():
        print(f"{name}: {seconds:.0f} s")
    print(f"whole: {sum(done.seconds.values()):.0f} s, {done.link.cuts} cuts")
    print(
        f"photos: {min(done.photo_bytes) / 1e6:.1f} to {max(done.photo_bytes) / 1e6:.1f} MB as taken"
    )
    print(
        f"sent {done.link.up.carried / 1e6:.2f} MB, received {done.link.down.carried / 1e6:.2f} MB"
    )


if __name__ == "__main__":
    main()
