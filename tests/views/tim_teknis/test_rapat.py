"""The page of a pleno's meeting, its papers, writing the notulen, and the admin's word on hours and place."""

from __future__ import annotations

import io

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import AuditEvent, CommitteeProfile, PlenoAttendance, PlenoEvidence, PlenoNotulen
from lsp.services import pleno, pleno_evidence, pleno_meeting, pleno_sk
from lsp.services.pleno_meeting import Meets
from lsp.vocabulary import Mode, Role
from tests.corpus import card, encode
from tests.html import errors, filled, form, h1, links, notices, soup, table_rows, words
from tests.htmx import HX
from tests.support.votes import all_vote
from tests.test_pages import count_queries
from tests.workflow.cases import actor_of

LINK = "https://arsip.lsp.example/pleno.mp4"


@pytest.fixture
def held(cast, place):
    """An online pleno of today whose room is open now."""
    made = place.pleno
    now = clock.now().astimezone(clock.WIB)
    starts, ends = now.replace(hour=0, minute=0), now.replace(hour=23, minute=59)
    pleno_meeting.apply(
        made,
        Meets(starts.time().replace(second=0), ends.time().replace(second=0), Mode.DARING,
              notulis_id=cast.members[1].id),
    )  # fmt: skip
    db.session.commit()
    return made


def to(name, held, **more):
    return url_for(f"rapat.{name}", pleno_id=held.public_id, **more)


def settled(cast, held):
    all_vote(cast, held.cases[0])
    case = held.cases[0].permohonan
    pleno.settle(actor_of(cast.chair), held.cases[0], "decide_competent", version=case.version)
    db.session.commit()
    return held


class TestMeeting:
    def test_saying_so_and_going_in(self, cast, held, sign_in):
        browser = sign_in(cast.members[2])
        page = soup(browser.get(to("show", held)))
        assert "Kehadiran: 0 dari 3 anggota" in words(page)
        answer = browser.post(
            to("say_present", held), data=filled(form(page, to("say_present", held))),
            follow_redirects=True,
        )  # fmt: skip
        page = soup(answer)
        assert "Kehadiran Anda tercatat." in notices(page)
        assert "Kehadiran: 1 dari 3 anggota" in words(page)
        assert page.find("form", action=to("say_present", held)) is None
        room = browser.post(to("go_in", held))
        assert held.meeting_url in room.text
        row = db.session.scalars(select(PlenoAttendance)).one()
        assert (row.user_id, row.how) == (cast.members[2].id, "said")

    def test_the_admin_reads_and_is_not_counted(self, held, sign_in):
        browser = sign_in(Role.ADMIN)
        page = soup(browser.get(to("show", held)))
        assert page.find("form", action=to("say_present", held)) is None
        assert held.meeting_url not in str(page)
        assert browser.post(to("say_present", held)).status_code == 403

    def test_as_many_queries_for_more_cases_and_words(self, cast, held, sign_in):
        browser = sign_in(cast.chair)
        browser.get(to("show", held))
        one = count_queries(lambda: browser.get(to("show", held)))
        settled(cast, held)
        assert count_queries(lambda: browser.get(to("show", held))) <= one + 1 <= 20


