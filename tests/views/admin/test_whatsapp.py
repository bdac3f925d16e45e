"""WhatsApp by hand: which texts a case offers, numbers as people write them, what is sealed and what no log knows."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from flask import url_for

from lsp import logs
from lsp.actor import SYSTEM
from lsp.database import db, write_transaction
from lsp.models import AuditEvent, FrApl01, WhatsappText
from lsp.services import installation, whatsapp
from lsp.vocabulary import MeetingKind, PermohonanStatus, Role
from lsp.workflow.effects import meeting
from tests import factories
from tests.factories import browser_of
from tests.html import h1, soup
from tests.support.calendars import move_seat
from tests.workflow.cases import hold_seat, make_permohonan

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
NEW_YEAR = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
NUMBER = "0899-0000-0001"


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(MONDAY):
        yield


@pytest.fixture
def booked(cast):
    """(case, seat) of an asesi in Makassar with a mobile number."""
    case = make_permohonan(PermohonanStatus.PAID, cast=cast)
    case.asesi.zone = "Asia/Makassar"
    case.asesi_name = "Siti {lsp} & Co"
    set_number(case, NUMBER)
    seat = hold_seat(case, MeetingKind.PRE_ASSESSMENT, cast, starts_at=NEW_YEAR)
    db.session.commit()
    db.session.expire_all()
    return case, seat


def set_number(case, number):
    form = db.session.query(FrApl01).filter_by(permohonan_id=case.id).one()
    form.phone_mobile = number
    db.session.commit()


@pytest.fixture
def admin(app, cast):
    return browser_of(app, cast.admin)


def offered(browser, case) -> list[str]:
    page = soup(browser.get(url_for("admin.whatsapp", permohonan_id=case.public_id)))
    return [heading.text for heading in page.select("main section h2")]


def open_text(browser, case, kind, area="admin"):
    address = url_for(f"{area}.open_whatsapp", permohonan_id=case.public_id)
    return browser.post(address, data={"kind": kind})


class TestNumbers:
    @pytest.mark.parametrize(
        ("written", "number"),
        [
            ("0812-3456-7890", "6281234567890"),
            ("0812 3456 7890", "6281234567890"),
            ("+62 812 3456 7890", "6281234567890"),
            ("+62 (0)812 3456 7890", "6281234567890"),
            ("62812345678", "62812345678"),
            ("0062 812 3456 7890", "6281234567890"),
            ("812 3456 7890", "6281234567890"),
            ("+60 12-345 6789", "60123456789"),
            ("021-7654321", None),
            ("+62 21 7654321", None),
            ("0812 345", None),
            ("", None),
        ],
    )
    def test_as_people_write_them(self, written, number):
        assert whatsapp.international(written) == number


class TestOffers:
    def test_follow_the_meeting(self, admin, booked):
        case, seat = booked
        assert offered(admin, case) == ["Undangan rapat", "Pengingat rapat"]
        move_seat(case, seat, NEW_YEAR + timedelta(days=1))
        assert offered(admin, case) == ["Rapat dipindah", "Pengingat rapat"]
        with write_transaction():
            meeting.free_seat(db.session.merge(case), SYSTEM, "Sakit.")
        assert offered(admin, case) == ["Rapat dibatalkan"]
        with time_machine.travel(NEW_YEAR + timedelta(days=2)):
            assert whatsapp.prepared_for(case, "") == []

    def test_are_filled_for_their_reader(self, admin, booked):
        case, _ = booked
        page = admin.get(url_for("admin.whatsapp", permohonan_id=case.public_id))
        text = soup(page).select_one("p.note").text
        assert "Halo Siti {lsp} & Co," in text, "braces in a name stay braces"
        assert "Jumat, 1 Januari 2027 pukul 00.30 WITA" in text
        assert url_for("asesi.meeting", permohonan_id=case.public_id, _external=True) in text
        assert NUMBER not in page.text
        assert "62899" not in page.text

    def test_the_case_leads_there_for_both(self, app, admin, booked, cast):
        case, _ = booked
        for browser, area in ((admin, "admin"), (browser_of(app, cast.asesor), "asesor")):
            page = soup(browser.get(url_for(f"{area}.permohonan", permohonan_id=case.public_id)))
            link = page.find("a", string="WhatsApp ke asesi")["href"]
            assert link == url_for(f"{area}.whatsapp", permohonan_id=case.public_id)
            assert browser.get(link).status_code == 200

    def test_the_page_of_the_admin_keeps_his_menu_and_speaks_plainly(
        self, app, admin, booked, cast
    ):
        case, _ = booked
        page = soup(admin.get(url_for("admin.whatsapp", permohonan_id=case.public_id)))
        assert page.select_one("nav.tabs [aria-current]").get_text() == "Pekerjaan"
        assert page.select_one("nav.tabs")
        assert "rantai audit" not in page.text
        own = browser_of(app, cast.asesor).get(
            url_for("asesor.whatsapp", permohonan_id=case.public_id)
        )
        assert soup(own).select_one("nav.tabs") is None

    def test_another_asesor_of_the_batch_gets_neither_texts_nor_number(self, app, booked, cast):
        case, seat = booked
        other = factories.make_user(Role.ASESOR)
        seat.slot.jadwal.asesor_1_id, seat.slot.asesor_id = cast.asesor.id, other.id
        seat.slot.jadwal.asesor_2_id = None
        db.session.commit()
        browser = browser_of(app, cast.asesor)
        page = browser.get(url_for("asesor.permohonan", permohonan_id=case.public_id))
        assert page.status_code == 200
        assert "WhatsApp ke asesi" not in page.text
        address = url_for("asesor.whatsapp", permohonan_id=case.public_id)
        assert browser.get(address).status_code == 404
        assert open_text(browser, case, "invitation", "asesor").status_code == 404
        assert browser_of(app, other).get(address).status_code == 200
        seat.slot.jadwal.asesor_1_id, seat.slot.jadwal.asesor_2_id = other.id, cast.asesor.id
        db.session.commit()
        assert browser.get(address).status_code == 200


class TestOpening:
    @pytest.mark.parametrize("area", ["admin", "asesor"])
    def test_leads_to_whatsapp_by_a_page_of_ours(self, app, booked, cast, area):
        case, _ = booked
        browser = browser_of(app, getattr(cast, area))
        answer = open_text(browser, case, "invitation", area)
        page = soup(answer)
        assert (answer.status_code, h1(page)) == (200, "Membuka WhatsApp")
        link = page.select_one("main a.btn.main")
        assert "noreferrer" in link["rel"]
        address = urlsplit(link["href"])
        assert (address.scheme, address.netloc, address.path) == (
            "https",
            "wa.me",
            "/6289900000001",
        )
        [text] = parse_qs(address.query)["text"]
        assert text.startswith(
            f"Halo Siti {{lsp}} & Co, rapat pra-asesmen Anda bersama asesor {cast.asesor.name}"
        )
        assert page.select_one("meta[http-equiv=refresh]")["content"] == f"0;url={link['href']}"
        assert answer.headers["Cache-Control"] == "no-store"

    def test_is_sealed_without_number_and_text(self, admin, booked, cast):
        case, _ = booked
        open_text(admin, case, "reminder")
        [event] = db.session.query(AuditEvent).filter_by(action="whatsapp.open").all()
        assert (event.actor_id, event.object_id) == (cast.admin.id, case.public_id)
        assert json.loads(event.details) == {"kind": "reminder"}
        assert "89900000001" not in repr(vars(event))

    def test_no_log_line_tells_the_number(self, admin, booked, capsys):
        case, _ = booked
        logs.configure(testing=False)
        try:
            open_text(admin, case, "invitation")
        finally:
            logs.configure(testing=True)
        said = capsys.readouterr().out
        assert "admin.open_whatsapp" in said
        assert "8990" not in said

    @pytest.mark.parametrize(
        ("number", "sentence"),
        [(None, "belum ada di FR.APL.01"), ("021-7654321", "bukan nomor yang")],
    )
    def test_without_a_mobile_number_it_says_how_to_go_on(self, admin, booked, number, sentence):
        case, _ = booked
        set_number(case, number)
        answer = open_text(admin, case, "invitation")
        assert answer.status_code == 409
        assert sentence in answer.text
        assert "e-mail" in answer.text
        assert db.session.query(AuditEvent).filter_by(action="whatsapp.open").count() == 0

    @pytest.mark.parametrize("kind", ["cancelled", "", "x" * 500])
    def test_a_text_that_fits_no_more_is_not_opened(self, admin, booked, kind):
        case, _ = booked
        answer = open_text(admin, case, kind)
        assert answer.status_code == 409
        assert "tidak berlaku lagi" in answer.text

    def test_opens_a_tab_of_its_own(self, admin, booked):
        page = soup(admin.get(url_for("admin.whatsapp", permohonan_id=booked[0].public_id)))
        assert {each["target"] for each in page.select("main form")} == {"_blank"}


class TestTexts:
    @pytest.fixture
    def row(self, app):
        return whatsapp.standing()[0]

    def change(self, admin, row, text):
        address = url_for("admin.change_whatsapp_text", whatsapp_id=row.public_id)
        return admin.post(address, data={"text": text})

    def test_a_change_keeps_the_old_words(self, admin, row, booked):
        kind, old = row.kind, row.text
        answer = self.change(admin, row, "Halo {nama},\nrapat {waktu}.")
        assert answer.location == url_for("admin.whatsapp_texts")
        assert whatsapp.standing()[0].text == "Halo {nama},\nrapat {waktu}."
        kept = db.session.query(WhatsappText).filter(WhatsappText.retired_at.is_not(None)).one()
        assert (kept.kind, kept.text) == (kind, old)
        assert (
            "Halo Siti"
            in admin.get(url_for("admin.whatsapp", permohonan_id=booked[0].public_id)).text
        )

    def test_what_was_retired_does_not_come_back_at_the_next_start(self, admin, row):
        self.change(admin, row, "Halo, {waktu}.")
        installation.prepare_database()
        db.session.commit()
        assert len(whatsapp.standing()) == 4

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("Halo {nik}", "Portal tidak mengenal {nik}"),
            ("Halo {nama, rapat {waktu}", "tidak berpasangan"),
            ("Halo nama}, rapat {waktu}", "tidak berpasangan"),
            ("Halo {nama}", "belum menyebut kapan rapatnya"),
            ("", "teksnya"),
            ("a" * 701, "701 karakter"),
        ],
    )
    def test_what_is_refused_stays_typed(self, admin, row, text, sentence):
        answer = self.change(admin, row, text)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert soup(answer).select_one("textarea").text.strip() == text

    def test_of_two_who_change_it_the_second_is_told(self, admin, row):
        address = row.public_id
        self.change(admin, row, "Halo {nama}, {waktu}.")
        gone = admin.post(
            url_for("admin.change_whatsapp_text", whatsapp_id=address), data={"text": "Hai."}
        )
        assert gone.status_code == 404

    def test_settings_lead_there(self, admin):
        page = soup(admin.get(url_for("admin.settings")))
        assert page.select_one(f'a[href="{url_for("admin.whatsapp_texts")}"]') is not None
        for row in whatsapp.standing():
            assert row.text in admin.get(url_for("admin.whatsapp_texts")).text
