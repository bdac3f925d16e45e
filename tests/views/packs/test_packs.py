"""The pack of a meeting and its recordings: who reads them, how a download goes on, how long they are kept."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date, timedelta

import pytest
from flask import url_for
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from lsp import clock
from lsp.database import db, write_transaction
from lsp.gateways import storage
from lsp.gateways.files import FileStore, StoreUnavailable
from lsp.models import AuditEvent, Incident, MeetingJoin, MeetingRecording, OutboxMessage
from lsp.models.jadwal import PENYELIA_NOTE
from lsp.permissions import visible_meeting
from lsp.services import meeting_packs, recordings
from lsp.vocabulary import PermohonanStatus as S, RecordingKind, Role
from lsp.workflow.dossier import dossier_of
from tests import factories
from tests.html import soup, words
from tests.services.raw_sql import refuses
from tests.support.recordings import add_recording, held_seat, video
from tests.test_pages import count_queries
from tests.workflow.cases import actor_of, make_permohonan

MIB = 2**20


def address(row: MeetingRecording) -> str:
    return url_for("packs.recording", recording_id=row.public_id)


class TestDownload:
    def test_only_as_an_attachment_of_no_kind(self, sign_in):
        row = add_recording(held_seat(), content=video(3 * MIB + 7))
        answer = sign_in(Role.AUDITOR).get(address(row))
        assert answer.data == video(3 * MIB + 7)
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="rekaman_')
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["Content-Length"] == str(3 * MIB + 7)

    def test_it_goes_on_from_any_byte(self, sign_in):
        whole = video(2 * MIB + 50)
        row, browser = add_recording(held_seat(), content=whole), sign_in(Role.KETUA)
        tag = f'"{row.sha256}"'
        answer = browser.get(address(row), headers={"Range": f"bytes={MIB - 2}-", "If-Range": tag})
        assert (answer.status_code, answer.data) == (206, whole[MIB - 2 :])
        assert answer.headers["Content-Range"] == f"bytes {MIB - 2}-{len(whole) - 1}/{len(whole)}"
        answer = browser.get(address(row), headers={"Range": "bytes=0-3"})
        assert (answer.status_code, answer.data) == (206, whole[:4])
        other = browser.get(address(row), headers={"Range": "bytes=5-", "If-Range": '"other"'})
        assert (other.status_code, other.data) == (200, whole)
        assert browser.get(address(row), headers={"Range": "bytes=99999999-"}).status_code == 416
        assert browser.head(address(row)).headers["Content-Length"] == str(len(whole))

    def test_each_fetch_is_sealed_in_the_audit_chain(self, sign_in):
        seat = held_seat()
        row, browser = add_recording(seat), sign_in(Role.ADMIN)
        browser.get(address(row))
        noted = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "meeting.recording_download")
        ).one()
        assert (noted.actor_id, noted.object_id) == (browser.user.id, seat.public_id)

    def test_embedded_it_is_refused(self, sign_in):
        row = add_recording(held_seat())
        answer = sign_in(Role.ADMIN).get(address(row), headers={"Sec-Fetch-Dest": "object"})
        assert answer.status_code == 403

    def test_neither_asesi_nor_penyelia_nor_ones_own(self, sign_in):
        seat = held_seat()
        row = add_recording(seat)
        for who in (seat.permohonan.asesi, Role.PENYELIA):
            assert sign_in(who).get(address(row)).status_code == 403
        both = sign_in(Role.ADMIN, Role.ASESI)
        own = add_recording(held_seat(make_permohonan(S.READY, asesi=both.user)))
        assert both.get(address(own)).status_code == 404

    def test_a_file_that_is_damaged_or_gone_is_no_half_file(self, sign_in):
        row = add_recording(held_seat())
        storage.store().delete(row.storage_key)
        assert sign_in(Role.ADMIN).get(address(row)).status_code == 404


class TestPage:
    def test_what_is_empty_is_told_from_what_lacks(self, sign_in):
        page = words(soup(sign_in(Role.ADMIN).get(f"/paket-rapat/{held_seat().public_id}")))
        assert "“–” berarti tidak dicatat saat rapat." in page

    def test_everything_as_it_was_recorded(self, sign_in):
        seat = held_seat()
        row = add_recording(seat)
        watcher = factories.make_user(Role.PENYELIA)
        for kind, what in (
            ("Listrik padam", "Menunggu lima menit."),
            (PENYELIA_NOTE, "Kamera sempat mati."),
        ):
            db.session.add(
                Incident(
                    booking_id=seat.id,
                    at=clock.now(),
                    kind=kind,
                    action=what,
                    recorded_by_id=watcher.id,
                )
            )
        db.session.add(
            MeetingJoin(booking_id=seat.id, user_id=seat.permohonan.asesi_id, party="asesi")
        )
        db.session.commit()
        url = url_for("packs.pack", booking_id=seat.public_id)
        for role in (Role.ADMIN, Role.AUDITOR, Role.KETUA):
            page = soup(sign_in(role).get(url))
            assert f"{seat.permohonan.asesi_name} (Asesi) masuk lewat portal" in words(page)
            for each in (
                row.sha256,
                "Menunggu lima menit.",
                "Kamera sempat mati.",
                watcher.name,
                "teks versi",
            ):
                assert each in words(page)
            assert (page.find("a", string="Ke daftar paket rapat") is not None) == (
                role is Role.ADMIN
            )

    def test_the_asesor_does_not_read_what_the_penyelia_notes(self, sign_in):
        from tests.workflow.cases import seat_of

        case = make_permohonan(S.IN_ASSESSMENT)
        seat = seat_of(case)
        db.session.add(
            Incident(
                booking_id=seat.id, at=clock.now(), kind=PENYELIA_NOTE, action="Rahasia.", recorded_by_id=case.asesi_id
            )
        )  # fmt: skip
        db.session.commit()
        browser = sign_in(seat.slot.asesor)
        for tail in ("riwayat", "gangguan"):
            answer = browser.get(f"/asesor/permohonan/{case.public_id}/{tail}")
            assert "Rahasia." not in words(soup(answer))


class TestKept:
    """Process 9.5, 8: neither before its time nor during a banding."""

    @staticmethod
    def over(case=None, **columns) -> MeetingRecording:
        return add_recording(
            held_seat(case), keep_until=clock.today_wib() - timedelta(days=1), **columns
        )

    def press(self, browser, row, note="BA-01/2031, saksi: Ani dan Budi"):
        return browser.post(
            url_for("admin.destroy_recording", recording_id=row.public_id),
            data={"note": note, "version": 1},
        )

    def test_destroyed_after_its_time_with_its_paper(self, sign_in):
        row = self.over()
        key, browser = row.storage_key, sign_in(Role.ADMIN)
        assert self.press(browser, row, note="").status_code == 422
        assert self.press(browser, row).status_code == 303
        db.session.expire_all()
        assert (row.storage_key, row.destroy_paper[:5], row.sha256 != "") == (None, "BA-01", True)
        assert not storage.store().exists(key)
        assert browser.get(address(row)).status_code == 404
        assert self.press(browser, row).status_code == 409

    def test_a_store_that_does_not_answer_is_no_fault_of_the_page(self, sign_in, monkeypatch):
        """What it kept, the worker's sweep takes: no row names it any more."""
        row, browser = self.over(), sign_in(Role.ADMIN)
        key = row.storage_key

        def refuses(_store, _key):
            raise StoreUnavailable("bucket")

        monkeypatch.setattr(FileStore, "delete", refuses)
        assert self.press(browser, row).status_code == 303
        monkeypatch.undo()
        db.session.expire_all()
        assert row.destroyed_at is not None
        assert storage.store().exists(key)

    def test_not_before(self, sign_in):
        row = add_recording(held_seat(), keep_until=clock.today_wib())
        answer = self.press(sign_in(Role.ADMIN), row)
        assert answer.status_code == 409
        assert "wajib disimpan sampai" in words(soup(answer))
        assert storage.store().exists(row.storage_key)

    def test_not_while_its_certificate_holds(self, sign_in):
        row = self.over(make_permohonan(S.ISSUED))
        assert recordings.kept_until(row) > clock.today_wib()
        assert self.press(sign_in(Role.ADMIN), row).status_code == 409

    def test_not_during_a_banding(self, sign_in):
        row = self.over(make_permohonan(S.APPEALED))
        answer = self.press(sign_in(Role.ADMIN), row)
        assert answer.status_code == 409
        assert "Banding sedang diproses" in words(soup(answer))

    @pytest.mark.both
    @pytest.mark.parametrize(("hour", "is_over"), [(-1, False), (1, True)])
    def test_its_last_day_ends_at_midnight_in_jakarta(self, app, hour, is_over):
        """For seven hours it is still the day before where moments are stored."""
        today = clock.today_wib()
        row = add_recording(held_seat(), keep_until=today - timedelta(days=1))
        row.destroyed_at = clock.day_begins(today) + timedelta(hours=hour)
        row.storage_key, row.destroy_paper = None, "BA-01"
        with nullcontext() if is_over else pytest.raises(DBAPIError, match="kept"):
            db.session.flush()
        db.session.rollback()

    @pytest.mark.both
    @pytest.mark.parametrize("why", ["time", "banding", "certificate"])
    def test_the_database_keeps_it_by_itself(self, app, why):
        status = {"time": S.READY, "banding": S.APPEALED, "certificate": S.ISSUED}[why]
        row = self.over(make_permohonan(status)) if why != "time" else add_recording(held_seat())
        now = clock.now()
        row.destroyed_at, row.storage_key, row.destroy_paper = now, None, "BA-01"
        with pytest.raises(DBAPIError, match="kept: meeting_recording"):
            db.session.flush()
        db.session.rollback()

    @pytest.mark.both
    @pytest.mark.parametrize(
        "change",
        [
            "sha256 = 'x'",
            "size = 1",
            "storage_key = NULL",
            "keep_until = '2020-01-01'",
            "stored_by_id = 1",
        ],
    )
    def test_it_stays_what_it_was(self, app, change):
        factories.make_user(Role.ADMIN)
        add_recording(held_seat())
        if change == "stored_by_id = 1":
            change = "stored_by_id = stored_by_id + 1"
        refuses(f"UPDATE meeting_recording SET {change}", "frozen: meeting_recording")

    @pytest.mark.both
    def test_but_it_may_be_kept_longer(self, app):
        row = add_recording(held_seat())
        row.keep_until = date(2090, 1, 1)
        db.session.commit()
        assert recordings.kept_until(row) == date(2090, 1, 1)


