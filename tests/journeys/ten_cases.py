"""Ten prepared asesi of one jadwal, and what the people of the LSP do with them, each step in the words of the pages.

Here is the LSP with its people, its clock and their browsers, up to a booked meeting; ten_cases_meeting.py holds the
meetings, ten_cases_decided.py the pleno and what follows it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import time_machine
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import Booking, Permohonan, SkemaVersion, Slot, User, UserRole
from lsp.vocabulary import (
    InstrumentPaper,
    InvoiceKind,
    JadwalStatus,
    Mode,
    PermohonanStatus,
    Role,
)
from tests import factories
from tests.journeys.hands import PlainHands
from tests.support.assessment import make_instrument
from tests.support.instruments import leave_bare, name_evidence
from tests.support.meetings import make_jadwal, make_profile
from tests.workflow.cases import make_cast, make_permohonan, person

#: What asesi of the ten cases are called, by what happens to them.
NAMES = {
    "straight": "Agus Contoh Prasetyo",
    "gaps": "Bunga Contoh Lestari",
    "failed": "Candra Contoh Wijaya",
    "sent back": "Dewi Contoh Anggraini",
    "appeal granted": "Eko Contoh Saputra",
    "appeal denied": "Fitri Contoh Handayani",
    "again": "Gilang Contoh Ramadhan",
    "third party": "Hesti Contoh Wulandari",
    "interrupted": "Irfan Contoh Hidayat",
    "refused": "Joko Contoh Susilo",
}
#: What the key of a question in FR.IA.09 says; the asesi never reads it.
KEY = "Kunci7Q9K2Mrahasia"
#: The second of the two files that each asesi has named as evidence, for units 3 and 4.
REPORT = "Laporan pemeriksaan"
BATCH = "Gelombang sepuluh asesi"
WEEKDAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")


@dataclass(frozen=True)
class Person:
    """Somebody who signs in here; `id` finds the account again after any number of commits."""

    id: int
    name: str


@dataclass(frozen=True)
class Case:
    """One of the ten: its permohonan and its asesi."""

    key: str
    id: str
    asesi: Person


def _person(user: User) -> Person:
    return Person(user.id, user.name)


@dataclass
class Lsp:
    app: Flask
    moment: time_machine.Traveller
    cases: dict[str, Case] = field(default_factory=dict)
    browsers: dict[int, PlainHands] = field(default_factory=dict)
    #: By the key of the case: its file as the chair of the first pleno has it before him.
    files: dict[str, BeautifulSoup] = field(default_factory=dict)
    #: By the key of the case, where another than the asesor of the jadwal assesses.
    asesors: dict[str, Person] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._found_lsp()
        self.day = clock.today_wib() + timedelta(days=3)
        for key, name in NAMES.items():
            self.cases[key] = self._prepare(key, name)

    # --- before the meetings: rows, as others have left them ----------------------------------------------------

    def _found_lsp(self) -> None:
        cast = make_cast()
        cast.skema = factories.make_skema(remote=True, units=4, reassess_failed_units_only=True)
        cast.skema.methods = ["portofolio", "wawancara"]
        cast.mapa = factories.make_mapa(cast.skema, codes=("CVP", "PW"), series=7)
        self._write_muk(cast.skema)
        factories.make_fee(400_000, jenjang=cast.skema.jenjang, purpose=InvoiceKind.REASESMEN)
        jadwal = make_jadwal(
            cast.asesor,
            skema=cast.skema,
            asesor_2_id=cast.second_asesor.id,
            tuk_id=cast.tuk.id,
            name=BATCH,
            status=JadwalStatus.RUNNING,
        )
        cast.jadwal[Mode.DARING] = jadwal
        self.cast, self.jadwal, self.skema = cast, jadwal.public_id, cast.skema.title
        self.admin, self.ketua = _person(cast.admin), _person(cast.ketua)
        self.asesor, self.second = _person(cast.asesor), _person(cast.second_asesor)
        self.members = [_person(each) for each in cast.members]
        self.judges = [_person(person(Role.ANGGOTA_LUAR)), _person(person(Role.TIM_TEKNIS))]
        self.other_members = [_person(person(Role.TIM_TEKNIS)) for _ in range(3)]
        self.third_asesor = _person(person(Role.ASESOR, name="Asesor Contoh Ketiga"))
        make_profile(db.session.get_one(User, self.third_asesor.id))
        # The asesor sits in the tim teknis of this small LSP too, though never over his own asesi.
        cast.asesor.roles.append(UserRole(role=Role.TIM_TEKNIS, granted_at=clock.now()))
        db.session.commit()

    def _write_muk(self, skema: SkemaVersion) -> None:
        """The LSP's own question for unit 3, with a key for the asesor alone."""
        made = make_instrument(
            skema, InstrumentPaper.PW, questions=("Apa tindak lanjut temuan?",), in_force=False
        )
        made.items[0].elemen_id, made.items[0].key = skema.units[2].elements[0].id, KEY
        db.session.flush()
        made.effective_from, made.published_at = clock.today_wib(), clock.now()
        db.session.commit()

    def _prepare(self, key: str, name: str) -> Case:
        """Ready for the assessment, with two files that FR.APL.02 names: for units 1 and 2, and for 3 and 4."""
        asesi = person(Role.ASESI, name=name)
        case = make_permohonan(PermohonanStatus.READY, cast=self.cast, asesi=asesi)
        name_evidence(case, "Surat referensi kerja", [1, 2])
        name_evidence(case, REPORT, [3, 4])
        if key == "sent back":
            leave_bare(case, case.skema_version.units[2].elements[0])
        return Case(key, case.public_id, _person(asesi))

    # --- people and time ------------------------------------------------------------------------------------------

    def at(self, who: Person, path: str = "") -> PlainHands:
        """That person's browser, at a page where one is named."""
        if who.id not in self.browsers:
            client = factories.browser_of(self.app, db.session.get_one(User, who.id))
            self.browsers[who.id] = PlainHands(client, htmx=True)
        hands = self.browsers[who.id]
        if path:
            hands.go(path)
        return hands

    def clock_at(self, day: date, hour: int, minute: int = 0) -> None:
        """An hour in WIB. Who was signed in signs in again: a day at the LSP is longer than a place lasts."""
        self.moves_to(datetime.combine(day, time(hour, minute), clock.WIB))

    def moves_to(self, moment: datetime) -> None:
        self.moment.move_to(moment)
        self.browsers.clear()

    def at_asesor(self, case: Case, panel: str = "", who: Person | None = None) -> PlainHands:
        tail = f"/{panel}" if panel else ""
        return self.at(who or self.asesor_of(case), f"/asesor/permohonan/{case.id}{tail}")

    def at_asesi(self, case: Case, panel: str = "") -> PlainHands:
        return self.at(case.asesi, f"/asesi/permohonan/{case.id}{f'/{panel}' if panel else ''}")

    def at_admin(self, path: str) -> PlainHands:
        return self.at(self.admin, f"/admin{path}")

    def asesor_of(self, case: Case) -> Person:
        """Who assesses this asesi now."""
        return self.asesors.get(case.key, self.asesor)

    # --- planning -------------------------------------------------------------------------------------------------

    def open_slots(self) -> None:
        """The admin opens the asesor's day, an hour an asesi, from 8 to 18."""
        admin = self.at_admin(f"/jadwal/{self.jadwal}/slot/banyak")
        admin.pick("Asesor", self.asesor.name)
        admin.tick("Asesmen")
        admin.tick(WEEKDAYS[self.day.weekday()])
        admin.fill("Mulai tanggal", self.day.isoformat())
        admin.fill("Selama (minggu)", "1")
        admin.fill("Dari jam", "08:00")
        admin.fill("Sampai jam", "18:00")
        admin.tick("Tetap buka di hari libur")
        admin.press("Lihat dulu")
        admin.press("Buka 10 slot")

    def book(self, case: Case) -> None:
        """The asesi takes the soonest meeting that is free."""
        asesi = self.at_asesi(case, "jadwal")
        asesi.go(asesi.actions("#schedule-panel .list a")[0])
        asesi.press("Pesan jadwal ini")
        assert "Jadwal dipesan" in asesi.text()

    def open_one_slot(
        self, day: date, hour: int, *, asesor: Person | None = None, jadwal: str = BATCH
    ) -> None:
        """A meeting of the same jadwal for who has to go on."""
        desk = self.at(asesor or self.asesor, "/asesor/slot")
        desk.pick("Jadwal", jadwal)
        desk.tick("Asesmen", within="main form")
        desk.fill("Tanggal", day.isoformat())
        desk.fill("Jam mulai", f"{hour:02}:00")
        desk.press("Buka slot")

    def hour_of(self, case: Case) -> datetime:
        """When the meeting of this asesi begins."""
        db.session.rollback()
        seats = select(Slot).join(Booking).join(Permohonan).where(
            Permohonan.public_id == case.id, Booking.cancelled_at.is_(None), Booking.closed_at.is_(None)
        )  # fmt: skip
        return db.session.scalars(seats).one().starts_at
