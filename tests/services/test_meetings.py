"""Booking, moving and missing meetings, and the record that is made as they happen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError, NotAllowed
from lsp.models import AsesorProfile, Consent, ConsentText, OutboxMessage, Setting
from lsp.models.inforce import consent_text
from lsp.services import meetings, offers, signing
from lsp.vocabulary import Channel, ConsentKind, MeetingKind, Mode, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from tests import factories
from tests.support.meetings import make_jadwal, make_slot
from tests.workflow.cases import actor_of, make_cast, make_permohonan

S = PermohonanStatus
PRE, ASSESSMENT = MeetingKind.PRE_ASSESSMENT, MeetingKind.ASSESSMENT


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def paid(cast):
    return make_permohonan(S.PAID, cast=cast)


def slot_for(case, cast, *, asesor=None, jadwal=None, kind=PRE, hours=30, **columns):
    asesor = asesor or cast.asesor
    jadwal = (
        jadwal
        or cast.jadwal.get(case.mode)
        or make_jadwal(asesor, skema=cast.skema, mode=case.mode)
    )
    return make_slot(
        asesor, jadwal=jadwal, kind=kind, starts_at=clock.now() + timedelta(hours=hours), **columns
    )


def book(case, slot, *, actor: Actor | None = None, note: str = ""):
    return meetings.book(
        actor or actor_of(case.asesi), case, slot.public_id, version=case.version, note=note
    )


def open_to(case, **how):
    return [offer.public_id for offer in offers.offers_for(case, **how) if not offer.bar]


class TestBooking:
    def test_one_that_is_over_is_called_so_even_when_it_was_full(self, paid, cast):
        slot = slot_for(paid, cast, capacity=1)
        book(make_permohonan(S.PAID, cast=cast), slot)
        slot.starts_at, slot.ends_at = (clock.now() - timedelta(hours=back) for back in (3, 1))
        db.session.flush()
        with pytest.raises(DomainError, match="sudah lewat"):
            book(paid, slot)

    def test_a_seat_and_the_case_moves_on(self, paid, cast):
        seat = book(paid, slot_for(paid, cast))
        assert (seat.seat, paid.status) == (1, S.PRE_SCHEDULED)
        kinds = [
            row.kind for row in db.session.query(OutboxMessage).filter_by(channel=Channel.MAIL)
        ]
        assert kinds.count("meeting_reminder") == 4, "24 h and 1 h before, to both"

    def test_reminders_go_as_the_setting_says(self, paid, cast):
        row = db.session.query(Setting).filter_by(key="meeting_reminder_hours").one()
        row.value = [3]
        db.session.commit()
        book(paid, slot_for(paid, cast))
        sent = db.session.query(OutboxMessage).filter_by(kind="meeting_reminder").all()
        assert {message.payload["context"]["hours"] for message in sent} == {3}
        assert len(sent) == 2

    def test_the_invitation_says_which_way_and_where(self, cast):
        case = make_permohonan(S.PAID, cast=cast, mode=Mode.LURING)
        slot = slot_for(case, cast)
        slot.jadwal.tuk.address = "Jl. Rekaan No. 7"
        db.session.commit()
        book(case, slot)
        invitation = db.session.query(OutboxMessage).filter_by(kind="meeting_invitation").one()
        facts = invitation.payload["context"]
        assert (facts["mode"], facts["place"]) == ("luring", slot.jadwal.tuk.name)
        assert facts["address"] == "Jl. Rekaan No. 7"

    def test_a_closed_slot_is_gone(self, paid, cast):
        with pytest.raises(DomainError, match="sudah tidak ada"):
            book(paid, slot_for(paid, cast, cancelled_at=clock.now()))

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"met_valid_until": clock.today_wib()}, "MET"),
            ({"scope": ["GE01"]}, "lingkup"),
            ({"jenjang": 5}, "Jenjang"),
        ],
    )
    def test_an_asesor_who_does_not_fit(self, paid, cast, changes, sentence):
        slot = slot_for(paid, cast)
        profile = db.session.get(AsesorProfile, cast.asesor.id)
        for name, value in changes.items():
            setattr(profile, name, value)
        db.session.commit()
        with pytest.raises(NotAllowed, match=sentence):
            book(paid, slot)

    def test_the_wrong_kind_of_meeting(self, paid, cast):
        with pytest.raises(NotAllowed, match="tidak sesuai"):
            book(paid, slot_for(paid, cast, kind=ASSESSMENT))

    def test_one_nik_stands_in_a_jadwal_once(self, paid, cast):
        slot = slot_for(paid, cast, capacity=2)
        book(paid, slot)
        twin = make_permohonan(S.PAID, cast=cast)
        dossier_of(twin).fr_apl_01.nik = dossier_of(paid).fr_apl_01.nik
        db.session.flush()
        with pytest.raises(DomainError, match="NIK ini sudah terdaftar"):
            book(twin, slot)

    def test_nobody_is_his_own_asesor(self, cast):
        case = make_permohonan(S.PAID, cast=cast, asesi=cast.asesor)
        with pytest.raises(DomainError, match="asesi permohonan ini sendiri"):
            book(case, slot_for(case, cast))

    def test_the_load_of_a_day(self, cast, monkeypatch):
        asked = meetings.rules.setting
        monkeypatch.setattr(
            meetings.rules, "setting", lambda key: 1 if key == "asesor_daily_load" else asked(key)
        )
        first, second = (make_permohonan(S.PAID, cast=cast) for _ in range(2))
        slot = slot_for(first, cast, capacity=2)
        book(first, slot)
        with pytest.raises(NotAllowed, match="Asesor sudah punya 1 asesi"):
            book(second, slot)

    def test_out_of_turn(self, cast):
        case = make_permohonan(S.SUBMITTED, cast=cast)
        with pytest.raises(DomainError, match="tidak dapat dipesan pada status"):
            book(case, slot_for(case, cast))


class TestTheAssessmentStaysWithItsAsesor:
    @pytest.fixture
    def ready(self, cast):
        return make_permohonan(S.READY, cast=cast)

    def test_only_his_meetings_in_the_same_jadwal_are_offered(self, ready, cast):
        mine = slot_for(ready, cast, kind=ASSESSMENT)
        slot_for(ready, cast, asesor=cast.second_asesor, kind=ASSESSMENT)
        elsewhere = make_jadwal(cast.asesor, skema=cast.skema)
        slot_for(ready, cast, jadwal=elsewhere, kind=ASSESSMENT, hours=50)
        assert open_to(ready) == [mine.public_id]
        assert len(open_to(ready, for_admin=True)) == 3

    def test_the_asesi_cannot_change_the_jadwal(self, ready, cast):
        slot = slot_for(
            ready, cast, jadwal=make_jadwal(cast.asesor, skema=cast.skema), kind=ASSESSMENT
        )
        with pytest.raises(DomainError, match="jadwal yang sama"):
            book(ready, slot)

    def test_the_jadwal_of_another_mode_binds_nobody(self, ready, cast):
        ready.mode = Mode.LURING
        db.session.flush()
        jadwal = make_jadwal(cast.asesor, skema=cast.skema, mode=Mode.LURING)
        slot = slot_for(ready, cast, jadwal=jadwal, kind=ASSESSMENT)
        assert open_to(ready) == [slot.public_id]
        book(ready, slot)
        assert ready.status is S.SCHEDULED

    def test_the_admin_can_and_names_another_asesor_with_a_reason(self, ready, cast):
        jadwal = make_jadwal(cast.second_asesor, skema=cast.skema)
        slot = slot_for(ready, cast, asesor=cast.second_asesor, jadwal=jadwal, kind=ASSESSMENT)
        admin = actor_of(cast.admin)
        with pytest.raises(NotAllowed, match="Asesor asesmen harus sama"):
            book(ready, slot, actor=admin)
        db.session.rollback()
        book(ready, slot, actor=admin, note="Asesor pertama cuti panjang.")
        assert ready.status is S.SCHEDULED


class TestGivingASeatBack:
    def test_it_is_free_for_another(self, paid, cast):
        slot = slot_for(paid, cast)
        book(paid, slot)
        meetings.cancel(
            actor_of(paid.asesi), paid, version=paid.version, reason="Ada pekerjaan mendadak."
        )
        assert (paid.status, paid.asesi_moves) == (S.PAID, 1)
        assert book(make_permohonan(S.PAID, cast=cast), slot).seat == 1

    def test_the_asesi_not_on_the_last_day(self, paid, cast):
        book(paid, slot_for(paid, cast, hours=23))
        with pytest.raises(NotAllowed, match="24 jam sebelumnya"):
            meetings.cancel(
                actor_of(paid.asesi), paid, version=paid.version, reason="Ada pekerjaan mendadak."
            )

    def test_another_asesor_never(self, paid, cast):
        book(paid, slot_for(paid, cast))
        with pytest.raises(NotAllowed, match="Hanya asesor rapat ini"):
            meetings.cancel(
                actor_of(cast.second_asesor),
                paid,
                version=paid.version,
                reason="Saya ambil alih saja.",
            )


class TestTheRecord:
    @pytest.fixture
    def case(self, cast):
        return make_permohonan(S.PRE_SCHEDULED, cast=cast, work_done=False)

    def test_only_the_asesor_of_the_meeting_writes_it(self, case, cast):
        for actor in (actor_of(cast.second_asesor), actor_of(cast.admin), actor_of(case.asesi)):
            with pytest.raises(DomainError, match="Hanya asesor rapat ini"):
                meetings.tick(actor, case, "asesor")

    def test_an_incident_by_him_or_the_admin_and_nobody_else(self, case, cast):
        for who in (cast.asesor, cast.admin):
            meetings.note_incident(actor_of(who), case, kind="", action="Listrik padam 5 menit.")
        rows = meetings.incidents_of(dossier_of(case).booking)
        assert [row.kind for row in rows] == ["Gangguan teknis"] * 2
        for who in (cast.second_asesor, case.asesi, factories.make_user(Role.PENYELIA)):
            with pytest.raises(NotAllowed):
                meetings.note_incident(actor_of(who), case, kind="x", action="y")

    def test_consent_is_the_asesis_alone(self, case, cast):
        with pytest.raises(DomainError, match="Hanya asesi"):
            meetings.agree_to_recording(actor_of(cast.asesor), case)
        meetings.agree_to_recording(actor_of(case.asesi), case)
        meetings.agree_to_recording(actor_of(case.asesi), case)
        record = dossier_of(case).booking.record
        assert record.recording_consent_at is not None
        assert record.recording_consent_text_id is not None

    def test_a_new_wording_is_agreed_to_anew(self, case, cast):
        """What the record names must be what was really agreed to."""
        asesi, kind = actor_of(case.asesi), ConsentKind.RECORDING
        signing.agree(asesi, case, kind)
        old = consent_text(kind)
        db.session.add(
            ConsentText(
                kind=kind,
                version_number=old.version_number + 1,
                effective_from=clock.today_wib(),
                title=old.title,
                body="Bunyi yang baru.",
            )
        )
        db.session.flush()
        for _ in range(2):
            meetings.agree_to_recording(asesi, case)
        given = db.session.query(Consent.text_id).filter_by(permohonan_id=case.id).all()
        new = consent_text(kind).id
        assert [row.text_id for row in given].count(new) == 1
        assert dossier_of(case).booking.record.recording_consent_text_id == new

    def test_absence_by_another_asesor_leaves_no_trace(self, case, cast):
        with pytest.raises(NotAllowed, match="Hanya asesor rapat ini"):
            meetings.note_absence(
                actor_of(cast.second_asesor), case, party="asesi", version=case.version
            )
        assert dossier_of(case).booking.record is None

    def test_a_case_dropped_for_absence_is_told_why(self, case, cast):
        case.asesi_absences = 1
        db.session.flush()
        meetings.note_absence(actor_of(cast.asesor), case, party="asesi", version=case.version)
        assert case.status is S.DROPPED
        mail = db.session.query(OutboxMessage).filter_by(kind="permohonan_dropped").one()
        assert mail.payload["context"]["reason"] == "Anda tercatat tidak hadir dua kali."
        assert db.session.query(OutboxMessage).filter_by(kind="meeting_missed").count() == 0
        assert case.events[-1].note == "Asesi tidak hadir untuk kali ke-2."

    def test_the_number_is_the_cases_own(self, case, cast):
        case.asesi_absences = 2
        db.session.flush()
        meetings.note_absence(actor_of(cast.asesor), case, party="asesi", version=case.version)
        mail = db.session.query(OutboxMessage).filter_by(kind="permohonan_dropped").one()
        assert "tidak hadir tiga kali" in mail.payload["context"]["reason"]

    def test_the_first_absence_asks_for_another_time_and_warns(self, case, cast):
        meetings.note_absence(actor_of(cast.asesor), case, party="asesi", version=case.version)
        assert case.status is S.PAID
        mail = db.session.query(OutboxMessage).filter_by(kind="meeting_missed").one()
        assert mail.payload["context"]["last_chance"] is True
        assert db.session.query(OutboxMessage).filter_by(kind="permohonan_dropped").count() == 0

    def test_an_asesors_absence_is_not_the_asesis(self, case, cast):
        case.asesi_absences = 0
        db.session.flush()
        meetings.note_absence(actor_of(cast.admin), case, party="asesor", version=case.version)
        mail = db.session.query(OutboxMessage).filter_by(kind="meeting_missed").one()
        assert mail.payload["context"]["last_chance"] is False
        assert case.asesi_absences == 0