class TestList:
    @pytest.fixture
    def admin(self, sign_in):
        return sign_in(Role.ADMIN)

    @staticmethod
    def lacking(days: int = 1, **missing):
        """A meeting that ended so many days ago and lacks what is named."""
        seat = held_seat()
        for column, value in missing.items():
            setattr(seat.record, column, value)
        seat.slot.starts_at = clock.now() - timedelta(days=days, hours=1)
        seat.slot.ends_at = clock.now() - timedelta(days=days)
        db.session.commit()
        return seat

    @staticmethod
    def shown(admin, **wanted):
        page = soup(admin.get(url_for("admin.pack_list", **wanted)))
        return [link["href"].rsplit("/", 1)[1] for link in page.select("ul.list a.tap")]

    def test_it_tells_when_the_meeting_began(self, admin):
        seat = self.lacking(recording_reference="")
        seat.record.started_at = seat.slot.ends_at - timedelta(minutes=25)
        db.session.commit()
        row = words(soup(admin.get(url_for("admin.pack_list"))).select_one("ul.list li"))
        began, ends = (
            each.astimezone(clock.WIB).strftime("%H.%M")
            for each in (seat.record.started_at, seat.slot.ends_at)
        )
        assert began in row
        assert ends not in row

    @pytest.mark.parametrize(
        ("gap", "missing"),
        [("rekaman", {"recording_reference": ""}), ("layar", {"screenshot_document_id": None}),
         ("persetujuan", {"recording_consent_at": None}), ("identitas", {"identity_checked_at": None}),
         ("ruangan", {"surroundings_checked_at": None}), ("selesai", {"ended_at": None})],
    )  # fmt: skip
    def test_each_gap_is_named_and_filtered(self, admin, gap, missing):
        whole, lacking = (
            self.lacking(ended_at=clock.now()),
            self.lacking(**({"ended_at": clock.now()} | missing)),
        )
        other = next(each for each in meeting_packs.GAPS if each != gap)
        assert self.shown(admin) == self.shown(admin, kurang=gap) == [lacking.public_id]
        assert self.shown(admin, kurang=other) == []
        assert set(self.shown(admin, kurang="semua")) == {whole.public_id, lacking.public_id}
        page = words(soup(admin.get(url_for("packs.pack", booking_id=lacking.public_id))))
        assert f"Masih kurang: {meeting_packs.GAPS[gap]}" in page

    def test_a_disturbance_without_action(self, admin):
        seat = self.lacking(ended_at=clock.now())
        db.session.add(
            Incident(booking_id=seat.id, at=clock.now(), kind="x", action="", recorded_by_id=1)
        )
        db.session.commit()
        assert self.shown(admin, kurang="gangguan") == self.shown(admin) == [seat.public_id]

    def test_late_ones_lead_and_are_filtered(self, admin):
        young, old = (self.lacking(days, recording_reference="") for days in (0, 30))
        assert self.shown(admin) == [old.public_id, young.public_id]
        assert self.shown(admin, umur="terlambat") == self.shown(admin, umur="7") == [old.public_id]
        assert "Terlambat" in words(soup(admin.get("/admin/paket-rapat")))

    def test_by_asesor(self, admin):
        one, two = (self.lacking(recording_reference="") for _ in range(2))
        assert self.shown(admin, asesor=two.slot.asesor.public_id) == [two.public_id]
        assert one.slot.asesor_id != two.slot.asesor_id

    @pytest.mark.parametrize("wanted", ["ada", "semua"])
    def test_pages_go_on_where_the_last_one_ended(self, admin, monkeypatch, wanted):
        seats = [self.lacking(days, recording_reference="") for days in (5, 4, 3)]
        expected = [seat.public_id for seat in seats]
        monkeypatch.setattr(meeting_packs, "PER_PAGE", 2)
        page = soup(admin.get(url_for("admin.pack_list", kurang=wanted)))
        first = [link["href"].rsplit("/", 1)[1] for link in page.select("ul.list a.tap")]
        following = soup(admin.get(page.find("a", rel="next")["href"]))
        rest = [link["href"].rsplit("/", 1)[1] for link in following.select("ul.list a.tap")]
        assert first + rest == (expected if wanted == "ada" else expected[::-1])

    @pytest.mark.parametrize("after", ["x", "2026-01-01~1", "2026-01-01T00:00:00+00:00~x", "~"])
    def test_a_mistyped_place_is_the_beginning(self, admin, after):
        assert admin.get(url_for("admin.pack_list", sesudah=after)).status_code == 200

    def test_queries_do_not_grow_with_rows(self, admin):
        self.lacking(recording_reference="")
        one = count_queries(lambda: admin.get("/admin/paket-rapat"))
        for _ in range(4):
            self.lacking(recording_reference="")
        assert count_queries(lambda: admin.get("/admin/paket-rapat")) == one <= 8

    def test_the_asesor_is_reminded_once_in_some_days(self, steady_clock, admin):
        seat = self.lacking(recording_reference="")
        url = url_for("admin.remind_pack", booking_id=seat.public_id)

        def mails():
            return db.session.scalars(
                select(OutboxMessage).where(OutboxMessage.kind == meeting_packs.REMINDER)
            ).all()

        for _ in range(2):
            assert admin.post(url).status_code == 303
        (mail,) = mails()
        assert mail.payload["to"] == seat.slot.asesor.email
        assert mail.payload["context"]["lacking"] == "rekaman"
        steady_clock.shift(timedelta(days=3, minutes=1))
        with write_transaction():
            found = visible_meeting(actor_of(admin.user), seat.public_id)
            meeting_packs.remind(actor_of(admin.user), found["booking"])
        assert len(mails()) == 2

    def test_nothing_is_asked_for_that_cannot_be_handed_in(self, admin):
        seat = self.lacking(ended_at=None)
        answer = admin.post(
            url_for("admin.remind_pack", booking_id=seat.public_id), follow_redirects=True
        )
        assert "tidak ada yang ditagih" in words(soup(answer))


def test_a_link_of_the_archive_stays_with_the_case(sign_in):
    seat = held_seat()
    factories.saved(
        MeetingRecording(
            booking_id=seat.id, kind=RecordingKind.FULL, place="https://arsip.lsp.example/1",
            stored_by_id=seat.slot.asesor_id, keep_until=clock.today_wib(),
        )
    )  # fmt: skip
    page = soup(sign_in(Role.ADMIN).get(url_for("packs.pack", booking_id=seat.public_id)))
    assert page.find("a", href="https://arsip.lsp.example/1")["rel"] == ["noreferrer"]
    assert dossier_of(seat.permohonan).bookings[-1].id == seat.id
