"""The recording of a meeting: a link, a file in one request, another in its place; screenshot and still of identity."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from lsp import clock, ids
from lsp.database import db
from lsp.gateways import storage
from lsp.vocabulary import PermohonanStatus as S, RecordingKind
from lsp.workflow.dossier import dossier_of
from tests.html import errors, filled, links, notices, soup, words
from tests.htmx import same, swap
from tests.support.recordings import LINK, WEBM, add_recording, rows, seat_of, video
from tests.test_pages import count_queries
from tests.workflow.cases import make_permohonan

NO_RECORDINGS = [
    b"MZ" + bytes(100), b"<html><script>", b"\0\0\0\x18ftypheic" + bytes(50), b"%PDF-1.7", b""
]  # fmt: skip


def photo() -> tuple[io.BytesIO, str]:
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(content, "PNG")
    content.seek(0)
    return content, "layar.png"


def test_the_meeting_that_lacks_something_stands_first(desk_at):
    desk = desk_at(S.RECOMMENDED)
    earlier, later = [seat for seat in dossier_of(desk.case).bookings if seat.record is not None]

    def order():
        panel = desk.get("/rekaman").find(id="recording-panel")
        return [each["id"].removeprefix("rapat-") for each in panel.select("h3[id^=rapat-]")]

    assert order() == [earlier.public_id, later.public_id], "both complete: as they were held"
    later.record.screenshot_document_id = None
    db.session.commit()
    assert order() == [later.public_id, earlier.public_id]


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

    def test_a_site_of_personal_accounts_is_asked_about_once(self, held):
        tail, url = f"/rekaman/{seat_of(held).public_id}", "https://drive.google.com/file/d/rekaan"
        asked = soup(held.post(tail, {"url": url, "kind": "full"}))
        assert "drive.google.com" in errors(asked)["url"]
        assert rows() == []
        drawn = asked.find("form", action=held.url(tail))
        assert drawn.find("input", attrs={"name": "sure", "type": "checkbox"})
        held.save(tail, filled(drawn) | {"sure": "y"})
        assert [row.place for row in rows()] == [url]

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
        NO_RECORDINGS,
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
