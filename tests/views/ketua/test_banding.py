"""Banding before the ketua and the admin: naming a panel, what is said where nobody is left, what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import Banding, Booking, MeetingRecording, Permohonan
from lsp.models.inforce import add_working_days
from lsp.services import banding
from lsp.views.filters import tanggal
from lsp.vocabulary import BandingStatus, PermohonanStatus, RecordingKind, Role
from lsp.workflow.guards.after_decision import appeal_until
from lsp.workflow.guards.banding import answer_until, remind_on
from tests.html import errors, filled, form, links, main, notices, soup, words
from tests.support.assessment import make_banding
from tests.test_pages import count_queries
from tests.workflow.cases import make_permohonan, person

B, S = BandingStatus, PermohonanStatus


@pytest.fixture
def case(cast):
    return make_permohonan(S.APPEALED, cast=cast)


def to(endpoint, case, **more):
    return url_for(endpoint, permohonan_id=case.public_id, **more)


def status_of(case):
    return db.session.get_one(Banding, banding.of_case(case).id, populate_existing=True).status


class TestKetua:
    @pytest.fixture
    def ketua(self, sign_in, cast):
        return sign_in(cast.ketua)

    @pytest.fixture
    def accepted(self, case):
        made = make_banding(case, status=B.ACCEPTED)
        db.session.commit()
        return made

    def test_it_waits_on_his_page_and_says_when_it_is_late(self, ketua, case):
        def said():
            return words(soup(ketua.get("/ketua")).select_one("#bandings"))

        assert case.asesi_name in said()
        assert "Terlambat" not in said()
        assert "Segera" not in said()
        filed = banding.of_case(case)
        for days, word in ((16, "Segera"), (40, "Terlambat")):
            filed.filed_at = clock.now() - timedelta(days=days)
            db.session.commit()
            assert word in said()

    def test_before_it_is_accepted_there_is_nobody_to_name(self, ketua, case):
        page = soup(ketua.get(to("ketua.banding", case)))
        assert "setelah banding diterima" in words(main(page))
        assert page.find("input", attrs={"name": "people"}) is None

    def test_naming_stands_first_with_its_last_day_and_who_cannot_is_folded(
        self, ketua, case, accepted
    ):
        page = soup(ketua.get(to("ketua.banding", case)))
        first = words(page.select_one("main .split .card"))
        assert "Langkah Anda sekarang Tunjuk panel Dijawab paling lambat" in first
        assert page.select_one("#barred details:not([open]) li")

    def test_too_few_people_is_said_with_what_to_do(self, ketua, case, cast, accepted):
        """The second asesor and the ketua himself are left; one of them leaves."""
        cast.second_asesor.disabled_at = clock.now()
        db.session.commit()
        page = soup(ketua.get(to("ketua.banding", case)))
        assert "Panel belum dapat dibentuk" in words(main(page))
        assert "anggota luar" in words(main(page))
        assert "Beri pengecualian…" in links(page)
        waiver = soup(ketua.get(to("ketua.waiver", case)))
        assert cast.asesor.name in words(waiver.find("form", action=to("ketua.grant_waiver", case)))

    def test_one_is_not_enough_and_the_choice_is_kept(self, ketua, case, accepted):
        judge = person(Role.ANGGOTA_LUAR)
        db.session.commit()
        page = soup(ketua.get(to("ketua.banding", case)))
        address = to("ketua.name_panel", case)
        data = filled(form(page, address)) | {"people": [judge.public_id]}
        answer = ketua.post(address, data=data)
        assert answer.status_code == 409
        assert "sedikitnya 2 orang" in notices(soup(answer))[0]
        assert soup(answer).find("input", value=judge.public_id).has_attr("checked")
        assert ketua.post(address, data=data | {"people": []}).status_code == 422
        assert status_of(case) is B.ACCEPTED

    def test_who_took_part_is_not_offered_and_not_taken(self, ketua, case, cast, accepted):
        page = soup(ketua.get(to("ketua.banding", case)))
        assert page.find("input", value=cast.asesor.public_id) is None
        answer = ketua.post(
            to("ketua.name_panel", case),
            data={
                "version": accepted.version,
                "people": [cast.asesor.public_id, cast.ketua.public_id],
            },
        )
        assert answer.status_code == 422
        assert status_of(case) is B.ACCEPTED

    def test_naming_from_an_old_page_is_told(self, ketua, case, cast, accepted):
        people = [cast.second_asesor.public_id, cast.ketua.public_id]
        answer = ketua.post(to("ketua.name_panel", case), data={"version": "99", "people": people})
        assert answer.status_code == 409
        assert "Data sudah berubah" in notices(soup(answer))[0]

    def test_a_member_is_replaced(self, ketua, case, cast):
        made = make_banding(
            case, person(Role.ANGGOTA_LUAR), person(Role.TIM_TEKNIS), status=B.PANEL_NAMED
        )
        db.session.commit()
        leaving = made.members[0].user
        page = soup(ketua.get(to("ketua.banding", case)))
        assert f"Ganti… {leaving.name}" in links(page)
        address = to("ketua.replace_member", case, member_id=leaving.public_id)
        page = soup(ketua.get(to("ketua.ask_replace_member", case, member_id=leaving.public_id)))
        short = filled(form(page, address)) | {
            "people": [cast.second_asesor.public_id],
            "note": "Sakit",
        }
        answer = ketua.post(address, data=short)
        assert answer.status_code == 422
        assert set(errors(soup(answer))) == {"note"}
        assert (
            ketua.post(address, data=short | {"note": "Ia pernah melatih asesi."}).status_code
            == 303
        )
        text = words(main(soup(ketua.get(to("ketua.banding", case)))))
        assert "Ia pernah melatih asesi." in text
        assert cast.second_asesor.name in text

    def test_the_number_of_queries_does_not_grow_with_the_people(self, ketua, case, accepted):
        def asked():
            return count_queries(lambda: ketua.get(to("ketua.banding", case)))

        few = asked()
        for _ in range(5):
            person(Role.ANGGOTA_LUAR)
        db.session.commit()
        assert asked() == few <= 32


class TestAdmin:
    @pytest.fixture
    def admin(self, sign_in, cast):
        return sign_in(cast.admin)

    def test_the_tile_of_the_work_list_leads_to_it(self, admin, case):
        assert "Banding" in words(main(soup(admin.get("/admin"))))
        page = soup(admin.get(to("admin.permohonan", case)))
        assert "Buka bandingnya" in links(page)

    def test_the_list_says_the_last_day(self, admin, case):
        text = words(main(soup(admin.get("/admin/banding"))))
        assert case.asesi_name in text
        assert "Terlambat" not in text
        with time_machine.travel(clock.now() + timedelta(days=40), tick=False):
            banding.of_case(case).filed_at -= timedelta(days=40)
            db.session.commit()
        assert "Terlambat" in words(main(soup(admin.get("/admin/banding"))))

    def test_accepting_twice_is_told(self, admin, case):
        page = soup(admin.get(to("admin.banding", case)))
        address = to("admin.accept_banding", case)
        data = filled(form(page, address))
        assert admin.post(address, data=data).status_code == 303
        again = admin.post(address, data=data)
        assert again.status_code == 409
        assert "Data sudah berubah" in " ".join(notices(soup(again)))
        assert status_of(case) is B.ACCEPTED

    def test_asking_keeps_what_was_typed_when_the_day_is_wrong(self, admin, case):
        address = to("admin.ask_completion", case)
        data = {
            "version": banding.of_case(case).version,
            "note": "Sebutkan unit dan bukti yang dimaksud.",
            "completion_due": clock.today_wib().isoformat(),
        }
        answer = admin.post(address, data=data)
        assert answer.status_code == 409
        assert "sesudah hari ini" in notices(soup(answer))[0]
        assert words(soup(answer).find("textarea")) == data["note"]
        data["completion_due"] = (clock.today_wib() + timedelta(days=2)).isoformat()
        assert admin.post(address, data=data).status_code == 303
        assert status_of(case) is B.INCOMPLETE

    def test_completing_is_offered_until_his_own_window_ends(self, admin, case):
        made = banding.of_case(case)
        case.result_opened_at = made.filed_at - timedelta(days=7)
        db.session.commit()
        window = appeal_until(case)
        assert add_working_days(clock.today_wib(), 3) < window <= remind_on(made)
        page = soup(admin.get(to("admin.banding", case)))
        offered = filled(form(page, to("admin.ask_completion", case)))["completion_due"]
        assert offered == window.isoformat()
        assert tanggal(window) in words(main(page))

    def test_later_some_days_are_offered_and_always_time_for_the_panel(self, case):
        made = banding.of_case(case)
        case.result_opened_at = clock.now() - timedelta(days=60)
        some = add_working_days(clock.today_wib(), 3)
        assert banding.usual_completion_date(made) == some
        case.result_opened_at = clock.now() + timedelta(days=60)
        assert banding.usual_completion_date(made) == remind_on(made)

    def test_a_case_that_was_never_contested_has_no_such_page(self, admin, cast):
        other = make_permohonan(S.PAID, cast=cast)
        assert admin.get(to("admin.banding", other)).status_code == 404


class TestPanel:
    @pytest.fixture
    def judge(self, sign_in):
        return sign_in(Role.ANGGOTA_LUAR)

    @pytest.fixture
    def made(self, judge, case):
        row = make_banding(case, judge.user, person(Role.TIM_TEKNIS), status=B.PANEL_NAMED)
        db.session.commit()
        return row

    def page(self, judge, made):
        return judge.get(url_for("banding.show", banding_id=made.public_id))

    def test_lands_on_his_list(self, judge, made, case):
        assert case.asesi_name in words(main(soup(judge.get("/banding"))))

    def test_the_list_says_what_waits_for_him_and_else_the_state(self, judge, made):
        mine, other = made.members

        def said():
            db.session.commit()
            return words(soup(judge.get("/banding")).select_one("main .badge"))

        assert said() == "Menunggu pernyataan Anda"
        mine.not_teaching_declared_at = other.not_teaching_declared_at = clock.now()
        assert said() == "Menunggu temuan Anda"
        mine.finding, mine.found_at = "Rekaman diputar.", clock.now()
        assert said() == B.PANEL_NAMED.label
        other.finding, other.found_at = "Berkas dibaca.", clock.now()
        assert said() == "Menunggu jawaban panel"

    def test_reads_nothing_before_the_declaration(self, judge, made, case):
        text = words(main(soup(self.page(judge, made))))
        assert "Nyatakan dulu" in text
        assert f"Dijawab paling lambat {tanggal(answer_until(made))}" in text
        assert "FR.AK.02" not in text
        assert made.reason not in text
        answer = judge.post(url_for("banding.declare", banding_id=made.public_id), data={})
        assert answer.status_code == 422

    def test_reads_the_whole_file_in_a_fixed_number_of_queries(self, judge, made, case):
        made.members[0].not_teaching_declared_at = clock.now()
        db.session.commit()
        text = words(main(soup(self.page(judge, made))))
        for each in (made.reason, "FR.AK.02 · Rekomendasi asesor", "Rekaman rapat", "FR.APL.02"):
            assert each in text
        # Five of them read the FR.IA of the attempt with their words, however many rows these have.
        assert count_queries(lambda: self.page(judge, made)) <= 36

    def test_his_next_step_stands_above_the_file(self, judge, made, case):
        member = made.members[0]
        member.not_teaching_declared_at = clock.now()
        db.session.commit()
        first = words(soup(self.page(judge, made)).select_one("main section"))
        assert "Langkah Anda sekarang Baca berkasnya, lalu tulis temuan Anda" in first
        assert "Dijawab paling lambat" in first
        member.finding, member.found_at = "Rekaman dan FR.AK.02 sesuai.", clock.now()
        db.session.commit()
        first = words(soup(self.page(judge, made)).select_one("main section"))
        assert "Tidak ada langkah Anda sekarang Menunggu anggota lain" in first
        made.status = B.EXAMINED
        db.session.commit()
        first = words(soup(self.page(judge, made)).select_one("main section"))
        assert "Langkah Anda sekarang Usulkan jawaban panel" in first
        made.outcome, made.outcome_reason = "uphold", "Keputusan itu tepat menurut rekaman."
        db.session.commit()
        first = words(soup(self.page(judge, made)).select_one("main section"))
        assert "Baca jawaban yang diusulkan, lalu tanda tangani" in first

    def test_the_file_is_folded_paper_by_paper_and_the_recommendation_is_not(
        self, judge, made, case
    ):
        made.members[0].not_teaching_declared_at = clock.now()
        db.session.commit()
        file = soup(self.page(judge, made)).select_one("#file")
        for folded in ("apl-01", "dokumen", "apl-02", "tanda-tangan", "riwayat"):
            section = file.select_one(f"section[aria-labelledby={folded}]")
            assert section.select_one("h2").find_parent("details") is None, "it can be linked to"
            assert section.select_one("details > summary")
            assert not section.select("details[open]")
        assert file.select_one("section[aria-labelledby=rekomendasi] > table")

    def test_a_recording_is_a_link_that_tells_nothing_and_a_destroyed_one_is_none(
        self, judge, made, case
    ):
        seat = db.session.scalars(select(Booking).where(Booking.permohonan_id == case.id)).first()
        where = "https://arsip.lsp.example/rapat/1"
        kept = {
            "booking_id": seat.id,
            "kind": RecordingKind.FULL,
            "stored_by_id": seat.slot.asesor_id,
        }
        kept["keep_until"] = clock.today_wib()
        gone = {"destroyed_at": clock.now(), "destroy_paper": "BA/1/2026"}
        row = MeetingRecording(place=where, **kept)
        db.session.add_all([row, MeetingRecording(place=f"{where}/lama", **kept, **gone)])
        made.members[0].not_teaching_declared_at = clock.now()
        db.session.commit()
        evidence = soup(self.page(judge, made)).select_one("#evidence")
        assert evidence.find("a", href=where)["rel"] == ["noopener", "noreferrer"]
        assert evidence.find("a", href=f"{where}/lama") is None
        assert "Sudah dimusnahkan." in words(evidence)
        row.superseded_at, row.supersede_reason = clock.now(), "Suaranya rusak"
        row.superseded_by_id = seat.slot.asesor_id
        db.session.commit()
        evidence = soup(self.page(judge, made)).select_one("#evidence")
        assert evidence.find("a", href=where), "what was replaced is still evidence"
        assert "Tidak dipakai lagi: Suaranya rusak" in words(evidence)

    def test_files_open_with_the_declaration_and_close_with_the_answer(self, judge, made, case):
        from tests.views.asesi.situations import add_document

        address = url_for("files.document", document_id=add_document(case).public_id)
        assert judge.get(address).status_code == 404
        member = made.members[0]
        member.not_teaching_declared_at = clock.now()
        db.session.commit()
        assert judge.get(address).status_code == 200
        member.released_at = clock.now()
        db.session.commit()
        assert judge.get(address).status_code == 404
        assert self.page(judge, made).status_code == 404
        member.released_at = None
        db.session.flush()
        made.status = B.WITHDRAWN
        db.session.commit()
        assert judge.get(address).status_code == 404
        assert "sudah selesai" in words(main(soup(self.page(judge, made))))

    def test_the_case_opens_on_no_page_of_another_role(self, sign_in, cast, case):
        """On the panel of a case, an asesor does not become its asesor."""
        browser = sign_in(cast.second_asesor)
        row = make_banding(case, cast.second_asesor, status=B.PANEL_NAMED)
        row.members[0].not_teaching_declared_at = clock.now()
        db.session.commit()
        assert browser.get(to("asesor.permohonan", case)).status_code == 404
        assert case.asesi_name in words(main(soup(browser.get("/asesor"))))

    def test_a_short_finding_is_kept(self, judge, made):
        made.members[0].not_teaching_declared_at = clock.now()
        db.session.commit()
        address = url_for("banding.find", banding_id=made.public_id)
        answer = judge.post(address, data={"finding": "Kurang."})
        assert answer.status_code == 422
        assert words(soup(answer).find("textarea")) == "Kurang."
        data = {"finding": "Bukti unit kedua tidak dibuka sama sekali."}
        assert judge.post(address, data=data).status_code == 303
        twice = judge.post(address, data=data)
        assert twice.status_code == 409
        assert "sudah tersimpan" in " ".join(notices(soup(twice)))

    def test_a_refused_signature_is_said_by_its_field(self, judge, made, case):
        for member in made.members:
            member.not_teaching_declared_at = member.found_at = clock.now()
            member.finding = "Bukti unit kedua tidak dibuka."
        made.outcome, made.outcome_reason = "uphold", "Keputusan itu tepat menurut rekaman."
        made.status = B.EXAMINED
        db.session.commit()
        address = url_for("banding.sign", banding_id=made.public_id)
        answer = judge.post(address, data={"version": made.version, "typed_name": "Bukan Saya"})
        assert answer.status_code == 409
        assert "persis seperti ini" in errors(soup(answer))["typed_name"]
        assert db.session.get_one(Permohonan, case.id).status is S.APPEALED
