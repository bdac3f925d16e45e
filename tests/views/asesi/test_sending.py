"""Consents, signatures, sending and withdrawing."""

from __future__ import annotations

from datetime import date

import pytest
from flask import url_for
from sqlalchemy import select

from lsp.database import db
from lsp.models import (
    Consent,
    ConsentText,
    Document,
    FrApl01,
    Invoice,
    OutboxMessage,
    Permohonan,
    Signature,
)
from lsp.models.inforce import setting
from lsp.views.asesi.next_step import STEPS
from lsp.views.asesi.signing import TEXTS
from lsp.views.asesi.story import WORDS
from lsp.views.asesi.tasks import TASKS
from lsp.vocabulary import ConsentKind, Form, InvoiceStatus, PermohonanStatus
from lsp.workflow.guards import registration
from lsp.workflow.guards.registration import CONSENTS_REQUIRED
from lsp.workflow.permohonan import PERMOHONAN
from tests import factories
from tests.factories import saved
from tests.html import errors, filled, form, links, main, notices, soup, words
from tests.htmx import HX, same, swap
from tests.views.asesi import situations

S = PermohonanStatus
#: Guards of `submit` that no task mends: they are about the permohonan as it was begun, and are asked on sending.
ASKED_ON_SENDING = (
    registration.skema_open,
    registration.id_izin_well_formed,
    registration.id_izin_held_by_no_other,
)


def url(endpoint, permohonan, **more) -> str:
    return url_for(f"asesi.{endpoint}", permohonan_id=permohonan.public_id, **more)


def status_of(permohonan) -> PermohonanStatus:
    return db.session.get_one(Permohonan, permohonan.id).status


class TestTheTables:
    """The asesi's words follow the workflow: a new row there must be said here."""

    def test_every_guard_of_sending_belongs_to_a_task(self):
        rules = {rule for kind in TASKS for rule in kind.rules}
        assert rules | set(ASKED_ON_SENDING) == set(PERMOHONAN.index["submit", "draft"].guards)

    def test_every_state_has_its_step(self):
        assert set(STEPS) | {S.DRAFT, S.RETURNED} == set(PermohonanStatus)

    def test_every_transition_has_its_words(self):
        names = {row.name for row in PERMOHONAN.transitions}
        assert names <= set(WORDS)


class TestConsents:
    def test_the_texts_are_those_the_workflow_asks(self):
        assert tuple(TEXTS.values()) == CONSENTS_REQUIRED

    @pytest.fixture
    def permohonan(self, browser):
        return situations.draft(browser.user)

    def agree(self, permohonan, key="data-pribadi") -> str:
        return url("agree", permohonan, text_key=key)

    def test_the_full_text_stands_there(self, browser, permohonan):
        text = situations.text_of(ConsentKind.DATA_PROCESSING)
        page = words(main(soup(browser.get(url("consents", permohonan)))))
        assert text.body.strip().splitlines()[-1][:60] in page

    def test_one_agreement_a_press(self, browser, permohonan):
        answer = browser.post(self.agree(permohonan), data={"text_version": "1"})
        assert answer.status_code == 303
        assert db.session.scalars(select(Consent)).one().text.kind is ConsentKind.DATA_PROCESSING

    def test_panel_equals_page(self, browser, permohonan):
        page = soup(browser.get(url("consents", permohonan)))
        for kind in ("data-pribadi", "perjanjian", "pernyataan"):
            sent = filled(form(page, self.agree(permohonan, kind)))
            swap(
                page,
                browser.post(self.agree(permohonan, kind), data=sent, headers=HX),
                "#consents-panel",
            )
            assert same(page.main, soup(browser.get(url("consents", permohonan))).main)
        assert "Lanjut ke Tanda tangan" in links(page)

    def test_pressed_twice_it_stands_once(self, browser, permohonan):
        for _ in range(2):
            assert (
                browser.post(self.agree(permohonan), data={"text_version": "1"}).status_code == 303
            )
        assert len(db.session.scalars(select(Consent)).all()) == 1

    @pytest.mark.parametrize("headers", [{}, HX])
    def test_a_text_that_changed_meanwhile_is_read_again(self, browser, permohonan, headers):
        saved(
            ConsentText(
                kind=ConsentKind.DATA_PROCESSING, version_number=2, effective_from=date(2026, 1, 1), title="Baru",
                body="Teks baru.",
            )
        )  # fmt: skip
        answer = browser.post(self.agree(permohonan), data={"text_version": "1"}, headers=headers)
        assert answer.status_code == 409
        assert "baru saja diperbarui" in notices(soup(answer))[0]
        assert db.session.scalars(select(Consent)).all() == []

    @pytest.mark.parametrize("version", ["", "satu"])
    def test_bad_input(self, browser, permohonan, version):
        assert (
            browser.post(self.agree(permohonan), data={"text_version": version}).status_code == 422
        )

    def test_the_recording_is_not_agreed_to_here(self, browser, permohonan):
        address = self.agree(permohonan).replace("data-pribadi", "rekaman")
        assert browser.post(address, data={"text_version": "1"}).status_code == 404

    def test_after_sending_it_is_closed(self, browser):
        permohonan = situations.draft(browser.user, status=S.SUBMITTED)
        assert browser.post(self.agree(permohonan), data={"text_version": "1"}).status_code == 409


