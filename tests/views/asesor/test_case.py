"""The case in the order of a real meeting: ticks, consent, who may do what, and how much is read for it."""

from __future__ import annotations

import gzip

import pytest
from flask import url_for

from lsp import clock
from lsp.database import db, write_transaction
from lsp.services import device_check
from lsp.views.asesor.steps import PANELS
from lsp.vocabulary import Mode, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.meeting import remote_record_kept
from tests import factories
from tests.html import filled, form, h1, links, notices, soup, words
from tests.htmx import HX, same, swap
from tests.test_pages import count_queries
from tests.workflow.cases import actor_of, hold_seat, make_cast, make_permohonan, upload
from tests.workflow.people import MAPA_ID

S = PermohonanStatus
STATES = [S.PRE_SCHEDULED, S.READY, S.SCHEDULED, S.IN_ASSESSMENT, S.RECOMMENDED, S.ISSUED]
TICKS = ["surat", "asesor", "asesi", "identitas", "ruangan", "benturan", "banding", "hak"]


class TestEveryPanel:
    @pytest.mark.parametrize("work_done", [True, False])
    @pytest.mark.parametrize("status", STATES)
    def test_opens_in_every_state_whole_and_alone(self, desk_at, status, work_done):
        desk = desk_at(status, work_done=work_done)
        assert desk.case.asesi_name in h1(desk.get())
        for key in PANELS:
            whole = desk.get(f"/{key}")
            alone = soup(desk.browser.get(desk.url(f"/{key}"), headers=HX))
            roots = [node for node in alone.children if getattr(node, "name", None)]
            assert len(roots) == 1
            assert same(whole.find(id=roots[0]["id"]), roots[0]), key

    def test_an_unknown_panel_is_not_found(self, pre):
        assert pre.browser.get(pre.url("/tidak-ada")).status_code == 404

    def test_the_nik_is_masked(self, pre):
        nik = dossier_of(pre.case).fr_apl_01.nik
        page = words(pre.get("/data"))
        assert nik not in page
        assert f"************{nik[-4:]}" in page

    def test_the_way_into_the_meeting_writes_the_time_and_who_went_in_is_shown(self, pre):
        way_in = pre.get().find(id="masuk-rapat").find_parent("form")
        assert way_in["target"] == "_blank", "the page with the papers stays open"
        answer = pre.browser.post(way_in["action"], data=filled(way_in))
        assert soup(answer).find("a", attrs={"href": "https://meet.jit.si/rapat-rekaan"})
        assert f"Masuk lewat portal: {pre.cast.asesor.name}" in words(pre.get().main)

    def test_the_asesis_test_of_his_device_is_told_before_the_meeting(self, pre):
        assert "Perangkat asesi" not in words(pre.get().main)
        with write_transaction():
            device_check.keep_verdict(actor_of(pre.case.asesi), is_fit=False)
        assert "Perangkat asesi belum siap" in words(pre.get().main)

    def test_the_proof_of_payment_is_not_shown(self, pre):
        upload(pre.case, "Bukti bayar", "payment_proof")
        upload(pre.case, "Sertifikat pelatihan", "evidence")
        db.session.commit()
        page = words(pre.get("/data"))
        assert "Bukti bayar" not in page
        assert "Sertifikat pelatihan" in page


