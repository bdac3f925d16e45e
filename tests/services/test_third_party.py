"""FR.IA.10: links that end, letters that stay, what the asesor makes of them, reminders by the clock."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from lsp import clock, ids, worker_mail
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import AuditEvent, OutboxMessage, ThirdParty
from lsp.services import outbox, third_party, third_party_judging
from lsp.services.third_party import LinkDead, Person
from lsp.services.third_party_judging import Judgement
from lsp.services.third_party_words import letters_of, questions_of
from lsp.vocabulary import Conclusion, InstrumentPaper, ItemKind, PermohonanStatus
from lsp.workflow.dossier import dossier_of
from tests.html import soup
from tests.support.assessment import make_instrument
from tests.support.third_party import PERSON, SECRET, answered, ask, letter_for
from tests.workflow.cases import actor_of, make_cast, make_permohonan

S = PermohonanStatus
FOUND = "Sesuai dengan bukti proyek."


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def case(cast):
    return make_permohonan(S.READY, cast=cast)


def mails(kind):
    db.session.expire_all()
    return db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)
    ).all()


def judge(cast, row, conclusion=Conclusion.MET, supports=True):
    made = third_party_judging.judge(
        actor_of(cast.asesor), row, Judgement(supports, FOUND, conclusion)
    )
    db.session.commit()
    return made


class TestAsking:
    @pytest.mark.parametrize("status", [S.PRE_SCHEDULED, S.READY, S.SCHEDULED, S.IN_ASSESSMENT])
    def test_from_the_booked_pre_assessment_to_the_assessment(self, cast, status):
        row, token = ask(make_permohonan(status, cast=cast), cast)
        assert third_party.by_token(token) is row

    @pytest.mark.parametrize("status", [S.PAID, S.RECOMMENDED, S.COMPETENT])
    def test_neither_before_nor_after(self, cast, status):
        with pytest.raises(DomainError):
            ask(make_permohonan(status, cast=cast), cast)

    def test_by_the_asesor_of_the_case_alone(self, case):
        with pytest.raises(DomainError, match="Hanya asesor"):
            ask(case, make_cast())

    def test_only_the_digest_is_stored_and_the_mail_forgets_the_token_once_it_is_out(
        self, case, cast
    ):
        row, token = ask(case, cast)
        assert (len(token), row.token_digest) == (43, ids.digest(token))
        mail = mails(third_party.MAIL)[0]
        assert mail.payload["context"]["token"] == token
        leased = outbox.claim((mail.channel,))
        outbox.settle(leased.id, leased.lease_token)
        db.session.commit()
        assert mails(third_party.MAIL)[0].payload["context"]["token"] == ""

    def test_the_same_name_twice_is_one_person(self, case, cast):
        ask(case, cast)
        with pytest.raises(DomainError, match="sudah diminta"):
            ask(case, cast, Person(PERSON.name.upper(), phone="0812 9999 0002"))

    def test_the_asesi_is_no_third_party_of_his_own(self, case, cast):
        dossier_of(case).fr_apl_01.phone_mobile = "0812-9999-7777"
        for contact in ({"email": case.asesi.email.upper()}, {"phone": "+62 812 9999 7777"}):
            with pytest.raises(DomainError, match="kontak asesi sendiri") as refusal:
                ask(case, cast, Person("Orang Rekaan", **contact))
            assert refusal.value.field in contact
        assert third_party.of_case(case) == []

    def test_the_worker_sends_it_with_a_button_that_leads_to_the_page(
        self, case, cast, monkeypatch
    ):
        _, token = ask(case, cast)
        mail, sent = mails(third_party.MAIL)[0], {}
        monkeypatch.setattr(worker_mail.mail, "deliver", lambda **named: sent.update(named))
        worker_mail.send(mail.kind, mail.payload, row_id=mail.public_id, queued_at=clock.now())
        assert f"/pihak-ketiga/{token}" in sent["text"]
        button = soup(sent["html"]).find("a", class_="go")
        assert button["href"].endswith(f"/pihak-ketiga/{token}")

    def test_the_worker_does_not_send_what_is_no_longer_wanted(self, case, cast):
        row, _ = ask(case, cast)
        mail = mails(third_party.MAIL)[0]
        payload = mail.payload
        third_party.withdraw(actor_of(cast.asesor), row)
        db.session.commit()
        with pytest.raises(outbox.Overtaken):
            worker_mail.send(mail.kind, payload, row_id=mail.public_id, queued_at=clock.now())

    def test_without_an_address_no_mail_goes(self, case, cast):
        ask(case, cast, Person("Mandor Rekaan", phone="0812 9999 0002"))
        assert mails(third_party.MAIL) == []

    def test_the_audit_chain_names_no_person(self, case, cast):
        ask(case, cast)
        told = [
            f"{event.object_id} {json.dumps(event.details)}"
            for event in db.session.scalars(
                select(AuditEvent).where(AuditEvent.action == "third_party.ask")
            )
        ]
        assert len(told) == 1
        assert PERSON.name not in told[0]


class TestLinks:
    def test_sent_again_the_old_one_is_dead_and_its_waiting_mail_is_taken_back(self, case, cast):
        row, old = ask(case, cast)
        new = third_party.send_again(actor_of(cast.asesor), row)
        db.session.commit()
        with pytest.raises(LinkDead):
            third_party.by_token(old)
        assert third_party.by_token(new) is row
        first, second = mails(third_party.MAIL)
        assert (first.done_how, first.payload["context"]["token"]) == ("cancelled", "")
        assert second.payload["context"]["token"] == new

    def test_withdrawn_it_is_dead(self, case, cast):
        row, token = ask(case, cast)
        third_party.withdraw(actor_of(cast.asesor), row)
        with pytest.raises(LinkDead):
            third_party.by_token(token)
        with pytest.raises(DomainError, match="sudah ditarik"):
            third_party.send_again(actor_of(cast.asesor), row)

    def test_it_ends_after_the_days_of_the_setting_with_a_day_for_who_has_the_page_open(
        self, case, cast
    ):
        row, token = ask(case, cast)
        with time_machine.travel(clock.now() + timedelta(days=14, hours=1)):
            with pytest.raises(LinkDead):
                third_party.by_token(token)
            with pytest.raises(LinkDead):
                third_party.by_token(token, writing=True)
            third_party.note_opened(row)
            db.session.refresh(row)
            assert third_party.by_token(token, writing=True) is row

    def test_of_a_case_that_is_over_it_leads_nowhere(self, cast, case):
        _, token = ask(case, cast)
        case.status = S.WITHDRAWN
        db.session.flush()
        with pytest.raises(LinkDead):
            third_party.by_token(token)

    def test_a_mail_that_is_no_longer_wanted_says_so_to_the_worker(self, case, cast):
        row, token = ask(case, cast)
        assert third_party.is_wanted(token)
        third_party.withdraw(actor_of(cast.asesor), row)
        assert not third_party.is_wanted(token)


class TestAnswers:
    def test_kept_once(self, case, cast):
        row = answered(case, cast)
        first = row.answered_at
        assert third_party.answer(row, {"statements": {"k3": False}}) is False
        assert (row.answered_at, row.said["statements"]["k3"]) == (first, True)

    def test_after_the_recommendation_it_is_late_and_not_judged(self, case, cast):
        _, token = ask(case, cast)
        case.status = S.RECOMMENDED
        db.session.flush()
        row = third_party.by_token(token, writing=True)
        assert third_party.answer(row, {"statements": {}})
        assert row.late
        with pytest.raises(DomainError, match="sampai rekomendasi"):
            judge(cast, row)
        assert third_party_judging.paper_of(case) is None

    def test_by_telephone_it_says_who_wrote_and_the_link_is_dead(self, case, cast):
        row, token = ask(case, cast)
        third_party.answer_by_phone(actor_of(cast.asesor), row, {"statements": {"k3": True}})
        assert row.by_phone_id == cast.asesor.id
        assert third_party.by_token(token).answered_at is not None
        assert mails(third_party.MAIL)[0].done_how == "cancelled"
        with pytest.raises(DomainError, match="sudah menjawab"):
            third_party.answer_by_phone(actor_of(cast.asesor), row, {})

    def test_the_asesor_is_told_without_a_word_of_it(self, case, cast):
        answered(case, cast)
        mail = mails("third_party_answered")[0]
        assert mail.payload["to"] == cast.asesor.email
        assert SECRET not in json.dumps(mail.payload)
        assert PERSON.name not in json.dumps(mail.payload)

    def test_rows_of_the_skemas_own_instrument_are_asked_too(self, case, cast):
        version = case.skema_version
        old = make_instrument(version, InstrumentPaper.VPK, questions=("Baris lama?",))
        new = make_instrument(
            version,
            InstrumentPaper.VPK,
            questions=("Apakah ia membaca gambar kerja?", "Contoh pekerjaannya?"),
            version_number=2,
            in_force=False,
        )
        new.items[0].kind, new.items[1].kind = ItemKind.STATEMENT, ItemKind.OPEN
        db.session.flush()
        new.effective_from, new.published_at = clock.today_wib(), clock.now()
        db.session.flush()
        row, _ = ask(case, cast)
        more = questions_of(row).more
        assert [(each.text, each.yes_no) for each in more] == [
            ("Apakah ia membaca gambar kerja?", True),
            ("Contoh pekerjaannya?", False),
        ]
        assert old.items[0].text not in [each.text for each in more]

    def test_a_row_published_after_he_was_asked_is_not(self, case, cast):
        row, _ = ask(case, cast)
        with time_machine.travel(clock.now() + timedelta(minutes=5)):
            make_instrument(case.skema_version, InstrumentPaper.VPK)
            assert questions_of(row).more == []

    def test_they_are_read_beside_their_questions(self, case, cast):
        letter = letters_of([answered(case, cast)])[0]
        assert ("Ada komentar lain:", SECRET) in letter.open
        assert [yes for _, yes in letter.statements] == [True, False]


class TestJudging:
    def test_it_finishes_the_paper_of_the_attempt(self, case, cast):
        row = answered(case, cast)
        judge(cast, row)
        paper = dossier_of(case).instruments[InstrumentPaper.VPK]
        assert (paper.conclusion, paper.edition) == (Conclusion.MET, 1)
        assert paper.finished_at is not None
        assert (row.supports, row.finding) == (True, FOUND)

    def test_again_it_writes_on_the_same_edition_and_after_freezing_on_the_next(self, case, cast):
        row = answered(case, cast)
        first = judge(cast, row)
        assert judge(cast, row, Conclusion.NOT_MET, supports=False).id == first.id
        first.frozen_at = clock.now()
        db.session.commit()
        second = judge(cast, row, Conclusion.OTHER_METHOD)
        assert (second.edition, second.conclusion) == (2, Conclusion.OTHER_METHOD)
        assert first.conclusion is Conclusion.NOT_MET

    def test_not_before_the_answer_and_not_without_a_reason(self, case, cast):
        row, _ = ask(case, cast)
        with pytest.raises(DomainError, match="belum menjawab"):
            judge(cast, row)
        third_party.answer(row, {})
        with pytest.raises(DomainError, match="sedikitnya 10"):
            third_party_judging.judge(
                actor_of(cast.asesor), row, Judgement(True, "Ya.", Conclusion.MET)
            )

    def test_without_an_answer_he_goes_on_by_another_method(self, case, cast):
        row, token = ask(case, cast)
        paper = third_party_judging.conclude_without(
            actor_of(cast.asesor), row, "Dua kali tidak menjawab."
        )
        assert (paper.conclusion, row.supports) == (Conclusion.OTHER_METHOD, None)
        assert paper.finished_at is not None
        with pytest.raises(LinkDead):
            third_party.by_token(token)

    def test_where_somebody_answered_the_answer_is_judged(self, case, cast):
        answered(case, cast)
        other, _ = ask(case, cast, Person("Mandor Rekaan", phone="0812 9999 0002"))
        with pytest.raises(DomainError, match="Nilai jawabannya"):
            third_party_judging.conclude_without(actor_of(cast.asesor), other, "Tidak menjawab.")


class TestReminders:
    def test_once_after_some_days_with_a_link_of_its_own(self, case, cast):
        row, first = ask(case, cast)
        assert third_party.remind() == 0
        with time_machine.travel(clock.now() + timedelta(days=5, hours=1)):
            assert (third_party.remind(), third_party.remind()) == (1, 0)
            mail = mails(third_party.REMINDER)[0]
            second = mail.payload["context"]["token"]
            assert second != first
            assert third_party.by_token(second).id == third_party.by_token(first).id == row.id

    def test_whom_no_mail_reaches_his_asesor_is_told_of(self, case, cast):
        ask(case, cast, Person("Mandor Rekaan", phone="0812 9999 0002"))
        with time_machine.travel(clock.now() + timedelta(days=6)):
            assert third_party.remind() == 1
        assert mails(third_party.REMINDER) == []
        assert mails("third_party_silent")[0].payload["to"] == cast.asesor.email

    def test_not_who_answered_nor_who_is_asked_no_more(self, case, cast):
        answered(case, cast)
        row, _ = ask(case, cast, Person("Mandor Rekaan", email="mandor@contoh.example"))
        third_party.withdraw(actor_of(cast.asesor), row)
        db.session.commit()
        with time_machine.travel(clock.now() + timedelta(days=6)):
            assert third_party.remind() == 0


def test_a_letter_says_what_was_posted(case, cast):
    """The helper of the tests answers every question, so that what it leaves out is what a test means."""
    row, _ = ask(case, cast)
    assert set(letter_for(row)) >= {each.key for each in questions_of(row).all}
    assert db.session.get_one(ThirdParty, row.id).late is False