class TestSigning:
    @pytest.fixture
    def permohonan(self, browser):
        permohonan = situations.draft(browser.user)
        situations.fill_apl_01(permohonan)
        situations.answer_all(permohonan)
        return permohonan

    def post(self, browser, permohonan, key="fr-apl-01", headers=None, **changes):
        page = soup(browser.get(url("signing", permohonan)))
        address = url("sign", permohonan, form_key=key)
        sent = filled(form(page, address)) | {"typed_name": permohonan.asesi_name} | changes
        return browser.post(address, data=sent, headers=headers)

    def test_the_typed_name_signs(self, browser, permohonan):
        assert self.post(browser, permohonan).status_code == 303
        row = db.session.scalars(select(Signature)).one()
        assert (row.form, row.typed_name) == (Form.FR_APL_01, permohonan.asesi_name)

    def test_panel_equals_page(self, browser, permohonan):
        page = soup(browser.get(url("signing", permohonan)))
        for key in ("fr-apl-01", "fr-apl-02"):
            swap(page, self.post(browser, permohonan, key, HX), "#signing-panel")
            assert same(page.main, soup(browser.get(url("signing", permohonan))).main)
        assert "Lanjut ke Kirim permohonan" in links(page)

    @pytest.mark.parametrize("headers", [None, HX])
    @pytest.mark.parametrize(
        ("name", "sentence"),
        [
            ("", "Isi nama lengkap"),
            ("Orang Lain", "persis seperti ini"),
            ("x" * 121, "Paling panjang"),
        ],
    )
    def test_another_name_does_not(self, browser, permohonan, name, sentence, headers):
        answer = self.post(browser, permohonan, headers=headers, typed_name=name)
        page = soup(answer)
        assert answer.status_code == 422
        assert sentence in errors(page)["typed_name"]
        assert sentence in words(
            page.select_one(".notice.bad[autofocus] a[href='#nama-fr-apl-01']")
        )
        assert page.find(id="nama-fr-apl-01")["value"] == name
        assert db.session.scalars(select(Signature)).all() == []

    def test_sent_twice_it_stands_once(self, browser, permohonan):
        page = soup(browser.get(url("signing", permohonan)))
        address = url("sign", permohonan, form_key="fr-apl-01")
        sent = filled(form(page, address)) | {"typed_name": permohonan.asesi_name}
        assert [browser.post(address, data=sent).status_code for _ in range(2)] == [303, 303]
        assert len(db.session.scalars(select(Signature)).all()) == 1

    @pytest.mark.parametrize("headers", [None, HX])
    def test_what_changed_in_another_tab_is_not_signed_unseen(self, browser, permohonan, headers):
        page = soup(browser.get(url("signing", permohonan)))
        address = url("sign", permohonan, form_key="fr-apl-01")
        sent = filled(form(page, address)) | {"typed_name": permohonan.asesi_name}
        db.session.get(FrApl01, permohonan.id).address = "Pindah"
        db.session.commit()
        answer = browser.post(address, data=sent, headers=headers)
        assert answer.status_code == 409
        assert "sudah berubah" in errors(soup(answer))["typed_name"]

    def test_a_change_after_signing_asks_again(self, browser, permohonan):
        self.post(browser, permohonan)
        db.session.get(FrApl01, permohonan.id).address = "Pindah"
        db.session.commit()
        assert "berubah sesudah Anda tanda tangani" in words(
            main(soup(browser.get(url("signing", permohonan))))
        )
        assert self.post(browser, permohonan).status_code == 303

    def test_who_never_signed_is_not_told_of_a_change_and_who_did_is_told_before(
        self, browser, permohonan
    ):
        paper = url("fr_apl_01_section", permohonan, section="pekerjaan")
        lapses = "Bila isinya berubah, tanda tangani lagi"
        text = words(main(soup(browser.get(url("submit", permohonan)))))
        assert "FR.APL.01 belum ditandatangani." in text
        assert "berubah" not in text
        assert lapses not in words(main(soup(browser.get(paper))))
        self.post(browser, permohonan)
        for place in (
            paper,
            url("fr_apl_01", permohonan),
            url("rows", permohonan, kind="pelatihan"),
        ):
            assert lapses in words(main(soup(browser.get(place)))), place

    def test_an_incomplete_form_says_why_it_cannot_be_signed(self, browser):
        permohonan = situations.draft(browser.user)
        page = soup(browser.get(url("signing", permohonan)))
        assert all(button.has_attr("disabled") for button in page.select("main button"))
        assert "belum lengkap" in words(page.find(id="alasan-fr-apl-01"))
        assert self.post(browser, permohonan).status_code == 422

    def test_after_sending_it_is_closed(self, browser):
        permohonan = situations.draft(browser.user, status=S.SUBMITTED)
        answer = browser.post(
            url("sign", permohonan, form_key="fr-apl-01"), data={"typed_name": "x"}
        )
        assert answer.status_code == 422