class TestTicks:
    @pytest.mark.parametrize("item", TICKS)
    def test_a_press_records_the_time_once(self, pre, item):
        assert pre.post(f"/catat/{item}").status_code == 303
        first = self._record(pre)
        assert pre.post(f"/catat/{item}").status_code == 303
        assert self._record(pre) == first

    @staticmethod
    def _record(desk):
        db.session.expire_all()
        row = dossier_of(desk.case).booking.record
        return {column.key: getattr(row, column.key) for column in row.__table__.columns}

    @pytest.mark.parametrize("item", TICKS)
    def test_htmx_and_page_agree(self, pre, item):
        pre.assert_htmx_equals_page(
            "/fr-mapa", "#meeting-order", f"/catat/{item}", {"buka": "fr-mapa"}
        )

    def test_the_opened_panel_stays_open(self, pre):
        answer = pre.post("/catat/asesor", {"buka": "fr-ak-07"})
        assert answer.location == pre.url("/fr-ak-07")

    def test_both_present_begins_the_pre_assessment(self, pre):
        pre.post("/catat/asesor")
        pre.post("/catat/asesi")
        assert self._record(pre)["started_at"] is not None

    def test_the_first_tick_begins_the_jadwal(self, pre):
        jadwal = pre.cast.jadwal[Mode.DARING]
        jadwal.status = "confirmed"
        db.session.commit()
        pre.post("/catat/asesor")
        db.session.expire_all()
        assert jadwal.status == "running"

    def test_an_unknown_item_is_refused_with_a_sentence(self, pre):
        answer = pre.post("/catat/cuaca")
        assert answer.status_code == 409
        assert "Butir ini tidak dikenal" in notices(soup(answer))[0]

    def test_after_the_meeting_nothing_is_ticked(self, desk_at):
        desk = desk_at(S.READY)
        assert desk.post("/catat/asesi").status_code == 409

    def test_face_to_face_asks_for_no_camera(self, desk_at):
        desk = desk_at(S.PRE_SCHEDULED, work_done=False, mode=Mode.LURING)
        page = words(desk.get().find(id="meeting-order"))
        assert "Wajah" not in page
        assert "direkam" not in page


class TestConsent:
    def test_it_is_waited_for_and_asked_again_ever_later(self, pre):
        row = pre.get().find(id="recording-consent")
        assert "menunggu asesi" in words(row)
        waits = []
        address = row["hx-get"]
        for _ in range(12):
            answer = pre.browser.get(address, headers=HX)
            assert len(answer.get_data()) <= 1000
            again = soup(answer).find(id="recording-consent")
            waits.append(int(again["hx-trigger"].split(":")[1].removesuffix("s")))
            address = again["hx-get"]
        assert waits == sorted(waits)
        assert waits[-1] == 60

    def test_at_last_it_asks_no_more_but_keeps_the_link(self, pre):
        row = soup(pre.browser.get(pre.url("/persetujuan-rekam?kali=999"), headers=HX)).find("li")
        assert "hx-get" not in row.attrs
        assert "Muat ulang" in links(row)

    def test_once_given_it_is_said_and_only_what_changed_is_swapped(self, pre):
        before = pre.get("/fr-mapa")
        pre.agree_to_recording()
        answer = pre.browser.get(pre.url("/persetujuan-rekam?buka=fr-mapa"), headers=HX)
        assert soup(answer).find(id="meeting-order") is None
        swap(before, answer, "#recording-consent")
        assert same(before.main, pre.get("/fr-mapa").main)
        assert words(before.find(id="status")) == "Asesi sudah setuju direkam."

    def test_taken_back_it_is_waited_for_again_and_the_recorder_must_stop(self, pre, sign_in):
        pre.agree_to_recording()
        asesi = sign_in(pre.case.asesi)
        address = url_for("asesi.withdraw_recording", permohonan_id=pre.case.public_id)
        page = soup(asesi.get(address))
        assert "Asesor diberi tahu" in words(page)
        assert asesi.post(address, data=filled(form(page, address))).status_code == 303
        order = words(pre.get().find(id="meeting-order"))
        assert "Hentikan perekam sekarang" in order
        ways = links(pre.get().find(id="meeting-order"))
        assert ways["Lepas jadwal rapat ini…"] == url_for(
            "asesor.confirm_reschedule", permohonan_id=pre.case.public_id
        )
        assert "menunggu asesi" in order
        assert remote_record_kept(pre.case, actor_of(pre.cast.asesor), "") is not None
        assert asesi.post(address).status_code == 409
        pre.agree_to_recording()
        assert "Hentikan perekam" not in words(pre.get().find(id="meeting-order"))

    def test_what_the_asesi_does_reaches_the_order_and_leaves_the_panel(self, pre):
        before = pre.get("/fr-mapa")
        ask = before.find(id="meeting-news")["hx-get"]
        pre.agree_to_recording()
        answer = pre.browser.get(ask, headers=HX)
        assert answer.headers["HX-Retarget"] == "#meeting-order"
        assert "menunggu asesi" not in words(soup(answer).find(id="meeting-order"))
        assert soup(answer).find(id="mapa-panel") is None
        assert pre.browser.get(ask).location == pre.url()

    def test_after_the_end_it_is_evidence_and_stays(self, pre, sign_in):
        pre.agree_to_recording()
        dossier_of(pre.case).booking.record.ended_at = clock.now()
        db.session.commit()
        address = url_for("asesi.withdraw_recording", permohonan_id=pre.case.public_id)
        answer = sign_in(pre.case.asesi).post(address)
        assert answer.status_code == 409
        assert dossier_of(pre.case).booking.record.recording_consent_at is not None

    def test_a_plain_browser_comes_back_to_the_case(self, pre):
        assert pre.browser.get(pre.url("/persetujuan-rekam")).location == pre.url()


