"""The recording of a meeting: a link, a file, another in its place; screenshot and still of identity beside it."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import ClassVar

import pytest
from PIL import Image
from sqlalchemy import inspect, select

from lsp import clock, ids
from lsp.database import db
from lsp.gateways import storage
from lsp.models import Incident, MeetingRecording, Permohonan
from lsp.services import recording_uploads, recordings
from lsp.services.recording_consent import CONSENT_WITHDRAWN
from lsp.vocabulary import PermohonanStatus as S, RecordingKind, Role
from lsp.worker import drain
from lsp.workflow.dossier import dossier_of
from tests.html import errors, filled, links, notices, soup, words
from tests.htmx import HX, same, swap
from tests.support.recordings import MP4, WEBM, add_recording, video
from tests.support.tus import TUS, TusClient
from tests.test_pages import count_queries
from tests.workflow.cases import make_permohonan

NO_RECORDINGS = [
    b"MZ" + bytes(100), b"<html><script>", b"\0\0\0\x18ftypheic" + bytes(50), b"%PDF-1.7", b""
]  # fmt: skip
LINK = "https://arsip.lsp.example/2026/11/r1"


def photo() -> tuple[io.BytesIO, str]:
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(content, "PNG")
    content.seek(0)
    return content, "layar.png"


@pytest.fixture
def held(desk_at):
    """After the pre-assessment, without recording and screenshot."""
    desk = desk_at(S.READY)
    record = dossier_of(desk.case).bookings[-1].record
    record.recording_reference, record.screenshot_document_id = "", None
    db.session.commit()
    return desk


def seat_of(desk):
    """Read anew: the worker leaves no session behind."""
    key = inspect(desk.case).identity[0]
    db.session.expire_all()
    return dossier_of(db.session.get_one(Permohonan, key)).bookings[-1]


def rows():
    db.session.expire_all()
    return db.session.scalars(select(MeetingRecording).order_by(MeetingRecording.id)).all()


class TestLink:
    def test_the_form_as_it_is_drawn_is_taken(self, held):
        tail = f"/rekaman/{seat_of(held).public_id}"
        form = held.get("/rekaman").select_one(f'form[action="{held.url(tail)}"]')
        assert words(form.select_one("option[selected]")) == RecordingKind.FULL.label
        held.save(tail, filled(form) | {"url": LINK})
        assert [(row.place, row.kind) for row in rows()] == [(LINK, RecordingKind.FULL)]

    def test_the_file_form_names_its_kinds_too(self, held):
        drawn = held.get("/rekaman").select('select[id^="kirim-"] option')
        assert [(each["value"], words(each)) for each in drawn] == [
            (kind.value, kind.label) for kind in RecordingKind
        ]

    def test_it_is_kept_as_long_as_the_certificate_may_hold(self, held):
        tail = f"/rekaman/{seat_of(held).public_id}"
        assert "Lengkapi rekaman" in words(held.get())
        held.assert_htmx_equals_page(
            "/rekaman", "#recording-panel", tail, {"url": LINK, "kind": "full"}
        )
        record, (row,) = seat_of(held).record, rows()
        assert (row.place, row.kind, row.stored_by_id) == (
            LINK, RecordingKind.FULL, held.browser.user.id,
        )  # fmt: skip
        assert record.recording_reference == LINK
        assert record.recording_stored_by_id == held.browser.user.id
        assert record.recording_keep_until == row.keep_until
        assert row.keep_until.year == clock.today_wib().year + 5

    @pytest.mark.parametrize(
        "url",
        ["", "http://arsip.lsp.example/r", "https://", "arsip/2026/r1.mp4", "https://a:b@arsip.lsp.example/r",
         "javascript:alert(1)", "https://arsip.lsp.example/" + "x" * 500, "https://arsip.lsp.example/a b"],
    )  # fmt: skip
    def test_what_is_no_safe_link_is_told_and_kept(self, held, url):
        tail = f"/rekaman/{seat_of(held).public_id}"
        answer = held.post(tail, {"url": url, "kind": "full"})
        assert answer.status_code in (409, 422)
        page = soup(answer)
        assert len(errors(page)) == 1
        assert page.find(attrs={"name": "url"})["value"] == url
        assert rows() == []

    def test_as_a_browser_fills_the_page(self, held):
        seat = seat_of(held).public_id
        for tail, file in (("", {}), ("/berkas", {"file": (io.BytesIO(video()), "rapat.mp4")})):
            action = held.url(f"/rekaman/{seat}{tail}")
            form = held.get("/rekaman").find("form", action=action)
            chosen = [words(each) for each in form.select("select[name=kind] option")]
            assert chosen == [kind.label for kind in RecordingKind]
            typed = {"url": LINK} if not file else {}
            answer = held.browser.post(action, data=filled(form) | typed | file)
            assert answer.status_code == 303, notices(soup(answer))
        assert {row.kind for row in rows()} == {RecordingKind.FULL}

    @pytest.mark.parametrize("hx", [False, True])
    @pytest.mark.parametrize(
        ("data", "field"),
        [
            ({"url": LINK, "kind": ""}, "kind"),
            ({"url": "http://x.example/", "kind": "video"}, "url"),
        ],
    )
    def test_a_refused_link_is_told_by_its_field_and_in_the_notice(self, held, data, field, hx):
        tail = f"/rekaman/{seat_of(held).public_id}"
        page = soup(held.post(tail, data, hx=hx))
        told = errors(page)
        assert set(told) == {field}
        assert any("belum tersimpan" in each and told[field] in each for each in notices(page))
        form = page.find("form", action=held.url(tail))
        assert filled(form)["url"] == data["url"]
        assert filled(form)["kind"] == [data["kind"] or "full"]

    def test_a_long_link_is_kept_whole_and_named_by_its_day(self, held):
        url = LINK + "?" + "x" * 400
        held.save(f"/rekaman/{seat_of(held).public_id}", {"url": url, "kind": "full"})
        assert [row.place for row in rows()] == [url]
        assert seat_of(held).record.recording_reference.startswith("Tautan rekaman, disimpan ")

    def test_the_same_press_twice_is_one_recording(self, held):
        tail = f"/rekaman/{seat_of(held).public_id}"
        for _ in range(2):
            held.save(tail, {"url": LINK, "kind": "full"})
        assert len(rows()) == 1

    def test_of_another_case_or_asesor(self, held, sign_in):
        other = dossier_of(make_permohonan(S.READY)).bookings[-1].public_id
        for key in (other, ids.public_id()):
            for tail in ("", "/berkas", "/tangkapan-layar", "/identitas", "/unggahan"):
                assert held.post(f"/rekaman/{key}{tail}", {"url": LINK}).status_code in (404, 412)
        held.cast.jadwal[held.case.mode].asesor_2_id = held.cast.second_asesor.id
        db.session.commit()
        url = held.url(f"/rekaman/{seat_of(held).public_id}")
        mine = add_recording(seat_of(held)).public_id
        second = sign_in(held.cast.second_asesor)
        assert second.get(held.url("/rekaman")).status_code == 200
        assert second.get(held.url(f"/rekaman-lama/{mine}")).status_code == 404
        assert held.browser.get(held.url(f"/rekaman-lama/{mine}")).status_code == 200
        assert second.post(url, data={"url": LINK, "kind": "full"}).status_code == 404
        sent = {"file": (io.BytesIO(video()), "r.mp4"), "kind": "full"}
        assert second.post(f"{url}/berkas", data=sent).status_code == 404
        assert second.post(f"{url}/tangkapan-layar", data={"file": photo()}).status_code == 404
        assert len(rows()) == 1


class TestSmallFile:
    """One request, as with scripts off."""

    @pytest.mark.parametrize(
        "content", [video(), WEBM + bytes(500), b"ID3\x04" + bytes(90), b"OggS" + bytes(90)]
    )
    def test_it_is_stored_with_its_hash(self, held, content):
        tail = f"/rekaman/{seat_of(held).public_id}/berkas"
        held.save(tail, {"file": (io.BytesIO(content), "../rapat.mp4"), "kind": "video"})
        (row,) = rows()
        assert (row.original_name, row.size, row.kind) == (
            "rapat.mp4",
            len(content),
            RecordingKind.VIDEO,
        )
        assert storage.store().open(row.storage_key) == content
        assert "SHA-256" in seat_of(held).record.recording_reference
        assert row.sha256[:16] in words(held.get("/rekaman"))

    @pytest.mark.parametrize("hx", [False, True])
    @pytest.mark.parametrize(
        "content",
        [
            b"MZ" + bytes(100),
            b"<html><script>",
            b"\0\0\0\x18ftypheic" + bytes(50),
            b"%PDF-1.7",
            b"",
        ],
    )
    def test_what_is_no_recording_is_told_in_its_row(self, held, content, hx):
        seat = seat_of(held).public_id
        answer = held.post(
            f"/rekaman/{seat}/berkas",
            {"file": (io.BytesIO(content), "rapat.mp4"), "kind": "full"},
            hx=hx,
        )
        assert answer.status_code == 422
        assert "Rekaman lain tetap tersimpan" in words(soup(answer).find(id=f"kirim-{seat}-error"))
        assert rows() == []

    def test_none_chosen(self, held):
        answer = held.post(f"/rekaman/{seat_of(held).public_id}/berkas", {"kind": "full"})
        assert answer.status_code == 422
        assert "Belum ada rekaman yang dipilih" in words(soup(answer))

    def test_a_full_disk_is_told_before_anything_is_stored(self, held, monkeypatch):
        monkeypatch.setattr(storage, "room", lambda: 2_000_000_000)
        sent = {"file": (io.BytesIO(video()), "rapat.mp4"), "kind": "full"}
        answer = held.post(f"/rekaman/{seat_of(held).public_id}/berkas", sent)
        assert answer.status_code == 422
        assert "tautannya" in words(soup(answer).find(id=f"kirim-{seat_of(held).public_id}-error"))


class TestInPieces:
    @pytest.fixture
    def tus(self, held):
        return TusClient(held.browser, held.url(f"/rekaman/{seat_of(held).public_id}/unggahan"))

    def test_broken_off_it_goes_on_and_the_worker_stores_it(self, held, tus):
        content = video(30_000)
        assert tus.begin(len(content), "rapat.mp4").status_code == 201
        assert tus.send(content[:7_000], 0).status_code == 204
        assert tus.offset() == 7_000
        assert "23 %" in words(held.get("/rekaman"))
        assert tus.send(content[9_000:], 9_000).status_code == 409
        assert tus.send(content[7_000:], 7_000).status_code == 204
        assert tus.offset() == len(content)
        assert "sedang disimpan" in words(held.get("/rekaman"))
        assert rows() == []
        drain()
        (row,) = rows()
        assert (row.original_name, row.size, row.content_type) == ("rapat.mp4", 30_000, "video/mp4")
        assert storage.store().open(row.storage_key) == content
        assert storage.recording_parts().names() == []
        assert seat_of(held).record.recording_reference.startswith("rapat.mp4 (SHA-256")
        drain()
        assert len(rows()) == 1

    def test_what_lies_on_disk_shows_nothing(self, app, tus):
        tus.begin(30_000, "rapat.mp4")
        tus.send(video(20_000), 0)
        (name,) = storage.recording_parts().names()
        assert (
            MP4[4:20] not in (app.config["LSP"].data_folder / "recording-parts" / name).read_bytes()
        )

    def test_larger_than_any_document_is_announced(self, tus):
        assert tus.begin(5_000_000_000, "rapat.mp4").status_code == 201
        assert tus.offset() == 0

    def test_refused_where_the_disk_would_fall_under_its_reserve(self, tus, monkeypatch):
        monkeypatch.setattr(storage, "room", lambda: 2_000_000_000 + 2 * 600)
        assert tus.begin(400, "a.mp4").status_code == 201
        answer = tus.begin(400, "b.mp4")  # the first one has not come yet, but is counted
        assert answer.status_code == 507
        assert "Ruang penyimpanan server tidak cukup" in answer.get_data(as_text=True)

    def test_what_was_announced_and_does_not_come_holds_no_room_for_long(self, tus, monkeypatch):
        monkeypatch.setattr(storage, "room", lambda: 2_000_000_000 + 900)
        tus.begin(400, "a.mp4")
        tus.send(video(300), 0)
        assert tus.begin(300, "b.mp4").status_code == 507
        monkeypatch.setattr(recording_uploads, "COUNTS_FOR", timedelta(minutes=-1))
        assert tus.begin(301, "b.mp4").status_code == 507, "what has come still counts"
        assert tus.begin(300, "b.mp4").status_code == 201

    def test_a_bucket_takes_half_the_room(self, tus, monkeypatch):
        monkeypatch.setattr(storage, "room", lambda: 2_000_000_000 + 1_000)
        assert tus.begin(900, "a.mp4").status_code == 507
        monkeypatch.setattr(storage, "disk_copies", lambda: 1)
        assert tus.begin(900, "a.mp4").status_code == 201

    def test_what_is_no_recording_ends_with_its_first_piece(self, tus):
        tus.begin(5_000_000, "rapat.mp4")
        answer = tus.send(b"MZ" + bytes(5_000), 0)
        assert answer.status_code == 422
        assert tus.state().status_code == 404
        assert storage.recording_parts().names() == []

    def test_what_is_too_short_to_be_one_is_told_with_its_last_byte(self, tus):
        tus.begin(40, "rapat.mp4")
        assert tus.send(b"MZ" + bytes(30), 0).status_code == 204
        answer = tus.send(bytes(8), 32)
        assert answer.status_code == 422
        assert "bukan rekaman" in answer.get_data(as_text=True)
        assert tus.state().status_code == 404

    def test_our_script_gets_the_row(self, held):
        seat = seat_of(held).public_id
        tus = TusClient(held.browser, held.url(f"/rekaman/{seat}/unggahan"), **HX)
        tus.begin(3_000, "rapat.mp4")
        answer = tus.send(video(3_000), 0)
        assert answer.status_code == 200
        assert soup(answer).find(id=f"recording-upload-{seat}") is not None
        assert "sedang disimpan" in words(soup(answer))
        tus.begin(3_000, "rapat.mp4")
        refused = tus.send(b"MZ" + bytes(2_998), 0)
        assert refused.status_code == 422
        assert soup(refused).find(id=f"kirim-{seat}-error") is not None

    def test_no_more_than_some_at_a_time(self, tus):
        for _ in range(recording_uploads.UNFINISHED_EACH):
            assert tus.begin(500).status_code == 201
        assert tus.begin(500).status_code == 422

    def test_called_off(self, held, tus):
        tus.begin(500, "rapat.mp4")
        tus.send(video(100), 0)
        held.save(f"/kiriman-rekaman/{tus.at.rsplit('/', 1)[1]}/batal", {})
        assert storage.recording_parts().names() == []
        assert tus.state().status_code == 404

    def test_a_worker_that_dies_in_between_stores_it_once(self, tus, monkeypatch):
        content = video(5_000)
        tus.begin(len(content), "rapat.mp4")
        tus.send(content, 0)
        upload = tus.at.rsplit("/", 1)[1]
        monkeypatch.setattr(recording_uploads.recordings, "add_file", _dies)
        with pytest.raises(ZeroDivisionError):
            recording_uploads.take_in(upload)
        monkeypatch.undo()
        assert list(storage.store().list_keys()) != [] or rows() == []
        recording_uploads.take_in(upload)
        recording_uploads.take_in(upload)
        (row,) = rows()
        assert storage.store().open(row.storage_key) == content

    def test_what_never_came_whole_is_swept_after_its_time(self, steady_clock, tus):
        tus.begin(500, "rapat.mp4")
        tus.send(video(100), 0)
        assert recording_uploads.sweep() == []
        steady_clock.shift(recording_uploads.LIVES + timedelta(minutes=1))
        assert recording_uploads.sweep() == [tus.at.rsplit("/", 1)[1]]

    def test_another_asesor_does_not_go_on_with_it(self, held, tus, sign_in):
        tus.begin(500, "rapat.mp4")
        held.cast.jadwal[held.case.mode].asesor_2_id = held.cast.second_asesor.id
        db.session.commit()
        assert sign_in(held.cast.second_asesor).head(tus.at, headers=TUS).status_code == 404


def _dies(*_args, **_more):
    raise ZeroDivisionError


class TestConsent:
    """A recording needs the asesi's consent; taken back, the part until then may be kept, and is called a part."""

    PART: ClassVar = {"part": "y"}

    @pytest.fixture(params=[False, True], ids=["never given", "taken back"])
    def taken_back(self, request, held):
        seat = seat_of(held)
        seat.record.recording_consent_at = None
        if request.param:
            withdraw_note(seat)
        db.session.commit()
        return request.param

    def link(self, held, **more):
        return held.post(
            f"/rekaman/{seat_of(held).public_id}", {"url": LINK, "kind": "full", **more}
        )

    def test_a_link(self, held, taken_back):
        answer = self.link(held)
        assert answer.status_code == 409
        page = soup(answer)
        (said,) = errors(page).values()
        assert said in " ".join(notices(page))
        assert page.find(attrs={"name": "url"})["value"] == LINK
        assert (page.find(attrs={"name": "part"}) is not None) is taken_back
        assert rows() == []
        answer = self.link(held, **self.PART)
        assert answer.status_code == (303 if taken_back else 409)
        assert len(rows()) == taken_back

    def test_a_file(self, held, taken_back):
        tail = f"/rekaman/{seat_of(held).public_id}/berkas"

        def send(**more):
            return held.post(
                tail, {"file": (io.BytesIO(video()), "r.mp4"), "kind": "full", **more}
            ).status_code

        assert send() == 422
        assert list(storage.store().list_keys()) == []
        assert send(**self.PART) == (303 if taken_back else 422)
        assert len(rows()) == taken_back

    def test_in_pieces(self, held, taken_back):
        tus = TusClient(held.browser, held.url(f"/rekaman/{seat_of(held).public_id}/unggahan"))
        refused = tus.begin(3_000, "r.mp4")
        assert refused.status_code == 422
        assert "persetujuan" in refused.get_data(as_text=True) or not taken_back
        said = {"Upload-Metadata": "filename ci5tcDQ=,part"}
        assert tus.begin(3_000, **said).status_code == (201 if taken_back else 422)
        if taken_back:
            assert tus.send(video(3_000), 0).status_code == 204
            drain()
        assert len(rows()) == taken_back

    def test_the_pack_says_that_it_is_a_part(self, held, sign_in):
        withdraw_note(seat_of(held))
        self.link(held, **self.PART)
        pack = sign_in(Role.AUDITOR).get(f"/paket-rapat/{seat_of(held).public_id}")
        told = words(soup(pack).find(id="gangguan").find_parent("section"))
        assert recordings.UNTIL_WITHDRAWN in told
        assert LINK in told

    def test_taken_back_while_it_was_sent(self, held):
        tus = TusClient(held.browser, held.url(f"/rekaman/{seat_of(held).public_id}/unggahan"))
        tus.begin(3_000, "r.mp4")
        tus.send(video(3_000)[:2_000], 0)
        withdraw_note(seat_of(held))
        answer = tus.send(video(3_000)[2_000:], 2_000)
        assert answer.status_code == 422
        assert "sampai saat itu" in answer.get_data(as_text=True)
        assert storage.recording_parts().names() == []
        drain()
        assert rows() == []