class TestSending:
    def test_everything_ready_goes_to_the_admin(self, browser):
        permohonan = situations.ready_to_send(browser.user)
        page = soup(browser.get(url("submit", permohonan)))
        address = url("send_permohonan", permohonan)
        answer = browser.post(address, data=filled(form(page, address)))
        assert answer.status_code == 303
        assert answer.location == url("permohonan", permohonan)
        assert status_of(permohonan) is S.SUBMITTED
        assert any(
            "Permohonan terkirim" in each for each in notices(soup(browser.get(answer.location)))
        )
        mail = db.session.scalars(
            select(OutboxMessage).where(OutboxMessage.kind == "permohonan_received")
        ).one()
        assert mail.payload["context"]["days"] == setting("work_age_days")["verifikasi"][1]

    def test_what_lacks_stands_beside_the_button_and_in_the_refusal(self, browser):
        permohonan = situations.draft(browser.user)
        page = soup(browser.get(url("submit", permohonan)))
        button = page.select_one("main button")
        assert button.has_attr("disabled")
        reason = words(page.find(id=button["aria-describedby"]))
        answer = browser.post(
            url("send_permohonan", permohonan), data={"version": permohonan.version}
        )
        assert answer.status_code == 409
        assert notices(soup(answer)) == [reason]
        assert status_of(permohonan) is S.DRAFT

    @pytest.mark.parametrize(
        ("version", "status"), [("", 422), ("satu", 422), ("99", 409), ("9" * 30, 409)]
    )
    def test_a_stale_or_broken_form(self, browser, version, status):
        permohonan = situations.ready_to_send(browser.user)
        answer = browser.post(url("send_permohonan", permohonan), data={"version": version})
        assert answer.status_code == status
        said = "tekan sekali lagi" if status == 409 else "Muat ulang halaman ini"
        assert said in notices(soup(answer))[0]
        assert status_of(permohonan) is S.DRAFT

    def test_sent_twice(self, browser):
        permohonan = situations.ready_to_send(browser.user)
        data = {"version": permohonan.version}
        assert browser.post(url("send_permohonan", permohonan), data=data).status_code == 303
        assert browser.post(url("send_permohonan", permohonan), data=data).status_code == 409
        assert "sudah dikirim" in words(main(soup(browser.get(url("submit", permohonan)))))

    def test_returned_once_it_goes_again_when_the_file_is_new(self, browser):
        permohonan = situations.returned(browser.user)
        home = soup(browser.get(url_for("asesi.home")))
        assert words(home.select_one(".now h2")) == "Perbaiki 1 bagian"
        first = permohonan.skema_version.requirements[0]
        db.session.scalars(
            select(Document).where(Document.requirement_id == first.id)
        ).one().replaced_at = permohonan.created_at
        situations.add_document(permohonan, requirement=first)
        home = soup(browser.get(url_for("asesi.home")))
        assert words(home.select_one(".now h2")) == "Kirim permohonan"
        answer = browser.post(
            url("send_permohonan", permohonan), data={"version": permohonan.version}
        )
        assert answer.status_code == 303


