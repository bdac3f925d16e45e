"""FR.AK.05 and FR.AK.06 of a jadwal: whose asesi, what lies before the asesor, when he may sign, what is fixed then."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError, NotAllowed
from lsp.models import Incident, OutboxMessage
from lsp.services import fr_ak_05, fr_ak_06, jadwal_reports
from lsp.vocabulary import (
    Answer,
    InstrumentPaper,
    JadwalStatus,
    MeetingKind,
    Mode,
    PermohonanStatus,
)
from lsp.workflow import jadwal_reports as rules
from lsp.workflow.dossier import dossier_of
from lsp.workflow.jadwal import JADWAL
from tests.support.assessment import make_filled, make_fr_ak_03
from tests.support.meetings import make_slot
from tests.support.reports import every_cell, make_ak_05, make_ak_06, next_edition
from tests.test_pages import count_queries
from tests.workflow.cases import actor_of, hold_seat, make_cast, make_permohonan, seat_of

S = PermohonanStatus


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def competent(cast):
    return make_permohonan(S.COMPETENT, cast=cast)


@pytest.fixture
def jadwal(cast, competent):
    return cast.jadwal[Mode.DARING]


def batch_of(jadwal, cast):
    db.session.expire_all()
    return jadwal_reports.batch_of(jadwal, cast.asesor.id)


def texts(**changes):
    return dict.fromkeys(fr_ak_05.TEXTS, "") | {"aspects": "Berjalan baik."} | changes


def fill_both(jadwal, cast):
    actor = actor_of(cast.asesor)
    fr_ak_05.save(actor, jadwal, texts())
    fr_ak_06.save(actor, jadwal, answers=every_cell(), texts=dict.fromkeys(fr_ak_06.TEXTS, ""))
    db.session.commit()
    return actor


def give_to(asesor, case):
    """As if this asesor had held each meeting of the case."""
    for seat in dossier_of(case).bookings:
        seat.slot.asesor_id = asesor.id


class TestRows:
    def test_the_batch_by_name_with_the_units_that_failed(self, cast, competent, jadwal):
        failed = make_permohonan(S.NOT_YET_COMPETENT, cast=cast)
        rows = {row.permohonan: row for row in fr_ak_05.rows_of(batch_of(jadwal, cast))}
        assert rows[competent.public_id].answer is Answer.K
        assert rows[competent.public_id].units == []
        [[code, title]] = rows[failed.public_id].units
        unit = cast.skema.units[0]
        assert (rows[failed.public_id].answer, code, title) == (Answer.BK, unit.code, unit.title)

    def test_who_was_dropped_or_absent_is_listed_as_such(self, cast, jadwal):
        gone = make_permohonan(S.SCHEDULED, cast=cast)
        seat = seat_of(gone)
        seat.record.absent_party, seat.record.started_at = "asesi", None
        seat.closed_at = clock.now()
        gone.status = S.DROPPED
        db.session.commit()
        rows = {row.permohonan: row for row in fr_ak_05.rows_of(batch_of(jadwal, cast))}
        assert rows[gone.public_id].why == "Tidak hadir, gugur"
        assert rows[gone.public_id].recommendation == ""

    @pytest.mark.parametrize(
        ("status", "why"),
        [(S.IN_ASSESSMENT, "Dikembalikan tim teknis"), (S.WITHDRAWN, "Mengundurkan diri")],
    )
    def test_a_recommendation_that_was_returned_is_none(self, cast, competent, jadwal, status, why):
        """The asesor may still change it, or the asesi left before it was sent again."""
        back = make_permohonan(S.RECOMMENDED, cast=cast)
        back.status = status
        db.session.commit()
        batch = batch_of(jadwal, cast)
        assert back.id in {case for case, _attempt in batch.papers}, "it was once sent"
        row = next(each for each in fr_ak_05.rows_of(batch) if each.permohonan == back.public_id)
        assert (row.recommendation, row.units, row.why) == ("", [], why)
        waiting = int(status is S.IN_ASSESSMENT)
        assert fr_ak_06.facts_of(batch).procedure["keputusan"] == (
            "Kompeten 1, belum kompeten 0, "
            f"diperbaiki sesudah dikembalikan 0, masih diperbaiki {waiting}."
        )

    def test_of_a_colleagues_asesi_nothing(self, cast, competent, jadwal):
        other = make_permohonan(S.COMPETENT, cast=cast)
        give_to(cast.second_asesor, other)
        db.session.commit()
        mine = [row.permohonan for row in fr_ak_05.rows_of(batch_of(jadwal, cast))]
        assert other.public_id not in mine
        assert competent.public_id in mine

    def test_refusals_to_sign_begin_the_text(self, cast, jadwal):
        case = make_permohonan(S.IN_ASSESSMENT, cast=cast)
        paper = dossier_of(case).fr_ak_02
        paper.asesi_signature, paper.asesi_refusal_reason = "refused", "Tidak setuju unit 1."
        paper.frozen_at = clock.now()
        db.session.commit()
        begun = fr_ak_05.texts_of(None, batch_of(jadwal, cast))["refusals"]
        assert begun == (
            f"{case.asesi_name} menolak menandatangani FR.AK.02. Alasan: Tidak setuju unit 1."
        )

    def test_disturbances_of_his_meetings_but_no_notes_of_a_penyelia(self, cast, competent, jadwal):
        seat = dossier_of(competent).bookings[-1]
        for kind in ("Listrik padam", "Catatan penyelia"):
            db.session.add(
                Incident(
                    booking_id=seat.id, at=clock.now(), kind=kind, action="Menunggu",
                    recorded_by_id=cast.asesor.id,
                )
            )  # fmt: skip
        db.session.commit()
        assert [each.kind for each in batch_of(jadwal, cast).incidents] == ["Listrik padam"]


class TestWhenItIsSigned:
    def test_not_before_each_of_his_asesi_is_recommended(self, cast, jadwal):
        waits = make_permohonan(S.SCHEDULED, cast=cast)
        actor = fill_both(jadwal, cast)
        for sign in (fr_ak_05.sign, fr_ak_06.sign):
            with pytest.raises(DomainError, match=f"1 asesi yang belum.*{waits.asesi_name}"):
                sign(actor, jadwal, typed_name=actor.name)

    def test_not_while_others_may_still_book_with_him(self, cast, jadwal):
        jadwal.status = JadwalStatus.RUNNING
        make_slot(cast.asesor, jadwal=jadwal)
        actor = fill_both(jadwal, cast)
        with pytest.raises(DomainError, match="masih dapat dipesan"):
            fr_ak_05.sign(actor, jadwal, typed_name=actor.name)

    def test_not_with_another_name(self, cast, jadwal):
        actor = fill_both(jadwal, cast)
        with pytest.raises(DomainError, match="persis seperti ini"):
            fr_ak_05.sign(actor, jadwal, typed_name="Orang Lain")

    def test_not_empty(self, cast, jadwal):
        actor = actor_of(cast.asesor)
        for sign in (fr_ak_05.sign, fr_ak_06.sign):
            with pytest.raises(DomainError, match=r"Tulis dulu|Isi dulu"):
                sign(actor, jadwal, typed_name=actor.name)

    def test_an_open_cell_needs_a_recommendation(self, cast, jadwal):
        actor, none = fill_both(jadwal, cast), dict.fromkeys(fr_ak_06.TEXTS, "")
        open_tick = every_cell() | {"rencana.valid": False}
        fr_ak_06.save(actor, jadwal, answers=open_tick, texts=none)
        with pytest.raises(DomainError, match="tidak Anda centang"):
            fr_ak_06.sign(actor, jadwal, typed_name=actor.name)
        said = none | {"recommendation_process": "Rencana dibuat lebih awal."}
        open_both = {key: value for key, value in open_tick.items() if key != "ts"}
        fr_ak_06.save(actor, jadwal, answers=open_both, texts=said)
        with pytest.raises(DomainError, match="dimensi kompetensi yang kosong"):
            fr_ak_06.sign(actor, jadwal, typed_name=actor.name)
        said |= {"recommendation_consistency": "Tambah studi kasus."}
        fr_ak_06.save(actor, jadwal, answers=open_both, texts=said)
        assert fr_ak_06.sign(actor, jadwal, typed_name=actor.name).signed_at is not None

    def test_signed_it_is_fixed_also_for_the_database(self, cast, jadwal):
        actor = fill_both(jadwal, cast)
        report = fr_ak_05.sign(actor, jadwal, typed_name=f" {actor.name.upper()} ")
        review = fr_ak_06.sign(actor, jadwal, typed_name=actor.name)
        db.session.commit()
        assert (report.signed_name, len(report.rows)) == (actor.name, 1)
        with pytest.raises(DomainError, match="tidak dapat diubah lagi"):
            fr_ak_05.save(actor, jadwal, texts())
        with pytest.raises(DomainError, match="tidak dapat diubah lagi"):
            fr_ak_06.save(actor, jadwal, answers={}, texts={})
        for paper in (report, review):
            paper.signed_name = "Lain"
            with pytest.raises(IntegrityError, match="frozen"):
                db.session.flush()
            db.session.rollback()

    def test_a_foreign_cell_is_refused(self, cast, jadwal):
        with pytest.raises(DomainError, match="bukan dari formulir"):
            fr_ak_06.save(
                actor_of(cast.asesor), jadwal, answers={"keputusan.flexible": True}, texts={}
            )


class TestAfterIt:
    @pytest.fixture
    def report(self, cast, jadwal):
        return make_ak_05(jadwal, cast.asesor)

    def rows(self, report, jadwal, cast):
        return fr_ak_05.signed_rows(report, batch_of(jadwal, cast))

    def test_the_rows_stay_and_a_changed_recommendation_is_marked(
        self, cast, competent, jadwal, report
    ):
        next_edition(competent, Answer.BK, failed=(2,))
        [row] = self.rows(report, jadwal, cast)
        assert row.answer is Answer.K
        code = cast.skema.units[1].code
        assert row.since == f"Rekomendasi berubah sesudah laporan: Belum kompeten ({code})."

    def test_an_edition_that_says_the_same_is_no_change(self, cast, competent, jadwal, report):
        next_edition(competent)
        [row] = self.rows(report, jadwal, cast)
        assert row.since == ""

    def test_sent_back_and_come_later(self, cast, competent, jadwal, report):
        competent.status, competent.decision, competent.decided_at = S.IN_ASSESSMENT, None, None
        later = make_permohonan(S.COMPETENT, cast=cast)
        first, second = self.rows(report, jadwal, cast)
        assert first.since.startswith("Dikembalikan sesudah laporan")
        assert (second.name, second.since) == (later.asesi_name, "Menjadi peserta sesudah laporan.")


class TestFacts:
    @pytest.mark.both
    def test_they_count_and_judge_nothing(self, cast, competent, jadwal):
        make_filled(competent, InstrumentPaper.PW, finished_at=clock.now(), conclusion="met")
        make_fr_ak_03(competent, answers={}, given_at=clock.now())
        next_edition(competent)
        facts = fr_ak_06.facts_of(batch_of(jadwal, cast))
        assert facts.forms == {"FR.IA.08": 1, "FR.IA.09": 1}
        assert facts.procedure == {
            "rencana": "MAPA dipilih untuk 1 dari 1 asesi.",
            "persiapan": "FR.AK.01 untuk 1 dari 1 asesi, FR.AK.07 untuk 1 dari 1 asesi.",
            "implementasi": "Instrumen selesai: FR.IA.08 1, FR.IA.09 1. Gangguan rapat: 0.",
            "keputusan": "Kompeten 1, belum kompeten 0, diperbaiki sesudah dikembalikan 1, masih diperbaiki 0.",
            "umpan_balik": "FR.AK.03 diisi 1 dari 1 asesi.",
        }

    def test_as_many_queries_for_twenty_as_for_one(self, cast, jadwal):
        def read():
            batch = batch_of(jadwal, cast)
            fr_ak_05.rows_of(batch)
            fr_ak_06.facts_of(batch)

        few = count_queries(read)
        for _ in range(19):
            make_permohonan(S.COMPETENT, cast=cast)
        assert count_queries(read) == few
        assert few <= 11
        assert len(batch_of(jadwal, cast).seats) == 20


class TestClosing:
    def close(self, jadwal, cast):
        JADWAL.perform(jadwal, "close", actor_of(cast.admin), version=jadwal.version)

    @pytest.fixture
    def competent(self, cast):
        """At his end: the jadwal waits for nothing but the reports."""
        return make_permohonan(S.ISSUED, cast=cast)

    @pytest.fixture
    def done(self, cast, jadwal):
        jadwal.status = JadwalStatus.DONE
        db.session.commit()
        return jadwal

    @pytest.mark.both
    def test_each_asesor_who_held_a_meeting_has_signed_both(self, cast, done):
        other = make_permohonan(S.ISSUED, cast=cast)
        give_to(cast.second_asesor, other)
        db.session.commit()
        with pytest.raises(NotAllowed) as refused:
            self.close(done, cast)
        for person in (cast.asesor, cast.second_asesor):
            assert f"{person.name} (FR.AK.05 dan FR.AK.06)" in str(refused.value)
        make_ak_05(done, cast.asesor)
        make_ak_06(done, cast.asesor)
        make_ak_05(done, cast.second_asesor)
        make_ak_06(done, cast.second_asesor, signed=False)
        with pytest.raises(NotAllowed) as refused:
            self.close(done, cast)
        assert str(refused.value).endswith(f"{cast.second_asesor.name} (FR.AK.06).")

    def test_with_both_it_closes(self, cast, done):
        make_ak_05(done, cast.asesor)
        make_ak_06(done, cast.asesor)
        self.close(done, cast)
        assert done.status is JadwalStatus.CLOSED

    def test_nobody_reports_on_a_meeting_that_never_was(self, cast, done, competent):
        for seat in dossier_of(competent).bookings:
            seat.record.started_at = None
        db.session.commit()
        assert rules.reporters(done) == []
        self.close(done, cast)


class TestWorkAndReminder:
    def due(self, cast):
        db.session.expire_all()
        return [each.jadwal for each in jadwal_reports.due(actor_of(cast.asesor))]

    def test_it_waits_once_the_batch_is_over(self, cast, jadwal):
        assert self.due(cast) == [], "more asesi may come"
        jadwal.status = JadwalStatus.DONE
        db.session.commit()
        assert self.due(cast) == [jadwal]
        make_ak_05(jadwal, cast.asesor)
        [report] = jadwal_reports.due(actor_of(cast.asesor))
        assert report.reporter.lacks == ["FR.AK.06"]
        make_ak_06(jadwal, cast.asesor)
        assert self.due(cast) == []
        [report] = jadwal_reports.of_asesor(actor_of(cast.asesor))
        assert (report.jadwal, report.asesi, report.reporter.lacks) == (jadwal, 1, [])

    def test_a_closed_one_of_before_there_were_reports_asks_nothing(self, cast, jadwal):
        jadwal.status = JadwalStatus.CLOSED
        db.session.commit()
        assert self.due(cast) == []

    def test_its_last_day_is_over_too(self, cast, jadwal):
        jadwal.status, jadwal.starts_on = (
            JadwalStatus.RUNNING,
            clock.today_wib() - timedelta(days=9),
        )
        jadwal.ends_on = clock.today_wib() - timedelta(days=1)
        db.session.commit()
        assert self.due(cast) == [jadwal]

    def test_the_admin_reminds_once_in_a_while(self, cast, jadwal):
        admin = actor_of(cast.admin)
        jadwal_reports.remind(admin, jadwal, cast.asesor)
        db.session.commit()
        mail = db.session.query(OutboxMessage).filter_by(kind="report_reminder").one()
        assert mail.payload["context"]["lacking"] == "FR.AK.05 dan FR.AK.06"
        with pytest.raises(DomainError, match="sudah diingatkan"):
            jadwal_reports.remind(admin, jadwal, cast.asesor)
        with pytest.raises(DomainError, match="tidak ada yang ditagih"):
            jadwal_reports.remind(admin, jadwal, cast.second_asesor)

    def test_not_while_it_cannot_be_signed(self, cast, jadwal):
        make_permohonan(S.SCHEDULED, cast=cast)
        with pytest.raises(DomainError, match="belum dapat ditandatangani"):
            jadwal_reports.remind(actor_of(cast.admin), jadwal, cast.asesor)

    def test_the_last_seat_says_whose_asesi_he_is(self, cast, jadwal):
        """Pre-assessed by one asesor, assessed by another: the second reports."""
        case = make_permohonan(S.READY, cast=cast)
        hold_seat(case, MeetingKind.ASSESSMENT, cast, asesor=cast.second_asesor)
        db.session.commit()
        seats = {seat.public_id: seat.asesor_id for seat in rules.seats_of()}
        assert seats[case.public_id] == cast.second_asesor.id
