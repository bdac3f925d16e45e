"""The reports to LPJK: every field of its list, values from what was captured, and gaps that name who does what."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from lsp import clock, ids
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import AuditEvent, DocumentLink, DocumentLinkRead, OutboxMessage, SentWithGaps
from lsp.models.outbox_answer import mark_done
from lsp.services import document_links, lpjk_reports, outbox, outbox_answers
from lsp.services.lpjk_facts import Facts
from lsp.views import link_papers
from lsp.vocabulary import Mode, PermohonanStatus as S
from lsp.workflow.dossier import dossier_of
from tests.support.reports import make_ak_05, make_ak_06
from tests.test_pages import count_queries
from tests.workflow.cases import actor_of, make_cast, make_permohonan, tell

_METHODS = ("uji_praktek_atau_observasi_lapangan", "uji_tulis", "uji_lisan", "wawancara")
#: Process 4.4, by hand and in its order.
ASSESSOR = [
    "id_asesor", "id_asesor_2", "rekomendasi", "catatan", "tgl_surat_tugas", "no_surat_tugas", "kode_tuk", "nama_tuk",
    "tgl_uji", "tgl_selesai_uji", "metode_uji", *_METHODS, "penyelenggaraan_uji", "url_surat_tugas",
    "url_surat_rekomendasi_akhir", "url_apl01", "url_apl02", "tgl_verifikasi_apl01", "tgl_verifikasi_apl02",
    "url_dokumentasi_asesmen", "tgl_dokumentasi",
    *(f"{kind}_form_{method}" for method in _METHODS for kind in ("url", "tgl_pelaksaaan")),
    "nama_admin_lsp", "tgl_periksa_admin_lsp", "url_surat_verifikasi_tuk", "nama_ttd_surat_verifikasi_tuk",
    "tgl_ttd_surat_verifikasi_tuk", "tgl_kegiatan_pra_asesmen", "url_absensi_kegiatan_pra_asesmen",
    "url_absensi_kegiatan_asesmen", "url_absensi_asesor_kegiatan_pra_asesmen", "url_absensi_asesi_kegiatan_pra_asesmen",
    "url_absensi_asesor_kegiatan_asesmen", "url_absensi_asesi_kegiatan_asesmen", "url_mapa01", "url_mapa02",
    *(f"url_ak0{number}" for number in range(1, 8)),
    *(f"url_ia{number}" for number in ("01", "02", "03", "04a", "04b", "05", "06", "07", "08", "09", "10", "11")),
]  # fmt: skip
COMMITTEE = [
    "nama_komite_teknis", "jabatan_komite_teknis", "hasil_penetapan", "catatan", "tgl_surat_tugas", "no_surat_tugas",
    "tgl_penetapan", "url_surat_tugas", "url_ba_penetapan", "met_komtek_1", "met_komtek_2", "met_komtek_3",
    "url_absensi_tim_komtek",
]  # fmt: skip
REGISTRATION = ["nomor_registrasi_lsp", "nomor_sertifikasi_lsp", "nomor_blangko_bnsp"]
#: What the portal has no sheet or number of, so that no report is without these gaps.
NOT_IN_THE_PORTAL = {"url_surat_tugas", "url_surat_verifikasi_tuk"}


def assessor(case, **more):
    return {field.name: field for field in lpjk_reports.assessor_report(case, **more)}


def committee(case):
    return {field.name: field for field in lpjk_reports.committee_report(case)}


def lacking(fields):
    return {name for name, field in fields.items() if field.gap}


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def issued(cast):
    return make_permohonan(S.ISSUED, cast=cast)


def link_all(cast, case):
    made = lpjk_reports.make_links(actor_of(cast.admin), case)
    db.session.commit()
    return made


class TestEveryField:
    @pytest.mark.parametrize(
        "status", [S.DRAFT, S.PRE_SCHEDULED, S.RECOMMENDED, S.CLOSED_NOT_YET, S.ISSUED]
    )
    def test_in_the_order_of_lpjk(self, app, status):  # fmt: skip
        case = make_permohonan(status)
        assert list(assessor(case)) == ASSESSOR
        assert list(committee(case)) == COMMITTEE
        assert [each.name for each in lpjk_reports.registration_report(case)] == REGISTRATION

    def test_two_reports_of_78_fields(self):
        assert len(ASSESSOR) + len(COMMITTEE) == 78

    def test_queries_are_counted(self, cast, issued):
        link_all(cast, issued)
        db.session.expire_all()

        def read():
            facts = Facts(issued)
            for make in (lpjk_reports.assessor_report, lpjk_reports.committee_report):
                assert make(issued, facts=facts)
            assert lpjk_reports.registration_report(issued, facts=facts)

        assert count_queries(read) <= 32


class TestValues:
    def test_of_a_competent_case(self, cast, issued):
        found, today = assessor(issued), clock.today_wib().isoformat()
        said = {name: field.value for name, field in found.items()}
        assert said["rekomendasi"] == "K"
        assert (
            said["tgl_uji"] == said["tgl_selesai_uji"] == said["tgl_kegiatan_pra_asesmen"] == today
        )
        assert said["metode_uji"] == "portofolio"
        assert [said[name] for name in _METHODS] == ["0", "0", "0", "1"]
        assert said["nama_tuk"] == cast.tuk.name
        assert said["nama_admin_lsp"] == cast.admin.name
        decided = {name: field.value for name, field in committee(issued).items()}
        assert decided["nama_komite_teknis"] == cast.chair.name
        assert (decided["hasil_penetapan"], decided["tgl_penetapan"]) == ("K", today)
        registration = dossier_of(issued).registration
        assert [field.value for field in lpjk_reports.registration_report(issued)] == [
            registration.registration_entry.text,
            registration.certificate_entry.text,
            registration.blanko.number,
        ]

    def test_where_each_was_captured(self, issued):
        every = [*assessor(issued).values(), *committee(issued).values()]
        assert all(field.source and field.paper for field in every if field.value)

    def test_a_note_is_asked_for_bk_alone(self, cast, issued, monkeypatch):
        assert "catatan" not in lacking(assessor(issued)) | lacking(committee(issued))
        case = make_permohonan(S.CLOSED_NOT_YET, cast=cast)
        assert "Unit contoh 1: Belum dapat menjelaskan prosedur." in assessor(case)["catatan"].value
        monkeypatch.setattr(Facts, "asesor_note", "")
        assert "catatan" in lacking(assessor(case)) & lacking(committee(case))

    def test_asesor_2_when_the_jadwal_has_one(self, cast, issued):
        assert not assessor(issued)["id_asesor_2"].gap
        dossier_of(issued).bookings[-1].slot.jadwal.asesor_2_id = cast.second_asesor.id
        db.session.flush()
        assert assessor(issued)["id_asesor_2"].value.startswith("MET.000.")

    def test_the_code_of_a_remote_session_says_that_nobody_confirmed_it(self, issued):
        field = assessor(issued)["penyelenggaraan_uji"]
        assert (field.value, field.paper, field.subject) == ("1", "aturan", "lpjk_delivery_code")
        assert "belum dikonfirmasi" in field.source

    def test_pictures_are_asked_of_a_remote_meeting_alone(self, cast):
        case = make_permohonan(S.RECOMMENDED, cast=cast, mode=Mode.LURING)
        assert not lacking(assessor(case)) & {"url_dokumentasi_asesmen", "tgl_dokumentasi"}

    def test_a_case_that_ended_at_the_pre_assessment_is_not_asked_for_a_plan(self, app):
        case = make_permohonan(S.RECOMMENDED)
        tell(case, "recommend_not_continue", S.PRE_SCHEDULED, S.RECOMMENDED)
        never = {"url_mapa01", "url_ak01", "url_ak07", "url_ia08", "url_absensi_kegiatan_asesmen"}
        assert not lacking(assessor(case)) & never

    def test_fields_of_2026_are_not_asked_of_what_was_decided_before(self, issued):
        assert "url_ak05" in lacking(assessor(issued))
        issued.decided_at = issued.decided_at.replace(year=2025)
        facts = Facts(issued)
        assert facts.year == 2025
        assert "url_ak05" not in lacking(assessor(issued, facts=facts))


class TestLinksOfTheReport:
    def test_one_press_makes_all_of_them(self, cast, issued):
        before = lacking(assessor(issued)) | lacking(committee(issued))
        made = link_all(cast, issued)
        after = lacking(assessor(issued)) | lacking(committee(issued))
        assert made == len({each.paper for each in db.session.query(DocumentLink)}) > 10
        assert (before - after) == {
            field.name
            for field in (*assessor(issued).values(), *committee(issued).values())
            if "/d/" in field.value
        }
        assert after >= NOT_IN_THE_PORTAL
        assert link_all(cast, issued) == 0

    def test_every_key_that_can_be_linked_can_be_drawn(self):
        drawn = {key for key in document_links.SERVABLE if link_papers._drawer(key) is not None}
        assert drawn | {document_links.PICTURE} == document_links.SERVABLE

    def test_a_paper_that_comes_later_gets_its_link_then(self, cast, issued):
        link_all(cast, issued)
        assert "url_ak05" in lacking(assessor(issued))
        for make in (make_ak_05, make_ak_06):
            make(dossier_of(issued).bookings[-1].slot.jadwal, cast.asesor)
        assert assessor(issued)["url_ak05"].gap == lpjk_reports.NO_LINK
        assert link_all(cast, issued) == 2
        assert not lacking(assessor(issued)) & {"url_ak05", "url_ak06"}

    def test_the_token_is_found_by_digest_and_kept_sealed(self, cast, issued):
        link_all(cast, issued)
        link = db.session.query(DocumentLink).first()
        assert len(link.token) == document_links.TOKEN_LENGTH
        assert link.token_digest == ids.digest(link.token)
        raw = db.session.execute(
            text("SELECT * FROM document_link WHERE id = :id"), {"id": link.id}
        )
        assert link.token not in repr(raw.one())

    def test_it_ends_with_the_certificate_or_after_the_years_that_are_set(
        self, cast, issued, monkeypatch
    ):
        link_all(cast, issued)
        ends = {each.ends_on for each in db.session.query(DocumentLink)}
        assert {day.year for day in ends} == {
            clock.today_wib().year + issued.skema_version.validity_years
        }
        for year in (2, 7):
            values = {"document_link_years": year, "certificate_minus_days": 1}
            monkeypatch.setattr(document_links, "setting", values.__getitem__)
            assert document_links._end(issued).year == clock.today_wib().year + year


class TestWhatTheDatabaseKeeps:
    def test_a_link_leads_where_it_led_and_stays(self, cast, issued):
        link_all(cast, issued)
        for statement in (
            "UPDATE document_link SET paper = 'FR.AK.06' WHERE paper = 'FR.AK.02'",
            "UPDATE document_link SET ends_on = '2099-01-01'",
            "DELETE FROM document_link",
        ):
            with pytest.raises(IntegrityError):
                db.session.execute(text(statement))
            db.session.rollback()

    def test_revoked_stays_revoked(self, cast, issued):
        link_all(cast, issued)
        links = db.session.query(DocumentLink).limit(1).all()
        reason = "Alamatnya terkirim ke orang yang keliru."
        with pytest.raises(DomainError):
            document_links.revoke(actor_of(cast.admin), issued, links, "keliru")
        document_links.revoke(actor_of(cast.admin), issued, links, reason)
        db.session.commit()
        told = db.session.query(AuditEvent).order_by(AuditEvent.seq.desc()).first()
        assert (told.action, told.object_id) == ("document_link.revoke", issued.public_id)
        empty = (
            "UPDATE document_link SET revoked_at = NULL, revoked_by_id = NULL, revoke_reason = ''"
        )
        with pytest.raises(IntegrityError):
            db.session.execute(text(empty))
        db.session.rollback()
        with pytest.raises(DomainError):
            document_links.revoke(actor_of(cast.admin), issued, links, reason)

    def test_a_reading_is_written_once(self, cast, issued):
        link_all(cast, issued)
        link = db.session.query(DocumentLink).first()
        document_links.note_read(link.id, document_links.SERVED, address="192.0.2.1")
        db.session.commit()
        assert "192.0.2.1" not in db.session.query(DocumentLinkRead).one().network
        for statement in (
            "UPDATE document_link_read SET answer = 'ended'",
            "DELETE FROM document_link_read",
        ):
            with pytest.raises(IntegrityError):
                db.session.execute(text(statement))
            db.session.rollback()


class TestSendingWithGaps:
    @pytest.fixture
    def message(self, cast):
        case = make_permohonan(S.CLOSED_NOT_YET, cast=cast)
        for earlier in db.session.query(OutboxMessage).filter_by(permohonan_id=case.id):
            mark_done(earlier, cast.admin.id)
        return outbox.add(
            outbox.Channel.SIKI, lpjk_reports.ASSESSOR, dedupe="rekaan", payload={}, permohonan_id=case.id
        )  # fmt: skip

    @pytest.mark.parametrize("reason", ["", "sudah dikirim"])
    def test_is_refused_without_a_reason(self, cast, message, reason):
        with pytest.raises(DomainError) as refusal:
            outbox_answers.answer(actor_of(cast.admin), message, None, {}, note=reason)
        assert refusal.value.field == "note"
        assert message.done_at is None

    def test_keeps_the_reason_and_audits_it(self, cast, message):
        reason = "Surat tugas sudah diunggah lewat layar SIKI."
        outbox_answers.answer(actor_of(cast.admin), message, None, {}, note=reason)
        db.session.commit()
        kept = db.session.query(SentWithGaps).one()
        assert (message.done_how, kept.message_id, kept.reason) == ("by_hand", message.id, reason)
        for statement in (
            "UPDATE sent_with_gaps SET reason = 'lain'",
            "DELETE FROM sent_with_gaps",
        ):
            with pytest.raises(IntegrityError):
                db.session.execute(text(statement))
            db.session.rollback()
        told = db.session.query(AuditEvent).order_by(AuditEvent.seq.desc()).first()
        assert reason in told.details
        assert '"lacking"' in told.details

    def test_without_gaps_nothing_is_asked(self, cast, message, monkeypatch):
        monkeypatch.setattr(lpjk_reports, "gaps", lambda _fields: [])
        outbox_answers.answer(actor_of(cast.admin), message, None, {})
        assert (message.done_how, db.session.query(SentWithGaps).count()) == ("by_hand", 0)
