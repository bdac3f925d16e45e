"""Guards of blanko, registration and issue, and what an annulment leaves behind."""

from __future__ import annotations

import pytest

from lsp.database import db
from lsp.errors import NotAllowed
from lsp.models import NumberEntry, blanko_ledger
from lsp.vocabulary import BlankoState, NumberState, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards import certificate as guards
from lsp.workflow.permohonan import PERMOHONAN
from tests.workflow.asking import Question, answer, on
from tests.workflow.cases import actor_of, make_cast, make_permohonan, person

S = PermohonanStatus


def blanko(dossier):
    return dossier.registration.blanko


def registration(dossier):
    return dossier.registration


def proposed_by(find):
    def change(case, cast):
        case.annulment_proposed_by_id = find(cast).id if find else None

    return change


def named(name):
    def change(case, cast):
        case.asesi_name = name

    return change


def of_the_skema(**columns):
    def change(case, cast):
        for column, text in columns.items():
            setattr(case.skema_version, column, text)

    return change


def moved(state):
    def change(case, cast):
        number = dossier_of(case).registration.blanko
        blanko_ledger.move(number, state, actor_id=cast.admin.id, note="Rusak saat dicetak.")

    return change


def numbered(number):
    """Another number in the place of the one the case holds: a number never changes."""

    def change(case, cast):
        moved(BlankoState.MISTYPED)(case, cast)
        numbers, form = dossier_of(case).registration, dossier_of(case).fr_apl_01
        fresh = blanko_ledger.enter(
            number, nik_index=form.nik_index, permohonan_id=case.id, actor_id=cast.admin.id
        )
        blanko_ledger.move(fresh, BlankoState.RESERVED, actor_id=cast.admin.id)
        numbers.blanko_id = fresh.id
        db.session.flush()
        db.session.expire(numbers, ["blanko"])

    return change


QUESTIONS = [
    Question(
        guards.blanko_for_this_nik,
        S.BLANKO_REQUESTED,
        on(registration, blanko_id=None),
        "Isi nomor blangko",
    ),
    Question(
        guards.blanko_for_this_nik,
        S.BLANKO_REQUESTED,
        on(blanko, nik_index="f" * 64),
        "bukan untuk NIK",
    ),
    Question(
        guards.blanko_for_this_nik,
        S.BLANKO_REQUESTED,
        moved(BlankoState.SPOILED),
        "tidak dapat dipakai lagi",
    ),
    Question(
        guards.lpjk_answer_recorded,
        S.BLANKO_RECEIVED,
        on(registration, lpjk_number=None),
        "registrasi LPJK",
    ),
    Question(
        guards.lpjk_answer_recorded, S.BLANKO_RECEIVED, on(registration, lpjk_qr=""), "kode QR"
    ),
    Question(
        guards.blanko_still_reserved,
        S.RECORDED,
        moved(BlankoState.ISSUED),
        "dipakai lagi",
    ),
    Question(
        guards.blanko_still_reserved, S.RECORDED, on(registration, blanko_id=None), "belum ada"
    ),
    *(
        Question(guards.can_be_printed, S.RECORDED, spoil, words, role=Role.KETUA)
        for spoil, words in (
            (numbered("BLK-😀-01"), "Nomor blangko BNSP memuat huruf"),
            (numbered("9" * 61), "Nomor blangko BNSP lebih dari 60 huruf"),
            (on(registration, lpjk_number="\u200b"), "Nomor registrasi LPJK belum berisi huruf"),
            (on(registration, lpjk_qr="漢" * 300), "kode QR LPJK terlalu panjang"),
            (named("李伟"), "Nama asesi memuat huruf"),
            (of_the_skema(title="Ahli 😀"), "Jabatan kerja pada skema memuat huruf"),
            (
                of_the_skema(title_en="Expert 😀"),
                "Teks Inggris “Expert 😀” pada skema memuat huruf",
            ),
        )
    ),
    Question(
        guards.no_annulment_waits,
        S.COMPETENT,
        proposed_by(lambda cast: cast.chair),
        "Ketua harus menjawabnya dulu",
    ),
    Question(
        guards.annulment_proposed,
        S.COMPETENT,
        proposed_by(None),
        "belum mengusulkan",
        prepare=proposed_by(lambda cast: cast.chair),
        role=Role.KETUA,
    ),
    Question(
        guards.annulment_proposed,
        S.COMPETENT,
        proposed_by(lambda cast: cast.ketua),
        "orang lain yang harus menyetujui",
        prepare=proposed_by(lambda cast: cast.chair),
        role=Role.KETUA,
    ),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_guard(app, question):
    question.ask()


@pytest.mark.parametrize(
    "guard",
    [
        guards.blanko_for_this_nik,
        guards.lpjk_answer_recorded,
        guards.blanko_still_reserved,
        guards.can_be_printed,
    ],
    ids=lambda guard: guard.__name__,
)
def test_case_without_numbers_is_refused(app, guard):
    case = make_permohonan(S.RECOMMENDED)
    assert answer(guard, case, actor_of(person(Role.ADMIN))) is not None


class TestAnnul:
    @pytest.fixture
    def annulled(self, app):
        cast = make_cast()
        case = make_permohonan(S.RECORDED, cast=cast)
        case.annulment_proposed_by_id = cast.chair.id
        db.session.flush()
        numbers = dossier_of(case).registration
        self.blanko = numbers.blanko
        PERMOHONAN.perform(
            case,
            "annul",
            cast.of(Role.KETUA, case),
            version=case.version,
            note="Rekaman asesmen tertukar.",
        )
        db.session.commit()
        return case

    def test_numbers_stay_in_the_ledger_with_the_reason(self, annulled):
        entries = db.session.query(NumberEntry).filter_by(permohonan_id=annulled.id)
        voided = [row for row in entries if row.series_code in ("certificate", "lsp_registration")]
        assert [row.state for row in voided] == [NumberState.VOIDED] * 2
        assert {row.void_reason for row in voided} == {"Rekaman asesmen tertukar."}
        assert self.blanko.state is BlankoState.SPOILED
        assert dossier_of(annulled).registration is None

    def test_decision_is_gone_and_the_next_annulment_needs_its_own_proposal(self, annulled):
        assert annulled.status is S.RECOMMENDED
        assert (annulled.decision, annulled.decided_at) == (None, None)
        assert annulled.annulment_proposed_by_id is None


@pytest.mark.parametrize(
    ("status", "name", "role"),
    [
        (S.COMPETENT, "request_blanko", Role.ADMIN),
        (S.BLANKO_REQUESTED, "receive_blanko", Role.ADMIN),
        (S.BLANKO_RECEIVED, "record", Role.ADMIN),
        (S.RECORDED, "issue", Role.KETUA),
    ],
)
def test_nothing_goes_on_while_the_ketua_has_not_answered(app, status, name, role):
    cast = make_cast()
    case = make_permohonan(status, cast=cast, annulment_proposed_by_id=cast.chair.id)
    with pytest.raises(NotAllowed, match="mengusulkan pembatalan"):
        PERMOHONAN.perform(case, name, cast.of(role, case), version=case.version)
    case.annulment_proposed_by_id = None
    db.session.flush()
    PERMOHONAN.perform(case, name, cast.of(role, case), version=case.version)
    db.session.commit()