class TestWithdrawing:
    @pytest.mark.parametrize(
        ("make", "words_of_the_fee"),
        [
            (situations.draft, "Belum ada biaya"),
            (situations.invoiced, "Tagihan Rp800.000 dibatalkan"),
        ],
    )
    def test_the_page_says_what_becomes_of_the_fee(self, browser, make, words_of_the_fee):
        permohonan = make(browser.user)
        assert words_of_the_fee in words(main(soup(browser.get(url("withdraw", permohonan)))))

    def test_a_paid_fee_is_not_promised_back(self, browser):
        permohonan = situations.invoiced(browser.user)
        invoice = permohonan.invoices[0]
        invoice.status, invoice.paid_at = InvoiceStatus.PAID, permohonan.created_at
        db.session.commit()
        text = words(main(soup(browser.get(url("withdraw", permohonan)))))
        assert "Rp800.000 yang sudah lunas tidak kembali dengan sendirinya" in text

    def test_it_ends_the_case(self, browser):
        permohonan = situations.invoiced(browser.user)
        page = soup(browser.get(url("withdraw", permohonan)))
        address = url("withdraw_permohonan", permohonan)
        sent = filled(form(page, address)) | {"note": "Pindah kerja."}
        assert browser.post(address, data=sent).status_code == 303
        assert status_of(permohonan) is S.WITHDRAWN
        assert "Pindah kerja." in words(main(soup(browser.get(url("history", permohonan)))))

    def test_without_a_reason_too(self, browser):
        permohonan = situations.draft(browser.user)
        answer = browser.post(
            url("withdraw_permohonan", permohonan), data={"version": permohonan.version}
        )
        assert answer.status_code == 303

    def test_too_long_a_reason_is_kept_and_named(self, browser):
        permohonan = situations.draft(browser.user)
        data = {"version": permohonan.version, "note": "x" * 2001}
        answer = browser.post(url("withdraw_permohonan", permohonan), data=data)
        page = soup(answer)
        assert answer.status_code == 422
        assert "Paling panjang 2000" in errors(page)["note"]
        assert page.find(id="alasan").get_text() == "x" * 2001

    def test_stale_or_twice(self, browser):
        permohonan = situations.draft(browser.user)
        address = url("withdraw_permohonan", permohonan)
        assert browser.post(address, data={"version": 99}).status_code == 409
        data = {"version": permohonan.version}
        assert [browser.post(address, data=data).status_code for _ in range(2)] == [303, 409]

    def test_too_late_it_says_so(self, browser):
        permohonan = situations.draft(browser.user, status=S.RECOMMENDED)
        assert "tidak dapat dilakukan lagi" in words(
            main(soup(browser.get(url("withdraw", permohonan))))
        )


class TestWhatItWillCost:
    @pytest.mark.parametrize(
        ("amount", "said"),
        [
            (750_000, "Tagihan Rp750.000 (tarif hari ini) dikirim sesudah"),
            (0, "Permohonan ini tanpa biaya."),
            (None, "belum ditetapkan LSP, jadi tanyakan dulu"),
        ],
    )
    def test_is_said_before_anything_binds(self, browser, amount, said):
        permohonan = situations.ready_to_send(browser.user)
        if amount is not None:
            factories.make_fee(amount, jenjang=permohonan.skema_version.jenjang)
        assert said in words(soup(browser.get(url("submit", permohonan))))


def test_who_paid_a_part_is_told_before_he_withdraws(browser):
    permohonan = situations.invoiced(browser.user)
    db.session.scalars(select(Invoice)).one().paid_amount = 300_000
    assert "Rp300.000 sudah masuk" in words(soup(browser.get(url("withdraw", permohonan))))