class TestEvidence:
    def test_a_recording_and_a_screenshot_fill_the_gaps(self, cast, held, sign_in):
        browser = sign_in(cast.chair)
        page = soup(browser.get(to("show", held)))
        assert "Belum ada: rekaman, tangkapan layar." in words(page)
        sent = filled(form(page, to("keep_recording", held))) | {
            "url": LINK,
            "keeper": "Sekretariat",
        }
        assert browser.post(to("keep_recording", held), data=sent).status_code == 303
        picture = {"file": (io.BytesIO(encode(card(), "JPEG")), "rapat.jpg")}
        assert browser.post(to("keep_screenshot", held), data=picture).status_code == 303
        page = soup(browser.get(to("show", held)))
        assert "Disimpan oleh Sekretariat" in words(page)
        assert "Belum ada:" not in words(page)
        row = db.session.scalars(select(PlenoEvidence).where(PlenoEvidence.name == "layar")).one()
        shown = sign_in(Role.AUDITOR).get(links(page)["rapat.jpg"])
        assert shown.content_type == "image/jpeg"
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
        opened = select(AuditEvent.object_id).where(AuditEvent.action == "pleno.screenshot_open")
        assert db.session.scalars(opened).all() == [row.public_id]

    def test_a_refusal_keeps_what_was_typed(self, cast, held, sign_in):
        browser = sign_in(cast.chair)
        data = {"url": "https://drive.google.com/file/d/x", "keeper": "Sekretariat"}
        page = soup(browser.post(to("keep_recording", held), data=data))
        assert "drive.google.com" in errors(page)["url"]
        assert filled(form(page, to("keep_recording", held)))["keeper"] == "Sekretariat"
        broken = {"file": (io.BytesIO(b"bukan gambar"), "rapat.jpg")}
        answer = browser.post(to("keep_screenshot", held), data=broken)
        assert answer.status_code == 422
        assert "tidak diterima" in words(soup(answer))
        assert db.session.scalars(select(PlenoEvidence)).all() == []


class TestNotulen:
    def sent(self, browser, held):
        return filled(form(soup(browser.get(to("write_notulen", held))), to("save_notulen", held)))

    def test_it_saves_itself_and_is_read_by_the_others(self, cast, held, sign_in):
        browser, key = sign_in(cast.members[1]), held.cases[0].public_id
        sent = self.sent(browser, held) | {
            "text": "Rapat dibuka pukul 09.00.", f"note-{key}": "Bukti cukup.",
            f"rules-{key}": ["valid", "authentic"],
        }  # fmt: skip
        answer = browser.post(to("save_notulen", held), data=sent | {"autosave": "1"}, headers=HX)
        assert "Tersimpan" in words(soup(answer))
        seen = soup(answer).find("input", attrs={"name": "seen"})["value"]
        late = sent | {"autosave": "1", "text": "Dari tab lain."}
        refused = browser.post(to("save_notulen", held), data=late, headers=HX)
        assert refused.status_code == 409
        done = sent | {"seen": seen, "text": "Rapat dibuka. Rapat ditutup."}
        assert browser.post(to("save_notulen", held), data=done).status_code == 303
        for role in (Role.ADMIN, Role.KETUA, Role.AUDITOR):
            page = soup(sign_in(role).get(to("notulen", held)))
            assert "Rapat dibuka. Rapat ditutup." in words(page)
            row = table_rows(page.table)[0]
            assert (row["Aturan bukti terpenuhi"], row["Pembahasan"]) == (
                "Valid, Asli",
                "Bukti cukup.",
            )

    def test_not_by_another_member_and_not_after_the_sk(self, cast, held, sign_in):
        browser = sign_in(cast.chair)
        answer = browser.get(to("write_notulen", held), follow_redirects=True)
        assert "Notulen ditulis oleh notulis rapat ini." in notices(soup(answer))
        writer = sign_in(cast.members[1])
        sent = self.sent(writer, held) | {"text": "Sebelum SK."}
        pleno_sk.sign_sk(actor_of(cast.ketua), settled(cast, held))
        db.session.commit()
        answer = writer.post(to("save_notulen", held), data=sent)
        assert answer.status_code == 409
        assert "Sebelum SK." in answer.text
        assert db.session.scalars(select(PlenoNotulen)).all() == []


