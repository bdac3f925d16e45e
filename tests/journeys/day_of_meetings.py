"""A day of meetings as its thirteen people plan and hold it, each in a browser context of his own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from itertools import combinations

import time_machine
from flask import url_for
from sqlalchemy import ColumnElement, select

from lsp import clock
from lsp.database import db
from lsp.models import Booking, Permohonan, Slot, User
from lsp.services.demo_accounts import DEMO_PASSWORD
from tests.journeys.certification import SKEMA, photo
from tests.journeys.hands import ChromiumHands
from tests.journeys.pre_assessment import PreAssessment

ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
HOURS = range(9, 16)
BATCH = "Gelombang satu hari"
_PRESS = """label => setTimeout(() => [...document.querySelectorAll("main form button")]
  .find(button => button.textContent.trim() === label).click(), 100)"""


Span = tuple[datetime, datetime]


def _stood(seat: Booking) -> Span:
    """From when to when a seat was somebody's."""
    return seat.created_at, seat.cancelled_at or seat.closed_at or clock.now()


def _held(seat: Booking) -> Span:
    return seat.slot.starts_at, seat.slot.ends_at


def _cross(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


class DayOfMeetings:
    """What the people do, by their accounts (`admin`, `asesor1`, `asesi1`); who stands where is read from the rows."""

    def __init__(
        self, browser: Callable[[], ChromiumHands], cases: dict[str, str], moment: time_machine.Traveller
    ) -> None:  # fmt: skip
        self.browser, self.cases, self.moment = browser, cases, moment
        self.hands: dict[str, ChromiumHands] = {}
        self.day = clock.today_wib() + timedelta(days=2)

    # --- people and time -------------------------------------------------------------------------------------

    def at(self, account: str, path: str) -> ChromiumHands:
        """That person's browser at a page; who was away too long signs in again."""
        if account not in self.hands:
            self.hands[account] = self.browser()
        hands = self.hands[account]
        hands.go(path)
        if hands.path().startswith("/masuk"):
            hands.fill("E-mail", f"{account}@demo.example", within="main")
            hands.fill("Kata sandi", DEMO_PASSWORD, within="main")
            hands.press("Masuk", within="main")
            hands.go(path)
        return hands

    def asesi(self, account: str, tail: str = "") -> ChromiumHands:
        return self.at(account, f"/asesi/permohonan/{self.cases[account]}{tail}")

    def person(self, account: str) -> User:
        db.session.rollback()
        return db.session.scalars(select(User).where(User.email == f"{account}@demo.example")).one()

    def clock_at(self, day: date, hour: int, minute: int = 0) -> None:
        """Move the clock of the portal to an hour in WIB."""
        self.moment.move_to(datetime.combine(day, time(hour, minute), clock.WIB))

    # --- what stands in the database -------------------------------------------------------------------------

    def slot(self, asesor: str, hour: int, *, later: int = 0) -> str:
        """Public id of the meeting at that hour (WIB), `later` days after the day."""
        begins = datetime.combine(self.day + timedelta(days=later), time(hour), clock.WIB)
        who = self.person(asesor).id
        query = select(Slot.public_id).filter_by(asesor_id=who, starts_at=begins, cancelled_at=None)
        return db.session.scalars(query).one()

    def seat(self, account: str) -> Booking | None:
        """The seat that stands now."""
        return next(iter(self.seats(Permohonan.public_id == self.cases[account])), None)

    def seats(self, *conditions: ColumnElement[bool]) -> list[Booking]:
        """The seats that stand now."""
        return self._booked(
            Booking.cancelled_at.is_(None), Booking.closed_at.is_(None), *conditions
        )

    def _booked(self, *conditions: ColumnElement[bool]) -> list[Booking]:
        db.session.rollback()
        case = Permohonan.id == Booking.permohonan_id
        query = select(Booking).join(Slot).join(Permohonan, case).where(*conditions)
        return list(db.session.scalars(query))

    def assert_no_clash(self) -> None:
        """Nobody was to be in two places at once, at no moment since the first seat was taken."""
        for one, other in combinations(self._booked(), 2):
            together = _cross(_stood(one), _stood(other)) and _cross(_held(one), _held(other))
            asesor = one.slot_id != other.slot_id and one.slot.asesor_id == other.slot.asesor_id
            asesi = one.permohonan.asesi_id == other.permohonan.asesi_id
            assert not (together and (asesor or asesi)), (one.slot.starts_at, one.slot.asesor.name)

    # --- planning ----------------------------------------------------------------------------------------------

    def make_jadwal(self) -> None:
        admin = self.at("admin", "/admin/jadwal/baru")
        admin.fill("Nama jadwal", BATCH)
        admin.pick("Skema", SKEMA)
        admin.pick("TUK", "TUK Sewaktu Jarak Jauh")
        admin.tick("Jarak jauh (daring)")
        admin.fill("Mulai tanggal", clock.today_wib().isoformat())
        admin.fill("Sampai tanggal", (self.day + timedelta(days=20)).isoformat())
        admin.pick("Asesor 1", self.person("asesor1").name)
        admin.pick("Asesor 2", self.person("asesor2").name)
        admin.press("Simpan sebagai draf")
        admin.press("Konfirmasi jadwal")
        assert "Dikonfirmasi" in admin.text()

    def take_day_off(self, asesor: str, day: date) -> None:
        hands = self.at(asesor, "/asesor/tidak-bertugas")
        hands.fill("Hari pertama", day.isoformat())
        hands.press("Catat")

    def open_series(self, asesor: str) -> str:
        """The admin opens that asesor's meetings on the day and the day after; what the preview said."""
        admin = self.at("admin", "/admin/jadwal")
        admin.follow(BATCH)
        admin.follow("Buka banyak slot")
        admin.pick("Asesor", self.person(asesor).name)
        admin.tick("Pra-asesmen")
        admin.tick("Rabu")
        admin.tick("Kamis")
        admin.fill("Mulai tanggal", self.day.isoformat())
        admin.fill("Selama (minggu)", "1")
        admin.fill("Dari jam", f"{HOURS[0]:02}:00")
        admin.fill("Sampai jam", f"{HOURS[-1] + 1:02}:00")
        admin.tick("Tetap buka di hari libur")
        admin.press("Lihat dulu")
        said = admin.text()
        admin.press_first("Buka ", within="main form")
        assert "slot dibuka" in admin.text()
        return said

    def choose(self, account: str, slot: str) -> ChromiumHands:
        """The page that asks once more, by the link of that meeting."""
        hands = self.asesi(account, "/jadwal")
        [link] = hands.actions(f'#schedule-panel a[href$="/{slot}"]')
        hands.go(link)
        return hands

    def book(self, account: str, slot: str) -> None:
        hands = self.choose(account, slot)
        hands.press("Pesan jadwal ini")
        assert "Jadwal dipesan" in hands.text()
        self.assert_no_clash()

    def race(self, slot: str, *accounts: str) -> tuple[str, str]:
        """Two press for the last seat in the same moment. (who has it, who has not)."""
        both = [self.choose(account, slot) for account in accounts]
        for hands in both:
            hands.page.evaluate(_PRESS, "Pesan jadwal ini")
        for hands in both:
            hands.page.wait_for_url(lambda address: "/waktu/" not in address)
        self.assert_no_clash()
        winner, loser = sorted(accounts, key=lambda account: self.seat(account) is None)
        assert "Jadwal dipesan" in self.hands[winner].text()
        assert "Kursi terakhir baru saja diambil orang lain" in self.hands[loser].text()
        assert self.seat(loser) is None
        return winner, loser

    def move(self, account: str, slot: str) -> None:
        hands = self.choose(account, slot)
        hands.fill("Alasan Anda", "Ada tugas proyek pada jam itu.")
        hands.press("Pindahkan rapat")
        assert "Jadwal dipindahkan" in hands.text()
        self.assert_no_clash()

    def give_back(self, account: str) -> None:
        hands = self.asesi(account, "/jadwal/batal")
        hands.fill("Alasan Anda", "Belum tahu waktu penggantinya.")
        hands.press("Lepas jadwal")
        assert self.seat(account) is None

    def move_by_admin(self, account: str, slot: str) -> None:
        admin = self.at("admin", f"/admin/permohonan/{self.cases[account]}/pindah-jadwal")
        admin.tick_all(f'input[name="slot"][value="{slot}"]')
        admin.fill("Alasan", "Diminta asesi lewat telepon.")
        admin.press("Pindahkan rapat")
        self.assert_no_clash()

    def fall_ill(self, asesor: str, day: date) -> str:
        """“Asesor berhalangan”: everybody of that day in one press, as proposed; what the portal said."""
        admin = self.at("admin", "/admin/jadwal")
        admin.follow("Asesor berhalangan…")
        admin.pick("Asesor", self.person(asesor).name)
        admin.fill("Dari tanggal", day.isoformat())
        admin.press("Tampilkan rapatnya")
        admin.fill("Alasan", "Asesor sakit hari itu.")
        admin.press("Jalankan untuk semua")
        self.assert_no_clash()
        return admin.text()

    # --- the day -----------------------------------------------------------------------------------------------

    def meeting(self, account: str) -> PreAssessment[ChromiumHands]:
        """The meeting that he holds a seat in, with both signed in."""
        seat = self.seat(account)
        assert seat is not None
        asesor, email = seat.slot.asesor.name, seat.slot.asesor.email
        hands = self.at(email.partition("@")[0], "/asesor")
        return PreAssessment(
            hands, self.asesi(account), self.cases[account], asesor, self.person(account).name
        )

    def join(self, hands: ChromiumHands) -> None:
        """“Masuk rapat” opens the room in a tab of its own."""
        with hands.page.context.expect_page() as opened:
            hands.press("Masuk rapat (tab baru)")
        opened.value.wait_for_url("https://meet.jit.si/**")
        opened.value.close()

    def join_both(self, account: str) -> PreAssessment[ChromiumHands]:
        meeting = self.meeting(account)
        meeting.at_asesi()
        self.join(meeting.asesi)
        meeting.at_asesor()
        self.join(meeting.asesor)
        meeting.at_asesor()
        assert "Masuk lewat portal" in meeting.asesor.text()
        return meeting

    def note_absence(self, account: str) -> None:
        meeting = self.meeting(account)
        meeting.at_asesor()
        meeting.asesor.follow("Tidak hadir…")
        meeting.asesor.tick("Asesi")
        meeting.asesor.press("Catat tidak hadir")

    def ask_for_evidence(self, meeting: PreAssessment[ChromiumHands]) -> None:
        meeting.at_asesor("fr-apl-02")
        asesor = meeting.asesor
        asesor.tick("Tidak dapat dilanjutkan", within="#apl-02-panel form")
        asesor.fill("Bukti yang kurang", "Laporan harian K3 2024.", within="#apl-02-panel form")
        asesor.press("Simpan tinjauan")
        meeting.at_asesor()
        asesor.follow("Minta bukti tambahan (1 dari 2)…")
        asesor.press("Minta bukti tambahan")

    def refuse_recording(self, account: str) -> None:
        """He says no on his page; the asesor's open page hears it, and the meeting becomes luring."""
        meeting = self.join_both(account)
        meeting.greet()
        meeting.at_asesi()
        meeting.asesi.follow("Saya tidak mau direkam…")
        meeting.asesi.press("Saya tidak mau direkam")
        meeting.asesor.page.get_by_text("Asesi tidak mau direkam").first.wait_for()
        meeting.asesor.follow("Lepas jadwal rapat ini…")
        meeting.asesor.fill("Alasan", "Asesi tidak mau direkam, diganti tatap muka.")
        meeting.asesor.press("Lepas jadwal")
        admin = self.at("admin", f"/admin/permohonan/{self.cases[account]}")
        admin.follow("Ganti ke tatap muka (luring)…")
        admin.press("Ganti ke tatap muka")

    def keep_recording(self, meeting: PreAssessment[ChromiumHands]) -> None:
        meeting.at_asesor("rekaman")
        asesor = meeting.asesor
        asesor.fill("Tautan rekaman", "https://arsip.lsp.example/rapat-1")
        asesor.press("Simpan tautan")
        form = 'form[action$="/tangkapan-layar"]'
        asesor.attach(("layar.jpg", photo("Layar rapat")), within=form)
        asesor.press("Unggah", within=form)

    def packs(self) -> dict[str, str]:
        """Name of the asesi -> what the admin's list says of his pack."""
        admin = self.at("admin", url_for("admin.pack_list", kurang="semua"))
        return {
            words.split("\n")[0].strip(): " ".join(words.split())
            for words in admin.page.locator("main ul.list > li").all_inner_texts()
        }

    def names(self, accounts: Iterable[str]) -> set[str]:
        return {self.person(account).name for account in accounts}
