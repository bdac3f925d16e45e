"""A request for blanko: one call for all cases of a pleno and jadwal, its sheet, its answer, and the ledger."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.gateways import storage
from lsp.gateways.sheets import Cell, read_sheets
from lsp.models import (
    AuditEvent,
    Blanko,
    BlankoRequest,
    BlankoRequestCase,
    OutboxMessage,
    PlenoCase,
)
from lsp.services import blanko_book as book, blanko_numbers, blanko_requests, blanko_sheet
from lsp.services.certificates import correct_numbers, receive_blanko
from lsp.vocabulary import Answer, BlankoState, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.permohonan import PERMOHONAN
from tests.workflow.cases import actor_of, make_cast, make_permohonan, person

S = PermohonanStatus
REASON = "Sobek saat dicetak."


def place_of(case):
    return db.session.scalars(
        select(PlenoCase).where(PlenoCase.permohonan_id == case.id).order_by(PlenoCase.id.desc())
    ).first()


def together(*cases):
    """These cases in the pleno of the first."""
    pleno = place_of(cases[0]).pleno
    for case in cases[1:]:
        place_of(case).pleno_id = pleno.id
    db.session.commit()
    db.session.refresh(pleno)
    return pleno


def send(cast, pleno, **changed):
    group = blanko_requests.groups_of(pleno)[0]
    versions = {case.public_id: case.version for case in group.competent} | changed
    made = blanko_requests.send(actor_of(cast.admin), pleno, group.key, versions)
    db.session.commit()
    return made


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def mixed(cast):
    """(cases, pleno): two competent, one not yet."""
    cases = [make_permohonan(S.COMPETENT, cast=cast) for _ in range(2)]
    cases.append(make_permohonan(S.NOT_YET_COMPETENT, cast=cast))
    return cases, together(*cases)


def calls():
    return db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.kind == "jadwal/blanko")
    ).all()


class TestSending:
    def test_all_go_in_one_request_with_one_call(self, cast, mixed):
        cases, pleno = mixed
        made = send(cast, pleno)
        assert [case.status for case in cases] == [S.BLANKO_REQUESTED] * 2 + [S.NOT_YET_COMPETENT]
        assert [(row.permohonan_id, row.result) for row in made.cases] == [
            (cases[0].id, Answer.K),
            (cases[1].id, Answer.K),
            (cases[2].id, Answer.BK),
        ]
        (call,) = calls()
        assert call.payload["permintaan_blanko"] == made.public_id
        assert made.number == f"0001/PB-LSP/{clock.today_wib().year}"
        papers = blanko_requests.papers_of(made)
        assert [(paper.form_id, paper.number) for paper in papers] == [
            (1, made.number),
            (2, pleno.berita_acara_number),
            (3, pleno.sk_number),
        ]

    def test_one_that_is_refused_keeps_all_back(self, cast, mixed):
        cases, pleno = mixed
        stale = {cases[1].public_id: cases[1].version - 1}
        with pytest.raises(DomainError, match=f"{cases[1].asesi_name}.*Belum ada yang diajukan"):
            send(cast, pleno, **stale)
        db.session.rollback()
        assert {case.status for case in cases[:2]} == {S.COMPETENT}
        assert calls() == []
        assert db.session.scalars(select(BlankoRequest)).all() == []

    def test_a_list_that_changed_meanwhile_is_shown_again(self, cast, mixed):
        _cases, pleno = mixed
        with pytest.raises(DomainError, match="Daftar asesinya berubah"):
            send(cast, pleno, XXXX=1)

    def test_a_refused_case_goes_again_with_a_number_of_its_own(self, cast, mixed):
        cases, pleno = mixed
        first = send(cast, pleno)
        admin, case = actor_of(cast.admin), cases[0]
        why = "Pas foto tidak sesuai ketentuan."
        PERMOHONAN.perform(case, "refuse_blanko", admin, version=case.version, note=why)
        db.session.commit()
        row = db.session.scalars(
            select(BlankoRequestCase).where(BlankoRequestCase.permohonan_id == case.id)
        ).one()
        assert (row.outcome, row.reason, row.request_id) == ("refused", why, first.id)
        second = send(cast, pleno)
        assert second.number != first.number
        # Who was not competent is listed once.
        assert [row.permohonan_id for row in second.cases] == [case.id]
        assert len(calls()) == 2
        with pytest.raises(DBAPIError, match="frozen: blanko_request_case"):
            db.session.execute(
                text("UPDATE blanko_request_case SET reason = 'x' WHERE id = :id"), {"id": row.id}
            )
        db.session.rollback()

    def test_a_single_case_has_a_request_of_its_own(self, cast):
        case = make_permohonan(S.COMPETENT, cast=cast)
        admin = actor_of(cast.admin)
        PERMOHONAN.perform(case, "request_blanko", admin, version=case.version)
        db.session.commit()
        (made,) = db.session.scalars(select(BlankoRequest))
        assert [row.permohonan_id for row in made.cases] == [case.id]
        assert made.jadwal_id == cast.jadwal[case.mode].id
        assert [call.payload["permintaan_blanko"] for call in calls()] == [made.public_id]


class TestSheet:
    def test_nineteen_columns_of_k_and_bk_as_text(self, cast, mixed):
        cases, pleno = mixed
        form = dossier_of(cases[0]).fr_apl_01
        form.full_name, form.birth_date = "=HYPERLINK(1)", "1990-02-01"
        made = send(cast, pleno)
        content = blanko_requests.sheet_of(made)
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
        (sheet,) = read_sheets(content, most_rows=50, lock_path=storage.heavy_lock())
        rows = [[cell.text for cell in cells] for _number, cells in sheet.rows]
        assert tuple(rows[0]) == blanko_sheet.COLUMNS
        assert len(rows[0]) == 19
        first = dict(zip(rows[0], rows[1], strict=True))
        assert first["NAMA ASESI"] == "=HYPERLINK(1)"
        assert {cell.kind for _number, cells in sheet.rows for cell in cells} == {"text"}
        assert first["NIK"] == form.nik
        assert first["TANGGAL LAHIR"] == "01/02/1990"
        began = dossier_of(cases[0]).bookings[-1].slot.starts_at.astimezone(clock.WIB)
        assert first["TANGGAL UJI (hh/bb/yyyy)"] == f"{began:%d/%m/%Y}"
        assert [row[-1] for row in rows[1:]] == ["K", "K", "BK"]

    def test_codes_are_gaps_until_they_are_typed_once(self, cast, mixed):
        cases, pleno = mixed
        for case in cases:
            form = dossier_of(case).fr_apl_01
            form.education, form.position, form.funding = "S1", " Pelaksana  Lapangan ", "Mandiri"
        db.session.commit()
        group = blanko_requests.groups_of(pleno)[0]
        lines = blanko_sheet.lines_of(group.people, group.jadwal)
        gaps = blanko_sheet.gaps_of(lines)
        wanted = {(code.kind, code.own): code for code in gaps.codes}
        assert wanted["occupation", "pelaksana lapangan"].people == 3
        assert gaps.lacks_jadwal_code
        admin = actor_of(cast.admin)
        typed = dict.fromkeys(wanted, "07")
        assert blanko_sheet.save_codes(admin, typed) == len(wanted)
        assert blanko_sheet.save_codes(admin, typed) == 0
        blanko_sheet.save_jadwal_code(admin, group.jadwal, "BNSP.UJKK.202611230001")
        lines = blanko_sheet.lines_of(group.people, group.jadwal)
        gaps = blanko_sheet.gaps_of(lines)
        assert not gaps.codes
        assert not gaps.lacks_jadwal_code
        assert {line.cells["KODE PEKERJAAN"] for line in lines} == {"07"}
        # Nobody pays for a mandiri asesi, so that cell is no gap.
        assert all("KODE KEMENTERIAN" not in columns for _case, columns in gaps.people)

    def test_the_letter_counts_by_who_pays(self, cast, mixed):
        cases, pleno = mixed
        for case, funding, ministry in zip(
            cases, ("APBN/APBD", "Mandiri", "Mandiri"), ("BNSP", "", ""), strict=True
        ):
            form = dossier_of(case).fr_apl_01
            form.funding, form.ministry = funding, ministry
        db.session.commit()
        counts = blanko_requests.counts_of(send(cast, pleno))
        assert (counts.bnsp, counts.ministry, counts.own, counts.other) == (1, 0, 1, 0)
        assert (counts.competent, counts.not_yet, counts.total) == (2, 1, 3)

    def test_queries_do_not_grow_with_people(self, cast, mixed):
        from tests.test_pages import count_queries

        _cases, pleno = mixed
        made = send(cast, pleno)
        people = blanko_requests.people_of(made)
        blanko_sheet.lines_of(people, made.jadwal)
        few = count_queries(lambda: blanko_sheet.lines_of(people[:1], made.jadwal))
        assert count_queries(lambda: blanko_sheet.lines_of(people, made.jadwal)) == few


class TestAnswer:
    def test_a_sheet_is_laid_over_the_request_and_nothing_is_written(self, cast, mixed):
        cases, pleno = mixed
        made = send(cast, pleno)
        niks = [dossier_of(case).fr_apl_01.nik for case in cases]
        taken = make_permohonan(S.BLANKO_RECEIVED, cast=cast)
        found = blanko_numbers.look(
            made,
            [
                (1, [Cell("NIK"), Cell("Nama"), Cell("Nomor Blangko")]),
                (2, [Cell(niks[0]), Cell("satu"), Cell(" 000 123 ")]),
                (3, [Cell(niks[1]), Cell("dua"), Cell(f"BLK-{taken.id:07d}")]),
                (4, [Cell(niks[2]), Cell("tiga"), Cell("000125")]),
                (5, [Cell("9900000000000000", "number"), Cell("empat"), Cell("000126")]),
            ],
        )
        assert found.numbers == {
            cases[0].public_id: "000 123",
            cases[1].public_id: f"BLK-{taken.id:07d}",
        }
        assert "sudah tercatat untuk sertifikat lain" in found.wrong[cases[1].public_id]
        assert [(each.row, each.shown[-4:]) for each in found.misfits] == [
            (4, niks[2][-4:]),
            (5, "0000"),
        ]
        assert "bukan asesi kompeten" in found.misfits[0].reason
        assert "angka terakhirnya hilang" in found.misfits[1].reason
        assert {case.status for case in cases[:2]} == {S.BLANKO_REQUESTED}

    def test_pasted_rows_and_one_number_twice(self, cast, mixed):
        cases, pleno = mixed
        made = send(cast, pleno)
        niks = [dossier_of(case).fr_apl_01.nik for case in cases]
        pasted = blanko_numbers.read_pasted(f"{niks[0]}\t77\n\n{niks[1]} 77\n{niks[0]};78\n")
        found = blanko_numbers.look(made, pasted)
        assert found.numbers == {case.public_id: "77" for case in cases[:2]}
        assert {"ada di dua baris" in each for each in found.wrong.values()} == {True}
        assert [each.row for each in found.misfits] == [4]

    def test_what_is_right_is_kept_and_what_is_wrong_is_named(self, cast, mixed):
        cases, pleno = mixed
        made = send(cast, pleno)
        typed = {case.public_id: ("777", case.version) for case in cases[:2]}
        saved = blanko_numbers.save(actor_of(cast.admin), made, typed)
        db.session.commit()
        assert saved.names == [cases[0].asesi_name]
        assert "sudah tercatat" in saved.wrong[cases[1].public_id]
        assert [case.status for case in cases[:2]] == [S.BLANKO_RECEIVED, S.BLANKO_REQUESTED]
        assert [row.outcome for row in made.cases] == ["received", "", ""]
        assert len(db.session.scalars(select(Blanko)).all()) == 1


class TestLedger:
    @pytest.mark.both
    def test_every_move_is_a_row_and_the_balance_adds_up(self, cast):
        admin = actor_of(cast.admin)
        case = make_permohonan(S.BLANKO_REQUESTED, cast=cast, work_done=False)
        make_permohonan(S.ISSUED, cast=cast)
        receive_blanko(admin, case, number="1111", version=case.version)
        self.correct(admin, case, "2222")
        book.spoil(admin, book.by_number("2222"), REASON)
        self.correct(admin, case, "3333")
        paper = book.give_back(admin, ["2222"])
        db.session.commit()
        told = {
            number: [(move.source, move.target) for move in book.moves_of(book.by_number(number))]
            for number in ("1111", "2222", "3333")
        }
        B = BlankoState
        came = [(None, B.RECEIVED), (B.RECEIVED, B.RESERVED)]
        assert told == {
            "1111": [*came, (B.RESERVED, B.MISTYPED)],
            "2222": [*came, (B.RESERVED, B.SPOILED), (B.SPOILED, B.RETURNED)],
            "3333": came,
        }
        assert [(blanko.number, why) for blanko, why in book.returned_by(paper)] == [
            ("2222", REASON)
        ]
        balance = book.balance()
        assert balance.adds_up
        assert (balance.received, balance.by_state[B.RETURNED], balance.by_state[B.MISTYPED]) == (
            3,
            1,
            1,
        )
        assert dossier_of(case).registration.blanko.number == "3333"

    def correct(self, admin, case, number):
        correct_numbers(
            admin, case, blanko=number, lpjk_number="", lpjk_qr="", reason="Nomor lain dari BNSP.",
            version=case.version,
        )  # fmt: skip
        db.session.commit()

    @pytest.mark.both
    def test_raw_sql_cannot_bend_it(self, cast):
        make_permohonan(S.BLANKO_RECEIVED, cast=cast)
        move = "INSERT INTO blanko_move (blanko_id, at, source, target, note) SELECT id, created_at"
        for statement, words in (
            ("UPDATE blanko SET state = 'spoiled'", "blanko moves by blanko_move"),
            ("UPDATE blanko SET number = 'X'", "frozen: blanko number"),
            ("UPDATE blanko_move SET note = 'x'", "append-only: blanko_move"),
            ("DELETE FROM blanko_move", "never deleted: blanko_move"),
            (f"{move}, 'reserved', 'received', '' FROM blanko", "blanko goes forward"),
            (f"{move}, 'received', 'reserved', '' FROM blanko", "blanko goes forward"),
            (f"{move}, NULL, 'received', '' FROM blanko", "blanko goes forward"),
        ):
            with pytest.raises(DBAPIError, match=words), db.session.begin_nested():
                db.session.execute(text(statement))

    def test_an_issued_one_is_not_spoiled_and_only_spoiled_ones_go_back(self, cast):
        admin = actor_of(cast.admin)
        number = f"BLK-{make_permohonan(S.ISSUED, cast=cast).id:07d}"
        with pytest.raises(DomainError, match="sudah menjadi sertifikat"):
            book.spoil(admin, book.by_number(number), REASON)
        with pytest.raises(DomainError, match="Belum ada yang dikembalikan"):
            book.give_back(admin, [number])
        with pytest.raises(DomainError, match="Centang dulu"):
            book.give_back(admin, [])
        db.session.rollback()

    def test_ones_own_is_noted_by_somebody_else(self, cast):
        asesi = person(Role.ASESI)
        case = make_permohonan(S.BLANKO_RECEIVED, cast=cast, asesi=asesi)
        own = replace(actor_of(asesi), roles=frozenset({Role.ASESI, Role.ADMIN}))
        with pytest.raises(DomainError, match="permohonan Anda sendiri"):
            book.spoil(own, book.by_number(f"BLK-{case.id:07d}"), REASON)
        db.session.rollback()

    def test_pages_by_key_and_a_file_that_is_noted(self, cast, monkeypatch):
        monkeypatch.setattr(book, "PAGE_SIZE", 2)
        for _ in range(3):
            make_permohonan(S.BLANKO_RECEIVED, cast=cast)
        first, after = book.page(book.Wanted())
        second, end = book.page(book.Wanted(before=after))
        assert (len(first), len(second), end) == (2, 1, None)
        assert len({row.number for row in (*first, *second)}) == 3
        found, _after = book.page(book.Wanted(search=first[0].number[-3:].lower()))
        assert first[0].number in [row.number for row in found]
        content = book.file_of(actor_of(cast.admin), book.Wanted(), format="csv")
        db.session.commit()
        assert content.decode("utf-8-sig").count("\r\n") == 4
        event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.seq.desc())).first()
        assert event.action == "blanko.download"
