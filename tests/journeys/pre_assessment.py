"""A pre-assessment as its two people hold it: the asesor along the order of his page, the asesi on his own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from lsp import clock
from tests.journeys.hands import Hands

BEFORE_CONSENT = (
    "Surat tugas diperlihatkan",
    "Asesor hadir",
    "Asesi hadir",
    "Wajah cocok dengan KTP dan pas foto",
    "Ruangan diperlihatkan, tidak ada orang lain",
)
AFTER_CONSENT = ("Perekam dinyalakan", "Saya tanpa benturan kepentingan dengan asesi ini")
EXPLAINED = (
    "Hak dan prosedur banding sudah dijelaskan",
    "Kerahasiaan, keluhan, dan asesmen ulang dijelaskan",
)


#: The asesor's and the asesi's hands are of one kind, which the caller knows.
AnyHands = TypeVar("AnyHands", bound=Hands)


@dataclass
class PreAssessment(Generic[AnyHands]):
    """A meeting under way. `asesor_name`, `asesi_name`: as each types it below a paper."""

    asesor: AnyHands
    asesi: AnyHands
    case: str
    asesor_name: str
    asesi_name: str

    def at_asesor(self, panel: str = "") -> None:
        self.asesor.go(f"/asesor/permohonan/{self.case}" + (f"/{panel}" if panel else ""))

    def at_asesi(self) -> None:
        self.asesi.go(f"/asesi/permohonan/{self.case}/rapat")

    # --- the opening, of an assessment too ---------------------------------------------------------------------

    def open(self) -> None:
        self.greet()
        self.consent()
        self.begin()

    def greet(self) -> None:
        self.note(BEFORE_CONSENT)

    def consent(self) -> None:
        """The asesi agrees to the recording on his own page."""
        self.at_asesi()
        self.asesi.press("Saya setuju direkam")

    def begin(self) -> None:
        """The recorder runs, and the asesor has no conflict of interest."""
        self.note(AFTER_CONSENT)

    def note(self, ticks: tuple[str, ...]) -> None:
        """Press what this kind of meeting asks for."""
        self.at_asesor()
        for words in ticks:
            if self.asesor.count(f'[aria-label="Catat: {words}"]'):
                self.asesor.press(f"Catat: {words}")
                if "Mulai rapat ini sekarang?" in self.asesor.text():  # before its time: asked once
                    self.asesor.press(f"Mulai, catat: {words}")
                    self.at_asesor()

    # --- the papers ------------------------------------------------------------------------------------------------

    def confirm_data(self) -> None:
        self.at_asesor("data")
        self.asesor.press("Sisanya sesuai")

    def walk_evidence(self, units: int = 9) -> None:
        """Every unit in turn: its evidence meets the rules, so it may go on."""
        self.at_asesor("bukti")
        for number in range(1, units + 1):
            if self.asesor.count('button[name="semua"]'):
                self.asesor.press("Jawab Ya untuk yang masih kosong")
            self.asesor.tick("Dapat dilanjutkan", within="#evidence-panel")
            last = number == units
            self.asesor.press(
                "Simpan, ke tinjauan" if last else f"Simpan, lanjut unit {number + 1}"
            )

    def review(self) -> None:
        self.at_asesor("fr-apl-02")
        self.asesor.tick("Dapat dilanjutkan", within="#apl-02-panel form")
        self.asesor.press("Simpan tinjauan")

    def plan(self) -> None:
        """Which MAPA, no adjustment, and when and where the assessment will be."""
        self.at_asesor("fr-mapa")
        self.asesor.tick_all('#mapa-panel input[name="mapa"]:not([disabled])')
        self.asesor.press("Simpan rencana")
        self.at_asesor("fr-ak-07")
        self.asesor.tick_all('#ak-07-panel input[name="potential"][value="3"]')
        self.asesor.press("Tidak ada kebutuhan penyesuaian")
        self.at_asesor("pelaksanaan")
        day = clock.now().astimezone(clock.WIB).date() + timedelta(days=3)
        self.asesor.fill("Hari/Tanggal", day.isoformat())
        self.asesor.fill("Waktu", "10:00", within="#held-panel")
        self.asesor.fill("Kontak cadangan asesi", "081200000000")
        self.asesor.press("Simpan kesepakatan")

    def explain(self) -> None:
        self.note(EXPLAINED)

    def lay_out(self) -> None:
        """FR.AK.01 is made ready and signed by the asesor."""
        self.at_asesor("fr-ak-01")
        self.asesor.press("Simpan, siap ditandatangani")
        self.at_asesor("fr-ak-01")
        self.asesor.fill_all('main input[name="typed_name"]', self.asesor_name)
        self.asesor.press("Tanda tangani FR.AK.01")

    def sign(self, form: str = "FR.AK.01", *, names: str = "") -> None:
        """The asesi signs on his own page. names: what the button says where one press signs several papers."""
        self.at_asesi()
        self.sign_here(form, names=names)

    def sign_here(self, form: str = "FR.AK.01", *, names: str = "") -> None:
        key = form.lower().replace(".", "-")
        within = f'form[action$="/{key}"]'
        self.asesi.fill("Ketik nama lengkap Anda", self.asesi_name, within=within)
        self.asesi.press(f"Tanda tangani {names or form}")

    def go_on(self) -> None:
        """On to the assessment; what was left undone is read once more on a page of its own."""
        self.at_asesor()
        self.asesor.press_or_follow("Lanjut ke asesmen")
        if self.asesor.path().endswith("/lanjut"):
            self.asesor.press("Lanjut ke asesmen")

    def papers(self) -> None:
        """From the data to FR.AK.01 as the asesor has signed it."""
        self.confirm_data()
        self.walk_evidence()
        self.review()
        self.plan()
        self.explain()
        self.lay_out()
