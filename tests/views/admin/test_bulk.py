"""Many cases at once: who is meant and who is not is said first, done once, and can be taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import url_for
from sqlalchemy import select, update

from lsp import clock
from lsp.database import db
from lsp.models import AuditEvent, OutboxMessage, Permohonan, User, WorkBatch
from lsp.services import bulk
from lsp.vocabulary import Channel, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from tests import factories
from tests.html import filled, form, soup, words
from tests.views.admin.test_work import selects
from tests.workflow.cases import make_cast, make_permohonan

S = PermohonanStatus
STATES = {
    S.DRAFT: "remind_draft",
    S.RETURNED: "remind_returned",
    S.INVOICED: "remind_invoiced",
    S.EVIDENCE_NEEDED: "remind_evidence",
    S.PAID: "remind_schedule",
    S.READY: "remind_schedule",
}
ASSIGN, REMIND = "/admin/banyak/verifikator", "/admin/banyak/pengingat"


@pytest.fixture
def colleague(app):
    return factories.make_user(Role.ADMIN, name="Ratna Contoh")


def asked(browser, address, cases, **more):
    """The confirming page for these cases."""
    return soup(
        browser.get(address, query_string={"pilih": [case.public_id for case in cases], **more})
    )


def press(browser, page, address):
    node = form(page, address)
    ticked = [each["value"] for each in node.select("input[name=pilih]")]
    return browser.post(address, data=filled(node) | {"pilih": ticked}, follow_redirects=True)


def assigned(case):
    db.session.expire_all()
    return db.session.get_one(Permohonan, case.id).assigned_verifier_id


def mails(kind):
    db.session.expire_all()
    return list(db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind)))


def audited(action):
    return list(db.session.scalars(select(AuditEvent).where(AuditEvent.action == action)))


class TestAssign:
    def test_ticked_in_the_list_confirmed_and_done(self, admin, cast, colleague):
        cases = [make_permohonan(S.SUBMITTED, cast=cast) for _ in range(2)]
        listed = soup(admin.get("/admin?kerja=verifikasi&centang=semua"))
        boxes = listed.select("#work-list input[name=pilih][checked]")
        assert {box["value"] for box in boxes} == {case.public_id for case in cases}
        assert {box["form"] for box in boxes} == {
            listed.select_one(f"form[action='{ASSIGN}']")["id"]
        }
        page = asked(admin, ASSIGN, cases, verifikator=colleague.public_id, dari="kerja=verifikasi")
        assert words(page.h1) == "Tetapkan Ratna Contoh sebagai verifikator?"
        done = soup(press(admin, page, ASSIGN))
        assert "Ratna Contoh: 2 permohonan" in words(done)
        assert [assigned(case) for case in cases] == [colleague.id] * 2
        assert len(audited("permohonan.assign")) == 2
        back = done.find("a", string="Kembali ke daftar")["href"]
        assert back == "/admin?kerja=verifikasi", "the list is as it was left"

    def test_one_mail_however_many(self, admin, cast, colleague):
        cases = [make_permohonan(S.SUBMITTED, cast=cast) for _ in range(3)]
        press(admin, asked(admin, ASSIGN, cases, verifikator=colleague.public_id), ASSIGN)
        (mail,) = mails(bulk.ASSIGNED_MAIL)
        assert mail.payload["to"] == colleague.email
        assert mail.payload["context"]["count"] == 3

    def test_no_mail_to_oneself(self, admin, cast):
        press(admin, asked(admin, ASSIGN, [make_permohonan(S.SUBMITTED, cast=cast)]), ASSIGN)
        assert mails(bulk.ASSIGNED_MAIL) == []

    def test_who_is_left_out_is_named_with_the_reason(self, admin, cast, sign_in):
        both = factories.make_user(Role.ADMIN, Role.ASESI, name="Dua Peran")
        own = factories.make_permohonan(both, status=S.SUBMITTED, asesi_name="Kasus Sendiri")
        draft = make_permohonan(S.DRAFT, cast=cast)
        verified = make_permohonan(S.PAID, cast=cast)
        gone = make_permohonan(S.SUBMITTED, cast=cast)
        given = make_permohonan(S.SUBMITTED, cast=cast, assigned_verifier_id=both.id)
        gone.status = S.WITHDRAWN
        db.session.commit()
        page = asked(admin, ASSIGN, [own, draft, verified, gone, given], verifikator=both.public_id)
        text = words(page)
        for reason in (
            "Dua Peran asesinya sendiri",
            "belum dikirim asesi",
            "berkasnya sudah diperiksa",
            "sudah berakhir",
            "sudah ditetapkan untuk Dua Peran",
        ):
            assert reason in text
        assert "Tidak ada permohonan yang dapat diproses" in text
        assert page.select_one("button.main") is None

    def test_the_database_keeps_an_asesi_from_his_own_case(self, app):
        own = factories.make_permohonan(factories.make_user(), status=S.SUBMITTED)
        with pytest.raises(Exception, match="assigned_verifier_is_not_asesi"):
            db.session.execute(update(Permohonan).values(assigned_verifier_id=own.asesi_id))
        db.session.rollback()

    def test_ones_own_permohonan_is_not_among_them(self, sign_in):
        both = sign_in(Role.ADMIN, Role.ASESI)
        own = factories.make_permohonan(both.user, status=S.SUBMITTED, asesi_name="Punya Sendiri")
        assert "Punya Sendiri" not in words(asked(both, ASSIGN, [own]))

    def test_a_case_that_changed_meanwhile_is_left_out(self, admin, cast, colleague):
        kept, changed, taken = (make_permohonan(S.SUBMITTED, cast=cast) for _ in range(3))
        page = asked(admin, ASSIGN, [kept, changed, taken], verifikator=colleague.public_id)
        changed.repair_due = clock.today_wib()  # any step raises its version
        db.session.commit()
        db.session.execute(
            update(Permohonan)
            .where(Permohonan.id == taken.id)
            .values(assigned_verifier_id=admin.user.id)
        )
        db.session.commit()
        done = words(soup(press(admin, page, ASSIGN)))
        assert [assigned(case) for case in (kept, changed, taken)] == [
            colleague.id,
            None,
            admin.user.id,
        ]
        assert done.count("berubah sejak halaman konfirmasi dibuka") == 2

    def test_pressed_twice_is_done_once(self, admin, cast, colleague):
        case = make_permohonan(S.SUBMITTED, cast=cast)
        page = asked(admin, ASSIGN, [case], verifikator=colleague.public_id)
        first, second = (press(admin, page, ASSIGN) for _ in range(2))
        assert words(soup(first)) == words(soup(second))
        assert len(list(db.session.scalars(select(WorkBatch)))) == 1
        assert len(mails(bulk.ASSIGNED_MAIL)) == len(audited("permohonan.assign")) == 1

    def test_an_open_form_of_the_asesi_does_not_become_stale(self, admin, cast, colleague):
        case = make_permohonan(S.RETURNED, cast=cast)
        version = case.version
        press(admin, asked(admin, ASSIGN, [case], verifikator=colleague.public_id), ASSIGN)
        assert assigned(case) == colleague.id
        assert db.session.get_one(Permohonan, case.id).version == version

    def test_it_is_ones_own_work_first_and_bars_nobody(self, admin, sign_in, cast, colleague):
        mine, other = (make_permohonan(S.SUBMITTED, cast=cast) for _ in range(2))
        press(admin, asked(admin, ASSIGN, [mine], verifikator=colleague.public_id), ASSIGN)
        page = soup(sign_in(colleague).get("/admin"))
        assert words(page.select_one("#work-list h2")) == "Milik saya"
        names = [words(each) for each in page.select("#work-list tbody a")]
        assert names == [mine.asesi_name]
        assert "Milik saya" not in words(soup(admin.get("/admin")).select_one(".tiles"))
        everywhere = [
            words(each)
            for each in soup(admin.get("/admin?kerja=verifikasi")).select("#work-list tbody a")
        ]
        assert set(everywhere) == {mine.asesi_name, other.asesi_name}

    @pytest.mark.parametrize(
        ("query", "sentence"),
        [
            ("", "Belum ada yang dicentang"),
            ("?pilih=", "Tidak ada permohonan yang dapat"),
            ("?pilih=tidakada", "Tidak ada permohonan yang dapat"),
        ],
    )
    def test_nothing_ticked_goes_back_with_a_sentence(self, admin, query, sentence):
        answer = admin.get(ASSIGN + query, follow_redirects=True)
        assert sentence in words(soup(answer))

    def test_an_unknown_verifikator_is_refused(self, admin, cast, sign_in):
        case = make_permohonan(S.SUBMITTED, cast=cast)
        asesor = factories.make_user(Role.ASESOR)
        answer = admin.get(
            ASSIGN,
            query_string={"pilih": case.public_id, "verifikator": asesor.public_id},
            follow_redirects=True,
        )
        assert "tidak ada lagi di daftar petugas" in words(soup(answer))
        assert assigned(case) is None


class TestUndo:
    @pytest.fixture
    def batch(self, admin, cast, colleague):
        self.before = factories.make_user(Role.ADMIN)
        self.cases = [make_permohonan(S.SUBMITTED, cast=cast) for _ in range(3)]
        self.cases[0].assigned_verifier_id = self.before.id
        db.session.commit()
        press(admin, asked(admin, ASSIGN, self.cases, verifikator=colleague.public_id), ASSIGN)
        return db.session.scalars(select(WorkBatch)).one()

    def undo(self, admin, batch):
        return admin.post(
            url_for("admin.undo_batch", work_batch_id=batch.public_id), follow_redirects=True
        )

    def test_gives_them_back_and_the_mail_does_not_go(self, admin, batch):
        page = words(soup(self.undo(admin, batch)))
        assert "3 permohonan kembali seperti semula" in page
        assert [assigned(case) for case in self.cases] == [self.before.id, None, None]
        assert [mail.done_how for mail in mails(bulk.ASSIGNED_MAIL)] == ["cancelled"]
        assert len(audited("permohonan.unassign")) == 3
        assert f"oleh {admin.user.name}" in page
        assert "belum punya verifikator" not in page

    @pytest.mark.parametrize("how", ["closed", "no admin"])
    def test_nobody_gets_what_belonged_to_one_who_has_left(self, admin, batch, how):
        before = db.session.get_one(User, self.before.id)
        if how == "closed":
            before.disabled_at = clock.now()
        else:
            before.roles.clear()
        db.session.commit()
        page = words(soup(self.undo(admin, batch)))
        assert [assigned(case) for case in self.cases] == [None, None, None]
        assert "3 permohonan kembali" in page
        assert "1 di antaranya belum punya verifikator" in page

    def test_leaves_alone_what_went_on(self, admin, batch):
        self.cases[1].assigned_verifier_id = self.before.id
        self.cases[2].status = S.WITHDRAWN
        db.session.commit()
        assert "1 permohonan kembali" in words(soup(self.undo(admin, batch)))
        assert assigned(self.cases[1]) == self.before.id

    def test_only_once(self, admin, batch):
        self.undo(admin, batch)
        again = admin.post(url_for("admin.undo_batch", work_batch_id=batch.public_id))
        assert again.status_code == 409
        assert "sudah dibatalkan" in words(soup(again))


class TestRemind:
    @pytest.mark.parametrize("status", STATES)
    def test_each_state_has_a_mail_of_its_own(self, admin, cast, status):
        case = make_permohonan(status, cast=cast, work_done=False)
        page = asked(admin, REMIND, [case])
        assert case.asesi_name in words(page.select_one("#meant").find_parent("section"))
        assert "1 pengingat masuk antrean" in words(soup(press(admin, page, REMIND)))
        (mail,) = mails(STATES[status])
        assert mail.payload["to"] == case.asesi.email
        assert mail.permohonan_id == case.id
        assert len(audited("permohonan.remind")) == 1

    def test_a_case_more_asks_for_no_person_skema_or_invoice_more(self, admin):
        def asked_for(count):
            cases = [
                make_permohonan(S.INVOICED, cast=make_cast(), work_done=False) for _ in range(count)
            ]
            page = asked(admin, REMIND, cases)
            db.session.expire_all()
            sent = selects(lambda: press(admin, page, REMIND))
            assert mails("remind_invoiced")
            tables = ("FROM user_account", "FROM skema_version", "FROM invoice")
            return [sum(table in each for each in sent) for table in tables]

        assert asked_for(1) == asked_for(6)

    def test_who_has_not_claimed_it_cannot_do_what_the_mail_asks(self, admin):
        case, _token = factories.make_claim()
        page = asked(admin, REMIND, [case])
        assert "belum diambil asesi" in words(page)
        assert page.select_one("button.main") is None

    def test_after_a_part_payment_it_asks_for_the_rest(self, admin, cast):
        case = make_permohonan(S.INVOICED, cast=cast, work_done=False)
        dossier_of(case).open_invoice.paid_amount = 600_000
        db.session.commit()
        press(admin, asked(admin, REMIND, [case]), REMIND)
        (mail,) = mails("remind_invoiced")
        assert mail.payload["context"]["amount"] == "Rp500.000"

    @pytest.mark.parametrize("status", sorted(set(S) - set(STATES)))
    def test_where_nobody_waits_for_the_asesi_nothing_goes(self, admin, cast, status):
        page = asked(admin, REMIND, [make_permohonan(status, cast=cast)])
        assert "tidak sedang menunggu asesi" in words(page)
        assert page.select_one("button.main") is None

    def test_who_has_paid_is_not_asked_to_pay(self, admin, cast):
        page = asked(admin, REMIND, [make_permohonan(S.INVOICED, cast=cast)])
        assert "bukti bayarnya sudah ada" in words(page)

    def test_not_twice_within_the_days_of_the_setting(self, steady_clock, sign_in, cast):
        admin = sign_in(Role.ADMIN)
        case = make_permohonan(S.DRAFT, cast=cast)
        press(admin, asked(admin, REMIND, [case]), REMIND)
        assert "sudah diingatkan dalam 3 hari terakhir" in words(asked(admin, REMIND, [case]))
        steady_clock.shift(timedelta(days=3, minutes=1))
        admin = sign_in(Role.ADMIN)
        assert asked(admin, REMIND, [case]).select_one("button.main") is not None

    def test_a_mail_that_the_clock_has_planned_counts_too(self, admin, cast):
        case = make_permohonan(S.RETURNED, cast=cast)
        factories.make_message(
            channel=Channel.MAIL,
            kind="idle_reminder",
            permohonan_id=case.id,
            run_at=clock.now() + timedelta(days=1),
        )
        assert "pengingat otomatis sudah dijadwalkan" in words(asked(admin, REMIND, [case]))

    def test_pressed_twice_goes_once(self, admin, cast):
        page = asked(admin, REMIND, [make_permohonan(S.DRAFT, cast=cast)])
        for _ in range(2):
            press(admin, page, REMIND)
        assert len(mails("remind_draft")) == 1
        assert len(list(db.session.scalars(select(WorkBatch)))) == 1

    def test_a_batch_of_reminders_is_not_taken_back(self, admin, cast):
        done = press(admin, asked(admin, REMIND, [make_permohonan(S.DRAFT, cast=cast)]), REMIND)
        assert "Batalkan" not in words(soup(done).main)
        batch = db.session.scalars(select(WorkBatch)).one()
        answer = admin.post(url_for("admin.undo_batch", work_batch_id=batch.public_id))
        assert answer.status_code == 409
