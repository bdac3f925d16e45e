"""Blanko and LPJK numbers, the PDF job and the public check, against a real database and the real typesetter."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from lsp import clock, ids
from lsp.database import db
from lsp.errors import DomainError, NotAllowed
from lsp.gateways import storage
from lsp.models import Blanko, Certificate, OutboxMessage, PermohonanEvent, Setting, blanko_ledger
from lsp.services import certificate_file, certificates
from lsp.vocabulary import BlankoState, CertificateStatus, PermohonanStatus, RequestKind
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.certificate import validity_end, validity_years
from tests.papers.reading import page_image, page_texts, qr_contents
from tests.workflow.cases import actor_of, make_cast, make_permohonan

S = PermohonanStatus
BASE_URL = "http://localhost"
REASON = "Salah baca angka terakhir."


def requested(cast):
    return make_permohonan(S.BLANKO_REQUESTED, cast=cast, work_done=False)


def receive(cast, case, number="0001234", **changes):
    words = {"version": case.version} | changes
    certificates.receive_blanko(actor_of(cast.admin), case, number=number, **words)
    db.session.commit()


def record(cast, case, number="F 0000 000001 2026 0000042 MP 01", qr="https://lpjk.contoh.id/1"):
    certificates.record_lpjk(actor_of(cast.admin), case, number=number, qr=qr, version=case.version)
    db.session.commit()


def correct(cast, case, **changes):
    words = {
        "blanko": "",
        "lpjk_number": "",
        "lpjk_qr": "",
        "reason": REASON,
        "version": case.version,
    }
    certificates.correct_numbers(actor_of(cast.admin), case, **(words | changes))
    db.session.commit()


def issued():
    return db.session.scalar(
        select(Certificate).where(Certificate.permohonan_id == make_permohonan(S.ISSUED).id)
    )


@pytest.mark.both
class TestNumbers:
    def test_from_blanko_to_lpjk(self, app):
        cast = make_cast()
        case = requested(cast)
        receive(cast, case, " blk  0001 ")
        assert case.status is S.BLANKO_RECEIVED
        registration = dossier_of(case).registration
        assert registration.blanko.number == "BLK 0001", "as it is compared and printed"
        record(cast, case, "f 0000 1 2026")
        assert (case.status, registration.lpjk_number) == (S.RECORDED, "F 0000 1 2026")

    def test_a_number_of_another_certificate(self, app):
        cast = make_cast()
        receive(cast, requested(cast))
        other = requested(cast)
        with pytest.raises(DomainError, match="sudah tercatat untuk sertifikat lain"):
            receive(cast, other)
        db.session.rollback()
        assert other.status is S.BLANKO_REQUESTED

    def test_an_lpjk_number_of_another_certificate(self, app):
        cast = make_cast()
        first, second = requested(cast), requested(cast)
        receive(cast, first, "1")
        receive(cast, second, "2")
        record(cast, first)
        with pytest.raises(DomainError, match="LPJK ini sudah tercatat"):
            record(cast, second)
        db.session.rollback()
        assert second.status is S.BLANKO_RECEIVED

    @pytest.mark.parametrize("number", ["", "   "])
    def test_an_empty_number(self, app, number):
        cast = make_cast()
        with pytest.raises(DomainError, match="Isi nomor blangko"):
            receive(cast, requested(cast), number)

    def test_in_the_wrong_state_nothing_is_kept(self, app):
        cast = make_cast()
        case = make_permohonan(S.COMPETENT, cast=cast)
        with pytest.raises(NotAllowed):
            receive(cast, case)
        db.session.rollback()
        assert db.session.scalars(select(Blanko)).all() == []

    def test_a_stale_version(self, app):
        cast = make_cast()
        case = requested(cast)
        with pytest.raises(NotAllowed, match="Data sudah berubah"):
            receive(cast, case, version=case.version - 1)
        db.session.rollback()


@pytest.mark.both
class TestCorrecting:
    def test_the_old_number_stays_in_ledger_and_history(self, app):
        cast = make_cast()
        case = requested(cast)
        receive(cast, case, "1111")
        correct(cast, case, blanko="2222")
        assert dossier_of(case).registration.blanko.number == "2222"
        old = db.session.scalar(select(Blanko).where(Blanko.number == "1111"))
        assert (old.state, old.permohonan_id, old.note) == (BlankoState.MISTYPED, None, REASON)
        event = db.session.scalar(
            select(PermohonanEvent).order_by(PermohonanEvent.id.desc()).limit(1)
        )
        assert "sebelumnya: 1111" in event.note

    def test_a_number_typed_into_the_wrong_row_goes_to_the_right_one(self, app):
        """The commonest mistake: the neighbour's number. It must not be lost to both."""
        cast = make_cast()
        wrong, right = requested(cast), requested(cast)
        receive(cast, wrong, "1111")
        correct(cast, wrong, blanko="2222")
        receive(cast, right, "1111")
        registration = dossier_of(right).registration
        assert registration.blanko.number == "1111"
        assert registration.blanko.nik_index == dossier_of(right).fr_apl_01.nik_index
        assert registration.blanko.state is BlankoState.RESERVED

    def test_and_back_again(self, app):
        cast = make_cast()
        case = requested(cast)
        receive(cast, case, "1111")
        correct(cast, case, blanko="2222")
        correct(cast, case, blanko="1111")
        assert dossier_of(case).registration.blanko.number == "1111"

    def test_a_number_that_an_annulment_spoiled_is_not_taken_again(self, app):
        cast = make_cast()
        case = requested(cast)
        receive(cast, case, "1111")
        spoiled = dossier_of(case).registration.blanko
        blanko_ledger.move(spoiled, BlankoState.SPOILED, actor_id=None, note=REASON)
        other = requested(cast)
        db.session.commit()
        with pytest.raises(DomainError, match="sudah tercatat"):
            receive(cast, other, "1111")
        db.session.rollback()

    def test_the_reason_is_the_persons_own(self, app):
        """The old values are put behind it and must not make up for a reason too short."""
        cast = make_cast()
        case = requested(cast)
        receive(cast, case, "111122223333444455556666")
        with pytest.raises(NotAllowed, match="sedikitnya 10"):
            correct(cast, case, blanko="2", reason="salah")
        db.session.rollback()
        assert dossier_of(case).registration.blanko.number == "111122223333444455556666"

    def test_nothing_changed(self, app):
        cast = make_cast()
        case = requested(cast)
        receive(cast, case, "1111")
        with pytest.raises(DomainError, match="Belum ada nomor yang Anda ubah"):
            correct(cast, case, blanko="1111")
        db.session.rollback()

    def test_lpjk_number_and_qr(self, app):
        cast = make_cast()
        case = requested(cast)
        receive(cast, case)
        record(cast, case)
        correct(cast, case, lpjk_number="F 1", lpjk_qr="https://lpjk.contoh.id/2")
        registration = dossier_of(case).registration
        assert (registration.lpjk_number, registration.lpjk_qr) == (
            "F 1",
            "https://lpjk.contoh.id/2",
        )
        assert case.status is S.RECORDED