class TestWhoMay:
    def test_a_case_that_names_him_nowhere_is_not_found(self, pre, sign_in):
        other = sign_in(Role.ASESOR)
        for tail in ("", "/data", "/fr-ak-02", "/tidak-hadir"):
            assert other.get(pre.url(tail)).status_code == 404

    @pytest.mark.parametrize("role", [Role.ASESI, Role.ADMIN, Role.TIM_TEKNIS, Role.KETUA])
    def test_another_role_is_refused(self, pre, sign_in, role):
        assert sign_in(role).get(pre.url()).status_code == 403

    def test_the_asesor_of_an_earlier_meeting_reads_and_is_told_whose_it_is(self, desk_at, sign_in):
        desk = desk_at(S.READY)
        hold_seat(desk.case, "assessment", desk.cast, asesor=desk.cast.second_asesor)
        desk.case.status = S.SCHEDULED
        db.session.commit()
        page = desk.get()
        assert desk.cast.second_asesor.name in words(page.find(id="meeting-order"))
        assert not page.select('form[action*="/catat/"]')
        for tail, data in (
            ("/catat/asesor", {}),
            ("/fr-mapa", {"mapa": MAPA_ID}),
            ("/fr-ak-01", {"evidence": "wawancara"}),
        ):
            answer = desk.post(tail, data)
            assert answer.status_code == 409
            assert "Hanya asesor rapat ini" in notices(soup(answer))[0]

    def test_his_own_permohonan_is_not_opened_as_staff(self, app, sign_in):
        both = factories.make_user(Role.ASESOR, Role.ASESI)
        case = make_permohonan(S.PRE_SCHEDULED, asesi=both)
        assert (
            sign_in(both)
            .get(url_for("asesor.permohonan", permohonan_id=case.public_id))
            .status_code
            == 404
        )


class TestWhatIsRead:
    @pytest.mark.parametrize("status", STATES)
    def test_a_case_takes_at_most_22_queries(self, desk_at, status):
        desk = desk_at(status)
        for key in ("", *(f"/{each}" for each in PANELS)):
            db.session.rollback()
            # With the session and its user, read on a connection of its own before the view; while the result is
            # signed, the FR.IA with their three kinds of rows are read too, to know whether a signature fits.
            most = 24 if status is S.IN_ASSESSMENT else 22
            address = desk.url(key)
            assert count_queries(lambda at=address: desk.browser.get(at)) <= most, key

    def test_as_many_for_nine_units_as_for_two(self, app, sign_in):
        counts = []
        for units in (2, 9):
            cast = make_cast()
            cast.skema = factories.make_skema(units=units, remote=True)
            cast.skema.methods = ["observasi", "wawancara"]
            db.session.commit()
            case = make_permohonan(S.PRE_SCHEDULED, cast=cast)
            browser = sign_in(cast.asesor)
            address = url_for("asesor.case_panel", permohonan_id=case.public_id, key="fr-apl-02")
            counts.append(
                count_queries(lambda browser=browser, address=address: browser.get(address))
            )
        assert counts[0] == counts[1]

    def test_the_page_is_light(self, pre):
        assert len(gzip.compress(pre.browser.get(pre.url()).get_data())) <= 14_000