class TestPapers:
    def test_surat_tugas(self, cast, held, sign_in):
        page = soup(sign_in(Role.KETUA).get(to("surat_tugas", held)))
        assert h1(page) == "Surat Tugas Tim Teknis"
        assert held.surat_tugas_number in words(page)
        assert {row["Nama"] for row in table_rows(page.table)} == {
            each.name for each in cast.members
        }

    def test_who_did_not_come_is_listed_so(self, cast, held, sign_in):
        pleno_meeting.say_present(actor_of(cast.chair), held)
        held.closed_at = clock.now()
        db.session.commit()
        page = soup(sign_in(Role.AUDITOR).get(to("daftar_hadir", held)))
        rows = {row["Nama"]: row["Kehadiran"] for row in table_rows(page.table)}
        assert rows.pop(cast.chair.name).startswith("Hadir menyatakan hadir sendiri")
        assert set(rows.values()) == {"Tidak hadir"}

    def test_the_berita_acara_says_who_spoke_when(self, cast, held, sign_in):
        settled(cast, held)
        page = soup(
            sign_in(cast.chair).get(url_for("tim_teknis.berita_acara", pleno_id=held.public_id))
        )
        assert "Setelah dilakukan verifikasi rekaman asesmen 1 asesi" in words(page)
        decided, members = (table_rows(table) for table in page.find_all("table"))
        assert (decided[0]["K"], decided[0]["BK"]) == ("✓", "–")
        assert all("1 permohonan terakhir" in row["Suara"] for row in members)

    def test_the_sk_before_and_after(self, cast, held, sign_in):
        settled(cast, held)
        ketua = sign_in(cast.ketua)
        confirm = soup(
            ketua.get(url_for("ketua_signing.ask_sk"), query_string={"pilih": held.public_id})
        )
        assert "Notulen rapat ini belum ditulis." in words(confirm)
        draft = soup(ketua.get(links(confirm)["Baca konsep SK"]))
        assert "Konsep. Nomor dan tanggal diambil" in notices(draft)[0]
        pleno_sk.sign_sk(actor_of(cast.ketua), held)
        db.session.commit()
        page = soup(ketua.get(to("sk", held)))
        assert notices(page) == []
        for told in (
            held.sk_number,
            "Menimbang",
            "Memperhatikan",
            "Memutuskan",
            "Tembusan",
            cast.ketua.name,
        ):
            assert told in words(page)
        row = table_rows(page.table)[0]
        assert (row["Nama asesor"], row["Hasil"]) == (cast.asesor.name, "Kompeten")

    def test_without_a_decision_there_is_no_sk(self, held, sign_in):
        answer = sign_in(Role.ADMIN).get(to("sk", held), follow_redirects=True)
        assert "tidak menetapkan satu permohonan pun" in notices(soup(answer))[0]


class TestAdmin:
    def test_other_hours_and_another_place(self, cast, held, sign_in):
        browser, url = sign_in(cast.admin), url_for("admin.change_place", pleno_id=held.public_id)
        page = soup(browser.get(url_for("admin.pleno_place", pleno_id=held.public_id)))
        sent = filled(form(page, url)) | {"mode": "luring", "starts": "13.00", "ends": "15.30"}
        answer = browser.post(url, data=sent)
        assert answer.status_code == 409
        assert errors(soup(answer)) == {"place": "Isi tempat rapat."}
        assert browser.post(url, data=sent | {"place": "Ruang rapat LSP"}).status_code == 303
        db.session.expire_all()
        assert pleno_meeting.hours(held) == "13.00–15.30 WIB"
        assert (held.place, held.meeting_url) == ("Ruang rapat LSP", "")
        stale = browser.post(url, data=sent | {"place": "Lain"})
        assert stale.status_code == 409
        assert "sudah berubah" in " ".join(notices(soup(stale)))

    def test_jabatan_is_asked_before_a_pleno_is_called(self, cast, sign_in):
        browser, url = sign_in(cast.admin), url_for("admin.set_committee")
        page = soup(browser.get(url_for("admin.committee")))
        sent = filled(form(page, url)) | {
            "person": cast.members[1].public_id, "jabatan": "Manajer Sertifikasi", "met_number": "MET.000.000001.2024",
        }  # fmt: skip
        assert browser.post(url, data=sent).status_code == 303
        row = db.session.scalars(select(CommitteeProfile)).one()
        assert (row.user_id, row.met_number) == (cast.members[1].id, "MET.000.000001.2024")
        assert "Manajer Sertifikasi" in words(soup(browser.get(url_for("admin.committee"))))


def test_evidence_of_another_pleno_is_nobodys(cast, held, sign_in):
    row = pleno_evidence.add_recording(actor_of(cast.admin), held, url=LINK, keeper="LSP")
    db.session.commit()
    address = url_for("rapat.screenshot", evidence_id=row.public_id)
    assert sign_in(Role.ADMIN).get(address).status_code == 404, "a link is no picture"