class TestPdf:
    def test_it_is_made_once_and_stored_sealed(self, app):
        made, before = issued(), set(storage.store().list_keys())
        certificates.make_pdf(made.public_id, base_url=BASE_URL)
        first = (made.pdf_key, made.pdf_sha256, made.pdf_made_at)
        assert None not in first
        content = storage.store().open(made.pdf_key)
        assert content.startswith(b"%PDF-")
        certificates.make_pdf(made.public_id, base_url=BASE_URL)
        assert (made.pdf_key, made.pdf_sha256, made.pdf_made_at) == first
        assert set(storage.store().list_keys()) - before == {made.pdf_key}

    def test_its_words_and_its_qr_are_those_of_this_certificate(self, app):
        made = issued()
        certificates.make_pdf(made.public_id, base_url=BASE_URL)
        content = storage.store().open(made.pdf_key)
        words = " ".join(page_texts(content))
        for fact in (
            made.holder_name,
            made.certificate_number,
            made.lpjk_number,
            made.blanko_number,
        ):
            assert fact in words
        codes = qr_contents(page_image(content, 0))
        assert f"HTTP://LOCALHOST/V/{made.token}" in codes

    def test_a_second_worker_leaves_no_file_behind(self, app, monkeypatch):
        """Two hold the job because a lease ran out: the first one's file stays, the other's goes."""
        made, before = issued(), set(storage.store().list_keys())
        put = storage.store().__class__.put

        def put_after_the_other(store, content):
            monkeypatch.setattr(storage.store().__class__, "put", put)
            certificates.make_pdf(made.public_id, base_url=BASE_URL)
            return put(store, content)

        monkeypatch.setattr(storage.store().__class__, "put", put_after_the_other)
        certificates.make_pdf(made.public_id, base_url=BASE_URL)
        db.session.expire_all()
        assert set(storage.store().list_keys()) - before == {made.pdf_key}

    def test_killed_between_file_and_row_there_is_no_half_state(self, app, monkeypatch):
        made = issued()

        class Killed(BaseException):
            pass

        def die(*_args):
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(certificate_file, "_note", die)
            with pytest.raises(Killed):
                certificates.make_pdf(made.public_id, base_url=BASE_URL)
        db.session.rollback()
        assert made.pdf_key is None, "a file without a row, never a row without a file"
        certificates.make_pdf(made.public_id, base_url=BASE_URL)
        db.session.expire_all()
        assert made.pdf_key in set(storage.store().list_keys())

    def test_the_worker_makes_it(self, app):
        from lsp import worker
        from lsp.workflow.permohonan import PERMOHONAN

        cast = make_cast()
        case = make_permohonan(S.RECORDED, cast=cast)
        PERMOHONAN.perform(case, "issue", actor_of(cast.ketua), version=case.version)
        db.session.commit()
        case_id = case.id
        worker.drain()
        made = db.session.scalar(select(Certificate).where(Certificate.permohonan_id == case_id))
        assert made.pdf_key
        row = db.session.scalar(
            select(OutboxMessage).where(OutboxMessage.kind == "certificate_pdf")
        )
        assert row.done_at is not None

    @pytest.mark.both
    @pytest.mark.parametrize(
        "column",
        ["holder_name", "certificate_number", "token", "valid_until", "lpjk_qr", "blanko_number"],
    )
    def test_what_is_printed_cannot_be_changed(self, app, column):
        made = issued()
        value = "2099-01-01" if column == "valid_until" else "X"
        with pytest.raises(Exception, match="frozen: certificate"):
            db.session.execute(
                text(f"UPDATE certificate SET {column} = '{value}' WHERE id = :id"), {"id": made.id}
            )
        db.session.rollback()


