"""The meeting of a pleno: surat tugas, hours, attendance, the way in, what is kept, and the notulen."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import AsesorProfile, PlenoAttendance, PlenoCaseNote, PlenoEvidence
from lsp.services import (
    pleno,
    pleno_evidence,
    pleno_meeting as meeting,
    pleno_notulen as notulen,
    pleno_papers,
    pleno_sk,
)
from lsp.services.pleno_meeting import Meets
from lsp.services.pleno_notulen import Note, Notulen
from lsp.vocabulary import Mode
from tests.services.plenos import all_vote, call, waiting
from tests.workflow.cases import actor_of, make_cast

ROOM = "https://meet.google.com/abc-defg-hij"


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def held(cast):
    return call(cast, waiting(cast))


def at(pleno_, hour, minute=0, days=0):
    day = pleno_.held_on + timedelta(days=days)
    return clock.pretend(datetime.combine(day, time(hour, minute), clock.WIB))


def online(pleno_, cast, **more):
    meeting.apply(pleno_, Meets(time(9), time(12), Mode.DARING, meeting_url=ROOM, **more))
    db.session.flush()
    return pleno_


def signed(cast, held):
    all_vote(cast, held.cases[0])
    case = held.cases[0].permohonan
    pleno.settle(actor_of(cast.chair), held.cases[0], "decide_competent", version=case.version)
    pleno_sk.sign_sk(actor_of(cast.ketua), held)
    return held


class TestSuratTugas:
    def test_its_number_is_taken_with_the_pleno_and_runs_on(self, cast):
        first, second = call(cast, waiting(cast)), call(cast, waiting(cast))
        year = clock.today_wib().year
        assert [each.surat_tugas_number for each in (first, second)] == [
            f"0001/ST-TT/{year}", f"0002/ST-TT/{year}",
        ]  # fmt: skip
        assert first.surat_tugas_date == clock.today_wib()

    def test_it_keeps_what_stood_on_the_day(self, cast):
        admin, member = actor_of(cast.admin), cast.members[1]
        db.session.add(
            AsesorProfile(
                user_id=member.id, met_number="MET.000.000777.2024", jenjang=6, scope=[],
                met_valid_until=clock.today_wib() + timedelta(days=90),
            )
        )  # fmt: skip
        db.session.flush()
        meeting.set_profile(admin, member, jabatan="Manajer Sertifikasi", met_number="lain")
        held = call(cast, waiting(cast))
        meeting.set_profile(admin, member, jabatan="Sekretaris", met_number="")
        rows = {each.name: each for each in pleno_papers.attendants(held)}
        row = rows[member.name]
        assert (row.jabatan, row.met_number) == ("Manajer Sertifikasi", "MET.000.000777.2024")
        assert rows[cast.chair.name].duty == "Ketua rapat"
        assert rows[cast.chair.name].met_number == ""

    def test_only_tim_teknis_has_a_jabatan(self, cast):
        with pytest.raises(DomainError, match="bukan tim teknis"):
            meeting.set_profile(actor_of(cast.admin), cast.asesor, jabatan="X", met_number="")

    def test_the_number_is_frozen(self, held):
        db.session.flush()
        with pytest.raises(DBAPIError, match="frozen: pleno surat tugas"):
            db.session.execute(text("UPDATE pleno SET surat_tugas_number = 'lain'"))


class TestWhere:
    @pytest.mark.parametrize(
        ("meets", "field"),
        [
            (Meets(time(12), time(12), Mode.LURING, place="Ruang A"), "ends"),
            (Meets(time(9), time(12), Mode.LURING), "place"),
            (Meets(time(9), time(12), Mode.DARING, meeting_url="http://meet.google.com/x"), "meeting_url"),
            (Meets(time(9), time(12), Mode.DARING, meeting_url="https://rapat.example/x"), "meeting_url"),
            (Meets(time(9), time(12), Mode.DARING, notulis_id=0), "notulis"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_said_by_its_field(self, held, meets, field):
        with pytest.raises(DomainError) as refused:
            meeting.apply(held, meets)
        assert refused.value.field == field

    def test_an_online_one_without_a_link_gets_a_room(self, held):
        meeting.apply(held, Meets(time(9), time(12), Mode.DARING, place="tidak dipakai"))
        assert held.meeting_url.startswith("https://")
        assert held.place == ""

    def test_not_after_it_is_over(self, cast, held):
        held.closed_at = clock.now()
        db.session.flush()
        with pytest.raises(DomainError, match="sudah selesai"):
            meeting.change(actor_of(cast.admin), held, Meets(time(9), time(10), Mode.DARING))


class TestRoom:
    def test_members_by_the_window_of_every_meeting(self, cast, held):
        online(held, cast)
        member = actor_of(cast.members[1])
        with at(held, 8), pytest.raises(DomainError, match="menit sebelum mulai"):
            meeting.enter(member, held)
        with at(held, 9, 1):
            assert meeting.enter(member, held) == ROOM
            with pytest.raises(DomainError, match="bukan anggota"):
                meeting.enter(actor_of(cast.admin), held)
        with at(held, 15), pytest.raises(DomainError, match="sudah selesai"):
            meeting.enter(member, held)

    def test_none_where_they_meet_face_to_face(self, cast, held):
        meeting.apply(held, Meets(time(9), time(12), Mode.LURING, place="Ruang A"))
        with at(held, 9, 1), pytest.raises(DomainError, match="tatap muka"):
            meeting.enter(actor_of(cast.chair), held)


class TestAttendance:
    def test_said_voted_settled_or_not_there(self, cast):
        fourth = make_cast().members[0]
        held = call(cast, waiting(cast), members=[*cast.members, fourth])
        chair, second, third = (actor_of(each) for each in cast.members[:3])
        meeting.say_present(second, held)
        for each in (second, third):
            pleno.vote(each, held.cases[0], agrees=True, note="", declared=True)
        meeting.note_presence(held, chair.id, how="settled")
        there = meeting.attendance_of(held)
        assert {key: row.how for key, row in there.items()} == {
            second.id: "said", third.id: "voted", chair.id: "settled",
        }  # fmt: skip
        listed = {each.name: each.present_at for each in pleno_papers.attendants(held)}
        assert listed[fourth.name] is None

    def test_who_settles_was_there(self, cast):
        fourth = make_cast().members[0]
        case = waiting(cast)
        held = call(cast, case, members=[*cast.members, fourth])
        for each in (*cast.members[1:], fourth):
            pleno.vote(actor_of(each), held.cases[0], agrees=True, note="", declared=True)
        assert cast.chair.id not in meeting.attendance_of(held)
        chair = actor_of(cast.chair)
        pleno.settle(chair, held.cases[0], "decide_competent", version=case.version)
        assert meeting.attendance_of(held)[cast.chair.id].how == "settled"

    def test_when_it_may_be_said(self, cast, held):
        online(held, cast)
        member, there = actor_of(cast.members[1]), {}
        assert "bukan anggota" in meeting.why_not_present(held, there, actor_of(cast.admin))
        with at(held, 8):
            assert "menjelang rapat" in meeting.why_not_present(held, there, member)
        with at(held, 9, days=-1):
            assert "dicatat mulai" in meeting.why_not_present(held, there, member)
        with at(held, 14, 1):
            assert "sudah lewat" in meeting.why_not_present(held, there, member)
        with at(held, 9):
            assert meeting.why_not_present(held, there, member) is None
            held.closed_at = clock.now()
            assert meeting.why_not_present(held, there, member) is None
        with at(held, 13):
            assert "sudah selesai" in meeting.why_not_present(held, there, member)

    def test_said_once(self, cast, held):
        member = actor_of(cast.members[1])
        meeting.say_present(member, held)
        with pytest.raises(DomainError, match="sudah tercatat"):
            meeting.say_present(member, held)

    @pytest.mark.parametrize(
        "statement",
        ["UPDATE pleno_attendance SET how = 'voted'", "DELETE FROM pleno_attendance"],
    )
    def test_it_stays(self, cast, held, statement):
        meeting.say_present(actor_of(cast.chair), held)
        with pytest.raises(DBAPIError, match="append-only: pleno_attendance"):
            db.session.execute(text(statement))


class TestEvidence:
    LINK = "https://arsip.lsp.example/pleno.mp4"

    def test_kept_or_missing(self, cast, held):
        assert pleno_evidence.lacking(held, []) == []
        online(held, cast)
        assert [each.name for each in pleno_evidence.lacking(held, [])] == ["rekaman", "layar"]
        row = pleno_evidence.add_recording(
            actor_of(cast.members[1]), held, url=self.LINK, keeper="Sekretariat"
        )
        again = pleno_evidence.add_recording(
            actor_of(cast.admin), held, url=self.LINK, keeper="Orang lain"
        )
        assert again.id == row.id
        kept = pleno_evidence.of_pleno(held)
        assert [each.name for each in pleno_evidence.lacking(held, kept)] == ["layar"]

    def test_by_members_and_admin_of_an_online_one(self, cast, held):
        for actor in (cast.ketua, make_cast().members[0]):
            with pytest.raises(DomainError, match="Hanya anggota"):
                pleno_evidence.refuse_stranger(actor_of(actor), held)
        with pytest.raises(DomainError, match="tatap muka"):
            pleno_evidence.refuse_stranger(actor_of(cast.admin), held)

    @pytest.mark.parametrize(
        "url", ["http://arsip.lsp.example/x", "https://a:b@arsip.lsp.example/x", "arsip"]
    )
    def test_a_link_as_of_every_recording(self, cast, held, url):
        online(held, cast)
        with pytest.raises(DomainError, match="tidak dapat disimpan"):
            pleno_evidence.add_recording(actor_of(cast.admin), held, url=url, keeper="LSP")
        assert db.session.scalars(select(PlenoEvidence)).all() == []


class TestNotulen:
    @pytest.fixture
    def writer(self, cast, held):
        held.notulis_id = cast.members[1].id
        db.session.flush()
        return actor_of(cast.members[1])

    def test_the_notulis_alone_from_the_day_on(self, cast, held, writer):
        wanted = Notulen("Rapat dibuka.", {})
        with pytest.raises(DomainError, match="oleh notulis"):
            notulen.save(actor_of(cast.chair), held, wanted)
        with at(held, 9, days=-1), pytest.raises(DomainError, match="mulai hari rapat"):
            notulen.save(writer, held, wanted)
        key = held.cases[0].public_id
        note = Note(("valid", "current"), "Bukti baru.")
        saved = notulen.save(writer, held, Notulen("Rapat dibuka.", {key: note}))
        assert saved == Notulen("Rapat dibuka.", {key: note})
        assert notulen.without([held]) == set()

    def test_what_is_no_rule_is_left_out(self, held, writer):
        key = held.cases[0].public_id
        notulen.save(writer, held, Notulen("", {key: Note(("valid", "lain"), "")}))
        assert db.session.scalars(select(PlenoCaseNote)).one().rules == ["valid"]

    def test_closed_with_the_sk(self, cast, held, writer):
        key = held.cases[0].public_id
        notulen.save(writer, held, Notulen("Rapat dibuka.", {key: Note((), "Dibahas.")}))
        signed(cast, held)
        with pytest.raises(DomainError, match="tidak dapat diubah lagi"):
            notulen.save(writer, held, Notulen("Lain.", {}))

    @pytest.mark.both
    @pytest.mark.parametrize("statement", [
        "UPDATE pleno_notulen SET text = 'lain'", "DELETE FROM pleno_notulen",
        "UPDATE pleno_case_note SET text = 'lain'", "DELETE FROM pleno_case_note",
        "UPDATE pleno SET sk_number = 'lain'",
    ])  # fmt: skip
    def test_the_database_keeps_what_was_signed(self, app, statement):
        cast = make_cast()
        held = call(cast, waiting(cast))
        held.notulis_id = cast.members[1].id
        db.session.flush()
        key = held.cases[0].public_id
        notulen.save(
            actor_of(cast.members[1]), held, Notulen("Rapat.", {key: Note((), "Dibahas.")})
        )
        signed(cast, held)
        with pytest.raises(DBAPIError, match="frozen: pleno"):
            db.session.execute(text(statement))


def test_the_sk_keeps_the_version_of_its_words(cast, held):
    signed(cast, held)
    assert held.sk_words_version == 1
    blanks = pleno_papers.facts(held, None)
    filled = pleno_papers.filled(pleno_papers.sk_words(held), blanks)
    assert "1 asesi kompeten dan 0 asesi belum kompeten" in str(filled["deciding"])
    assert "{" not in str(filled["considering"]) + str(filled["deciding"])
    assert [(place.outcome, name) for place, name in pleno_papers.sk_rows(held)] == [
        ("K", cast.asesor.name)
    ]
    assert pleno_papers.signer_of(held) == cast.ketua.name


def test_nobody_but_members_is_noted(cast, held):
    meeting.note_presence(held, cast.admin.id, how="settled")
    assert db.session.scalars(select(PlenoAttendance)).all() == []