def withdraw_note(seat):
    """As lsp/services/recording_consent.py leaves it."""
    seat.record.recording_consent_at = None
    db.session.add(
        Incident(
            booking_id=seat.id,
            at=clock.now(),
            kind=CONSENT_WITHDRAWN,
            action="Perekam harus dihentikan.",
            recorded_by_id=seat.permohonan.asesi_id,
        )
    )
    db.session.commit()


class TestReplaced:
    def test_only_by_another_that_is_there(self, held):
        first = add_recording(seat_of(held))
        url = f"/rekaman-lama/{first.public_id}"
        reason = {"note": "Suaranya tidak terdengar.", "version": held.version}
        refused = held.post(url, reason)
        assert refused.status_code == 409
        assert "Simpan dulu rekaman penggantinya" in words(soup(refused))
        held.save(f"/rekaman/{seat_of(held).public_id}", {"url": LINK, "kind": "full"})
        assert held.post(url, reason | {"note": ""}).status_code == 422
        held.save(url, reason)
        old, new = rows()
        assert (old.stands, old.supersede_reason, new.stands) == (False, reason["note"], True)
        assert seat_of(held).record.recording_reference == LINK
        assert reason["note"] in words(held.get("/rekaman"))
        assert held.post(url, reason).status_code == 409