class TestByToken:
    def test_case_does_not_matter(self, app):
        made = issued()
        assert (
            certificates.by_token(made.token) == certificates.by_token(made.token.lower()) == made
        )

    def test_a_thousand_mutated_tokens_lead_nowhere(self, app):
        made, chance = issued(), random.Random(20)
        signs = ids.ALPHABET + "ILOUilou _-ſı０"
        wrong = set()
        while len(wrong) < 1000:
            letters = list(made.token)
            for _ in range(chance.choice((1, 1, 1, 2, 5))):
                place = chance.randrange(len(letters))
                how = chance.randrange(4)
                if how == 0:
                    letters[place] = chance.choice(signs)
                elif how == 1:
                    del letters[place]
                elif how == 2:
                    letters.insert(place, chance.choice(signs))
                else:
                    other = chance.randrange(len(letters))
                    letters[place], letters[other] = letters[other], letters[place]
            mutant = "".join(letters)
            if mutant.upper() != made.token or not mutant.isascii():
                wrong.add(mutant)
        assert [mutant for mutant in wrong if certificates.by_token(mutant) is not None] == []

    @pytest.mark.parametrize(
        "token", ["", " ", "0" * 26, "0" * 10_000, "ſ" * 26, "%", "' OR 1=1 --", "\x00" * 26]
    )
    def test_hostile_ones(self, app, token):
        issued()
        assert certificates.by_token(token) is None


class TestByNumberAndName:
    def test_both_must_fit(self, app):
        made = issued()
        find = certificates.by_number_and_name
        assert find(f"  {made.certificate_number} ", made.holder_name.upper() + " ") == made
        assert find(made.lpjk_number.lower(), made.holder_name) == made
        assert find(made.certificate_number, "Orang Lain") is None
        assert find(made.certificate_number, "") is None
        assert find("1", made.holder_name) is None


class TestStateNow:
    @pytest.mark.parametrize(
        ("stored", "shown"),
        [
            (CertificateStatus.ACTIVE, CertificateStatus.EXPIRED),
            (CertificateStatus.SUSPENDED, CertificateStatus.EXPIRED),
            (CertificateStatus.REVOKED, CertificateStatus.REVOKED),
            (CertificateStatus.REPLACED, CertificateStatus.REPLACED),
        ],
    )
    def test_after_the_last_day_even_before_the_clock_has_run(self, app, stored, shown):
        made = Certificate(
            status=stored,
            status_at=clock.now(),
            valid_until=clock.today_wib() - timedelta(days=1),
        )
        assert certificates.state_now(made) is shown
        made.valid_until = clock.today_wib()
        assert certificates.state_now(made) is stored, "the last day is included"

    def test_a_fresh_graduate_has_the_years_of_the_setting(self, app):
        case = make_permohonan(S.RECORDED, kind=RequestKind.FRESH_GRADUATE)
        assert validity_years(case) == 1
        db.session.query(Setting).filter_by(key="fresh_graduate_validity_years").one().value = 2
        db.session.flush()
        assert validity_years(case) == 2

    def test_validity_ends_a_day_before_the_anniversary(self):
        from datetime import date

        assert validity_end(date(2026, 11, 24), 5, 1) == date(2031, 11, 23)
        assert validity_end(date(2028, 2, 29), 5, 1) == date(2033, 2, 27)


class TestMails:
    """The mails of stage 4 draw with what the workflow gives them, and say no result."""

    @pytest.mark.parametrize(
        ("template", "context"),
        [
            ("result_ready", {}),
            ("banding_answered", {}),
            ("reassessment_opened", {}),
            ("certificate_issued", {}),
            ("blanko_refused", {"reason": "Berita acara belum dilampirkan.", "asesi_name": "Siti"}),
        ],
    )
    def test_each_draws(self, template, context):
        from lsp.gateways.mail import render

        always = {
            "name": "Budi", "skema": "Petugas K3", "public_id": "7Q9K2M4X8TPA0B1C", "base_url": "https://lsp.contoh.id",
            "lembaga_name": "LSP Contoh",
        }  # fmt: skip
        subject, text_of_mail = render(template, always | context)
        assert 10 < len(subject) < 80
        assert context.get("reason", "") in text_of_mail
        assert "\n\n\n" not in text_of_mail
        if template == "result_ready":
            assert "kompeten" not in (subject + text_of_mail).lower()
