"""Banding and closing, as the asesi meets them: why not, what was kept, nothing given away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import url_for
from sqlalchemy import func, select

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Banding, Permohonan, Signature
from lsp.models.inforce import add_working_days
from lsp.services import banding, results
from lsp.views.filters import tanggal
from lsp.vocabulary import BandingStatus, Form, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from tests.html import errors, filled, form, links, main, notices, soup, words
from tests.support.assessment import make_banding
from tests.test_pages import count_queries
from tests.views.asesi import situations
from tests.workflow.cases import actor_of, make_permohonan

S = PermohonanStatus
REASON = "Unit kedua dinilai tanpa bukti foto saya."


def given(permohonan) -> dict[str, str]:
    return {
        "version": str(permohonan.version), "dijelaskan": "ya", "didiskusikan": "tidak", "orang_lain": "tidak",
        "helper": "", "note": REASON, "typed_name": permohonan.asesi_name,
    }  # fmt: skip


def url(endpoint, permohonan) -> str:
    return url_for(f"asesi.{endpoint}", permohonan_id=permohonan.public_id)


def status_of(permohonan) -> PermohonanStatus:
    return db.session.get_one(Permohonan, permohonan.id, populate_existing=True).status


class TestAppeal:
    @pytest.fixture
    def permohonan(self, browser):
        return situations.decided(browser.user, opened=True)

    def send(self, browser, permohonan, **values):
        """What the page of the preview would post."""
        return browser.post(url("file_appeal", permohonan), data=given(permohonan) | values)

    def test_the_page_says_by_when_and_against_what(self, browser, permohonan):
        page = soup(browser.get(url("appeal", permohonan)))
        text = words(main(page))
        version = permohonan.skema_version
        for each in ("paling lambat", version.title, version.skema.number, permohonan.asesi_name):
            assert each in text
        assert 'melibatkan "orang lain"' in text

    def test_the_preview_says_what_follows_and_sends_nothing(self, browser, permohonan):
        page = soup(browser.get(url("appeal", permohonan)))
        address = url("check_appeal", permohonan)
        answer = browser.post(address, data=filled(form(page, address)) | given(permohonan))
        text = words(main(soup(answer)))
        for each in (REASON, "14 hari kerja", "tidak terlibat", "satu kali", "dapat mencabut"):
            assert each in text
        assert status_of(permohonan) is S.NOT_YET_COMPETENT

    def test_back_from_the_preview_keeps_what_was_typed(self, browser, permohonan):
        data = given(permohonan) | {"edit": "1", "orang_lain": "ya", "helper": "Paman saya"}
        page = soup(browser.post(url("check_appeal", permohonan), data=data))
        assert words(page.find("textarea")) == REASON
        assert page.find(id="helper")["value"] == "Paman saya"
        assert page.select_one("#orang_lain-0").has_attr("checked")
        assert errors(page) == {}

    @pytest.mark.parametrize("endpoint", ["check_appeal", "file_appeal"])
    def test_a_short_reason_is_kept_and_asked_again(self, browser, permohonan, endpoint):
        data = given(permohonan) | {"note": "Tidak adil.", "dijelaskan": ""}
        answer = browser.post(url(endpoint, permohonan), data=data)
        assert answer.status_code == 422
        page = soup(answer)
        assert "20 huruf" in errors(page)["note"]
        assert errors(page)["dijelaskan"] == "No. 1: pilih Ya atau Tidak."
        legend = page.find(id="dijelaskan-0").find_parent("fieldset").legend
        assert words(legend).startswith("1. ")
        assert words(page.find("textarea")) == "Tidak adil."
        # In our words, beside the field, and not in those of the browser.
        assert form(page, url("check_appeal", permohonan)).has_attr("novalidate")
        assert status_of(permohonan) is S.NOT_YET_COMPETENT

    def test_another_name_signs_nothing(self, browser, permohonan):
        answer = self.send(browser, permohonan, typed_name="Orang Lain")
        assert answer.status_code == 409
        assert "Ketik nama lengkap Anda" in notices(soup(answer))[0]
        assert REASON in words(main(soup(answer)))
        assert status_of(permohonan) is S.NOT_YET_COMPETENT
        assert banding.newest_of(permohonan) is None

    def test_what_is_sent_is_signed(self, browser, permohonan):
        assert self.send(browser, permohonan).status_code == 303
        row = banding.newest_of(permohonan)
        assert row.fr_ak_04 == {
            "dijelaskan": True, "didiskusikan": False, "orang_lain": False, "helper": "",
        }  # fmt: skip
        signed = db.session.scalars(select(Signature).where(Signature.form == Form.FR_AK_04)).one()
        assert signed.content_digest == dossier_of(permohonan).content_digest(Form.FR_AK_04)
        row.reason += " Ditambah orang lain."
        db.session.flush()
        assert signed.content_digest != dossier_of(permohonan).content_digest(Form.FR_AK_04)

    def test_the_second_of_two_tabs_is_told(self, browser, permohonan):
        stale = self.send(browser, permohonan, version="99")
        assert stale.status_code == 409
        assert "Data sudah berubah" in notices(soup(stale))[0]
        assert REASON in words(main(soup(stale)))

    def test_sending_twice_opens_one(self, browser, permohonan):
        data = given(permohonan)
        first, second = (browser.post(url("file_appeal", permohonan), data=data) for _ in range(2))
        assert (first.status_code, second.status_code) == (303, 409)
        assert db.session.scalar(select(func.count(Banding.id))) == 1

    def test_after_the_last_day_it_says_why_not(self, browser, permohonan):
        permohonan.result_opened_at = clock.now() - timedelta(days=60)
        permohonan.decided_at = clock.now() - timedelta(days=60)
        db.session.commit()
        page = soup(browser.get(url("appeal", permohonan)))
        assert "Batas waktu banding sudah lewat" in words(main(page))
        assert main(page).find("form") is None
        result = soup(browser.get(url("result", permohonan)))
        assert "Batas waktu banding sudah lewat" in words(main(result))
        assert "Ajukan banding…" not in links(result)
        late = browser.post(
            url("file_appeal", permohonan),
            data=given(permohonan),
        )
        assert late.status_code == 409
        assert REASON in words(main(soup(late)))

    def test_an_unread_result_is_opened_first_and_not_given_away(self, browser):
        permohonan = situations.decided(browser.user)
        for endpoint in ("appeal", "accept_result", "reassessment", "no_reassessment"):
            text = words(main(soup(browser.get(url(endpoint, permohonan)))))
            assert "Buka dulu hasilnya" in text
        data = {"version": permohonan.version, "note": REASON}
        for endpoint in ("file_appeal", "close_case"):
            assert browser.post(url(endpoint, permohonan), data=data).status_code == 409
        assert status_of(permohonan) is S.NOT_YET_COMPETENT

    def test_where_nothing_is_decided(self, browser):
        permohonan = situations.paid(browser.user)
        for endpoint in ("appeal", "accept_result"):
            text = words(main(soup(browser.get(url(endpoint, permohonan)))))
            assert "tidak ada pada tahap" in text

    def test_while_it_runs_the_page_says_until_when(self, browser, permohonan):
        assert self.send(browser, permohonan).status_code == 303
        home = words(main(soup(browser.get(url("permohonan", permohonan)))))
        assert "Dijawab paling lambat" in home
        page = soup(browser.get(url("result", permohonan)))
        result = links(page)
        assert "Ajukan banding…" not in result
        assert "Lihat banding Anda" in result
        # Nothing else may be chosen until it is answered, so nothing is offered.
        assert "Yang bisa Anda lakukan" not in words(main(page))
        text = words(main(soup(browser.get(url("appeal", permohonan)))))
        assert "Kami menjawab paling lambat" in text
        assert count_queries(lambda: browser.get(url("appeal", permohonan))) <= 18


class TestTheServices:
    """What another caller could not skip either."""

    def test_an_unread_result_is_neither_contested_nor_taken(self, app):
        permohonan = situations.decided()
        actor = actor_of(permohonan.asesi)
        with pytest.raises(DomainError, match="Buka dulu"):
            banding.file(
                actor,
                permohonan,
                answers=dict.fromkeys(banding.QUESTIONS, True),
                reason=REASON,
                typed_name=permohonan.asesi_name,
                version=permohonan.version,
            )
        with pytest.raises(DomainError, match="Buka dulu"):
            results.accept(actor, permohonan, version=permohonan.version)

    def test_nobody_else_opens_a_result(self, sign_in):
        permohonan = situations.decided()
        with pytest.raises(DomainError, match="asesi sendiri"):
            results.open_result(actor_of(sign_in(Role.ADMIN).user), permohonan)
        assert permohonan.result_opened_at is None

    def test_opening_twice_keeps_the_first_moment(self, app):
        permohonan = situations.decided()
        actor = actor_of(permohonan.asesi)
        results.open_result(actor, permohonan)
        first = permohonan.result_opened_at
        results.open_result(actor, permohonan)
        assert permohonan.result_opened_at == first


def test_the_check_page_has_no_link_that_drops_what_was_typed(browser):
    permohonan = situations.decided(browser.user, opened=True)
    page = soup(browser.post(url("check_appeal", permohonan), data=given(permohonan)))
    assert REASON in words(main(page))
    assert list(links(main(page))) == []
    assert page.find("button", string="Ubah isian") is not None


class TestWindowBeforeOpening:
    """The window begins with the earlier of opening and mail; both pages say so while the result lies unopened."""

    @pytest.mark.parametrize(
        ("mailed_days_ago", "said"),
        [
            (None, "sejak Anda membukanya, atau 3 hari sesudah e-mail kami terkirim bila itu lebih dulu"),
            (0, "sejak Anda membukanya, paling lambat sejak {begun}. Sesudah {until} tidak dapat lagi"),
            (5, "berjalan sejak {begun}, 3 hari sesudah e-mail kami terkirim. Paling lambat {until}"),
            (90, "Batas waktu banding sudah lewat: {until}"),
        ],
    )  # fmt: skip
    def test_both_pages_tell_when_it_begins_and_ends(self, browser, mailed_days_ago, said):
        case = situations.decided(browser.user)
        mailed = None
        if mailed_days_ago is not None:
            mailed = clock.now() - timedelta(days=mailed_days_ago)
            begun = (mailed + timedelta(days=3)).astimezone(clock.WIB).date()
            said = said.format(begun=tanggal(begun), until=tanggal(add_working_days(begun, 14)))
        case.result_mailed_at = mailed
        db.session.commit()
        for endpoint in ("permohonan", "result"):
            assert said in words(soup(browser.get(url(endpoint, case))).find(class_="now"))


class TestAfterwards:
    """Where a banding stands, as its asesi reads it."""

    @pytest.fixture
    def case(self, browser):
        return make_permohonan(S.APPEALED, asesi=browser.user, result_opened_at=clock.now())

    def page(self, browser, case):
        return soup(browser.get(url("appeal", case)))

    def test_completing_is_asked_by_its_date_and_kept_when_too_short(self, browser, case):
        due = clock.today_wib() + timedelta(days=3)
        row = make_banding(
            case,
            status=BandingStatus.INCOMPLETE,
            completion_asked="Sebutkan unitnya.",
            completion_due=due,
        )
        db.session.commit()
        assert "Sebutkan unitnya." in words(main(self.page(browser, case)))
        data = {"version": row.version, "note": "Unit dua."}
        answer = browser.post(url("complete_banding", case), data=data)
        assert answer.status_code == 422
        assert words(soup(answer).find("textarea")) == "Unit dua."
        data["note"] = "Unit dua, elemen pertama dan kedua."
        assert browser.post(url("complete_banding", case), data=data).status_code == 303
        assert browser.post(url("complete_banding", case), data=data).status_code == 409
        assert banding.newest_of(case).status is BandingStatus.FILED

    def test_after_the_date_it_says_so(self, browser, case):
        due = clock.today_wib() - timedelta(days=1)
        make_banding(
            case, status=BandingStatus.INCOMPLETE, completion_asked="x", completion_due=due
        )
        db.session.commit()
        page = self.page(browser, case)
        assert "sudah lewat" in words(main(page))
        assert page.find("textarea") is None

    @pytest.mark.parametrize(
        ("status", "good"), [(BandingStatus.UPHELD, False), (BandingStatus.REASSESS, True)]
    )
    def test_only_a_banding_that_was_granted_looks_like_good_news(
        self, browser, case, status, good
    ):
        banding.newest_of(case).status = status
        db.session.commit()
        look = self.page(browser, case).select_one("section.now")
        assert words(look.h2) == status.label
        assert ("done" in look["class"]) is good

    def test_there_is_no_letter_before_the_answer(self, browser, case):
        assert browser.get(url("banding_letter", case)).status_code == 404

    def test_taking_it_back_twice_is_told(self, browser, case):
        version = banding.newest_of(case).version
        address = url("do_withdraw_banding", case)
        assert browser.post(address, data={"version": version}).status_code == 303
        again = browser.post(address, data={"version": version})
        assert again.status_code == 409
        assert "sudah selesai: dicabut asesi" in words(main(soup(again)))
        assert status_of(case) is S.NOT_YET_COMPETENT
        assert "Anda mencabut banding ini" in words(main(self.page(browser, case)))

    def test_a_new_decision_that_lies_unopened_hides_the_old_banding(self, browser, case):
        banding.withdraw(actor_of(browser.user), case, version=banding.newest_of(case).version)
        case.result_opened_at = None
        db.session.commit()
        assert "Buka dulu hasilnya" in words(main(self.page(browser, case)))
        assert browser.get(url("withdraw_banding", case)).status_code == 404