class TestPictures:
    @pytest.mark.parametrize(
        ("tail", "column"),
        [("tangkapan-layar", "screenshot_document_id"), ("identitas", "identity_document_id")],
    )
    def test_it_is_named_in_the_record(self, held, tail, column):
        before = held.get("/rekaman")
        answer = held.post(f"/rekaman/{seat_of(held).public_id}/{tail}", {"file": photo()}, hx=True)
        swap(before, answer, "#recording-panel")
        assert same(before.main, held.get("/rekaman").main)
        assert getattr(seat_of(held).record, column) is not None
        assert "layar.png" in words(before.find(id="recording-panel"))

    @pytest.mark.parametrize("hx", [False, True])
    @pytest.mark.parametrize("content", [None, (io.BytesIO(b"bukan gambar"), "layar.png")])
    def test_what_is_no_picture_is_told_in_its_row(self, held, content, hx):
        seat = seat_of(held).public_id
        for tail, key in (("tangkapan-layar", seat), ("identitas", f"identitas-{seat}")):
            fresh = content and (io.BytesIO(content[0].getvalue()), content[1])
            answer = held.post(f"/rekaman/{seat}/{tail}", {"file": fresh} if fresh else {}, hx=hx)
            assert answer.status_code == 422
            assert soup(answer).find(id=f"berkas-{key}-error") is not None
        assert seat_of(held).record.screenshot_document_id is None


def test_queries_do_not_grow_with_recordings(held):
    add_recording(seat_of(held))
    one = count_queries(lambda: held.get("/rekaman"))
    for _ in range(5):
        add_recording(seat_of(held))
    assert count_queries(lambda: held.get("/rekaman")) == one


def test_while_the_meeting_runs_a_row_of_the_order_leads_there(pre):
    """The screenshot is taken while the faces are there."""
    there = pre.url("/rekaman#rekaman")
    assert there not in links(pre.get()).values()
    for item in ("asesor", "asesi"):
        pre.save(f"/catat/{item}", {"version": pre.version})
    assert there in links(pre.get()).values()
    assert pre.get("/rekaman").select("#recording-panel input[type=file]")
